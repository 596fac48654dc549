package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/jobs"
)

// Jobs keeps work that outlives a request, such as a *jobs.Queue. All of it is asked for one campaign, that of the token.
type Jobs interface {
	// Draft keeps the input of a job until that is submitted. The caller discards it in the end.
	Draft(write func(w io.Writer) (rows int64, err error)) (*jobs.Draft, error)
	Submit(request jobs.Request) (jobs.Job, error)
	// Known gives the job that the key of a request asked for before.
	Known(request jobs.Request) (job jobs.Job, there bool, err error)
	Job(campaign, id string) (jobs.Job, error)
	List(campaign, after string, limit int) (page []jobs.Job, more bool)
	Dismiss(campaign, id string) (jobs.Job, error)
	// Result opens a result, and Errors the rows that could not be taken, nil where there are none. The caller closes them.
	Result(campaign, id, name string) (jobs.Result, *os.File, error)
	Errors(campaign, id string) (*os.File, error)
	NewSecret(campaign string) (string, error)
}

// Job is work that was asked for, and how far it is.
type Job struct {
	ID       string         `json:"job" format:"uuid"`
	Kind     string         `json:"kind"`
	Status   jobs.State     `json:"status" enum:"accepted,running,successful,failed,dismissed" doc:"The last three are the end"`
	Snapshot string         `json:"snapshot" doc:"That it is about, whatever is served by then"`
	Progress int            `json:"progress" minimum:"0" maximum:"100" doc:"Per cent; it begins again where the server was killed"`
	Message  string         `json:"message,omitempty" doc:"What is done now"`
	Rows     *JobRows       `json:"rows,omitempty" doc:"How far it is in rows, where it counts them"`
	Created  time.Time      `json:"created"`
	Started  time.Time      `json:"started,omitzero"`
	Finished time.Time      `json:"finished,omitzero"`
	Expires  time.Time      `json:"expires,omitzero" doc:"When it is deleted with its results"`
	Failure  *JobFailure    `json:"failure,omitempty" doc:"Why it failed"`
	Rejected int64          `json:"rejected" doc:"Rows that could not be taken; .../errors says which"`
	Reasons  []JobRejection `json:"reasons,omitempty" doc:"Likewise, by reason"`
	Callback *JobCallback   `json:"callback,omitempty"`
}

// JobRows is how far a job is in rows.
type JobRows struct {
	Done  int64 `json:"done"`
	Total int64 `json:"total" doc:"0 where it is not known"`
}

// JobFailure is why a job failed.
type JobFailure struct {
	Code   string `json:"code" doc:"For programs: snapshot_gone, time_limit, interrupted, too_large, unknown_kind, internal, or one of the kind's own"`
	Detail string `json:"detail" doc:"For people"`
}

// JobRejection counts rows that could not be taken.
type JobRejection struct {
	Code string `json:"code"`
	Rows int64  `json:"rows"`
}

// JobCallback is the address that hears of the end of a job, and whether it has.
type JobCallback struct {
	URL    string           `json:"url"`
	Status jobs.NoticeState `json:"status" enum:"waiting,delivered,given_up"`
	Tries  int              `json:"tries"`
	Next   time.Time        `json:"next,omitzero" doc:"When it is tried again"`
	Fault  string           `json:"fault,omitempty" doc:"Why the last try failed"`
}

// JobList is the jobs of a campaign, the newest first.
type JobList struct {
	Jobs []Job  `json:"jobs"`
	Next string `json:"next,omitempty" doc:"Come back with it as after, where there are more"`
}

// JobOptions is what every kind of job can be asked with.
type JobOptions struct {
	Snapshot string `json:"snapshot,omitempty" maxLength:"100" doc:"The snapshot that it is about; the current one where it is left out"`
	Callback string `json:"callback,omitempty" maxLength:"2000" doc:"An address that is sent a signed message when the job has ended; its host is one that the operator allows"`
}

func (o JobOptions) options() JobOptions { return o }

// jobRequest is the body that a kind of job is asked for with.
type jobRequest interface {
	options() JobOptions
	parameters() any       // those of the kind
	check(city City) error // what is wrong with them in a snapshot: a Problem, or an error of the engine
	input() jobInput       // nil where the kind needs none
}

// jobInput writes the rows that a job is about, and says how many there are.
type jobInput func(w io.Writer) (rows int64, err error)

type submitInput[R jobRequest] struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"128" doc:"The same key with the same body is the same job, for as long as that is kept"`
	Prefer         string `header:"Prefer" doc:"respond-async is what happens anyway"`
	Body           R
}

type submitOutput struct {
	Location          string `header:"Location" doc:"Of the job"`
	PreferenceApplied string `header:"Preference-Applied"`
	Body              Job
}

// JobPath names a job.
type JobPath struct {
	Job string `path:"job" format:"uuid" example:"0193670e-3c00-7000-8000-000000000001"`
}
type jobsInput struct {
	After string `query:"after" maxLength:"36" doc:"The cursor that the page before gave as next"`
	Limit int    `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"How many at most"`
}
type jobOutput struct{ Body Job }
type jobsOutput struct {
	Link string `header:"Link" doc:"The next page, where there is one"`
	Body JobList
}

const jobsRoute = "/v1/jobs"

func (s *server) registerJobs(api huma.API) {
	s.registerBacktests(api)
	s.registerExports(api)
	s.registerTileJobs(api)
	s.registerScoreJobs(api)
	s.registerImports(api)
	huma.Register(api, jobOperation(huma.Operation{
		OperationID: "list-jobs", Method: http.MethodGet, Path: jobsRoute,
		Summary: "The jobs of the campaign, the newest first",
	}), s.listJobs)
	huma.Register(api, jobOperation(huma.Operation{
		OperationID: "job", Method: http.MethodGet, Path: jobsRoute + "/{job}",
		Summary: "How far a job is",
		Errors:  []int{http.StatusNotFound},
	}), s.job)
	huma.Register(api, jobOperation(huma.Operation{
		OperationID: "dismiss-job", Method: http.MethodDelete, Path: jobsRoute + "/{job}",
		Summary:     "Break a job off, or delete one that has ended",
		Description: "One that waits or runs is dismissed, and what it has made so far is gone. One that has ended is deleted with its results, and its Idempotency-Key is free again.",
		Errors:      []int{http.StatusNotFound},
	}), s.dismissJob)
	s.registerJobResults(api)
	s.registerWebhookSecret(api)
}

// jobOperation is what the routes of jobs have in common.
func jobOperation(o huma.Operation) huma.Operation {
	o.Tags = []string{"jobs"}
	o.Security = needs(engine.RunJobs)
	o.Errors = append(o.Errors, http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity)
	return o
}

// registerKind registers the operation that asks for jobs of a kind: one for each, so that its parameters and its answer have types.
func registerKind[R jobRequest](s *server, api huma.API, kind, summary, description, example string) {
	huma.Register(api, jobOperation(huma.Operation{
		OperationID: "submit-" + kind, Method: http.MethodPost, Path: jobsRoute + "/" + kind,
		Summary: summary, Description: description, RequestBody: bodyLike(mediaJSON, example),
		DefaultStatus: http.StatusAccepted,
		Errors:        []int{http.StatusBadRequest, http.StatusNotFound, http.StatusTooManyRequests, http.StatusServiceUnavailable},
	}), func(ctx context.Context, in *submitInput[R]) (*submitOutput, error) {
		out, err := s.submit(ctx, kind, in.Body, in.IdempotencyKey, in.Prefer)
		return out, ofBody(err)
	})
}

// submit accepts a job of the holder's campaign, about the snapshot that it names or that is served now.
func (s *server) submit(ctx context.Context, kind string, asked jobRequest, key, prefer string) (*submitOutput, error) {
	holder, err := s.need(ctx, engine.RunJobs)
	if err != nil {
		return nil, err
	}
	queue, err := s.queue()
	if err != nil {
		return nil, err
	}
	whole, wholeErr := json.Marshal(asked)
	parameters, err := json.Marshal(asked.parameters())
	if err := errors.Join(wholeErr, err); err != nil {
		return nil, fmt.Errorf("api: parameters of %s: %w", kind, err)
	}
	options := asked.options()
	request := jobs.Request{Task: jobs.Task{Campaign: holder.Campaign, Kind: kind, Parameters: parameters}, Token: holder.Token, Callback: options.Callback, Key: key}
	if write := asked.input(); write != nil {
		if request.Draft, err = queue.Draft(write); err != nil {
			return nil, s.jobProblem(err)
		}
		defer s.discard(request.Draft)
		whole = append(whole, request.Draft.SHA256...)
	}
	request.Sum = sha256.Sum256(whole)
	job, there, err := queue.Known(request) // asked before the snapshot is looked for: it may have gone since
	if err != nil {
		return nil, s.jobProblem(err)
	}
	if !there {
		if job, err = s.accept(queue, request, asked); err != nil {
			return nil, err
		}
	}
	out := &submitOutput{Location: jobsRoute + "/" + job.ID, Body: jobView(job)}
	if strings.Contains(prefer, "respond-async") {
		out.PreferenceApplied = "respond-async"
	}
	return out, nil
}

// accept submits a job about the snapshot that it names or that is served now, where it can be asked of that.
func (s *server) accept(queue Jobs, request jobs.Request, asked jobRequest) (jobs.Job, error) {
	city, err := s.cityAt(asked.options().Snapshot)
	if err != nil {
		return jobs.Job{}, err
	}
	if err := asked.check(city); err != nil {
		return jobs.Job{}, problemFor(err, s.log)
	}
	request.Snapshot = city.Snapshot()
	job, err := queue.Submit(request)
	if err != nil {
		return jobs.Job{}, s.jobProblem(err)
	}
	s.log.Info("api: job accepted", "job", job.ID, "kind", request.Kind, "campaign", request.Campaign)
	return job, nil
}

// discard removes a draft, unless a job has taken it.
func (s *server) discard(draft *jobs.Draft) {
	if err := draft.Discard(); err != nil {
		s.log.Error("api: the input of a job that was not submitted cannot be removed: the next start does it", "error", err)
	}
}

func (s *server) listJobs(ctx context.Context, in *jobsInput) (*jobsOutput, error) {
	campaign, queue, err := s.ownJobs(ctx)
	if err != nil {
		return nil, err
	}
	page, more := queue.List(campaign, in.After, in.Limit)
	out := &jobsOutput{Body: JobList{Jobs: []Job{}}}
	for _, j := range page {
		out.Body.Jobs = append(out.Body.Jobs, jobView(j))
	}
	if more {
		out.Body.Next = page[len(page)-1].ID
		out.Link = fmt.Sprintf(`<%s?after=%s&limit=%d>; rel="next"`, jobsRoute, out.Body.Next, in.Limit)
	}
	return out, nil
}

func (s *server) job(ctx context.Context, in *JobPath) (*jobOutput, error) {
	campaign, queue, err := s.ownJobs(ctx)
	if err != nil {
		return nil, err
	}
	job, err := queue.Job(campaign, in.Job)
	if err != nil {
		return nil, s.jobProblem(err)
	}
	return &jobOutput{jobView(job)}, nil
}

func (s *server) dismissJob(ctx context.Context, in *JobPath) (*jobOutput, error) {
	campaign, queue, err := s.ownJobs(ctx)
	if err != nil {
		return nil, err
	}
	job, err := queue.Dismiss(campaign, in.Job)
	if err != nil {
		return nil, s.jobProblem(err)
	}
	return &jobOutput{jobView(job)}, nil
}

// queue gives the jobs, or a problem where the server keeps none.
func (s *server) queue() (Jobs, error) {
	if s.jobs == nil {
		return nil, problem(http.StatusNotFound, CodeNotAvailable, "this server runs no jobs")
	}
	return s.jobs, nil
}

// ownJobs gives the campaign of the holder of a token for jobs, and the jobs.
func (s *server) ownJobs(ctx context.Context) (campaign string, queue Jobs, err error) {
	holder, err := s.need(ctx, engine.RunJobs)
	if err != nil {
		return "", nil, err
	}
	queue, err = s.queue()
	return holder.Campaign, queue, err
}

// fullPause is after how many seconds a job that found the queue full may be submitted again.
const fullPause = "30"

// jobProblem turns an error of the queue into a Problem. What is not the caller's fault is logged and not told.
func (s *server) jobProblem(err error) error {
	var told *Problem // of what was sent
	var refusal *jobs.Refusal
	detail := strings.TrimPrefix(err.Error(), "jobs: ")
	switch {
	case errors.As(err, &told):
		return told
	case errors.As(err, &refusal):
		return invalid("body."+refusal.Field, nil, refusal.Why)
	case errors.Is(err, jobs.ErrNotFound):
		return problem(http.StatusNotFound, CodeNotFound, detail)
	case errors.Is(err, jobs.ErrNoResults):
		return problem(http.StatusNotFound, CodeNoResults, detail)
	case errors.Is(err, jobs.ErrNoKind):
		return problem(http.StatusNotFound, CodeNotAvailable, detail)
	case errors.Is(err, jobs.ErrKeyReused):
		const detail = "this Idempotency-Key was sent with another body before: use a new key for a new job"
		return problem(http.StatusUnprocessableEntity, CodeKeyReused, detail, &huma.ErrorDetail{Message: detail, Location: "header.Idempotency-Key"})
	case errors.Is(err, jobs.ErrFull):
		return huma.ErrorWithHeaders(problem(http.StatusTooManyRequests, CodeQueueFull, detail), http.Header{"Retry-After": {fullPause}})
	case errors.Is(err, jobs.ErrClosed):
		return huma.ErrorWithHeaders(problem(http.StatusServiceUnavailable, CodeNotReady, "the server is stopping: try again shortly"), http.Header{"Retry-After": {"5"}})
	}
	s.log.Error("api: a job cannot be kept or read", "error", err)
	p := problem(http.StatusServiceUnavailable, CodeNotKept, "jobs cannot be kept now: send the same again later")
	return huma.ErrorWithHeaders(p, http.Header{"Retry-After": {"5"}})
}

// jobView is a job as its campaign sees it.
func jobView(j jobs.Job) Job {
	v := Job{ID: j.ID, Kind: j.Kind, Status: j.State, Snapshot: j.Snapshot, Progress: j.Progress.Percent, Message: j.Progress.Message,
		Created: j.Created, Started: j.Started, Finished: j.Finished, Expires: j.Expires, Rejected: j.Rejected}
	if j.Progress.Done > 0 || j.Progress.Total > 0 {
		v.Rows = &JobRows{j.Progress.Done, j.Progress.Total}
	}
	if j.Failure != nil {
		v.Failure = &JobFailure{j.Failure.Code, j.Failure.Detail}
	}
	for _, r := range j.Reasons {
		v.Reasons = append(v.Reasons, JobRejection(r))
	}
	if j.Callback != "" {
		v.Callback = &JobCallback{URL: j.Callback, Status: jobs.NoticeWaiting}
		if n := j.Notice; n != nil {
			v.Callback.Status, v.Callback.Tries, v.Callback.Next, v.Callback.Fault = n.State, n.Tries, n.Next, n.Fault
		}
	}
	return v
}

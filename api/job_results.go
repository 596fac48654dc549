package api

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/klauspost/compress/gzhttp"

	"github.com/arpent/arpent/engine/jobs"
)

// JobResult is a file that a job has made.
type JobResult struct {
	Name     string `json:"name" doc:"Its address is .../results/NAME"`
	Media    string `json:"media_type"`
	Bytes    int64  `json:"bytes"`
	Rows     int64  `json:"rows"`
	SHA256   string `json:"sha256" doc:"Hex"`
	Snapshot string `json:"snapshot" doc:"That it is about"`
}

// JobResults is the files that a job has made.
type JobResults struct {
	Job     string      `json:"job" format:"uuid"`
	Expires time.Time   `json:"expires" doc:"When they are deleted"`
	Results []JobResult `json:"results"`
}

type jobResultsOutput struct{ Body JobResults }
type jobResultInput struct {
	JobPath
	Name string `path:"name" example:"backtest.json" maxLength:"64"`
}

func (s *server) registerJobResults(api huma.API) {
	huma.Register(api, jobOperation(huma.Operation{
		OperationID: "job-results", Method: http.MethodGet, Path: jobsRoute + "/{job}/results",
		Summary: "The files that a job has made",
		Errors:  []int{http.StatusNotFound},
	}), s.jobResults)
	huma.Register(api, jobOperation(huma.Operation{
		OperationID: "job-result", Method: http.MethodGet, Path: jobsRoute + "/{job}/results/{name}",
		Summary:     "A file that a job has made",
		Description: "Its entity tag is its SHA-256, which Repr-Digest (RFC 9530) has too. Ranges of bytes are answered, so that a download that broke off can go on.",
		Errors:      []int{http.StatusNotFound},
		Responses: map[string]*huma.Response{
			"200": {Description: "The file", Content: map[string]*huma.MediaType{"application/octet-stream": {}}},
			"206": {Description: "A part of it"},
			"304": {Description: "It is the one that the caller has"},
			"416": {Description: "It does not have these bytes"},
		},
	}), s.jobResult)
	huma.Register(api, jobOperation(huma.Operation{
		OperationID: "job-errors", Method: http.MethodGet, Path: jobsRoute + "/{job}/errors",
		Summary: "The rows that a job could not take",
		Description: "An object a line, with row, from 1, code and detail. The first 100,000 are there; `rejected` of the job counts all. " +
			"It is empty where every row was taken.",
		Errors:    []int{http.StatusNotFound},
		Responses: map[string]*huma.Response{"200": {Description: "An object a line", Content: map[string]*huma.MediaType{mediaNDJSON: {Schema: rejectedRow()}}}},
	}), s.jobErrors)
}

func rejectedRow() *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, Required: []string{"row", "code", "detail"}, AdditionalProperties: false, Properties: map[string]*huma.Schema{
		"row":    {Type: huma.TypeInteger, Description: "From 1"},
		"code":   {Type: huma.TypeString, Description: "Why, for programs"},
		"detail": {Type: huma.TypeString, Description: "Why, for people"},
	}}
}

func (s *server) jobResults(ctx context.Context, in *JobPath) (*jobResultsOutput, error) {
	campaign, queue, err := s.ownJobs(ctx)
	if err != nil {
		return nil, err
	}
	job, err := queue.Job(campaign, in.Job)
	if err != nil {
		return nil, s.jobProblem(err)
	}
	if job.State != jobs.Successful {
		return nil, s.jobProblem(jobs.ErrNoResults)
	}
	list := JobResults{Job: job.ID, Expires: job.Expires, Results: []JobResult{}}
	for _, r := range job.Results {
		list.Results = append(list.Results, JobResult{r.Name, r.Media, r.Bytes, r.Rows, r.SHA256, job.Snapshot})
	}
	return &jobResultsOutput{list}, nil
}

func (s *server) jobResult(ctx context.Context, in *jobResultInput) (*huma.StreamResponse, error) {
	campaign, queue, err := s.ownJobs(ctx)
	if err != nil {
		return nil, err
	}
	result, file, err := queue.Result(campaign, in.Job, in.Name)
	if err != nil {
		return nil, s.jobProblem(err)
	}
	sum, err := hex.DecodeString(result.SHA256)
	if err != nil {
		file.Close() // nothing was written
		return nil, fmt.Errorf("api: the checksum of a result: %w", err)
	}
	return fileAnswer(file, map[string]string{
		"Content-Type":        result.Media,
		"Content-Disposition": fmt.Sprintf("attachment; filename=%q", result.Name),
		"ETag":                `"` + result.SHA256 + `"`,
		"Repr-Digest":         "sha-256=:" + base64.StdEncoding.EncodeToString(sum) + ":",
	}), nil
}

func (s *server) jobErrors(ctx context.Context, in *JobPath) (*huma.StreamResponse, error) {
	campaign, queue, err := s.ownJobs(ctx)
	if err != nil {
		return nil, err
	}
	file, err := queue.Errors(campaign, in.Job)
	if err != nil {
		return nil, s.jobProblem(err)
	}
	return fileAnswer(file, map[string]string{"Content-Type": mediaNDJSON, "Content-Disposition": `attachment; filename="errors.ndjson"`}), nil
}

// fileAnswer answers with a file, or with nothing where it is nil, and closes it.
func fileAnswer(file *os.File, header map[string]string) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		r, w := humago.Unwrap(ctx)
		for name, value := range header {
			w.Header().Set(name, value)
		}
		w.Header().Set(gzhttp.HeaderNoCompression, "a digest and ranges are of the bytes of the file")
		if file == nil {
			w.WriteHeader(http.StatusOK)
			return
		}
		defer file.Close()
		http.ServeContent(&rangeWriter{ResponseWriter: newPatientWriter(w)}, r, "", time.Time{}, file)
	}}
}

// rangeWriter answers with a Problem where net/http would say in plain text that a file does not have the bytes that are asked for.
type rangeWriter struct {
	http.ResponseWriter
	refused bool
}

func (w *rangeWriter) WriteHeader(status int) {
	if w.refused = status == http.StatusRequestedRangeNotSatisfiable; !w.refused {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	for _, name := range []string{"Content-Length", "Content-Disposition", "Repr-Digest"} {
		w.Header().Del(name) // of the file
	}
	writeProblem(w.ResponseWriter, problem(status, CodeInvalidParameter, "the file does not have these bytes: Content-Range says how many it has",
		&huma.ErrorDetail{Message: "it begins behind the end of the file, or is no range", Location: "header.Range"}))
}

func (w *rangeWriter) Write(b []byte) (int, error) {
	if w.refused {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

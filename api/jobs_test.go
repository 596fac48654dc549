package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/jobs"
)

// heldMerge asks for a backtest that does not end by itself, failingMerge for one that fails.
const (
	heldMerge    = 49
	failingMerge = 48
)

// openJobs opens a queue in a folder of its own, with a backtest that measures nothing.
func openJobs(t testing.TB, config jobs.Config) *jobs.Queue {
	t.Helper()
	config.Dir, config.Now = t.TempDir(), time.Now
	config.Kinds = []jobs.Kind{{Name: KindExport, Run: tellAsked}, {Name: KindTiles, Run: tellAsked}, {Name: KindScore, Run: tellAsked}, {Name: KindImport, Run: tellAsked}, {Name: KindBacktest, Run: func(ctx context.Context, run *jobs.Run) error {
		var asked Backtest
		if err := json.Unmarshal(run.Parameters, &asked); err != nil {
			return err
		}
		switch asked.Merge {
		case failingMerge:
			return &jobs.Failure{Code: "sources_changed", Detail: "the files are others by now"}
		case heldMerge:
			run.Hear(jobs.Progress{Percent: 40, Done: 4, Total: 10, Message: "measure"})
			<-ctx.Done()
			return ctx.Err()
		}
		if err := run.Reject(7, "unknown_unit", "there is no such street"); err != nil {
			return err
		}
		return run.Write("backtest.json", mediaJSON, func(w io.Writer) (int64, error) {
			_, err := fmt.Fprintf(w, `{"snapshot":%q,"method":%q,"merge":%d}`, run.Snapshot, asked.Method, asked.Merge)
			return 1, err
		})
	}}}
	queue, err := jobs.Open(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(queue.Close)
	return queue
}

// submitted asks for a backtest and gives the job.
func (c *campaigns) submitted(t *testing.T, body string, header ...string) Job {
	t.Helper()
	answer := post(t, c.handler, "POST", "/v1/jobs/backtest", strings.NewReader(body), append(header, asJSON, c.as("durand", engine.RunJobs))...)
	if answer.StatusCode != 202 {
		t.Fatalf("%d %s", answer.StatusCode, bodyText(t, answer))
	}
	location := answer.Header.Get("Location")
	job := decode[Job](t, answer)
	if location != "/v1/jobs/"+job.ID {
		t.Errorf("Location %q of job %s", location, job.ID)
	}
	return job
}

func bodyText(t *testing.T, answer *http.Response) string {
	t.Helper()
	return string(body(t, answer))
}

// get asks for something of durand's jobs.
func (c *campaigns) get(t *testing.T, target string, header ...string) *http.Response {
	t.Helper()
	return post(t, c.handler, "GET", target, nil, append(header, c.as("durand", engine.RunJobs))...)
}

// until waits until a job has a status.
func (c *campaigns) until(t *testing.T, id string, status jobs.State) Job {
	t.Helper()
	var job Job
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if job = decode[Job](t, c.get(t, "/v1/jobs/"+id)); job.Status == status {
			return job
		}
	}
	t.Fatalf("the job does not come to be %s: %+v", status, job)
	return job
}

func TestJobOverHTTP(t *testing.T) {
	c := newCampaigns(t)
	answer := post(t, c.handler, "POST", "/v1/jobs/backtest", strings.NewReader(`{"method":"flat"}`), asJSON, "Prefer: respond-async, wait=10", c.as("durand", engine.RunJobs))
	if answer.StatusCode != 202 || answer.Header.Get("Preference-Applied") != "respond-async" {
		t.Errorf("%d %v", answer.StatusCode, answer.Header)
	}
	job := decode[Job](t, answer)
	if job.Kind != "backtest" || job.Snapshot != "5eed0123" || job.Created.IsZero() {
		t.Errorf("%+v", job)
	}
	job = c.until(t, job.ID, jobs.Successful)
	if job.Progress != 100 || job.Finished.IsZero() || !job.Expires.Equal(job.Finished.Add(jobs.DefaultKeep)) || job.Rejected != 1 || len(job.Reasons) != 1 {
		t.Errorf("%+v", job)
	}
	want := `{"snapshot":"5eed0123","method":"flat","merge":5}`
	sum := sha256.Sum256([]byte(want))
	results := decode[JobResults](t, c.get(t, "/v1/jobs/"+job.ID+"/results"))
	if len(results.Results) != 1 || results.Results[0] != (JobResult{"backtest.json", mediaJSON, int64(len(want)), 1, hex.EncodeToString(sum[:]), "5eed0123"}) || !results.Expires.Equal(job.Expires) {
		t.Errorf("%+v", results)
	}

	target := "/v1/jobs/" + job.ID + "/results/backtest.json"
	file := c.get(t, target)
	tag := file.Header.Get("ETag")
	for name, value := range map[string]string{
		"ETag": `"` + hex.EncodeToString(sum[:]) + `"`, "Repr-Digest": "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":", "Content-Type": mediaJSON,
		"Content-Disposition": `attachment; filename="backtest.json"`, "Accept-Ranges": "bytes", "Cache-Control": "private, no-cache", "Content-Length": fmt.Sprint(len(want)),
	} {
		if got := file.Header.Get(name); got != value {
			t.Errorf("%s: %q, want %q", name, got, value)
		}
	}
	if got := bodyText(t, file); got != want {
		t.Errorf("%s", got)
	}
	if again := c.get(t, target, "If-None-Match: "+tag); again.StatusCode != 304 {
		t.Errorf("sent again: %d", again.StatusCode)
	}
	part := c.get(t, target, "Range: bytes=10-", "If-Range: "+tag)
	if got := bodyText(t, part); part.StatusCode != 206 || got != want[10:] {
		t.Errorf("%d %s", part.StatusCode, got)
	}
	if other := c.get(t, target, "Range: bytes=10-", `If-Range: "other"`); other.StatusCode != 200 {
		t.Errorf("a part of another file: %d", other.StatusCode)
	}
	beyond := c.get(t, target, "Range: bytes=1000-")
	if got := beyond.Header; got.Get("Content-Range") != fmt.Sprintf("bytes */%d", len(want)) || got.Get("Repr-Digest") != "" || got.Get("Content-Disposition") != "" {
		t.Errorf("behind the end: %v", got)
	}
	wantProblem(t, beyond, 416, CodeInvalidParameter, "header.Range")
	if head := post(t, c.handler, "HEAD", target, nil, c.as("durand", engine.RunJobs)); head.StatusCode != 200 || len(body(t, head)) != 0 || head.Header.Get("ETag") != tag {
		t.Errorf("HEAD: %d", head.StatusCode)
	}
	wantProblem(t, c.get(t, "/v1/jobs/"+job.ID+"/results/request.json"), 404, CodeNotFound, "")
	wantProblem(t, c.get(t, "/v1/jobs/"+job.ID+"/results/..%2frequest.json"), 404, CodeNotFound, "")
	rejected := c.get(t, "/v1/jobs/"+job.ID+"/errors")
	if got := bodyText(t, rejected); rejected.Header.Get("Content-Type") != mediaNDJSON || got != `{"row":7,"code":"unknown_unit","detail":"there is no such street"}`+"\n" {
		t.Errorf("%s", got)
	}
}

func TestJobThatRunsFailsOrIsDismissed(t *testing.T) {
	c := newCampaigns(t)
	running := c.submitted(t, fmt.Sprintf(`{"merge":%d}`, heldMerge))
	for c.until(t, running.ID, jobs.Running).Progress != 40 {
		time.Sleep(time.Millisecond)
	}
	if job := c.until(t, running.ID, jobs.Running); job.Message != "measure" || *job.Rows != (JobRows{4, 10}) || job.Started.IsZero() {
		t.Errorf("%+v", job)
	}
	for _, target := range []string{"/results", "/results/backtest.json", "/errors"} {
		wantProblem(t, c.get(t, "/v1/jobs/"+running.ID+target), 404, CodeNoResults, "")
	}
	dismissed := decode[Job](t, post(t, c.handler, "DELETE", "/v1/jobs/"+running.ID, nil, c.as("durand", engine.RunJobs)))
	if dismissed.Status != jobs.Dismissed {
		t.Errorf("%+v", dismissed)
	}
	failed := c.until(t, c.submitted(t, fmt.Sprintf(`{"merge":%d}`, failingMerge)).ID, jobs.Failed)
	if failed.Failure == nil || failed.Failure.Code != "sources_changed" {
		t.Errorf("%+v", failed.Failure)
	}
	wantProblem(t, c.get(t, "/v1/jobs/"+failed.ID+"/results"), 404, CodeNoResults, "")
	// One that has ended is deleted.
	for _, id := range []string{running.ID, failed.ID} {
		post(t, c.handler, "DELETE", "/v1/jobs/"+id, nil, c.as("durand", engine.RunJobs))
		wantProblem(t, c.get(t, "/v1/jobs/"+id), 404, CodeNotFound, "")
	}
}

func TestWhatIsNoJobIsRefused(t *testing.T) {
	c := newCampaigns(t)
	for _, r := range []struct {
		body     string
		status   int
		code     Code
		location string
	}{
		{`{"method":"magic"}`, 422, CodeInvalidParameter, "body.method"},
		{`{"merge":1}`, 422, CodeInvalidParameter, "body.merge"},
		{`{"contest":"mayor_t1"}`, 422, CodeInvalidParameter, "body"},
		{`{"snapshot":"0ld"}`, 410, CodeSnapshotGone, ""},
		{`{"callback":"http://hooks.example/x"}`, 422, CodeInvalidParameter, "body.callback"},
		{`{"callback":"https://other.example/x"}`, 422, CodeInvalidParameter, "body.callback"},
		{`{"callback":"https://hooks.example/x"}`, 422, CodeInvalidParameter, "body.callback"}, // no secret yet
		{`[`, 400, CodeBadRequest, "body"},
	} {
		wantProblem(t, post(t, c.handler, "POST", "/v1/jobs/backtest", strings.NewReader(r.body), asJSON, c.as("durand", engine.RunJobs)), r.status, r.code, r.location)
	}
	wantProblem(t, post(t, c.handler, "POST", "/v1/jobs/miracle", strings.NewReader(`{}`), asJSON, c.as("durand", engine.RunJobs)), 405, CodeMethodNotAllowed, "")
	wantProblem(t, c.get(t, "/v1/jobs/backtest"), 400, CodeInvalidParameter, "path.job")
	wantProblem(t, c.get(t, "/v1/jobs?limit=1000"), 400, CodeInvalidParameter, "query.limit")
	if list := decode[JobList](t, c.get(t, "/v1/jobs")); len(list.Jobs) != 0 {
		t.Errorf("accepted: %+v", list)
	}
	config := c.config()
	config.Jobs = nil
	wantProblem(t, post(t, New(config), "GET", "/v1/jobs", nil, c.as("durand", engine.RunJobs)), 404, CodeNotAvailable, "")
}

func TestFullQueueSaysWhenToComeBack(t *testing.T) {
	c := newCampaigns(t)
	running := c.submitted(t, fmt.Sprintf(`{"merge":%d}`, heldMerge))
	c.until(t, running.ID, jobs.Running)
	for range 20 {
		c.submitted(t, `{}`)
	}
	answer := post(t, c.handler, "POST", "/v1/jobs/backtest", strings.NewReader(`{}`), asJSON, c.as("durand", engine.RunJobs))
	if answer.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	wantProblem(t, answer, 429, CodeQueueFull, "")
	if other := post(t, c.handler, "POST", "/v1/jobs/backtest", strings.NewReader(`{}`), asJSON, c.as("martin", engine.RunJobs)); other.StatusCode != 202 {
		t.Errorf("another campaign is refused too: %d", other.StatusCode)
	}
}

// later is a snapshot that has come since.
type later struct{ City }

func (later) Snapshot() string { return "1a7e5" }

// Whoever lost the answer hears of the job, also when the snapshot that was named is not served any more.
func TestSameKeyAfterTheSnapshotHasGone(t *testing.T) {
	c := newCampaigns(t)
	const body = `{"method":"flat","snapshot":"5eed0123"}`
	first := c.submitted(t, body, "Idempotency-Key: k-1")
	c.until(t, first.ID, jobs.Successful)
	before := c.server.current()
	c.server.current = func() City { return later{before} }
	if again := c.submitted(t, body, "Idempotency-Key: k-1"); again.ID != first.ID {
		t.Errorf("another job: %+v", again)
	}
	wantProblem(t, post(t, c.handler, "POST", "/v1/jobs/backtest", strings.NewReader(body), asJSON, "Idempotency-Key: k-2", c.as("durand", engine.RunJobs)), 410, CodeSnapshotGone, "")
}

func TestSameIdempotencyKeyIsTheSameJob(t *testing.T) {
	c := newCampaigns(t)
	first := c.submitted(t, `{"method":"flat","merge":5}`, "Idempotency-Key: k-1")
	c.until(t, first.ID, jobs.Successful)
	for _, same := range []string{`{"method":"flat","merge":5}`, `{ "merge": 5, "method": "flat" }`, `{"method":"flat"}`} { // 5 is the default
		if again := c.submitted(t, same, "Idempotency-Key: k-1"); again.ID != first.ID || again.Status != jobs.Successful {
			t.Errorf("%s: another job: %+v", same, again)
		}
	}
	wantProblem(t, post(t, c.handler, "POST", "/v1/jobs/backtest", strings.NewReader(`{"method":"best"}`), asJSON, "Idempotency-Key: k-1", c.as("durand", engine.RunJobs)),
		422, CodeKeyReused, "header.Idempotency-Key")
	if other := c.submitted(t, `{"method":"flat"}`, "Idempotency-Key: k-2"); other.ID == first.ID {
		t.Error("another key, the same job")
	}
	if rival := decode[Job](t, post(t, c.handler, "POST", "/v1/jobs/backtest", strings.NewReader(`{"method":"best"}`), asJSON, "Idempotency-Key: k-1", c.as("martin", engine.RunJobs))); rival.ID == first.ID {
		t.Error("another campaign, the same job")
	}
	if strings.Contains(c.log.String(), "k-1") {
		t.Error("the key is in the log")
	}
}

func TestJobsOfAnotherCampaignAreNotThere(t *testing.T) {
	c := newCampaigns(t)
	job := c.submitted(t, `{}`)
	c.until(t, job.ID, jobs.Successful)
	rival := c.as("martin", everything)
	for _, r := range []struct{ method, target string }{
		{"GET", ""}, {"DELETE", ""}, {"GET", "/results"}, {"GET", "/results/backtest.json"}, {"GET", "/errors"},
	} {
		wantProblem(t, post(t, c.handler, r.method, "/v1/jobs/"+job.ID+r.target, nil, rival), 404, CodeNotFound, "")
	}
	if list := decode[JobList](t, post(t, c.handler, "GET", "/v1/jobs", nil, rival)); len(list.Jobs) != 0 {
		t.Errorf("martin sees %+v", list)
	}
	wantProblem(t, post(t, c.handler, "POST", "/v1/campaigns/durand/webhook-secret", nil, rival), 403, CodeForbidden, "")
}

func TestJobsComeInPages(t *testing.T) {
	c := newCampaigns(t)
	var submitted, seen []string
	for range 5 {
		submitted = append([]string{c.submitted(t, `{}`).ID}, submitted...)
	}
	target := "/v1/jobs?limit=2"
	for pages := 1; target != ""; pages++ {
		answer := c.get(t, target)
		link := answer.Header.Get("Link")
		list := decode[JobList](t, answer)
		for _, j := range list.Jobs {
			seen = append(seen, j.ID)
		}
		target = ""
		if list.Next != "" {
			target = "/v1/jobs?limit=2&after=" + list.Next
			if link != fmt.Sprintf(`</v1/jobs?after=%s&limit=2>; rel="next"`, list.Next) {
				t.Errorf("Link: %s", link)
			}
		}
		if pages > 3 {
			t.Fatal("the pages do not end")
		}
	}
	if strings.Join(seen, " ") != strings.Join(submitted, " ") {
		t.Errorf("%v, want %v", seen, submitted)
	}
}

func TestWebhookSecretIsToldOnce(t *testing.T) {
	c := newCampaigns(t)
	answer := post(t, c.handler, "POST", "/v1/campaigns/durand/webhook-secret", nil, c.as("durand", engine.Administer))
	if answer.StatusCode != 201 || answer.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", answer.StatusCode, answer.Header)
	}
	secret := decode[WebhookSecret](t, answer).Secret
	if !strings.HasPrefix(secret, "whsec_") || strings.Contains(c.log.String(), secret) {
		t.Errorf("secret %q", secret)
	}
	job := c.submitted(t, `{"callback":"https://hooks.example/done?of=durand"}`)
	if job.Callback == nil || job.Callback.URL != "https://hooks.example/done?of=durand" || job.Callback.Status != jobs.NoticeWaiting {
		t.Errorf("%+v", job.Callback)
	}
	if _, err := c.queue.Dismiss("durand", job.ID); err != nil && !errors.Is(err, jobs.ErrNotFound) {
		t.Fatal(err)
	}
	if strings.Contains(c.log.String(), "hooks.example") {
		t.Error("the address that is called is in the log")
	}
	if bytes.Contains([]byte(bodyText(t, c.get(t, "/v1/jobs"))), []byte(secret)) {
		t.Error("the secret is told again")
	}
}

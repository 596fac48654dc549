package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine/jobs"
)

// A backtest whose server is killed goes on at the next start, under the same id and key, and ends with the bytes of one that nobody disturbed;
// they are what `arpent validate` says of the place. When the sources are others by now, it fails and says so.
func TestKilledServerFinishesItsJobs(t *testing.T) {
	f := newFieldPlace(t, "village")
	secret := strings.TrimSpace(f.arpent(t, "token", "new", "--campaign", "spring", "--scope", "jobs"))
	server := f.serve(t)
	job := f.backtest(t, secret, "k-1")
	for job.Status == jobs.Accepted {
		f.askJobs(t, secret, http.MethodGet, "/v1/jobs/"+job.ID, "", &job)
	}
	t.Logf("killed while the job is %s, %d %%", job.Status, job.Progress)
	server.kill(t)
	server = f.serve(t)
	if again := f.backtest(t, secret, "k-1"); again.ID != job.ID {
		t.Errorf("the same key is another job after the restart: %s, %s", again.ID, job.ID)
	}
	killed := f.result(t, secret, job.ID)
	undisturbed := f.result(t, secret, f.backtest(t, secret, "k-2").ID)
	if !bytes.Equal(killed, undisturbed) {
		t.Errorf("the job that was broken off ends with\n%s\nthe other with\n%s", killed, undisturbed)
	}
	var said, measured []validatedCase
	if err := json.Unmarshal([]byte(f.arpent(t, "validate", filepath.Join(f.city, placeFile), "--json")), &said); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(killed, &measured); err != nil || len(measured) == 0 || len(measured) != len(said) {
		t.Fatalf("%v: %d contests, validate has %d", err, len(measured), len(said))
	}
	for i := range said {
		said[i].Seconds = 0
		if a, b := encoded(t, said[i]), encoded(t, measured[i]); a != b {
			t.Errorf("validate says\n%s\nthe job\n%s", a, b)
		}
	}
	for _, change := range []func() error{
		func() error { // it can still be read
			content, err := os.ReadFile(filepath.Join(f.city, "income.csv"))
			return errors.Join(err, os.WriteFile(filepath.Join(f.city, "income.csv"), append(content, '\n'), 0o644))
		},
		func() error { return os.Remove(filepath.Join(f.city, "income.csv")) },
		func() error { return os.Remove(filepath.Join(f.city, placeFile)) },
	} {
		if err := change(); err != nil {
			t.Fatal(err)
		}
		if changed := f.ended(t, secret, f.backtest(t, secret, "").ID); changed.Status != jobs.Failed || changed.Failure == nil || changed.Failure.Code != "sources_changed" {
			t.Errorf("with other sources: %+v, %+v", changed, changed.Failure)
		}
	}
	server.stop(t)
}

func encoded(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// askJobs asks the server for something of a campaign's jobs, and gives the body of the answer.
func (f *fieldPlace) askJobs(t *testing.T, secret, method, path, key string, answer any) []byte {
	t.Helper()
	request, err := http.NewRequest(method, f.url()+path, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+secret)
	request.Header.Set("Content-Type", "application/json")
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= 300 {
		t.Fatalf("%s %s: %v %s %s", method, path, err, response.Status, content)
	}
	if answer != nil {
		if err := json.Unmarshal(content, answer); err != nil {
			t.Fatal(err)
		}
	}
	return content
}

func (f *fieldPlace) backtest(t *testing.T, secret, key string) (job api.Job) {
	t.Helper()
	f.askJobs(t, secret, http.MethodPost, "/v1/jobs/backtest", key, &job)
	return job
}

// ended waits for the end of a job.
func (f *fieldPlace) ended(t *testing.T, secret, id string) (job api.Job) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if f.askJobs(t, secret, http.MethodGet, "/v1/jobs/"+id, "", &job); job.Status.Ended() {
			return job
		}
	}
	t.Fatalf("the job does not end: %+v", job)
	return job
}

func (f *fieldPlace) result(t *testing.T, secret, id string) []byte {
	t.Helper()
	if job := f.ended(t, secret, id); job.Status != jobs.Successful {
		t.Fatalf("%+v: %+v", job, job.Failure)
	}
	return f.askJobs(t, secret, http.MethodGet, "/v1/jobs/"+id+"/results/backtest.json", "", nil)
}

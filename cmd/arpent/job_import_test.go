package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine/jobs"
)

// An import whose server is killed when it was accepted ends with the bytes of one that nobody disturbed, and its returns are in the log once.
func TestKilledServerFinishesAnImport(t *testing.T) {
	f := newFieldPlace(t, "village")
	secret := strings.TrimSpace(f.arpent(t, "token", "new", "--campaign", "spring", "--scope", "jobs", "--scope", "field:write", "--scope", "field:read"))
	server := f.serve(t)
	rows := strings.Fields(string(f.askJobs(t, secret, http.MethodGet, "/v1/collections/segments/items?f=csv&properties=id&limit=40", "", nil)))
	var lines strings.Builder
	const doors = 2500
	for i := range doors {
		fmt.Fprintf(&lines, `{"id": %q, "kind": "attempt", "happened_at": %q, "team": "north", "location": {"segment_id": %s, "door": "%d"}, "result": "not_home"}`+"\n",
			uuid.NewSHA1(uuid.NameSpaceURL, fmt.Append(nil, "import ", i)), time.Now().Add(time.Minute).Format(time.RFC3339), rows[1+i%(len(rows)-1)], i)
	}
	lines.WriteString("{\"id\": 7}\nno return\n")
	first := f.importing(t, secret, lines.String())
	server.kill(t)
	server = f.serve(t)
	killed := f.imported(t, secret, first.ID)
	undisturbed := f.imported(t, secret, f.importing(t, secret, lines.String()).ID)
	if killed != undisturbed {
		t.Errorf("the job that was broken off ends with\n%s\nthe other with\n%s", killed, undisturbed)
	}
	var counts importCounts
	if err := json.NewDecoder(strings.NewReader(undisturbed)).Decode(&counts); err != nil || counts.Returns != doors+2 || counts.Kept != doors || counts.Rejected != 2 {
		t.Errorf("%v: %+v", err, counts)
	}
	for _, row := range []string{`{"row":2501,"code":"rejected","detail":"id: `, `{"row":2502,"code":"rejected","detail":"`} {
		if !strings.Contains(undisturbed, row) {
			t.Errorf("the file of errors has no %s: %s", row, undisturbed)
		}
	}
	var all struct{ Rows []struct{ Attempts int } }
	f.askJobs(t, secret, http.MethodGet, "/v1/rollup?by=team", "", &all)
	attempts := 0
	for _, row := range all.Rows {
		attempts += row.Attempts
	}
	if int64(attempts) != counts.Kept {
		t.Errorf("the log counts %d attempts, of %d that were kept", attempts, counts.Kept)
	}
	server.stop(t)
}

func (f *fieldPlace) importing(t *testing.T, secret, lines string) (job api.Job) {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, f.url()+"/v1/jobs/import", strings.NewReader(lines))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+secret)
	request.Header.Set("Content-Type", "application/x-ndjson")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusAccepted || json.Unmarshal(content, &job) != nil {
		t.Fatalf("%v %s %s", err, response.Status, content)
	}
	return job
}

// imported waits for an import and gives its result and its errors.
func (f *fieldPlace) imported(t *testing.T, secret, id string) string {
	t.Helper()
	if job := f.ended(t, secret, id); job.Status != jobs.Successful || job.Rejected != 2 {
		t.Fatalf("%+v: %+v", job, job.Failure)
	}
	return string(f.askJobs(t, secret, http.MethodGet, "/v1/jobs/"+id+"/results/import.json", "", nil)) +
		string(f.askJobs(t, secret, http.MethodGet, "/v1/jobs/"+id+"/errors", "", nil))
}

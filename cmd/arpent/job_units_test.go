package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine/jobs"
)

// unitJob is a job about units, as the server is asked for it and as a command does it.
type unitJob struct {
	kind    string // of the address
	body    string
	media   string
	rows    string   // the result that has the rows
	command []string // without the file to write
}

// A list of units, with what cannot be answered among them: places in a city whose middle is known, ids of the export.
func listOf(t *testing.T, exported []byte) string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(exported)).ReadAll()
	if err != nil || len(rows) < 50 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	list := "id,lon,lat\n"
	for i := range 20_000 {
		switch row := rows[1+i%(len(rows)-1)]; {
		case i%50 == 7:
			list += "12,,\n"
		case i%50 == 8:
			list += "Jean Dupont,,\n"
		case i%50 == 9:
			list += ",2.35,48.85\n"
		default:
			list += row[0] + ",,\n"
		}
	}
	return list
}

// Whatever happens to the server, an export and a score end with the bytes that a command makes of the same question; a list is gone when its job has ended.
func TestKilledServerFinishesExportsAndScores(t *testing.T) {
	f := newFieldPlace(t, "village")
	secret := strings.TrimSpace(f.arpent(t, "token", "new", "--campaign", "spring", "--scope", "jobs"))
	out := func(name string) string { return filepath.Join(f.dir, name) }
	read := func(name string) []byte {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
	f.arpent(t, "export", "units", "-o", out("all.csv"))
	list := listOf(t, read(out("all.csv")))
	if err := os.WriteFile(out("list.csv"), []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	asked := []unitJob{
		{"score/rows?collection=segments&measure=turnout&format=parquet", list, "text/csv", "scores.parquet", []string{"score", "--input", out("list.csv"), "--measure", "turnout"}},
		{"export", `{"collection":"cells","resolution":10,"filter":"n > 5","sortby":["-value"]}`, "application/json", "units.parquet",
			[]string{"export", "units", "--collection", "cells", "--resolution", "10", "--filter", "n > 5", "--sortby=-value"}},
		{"export", `{"collection":"segments","bbox":[-180,-90,180,90],"sample":20,"seed":3,"format":"geojson"}`, "application/json", "units.geojson",
			[]string{"export", "units", "--bbox=-180,-90,180,90", "--sample", "20", "--seed", "3"}},
	}
	server := f.serve(t)
	submit := func(j unitJob) (job api.Job) {
		f.sendJob(t, secret, "/v1/jobs/"+j.kind, j.media, j.body, &job)
		return job
	}
	var submitted []api.Job
	for _, j := range asked {
		submitted = append(submitted, submit(j))
	}
	for submitted[0].Status == jobs.Accepted {
		f.askJobs(t, secret, http.MethodGet, "/v1/jobs/"+submitted[0].ID, "", &submitted[0])
	}
	t.Logf("killed while the first job is %s, %d %%", submitted[0].Status, submitted[0].Progress)
	server.kill(t)
	server = f.serve(t)
	for i, j := range asked {
		job := f.ended(t, secret, submitted[i].ID)
		if job.Status != jobs.Successful {
			t.Fatalf("%s: %+v %+v", j.kind, job, job.Failure)
		}
		file := out(j.rows)
		f.arpent(t, append(j.command, "-o", file)...)
		for _, compared := range [][2]string{{j.rows, file}, {publicationFile, file + "." + publicationFile}} {
			server, here := f.askJobs(t, secret, http.MethodGet, "/v1/jobs/"+job.ID+"/results/"+compared[0], "", nil), read(compared[1])
			if !bytes.Equal(server, here) || len(here) == 0 {
				t.Errorf("%s: the server's %s has %d bytes, that of the command %d", j.kind, compared[0], len(server), len(here))
			}
		}
		if strings.HasPrefix(j.kind, "score") {
			rejected := f.askJobs(t, secret, http.MethodGet, "/v1/jobs/"+job.ID+"/errors", "", nil)
			if here := read(file + "." + jobs.ErrorsFile); !bytes.Equal(rejected, here) || bytes.Contains(here, []byte("Dupont")) || job.Rejected != 1200 || len(job.Reasons) != 3 {
				t.Errorf("%s: %d rows rejected, %+v: %.200s", j.kind, job.Rejected, job.Reasons, rejected)
			}
		}
	}
	server.stop(t)
	err := filepath.WalkDir(filepath.Join(f.workspace, "state", "jobs"), func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && (entry.Name() == "input" || bytes.Contains(read(path), []byte("Dupont"))) {
			t.Errorf("%s is still there, or has what was sent", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// sendJob submits a job with a body.
func (f *fieldPlace) sendJob(t *testing.T, secret, path, media, body string, job *api.Job) {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, f.url()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+secret)
	request.Header.Set("Content-Type", media)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusAccepted {
		t.Fatalf("%s: %v %s %s", path, err, response.Status, content)
	}
	if err := json.Unmarshal(content, job); err != nil {
		t.Fatal(err)
	}
}

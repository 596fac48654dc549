package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/jobs"
	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/engine/livetest"
)

// hamletJob does a job about the hamlet and gives its files, those of errors too.
func hamletJob(t *testing.T, kind, parameters, list string) (jobs.Outcome, map[string][]byte, error) {
	t.Helper()
	city := livetest.Hamlet(t)
	units := unitJobs{func(_ context.Context, id string) (*live.City, error) {
		if id != city.Snapshot() {
			return nil, jobs.SnapshotGone(id)
		}
		return city, nil
	}}
	run := map[string]func(context.Context, *jobs.Run) error{api.KindExport: units.export, api.KindScore: units.score, api.KindTiles: units.tiles}[kind]
	dir, task := t.TempDir(), jobs.Task{Campaign: "north", Kind: kind, Snapshot: city.Snapshot(), Parameters: json.RawMessage(parameters)}
	input, results := filepath.Join(dir, "input"), filepath.Join(dir, "results")
	if err := os.Mkdir(results, 0o700); err != nil {
		t.Fatal(err)
	}
	if list != "" {
		in, err := jobs.WriteInput(input, func(w io.Writer) (int64, error) {
			return api.KeepScoreRows(w, strings.NewReader(list), api.ScoreNDJSON)
		})
		if err != nil {
			t.Fatal(err)
		}
		task.Input = &in
	}
	done, err := jobs.Execute(t.Context(), jobs.Kind{Name: kind, Run: run}, task, input, results, jobs.DefaultMostBytes, nil)
	files := map[string][]byte{}
	entries, readErr := os.ReadDir(results)
	if readErr != nil {
		t.Fatal(readErr)
	}
	for _, entry := range entries {
		if files[entry.Name()], readErr = os.ReadFile(filepath.Join(results, entry.Name())); readErr != nil {
			t.Fatal(readErr)
		}
	}
	return done, files, err
}

func publicationIn(t *testing.T, files map[string][]byte) (p publication) {
	t.Helper()
	if err := json.Unmarshal(files[publicationFile], &p); err != nil {
		t.Fatalf("%v: %s", err, files[publicationFile])
	}
	return p
}

// An export has all rows of the question, with what of them is told beside it, and the same bytes each time.
func TestExportOfTheHamlet(t *testing.T) {
	for _, format := range formatNames() {
		parameters := `{"collection":"segments","contest":"mayor_t2","format":"` + format + `"}`
		done, files, err := hamletJob(t, api.KindExport, parameters, "")
		if err != nil {
			t.Fatal(err)
		}
		if names := slices.Sorted(maps.Keys(files)); !slices.Equal(names, []string{publicationFile, "units." + format}) || rowsOf(done).Rows != 5 {
			t.Errorf("%s: files %v, %d rows", format, names, rowsOf(done).Rows)
		}
		p := publicationIn(t, files)
		if p.Snapshot != "5eed0123" || p.Place != "Mirabel" || p.About["contest"] != "mayor_t2" || p.Threshold != 11 || p.Units != 5 || p.Published != 3 || p.Empty != 1 ||
			!maps.Equal(p.Suppressed, map[string]int{"k": 1, "complement": 0, "earlier": 0}) {
			t.Errorf("%s: %s", format, files[publicationFile])
		}
		_, again, err := hamletJob(t, api.KindExport, parameters, "")
		if err != nil || !maps.EqualFunc(files, again, bytes.Equal) {
			t.Errorf("%s: %v: another run has other bytes", format, err)
		}
	}
	_, files, err := hamletJob(t, api.KindExport, `{"collection":"segments","properties":["id","state","reason","value"],"filter":"id < 5","format":"csv"}`, "")
	if want := "id,state,reason,value\r\n1,published,,0.625\r\n2,published,,0.625\r\n3,suppressed,k,\r\n4,empty,,\r\n"; err != nil || string(files["units.csv"]) != want {
		t.Errorf("%v: %q, want %q", err, files["units.csv"], want)
	}
	// Before the first contest there is no row, and nothing that could be told.
	done, files, err := hamletJob(t, api.KindExport, `{"collection":"segments","datetime":"../1990-01-01","format":"geojson"}`, "")
	if err != nil || rowsOf(done).Rows != 0 || publicationIn(t, files).Units != 0 || !json.Valid(files["units.geojson"]) {
		t.Errorf("%v: %s", err, files["units.geojson"])
	}
}

// hamletList has each way to name a unit, and each way not to.
const hamletList = `{"id":5}
{"id":3}
{"id":4}
{"id":5}
{"id":99}
{"id":"881fb46751fffff"}
{"lon":2.31,"lat":48.81}
{"lon":2.0,"lat":48.81}
{"code":"1-1"}
{"phone":"0601020304"}
`

// A list has a row for each that can be answered; the others are in the file of errors, in words that have nothing of the list.
func TestScoreOfAList(t *testing.T) {
	done, files, err := hamletJob(t, api.KindScore, `{"collection":"segments","contest":"mayor_t1","properties":["id","state","reason","value","n"],"format":"csv"}`, hamletList)
	if err != nil {
		t.Fatal(err)
	}
	want := "row,id,state,reason,value,n\r\n1,5,published,,0.625,80\r\n2,3,suppressed,k,,\r\n3,4,empty,,,\r\n4,5,published,,0.625,80\r\n7,1,published,,0.625,16\r\n"
	if got := string(files["scores.csv"]); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if !slices.Equal(done.Reasons, []jobs.Rejection{{Code: "malformed", Rows: 3}, {Code: "outside", Rows: 1}, {Code: "unknown_unit", Rows: 1}}) || done.Rejected != 5 {
		t.Errorf("%+v", done)
	}
	var rows []int64
	for line := range strings.Lines(string(files[jobs.ErrorsFile])) {
		var rejected struct {
			Row    int64
			Detail string
		}
		if err := json.Unmarshal([]byte(line), &rejected); err != nil || rejected.Detail == "" {
			t.Errorf("%v: %s", err, line)
		}
		rows = append(rows, rejected.Row)
	}
	if !slices.Equal(rows, []int64{5, 6, 8, 9, 10}) {
		t.Errorf("rows %v are rejected", rows)
	}
	for name, content := range files {
		for _, sent := range []string{"0601020304", "881fb46751fffff", "48.81", "phone"} {
			if bytes.Contains(content, []byte(sent)) {
				t.Errorf("%s has %s, which was sent", name, sent)
			}
		}
	}
	if p := publicationIn(t, files); p.Units != 5 || p.Published != 3 || p.Suppressed["k"] != 1 || p.Empty != 1 {
		t.Errorf("%+v", p)
	}
}

// Cells, precincts and communes are found by id, by code and by place; the file is the same each time.
func TestScoreOfEachUnit(t *testing.T) {
	for _, format := range []string{"csv", "ndjson", "arrow", "parquet"} {
		for _, l := range []struct {
			parameters, list string
			rows             int64
		}{
			{`"collection":"precincts"`, `{"id":501}` + "\n" + `{"code":"1-1"}` + "\n" + `{"code":"1-1","commune":"99001"}` + "\n" + `{"lon":2.31,"lat":48.81}`, 4},
			{`"collection":"communes"`, `{"code":"99001"}` + "\n" + `{"lon":2.31,"lat":48.81}`, 2},
			{`"collection":"cells","resolution":7`, `{"lon":2.31,"lat":48.81}` + "\n" + `{"lon":2.32,"lat":48.82}`, 2},
			{`"collection":"segments"`, strings.Repeat(`{"id":1}`+"\n", scoredBatch+1), scoredBatch + 1},
		} {
			parameters := `{` + l.parameters + `,"format":"` + format + `"}`
			done, files, err := hamletJob(t, api.KindScore, parameters, l.list)
			if err != nil || rowsOf(done).Rows != l.rows || done.Rejected != 0 || rowsOf(done).Name != "scores."+format {
				t.Errorf("%s: %v: %+v\n%s", parameters, err, done, files[jobs.ErrorsFile])
				continue
			}
			if _, again, err := hamletJob(t, api.KindScore, parameters, l.list); err != nil || !maps.EqualFunc(files, again, bytes.Equal) {
				t.Errorf("%s: %v: another run has other bytes", parameters, err)
			}
			if format == "ndjson" && !bytes.HasPrefix(files["scores.ndjson"], []byte(`{"row":1,"id":`)) {
				t.Errorf("%s: %.80s", parameters, files["scores.ndjson"])
			}
		}
	}
}

// A snapshot that is not there any more is told as such.
func TestUnitJobsAboutASnapshotThatIsGone(t *testing.T) {
	workspace := engine.Workspace{Dir: t.TempDir()}
	var gone *jobs.Failure
	if _, err := openCity(t.Context(), workspace, "0123456789abcdef", func(string) {}); !errors.As(err, &gone) || gone.Code != jobs.CodeSnapshotGone {
		t.Errorf("%v", err)
	}
}

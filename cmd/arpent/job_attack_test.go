package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/datasets/city"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/build"
	"github.com/arpent/arpent/engine/estimate"
	"github.com/arpent/arpent/engine/jobs"
	"github.com/arpent/arpent/engine/live"
)

// jobAttack has what everybody may ask a city, which the package attack holds against every sum, and what its jobs say.
type jobAttack struct {
	t       *testing.T
	city    *live.City
	handler http.Handler
}

func newJobAttack(t *testing.T) *jobAttack {
	dir := t.TempDir()
	if _, err := city.Generate(t.Context(), city.Params{Seed: 5, Size: city.Village, Dir: dir}); err != nil {
		t.Fatal(err)
	}
	p := &program{workspace: filepath.Join(dir, "ws"), stderr: io.Discard}
	if _, err := p.build(t.Context(), filepath.Join(dir, "place.yaml"), buildOptions{}); err != nil {
		t.Fatal(err)
	}
	s, _ := openCurrent(t, p)
	published, err := live.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return &jobAttack{t, published, api.New(api.Config{Current: func() api.City { return published }, Version: "1", Log: slog.New(slog.NewTextHandler(io.Discard, nil))})}
}

// rows asks the API for all rows of a collection as CSV, the names of the columns first.
func (a *jobAttack) rows(collection string, parameters url.Values) []byte {
	a.t.Helper()
	parameters.Set("f", "csv")
	r := httptest.NewRequest(http.MethodGet, "http://map.example/v1/collections/"+collection+"/items?"+parameters.Encode(), nil)
	w := httptest.NewRecorder()
	a.handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		a.t.Fatalf("%s %v: %d %s", collection, parameters, w.Code, w.Body)
	}
	return w.Body.Bytes()
}

// told is all that a job tells: its files, its progress and the reasons for rows that are not taken.
type told struct {
	files    map[string][]byte
	progress []jobs.Progress
	outcome  jobs.Outcome
}

// do runs a job.
func (a *jobAttack) do(kind string, parameters map[string]any, list string) (all told) {
	a.t.Helper()
	units := unitJobs{func(context.Context, string) (*live.City, error) { return a.city, nil }}
	content, err := json.Marshal(parameters)
	if err != nil {
		a.t.Fatal(err)
	}
	dir := a.t.TempDir()
	task := jobs.Task{Campaign: "north", Kind: kind, Snapshot: a.city.Snapshot(), Parameters: content}
	run := map[string]func(context.Context, *jobs.Run) error{api.KindExport: units.export, api.KindScore: units.score, api.KindTiles: units.tiles}[kind]
	if kind == api.KindScore {
		in, err := jobs.WriteInput(filepath.Join(dir, "input"), func(w io.Writer) (int64, error) { return api.KeepScoreRows(w, strings.NewReader(list), api.ScoreCSV) })
		if err != nil {
			a.t.Fatal(err)
		}
		task.Input = &in
	}
	results := filepath.Join(dir, "results")
	if err := os.Mkdir(results, 0o700); err != nil {
		a.t.Fatal(err)
	}
	all.files = map[string][]byte{}
	all.outcome, err = jobs.Execute(a.t.Context(), jobs.Kind{Name: kind, Run: run}, task, filepath.Join(dir, "input"), results, jobs.DefaultMostBytes,
		func(p jobs.Progress) { all.progress = append(all.progress, p) })
	if err != nil {
		a.t.Fatal(err)
	}
	entries, err := os.ReadDir(results)
	if err != nil {
		a.t.Fatal(err)
	}
	for _, entry := range entries {
		if all.files[entry.Name()], err = os.ReadFile(filepath.Join(results, entry.Name())); err != nil {
			a.t.Fatal(err)
		}
	}
	return all
}

// counted holds what a job says of its rows against the states in them: it counts rows, and nothing else.
func (a *jobAttack) counted(what string, all told, states []string) {
	a.t.Helper()
	var p publication
	if err := json.Unmarshal(all.files[publicationFile], &p); err != nil {
		a.t.Fatal(err)
	}
	count := func(state string) (n int) {
		for _, s := range states {
			if s == state {
				n++
			}
		}
		return n
	}
	if p.Units != len(states) || p.Published != count("published,") || p.Empty != count("empty,") || p.Suppressed["k"] != count("suppressed,k") || p.Suppressed["complement"] != count("suppressed,complement") ||
		p.Suppressed["earlier"] != count("suppressed,earlier") || len(p.Suppressed) != 3 || p.Threshold != 11 {
		a.t.Errorf("%s: of %d rows it says %s", what, len(states), all.files[publicationFile])
	}
	for _, progress := range all.progress {
		if progress.Done > progress.Total || progress.Message != "write" && progress.Message != "score" || progress.Total != int64(len(states))+all.outcome.Rejected {
			a.t.Errorf("%s: its progress is %+v of %d rows", what, progress, len(states))
		}
	}
}

// allOf are the questions of everything: each collection with each measure, each unit.
func (a *jobAttack) allOf(each func(collection string, resolution int, contest string, properties []string)) {
	a.t.Helper()
	for _, c := range a.city.Collections() {
		resolutions := []int{0}
		if c.Unit == engine.UnitCell {
			resolutions = []int{9, 11}
		}
		for _, resolution := range resolutions {
			for _, contest := range a.city.Contests()[:1] {
				known, err := a.city.Properties(c.Name, resolution, live.Query{Contest: contest.ID})
				if err != nil {
					a.t.Fatal(err)
				}
				properties := []string{"id", "state", "reason"}
				for _, p := range known {
					if !slices.Contains(properties, p.Name) && len(properties) < 500 {
						properties = append(properties, p.Name)
					}
				}
				each(c.Name, resolution, contest.ID, properties)
			}
		}
	}
}

func parametersOfRows(resolution int, contest string, properties []string) url.Values {
	v := url.Values{"contest": {contest}, "properties": {strings.Join(properties, ",")}}
	if resolution != 0 {
		v.Set("resolution", strconv.Itoa(resolution))
	}
	return v
}

// An export tells what /items tells, to the byte, and how many rows have which state.
func TestExportsTellWhatItemsTell(t *testing.T) {
	a := newJobAttack(t)
	a.allOf(func(collection string, resolution int, contest string, properties []string) {
		asked := map[string]any{"collection": collection, "contest": contest, "properties": properties, "format": "csv"}
		if resolution != 0 {
			asked["resolution"] = resolution
		}
		all := a.do(api.KindExport, asked, "")
		want := a.rows(collection, parametersOfRows(resolution, contest, properties))
		if !bytes.Equal(all.files["units.csv"], want) {
			t.Errorf("%s %d: an export tells\n%.300s\nand /items\n%.300s", collection, resolution, all.files["units.csv"], want)
		}
		a.counted(collection, all, statesOf(t, want, 1))
	})
}

// A list of places and ids, as many and as close to each other as anybody likes, is answered with the rows that /items has of its units: no weight, no
// part of a street or of a precinct.
func TestScoresTellWhatItemsTell(t *testing.T) {
	a := newJobAttack(t)
	bound := a.city.Bound()
	var places strings.Builder
	const across = 60
	for x := range across {
		for y := range across {
			fmt.Fprintf(&places, ",%.7f,%.7f\n", bound.Min[0]+(bound.Max[0]-bound.Min[0])*float64(x)/across, bound.Min[1]+(bound.Max[1]-bound.Min[1])*float64(y)/across)
		}
	}
	a.allOf(func(collection string, resolution int, contest string, properties []string) {
		if !slices.Contains([]string{"segments", "cells", "precincts", "communes"}, collection) {
			return
		}
		lines := map[string]string{} // of units, by id
		var ids strings.Builder
		for i, line := range strings.Split(strings.TrimSpace(string(a.rows(collection, parametersOfRows(resolution, contest, properties)))), "\r\n") {
			id, _, _ := strings.Cut(line, ",")
			lines[id] = line
			if i > 0 {
				fmt.Fprintf(&ids, "%s,,\n", id)
			}
		}
		asked := map[string]any{"collection": collection, "contest": contest, "properties": properties, "format": "csv"}
		if resolution != 0 {
			asked["resolution"] = resolution
		}
		all := a.do(api.KindScore, asked, "id,lon,lat\n"+ids.String()+places.String()+"12,,\n")
		rows := strings.Split(strings.TrimSpace(string(all.files["scores.csv"])), "\r\n")
		if len(rows) < len(lines)+10 {
			t.Fatalf("%s: %d rows of %d units: the places meet none", collection, len(rows), len(lines))
		}
		for i, row := range rows {
			_, line, _ := strings.Cut(row, ",")
			id, _, _ := strings.Cut(line, ",")
			if line != lines[id] {
				t.Fatalf("%s %d: row %d tells\n%.300s\nand /items\n%.300s", collection, resolution, i, line, lines[id])
			}
		}
		a.counted(collection, all, statesOf(t, all.files["scores.csv"], 2))
		said := map[string]bool{} // in words that are the same for all
		for line := range strings.Lines(string(all.files[jobs.ErrorsFile])) {
			_, what, _ := strings.Cut(line, `,"code":`)
			said[what] = true
		}
		if len(said) == 0 || len(said) > 2 {
			t.Errorf("%s: of the rows that are not taken it tells %v", collection, said)
		}
	})
}

// statesOf gives state and reason of each row of a table, which stand behind so many columns.
func statesOf(t *testing.T, table []byte, behind int) (states []string) {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(table)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		states = append(states, row[behind]+","+row[behind+1])
	}
	return states
}

// A backtest says what the estimates are worth, and not how many live in which street: all its numbers have two decimals.
func TestBacktestsHaveTwoDecimals(t *testing.T) {
	third := estimate.Score{Misplaced: 1.0 / 3, FlatMisplaced: 2.0 / 3, CRPS: 1.0 / 7, Cover50: 100.0 / 3, Cover90: 200.0 / 3,
		Choices: []estimate.Accuracy{{MAE: 1.0 / 3, FlatMAE: 2.0 / 3, CRPS: 1.0 / 7, Cover50: 100.0 / 3, Cover90: 200.0 / 3}}}
	content, err := json.Marshal(judgedContests([]build.Measured{{Contest: "t1", Choices: []string{"moulins"}, Score: third}}, estimate.Best))
	if err != nil {
		t.Fatal(err)
	}
	if long := regexp.MustCompile(`\.[0-9]{3}`).Find(content); long != nil || bytes.Count(content, []byte("0.14")) != 2 {
		t.Errorf("%s: %s", long, content)
	}
}

package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/geo"
)

// village is a City small enough to be read: one contest of two rounds, a published street (1), a suppressed street (2) and
// one without households (3); street 4 is joined to 5.
type village struct {
	snapshot string
	encoded  atomic.Int64 // tiles encoded, not taken from the cache
	tile     func(layer string, t geo.Tile, q live.Query) (live.Tile, error)
	rows     *live.City // nil where a test asks for none
}

func newVillage() *village { return &village{snapshot: "5eed0123"} }

const someCell = "881fb46751fffff"

func (v *village) Snapshot() string         { return v.snapshot }
func (v *village) Place() (id, name string) { return "mirabel", "Mirabel" }
func (v *village) Bound() orb.Bound {
	return orb.Bound{Min: orb.Point{2.3, 48.8}, Max: orb.Point{2.4, 48.9}}
}
func (v *village) Drawings() live.DrawingCounts {
	return live.DrawingCounts{Hits: 3, Misses: 2, Dropped: 1, Bytes: 4096, Budget: 65536}
}

func (v *village) Joined() map[int64]int64 { return map[int64]int64{4: 5} }

func (v *village) Attributions() []string { return []string{"Ville de Mirabel (ODbL)", "IGN & INSEE"} }

func (v *village) Contests() []live.Contest {
	choices := []live.Choice{
		{ID: "durand", Name: "Ève Durand", Family: "left", Colour: "#c1272d", Votes: 60},
		{ID: "martin", Name: "Paul Martin", Colour: "#1f5a9d", Votes: 40},
		{ID: engine.Abstention, Name: "Abstention", Colour: "#888888", Votes: 20},
	}
	return []live.Contest{
		{ID: "mayor_t1", Name: "Mayor, first round", Date: "2020-03-15", Round: 1, Division: "2020", Base: engine.BaseRegistered, Choices: choices, Placed: true},
		{ID: "mayor_t2", Name: "Mayor, second round", Round: 2, Division: "2020", Base: engine.BaseBallots, Choices: choices[1:], Placed: false},
	}
}

// Tile has one byte string at every place of zoom 10 and more, and nothing above.
func (v *village) Tile(layer string, t geo.Tile, q live.Query) (live.Tile, error) {
	v.encoded.Add(1)
	if v.tile != nil {
		return v.tile(layer, t, q)
	}
	if layer != "segments" && layer != "cells" && layer != "precincts" {
		return live.Tile{}, &live.QueryError{Parameter: "layer", Value: layer, Known: []string{"segments", "cells", "precincts"}}
	}
	if q.Choice == "nobody" {
		return live.Tile{}, &live.QueryError{Parameter: "choice", Value: q.Choice, Known: []string{"durand", "martin", "abstention"}}
	}
	if t.Z < 10 {
		return live.Tile{}, nil
	}
	return live.Tile{Data: []byte(strings.Repeat(fmt.Sprint(layer, t, q), 20)), Features: 1}, nil
}

func (v *village) FilteredTile(ctx context.Context, layer string, t geo.Tile, q live.Query, filter *engine.Filter) (live.Tile, error) {
	v.encoded.Add(1)
	return v.rows.FilteredTile(ctx, layer, t, q, filter)
}

func (v *village) Layers() []live.Layer { return live.Layers() }

func (v *village) Score(unit engine.Unit, id int64, q live.ScoreQuery) (live.Score, error) {
	if err := q.Check(v.Contests()); err != nil {
		return live.Score{}, err
	}
	numbers := []live.ContestScore{
		{Contest: "mayor_t1", Registered: 40, Choices: []live.ChoiceScore{
			{Choice: "durand", Number: live.Number{Votes: 20, Share: 0.5, Low90: 0.4, Low50: 0.45, High50: 0.55, High90: 0.6}, Measures: []live.MeasureScore{
				{Measure: "margin", Against: "martin", Estimate: live.Estimate{Value: 0.125, Low90: -0.1, Low50: 0, High50: 0.2, High90: 0.3}},
				{Measure: "change", Since: "mayor_t0", Estimate: live.Estimate{Value: -0.25, Low90: -0.5, Low50: -0.3, High50: -0.2, High90: 0}}}},
			{Choice: "martin", Number: live.Number{Votes: 15, Share: 0.375, Low90: 0.3, Low50: 0.35, High50: 0.4, High90: 0.45}},
			{Choice: engine.Abstention, Number: live.Number{Votes: 5, Share: 0.125, Low90: 0.1, Low50: 0.11, High50: 0.13, High90: 0.2}},
		}, Measures: []live.MeasureScore{{Measure: "turnout", Estimate: live.Estimate{Value: 0.875, Low90: 0.8, Low50: 0.87, High50: 0.89, High90: 0.9}}}},
		{Contest: "mayor_t2", Registered: 40, Choices: []live.ChoiceScore{ // without intervals
			{Choice: "martin", Number: live.Number{Votes: 30, Share: 0.75}},
			{Choice: engine.Abstention, Number: live.Number{Votes: 10, Share: 0.25}},
		}},
	}
	numbers = slices.DeleteFunc(numbers, func(n live.ContestScore) bool { return q.Contest != "" && n.Contest != q.Contest })
	cell, err := geo.ParseCell(someCell)
	if err != nil {
		return live.Score{}, err
	}
	switch {
	case unit == engine.UnitSegment && id == 1:
		return live.Score{Unit: unit, ID: id, Name: "Rue de l’Église", State: engine.Published, Households: 23.5, Contests: numbers}, nil
	case unit == engine.UnitCell && id == int64(cell):
		return live.Score{Unit: unit, ID: id, Name: someCell, State: engine.Published, Households: 23.5, Contests: numbers}, nil
	case unit == engine.UnitSegment && id == 2:
		// A careless engine: numbers in a suppressed unit must not get out.
		return live.Score{Unit: unit, ID: id, Name: "Impasse du Puits", State: engine.Suppressed, Reason: engine.ReasonK, Households: 3, Contests: numbers}, nil
	case unit == engine.UnitSegment && id == 3:
		return live.Score{Unit: unit, ID: id, Name: "Chemin Vert", State: engine.Empty}, nil
	case unit == engine.UnitSegment && (id == 4 || id == 5):
		return live.Score{Unit: unit, ID: 5, Name: "Rue Longue", Joined: []int64{4}, State: engine.Published, Households: 14}, nil
	}
	return live.Score{}, fmt.Errorf("%w: there is no %s %d", live.ErrNotFound, unit, id)
}

func (v *village) Explain(unit engine.Unit, id int64, contest string) (live.Explanation, error) {
	score, err := v.Score(unit, id, live.ScoreQuery{Contest: contest})
	if err != nil {
		return live.Explanation{}, err
	}
	official := live.ContestScore{Contest: contest, Registered: 120, Choices: []live.ChoiceScore{
		{Choice: "durand", Number: live.Number{Votes: 60, Share: 0.5}},
		{Choice: "martin", Number: live.Number{Votes: 40, Share: 1.0 / 3}},
		{Choice: engine.Abstention, Number: live.Number{Votes: 20, Share: 1.0 / 6}},
	}}
	return live.Explanation{
		Score: score, Contest: contest, Method: "The precinct's result, shared out by households.", Model: "gp-9", Addresses: 12,
		HouseholdsFrom: []live.Tally{{Name: engine.HouseholdsByCensus, Count: 12}},
		Parts:          []live.Part{{Precinct: 501, Code: "1-1", Weight: 0.2, Registered: 24, Official: official, Lines: []int64{4, 9}}, {Precinct: 502, Code: "1-2", Weight: 0.1, Registered: 16, Official: official}},
		PartsHidden:    contest == "mayor_t2",
		Sources:        []live.SourceUse{{Dataset: "results", Publisher: "Ville de Mirabel", Licence: "ODbL", Path: "results.csv", SHA256: "ab12", Rows: 6}},
	}, nil
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func serving(city City) http.Handler {
	return New(Config{Current: func() City { return city }, Version: "1.2.3", Log: quiet()})
}

// ask sends a request; header lines are written "Name: value".
func ask(t *testing.T, handler http.Handler, method, target string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, "http://map.example"+target, nil)
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, answer *http.Response) []byte {
	t.Helper()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// decode reads a JSON answer and refuses fields that the type does not have.
func decode[T any](t *testing.T, answer *http.Response) T {
	t.Helper()
	var v T
	raw := body(t, answer)
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	return v
}

// wantProblem checks an error's status, type, code and the place of the fault ("" for none).
func wantProblem(t *testing.T, answer *http.Response, status int, code Code, location string) Problem {
	t.Helper()
	if answer.StatusCode != status || answer.Header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("status %d, type %q; want %d and a problem: %s", answer.StatusCode, answer.Header.Get("Content-Type"), status, body(t, answer))
	}
	p := decode[Problem](t, answer)
	if p.Code != code || p.Status != status || p.Detail == "" || p.Title != http.StatusText(status) {
		t.Errorf("problem %+v; want status %d and code %s, with a title and a detail", p, status, code)
	}
	at := ""
	if len(p.Errors) > 0 {
		at = p.Errors[0].Location
	}
	if at != location {
		t.Errorf("the fault is at %q, want %q: %+v", at, location, p)
	}
	return p
}

// The rows of the village are those of the hamlet.
func (v *village) Properties(collection string, resolution int, q live.Query) ([]live.Property, error) {
	return v.rows.Properties(collection, resolution, q)
}

func (v *village) Collections() []live.Collection {
	if v.rows == nil {
		return new(live.City).Collections()
	}
	return v.rows.Collections()
}

func (v *village) Items(q live.ItemQuery) (*live.Items, error) { return v.rows.Items(q) }

func (v *village) Breaks(ctx context.Context, q live.BreaksQuery) (live.Breaks, error) {
	return v.rows.Breaks(ctx, q)
}

func (v *village) Borders(ctx context.Context, q live.BordersQuery) ([]live.Border, live.Contest, error) {
	return v.rows.Borders(ctx, q)
}

func (v *village) Pivot(ctx context.Context, q live.PivotQuery) ([]live.PivotRow, [][2]string, error) {
	return v.rows.Pivot(ctx, q)
}

func (v *village) Backtest() live.Backtest { return v.rows.Backtest() }

func (v *village) Search(ctx context.Context, text string, limit int) ([]live.Found, error) {
	return v.rows.Search(ctx, text, limit)
}

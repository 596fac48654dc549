// Package livetest has a city for the tests of those who ask one. It is read from a snapshot, as any city is.
package livetest

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/geo"
)

// places are the middles of the streets of the hamlet: ids 1 to 5.
var places = []orb.Point{{2.31, 48.81}, {2.32, 48.82}, {2.33, 48.83}, {2.34, 48.84}, {2.35, 48.85}}

// Hamlet opens a snapshot of five streets in one commune and one precinct, 501, with two contests. Of the streets 1, 2 and 5 are published, 3 is
// suppressed and 4 is empty. The precinct is in ward W1, which has a shape, and in county 99, which has none. Street i has 10 i voters for durand, 5 i for martin and i at home, in the second contest 1, 2 and 3 times i.
// Its report tells of 40 precincts in the first contest and of 6 in the second. It is read once for all tests of a package: it does not change.
func Hamlet(t testing.TB) *live.City {
	t.Helper()
	once.Do(func() { hamlet = read(t) })
	return hamlet
}

var (
	once   sync.Once
	hamlet *live.City
)

func read(t testing.TB) *live.City {
	t.Helper()
	dir := t.TempDir()
	write := func(table engine.Table, rows ...[]any) {
		t.Helper()
		w, err := engine.NewTableWriter(filepath.Join(dir, table.File()), table, memory.NewGoAllocator())
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			for i, value := range row {
				switch value := value.(type) {
				case nil:
					w.Null(i)
				case int:
					w.Int(i, int64(value))
				case int64:
					w.Int(i, value)
				case int32:
					w.Int32(i, value)
				case float64:
					w.Float(i, value)
				case string:
					w.Text(i, value)
				case bool:
					w.Bool(i, value)
				case orb.Geometry:
					if err := w.Geometry(value); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := w.EndRow(); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	states := [][2]string{{"published", ""}, {"published", ""}, {"suppressed", "k"}, {"empty", ""}, {"published", ""}}
	streets := []string{"Rue de l’Église", "Rue du Pont", "Impasse du Puits", "Chemin Vert", `Allée "Verte", nord`}
	choices := []string{"durand", "martin", "abstention"}
	votes := [2][3]int{{10, 5, 1}, {1, 2, 3}}
	contests := []string{"mayor_t1", "mayor_t2"}
	communeID, precinct := engine.StableID("commune", "99001"), 501

	var segments, atoms, votesRows, results, estimates [][]any
	cells := map[int64][2]string{} // of resolution 3 to 11
	cellVotes := map[int64]int{}
	total := 0
	for i, at := range places {
		id, homes := i+1, 10.0*float64(i+1)
		segments = append(segments, []any{id, streets[i], "99001", 100.0 * float64(id), nil, nil, nil, nil, int32(id), homes, nil,
			orb.LineString{{at[0] - 0.001, at[1]}, {at[0] + 0.001, at[1] + 0.001}}})
		cell, err := geo.CellAt(at[0], at[1], engine.AddressResolution)
		if err != nil {
			t.Fatal(err)
		}
		if states[i][0] == "empty" {
			continue
		}
		atoms = append(atoms, []any{len(atoms) + 1, "2020", id, precinct, int64(cell.Parent(engine.FinestResolution)), homes})
		total += id
		for c, contest := range contests {
			for k, choice := range choices {
				votesRows = append(votesRows, []any{contest, len(atoms), choice, votes[c][k] * id})
			}
		}
		for r := engine.CoarsestResolution; r <= engine.FinestResolution; r++ {
			parent := int64(cell.Parent(r))
			cellVotes[parent] += id
			if cells[parent] == ([2]string{}) || r < engine.FinestResolution {
				cells[parent] = [2]string{"published", ""}
			}
			if r == engine.FinestResolution {
				cells[parent] = states[i]
			}
		}
	}
	estimate := func(unit string, id int64, weight int, state [2]string) {
		for c, contest := range contests {
			n := votes[c][0] + votes[c][1] + votes[c][2]
			for k, choice := range choices {
				share := float64(votes[c][k]) / float64(n)
				estimates = append(estimates, []any{unit, id, contest, choice, n * weight, votes[c][k] * weight, share, share * 0.8, share * 0.9, share * 1.1, share * 1.2,
					state[0], state[1], n * weight * 8 / 10, n * weight * 9 / 10, n * weight * 11 / 10, n * weight * 12 / 10, false})
			}
		}
	}
	for i := range places {
		if states[i][0] != "empty" {
			estimate("segment", int64(i+1), i+1, states[i])
		}
	}
	for id, state := range cells {
		estimate("cell", id, cellVotes[id], state)
	}
	estimate("precinct", int64(precinct), total, [2]string{"published", ""})
	estimate("commune", communeID, total, [2]string{"published", ""})
	for c, contest := range contests {
		for k, choice := range choices {
			results = append(results, []any{contest, precinct, choice, votes[c][k] * total, nil, false})
		}
	}
	write(engine.Segments, segments...)
	write(engine.Addresses)
	write(engine.Placements)
	write(engine.Precincts, []any{precinct, "2020", "99001", "1", "1-1", "", orb.MultiPolygon{{{{2.3, 48.8}, {2.4, 48.8}, {2.4, 48.9}, {2.3, 48.9}, {2.3, 48.8}}}}})
	write(engine.Communes, []any{communeID, "99001", "Mirabel"})
	write(engine.CensusAreas)
	write(engine.Census)
	write(engine.Contests, []any{"mayor_t1", "Mayor, first round", "2020-03-15", int32(1), "2020", engine.BaseRegistered},
		[]any{"mayor_t2", "Mayor, second round", "2020-06-28", int32(2), "2020", engine.BaseRegistered})
	for _, table := range []engine.Table{engine.Plan, engine.PlanBefore, engine.Crosswalks, engine.CrosswalkResults} {
		write(table)
	}
	ward, county := engine.DistrictID("ward", "W1"), engine.DistrictID("county", "99")
	districts := [][]any{
		{ward, "ward", "W1", "The Hill", orb.MultiPolygon{{{{2.3, 48.8}, {2.4, 48.8}, {2.4, 48.9}, {2.3, 48.9}, {2.3, 48.8}}}}},
		{county, "county", "99", "The Valley", nil, nil},
	}
	slices.SortFunc(districts, func(a, b []any) int { return cmp.Compare(a[0].(int64), b[0].(int64)) })
	write(engine.Districts, districts...)
	write(engine.DistrictPrecincts, []any{"county", precinct, county, engine.InByCommune, 1.0}, []any{"ward", precinct, ward, engine.InByArea, 1.0})
	var choiceRows [][]any
	for _, contest := range contests {
		for k, choice := range []string{"durand", "martin", "abstention"} {
			choiceRows = append(choiceRows, []any{contest, choice, "Choice " + choice, nil, "#c1272d", int32(k)})
		}
	}
	write(engine.Choices, choiceRows...)
	write(engine.Results, results...)
	write(engine.Atoms, atoms...)
	write(engine.Votes, votesRows...)
	write(engine.Estimates, estimates...)

	report := engine.Report{Placing: engine.PlacingReport{Addresses: 150, ByName: 147, ByNearest: 3}, Divisions: []engine.DivisionReport{{
		Division: "2020", Precincts: 40, ByTable: 90, ByArea: 50, ByStreet: 4, ByNearest: 3, InSeveral: 2, Unplaced: 1, Guessed: []string{"1-1"},
	}}}
	for at, precincts := range []int64{40, 6} {
		report.Contests = append(report.Contests, engine.ContestReport{
			Contest: contests[at], Division: "2020", Precincts: precincts, Registered: 1, Disagree: []engine.Disagreement{{Precinct: "1-1", Difference: 7, Action: "taken from abstention"}},
			BallotsMisplaced: 4.1815, FlatMisplaced: 5.8419, Backtest: []engine.Backtest{
				{Choice: "abstention", MAE: 1.2656, FlatMAE: 1.7866, Cover50: 47.32, Cover90: 86.83}, {Choice: "durand", MAE: 0.0874, FlatMAE: 0.0904, Cover50: 53.35, Cover90: 93.3},
			},
		})
	}
	manifest := engine.NewManifest(&engine.Place{ID: "mirabel", Name: "Mirabel"}, engine.DefaultParameters())
	manifest.ID = "5eed0123"
	for name, value := range map[string]any{engine.ManifestFile: manifest, engine.ReportFile: report} {
		content, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	snapshot, err := engine.OpenSnapshot(dir)
	if err != nil {
		t.Fatal(err)
	}
	city, err := live.Open(t.Context(), snapshot)
	if err == nil {
		err = city.LoadPlaces(t.Context()) // the files go with the test that is the first
	}
	if err == nil {
		_, err = city.Search(t.Context(), "1 Rue du Pont", 1) // it reads them too
	}
	if err != nil {
		t.Fatal(err)
	}
	return city
}

package live

import (
	"fmt"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/arpent/arpent/engine"
)

func TestPivot(t *testing.T) {
	city := openHamlet(t)
	rows, _, err := city.Pivot(t.Context(), PivotQuery{ItemQuery: ItemQuery{Collection: "segments", Query: Query{Contest: "t1"}}, By: []string{"state"}})
	if err != nil {
		t.Fatal(err)
	}
	// Published are Rue Haute (17, 13, 15), Rue Basse (12, 3, 7) and Ferme (10, 5, 3).
	var got []string
	for _, row := range rows {
		got = append(got, fmt.Sprint(row.Group, row.Units, row.Published, row.Suppressed, row.Empty, row.Registered))
		for _, choice := range row.Choices {
			got = append(got, fmt.Sprint(choice.Choice, " ", choice.Votes, choice.Registered))
			if !(choice.Low90 <= choice.Low50 && choice.Low50 <= choice.Share && choice.Share <= choice.High50 && choice.High50 <= choice.High90) {
				t.Errorf("bounds out of order: %+v", choice)
			}
		}
	}
	want := []string{"[empty] 1 0 0 1 0", "[published] 3 3 0 0 85", "moulins 39 85", "jardins 21 85", "abstention 25 85", "[suppressed] 1 0 1 0 0"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, should be %q", got, want)
	}
}

func TestPivotByAreas(t *testing.T) {
	city := openHamlet(t)
	q := PivotQuery{ItemQuery: ItemQuery{Collection: "segments", Query: Query{Contest: "t1"}}, By: []string{ByArea, "commune"}, Areas: []Area{
		{"west", orb.Polygon{{{1.9, 47.9}, {2.0095, 47.9}, {2.0095, 48.1}, {1.9, 48.1}, {1.9, 47.9}}}},
		{"all", orb.Polygon{{{1.9, 47.9}, {2.039, 47.9}, {2.039, 48.1}, {1.9, 48.1}, {1.9, 47.9}}}},
	}}
	rows, _, err := city.Pivot(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range rows {
		got = append(got, fmt.Sprint(row.Group, row.Units, row.Suppressed, row.Registered))
	}
	if want := []string{"[ 99001] 1 0 18", "[all 99001] 3 1 22", "[west 99001] 1 0 45"}; !slices.Equal(got, want) {
		t.Errorf("%q, should be %q", got, want)
	}
	for _, wrong := range []PivotQuery{
		{ItemQuery: q.ItemQuery, By: []string{"n"}}, {ItemQuery: q.ItemQuery, By: []string{"state", "state"}}, {ItemQuery: q.ItemQuery, By: []string{ByArea}},
		{ItemQuery: q.ItemQuery, By: []string{"nobody"}}, {ItemQuery: ItemQuery{Collection: "communes"}, By: []string{ByArea}, Areas: q.Areas},
		{ItemQuery: q.ItemQuery, By: []string{ByArea}, Areas: []Area{{"eight", orb.Polygon{{{0, 0}, {1, 1}, {1, 0}, {0, 1}, {0, 0}}}}}},
		{ItemQuery: q.ItemQuery, By: []string{"id", "name", "state", "reason"}},
	} {
		if _, _, err := city.Pivot(t.Context(), wrong); err == nil {
			t.Errorf("%+v is answered", wrong)
		}
	}
}

// A pivot by anything adds up to the whole, and to what the rows say.
func TestPivotsAddUp(t *testing.T) {
	city := openHamlet(t)
	rapid.Check(t, func(r *rapid.T) {
		q := PivotQuery{ItemQuery: ItemQuery{Collection: rapid.SampledFrom([]string{"segments", "cells", "precincts"}).Draw(r, "collection")}}
		q.By = rapid.SampledFrom([][]string{nil, {"state"}, {"reason", "state"}}).Draw(r, "by")
		if rapid.Bool().Draw(r, "filtered") {
			q.Filter = op(engine.FilterGreater, prop("n"), number(float64(rapid.IntRange(0, 60).Draw(r, "n"))))
		}
		rows, _, err := city.Pivot(t.Context(), q)
		if err != nil {
			r.Fatal(err)
		}
		var units int
		var registered, listed int64
		for _, row := range rows {
			units, registered = units+row.Units, registered+row.Registered
			if row.Units != row.Published+row.Suppressed+row.Empty {
				r.Fatalf("%+v", row)
			}
			for _, choice := range row.Choices {
				listed += choice.Votes
			}
		}
		wantUnits, wantRegistered := 0, int64(0)
		for _, row := range rowsOf(t, city, q.ItemQuery) {
			wantUnits++
			if n, there := row["n"]; there {
				wantRegistered += n.(int64)
			}
		}
		if units != wantUnits || registered != wantRegistered || listed != registered {
			r.Fatalf("%d units, %d registered, %d votes; the rows have %d, %d", units, registered, listed, wantUnits, wantRegistered)
		}
	})
}

package main

import (
	"context"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/arpent/arpent/datasets/city"
	"github.com/arpent/arpent/engine/duckdb"
)

// harmlessCanvass is by how many points a canvass may make the error of the streets larger, whatever the teams do.
const harmlessCanvass = 0.05

// The streets of a town are never worse for a canvass, whoever walks it; an honest one makes them better, and a swing since the last
// result is not taken for a difference between streets. benchmarks/RESULTS.md has more towns and cities.
func TestCanvassDoesNoHarm(t *testing.T) {
	const seed = 1
	ctx := context.Background()
	p := &program{workspace: t.TempDir(), stderr: io.Discard}
	which := invented{size: choice{value: string(city.Town)}, seed: seed}
	var v validatedCanvass
	err := p.inBuiltCity(ctx, which, func(db *duckdb.DB, truth string, _ city.Summary) error {
		ground, err := readCanvassGround(ctx, db, truth)
		if err != nil {
			return err
		}
		streets, err := compareStreets(ctx, db, truth, canvassContest)
		if err != nil {
			return err
		}
		cases := slices.DeleteFunc(canvassCases(), func(one canvassCase) bool {
			return strings.Contains(one.name, " of 8 ") && one.name != "1 of 8 hostile"
		})
		for i := range cases {
			cases[i].doors = []float64{0.4}
		}
		v, err = ground.walkAll(ctx, city.CanvassParams{City: seed, Size: city.Town, Seed: seed, Canvassers: 10}, cases, func(int, int) {})
		if streets.Leading != canvassList || math.Abs(v.Without-streets.Share.MAE) > 0.02 {
			t.Errorf("without a canvass the share of %s is %.3f points off, in the built town that of %s is %.3f", canvassList, v.Without, streets.Leading, streets.Share.MAE)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range v.Walked {
		if one.Difference > harmlessCanvass {
			t.Errorf("%s at %.0f %% of the doors: the error is %+.3f points larger (weights %.2f)", one.Teams, 100*one.Doors, one.Difference, one.Weights)
		}
		if one.Answers < 500 {
			t.Errorf("%s: %d answers are no canvass", one.Teams, one.Answers)
		}
		if off := one.Cover90 - v.Held.Cover90; math.Abs(off) > 3 {
			t.Errorf("%s: %.1f %% of the streets are in their 90 %% interval, %.1f %% without a canvass", one.Teams, one.Cover90, v.Held.Cover90)
		}
	}
	walked := func(teams string) canvassWalk {
		at := slices.IndexFunc(v.Walked, func(one canvassWalk) bool { return one.Teams == teams })
		if at < 0 {
			t.Fatalf("nobody walked as %s", teams)
		}
		return v.Walked[at]
	}
	if honest := walked("all honest"); honest.Difference > -0.005 || slices.Max(honest.Weights) == 0 {
		t.Errorf("honest teams make the error %+.3f points larger, weights %.2f", honest.Difference, honest.Weights)
	}
	for _, teams := range []string{"all hostile", "all invented"} {
		if bad := walked(teams); slices.Max(bad.Weights) > 0.2 {
			t.Errorf("%s: weights %.2f", teams, bad.Weights)
		}
	}
	if one := walked("1 of 8 hostile"); one.Weights[1] > slices.Min(one.Weights) {
		t.Errorf("the hostile team, the second, weighs as much as others: %.2f", one.Weights)
	}
	down, up := walked("all honest, swing -0.4"), walked("all honest, swing +0.4")
	if down.Heard >= up.Heard || up.HeardDeviation < 0.2 {
		t.Errorf("a swing of -0.4 is heard as %.2f ± %.2f, one of +0.4 as %.2f ± %.2f", down.Heard, down.HeardDeviation, up.Heard, up.HeardDeviation)
	}
}

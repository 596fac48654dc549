package estimate

import (
	"math"
	"testing"
)

// Against its definition, the integral of (F(y) - 1{y >= x})^2.
func TestCRPS(t *testing.T) {
	for _, c := range []struct{ x, mean, deviation float64 }{{.3, .3, .1}, {.5, .3, .1}, {.1, .4, .05}, {0, .2, .3}} {
		want := 0.0
		const step = 1e-5
		for y := c.mean - 3; y < c.mean+3; y += step {
			f := (1 + math.Erf((y-c.mean)/c.deviation/math.Sqrt2)) / 2
			if y >= c.x {
				f--
			}
			want += f * f * step
		}
		if got := normalCRPS(c.x, c.mean, c.deviation); math.Abs(got-want) > 1e-4 {
			t.Errorf("%+v scores %v, by its definition %v", c, got, want)
		}
	}
	if got := normalCRPS(.25, .5, 0); got != .25 {
		t.Errorf("without doubt the score is %v, not the error 0.25", got)
	}
}

// Two precincts of two parts; the first is right, the second has one voter of
// ten wrong in each part.
func TestScore(t *testing.T) {
	g, p := row(2, 50, 50)
	e := mustEstimate(t, g, p, Flat)
	s, err := e.Score([]int64{50, 50, 50, 50, 60, 40, 40, 60})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(s.Misplaced-5) > 1e-9 || math.Abs(s.FlatMisplaced-5) > 1e-9 {
		t.Errorf("%v %% of the ballots are misplaced, want 5: 20 of 400 are in the wrong part", s.Misplaced)
	}
	for k, c := range s.Choices {
		if c.Units != 4 || math.Abs(c.MAE-5) > 1e-9 || math.Abs(c.FlatMAE-5) > 1e-9 || c.Cover90 < 50 {
			t.Errorf("choice %d: %+v, want 4 units and a mean error of 5 points", k, c)
		}
	}
	if _, err := e.Score([]int64{1}); err == nil {
		t.Error("the truth of one part of four is taken")
	}
}

// Precincts with different ballots are never merged.
func TestBacktestMergesWithinBallots(t *testing.T) {
	g, p := row(3, 30, 40, 50, 60, 30, 40, 50, 60)
	wide := Precincts{Choices: 3, Registered: p.Registered}
	for b := range p.Registered {
		yes, no := p.Votes[b*2], p.Votes[b*2+1]
		if b%2 == 0 {
			wide.Votes = append(wide.Votes, yes, no, Absent)
		} else {
			wide.Votes = append(wide.Votes, Absent, no, yes)
		}
	}
	ground, groups, truth := merge(&g, wide, 4)
	if len(groups.Registered) != 2 || len(truth) != 8*3 || len(ground.X) != 8 {
		t.Fatalf("%d groups of %d precincts, want the two ballots", len(groups.Registered), len(ground.X))
	}
	for b := range groups.Registered {
		if a, c := groups.Votes[b*3], groups.Votes[b*3+2]; (a == Absent) == (c == Absent) {
			t.Errorf("group %d has %d votes for the first and %d for the last list: one of them is not on its ballot", b, a, c)
		}
	}
	s, err := Backtest(g, wide, Best, 4, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s.Choices[1].Units != 8 || s.Choices[0].Units != 4 {
		t.Errorf("%d and %d precincts are guessed, want 8 for the list on every ballot and 4 for the other", s.Choices[1].Units, s.Choices[0].Units)
	}
}

// Whoever draws streets as the model assumes finds half of them in the 50 % and
// nine of ten in the 90 % interval.
func TestIntervalsHoldWhatTheySay(t *testing.T) {
	var in50, in90, units float64
	for seed := range uint64(4) {
		g, p, truth := drawnCity(seed)
		e := mustEstimate(t, g, p, GP)
		s, err := e.Score(truth)
		if err != nil {
			t.Fatal(err)
		}
		c := s.Choices[0]
		units += float64(c.Units)
		in50, in90 = in50+c.Cover50*float64(c.Units)/100, in90+c.Cover90*float64(c.Units)/100
	}
	if half, most := 100*in50/units, 100*in90/units; half < 42 || half > 56 || most < 84 || most > 94 {
		t.Errorf("%.1f and %.1f %% of %.0f streets lie in their intervals", half, most, units)
	}
}

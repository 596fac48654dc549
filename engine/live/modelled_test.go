package live

import (
	"math"
	"strings"
	"testing"

	"github.com/paulmach/orb/encoding/mvt"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// A new station has been opened on Chemin: its shares are published, rounded, and nobody is counted.
func TestSharesThatAreModelledOnly(t *testing.T) {
	c, err := Open(t.Context(), writeHamlet(t, map[int64][2]string{chemin: {"published", ""}}))
	if err != nil {
		t.Fatal(err)
	}
	for unit, id := range map[engine.Unit]int64{engine.UnitSegment: chemin, engine.UnitPrecinct: precinct4} {
		s, err := c.Score(unit, id, ScoreQuery{})
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Contests) != 1 || !s.Contests[0].ModelledOnly || s.Contests[0].Registered != 0 {
			t.Fatalf("%s: %+v", unit, s)
		}
		first := s.Contests[0].Choices[0]
		want := Number{Votes: 0, Share: 0.512, Low90: 0.36, Low50: 0.46, High50: 0.57, High90: 0.67}
		for _, d := range []float64{first.Share - want.Share, first.Low90 - want.Low90, first.Low50 - want.Low50, first.High50 - want.High50, first.High90 - want.High90, float64(first.Votes)} {
			if math.Abs(d) > 1e-12 {
				t.Fatalf("%s: %+v, want %+v", unit, first.Number, want)
			}
		}
		for _, m := range append(first.Measures, s.Contests[0].Measures...) {
			if m.Measure == "votes" || m.Measure == "registered" || m.Measure == "potential" {
				t.Errorf("%s: %s is %+v, where nobody is counted", unit, m.Measure, m)
			}
		}
		if m := s.Contests[0].Measures; len(m) != 1 || m[0].Measure != "turnout" || math.Abs(m[0].Value-0.8) > 1e-12 {
			t.Errorf("%s: %+v: turnout is a share", unit, m)
		}
		e, err := c.Explain(unit, id, "t1")
		if err != nil || !strings.HasPrefix(e.Method, "No result is known") || len(e.Parts) != 0 {
			t.Errorf("%s: %+v, %v", unit, e, err)
		}
	}
	if s, err := c.Score(engine.UnitSegment, haute, ScoreQuery{}); err != nil || s.Contests[0].ModelledOnly {
		t.Errorf("Rue Haute: %+v, %v", s, err)
	}
	for measure, shown := range map[string]bool{"share": true, "turnout": true, "votes": false, "registered": false} {
		tile, err := c.Tile("segments", geo.TileAt(2.031, 48.001, 14), Query{Measure: measure})
		if err != nil {
			t.Fatal(err)
		}
		layers, err := mvt.Unmarshal(tile.Data)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range layers[0].Features {
			modelled, _ := f.Properties["modelled_only"].(bool)
			_, valued := f.Properties["value"]
			if isChemin := f.Properties["id"].(float64) == chemin; modelled != isChemin || isChemin && (valued != shown || f.Properties["n"] != 0.0) {
				t.Errorf("%s: %v", measure, f.Properties)
			}
		}
	}
}

// Of too few households a predicted share is withheld as any other.
func TestAModelledShareOfTooFewHouseholds(t *testing.T) {
	c, err := Open(t.Context(), writeHamlet(t, map[int64][2]string{chemin: {"suppressed", "k"}}))
	if err != nil {
		t.Fatal(err)
	}
	if s, err := c.Score(engine.UnitSegment, chemin, ScoreQuery{}); err != nil || len(s.Contests) != 0 || s.State != engine.Suppressed {
		t.Errorf("%+v, %v", s, err)
	}
}

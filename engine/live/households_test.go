package live

import (
	"testing"

	"github.com/arpent/arpent/engine"
)

// The households of a precinct are told where there is one division, and only where the snapshots before it had no other: precincts of two overlap.
func TestHouseholdsOfPrecinctsAreToldOfOneDivision(t *testing.T) {
	s := writeHamlet(t, nil)
	for _, c := range []struct {
		before []string
		told   bool
	}{{nil, true}, {[]string{"2026"}, true}, {[]string{"2020"}, false}} {
		if s.Manifest.Before = nil; c.before != nil {
			s.Manifest.Before = &engine.ManifestBefore{Divisions: c.before}
		}
		city, err := Open(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		told := false
		for _, id := range city.unitLevel(engine.UnitPrecinct, 0).ids {
			score, err := city.Score(engine.UnitPrecinct, id, ScoreQuery{})
			if err != nil {
				t.Fatal(err)
			}
			told = told || score.Households > 0
		}
		if told != c.told {
			t.Errorf("after snapshots of the divisions %v households of precincts are told: %v", c.before, told)
		}
	}
}

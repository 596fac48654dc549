package build

import (
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
)

func ward(station string) engine.PrecinctKey {
	return engine.PrecinctKey{Country: "us", Commune: "Cambridge", Station: station}
}

// TestJoinSubprecincts: results of 3-2 and 3-2A on an area of 3-2; areas of 1-2 and 1-2A for results of 1-2; 4-1A has an area and
// results of its own.
func TestJoinSubprecincts(t *testing.T) {
	square := orb.MultiPolygon{orb.Polygon{orb.Ring{{0, 0}, {1, 0}, {1, 1}, {0, 0}}}}
	m := &material{country: "us"}
	for _, station := range []string{"3-2", "1-2", "1-2A", "4-1", "4-1A"} {
		m.areas = append(m.areas, area{division: "2020", key: ward(station), code: station, shape: square, electors: -1})
	}
	c := contestRows{spec: engine.SourceSpec{Contest: "2020_pres", Division: "2020"}, index: map[engine.PrecinctKey]int{}}
	for i, row := range []struct {
		station      string
		voters, a, b int64
	}{{"3-2A", 30, 10, 20}, {"3-2", 300, 100, 200}, {"1-2", 50, 25, 25}, {"4-1", 6, 3, 3}, {"4-1A", 4, 2, 2}, {"9-9A", 1, 1, 0}} {
		c.index[ward(row.station)] = i
		c.stations = append(c.stations, stationRow{
			key: ward(row.station), code: row.station, line: int64(i + 2), registered: -1, voters: row.voters, blank: -1, null: -1, blankNull: -1,
			votes: []choiceVotes{{"a", row.a, 0}, {"b", row.b, 0}},
		})
	}
	m.contests = []contestRows{c}
	results, areas := joinSubprecincts(m)
	if !slices.Equal(results["2020_pres"], []string{"3-2A"}) || !slices.Equal(areas["2020"], []string{"1-2A"}) {
		t.Errorf("joined the results of %q and the areas of %q", results, areas)
	}
	got := map[string][3]int64{}
	for _, s := range m.contests[0].stations {
		got[s.code] = [3]int64{s.voters, s.votes[0].votes, s.votes[1].votes}
	}
	for code, want := range map[string][3]int64{"3-2": {330, 110, 220}, "1-2": {50, 25, 25}, "4-1": {6, 3, 3}, "4-1A": {4, 2, 2}, "9-9A": {1, 1, 0}} {
		if got[code] != want {
			t.Errorf("%s has %v, want %v", code, got[code], want)
		}
	}
	if len(got) != 5 || len(m.areas) != 4 || len(m.areas[1].shape) != 2 {
		t.Errorf("%d stations, %d areas, 1-2 in %d pieces", len(got), len(m.areas), len(m.areas[1].shape))
	}

	// In France a letter is a station of its own.
	m.country = "fr"
	m.areas = m.areas[:1]
	if results, areas := joinSubprecincts(m); len(results) > 0 || len(areas) > 0 {
		t.Errorf("joined %q and %q in France", results, areas)
	}
}

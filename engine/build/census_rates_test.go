package build

import (
	"math"
	"testing"

	"github.com/arpent/arpent/engine"
)

// Three areas of a census. The groups cs1 and cs3 are of the population of 15 and more, 0014 is a class of ages, and rp_hlm is of the
// main residences; area c is kept secret.
func TestCensusRates(t *testing.T) {
	m := &material{census: &censusFigures{}, censusAreas: []censusArea{{code: "a"}, {code: "b"}, {code: "c"}}}
	for name, values := range map[string][3]float64{
		"pop": {100, 200, 300}, "pop15p": {80, 150, math.NaN()}, "pop15p_cs1": {8, 8, math.NaN()}, "pop15p_cs3": {40, 15, math.NaN()},
		"pop0014": {20, 50, 60}, "rp": {40, 0, 90}, "rp_hlm": {10, 0, 45}, "disp_med": {20000, 30000, math.NaN()}, "alone_x": {1, 2, 3}, "same": {5, 5, 5},
		"pop15p_cs9": {8, 15, math.NaN()},
	} {
		for i, area := range []string{"a", "b", "c"} {
			m.census.add(area, name, values[i], fileRow{})
		}
	}
	m.census.add("elsewhere", "pop", 7, fileRow{})
	unknown := math.NaN()
	want := []struct {
		name   string
		byArea [3]float64
	}{
		{"disp_med", [3]float64{math.Log(20000), math.Log(30000), unknown}},
		{"pop15p_cs3", [3]float64{.5, .1, unknown}},
		{"rp_hlm", [3]float64{.25, unknown, .5}},
		{"pop15p_cs1", [3]float64{.1, 8. / 150, unknown}},
		{"pop0014", [3]float64{.2, .25, .2}},
	}
	got := censusRates(m)
	if len(got) != len(want) {
		t.Fatalf("got %d rates: %+v, want %d: totals, pop15p_cs9 (a tenth everywhere) and figures of no total are none", len(got), got, len(want))
	}
	for i, w := range want {
		if got[i].name != w.name {
			t.Errorf("rate %d is %s, want %s: medians first, then what tells areas apart most", i, got[i].name, w.name)
			continue
		}
		for area, value := range w.byArea {
			if v := got[i].byArea[area]; math.IsNaN(v) != math.IsNaN(value) || math.Abs(v-value) > 1e-12 {
				t.Errorf("%s of area %d is %v, want %v", w.name, area, v, value)
			}
		}
	}
	p := &placed{
		addresses:  &addresses{lon: make([]float64, 5), commune: make([]int32, 5), words: words{list: []string{"99001"}}},
		households: make([]float64, 5), census: []int32{0, 0, 1, 2, 3}, censusSets: [][]int32{{0}, {1}, {2}, nil},
	}
	averageByCommune(got, p)
	if used := reportRates(got); used[0] != (engine.Tally{Name: "disp_med", Count: 2}) || used[4].Count != 1 {
		t.Errorf("the report has %+v: the median is not known at one address of area c and at one of none", used)
	}
}

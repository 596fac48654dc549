package estimate

import (
	"math"
	"testing"
)

// Two homes of a square lie 0.5214 of its side apart on average; a precinct is taken for the disc that is spread as far. Once merged, it is a
// part that is no point: what differs from street to street is averaged out in it.
func TestAPrecinctExtendsWhereItIsMerged(t *testing.T) {
	const side, steps = 300.0, 30
	g := Ground{First: []int32{0, steps * steps, steps*steps + 1}}
	for i := range steps * steps {
		g.X = append(g.X, 1000+(float64(i%steps)+.5)*side/steps)
		g.Y = append(g.Y, 5000+(float64(i/steps)+.5)*side/steps)
		g.Weights = append(g.Weights, 2)
	}
	g.X, g.Y, g.Weights = append(g.X, 7000), append(g.Y, 5000), append(g.Weights, 900)
	ground, _, _ := merge(&g, Precincts{Registered: []int64{1800, 900}, Votes: []int64{900, 900, 500, 400}, Choices: 2}, 2)
	if len(ground.Extent) != 2 || math.Abs(ground.Extent[0]/side-.5214) > .005 || ground.Extent[1] != 0 {
		t.Errorf("extents %v, want 156 m and that of a point", ground.Extent)
	}
}

// A precinct whose ballots are not counted is not what a prediction is measured by.
func TestASilentPrecinctIsNotMerged(t *testing.T) {
	g, p := row(4, 20, 25, 100, 35, 50)
	p.Silent = []bool{false, false, true, false, false}
	ground, groups, truth := merge(&g, p, 2)
	if len(ground.X) != 4 || len(truth) != 8 {
		t.Errorf("%d precincts are merged, want the four that say something", len(ground.X))
	}
	for b, registered := range groups.Registered {
		if registered != 800 || groups.Votes[2*b] > 400 {
			t.Errorf("group %d has %d of %d votes", b, groups.Votes[2*b], registered)
		}
	}
}

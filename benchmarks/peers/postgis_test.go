package main

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/project"

	"github.com/arpent/arpent/benchmarks/world"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

func TestLinesStandInMercatorWhereArpentHasThem(t *testing.T) {
	for s := range world.New(300).All() {
		for i, p := range inMercator(s.Line) {
			if want := project.Point(s.Line[i], project.WGS84.ToMercator); math.Hypot(p[0]-want[0], p[1]-want[1]) > 2*worldMetres {
				t.Errorf("%v is at %v, not at %v", s.Line[i], p, want)
			}
			// In the middle of world coordinates, and of these ones.
			x, y := (p[0]+halfWorld)/worldMetres-0.5, (halfWorld-p[1])/worldMetres-0.5
			wantX, wantY := geo.ToWorld(s.Line[i][0], s.Line[i][1])
			if math.Abs(x-float64(wantX)) > 1e-4 || math.Abs(y-float64(wantY)) > 1e-4 {
				t.Errorf("%v is %v, %v of the world, not %d, %d", s.Line[i], x, y, wantX, wantY)
			}
		}
	}
}

func TestRowsHaveNumbersOfPublishedSegmentsAlone(t *testing.T) {
	line := orb.LineString{{2.3, 48.8}, {2.4, 48.9}}
	for _, c := range []struct {
		segment world.Segment
		want    []any // value, low, high, n, state, reason
	}{
		{world.Segment{Line: line, State: engine.Published, Value: 0.5, Low: 0.25, High: 0.75, N: 40}, []any{float32(0.5), float32(0.25), float32(0.75), int64(40), "published", nil}},
		{world.Segment{Line: line, State: engine.Suppressed, Value: math.NaN(), Low: math.NaN(), High: math.NaN(), N: -1}, []any{nil, nil, nil, nil, "suppressed", "k"}},
		{world.Segment{Line: line, State: engine.Empty, Value: math.NaN(), Low: math.NaN(), High: math.NaN(), N: -1}, []any{nil, nil, nil, nil, "empty", nil}},
	} {
		row, err := segmentRow(c.segment)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range c.want {
			if row[2+i] != want {
				t.Errorf("%s: column %d is %v, not %v", c.segment.State, 2+i, row[2+i], want)
			}
		}
	}
}

func TestNewestPostgreSQLIsTaken(t *testing.T) {
	if got := postgresVersion("/usr/share/postgresql/15/extension/postgis.control"); got != 15 {
		t.Errorf("version %d", got)
	}
}

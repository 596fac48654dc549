package estimate

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func rangeOf(n, votes, registered int64, spread float64) Range {
	var s Sum
	s.Add(n, votes, registered, spread)
	return s.Range()
}

func TestRangeOfKnownUnits(t *testing.T) {
	for _, c := range []struct {
		name                 string
		n, votes, registered int64
		low, high            float64 // 90 %
	}{
		{"the whole precinct has no doubt", 1000, 400, 1000, 0.4, 0.4},
		{"a list without votes", 30, 0, 1000, 0, 0},
		{"a unanimous precinct", 30, 1000, 1000, 1, 1},
		{"a list of 3 votes: 10 % of the street at most", 30, 3, 1000, 0, 3. / 30},
		{"all but 10 of the precinct: between 390 and 400 votes", 990, 400, 1000, 390. / 990, 400. / 990},
	} {
		r := rangeOf(c.n, c.votes, c.registered, 0.3)
		if math.Abs(r.Low90-c.low) > 1e-12 || math.Abs(r.High90-c.high) > 1e-12 {
			t.Errorf("%s: %v to %v, want %v to %v", c.name, r.Low90, r.High90, c.low, c.high)
		}
	}
	// A street of 32 in a large precinct at 25 %, streets all alike: chance
	// alone has a deviation of 7.7 points.
	r := rangeOf(32, 25000, 100000, 0)
	if math.Abs((r.High90-r.Low90)/2-1.645*0.0765) > 0.002 {
		t.Errorf("chance alone: %v to %v", r.Low90, r.High90)
	}
	if r := (&Sum{}).Range(); !math.IsNaN(r.Share) || !math.IsNaN(r.Low90) {
		t.Errorf("a unit without voters has the share %v", r.Share)
	}
}

func TestRangeProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s, more Sum
		n, low, high := int64(0), int64(0), int64(0)
		for range rapid.IntRange(1, 4).Draw(t, "precincts") {
			registered := rapid.Int64Range(1, 3000).Draw(t, "registered")
			votes := rapid.Int64Range(0, registered).Draw(t, "votes")
			own := rapid.Int64Range(1, registered).Draw(t, "own")
			spread := rapid.Float64Range(0, 0.5).Draw(t, "spread")
			s.Add(own, votes, registered, spread)
			more.Add(own, votes, registered, spread+0.1)
			l, h := Bounds(own, votes, registered)
			n, low, high = n+own, low+l, high+h
		}
		r, wide := s.Range(), more.Range()
		for _, v := range [][2]float64{
			{0, float64(low) / float64(n)}, {float64(low) / float64(n), r.Low90}, {r.Low90, r.Low50}, {r.Low50, r.Share},
			{r.Share, r.High50}, {r.High50, r.High90}, {r.High90, float64(high) / float64(n)}, {float64(high) / float64(n), 1},
			{wide.Low90, r.Low90}, {r.High90, wide.High90},
		} {
			if !(v[0] <= v[1]+1e-12) {
				t.Fatalf("%v > %v in %+v, bounds %d to %d of %d", v[0], v[1], r, low, high, n)
			}
		}
	})
}

func TestRangeNarrowsTowardsTheWholePrecinct(t *testing.T) {
	last := math.Inf(1)
	for n := int64(1); n <= 1000; n++ {
		r := rangeOf(n, 420, 1000, 0.02)
		if width := r.High90 - r.Low90; width > last+1e-12 {
			t.Fatalf("%d voters have an interval of %v, %d had %v", n, width, n-1, last)
		} else {
			last = width
		}
	}
}

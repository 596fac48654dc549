package estimate

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// town lays precincts of 1000 out on a square grid; share is each one's share
// of the first of two choices.
func town(side int, share func(i, j int) float64) Precincts {
	p := Precincts{Choices: 2}
	for i := range side {
		for j := range side {
			votes := int64(math.Round(1000 * share(i, j)))
			p.X, p.Y = append(p.X, float64(i)*400), append(p.Y, float64(j)*400)
			p.Registered = append(p.Registered, 1000)
			p.Votes = append(p.Votes, votes, 1000-votes)
		}
	}
	return p
}

func TestSpread(t *testing.T) {
	for _, c := range []struct {
		name      string
		p         Precincts
		low, high float64
	}{
		{"all alike", town(20, func(i, j int) float64 { return 0.4 }), 0, 0.001},
		// Shares 0.3 and 0.5 turn by turn: variance 0.01 over 0.24.
		{"a chessboard", town(20, func(i, j int) float64 { return 0.3 + 0.2*float64((i+j)%2) }), 0.035, 0.043},
		{"one precinct: what is assumed", town(1, func(i, j int) float64 { return 0.4 }), assumedSpread, assumedSpread},
		{"nowhere: what is assumed", Precincts{Choices: 2}, assumedSpread, assumedSpread},
	} {
		for k, got := range Spread(c.p) {
			if got < c.low || got > c.high {
				t.Errorf("%s: choice %d has spread %v, want %v to %v", c.name, k, got, c.low, c.high)
			}
		}
	}
}

func TestSpreadLeavesOutWhatCannotBeCompared(t *testing.T) {
	p := town(12, func(i, j int) float64 { return 0.3 + 0.2*float64((i+j)%2) })
	want := Spread(p)
	// A precinct abroad, an empty one, and a third choice that is on the
	// ballot nowhere.
	q := Precincts{Choices: 3}
	q.X = append(slices.Clone(p.X), math.NaN(), 0)
	q.Y = append(slices.Clone(p.Y), 0, 0)
	q.Registered = append(slices.Clone(p.Registered), 5000, 0)
	for i := range p.Registered {
		q.Votes = append(q.Votes, p.Votes[2*i], p.Votes[2*i+1], Absent)
	}
	q.Votes = append(q.Votes, 5000, 0, Absent, 0, 0, Absent)
	got := Spread(q)
	if !slices.Equal(got[:2], want) || got[2] != assumedSpread {
		t.Errorf("got %v, want %v and %v", got, want, assumedSpread)
	}
}

func TestNearestIsNearest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p Precincts
		for range rapid.IntRange(0, 40).Draw(t, "precincts") {
			p.X = append(p.X, float64(rapid.IntRange(0, 6).Draw(t, "x")))
			p.Y = append(p.Y, float64(rapid.IntRange(0, 6).Draw(t, "y")))
			p.Registered = append(p.Registered, 1)
		}
		near := nearest(p)
		for i := range p.X {
			square := func(j int32) float64 {
				return (p.X[j]-p.X[i])*(p.X[j]-p.X[i]) + (p.Y[j]-p.Y[i])*(p.Y[j]-p.Y[i])
			}
			var want []int32
			for j := range p.X {
				if j != i {
					want = append(want, int32(j))
				}
			}
			slices.SortStableFunc(want, func(a, b int32) int { return int(square(a) - square(b)) })
			want = append([]int32{int32(i)}, want...)
			for len(want) < neighbours+1 {
				want = append(want, none)
			}
			if got := near[i*(neighbours+1):][:neighbours+1]; !slices.Equal(got, want[:neighbours+1]) {
				t.Fatalf("precinct %d: %v, want %v", i, got, want[:neighbours+1])
			}
		}
	})
}

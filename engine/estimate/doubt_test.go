package estimate

import (
	"math"
	"testing"
)

// A precinct of four like streets at two sites, of which nothing is unknown but what only streets have: half of it each has for itself,
// half with the other street of its site. Two streets of one site are in more doubt than two of different sites, which the precinct's total
// sets against each other.
func TestStreetsOfOneSiteDifferTogether(t *testing.T) {
	e := &Estimates{
		Choices: 2, Voters: []int64{100, 100, 100, 100}, Votes: []float64{50, 50, 50, 50, 50, 50, 50, 50},
		first: []int32{0, 4}, siteOf: []int32{0, 0, 1, 1}, Borrowed: []bool{false}, results: Precincts{Registered: []int64{400}, Votes: []int64{200, 200}, Choices: 2},
	}
	d := precinctDoubt{sites: 2, street: e.streets(0, 1)}
	for k := range e.Choices {
		d.addChoice(e, 0, k, make([]float64, 4), 0)
	}
	e.doubts = []precinctDoubt{d}
	const votes = 25 * 25 * streetVariance // variance of the votes that a street's log odds move: n p (1-p) is 25
	for _, c := range []struct {
		what  string
		parts []int32
		want  float64
	}{
		{"one street", []int32{0}, 1 - 1.5*1.5/6},            // of the variance 1, less what the total settles: 1.5 of it goes along with the whole's 6
		{"two of one site", []int32{0, 1}, 3 - 3.*3/6},       // twice 1/2 and four times 1/2
		{"two of different ones", []int32{0, 2}, 2 - 3.*3/6}, // twice 1/2 and twice 1/2
		{"all", []int32{0, 1, 2, 3}, 0},
	} {
		var pieces []Piece
		for _, part := range c.parts {
			pieces = append(pieces, Piece{0, part, 100})
		}
		if s := e.sum(pieces, 0); math.Abs(s.unknown-c.want*votes) > 1e-5 {
			t.Errorf("%s: variance %.4f, want %.4f", c.what, s.unknown/votes, c.want)
		}
	}
}

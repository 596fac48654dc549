package estimate

import (
	"math"
	"math/rand/v2"
	"testing"
)

// In a street of twelve voters a list with a fifth of the votes may well have none at all; in one of sixty it will not.
func TestFewVotesMayBeNone(t *testing.T) {
	street := func(voters int64, share float64) sum {
		n := float64(voters)
		return sum{voters: voters, expected: n * share, sampling: n * share * (1 - share), high: voters}
	}
	for _, c := range []struct {
		voters   int64
		share    float64
		none, nt bool // the 90 % interval begins at none, the 50 % interval does
	}{
		{12, .2, true, false},                         // .8^12 is 7 %
		{5, .2, true, true},                           // 33 %
		{60, .2, false, false}, {60, .01, true, true}, // 55 %
	} {
		s := street(c.voters, c.share)
		r := s.Range()
		if r.Low90 == 0 != c.none || r.Low50 == 0 != c.nt {
			t.Errorf("%d voters, share %g: %+v", c.voters, c.share, r)
		}
		s = street(c.voters, 1-c.share)
		if r := s.Range(); r.High90 == 1 != c.none || r.High50 == 1 != c.nt {
			t.Errorf("%d voters, share %g: %+v", c.voters, 1-c.share, r)
		}
	}
	s := street(12, .2)
	s.low = 1
	if r := s.Range(); r.Low90 != 1./12 {
		t.Errorf("%+v: official totals leave one vote at least", r)
	}
}

// Of a precinct of a hundred, most have all but a few of its votes: the fewer voters are left outside, the surer one of them is inside.
func TestFewVotesOfMostOfAPrecinct(t *testing.T) {
	for _, c := range []struct {
		voters, votes int64
		none, nt      bool
	}{
		{90, 1, true, false}, // 10 of 100 voters are outside, with one vote of one: 10 %
		{96, 1, false, false},
		{70, 2, true, false}, // 30*29 of 100*99 pairs: 9 %
		{97, 3, false, false},
		{30, 5, true, false}, // 16 %
		{10, 5, true, true},  // 58 %
	} {
		g := Ground{First: []int32{0, 2}, X: []float64{0, 100}, Y: []float64{0, 0}, Weights: []float64{float64(c.voters), float64(100 - c.voters)}}
		p := Precincts{Registered: []int64{100}, Votes: []int64{c.votes, 100 - c.votes}, Choices: 2}
		ranges := mustEstimate(t, g, p, Flat).Unit([]Piece{{0, 0, c.voters}}, nil)
		if r := ranges[0]; r.Low90 == 0 != c.none || r.Low50 == 0 != c.nt {
			t.Errorf("%d of 100 voters, %d votes: %+v", c.voters, c.votes, r)
		}
		if r := ranges[1]; r.High90 == 1 != c.none || r.High50 == 1 != c.nt {
			t.Errorf("%d of 100 voters, %d votes, those who have another choice: %+v", c.voters, c.votes, r)
		}
	}
}

// Streets are drawn: their voters, what share of them is likely to, and who does. The intervals hold the share that comes about in as many
// cases as they say, or more where votes are so few that they lie in lumps.
func TestIntervalsOfFewVotesHold(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct{ voters, share float64 }{{8, .25}, {16, .25}, {16, .5}, {32, .1}, {32, .25}, {64, .05}, {64, .25}, {8, .7}} {
		const worlds, weight, spread = 4000, .2, .15 // deviation of the voters' number beyond chance, and of the log odds
		movable := c.voters * c.share * (1 - c.share)
		s := sum{
			voters: int64(c.voters), expected: c.voters * c.share, sampling: movable, unknown: movable * movable * spread * spread,
			unsure: c.voters + c.voters*c.voters*weight*weight, high: int64(c.voters),
		}
		guess := s.Range()
		in50, in90, seen := 0.0, 0.0, 0.0
		for range worlds {
			expected := c.voters * math.Exp(weight*r.NormFloat64()-weight*weight/2)
			odds := math.Log(c.share/(1-c.share)) + spread*r.NormFloat64()
			voters, votes := 0, 0
			for at := r.ExpFloat64(); at < expected; at += r.ExpFloat64() {
				voters++
				if r.Float64() < chance(odds) {
					votes++
				}
			}
			if voters == 0 {
				continue
			}
			came := float64(votes) / float64(voters)
			seen++
			if guess.Low50 <= came && came <= guess.High50 {
				in50++
			}
			if guess.Low90 <= came && came <= guess.High90 {
				in90++
			}
		}
		in50, in90 = 100*in50/seen, 100*in90/seen
		if in50 < 44 || in90 < 86 || c.voters*c.share*(1-c.share) > 4 && (in50 > 60 || in90 > 95) {
			t.Errorf("%g voters, share %g: %.1f and %.1f %% in %+v", c.voters, c.share, in50, in90, guess)
		}
	}
}

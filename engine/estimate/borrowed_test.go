package estimate

import (
	"math"
	"math/rand/v2"
	"testing"
)

// withoutResult takes the result of a precinct away; its ballot stays.
func (p *Precincts) withoutResult(b int) {
	p.Registered[b] = 0
	for k := range p.Choices {
		p.Votes[b*p.Choices+k] = min(0, p.Votes[b*p.Choices+k])
	}
}

func TestAPrecinctWithoutAResultBorrowsFromThoseAround(t *testing.T) {
	g, p := row(4, 20, 25, 35, 50, 65, 75, 80)
	p.withoutResult(3)
	e := mustEstimate(t, g, p, GP)
	for b, borrowed := range e.Borrowed {
		if borrowed != (b == 3) {
			t.Errorf("precinct %d borrows: %v", b, borrowed)
		}
	}
	for part := 12; part < 16; part++ {
		if share := e.shareOf(part); share < 0.35 || share > 0.65 || e.Voters[part] != 100 {
			t.Errorf("part %d has %.3f of %d voters; the precincts beside it have 0.35 and 0.65", part, share, e.Voters[part])
		}
		if sum := e.Votes[2*part] + e.Votes[2*part+1]; math.Abs(sum-100) > 1e-9 {
			t.Errorf("the choices of part %d add up to %g of 100 voters", part, sum)
		}
	}
	if e.shareOf(12) >= e.shareOf(15) {
		t.Errorf("from west to east it goes from %.3f to %.3f: shares should rise", e.shareOf(12), e.shareOf(15))
	}
	whole := e.Unit([]Piece{{3, 12, 100}, {3, 13, 100}, {3, 14, 100}, {3, 15, 100}}, nil)[0]
	if whole.High90-whole.Low90 < 0.1 || whole.Low90 > 0.5 || whole.High90 < 0.5 {
		t.Errorf("the whole precinct, of which nothing is known, is said to have %+v", whole)
	}
	street := []Piece{{3, 12, 100}}
	without := e.Unit(street, nil)[0]
	_, p = row(4, 20, 25, 35, 50, 65, 75, 80)
	if with := mustEstimate(t, g, p, GP).Unit(street, nil)[0]; with.High90-with.Low90 >= without.High90-without.Low90 {
		t.Errorf("a street is as sure without its precinct's result, %+v, as with it, %+v", without, with)
	}
}

// The estimates of all others are as if it were not there.
func TestNothingIsLearntFromAPrecinctWithoutAResult(t *testing.T) {
	g, p := row(4, 20, 25, 35, 50, 65, 75, 80)
	p.withoutResult(6)
	with := mustEstimate(t, g, p, GP)
	_, without := row(4, 20, 25, 35, 50, 65, 75, 80)
	without.withoutResult(6)
	for k := range without.Choices {
		without.Votes[6*without.Choices+k] = Absent // no ballot either
	}
	other := mustEstimate(t, g, without, GP)
	if !with.Borrowed[6] || other.Borrowed[6] {
		t.Fatalf("borrowed with a ballot: %v; without: %v", with.Borrowed[6], other.Borrowed[6])
	}
	for part := range 24 {
		if with.shareOf(part) != other.shareOf(part) {
			t.Errorf("part %d has %v with a precinct that has no result, %v without", part, with.shareOf(part), other.shareOf(part))
		}
	}
	for part := 24; part < 28; part++ {
		if other.Voters[part] != 0 || other.Votes[2*part] != 0 {
			t.Errorf("part %d has %v of %d voters, of a precinct that nobody could vote in", part, other.Votes[2*part], other.Voters[part])
		}
	}
}

// Where no result is known at all there is nothing to borrow.
func TestNothingToBorrow(t *testing.T) {
	g, p := row(2, 20, 25)
	p.withoutResult(0)
	p.withoutResult(1)
	e := mustEstimate(t, g, p, GP)
	for b := range e.Borrowed {
		if e.Borrowed[b] || e.Voters[2*b] != 0 {
			t.Errorf("precinct %d borrows from nobody: %d voters", b, e.Voters[2*b])
		}
	}
	if r := e.Unit([]Piece{{0, 0, 0}}, nil)[0]; !math.IsNaN(r.Share) {
		t.Errorf("a share of nobody: %+v", r)
	}
}

// Intervals of precincts whose result is hidden hold what it is about as often as they say.
func TestIntervalsOfBorrowedShares(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	in50, in90, all := 0, 0, 0
	for range 6 {
		var yes []int64
		lean := 45.0
		for range 60 {
			lean += 3*r.NormFloat64() + 0.1*(45-lean)
			yes = append(yes, int64(max(5, min(95, lean+2*r.NormFloat64()))))
		}
		g, p := row(3, yes...)
		for b := 5; b < 60; b += 6 {
			p.withoutResult(b)
		}
		e := mustEstimate(t, g, p, GP)
		for b := 5; b < 60; b += 6 {
			at := int32(3 * b)
			got := e.Unit([]Piece{{int32(b), at, 100}, {int32(b), at + 1, 100}, {int32(b), at + 2, 100}}, nil)[0]
			truth := float64(yes[b]) / 100
			all++
			if got.Low50 <= truth && truth <= got.High50 {
				in50++
			}
			if got.Low90 <= truth && truth <= got.High90 {
				in90++
			}
		}
	}
	if in50 < all*35/100 || in50 > all*85/100 || in90 < all*80/100 {
		t.Errorf("of %d hidden results %d lie in the 50 %% interval, %d in the 90 %% interval", all, in50, in90)
	}
	t.Logf("of %d hidden results %d lie in the 50 %% interval, %d in the 90 %% interval", all, in50, in90)
}

// Where nobody voted, the precincts around are as if there were none.
func TestNothingIsLearntWhereNobodyVoted(t *testing.T) {
	g, p := row(4, 20, 25, 35, 100, 65, 75, 80)
	p.Silent = make([]bool, 7)
	p.Silent[3] = true
	e := mustEstimate(t, g, p, GP)
	_, without := row(4, 20, 25, 35, 50, 65, 75, 80)
	without.withoutResult(3)
	other := mustEstimate(t, g, without, GP)
	for part := range 28 {
		if part/4 != 3 && e.shareOf(part) != other.shareOf(part) {
			t.Errorf("part %d has %v beside a precinct where nobody voted, %v beside none", part, e.shareOf(part), other.shareOf(part))
		}
		if part/4 == 3 && e.shareOf(part) != 1 {
			t.Errorf("part %d has %v, and all of its precinct have 1", part, e.shareOf(part))
		}
	}
	p.Silent = p.Silent[:3]
	if _, err := Estimate(g, p, GP, nil); err == nil {
		t.Error("three of seven precincts may be silent: not refused")
	}
}

package estimate

import (
	"cmp"
	"math"
	"slices"
)

// Absent in place of a number of votes means that the choice was not on the
// ballot in that precinct.
const Absent = -1

// Precincts are the official results of one contest, a row per precinct.
type Precincts struct {
	X, Y       []float64 // centroids, metres in any projection; NaN where it is unknown
	Registered []int64   // registered voters
	Votes      []int64   // row by row, len(Registered) x Choices; Absent where not on the ballot
	Choices    int
}

const (
	neighbours = 4 // nearest precincts that make a neighbourhood with their own
	// What is assumed of a place without neighbourhoods: streets as different as
	// an intra-class correlation of 0.02 has it, with the say of one precinct.
	assumedSpread = 0.02
	assumedSay    = 1
)

// Spread estimates, for each choice, how much the shares of small areas differ
// beyond chance from the share of the larger area they lie in. The number is
// the variance of true shares as a part of p(1-p) (the intra-class correlation
// of Williams 1982, Extra-binomial Variation): 0 where all streets vote alike,
// 1 where every street is unanimous.
//
// What a precinct hides cannot be seen in its total, so it is measured one step
// up and taken over: each precinct and its four nearest are merged, and
//
//	sum over members of  n(s-p)^2 - p(1-p)(1-n/R)
//	---------------------------------------------
//	     sum over members of  n p(1-p)(1-n/R)
//
// is the moment estimate, for members of n registered voters and share s in
// neighbourhoods of R and share p; the term subtracted is what chance alone
// gives. A small constant for the case of few precincts is mixed in.
func Spread(p Precincts) []float64 {
	near := nearest(p)
	spread := make([]float64, p.Choices)
	for k := range spread {
		var excess, chance, areas float64
		for i := range p.Registered {
			members := near[i*(neighbours+1) : (i+1)*(neighbours+1)]
			all, got := p.merged(members, k)
			if members[0] == none || all == 0 || p.Votes[i*p.Choices+k] == Absent {
				continue
			}
			areas++
			share := float64(got) / float64(all)
			for _, m := range members {
				if m == none || p.Votes[int(m)*p.Choices+k] == Absent {
					continue
				}
				n := float64(p.Registered[m])
				own := float64(p.Votes[int(m)*p.Choices+k]) / n
				rest := share * (1 - share) * (1 - n/float64(all))
				excess += n*(own-share)*(own-share) - rest
				chance += n * rest
			}
		}
		seen := 0.0
		if chance > 0 {
			seen = min(max(0, excess/chance), 1)
		} else {
			areas = 0
		}
		spread[k] = (areas*seen + assumedSay*assumedSpread) / (areas + assumedSay)
	}
	return spread
}

// merged adds up the registered voters and votes of those precincts that had
// choice k on the ballot.
func (p Precincts) merged(members []int32, k int) (registered, votes int64) {
	for _, m := range members {
		if m == none || p.Votes[int(m)*p.Choices+k] == Absent {
			continue
		}
		registered += p.Registered[m]
		votes += p.Votes[int(m)*p.Choices+k]
	}
	return registered, votes
}

// placed tells whether precinct i can be compared with others.
func (p Precincts) placed(i int) bool {
	return p.Registered[i] > 0 && !math.IsNaN(p.X[i]+p.Y[i]) && !math.IsInf(p.X[i]+p.Y[i], 0)
}

// nearest gives for each precinct five indexes: its own and its four nearest,
// none where there are not so many; all none for a precinct without voters or
// place. Ties go to the lower index.
func nearest(p Precincts) []int32 {
	const width = neighbours + 1
	near := make([]int32, len(p.Registered)*width)
	for i := range near {
		near[i] = none
	}
	byX := make([]int32, 0, len(p.Registered))
	for i := range p.Registered {
		if p.placed(i) {
			byX = append(byX, int32(i))
		}
	}
	slices.SortFunc(byX, func(a, b int32) int {
		return cmp.Or(cmp.Compare(p.X[a], p.X[b]), cmp.Compare(a, b))
	})
	for at, i := range byX {
		// Walk away from i to both sides in x, until the next is farther in x
		// alone than the farthest one kept.
		best := near[int(i)*width:][:width]
		best[0] = i
		var distance [width]float64
		kept := 1
		left, right := at-1, at+1
		for left >= 0 || right < len(byX) {
			var j int32
			if right >= len(byX) || left >= 0 && p.X[i]-p.X[byX[left]] <= p.X[byX[right]]-p.X[i] {
				j = byX[left]
				left--
			} else {
				j = byX[right]
				right++
			}
			dx, dy := p.X[j]-p.X[i], p.Y[j]-p.Y[i]
			if kept == width && dx*dx > distance[width-1] {
				break
			}
			d := dx*dx + dy*dy
			slot := kept
			for slot > 1 && (d < distance[slot-1] || d == distance[slot-1] && j < best[slot-1]) {
				slot--
			}
			if slot == width {
				continue
			}
			kept = min(kept+1, width)
			copy(best[slot+1:kept], best[slot:kept-1])
			copy(distance[slot+1:kept], distance[slot:kept-1])
			best[slot], distance[slot] = j, d
		}
	}
	return near
}

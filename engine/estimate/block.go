package estimate

import (
	"cmp"
	"math"
	"slices"
)

const (
	// mostInBlock is how many precincts are estimated at once: the work grows
	// with their cube, and nothing is learnt of a street from farther away.
	mostInBlock = 250
	// halo is how many neighbouring precincts a block looks at beside its own.
	halo = 60
)

// cutBlocks cuts the precincts that have a place into blocks of at most most.
func cutBlocks(s *sites, most int) [][]int32 {
	var all []int32
	for b := range s.cx {
		if placed(s.cx[b], s.cy[b]) {
			all = append(all, int32(b))
		}
	}
	if len(all) == 0 {
		return nil
	}
	return halve(s.cx, s.cy, all, (len(all)+most-1)/most)
}

// around lists the precincts nearest to a block's rectangle that are not its own.
func around(s *sites, own []int32, count int) []int32 {
	lowX, highX, lowY, highY := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, b := range own {
		lowX, highX, lowY, highY = min(lowX, s.cx[b]), max(highX, s.cx[b]), min(lowY, s.cy[b]), max(highY, s.cy[b])
	}
	type outside struct {
		precinct int32
		distance float64
	}
	var near []outside
	for b := range s.cx {
		if !placed(s.cx[b], s.cy[b]) {
			continue
		}
		if _, mine := slices.BinarySearch(own, int32(b)); mine {
			continue
		}
		dx, dy := max(0, lowX-s.cx[b], s.cx[b]-highX), max(0, lowY-s.cy[b], s.cy[b]-highY)
		near = append(near, outside{int32(b), dx*dx + dy*dy})
	}
	slices.SortFunc(near, func(a, b outside) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.precinct, b.precinct))
	})
	found := make([]int32, 0, count)
	for _, o := range near[:min(count, len(near))] {
		found = append(found, o.precinct)
	}
	return found
}

// spacing is the median distance from a precinct to its nearest neighbour; 1
// where there is none.
func spacing(s *sites, precincts []int32) float64 {
	nearest := make([]float64, 0, len(precincts))
	for _, b := range precincts {
		best := math.Inf(1)
		for _, o := range precincts {
			if o != b {
				best = min(best, math.Hypot(s.cx[b]-s.cx[o], s.cy[b]-s.cy[o]))
			}
		}
		if best > 0 && !math.IsInf(best, 1) {
			nearest = append(nearest, best)
		}
	}
	if len(nearest) == 0 {
		return 1
	}
	slices.Sort(nearest)
	return nearest[len(nearest)/2]
}

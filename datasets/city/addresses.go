package city

import (
	"math"
	"math/rand/v2"
)

// address is a door of a commune and what is known of the people behind it.
type address struct {
	street, segment int // index of the street, of its segment
	number          int
	suffix          string
	at              point // whole centimetres, as published
	dwellings       int
	registered      int
	doors           int // dwellings with a registered voter
	precinct        int // index of the precinct its voters vote in
	others          int // people of 15 and more who are not registered
	votes           [len(contests)][maxChoices]int32
}

// raiseAddresses sets addresses along the streets: odd numbers on the left, even on the right, 6 to 15 m from the axis.
func raiseAddresses(t *terrain, streets []street, r *rand.Rand) []address {
	index := newEdgeIndex(t.centre, 1.4*t.radius)
	for i := range streets {
		for _, part := range streets[i].parts {
			index.add(i, part)
		}
	}
	var addresses []address
	for i := range streets {
		s := &streets[i]
		if s.rank == rankBridge {
			continue
		}
		n := numbering{terrain: t, index: index, street: s, random: r, self: i, setBack: uniform(r, 6.5, 11.5)}
		n.last = [2]int{-1, 0}
		n.gap = [2]float64{n.step(s.segments[0].points[0]) / 2, n.step(s.segments[0].points[0]) / 2}
		for k := range s.segments {
			n.along(k)
		}
		if len(n.found) > 0 && r.IntN(60) == 0 {
			n.found[0].number = 0 // a number that registers do have
		}
		addresses = append(addresses, n.found...)
	}
	return addresses
}

// numbering walks a street and sets its addresses.
type numbering struct {
	terrain *terrain
	index   *edgeIndex
	street  *street
	random  *rand.Rand
	self    int
	setBack float64
	last    [2]int     // last number on the left, on the right
	gap     [2]float64 // metres to go before the next one
	found   []address
}

// step is how far apart doors are around a point.
func (n *numbering) step(p point) float64 {
	u := n.terrain.outness(p)
	switch {
	case n.street.rank == rankParkPath:
		return n.terrain.frontage * uniform(n.random, 24, 40)
	case u > 1.05:
		return n.terrain.frontage * uniform(n.random, 90, 240)
	}
	return n.terrain.frontage * (12 + 8*min(1, u)) * math.Exp(0.28*n.random.NormFloat64())
}

func (n *numbering) along(segment int) {
	const corner = 8 // metres kept free at crossings
	points := n.street.segments[segment].points
	length := lineLength(points)
	for side := range 2 {
		where := max(corner, n.gap[side])
		for ; where < length-corner; where += n.step(pointAlong(points, where)) {
			n.set(segment, side, where)
		}
		n.gap[side] = where - length
	}
}

// set sets one address, unless it would stand in the water, a park, the next street or another commune.
func (n *numbering) set(segment, side int, where float64) {
	t, points := n.terrain, n.street.segments[segment].points
	foot := pointAlong(points, where)
	ahead, behind := pointAlong(points, where+1), pointAlong(points, where-1)
	out := ahead.minus(behind).unit().left()
	if side == 1 {
		out = out.times(-1)
	}
	back := min(15, n.setBack+uniform(n.random, -0.5, 2.5))
	at := foot.plus(out.times(back))
	at = point{math.Round(at.x*100) / 100, math.Round(at.y*100) / 100}
	number, suffix := n.number(side)
	if t.cell.depth(at) < 2 || n.index.isBlocked(n.self, foot, at.plus(out.times(4))) {
		return
	}
	if n.street.rank != rankParkPath && t.inPark(at, 9) || n.street.rank == rankParkPath && !t.inPark(at, -3) {
		return
	}
	if n.street.rank == rankSquare && at.distance(t.centre) < foot.distance(t.centre) {
		return
	}
	if d, _ := t.riverDistance(at); d < 9 {
		return
	}
	n.found = append(n.found, address{street: n.self, segment: segment, number: number, suffix: suffix, at: at})
}

// number gives the next number of a side: sometimes one is left out, sometimes the same comes again as bis and ter.
func (n *numbering) number(side int) (int, string) {
	u := n.random.Float64()
	if last := len(n.found) - 1; last >= 0 && n.found[last].number == n.last[side] && n.last[side] > 0 {
		switch suffix := n.found[last].suffix; {
		case suffix == "" && u < 0.07:
			return n.last[side], "bis"
		case suffix == "bis" && u < 0.12:
			return n.last[side], "ter"
		}
	}
	n.last[side] += 2
	if u > 0.93 {
		n.last[side] += 2
	}
	return n.last[side], ""
}

// isBlocked tells whether another street crosses the way from the axis of a street to a door, or runs along its step.
func (x *edgeIndex) isBlocked(line int, foot, door point) bool {
	for _, c := range x.cellsOf(foot, door) {
		for _, e := range x.cells[c] {
			if _, _, ok := crossing(foot, door, e.a, e.b); ok && !(e.line == line && onEdge(e, foot)) {
				return true
			}
		}
	}
	return false
}

func onEdge(e edge, p point) bool {
	_, d, _ := nearestOnLine([]point{e.a, e.b}, p)
	return d < 0.5
}

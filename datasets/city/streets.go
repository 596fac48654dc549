package city

import (
	"math"
	"math/rand/v2"
	"slices"
)

// street is a named way of a commune.
type street struct {
	name     streetName
	rank     rank
	parts    [][]point // its lines; more than one where it is interrupted
	segments []segment
}

// segment is a part of a street between two junctions.
type segment struct {
	points []point
	estate bool // of social housing
}

func (s *segment) middle() point { return pointAlong(s.points, lineLength(s.points)/2) }

// run is a part of a line that bears one name.
type run struct {
	line     int
	from, to float64 // metres along
	rank     rank
	road     string // where a road leads
}

// nameStreets cuts the lines into streets, gives them names and cuts them into segments.
func (n *network) nameStreets(t *terrain, r *rand.Rand) []street {
	namer := newStreetNamer(r)
	runsOf := make([][]run, len(n.lines)) // all before the first is cut: each may add vertices to the lines it meets
	for i := range n.lines {
		runsOf[i] = n.runs(t, i, r)
	}
	var streets []street
	for _, runs := range runsOf {
		first := len(streets)
		interrupted := len(runs) > 2 && r.IntN(2) == 0 // the third run continues the first street beyond the second
		for k, one := range runs {
			part, segments := n.cut(one)
			if len(segments) == 0 { // its ends are junctions on one and the same point
				continue
			}
			if k == 2 && interrupted && len(streets) > first && one.rank == streets[first].rank {
				s := &streets[first]
				s.parts, s.segments = append(s.parts, part), append(s.segments, segments...)
				continue
			}
			name := namer.name(one, one.rank == rankStreet && n.isBlind(one), t.outness(part[0]))
			streets = append(streets, street{name: name, rank: one.rank, parts: [][]point{part}, segments: segments})
		}
	}
	for i := range streets {
		if streets[i].startsOutside(t) {
			streets[i].turnRound()
		}
	}
	return streets
}

// startsOutside tells whether a street is numbered from its other end: numbers rise away from the centre.
func (s *street) startsOutside(t *terrain) bool {
	first := s.segments[0].points
	last := s.segments[len(s.segments)-1].points
	return first[0].distance(t.centre) > last[len(last)-1].distance(t.centre)
}

func (s *street) turnRound() {
	slices.Reverse(s.parts)
	for i := range s.parts {
		slices.Reverse(s.parts[i])
	}
	slices.Reverse(s.segments)
	for i := range s.segments {
		slices.Reverse(s.segments[i].points)
	}
}

// runs divides what is kept of a line into parts that bear a name each. The junctions they break at become vertices.
func (n *network) runs(t *terrain, i int, r *rand.Rand) []run {
	l, reach := &n.lines[i], n.reach[i]
	if reach[0] >= reach[1] {
		return nil
	}
	switch l.rank {
	case rankSquare, rankParkRing, rankParkPath, rankImpasse:
		return []run{{i, reach[0], reach[1], l.rank, l.to}}
	case rankBridge:
		return n.bridgeRuns(i, l, reach)
	}
	least, most := 350.0, 850.0
	if l.rank == rankRoad {
		least, most = 700, 1100
	}
	var wanted []float64
	for where := reach[0] + uniform(r, least, most); where < reach[1]-250; where += uniform(r, least, most) {
		wanted = append(wanted, where)
	}
	runs := []run{}
	from := reach[0]
	for _, to := range append(n.breaks(i, wanted), reach[1]) {
		runs = append(runs, run{i, from, to, l.rank, l.to})
		from = to
	}
	if l.rank == rankRoad { // in town it is an avenue
		for k := range runs {
			if t.outness(pointAlong(l.points, (runs[k].from+runs[k].to)/2)) < 1 {
				runs[k].rank = rankAvenue
			}
		}
	}
	return runs
}

// breaks finds the junction next to each of the places wanted along a line, not too near to the one before or to an end.
func (n *network) breaks(i int, wanted []float64) []float64 {
	const apart, off = 40, 300
	var found []float64
	last := n.reach[i][0]
	for _, where := range wanted {
		best, at := float64(off), -1
		for _, j := range n.on[i] {
			w := n.whereOn(j, i)
			if d := math.Abs(w - where); d < best && w > last+apart && w < n.reach[i][1]-apart {
				best, at = d, j
			}
		}
		if at >= 0 {
			n.junctions[at].node = true
			last = n.whereOn(at, i)
			found = append(found, last)
		}
	}
	return found
}

// bridgeRuns are the bridge between its quays and the streets it leads to.
func (n *network) bridgeRuns(i int, l *line, reach [2]float64) []run {
	low, high := n.banks(i, l)
	if low < 0 || high < 0 {
		return []run{{i, reach[0], reach[1], rankStreet, ""}}
	}
	n.junctions[low].node, n.junctions[high].node = true, true
	a, b := n.whereOn(low, i), n.whereOn(high, i)
	runs := []run{{i, a, b, rankBridge, ""}}
	if a > reach[0] {
		runs = append(runs, run{i, reach[0], a, rankStreet, ""})
	}
	if b < reach[1] {
		runs = append(runs, run{i, b, reach[1], rankStreet, ""})
	}
	return runs
}

// banks are the junctions of a bridge's line next to the river on both sides, -1 where there is none.
func (n *network) banks(i int, l *line) (low, high int) {
	over, along, nearest := 0.0, 0.0, math.Inf(1) // where the line is over the middle of the river
	for k := 1; k < len(l.points); k++ {
		at, d, _ := nearestOnLine(l.points[k-1:k+1], l.over)
		if d < nearest {
			nearest, over = d, along+at.distance(l.points[k-1])
		}
		along += l.points[k-1].distance(l.points[k])
	}
	low, high = -1, -1
	for _, j := range n.on[i] {
		if n.whereOn(j, i) < over {
			low = j
		} else if high < 0 {
			high = j
		}
	}
	return low, high
}

// isBlind tells whether one end of a run is a dead end.
func (n *network) isBlind(one run) bool {
	met := [2]bool{}
	for _, j := range n.on[one.line] {
		w := n.whereOn(j, one.line)
		met[0], met[1] = met[0] || w == one.from, met[1] || w == one.to
	}
	return !(met[0] && met[1])
}

// cut gives the line of a run, with a vertex at every junction that has one, and its segments between junctions.
func (n *network) cut(one run) ([]point, []segment) {
	l := &n.lines[one.line]
	var whole []point
	var segments []segment
	piece := []point{}
	put := func(p point, vertex bool) {
		if vertex && (len(whole) == 0 || whole[len(whole)-1] != p) {
			whole = append(whole, p)
		}
		if len(piece) == 0 || piece[len(piece)-1] != p {
			piece = append(piece, p)
		}
	}
	on := n.on[one.line]
	next := 0
	for next < len(on) && n.whereOn(on[next], one.line) < one.from {
		next++
	}
	along := 0.0
	for k := 0; k < len(l.points); k++ {
		if k > 0 {
			along += l.points[k-1].distance(l.points[k])
		}
		for next < len(on) && n.whereOn(on[next], one.line) <= min(along, one.to) {
			jn := &n.junctions[on[next]]
			put(jn.at, jn.node)
			if len(piece) > 1 {
				segments = append(segments, segment{points: piece})
			}
			piece = []point{jn.at}
			next++
		}
		if along >= one.from && along <= one.to {
			put(l.points[k], true)
		}
	}
	if len(piece) > 1 {
		segments = append(segments, segment{points: piece})
	}
	return whole, segments
}

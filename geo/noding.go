package geo

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// Street is a line of a street before it is cut, in planar metres. A street of several lines is several of these with
// one Key.
type Street struct {
	Key  int // the caller's index of the street
	Line orb.LineString
}

// Piece is a part of a street between two cuts, in the direction in which the street was digitised.
type Piece struct {
	Key  int // of the street
	Line orb.LineString
}

// Cut says where streets are cut.
type Cut int

const (
	// CutCrossings cuts wherever lines meet: at crossings, and where a vertex lies on another line or on the same line
	// again. For sources that draw each street as one line (a crossing is a junction).
	CutCrossings Cut = iota
	// CutSharedVertices cuts only where a vertex is used twice. For OpenStreetMap, where lines that cross without a
	// common node are a bridge or a tunnel.
	CutSharedVertices
)

// CutStreets cuts streets into pieces that meet only at their ends, ordered by Key, then by the order of the lines of a
// street, then along the line. The noding is exact, without snapping, as ST_UnaryUnion of PostGIS or GEOS does it:
//   - whether two edges meet is decided without rounding error;
//   - a crossing is computed once for the two edges, so that both streets get the same vertex to the last bit. Pieces
//     may be as short as the rounding of coordinates, where more than two lines meet in nearly one point;
//   - vertices repeated in a row are dropped; a closed line is cut where it starts and where it is met;
//   - pieces that run over the same vertices, in either direction, are kept once: that of the street with the lower
//     Key, and within a street the one that starts at the lower coordinates if they run in opposite directions.
//
// Which pieces come out does not depend on the order of the streets. Lines are left out whole, and their indices
// returned in rejected, if they hold a coordinate that is not a number or beyond 1e12, or have no length. The lines
// given are not changed.
func CutStreets(streets []Street, cut Cut) (pieces []Piece, rejected []int) {
	n := noder{}
	for i, street := range streets {
		if !n.add(i, street.Line) {
			rejected = append(rejected, i)
		}
	}
	if cut == CutSharedVertices {
		n.markSharedVertices()
	} else {
		n.eachPair(n.meet)
		slices.SortFunc(n.cuts, n.compareCuts)
	}
	return n.pieces(streets), rejected
}

// noder holds all lines end to end. Edge i runs from vertex i to vertex i+1 of the same line.
type noder struct {
	vertices []orb.Point
	lines    []nodedLine
	isNode   []bool    // by vertex: cut here
	cuts     []edgeCut // cuts inside edges
}

type nodedLine struct {
	street     int // index of the line in the input
	start, end int // its vertices: [start, end)
}

type edgeCut struct {
	edge int
	at   orb.Point
}

// add appends a line, and reports whether it can be used.
func (n *noder) add(street int, line orb.LineString) bool {
	if !lineIsUsable(line) {
		return false
	}
	start := len(n.vertices)
	for i, p := range line {
		p = orb.Point{p[0] + 0, p[1] + 0} // minus zero becomes zero: equal coordinates are then equal bits
		if i == 0 || p != n.vertices[len(n.vertices)-1] {
			n.vertices = append(n.vertices, p)
			n.isNode = append(n.isNode, false)
		}
	}
	end := len(n.vertices)
	if end-start < 2 {
		n.vertices, n.isNode = n.vertices[:start], n.isNode[:start]
		return false
	}
	n.isNode[start], n.isNode[end-1] = true, true
	n.lines = append(n.lines, nodedLine{street, start, end})
	return true
}

// markSharedVertices makes every vertex a node that is used twice.
func (n *noder) markSharedVertices() {
	order := make([]int, len(n.vertices))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(comparePoints(n.vertices[a], n.vertices[b]), cmp.Compare(a, b))
	})
	for i := 1; i < len(order); i++ {
		if a, b := order[i-1], order[i]; n.vertices[a] == n.vertices[b] {
			n.isNode[a], n.isNode[b] = true, true
		}
	}
}

// eachPair calls meet once for every two edges whose bounds touch, the lower index first. Edges are sorted into
// horizontal bands as high as an edge is on average, which bounds the entries by three per edge whatever the input,
// and each band is swept by x.
func (n *noder) eachPair(meet func(e, f int)) {
	edges, minY, maxY, heights := 0, math.Inf(1), math.Inf(-1), 0.0
	for _, line := range n.lines {
		for e := line.start; e < line.end-1; e++ {
			b := n.edgeBound(e)
			minY, maxY = min(minY, b.Min[1]), max(maxY, b.Max[1])
			heights += b.Max[1] - b.Min[1]
			edges++
		}
	}
	if edges == 0 {
		return
	}
	height := max(heights, maxY-minY) / float64(edges)
	if height == 0 {
		height = 1
	}
	band := func(y float64) int { return int((y - minY) / height) }

	type entry struct {
		band, edge int
		minX       float64
	}
	entries := make([]entry, 0, 2*edges)
	for _, line := range n.lines {
		for e := line.start; e < line.end-1; e++ {
			b := n.edgeBound(e)
			for k := band(b.Min[1]); k <= band(b.Max[1]); k++ {
				entries = append(entries, entry{k, e, b.Min[0]})
			}
		}
	}
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.band, b.band), cmp.Compare(a.minX, b.minX), cmp.Compare(a.edge, b.edge))
	})
	for i, a := range entries {
		bound := n.edgeBound(a.edge)
		for _, b := range entries[i+1:] {
			if b.band != a.band || b.minX > bound.Max[0] {
				break
			}
			other := n.edgeBound(b.edge)
			if other.Min[1] > bound.Max[1] || other.Max[1] < bound.Min[1] {
				continue
			}
			if band(max(bound.Min[1], other.Min[1])) == a.band { // a pair that shares several bands belongs to the first
				meet(min(a.edge, b.edge), max(a.edge, b.edge))
			}
		}
	}
}

func (n *noder) edgeBound(edge int) orb.Bound {
	a, b := n.vertices[edge], n.vertices[edge+1]
	return orb.Bound{
		Min: orb.Point{min(a[0], b[0]), min(a[1], b[1])},
		Max: orb.Point{max(a[0], b[0]), max(a[1], b[1])},
	}
}

// meet cuts two edges, e < f, where they meet.
func (n *noder) meet(e, f int) {
	a, b, c, d := n.vertices[e], n.vertices[e+1], n.vertices[f], n.vertices[f+1]
	turnC, turnD := turn(a, b, c), turn(a, b, d)
	if turnC == turnD && turnC != 0 {
		return
	}
	turnA, turnB := turn(c, d, a), turn(c, d, b)
	if turnA == turnB && turnA != 0 {
		return
	}
	if f == e+1 && (turnD != 0 || !sameDirection(b, a, d)) {
		return // neighbours along a line, which meet only at their common vertex unless the line folds back on itself
	}
	if turnC*turnD < 0 && turnA*turnB < 0 {
		at := crossing(a, b, c, d)
		n.cutEdge(e, at)
		n.cutEdge(f, at)
		return
	}
	boundE, boundF := n.edgeBound(e), n.edgeBound(f)
	if turnC == 0 && boundE.Contains(c) {
		n.cutEdge(e, c)
		n.isNode[f] = true
	}
	if turnD == 0 && boundE.Contains(d) {
		n.cutEdge(e, d)
		n.isNode[f+1] = true
	}
	if turnA == 0 && boundF.Contains(a) {
		n.cutEdge(f, a)
		n.isNode[e] = true
	}
	if turnB == 0 && boundF.Contains(b) {
		n.cutEdge(f, b)
		n.isNode[e+1] = true
	}
}

// sameDirection says of two points in line with the vertex v whether they lie on the same side of it.
func sameDirection(v, a, d orb.Point) bool {
	return (a[0] < v[0]) == (d[0] < v[0]) && (a[0] > v[0]) == (d[0] > v[0]) &&
		(a[1] < v[1]) == (d[1] < v[1]) && (a[1] > v[1]) == (d[1] > v[1])
}

// crossing is the point at which the edges ab and cd cross. It depends neither on their order nor on their directions,
// and lies inside the bounds of both.
func crossing(a, b, c, d orb.Point) orb.Point {
	if comparePoints(a, b) > 0 {
		a, b = b, a
	}
	if comparePoints(c, d) > 0 {
		c, d = d, c
	}
	if cmp.Or(comparePoints(a, c), comparePoints(b, d)) > 0 {
		a, b, c, d = c, d, a, b
	}
	rx, ry, sx, sy := b[0]-a[0], b[1]-a[1], d[0]-c[0], d[1]-c[1]
	t := (float64((c[0]-a[0])*sy) - float64((c[1]-a[1])*sx)) / (float64(rx*sy) - float64(ry*sx))
	at := orb.Point{a[0] + float64(t*rx), a[1] + float64(t*ry)}
	for axis := range at {
		low := max(min(a[axis], b[axis]), min(c[axis], d[axis]))
		high := min(max(a[axis], b[axis]), max(c[axis], d[axis]))
		if !(at[axis] >= low) { // also where nearly parallel edges make t not a number
			at[axis] = low
		} else if at[axis] > high {
			at[axis] = high
		}
	}
	return at
}

// cutEdge cuts an edge at a point of it, which may be one of its ends.
func (n *noder) cutEdge(edge int, at orb.Point) {
	switch at {
	case n.vertices[edge]:
		n.isNode[edge] = true
	case n.vertices[edge+1]:
		n.isNode[edge+1] = true
	default:
		n.cuts = append(n.cuts, edgeCut{edge, at})
	}
}

// compareCuts orders cuts by edge, then along the edge. The longer axis of the edge decides: the other may be disturbed
// by rounding.
func (n *noder) compareCuts(u, v edgeCut) int {
	if u.edge != v.edge {
		return cmp.Compare(u.edge, v.edge)
	}
	a, b := n.vertices[u.edge], n.vertices[u.edge+1]
	long, short := 0, 1
	if math.Abs(b[1]-a[1]) > math.Abs(b[0]-a[0]) {
		long, short = 1, 0
	}
	along := func(axis int) int {
		if b[axis] < a[axis] {
			return cmp.Compare(v.at[axis], u.at[axis])
		}
		return cmp.Compare(u.at[axis], v.at[axis])
	}
	return cmp.Or(along(long), along(short))
}

// pieces walks every line and splits it at its nodes and cuts.
func (n *noder) pieces(streets []Street) []Piece {
	slices.SortStableFunc(n.lines, func(a, b nodedLine) int {
		return cmp.Compare(streets[a.street].Key, streets[b.street].Key)
	})
	var pieces []Piece
	for _, line := range n.lines {
		key := streets[line.street].Key
		next, _ := slices.BinarySearchFunc(n.cuts, line.start, func(c edgeCut, edge int) int { return cmp.Compare(c.edge, edge) })
		piece := orb.LineString{n.vertices[line.start]}
		extend := func(p orb.Point, cut bool) {
			if p != piece[len(piece)-1] {
				piece = append(piece, p)
			}
			if cut && len(piece) > 1 {
				pieces = append(pieces, Piece{key, slices.Clip(piece)})
				piece = orb.LineString{p}
			}
		}
		for v := line.start + 1; v < line.end; v++ {
			for ; next < len(n.cuts) && n.cuts[next].edge == v-1; next++ {
				extend(n.cuts[next].at, true)
			}
			extend(n.vertices[v], n.isNode[v])
		}
	}
	return withoutRepeats(pieces)
}

// withoutRepeats keeps one of the pieces that run over the same vertices, in the order given.
func withoutRepeats(pieces []Piece) []Piece {
	type path struct {
		line     orb.LineString // from the lower end
		backward bool           // it runs against the piece
	}
	paths := make([]path, len(pieces))
	order := make([]int, len(pieces))
	for i, piece := range pieces {
		order[i] = i
		paths[i].line = piece.Line
		if startsHigh(piece.Line) {
			line := piece.Line.Clone()
			line.Reverse()
			paths[i] = path{line, true}
		}
	}
	comparePaths := func(i, j int) int {
		return slices.CompareFunc(paths[i].line, paths[j].line, comparePoints)
	}
	slices.SortFunc(order, func(i, j int) int {
		if c := comparePaths(i, j); c != 0 {
			return c
		}
		if c := cmp.Compare(pieces[i].Key, pieces[j].Key); c != 0 {
			return c
		}
		if paths[i].backward != paths[j].backward {
			if paths[i].backward {
				return 1
			}
			return -1
		}
		return cmp.Compare(i, j)
	})
	repeat := make([]bool, len(pieces))
	for k := 1; k < len(order); k++ {
		repeat[order[k]] = comparePaths(order[k-1], order[k]) == 0
	}
	kept := pieces[:0]
	for i, piece := range pieces {
		if !repeat[i] {
			kept = append(kept, piece)
		}
	}
	return kept
}

// startsHigh says that a line read backward comes before the line in the order of coordinates.
func startsHigh(line orb.LineString) bool {
	for i, j := 0, len(line)-1; i < j; i, j = i+1, j-1 {
		if c := comparePoints(line[i], line[j]); c != 0 {
			return c > 0
		}
	}
	return false
}

func comparePoints(a, b orb.Point) int {
	if c := cmp.Compare(a[0], b[0]); c != 0 {
		return c
	}
	return cmp.Compare(a[1], b[1])
}

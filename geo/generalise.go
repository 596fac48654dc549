package geo

import (
	"math"
	"slices"
)

// WholeZoom is the zoom from which on every vertex is drawn: there a tile coordinate of [TileExtent] is a hand's breadth.
const WholeZoom = 16

// LineZooms appends, for each vertex of a line (x0, y0, x1, y1 ... in steps of the frame), the zoom of a tile from which on it is drawn, and
// returns the slice. Without the others a line is never half a tile coordinate of [TileExtent] from where it is, which is what rounding
// to tile coordinates may move it by too (Douglas and Peucker). Both ends are drawn at every zoom.
func (f Frame) LineZooms(zooms []uint8, line []uint32) []uint8 {
	first := len(zooms)
	zooms = slices.Grow(zooms, len(line)/2)[:first+len(line)/2]
	if len(line) >= 2 {
		p := pruner{line: line, zooms: zooms[first:], limits: f.limits()}
		p.zooms[0], p.zooms[len(p.zooms)-1] = 0, 0
		p.between(0, len(p.zooms)-1, 0)
	}
	return zooms
}

// AreaZooms gives, for each vertex of the rings of many areas, the zoom of a tile from which on it is drawn, as LineZooms does. Each ring ends
// where ends says, as a number of vertices, and does not repeat its first vertex.
//
// A border that two rings share, vertex by vertex, is generalised once, whichever way they run: where more than two borders meet
// the vertex stays at every zoom, and what is between such vertices is a line. So areas that were neighbours without a gap are so at
// every zoom.
func (f Frame) AreaZooms(coords []uint32, ends []int32) []uint8 {
	zooms := make([]uint8, len(coords)/2)
	if len(zooms) == 0 {
		return zooms
	}
	meeting := meetingVertices(coords, ends)
	limits := f.limits()
	var arc []uint32
	var arcZooms []uint8
	start := int32(0)
	for _, end := range ends {
		ring, of := coords[2*start:2*end], zooms[start:end]
		n := len(of)
		anchors := anchorsOf(ring, meeting[start:end])
		for i, from := range anchors {
			to := anchors[(i+1)%len(anchors)]
			if to <= from {
				to += n
			}
			arc = arc[:0]
			for v := from; v <= to; v++ {
				arc = append(arc, ring[2*(v%n)], ring[2*(v%n)+1])
			}
			arcZooms = slices.Grow(arcZooms[:0], len(arc)/2)[:len(arc)/2]
			p := pruner{line: arc, zooms: arcZooms, limits: limits}
			p.zooms[0], p.zooms[len(p.zooms)-1] = 0, 0
			p.between(0, len(p.zooms)-1, 0)
			for v := from; v <= to; v++ {
				of[v%n] = arcZooms[v-from]
			}
		}
		start = end
	}
	return zooms
}

// meetingVertices marks those that do not lie between two others in all rings that have them: there a border ends.
func meetingVertices(coords []uint32, ends []int32) []bool {
	type vertex struct {
		key uint64
		at  int32
	}
	vertices := make([]vertex, len(coords)/2)
	next, before := make([]int32, len(vertices)), make([]int32, len(vertices)) // of another position in its ring
	key := func(at int32) uint64 { return vertexKey(coords, int(at)) }
	elsewhere := func(at, start, end, step int32) int32 {
		n := end - start
		for i := int32(1); i < n; i++ {
			if v := start + (at-start+step*i+n*i)%n; key(v) != key(at) {
				return v
			}
		}
		return at
	}
	start := int32(0)
	for _, end := range ends {
		for at := start; at < end; at++ {
			vertices[at] = vertex{key(at), at}
			next[at], before[at] = elsewhere(at, start, end, 1), elsewhere(at, start, end, -1)
		}
		start = end
	}
	slices.SortFunc(vertices, func(a, b vertex) int {
		switch {
		case a.key < b.key:
			return -1
		case a.key > b.key:
			return 1
		}
		return 0
	})
	meeting := make([]bool, len(vertices))
	for from := 0; from < len(vertices); {
		to := from
		var a, b uint64 // the neighbours
		known, more := 0, false
		for ; to < len(vertices) && vertices[to].key == vertices[from].key; to++ {
			for _, neighbour := range [2]int32{next[vertices[to].at], before[vertices[to].at]} {
				switch k := key(neighbour); {
				case known > 0 && k == a || known > 1 && k == b:
				case known == 0:
					a, known = k, 1
				case known == 1:
					b, known = k, 2
				default:
					more = true
				}
			}
		}
		for _, v := range vertices[from:to] {
			meeting[v.at] = more || known != 2
		}
		from = to
	}
	return meeting
}

// anchorsOf lists the vertices that the lines of a ring go between. Where no border meets it, these are its first vertex by
// position and the one farthest from that: the same ones in every ring of these vertices.
func anchorsOf(ring []uint32, meeting []bool) (anchors []int) {
	for i, is := range meeting {
		if is {
			anchors = append(anchors, i)
		}
	}
	if len(anchors) > 0 || len(meeting) == 0 {
		return anchors
	}
	first := 0
	for i := range meeting {
		if vertexKey(ring, i) < vertexKey(ring, first) {
			first = i
		}
	}
	farthest, most := first, 0.0
	for i := range meeting {
		d := squareToSegment(ring, i, first, first)
		if d > most || d == most && d > 0 && vertexKey(ring, i) < vertexKey(ring, farthest) {
			farthest, most = i, d
		}
	}
	if farthest == first {
		return []int{first}
	}
	return []int{min(first, farthest), max(first, farthest)}
}

func vertexKey(coords []uint32, i int) uint64 { return uint64(coords[2*i])<<32 | uint64(coords[2*i+1]) }

// limits are, by zoom, the square of half a tile coordinate in steps.
func (f Frame) limits() (limits [WholeZoom]float64) {
	for z := range limits {
		limits[z] = math.Ldexp(1, 2*(worldBits-12-1-z-int(f.shift)))
	}
	return limits
}

// pruner finds the zooms of a line's vertices.
type pruner struct {
	line   []uint32
	zooms  []uint8
	limits [WholeZoom]float64
}

// between settles the vertices between two, which are drawn from a zoom on. It answers the same whichever way the line runs.
func (p *pruner) between(from, to int, zoom uint8) {
	for to-from > 1 {
		farthest, most := from+1, -1.0
		for i := from + 1; i < to; i++ {
			d := squareToSegment(p.line, i, from, to)
			if d > most || d == most && vertexKey(p.line, i) < vertexKey(p.line, farthest) {
				farthest, most = i, d
			}
		}
		for zoom < WholeZoom && most <= p.limits[zoom] {
			zoom++
		}
		if zoom == WholeZoom {
			for i := from + 1; i < to; i++ {
				p.zooms[i] = WholeZoom
			}
			return
		}
		p.zooms[farthest] = zoom
		// The longer side is gone on with here, so that no line needs a deep stack.
		if farthest-from < to-farthest {
			p.between(from, farthest, zoom)
			from = farthest
		} else {
			p.between(farthest, to, zoom)
			to = farthest
		}
	}
}

// squareToSegment is the square of the distance of vertex i from what is between two others, whichever comes first.
func squareToSegment(line []uint32, i, from, to int) float64 {
	if vertexKey(line, from) > vertexKey(line, to) {
		from, to = to, from
	}
	ax, ay := float64(line[2*from]), float64(line[2*from+1])
	px, py := float64(line[2*i])-ax, float64(line[2*i+1])-ay
	dx, dy := float64(line[2*to])-ax, float64(line[2*to+1])-ay
	if length := dx*dx + dy*dy; length > 0 {
		t := min(max((px*dx+py*dy)/length, 0), 1)
		px, py = px-t*dx, py-t*dy
	}
	return px*px + py*py
}

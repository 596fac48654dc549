package geo

import (
	"cmp"
	"math"
	"slices"

	"github.com/peterstace/simplefeatures/geom"
)

// OutlineZoom is the zoom that outlines are drawn for: they are never half a tile coordinate of it from where they are, which is 4.8 m at the
// equator and 3.1 m in Paris.
const OutlineZoom = 10

// outlineReach is how far from each other borders may run that are meant to be one, in such halves: 12.6 m in Paris, whose precincts were drawn one by
// one and are up to 10 m apart.
const outlineReach = 4

// Outline is the border of an area that is made of parts, in steps of a frame.
type Outline struct {
	Coords []uint32 // x0, y0, x1, y1 ... of all rings
	Ends   []int32  // by ring, where its vertices end; a ring does not repeat its first vertex. None: nothing of the area is drawn
	Inside [2]uint32
}

// Rings gives the vertices of each ring.
func (o Outline) Rings() (rings [][]uint32) {
	start := int32(0)
	for _, end := range o.Ends {
		rings = append(rings, o.Coords[2*start:2*end])
		start = end
	}
	return rings
}

// Outlines gives the borders of many areas, each made of polygons whose rings are listed as for AreaZooms: areas says of which area a ring is,
// from 0 to count-1, and holes, where it is not nil, whether it is a hole. What is inside of any polygon of an area is inside of its outline, however
// many lie over each other. Inside is a position in the largest part of the outline, for a name.
//
// Polygons need not fit together: vertices and edges that are near each other become one, so that no line is left where two polygons of an
// area were meant to meet, and areas that were meant to meet have the same border. What is left between polygons and is thinner than that reach goes
// too. Borders are then generalised as AreaZooms does, once for all who share them.
//
// Whether to go on goOn is asked now and then, where it is not nil; its error ends the work.
func (f Frame) Outlines(coords []uint32, ends []int32, holes []bool, areas []int32, count int, goOn func() error) ([]Outline, error) {
	reach := float64(outlineReach) * math.Sqrt(f.limits()[OutlineZoom])
	s := newSnapper(reach, goOn)
	rings, err := s.snap(coords, ends)
	if err != nil {
		return nil, err
	}
	edges := s.edges(rings, holes, areas)
	outlines := make([]Outline, count)
	var allCoords []uint32
	var allEnds []int32
	for len(edges) > 0 {
		area := edges[0].area
		n := 1
		for n < len(edges) && edges[n].area == area {
			n++
		}
		found := s.outline(edges[:n])
		edges = edges[n:]
		if err := s.ask(); err != nil {
			return nil, err
		}
		outlines[area].Inside = found.inside
		for _, ring := range found.rings {
			for _, v := range ring {
				allCoords = append(allCoords, s.points[2*v], s.points[2*v+1])
			}
			allEnds = append(allEnds, int32(len(allCoords)/2))
			outlines[area].Ends = append(outlines[area].Ends, int32(len(allCoords)/2))
		}
	}
	zooms := f.AreaZooms(allCoords, allEnds)
	start := int32(0)
	for i := range outlines {
		o := &outlines[i]
		for k, end := range o.Ends {
			o.Coords = appendOutline(o.Coords, allCoords[2*start:2*end], zooms[start:end])
			o.Ends[k], start = int32(len(o.Coords)/2), end
		}
	}
	return outlines, nil
}

// appendOutline appends the vertices of a ring that are drawn; all, where too few for a ring are.
func appendOutline(to, ring []uint32, zooms []uint8) []uint32 {
	before := len(to)
	for v, zoom := range zooms {
		if zoom <= OutlineZoom {
			to = append(to, ring[2*v], ring[2*v+1])
		}
	}
	if len(to)-before < 6 {
		to = append(to[:before], ring...)
	}
	return to
}

// areaEdge goes from a point to another so many times, with the area on its left (where y grows upwards).
type areaEdge struct{ area, from, to, times int32 }

// edges gives those of each area, in the order of areas, that do not cancel out: an edge between two of its polygons goes both ways.
func (s *snapper) edges(rings [][]int32, holes []bool, areas []int32) []areaEdge {
	var edges []areaEdge
	for r, ring := range rings {
		times := int32(1)
		if (s.area(ring) < 0) != (holes != nil && holes[r]) {
			times = -1
		}
		for i, from := range ring {
			to, sign := ring[(i+1)%len(ring)], times
			if from > to {
				from, to, sign = to, from, -times
			}
			edges = append(edges, areaEdge{areas[r], from, to, sign})
		}
	}
	slices.SortFunc(edges, func(a, b areaEdge) int {
		switch {
		case a.area != b.area:
			return int(a.area - b.area)
		case a.from != b.from:
			return int(a.from - b.from)
		}
		return int(a.to - b.to)
	})
	kept := edges[:0]
	for i := 0; i < len(edges); {
		sum := edges[i]
		for i++; i < len(edges) && edges[i].area == sum.area && edges[i].from == sum.from && edges[i].to == sum.to; i++ {
			sum.times += edges[i].times
		}
		if sum.times < 0 {
			sum.from, sum.to, sum.times = sum.to, sum.from, -sum.times
		}
		if sum.times > 0 {
			kept = append(kept, sum)
		}
	}
	return kept
}

// foundOutline is an outline by its points.
type foundOutline struct {
	rings  [][]int32
	inside [2]uint32
}

// outline makes rings of the edges of an area.
func (s *snapper) outline(edges []areaEdge) (found foundOutline) {
	var parts, holes [][]int32
	for _, ring := range s.trace(s.bordering(edges)) {
		if s.area(ring) > 0 {
			parts = append(parts, ring)
		} else {
			holes = append(holes, ring)
		}
	}
	if len(parts) == 0 {
		return found
	}
	for i := range parts {
		parts[i] = s.withoutInlets(parts[i])
	}
	parts = s.join(parts)
	largest := slices.MaxFunc(parts, func(a, b []int32) int { return cmp.Compare(s.area(a), s.area(b)) })
	for _, part := range parts {
		if s.area(part) == s.area(largest) || !s.isThin(s.area(part), s.length(part)) {
			found.rings = append(found.rings, part)
		}
	}
	for _, hole := range holes {
		if hole = s.withoutInlets(hole); !s.isThin(s.area(hole), s.length(hole)) {
			found.rings = append(found.rings, hole)
		}
	}
	found.inside = s.middle(largest, found.rings)
	return found
}

// thin is how wide the gaps between polygons are that are left out, in reaches.
const thin = 2

// isThin tells whether a ring is thin all along: twice its area by its length is how wide it is where it is long.
func (s *snapper) isThin(area, length float64) bool { return 2*math.Abs(area) <= thin*s.reach*length }

// withoutInlets leaves out where a ring goes into a thin gap and comes back beside itself.
func (s *snapper) withoutInlets(ring []int32) []int32 {
	n := len(ring)
	place := make(map[int32]int, n)
	areas, lengths := make([]float64, 2*n+1), make([]float64, 2*n+1) // up to a vertex, twice around; of areas seen from the first one, twice
	ox, oy := s.at(ring[0])
	for i := range 2 * n {
		ax, ay := s.at(ring[i%n])
		bx, by := s.at(ring[(i+1)%n])
		areas[i+1] = areas[i] + float64((ax-ox)*(by-oy)) - float64((bx-ox)*(ay-oy))
		lengths[i+1] = lengths[i] + distance(ax, ay, bx, by)
		place[ring[i%n]] = i % n
	}
	type inlet struct{ from, steps int }
	var inlets []inlet
	for i, v := range ring {
		ax, ay := s.at(v)
		s.within(thin*s.reach, ax, ay, func(p int32) {
			at, there := place[p]
			steps := (at - i + n) % n
			if !there || steps < 2 {
				return
			}
			bx, by := s.at(p)
			area := areas[i+steps] - areas[i] + float64((bx-ox)*(ay-oy)) - float64((ax-ox)*(by-oy))
			if area < 0 && s.isThin(area/2, lengths[i+steps]-lengths[i]+distance(ax, ay, bx, by)) {
				inlets = append(inlets, inlet{i, steps})
			}
		})
	}
	slices.SortFunc(inlets, func(a, b inlet) int { return cmp.Or(b.steps-a.steps, a.from-b.from) })
	left := make([]bool, n)
	for _, in := range inlets {
		if left[in.from] || left[(in.from+in.steps)%n] {
			continue
		}
		for i := in.from + 1; i < in.from+in.steps; i++ {
			left[i%n] = true
		}
	}
	var kept []int32
	for i, v := range ring {
		if !left[i] {
			kept = append(kept, v)
		}
	}
	if len(kept) < 3 {
		return ring
	}
	return kept
}

// join makes one of parts that have a thin gap between them.
func (s *snapper) join(parts [][]int32) [][]int32 {
	of := map[int32]int{} // by point: its part
	for i, part := range parts {
		for _, v := range part {
			of[v] = i
		}
	}
	type pair struct{ a, b int }
	tried := map[pair]bool{}
	for a := range parts {
		for i := 0; i < len(parts[a]); i++ {
			x, y := s.at(parts[a][i])
			beside := int32(none)
			s.within(thin*s.reach, x, y, func(p int32) {
				if b, there := of[p]; there && b != a && !tried[pair{a, b}] && (beside == none || p < beside) {
					beside = p
				}
			})
			if beside == none {
				continue
			}
			b := of[beside]
			tried[pair{a, b}], tried[pair{b, a}] = true, true
			joined := s.joined(parts[a], i, parts[b], slices.Index(parts[b], beside))
			if s.length(joined) > s.length(parts[a])+s.length(parts[b])-4*thin*s.reach {
				continue // they meet in a corner
			}
			for _, v := range parts[b] {
				of[v] = a
			}
			parts[a], parts[b] = joined, nil
			i = -1 // what was beside the other may be beside this one
		}
	}
	return slices.DeleteFunc(parts, func(part []int32) bool { return part == nil })
}

// joined goes from a vertex of a part to one of another, around that and back. The gap between them is an inlet on either side of this way.
func (s *snapper) joined(a []int32, i int, b []int32, j int) []int32 {
	return s.withoutInlets(slices.Concat(a[:i+1], b[j:], b[:j+1], a[i:]))
}

func distance(ax, ay, bx, by float64) float64 {
	return math.Sqrt(float64((bx-ax)*(bx-ax)) + float64((by-ay)*(by-ay)))
}

// middle is a position inside a ring and outside of the holes in it.
func (s *snapper) middle(shell []int32, rings [][]int32) [2]uint32 {
	line := func(ring []int32) geom.LineString {
		var flat []float64
		for i := range len(ring) + 1 {
			x, y := s.at(ring[i%len(ring)])
			flat = append(flat, x, y)
		}
		return geom.NewLineString(geom.NewSequence(flat, geom.DimXY))
	}
	lines := []geom.LineString{line(shell)}
	for _, ring := range rings {
		if s.area(ring) < 0 && s.holds(shell, ring) {
			lines = append(lines, line(ring))
		}
	}
	xy, ok := geom.NewPolygon(lines).PointOnSurface().XY()
	if !ok { // a polygon has one
		return [2]uint32{s.points[2*shell[0]], s.points[2*shell[0]+1]}
	}
	return [2]uint32{uint32(xy.X), uint32(xy.Y)}
}

// holds tells whether a hole is inside a shell, which it may touch but not cross.
func (s *snapper) holds(shell, hole []int32) bool {
	for _, v := range hole {
		if slices.Contains(shell, v) {
			continue
		}
		x, y := s.at(v)
		inside := false
		for i, from := range shell {
			ax, ay := s.at(from)
			bx, by := s.at(shell[(i+1)%len(shell)])
			if (ay > y) != (by > y) && x < ax+(y-ay)*(bx-ax)/(by-ay) {
				inside = !inside
			}
		}
		return inside
	}
	return true
}

func (s *snapper) at(v int32) (x, y float64) {
	return float64(s.points[2*v]), float64(s.points[2*v+1])
}

// area is positive of a ring that has its inside on the left.
func (s *snapper) area(ring []int32) float64 {
	if len(ring) == 0 {
		return 0
	}
	ox, oy := s.at(ring[0])
	sum := 0.0
	for i, v := range ring {
		ax, ay := s.at(v)
		bx, by := s.at(ring[(i+1)%len(ring)])
		sum += float64((ax-ox)*(by-oy)) - float64((bx-ox)*(ay-oy))
	}
	return sum / 2
}

func (s *snapper) length(ring []int32) float64 {
	sum := 0.0
	for i, v := range ring {
		ax, ay := s.at(v)
		bx, by := s.at(ring[(i+1)%len(ring)])
		sum += distance(ax, ay, bx, by)
	}
	return sum
}

package geo

import (
	"math"
	"slices"
)

// bordering gives the edges of an area that have it on their left and not on their right. Where polygons lie over each other others
// are inside.
func (s *snapper) bordering(edges []areaEdge) []areaEdge {
	b := s.newBands(edges)
	var border []areaEdge
	for i, e := range edges {
		if right := b.windingRightOf(i); right <= 0 && right+e.times > 0 {
			border = append(border, e)
		}
	}
	return border
}

// bands finds the edges at a height. They are as high as an edge is on average, which bounds the entries by three per edge.
type bands struct {
	*snapper
	edges        []areaEdge
	low, height  float64
	starts, list []int32 // by band: where its edges start in the list; one more at the end
}

func (s *snapper) newBands(edges []areaEdge) *bands {
	low, high, heights := math.Inf(1), math.Inf(-1), 0.0
	for _, e := range edges {
		from, to := s.heights(e)
		low, high, heights = min(low, from), max(high, to), heights+to-from
	}
	b := &bands{snapper: s, edges: edges, low: low, height: max(heights, high-low, 1) / float64(len(edges))}
	b.starts = make([]int32, b.band(high)+2)
	each := func(do func(band int, e int32)) {
		for i, e := range edges {
			from, to := s.heights(e)
			for band := b.band(from); band <= b.band(to); band++ {
				do(band, int32(i))
			}
		}
	}
	each(func(band int, _ int32) { b.starts[band+1]++ })
	for band := 1; band < len(b.starts); band++ {
		b.starts[band] += b.starts[band-1]
	}
	b.list = make([]int32, b.starts[len(b.starts)-1])
	next := slices.Clone(b.starts)
	each(func(band int, e int32) { b.list[next[band]] = e; next[band]++ })
	return b
}

// heights gives the lower and the upper end of an edge.
func (s *snapper) heights(e areaEdge) (low, high float64) {
	_, from := s.at(e.from)
	_, to := s.at(e.to)
	return min(from, to), max(from, to)
}

func (b *bands) band(y float64) int { return int((y - b.low) / b.height) }

// windingRightOf tells how many polygons lie over the right side of an edge, in its middle: edges farther along x that go up, less those that
// go down.
func (b *bands) windingRightOf(i int) (winding int32) {
	e := b.edges[i]
	ax, ay := b.at(e.from)
	bx, by := b.at(e.to)
	x, y := (ax+bx)/2, (ay+by)/2
	below := ay == by && bx > ax // the right side of a level edge is above or below it, not beside it
	band := b.band(y)
	for _, k := range b.list[b.starts[band]:b.starts[band+1]] {
		other := b.edges[k]
		cx, cy := b.at(other.from)
		dx, dy := b.at(other.to)
		up := (cy <= y) && (dy > y)
		down := (dy <= y) && (cy > y)
		if below {
			up, down = (cy < y) && (dy >= y), (dy < y) && (cy >= y)
		}
		if k == int32(i) || !up && !down || cx+(y-cy)*(dx-cx)/(dy-cy) <= x {
			continue
		}
		if up {
			winding += other.times
		} else {
			winding -= other.times
		}
	}
	if by < ay { // what has been looked at is its left side
		winding -= e.times
	}
	return winding
}

// trace joins edges to rings that touch themselves nowhere.
func (s *snapper) trace(edges []areaEdge) (rings [][]int32) {
	slices.SortFunc(edges, func(a, b areaEdge) int {
		if a.from != b.from {
			return int(a.from - b.from)
		}
		return int(a.to - b.to)
	})
	used := make([]bool, len(edges))
	at := map[int32]int{} // by point of the way: its place there
	for first := range edges {
		if used[first] {
			continue
		}
		way := []int32{edges[first].from}
		clear(at)
		at[way[0]] = 0
		for next := first; next != none; {
			used[next] = true
			point := edges[next].to
			if from, been := at[point]; been { // a ring is closed, and goes on before it
				rings = append(rings, slices.Clone(way[from:]))
				for _, left := range way[from+1:] {
					delete(at, left)
				}
				way = way[:from+1]
			} else {
				at[point] = len(way)
				way = append(way, point)
			}
			next = s.leftmost(edges, used, edges[next])
		}
	}
	return rings
}

// leftmost is the edge that goes on from another and keeps what is on its left smallest.
func (s *snapper) leftmost(edges []areaEdge, used []bool, before areaEdge) int {
	i, _ := slices.BinarySearchFunc(edges, before.to, func(e areaEdge, from int32) int { return int(e.from - from) })
	direction := func(from, to int32) float64 {
		ax, ay := s.at(from)
		bx, by := s.at(to)
		return math.Atan2(by-ay, bx-ax)
	}
	found, least := none, math.Inf(1)
	for ; i < len(edges) && edges[i].from == before.to; i++ {
		if used[i] {
			continue
		}
		turned := math.Mod(direction(before.to, before.from)-direction(before.to, edges[i].to)+4*math.Pi, 2*math.Pi)
		if turned < least {
			found, least = i, turned
		}
	}
	return found
}

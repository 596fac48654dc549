package geo

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// Areas finds the areas that contain a point. Areas are known by their index in the list given to NewAreas. It does not
// change once built, and is safe for use from several goroutines.
type Areas struct {
	polygons []areaPolygon // in the order of areas
	origin   orb.Point     // lower left corner of the grid
	step     [2]float64    // size of a grid cell
	cells    [2]int        // columns and rows
	starts   []int32       // by cell, row by row: where its polygons start; one more at the end
	inCell   []int32       // polygons by cell
	borders  *Network      // all rings
	ringArea []int32       // by ring
}

type areaPolygon struct {
	area    int
	bound   orb.Bound
	polygon orb.Polygon
}

// NewAreas indexes areas in any planar coordinates, longitude and latitude included. It keeps the polygons, which must
// not be changed afterwards. A polygon that is empty, or holds a coordinate that is not a number or beyond 1e12, is left
// out. Rings may lack their closing vertex.
func NewAreas(areas []orb.MultiPolygon) *Areas {
	a := &Areas{}
	all, width, height := emptyBound, 0.0, 0.0
	var rings []orb.LineString
	for i, area := range areas {
		for _, polygon := range area {
			if !polygonIsUsable(polygon) {
				continue
			}
			bound := polygon.Bound()
			a.polygons = append(a.polygons, areaPolygon{i, bound, polygon})
			all = all.Union(bound)
			width += bound.Max[0] - bound.Min[0]
			height += bound.Max[1] - bound.Min[1]
			for _, ring := range polygon {
				if len(ring) > 0 && ring[0] != ring[len(ring)-1] {
					ring = append(slices.Clip(ring), ring[0])
				}
				rings = append(rings, orb.LineString(ring))
				a.ringArea = append(a.ringArea, int32(i))
			}
		}
	}
	a.borders = NewNetwork(rings)
	a.fillGrid(all, [2]float64{width, height})
	return a
}

var emptyBound = orb.Bound{Min: orb.Point{math.Inf(1), math.Inf(1)}, Max: orb.Point{math.Inf(-1), math.Inf(-1)}}

func polygonIsUsable(polygon orb.Polygon) bool {
	for _, ring := range polygon {
		if len(ring) > 0 && !lineIsUsable(orb.LineString(ring)) {
			return false
		}
	}
	return len(polygon) > 0 && len(polygon[0]) > 0
}

// fillGrid enters every polygon in the cells that its bound touches. Cells are as large as bounds are on average, but no
// more than about four for each polygon.
func (a *Areas) fillGrid(all orb.Bound, sizes [2]float64) {
	if len(a.polygons) == 0 {
		return
	}
	most := 1
	for most*most < 4*len(a.polygons) {
		most++
	}
	a.origin = all.Min
	for axis := range a.step {
		extent := all.Max[axis] - all.Min[axis]
		a.cells[axis] = 1
		if mean := sizes[axis] / float64(len(a.polygons)); mean > 0 {
			a.cells[axis] = int(min(float64(most), extent/mean)) + 1
		}
		a.step[axis] = extent / float64(a.cells[axis])
	}
	inCells := make([][]int32, a.cells[0]*a.cells[1])
	for i, p := range a.polygons {
		for y := a.cellOf(p.bound.Min[1], 1); y <= a.cellOf(p.bound.Max[1], 1); y++ {
			for x := a.cellOf(p.bound.Min[0], 0); x <= a.cellOf(p.bound.Max[0], 0); x++ {
				cell := y*a.cells[0] + x
				inCells[cell] = append(inCells[cell], int32(i))
			}
		}
	}
	for _, polygons := range inCells {
		a.starts = append(a.starts, int32(len(a.inCell)))
		a.inCell = append(a.inCell, polygons...)
	}
	a.starts = append(a.starts, int32(len(a.inCell)))
}

// cellOf is the column (axis 0) or row (axis 1) of a coordinate, that of the edge of the grid where it lies outside.
func (a *Areas) cellOf(coordinate float64, axis int) int {
	if a.step[axis] == 0 {
		return 0
	}
	cell := (coordinate - a.origin[axis]) / a.step[axis]
	return int(max(0, min(cell, float64(a.cells[axis]-1))))
}

// Containing lists the areas that contain p, in ascending order. Whether a point is inside is decided without rounding
// error, and borders are half open: a point on a border belongs to the area east of it, and on a border that runs due
// east to the area north of it, so that of areas that share a border vertex by vertex exactly one contains the point.
// What lies in a hole is outside. Nothing contains a point whose coordinates are not numbers or beyond 1e12.
func (a *Areas) Containing(p orb.Point) []int {
	if len(a.polygons) == 0 || !pointIsUsable(p) {
		return nil
	}
	cell := a.cellOf(p[1], 1)*a.cells[0] + a.cellOf(p[0], 0)
	var found []int
	for _, i := range a.inCell[a.starts[cell]:a.starts[cell+1]] {
		candidate := &a.polygons[i]
		if !candidate.bound.Contains(p) || len(found) > 0 && found[len(found)-1] == candidate.area {
			continue
		}
		if polygonHolds(candidate.polygon, p) {
			found = append(found, candidate.area)
		}
	}
	return found
}

// Nearest is the area nearest to p and the distance to it, in the units of the coordinates: 0 to the first area that
// contains p, else the distance to the nearest border. Of several as near it is the one of the lowest index; -1, and an
// infinite distance, where there is no area or p cannot be used.
func (a *Areas) Nearest(p orb.Point) (area int, distance float64) {
	if containing := a.Containing(p); len(containing) > 0 {
		return containing[0], 0
	}
	ring, at := a.borders.Nearest(p)
	if ring < 0 {
		return -1, at.OffM
	}
	return int(a.ringArea[ring]), at.OffM
}

// polygonHolds counts the borders that a ray from p to the east crosses: an odd number is inside. A border that ends at
// the height of p counts if it comes from above.
func polygonHolds(polygon orb.Polygon, p orb.Point) bool {
	inside := false
	for _, ring := range polygon {
		if len(ring) == 0 {
			continue
		}
		from := ring[len(ring)-1]
		for _, to := range ring {
			if (from[1] > p[1]) != (to[1] > p[1]) {
				low, high := from, to
				if low[1] > high[1] {
					low, high = high, low
				}
				if turn(low, high, p) > 0 {
					inside = !inside
				}
			}
			from = to
		}
	}
	return inside
}

package access

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// widestTurf is more degrees than any turf has from one side to the other: what is wider is the whole world, or numbers of another
// system.
const widestTurf = 30

// leastArea is about a hundredth of a square metre, in square degrees.
const leastArea = 1e-12

// checkShape says why polygons are no turf.
func checkShape(shape orb.MultiPolygon) error {
	if len(shape) == 0 {
		return refuse("geojson", "it has no polygon")
	}
	if len(shape) > mostPolygons {
		return refuse("geojson", "it has more than %d polygons", mostPolygons)
	}
	vertices := 0
	for _, polygon := range shape {
		if len(polygon) == 0 {
			return refuse("geojson", "a polygon has no ring")
		}
		for _, ring := range polygon {
			if vertices += len(ring); vertices > mostVertices {
				return refuse("geojson", "it has more than %d vertices: simplify the polygons", mostVertices)
			}
			if err := checkRing(ring); err != nil {
				return err
			}
		}
	}
	if b := shape.Bound(); b.Max[0]-b.Min[0] > widestTurf || b.Max[1]-b.Min[1] > widestTurf {
		return refuse("geojson", "it is wider than %d degrees: a turf is a part of a place", widestTurf)
	}
	return nil
}

// checkRing says why a ring bounds nothing.
func checkRing(ring orb.Ring) error {
	if len(ring) < 4 || ring[0] != ring[len(ring)-1] {
		return refuse("geojson", "a ring has at least four positions, and its last is its first")
	}
	for _, p := range ring {
		if !(math.Abs(p[0]) <= 180 && math.Abs(p[1]) <= 90) { // also not a number
			return refuse("geojson", "a position is not in degrees of longitude (-180 to 180), then latitude (-90 to 90): save it as WGS84 (EPSG:4326)")
		}
	}
	if at, crosses := crossing(ring); crosses {
		return refuse("geojson", "a ring crosses itself near %.5f, %.5f: draw it anew there", at[0], at[1])
	}
	if area(ring) < leastArea {
		return refuse("geojson", "a ring has no area")
	}
	return nil
}

// area is that of a ring in square degrees, counted from its first corner so that no digits are lost.
func area(ring orb.Ring) float64 {
	sum := 0.0
	for i := 1; i < len(ring); i++ {
		sum += side(ring[0], ring[i-1], ring[i])
	}
	return math.Abs(sum) / 2
}

// crossing finds a point where two edges of a ring cross, each beyond the other's ends. Edges that only touch do not cross.
func crossing(ring orb.Ring) (orb.Point, bool) {
	type edge struct{ from, to orb.Point }
	edges := make([]edge, 0, len(ring))
	for i := 1; i < len(ring); i++ {
		a, b := ring[i-1], ring[i]
		if a[0] > b[0] {
			a, b = b, a
		}
		edges = append(edges, edge{a, b})
	}
	// From west to east, an edge is compared with those that begin before it ends.
	slices.SortFunc(edges, func(e, f edge) int {
		switch {
		case e.from[0] < f.from[0]:
			return -1
		case e.from[0] > f.from[0]:
			return 1
		}
		return 0
	})
	for i, e := range edges {
		low, high := min(e.from[1], e.to[1]), max(e.from[1], e.to[1])
		for _, f := range edges[i+1:] {
			if f.from[0] > e.to[0] {
				break
			}
			if min(f.from[1], f.to[1]) > high || max(f.from[1], f.to[1]) < low {
				continue
			}
			if opposite(side(e.from, e.to, f.from), side(e.from, e.to, f.to)) && opposite(side(f.from, f.to, e.from), side(f.from, f.to, e.to)) {
				return f.from, true
			}
		}
	}
	return orb.Point{}, false
}

// side is positive where c lies to the left of the line from a to b, negative to its right.
func side(a, b, c orb.Point) float64 {
	return (b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0])
}

func opposite(a, b float64) bool { return a < 0 && b > 0 || a > 0 && b < 0 }

package city

import (
	"cmp"
	"math"
	"slices"
)

// longEdgeM is the longest edge of a published area: a straight line of this length in Lambert-93 and one in longitude and
// latitude are nowhere more than 4 mm apart.
const longEdgeM = 400

// rings gives the outlines of cells that tile a polygon, closed and counter-clockwise, such that neighbours share every vertex.
func rings(cells []convex) [][]point {
	var corners []point
	for _, c := range cells {
		corners = append(corners, c...)
	}
	slices.SortFunc(corners, comparePoints)
	corners = slices.Compact(corners)
	out := make([][]point, len(cells))
	for i, c := range cells {
		var ring []point
		for k, a := range c {
			b := c[(k+1)%len(c)]
			stops := append([]point{a}, cornersOn(corners, a, b)...)
			stops = append(stops, b)
			for s := 1; s < len(stops); s++ {
				ring = append(ring, shortEdges(stops[s-1], stops[s])...)
			}
		}
		out[i] = append(ring, ring[0])
	}
	return out
}

func comparePoints(a, b point) int { return cmp.Or(cmp.Compare(a.x, b.x), cmp.Compare(a.y, b.y)) }

// cornersOn lists the corners that lie on the edge from a to b, in order.
func cornersOn(corners []point, a, b point) []point {
	const onEdgeM = 1e-4
	d := b.minus(a)
	length := d.length()
	if length == 0 {
		return nil
	}
	u := d.times(1 / length)
	from, _ := slices.BinarySearchFunc(corners, min(a.x, b.x)-onEdgeM, func(p point, x float64) int { return cmp.Compare(p.x, x) })
	var found []point
	for _, p := range corners[from:] {
		if p.x > max(a.x, b.x)+onEdgeM {
			break
		}
		w := p.minus(a)
		if t := w.dot(u); t > onEdgeM && t < length-onEdgeM && math.Abs(u.cross(w)) < onEdgeM {
			found = append(found, p)
		}
	}
	slices.SortFunc(found, func(p, q point) int { return cmp.Compare(p.minus(a).dot(u), q.minus(a).dot(u)) })
	return found
}

// shortEdges gives the points from a (included) to b (not included), the same whichever end is first.
func shortEdges(a, b point) []point {
	n := int(math.Ceil(a.distance(b) / longEdgeM))
	points := []point{a}
	for k := 1; k < n; k++ {
		if comparePoints(a, b) < 0 {
			points = append(points, between(a, b, float64(k)/float64(n)))
		} else {
			points = append(points, between(b, a, float64(n-k)/float64(n)))
		}
	}
	return points
}

package city

import "math"

// point is a place in Lambert-93 metres, or a direction.
type point struct{ x, y float64 }

func (p point) plus(q point) point        { return point{p.x + q.x, p.y + q.y} }
func (p point) minus(q point) point       { return point{p.x - q.x, p.y - q.y} }
func (p point) times(f float64) point     { return point{p.x * f, p.y * f} }
func (p point) dot(q point) float64       { return p.x*q.x + p.y*q.y }
func (p point) cross(q point) float64     { return p.x*q.y - p.y*q.x }
func (p point) length() float64           { return math.Hypot(p.x, p.y) }
func (p point) left() point               { return point{-p.y, p.x} }
func (p point) distance(q point) float64  { return math.Hypot(p.x-q.x, p.y-q.y) }
func (p point) distance2(q point) float64 { return (p.x-q.x)*(p.x-q.x) + (p.y-q.y)*(p.y-q.y) }

func (p point) unit() point {
	if l := p.length(); l > 0 {
		return p.times(1 / l)
	}
	return point{1, 0}
}

func between(a, b point, t float64) point { return point{a.x + t*(b.x-a.x), a.y + t*(b.y-a.y)} }

// towards is the unit vector at an angle from east, counter-clockwise.
func towards(angle float64) point {
	sin, cos := math.Sincos(angle)
	return point{cos, sin}
}

func lineLength(line []point) float64 {
	length := 0.0
	for i := 1; i < len(line); i++ {
		length += line[i-1].distance(line[i])
	}
	return length
}

// nearestOnLine is the point of a line nearest to p, its distance and the direction of the line there.
func nearestOnLine(line []point, p point) (at point, distance float64, along point) {
	best := math.Inf(1)
	for i := 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		d := b.minus(a)
		t := 0.0
		if l2 := d.dot(d); l2 > 0 {
			t = min(1, max(0, p.minus(a).dot(d)/l2))
		}
		q := between(a, b, t)
		if d2 := q.distance2(p); d2 < best {
			best, at, along = d2, q, d
		}
	}
	return at, math.Sqrt(best), along.unit()
}

// simplify drops vertices nearer than tolerance to the line of those kept (Douglas and Peucker 1973).
func simplify(line []point, tolerance float64) []point {
	if len(line) < 3 {
		return line
	}
	keep := make([]bool, len(line))
	keep[0], keep[len(line)-1] = true, true
	type span struct{ from, to int }
	spans := []span{{0, len(line) - 1}}
	if line[0] == line[len(line)-1] { // a closed line needs a third vertex to hold it open
		middle := len(line) / 2
		keep[middle] = true
		spans = []span{{0, middle}, {middle, len(line) - 1}}
	}
	for len(spans) > 0 {
		s := spans[len(spans)-1]
		spans = spans[:len(spans)-1]
		far, at := tolerance, -1
		chord := []point{line[s.from], line[s.to]}
		for i := s.from + 1; i < s.to; i++ {
			if _, d, _ := nearestOnLine(chord, line[i]); d > far {
				far, at = d, i
			}
		}
		if at >= 0 {
			keep[at] = true
			spans = append(spans, span{s.from, at}, span{at, s.to})
		}
	}
	kept := make([]point, 0, len(line))
	for i, p := range line {
		if keep[i] {
			kept = append(kept, p)
		}
	}
	return kept
}

// convex is a convex polygon, counter-clockwise, without its first vertex repeated.
type convex []point

// halfPlane is the points p with normal · p <= offset.
type halfPlane struct {
	normal point
	offset float64
}

func (h halfPlane) excess(p point) float64 { return h.normal.dot(p) - h.offset }

func (h halfPlane) opposite() halfPlane {
	return halfPlane{h.normal.times(-1), -h.offset}
}

// clip keeps the part of the polygon in the half plane.
func (c convex) clip(h halfPlane) convex {
	kept := make(convex, 0, len(c)+1)
	for i, p := range c {
		q := c[(i+1)%len(c)]
		a, b := h.excess(p), h.excess(q)
		if a <= 0 {
			kept = append(kept, p)
		}
		if (a < 0 && b > 0) || (a > 0 && b < 0) {
			kept = append(kept, between(p, q, a/(a-b)))
		}
	}
	return kept
}

// depth is how far inside the polygon a point lies, in metres; negative outside.
func (c convex) depth(p point) float64 {
	depth := math.Inf(1)
	for i, a := range c {
		d := c[(i+1)%len(c)].minus(a).unit()
		depth = min(depth, d.cross(p.minus(a)))
	}
	return depth
}

func (c convex) area() float64 {
	area := 0.0
	for i, p := range c {
		area += p.minus(c[0]).cross(c[(i+1)%len(c)].minus(c[0]))
	}
	return area / 2
}

// reach is the distance from a point to the furthest vertex.
func (c convex) reach(from point) float64 {
	reach := 0.0
	for _, p := range c {
		reach = max(reach, p.distance(from))
	}
	return reach
}

// ellipse approximates an ellipse with its axes east and north.
func ellipse(centre, halfAxes point, corners int) convex {
	c := make(convex, corners)
	for i := range c {
		d := towards(2 * math.Pi * float64(i) / float64(corners))
		c[i] = point{centre.x + halfAxes.x*d.x, centre.y + halfAxes.y*d.y}
	}
	return c
}

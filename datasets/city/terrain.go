package city

import (
	"math"
	"math/rand/v2"
)

// terrain is the ground of one commune and where streets may run on it.
type terrain struct {
	site
	territory
	index     int // of the commune
	rivers    [][]point
	halfWidth float64 // of the rivers
	frontage  float64 // see shape
	parks     []park
	lobes     [3]struct{ height, phase float64 } // the ragged edge of the built-up part
	cores     []point                            // old centres: denser streets, the town's own first
}

// park is an ellipse without streets but its own.
type park struct {
	centre point
	axis   point // unit vector of the long half axis
	a, b   float64
}

// The built-up part has streets blockM apart in the middle and twice that at its edge.
const blockM = 66

// builtUpRadius is the radius of the built-up part that holds so many segments. The factor was fitted to what the tracing gives.
func builtUpRadius(segments float64) float64 { return 60 + 39*math.Sqrt(segments) }

func newTerrain(p *plan, index int, r *rand.Rand) *terrain {
	t := &terrain{site: p.communes[index], territory: p.territory(index), index: index, halfWidth: p.rivers.halfWidth, frontage: p.frontage}
	t.rivers = p.rivers.crossing(t.cell)
	for i := range t.lobes {
		t.lobes[i].height = uniform(r, 0.03, 0.11)
		t.lobes[i].phase = uniform(r, 0, 2*math.Pi)
	}
	t.cores = []point{t.centre}
	for range int(t.radius / 900) { // villages the town has swallowed
		t.cores = append(t.cores, t.centre.plus(towards(uniform(r, 0, 2*math.Pi)).times(t.radius*uniform(r, 0.45, 0.85))))
	}
	return t
}

// reachAt is how far the built-up part reaches in the direction of a point.
func (t *terrain) reachAt(p point) float64 {
	d := p.minus(t.centre)
	angle := math.Atan2(d.y, d.x)
	f := 0.97
	for i, lobe := range t.lobes {
		f += lobe.height * math.Sin(float64(i+2)*angle+lobe.phase)
	}
	return f * t.radius
}

// outness is 0 in the centre of the built-up part and 1 at its edge.
func (t *terrain) outness(p point) float64 { return p.distance(t.centre) / t.reachAt(p) }

// spacing is how far apart streets are around a point.
func (t *terrain) spacing(p point) float64 {
	u := min(1, t.outness(p))
	near := 0.0
	for i, c := range t.cores {
		reach := 0.34 * t.radius
		if i > 0 {
			reach = 260
		}
		near = max(near, math.Exp(-p.distance2(c)/square(reach)))
	}
	return blockM * (1 + 0.25*(1-near) + 0.75*square(u))
}

// riverDistance is the distance to the bank; negative in the water.
func (t *terrain) riverDistance(p point) (distance float64, along point) {
	distance, along = math.Inf(1), point{1, 0}
	for _, line := range t.rivers {
		if _, d, dir := nearestOnLine(line, p); d-t.halfWidth < distance {
			distance, along = d-t.halfWidth, dir
		}
	}
	return distance, along
}

func (t *terrain) inPark(p point, margin float64) bool {
	for i := range t.parks {
		if t.parks[i].contains(p, margin) {
			return true
		}
	}
	return false
}

// buildable tells whether an ordinary street may run at a point.
func (t *terrain) buildable(p point) bool {
	if t.outness(p) > 1 || t.cell.depth(p) < 14 || t.inPark(p, 14) || p.distance(t.centre) < 0.7*t.squareRadius() {
		return false
	}
	d, _ := t.riverDistance(p)
	return d > 4
}

// squareRadius is the radius of the square in the middle.
func (t *terrain) squareRadius() float64 { return min(46, 14+0.02*t.radius) }

func (k *park) contains(p point, margin float64) bool {
	d := p.minus(k.centre)
	return square(d.dot(k.axis)/(k.a+margin))+square(d.cross(k.axis)/(k.b+margin)) < 1
}

// outline is the edge of the park moved outwards, counter-clockwise.
func (k *park) outline(margin float64) convex {
	const corners = 28
	ring := make(convex, corners)
	for i := range ring {
		d := towards(2 * math.Pi * float64(i) / corners)
		ring[i] = k.centre.plus(k.axis.times(d.x * (k.a + margin))).plus(k.axis.left().times(d.y * (k.b + margin)))
	}
	return ring
}

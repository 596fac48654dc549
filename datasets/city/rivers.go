package city

import (
	"math"
	"math/rand/v2"
)

// rivers are meandering bands across the whole ground, so that neighbouring communes see the same river.
type rivers struct {
	through   point // a point near the first river
	along     point // its direction
	apart     float64
	halfWidth float64
	waves     [2]struct{ length, height, phase float64 }
}

// newRivers leads a river past the middle of the largest commune, and in a country others beside it.
func newRivers(r *rand.Rand, main site, many bool) rivers {
	rv := rivers{
		along:     towards(uniform(r, 0, math.Pi)),
		apart:     math.Inf(1),
		halfWidth: min(55, max(11, 0.013*main.radius)),
	}
	if many {
		rv.apart = 1.9 * main.radius
	}
	side := 1.0
	if r.IntN(2) == 0 {
		side = -1
	}
	rv.through = main.centre.plus(rv.along.left().times(side * uniform(r, 0.22, 0.30) * main.radius))
	rv.waves[0].length, rv.waves[0].height = 2.3*main.radius, 0.13*main.radius
	rv.waves[1].length, rv.waves[1].height = 0.9*main.radius, 0.035*main.radius
	// The bend bulges away from the centre where it passes it.
	rv.waves[0].phase = side*math.Pi/2 + uniform(r, -0.5, 0.5)
	rv.waves[1].phase = uniform(r, 0, 2*math.Pi)
	return rv
}

// at is the middle of river k at a distance u along.
func (rv *rivers) at(k int, u float64) point {
	v := 0.0
	for _, w := range rv.waves {
		v += w.height * math.Sin(2*math.Pi*u/w.length+w.phase+1.7*float64(k))
	}
	if k != 0 {
		v += float64(k) * rv.apart
	}
	return rv.through.plus(rv.along.times(u)).plus(rv.along.left().times(v))
}

// crossing gives the middle lines of the rivers in a polygon, a vertex every 40 m, beginning and ending a little outside it.
func (rv *rivers) crossing(cell convex) [][]point {
	const step = 40
	bulge := rv.waves[0].height + rv.waves[1].height
	lowU, highU, lowV, highV := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, p := range cell {
		d := p.minus(rv.through)
		lowU, highU = min(lowU, d.dot(rv.along)), max(highU, d.dot(rv.along))
		lowV, highV = min(lowV, rv.along.cross(d)), max(highV, rv.along.cross(d))
	}
	first, last := 0, 0
	if !math.IsInf(rv.apart, 1) {
		first, last = int(math.Floor((lowV-bulge)/rv.apart)), int(math.Ceil((highV+bulge)/rv.apart))
	}
	var lines [][]point
	for k := first; k <= last; k++ {
		var line []point
		for u := math.Floor(lowU/step-1) * step; u <= highU+step; u += step {
			if p := rv.at(k, u); cell.depth(p) > -2*step {
				line = append(line, p)
			} else if len(line) > 0 {
				lines = append(lines, line)
				line = nil
			}
		}
		if len(line) > 0 {
			lines = append(lines, line)
		}
	}
	return lines
}

package city

import (
	"math"
	"math/rand/v2"
)

// orientation is the direction of streets at every point: a cross field, given by twice its angle on a raster so that a
// direction and its opposite are the same. Streets follow it or run square to it, as in G. Chen, G. Esch, P. Wonka,
// P. Müller, E. Zhang, Interactive Procedural Street Modeling (SIGGRAPH 2008).
type orientation struct {
	corner point
	nx, ny int
	double []point // (cos 2a, sin 2a), not of unit length
}

const rasterM = 40

// newOrientation blends quarters laid out on their own grids with the radial centre; arterials and rivers are added by align.
func newOrientation(t *terrain, r *rand.Rand) *orientation {
	half := 1.35*t.radius + 2*rasterM
	o := &orientation{corner: t.centre.minus(point{half, half})}
	o.nx = int(2*half/rasterM) + 2
	o.ny = o.nx
	o.double = make([]point, o.nx*o.ny)
	type quarter struct{ at, double point }
	quarters := make([]quarter, 3+int(t.radius/260))
	for i := range quarters {
		quarters[i] = quarter{
			t.centre.plus(towards(uniform(r, 0, 2*math.Pi)).times(t.radius * math.Sqrt(r.Float64()))),
			towards(uniform(r, 0, 2*math.Pi)),
		}
	}
	quarterReach := max(220, 1.2*t.radius/math.Sqrt(float64(len(quarters))))
	bend := newField(r, 16, max(250, 0.3*t.radius))
	for j := range o.ny {
		for i := range o.nx {
			p := o.corner.plus(point{float64(i) * rasterM, float64(j) * rasterM})
			sum := point{1e-3, 0}
			for _, q := range quarters {
				sum = sum.plus(q.double.times(math.Exp(-p.distance2(q.at) / square(quarterReach))))
			}
			for k, c := range t.cores {
				reach, weight := 0.30*t.radius, 1.4
				if k > 0 {
					reach, weight = 240, 1
				}
				u := p.minus(c).unit()
				sum = sum.plus(doubled(u).times(weight * math.Exp(-p.distance2(c)/square(reach))))
			}
			o.double[j*o.nx+i] = turned(sum, 0.35*bend.at(p))
		}
	}
	return o
}

func doubled(u point) point { return point{u.x*u.x - u.y*u.y, 2 * u.x * u.y} }

func turned(p point, angle float64) point {
	c := towards(angle)
	return point{p.x*c.x - p.y*c.y, p.x*c.y + p.y*c.x}
}

// align makes streets near a line run along it or square to it.
func (o *orientation) align(line []point, reach, weight float64) {
	for _, piece := range resample(line, rasterM/2) {
		u := doubled(piece.along)
		lowX, highX := o.column(piece.at.x-o.corner.x-2*reach), o.column(piece.at.x-o.corner.x+2*reach)
		lowY, highY := o.column(piece.at.y-o.corner.y-2*reach), o.column(piece.at.y-o.corner.y+2*reach)
		for j := lowY; j <= highY; j++ {
			for i := lowX; i <= highX; i++ {
				p := o.corner.plus(point{float64(i) * rasterM, float64(j) * rasterM})
				k := j*o.nx + i
				// A line square to the streets is as good as one along them.
				d := u
				if o.double[k].dot(d) < 0 {
					d = d.times(-1)
				}
				o.double[k] = o.double[k].plus(d.times(weight * math.Exp(-p.distance2(piece.at)/square(reach))))
			}
		}
	}
}

func (o *orientation) column(x float64) int { return min(o.nx-1, max(0, int(x/rasterM))) }

// at gives the direction of streets at a point, as a unit vector of either sense; family 1 is square to family 0.
func (o *orientation) at(p point, family int) point {
	x, y := (p.x-o.corner.x)/rasterM, (p.y-o.corner.y)/rasterM
	x, y = min(float64(o.nx)-1.001, max(0, x)), min(float64(o.ny)-1.001, max(0, y))
	i, j := int(x), int(y)
	k := j*o.nx + i
	double := between(between(o.double[k], o.double[k+1], x-float64(i)),
		between(o.double[k+o.nx], o.double[k+o.nx+1], x-float64(i)), y-float64(j))
	u := towards(math.Atan2(double.y, double.x) / 2)
	if family == 1 {
		return u.left()
	}
	return u
}

// sample is a point of a line and the direction of the line there.
type sample struct{ at, along point }

// resample gives points of a line about step metres apart, its first and last included.
func resample(line []point, step float64) []sample {
	var samples []sample
	for i := 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		n := max(1, int(math.Ceil(a.distance(b)/step)))
		along := b.minus(a).unit()
		for k := range n {
			samples = append(samples, sample{between(a, b, float64(k)/float64(n)), along})
		}
		if i == len(line)-1 {
			samples = append(samples, sample{b, along})
		}
	}
	return samples
}

package city

import (
	"math"
	"math/rand/v2"
	"slices"
)

// tracer fills the ground with streets: evenly spaced streamlines of the orientation (B. Jobard, W. Lefer, Creating
// Evenly-Spaced Streamlines of Arbitrary Density, 1997), each family keeping its distance from lines that run its way.
type tracer struct {
	terrain *terrain
	field   *orientation
	random  *rand.Rand
	lines   []line
	near    nearby
	seeds   []seed
}

type seed struct {
	at     point
	family int
}

const (
	strideM    = 10.0
	longestM   = 2600.0
	alike      = 0.80 // cosine from which two lines run the same way
	tooNear    = 0.50 // of the spacing, at which a street ends beside another
	blockRatio = 1.35 // how much further apart streets of family 1 are
)

// nearby finds samples of lines around a point.
type nearby struct {
	corner point
	n      int
	cells  [][]sample
}

const nearbyM = 50

func newNearby(centre point, half float64) nearby {
	n := int(2*half/nearbyM) + 1
	return nearby{corner: centre.minus(point{half, half}), n: n, cells: make([][]sample, n*n)}
}

func (g *nearby) add(samples []sample) {
	for _, s := range samples {
		i, j := int(math.Floor((s.at.x-g.corner.x)/nearbyM)), int(math.Floor((s.at.y-g.corner.y)/nearbyM))
		if i >= 0 && i < g.n && j >= 0 && j < g.n {
			g.cells[j*g.n+i] = append(g.cells[j*g.n+i], s)
		}
	}
}

// any tells whether a sample within a distance satisfies a condition.
func (g *nearby) any(p point, distance float64, is func(s sample) bool) bool {
	lowX, highX := g.column(p.x-g.corner.x-distance), g.column(p.x-g.corner.x+distance)
	lowY, highY := g.column(p.y-g.corner.y-distance), g.column(p.y-g.corner.y+distance)
	for j := lowY; j <= highY; j++ {
		for i := lowX; i <= highX; i++ {
			for _, s := range g.cells[j*g.n+i] {
				if s.at.distance2(p) < distance*distance && is(s) {
					return true
				}
			}
		}
	}
	return false
}

func (g *nearby) column(x float64) int { return min(g.n-1, max(0, int(math.Floor(x/nearbyM)))) }

// traceStreets adds ordinary streets and blind alleys to the arterials.
func traceStreets(t *terrain, field *orientation, r *rand.Rand, lines []line) []line {
	tr := &tracer{terrain: t, field: field, random: r, lines: lines, near: newNearby(t.centre, 1.4*t.radius)}
	for i := range lines {
		if lines[i].rank != rankBridge {
			tr.near.add(resample(lines[i].points, strideM))
		}
	}
	for i := range lines {
		if lines[i].rank == rankBridge {
			tr.leadOn(&lines[i])
		}
		samples := resample(lines[i].points, strideM)
		if lines[i].rank != rankParkPath {
			tr.seedBeside(samples, -1)
		}
	}
	tr.traceSeeds()
	pitch := 1.1 * blockM
	for y := -t.radius * 1.2; y < t.radius*1.2; y += pitch { // what the seeds did not reach
		for x := -t.radius * 1.2; x < t.radius*1.2; x += pitch {
			p := t.centre.plus(point{x + uniform(r, -20, 20), y + uniform(r, -20, 20)})
			tr.seeds = append(tr.seeds, seed{p, 0}, seed{p, 1})
		}
	}
	tr.traceSeeds()
	tr.meetOthers()
	tr.blindAlleys()
	return tr.lines
}

// leadOn continues a bridge into the streets on both banks.
func (tr *tracer) leadOn(bridge *line) {
	for range 2 {
		end := bridge.points[len(bridge.points)-1]
		direction := end.minus(bridge.points[0]).unit()
		family := 0
		if math.Abs(tr.field.at(end, 0).dot(direction)) < math.Sqrt2/2 {
			family = 1
		}
		ahead, _ := tr.follow(end, direction, family)
		bridge.points = append(bridge.points, ahead[1:]...)
		slices.Reverse(bridge.points)
	}
	tr.near.add(resample(bridge.points, strideM))
}

// seedBeside plants seeds on both sides of a line and, for an arterial (family -1), of the streets that set out from it.
func (tr *tracer) seedBeside(samples []sample, family int) {
	const every = 4
	for i := every / 2; i < len(samples); i += every {
		s := samples[i]
		along := family
		if family < 0 {
			along = 0
			if math.Abs(tr.field.at(s.at, 0).dot(s.along)) < math.Sqrt2/2 {
				along = 1
			}
			tr.seeds = append(tr.seeds, seed{s.at, 1 - along})
		}
		for _, side := range []float64{-1, 1} {
			d := tr.spacing(s.at, along) * uniform(tr.random, 0.92, 1.3)
			tr.seeds = append(tr.seeds, seed{s.at.plus(s.along.left().times(side * d)), along})
		}
	}
}

func (tr *tracer) spacing(p point, family int) float64 {
	d := tr.terrain.spacing(p)
	if family == 1 {
		return d * blockRatio
	}
	return d
}

func (tr *tracer) traceSeeds() {
	for next := 0; next < len(tr.seeds); next++ {
		s := tr.seeds[next]
		d := tr.spacing(s.at, s.family)
		if !tr.terrain.buildable(s.at) || tr.besideAnother(s.at, tr.field.at(s.at, s.family), 0.86*d) {
			continue
		}
		points := tr.trace(s)
		if lineLength(points) < 0.75*d {
			continue
		}
		samples := resample(points, strideM)
		tr.near.add(samples)
		tr.lines = append(tr.lines, line{points: points, rank: rankStreet})
		tr.seedBeside(samples, s.family)
	}
	tr.seeds = tr.seeds[:0]
}

// besideAnother tells whether a line that runs the same way is nearer than a distance.
func (tr *tracer) besideAnother(p, direction point, distance float64) bool {
	return tr.near.any(p, distance, func(s sample) bool { return math.Abs(s.along.dot(direction)) > alike })
}

// trace follows the field both ways from a seed until the street would leave the ground, come near another, or end in itself.
func (tr *tracer) trace(s seed) []point {
	forward, closed := tr.follow(s.at, tr.field.at(s.at, s.family), s.family)
	if closed {
		return append(forward, forward[0])
	}
	back, _ := tr.follow(s.at, tr.field.at(s.at, s.family).times(-1), s.family)
	points := make([]point, 0, len(forward)+len(back))
	for i := len(back) - 1; i > 0; i-- {
		points = append(points, back[i])
	}
	return append(points, forward...)
}

func (tr *tracer) follow(from, direction point, family int) (points []point, closed bool) {
	points = []point{from}
	p := from
	step := func(at, heading point) point {
		u := tr.field.at(at, family)
		if u.dot(heading) < 0 {
			u = u.times(-1)
		}
		return u
	}
	for len(points)*strideM < longestM/2 {
		next := step(p.plus(step(p, direction).times(strideM/2)), direction)
		if next.dot(direction) < 0.85 {
			return points, false // the field turns on its heel where quarters meet
		}
		direction = next
		q := p.plus(direction.times(strideM))
		if !tr.terrain.buildable(q) || tr.besideAnother(q, direction, tooNear*tr.spacing(q, family)) {
			return points, false
		}
		if len(points) > 20 {
			if q.distance(from) < 1.4*strideM {
				return points, true
			}
			for _, own := range points[:len(points)-20] {
				if own.distance(q) < 0.8*tr.spacing(q, family) {
					return points, false
				}
			}
		}
		points = append(points, q)
		p = q
	}
	return points, false
}

package city

import (
	"fmt"
	"math"
)

// plan is where the communes of a place lie. Everything else is made commune by commune from it.
type plan struct {
	seed     uint64
	ground   convex
	communes []site
	rivers   rivers
	frontage float64 // see shape
}

// site is what a plan knows of a commune.
type site struct {
	name       string
	registered int     // voters aimed at
	centre     point   // the middle of its built-up part
	radius     float64 // of the built-up part, in metres
}

// territory is the ground of a commune: a convex polygon, and the communes that its roads lead to.
type territory struct {
	cell  convex
	gates []gate
}

// gate is where a road leaves the territory.
type gate struct {
	at      point
	outward point  // direction of the road there
	to      string // name of the commune behind, "" at the edge of the ground
}

// newPlan lays out the communes: largest first and in the middle, the others at random where they do not overlap.
func newPlan(seed uint64, size Size) *plan {
	s := shapes[size]
	r := stream(seed, -1, drawPlan)
	p := &plan{seed: seed, frontage: s.frontage}
	names := newCommuneNames(stream(seed, -1, drawNames))
	built := 0.0
	for _, registered := range s.communeSizes() {
		radius := builtUpRadius(segmentsFor(registered))
		p.communes = append(p.communes, site{name: names.next(), registered: registered, radius: radius})
		built += math.Pi * square(radius*s.spread)
	}
	halfAxes := s.extent
	if halfAxes == (point{}) {
		half := max(math.Sqrt(built/s.density/math.Pi), 1.6*p.communes[0].radius)
		halfAxes = point{half, half}
	}
	p.ground = ellipse(s.centre, halfAxes, 48)
	placed := newCrowd(s.centre, halfAxes, s.spread)
	for i := range p.communes {
		p.communes[i].centre = s.centre
		spread := s.spread
		for attempt := 1; i > 0; attempt++ {
			angle, reach := uniform(r, 0, 2*math.Pi), math.Sqrt(r.Float64())
			d := towards(angle)
			at := point{s.centre.x + halfAxes.x*reach*d.x, s.centre.y + halfAxes.y*reach*d.y}
			if p.ground.depth(at) > 1.2*p.communes[i].radius && placed.hasRoom(at, p.communes[i].radius, spread) {
				p.communes[i].centre = at
				break
			}
			if attempt%100 == 0 {
				spread *= 0.9 // the ground is full: move closer
			}
		}
		placed.add(&p.communes[i])
	}
	p.rivers = newRivers(r, p.communes[0], size == Country)
	return p
}

func square(x float64) float64 { return x * x }

// crowd finds the communes near a place. Each stands in every square kilometre that it keeps others of at most its own size from.
type crowd struct {
	corner point
	nx, ny int
	spread float64
	cells  [][]*site
}

const crowdCellM = 1000

func newCrowd(centre, halfAxes point, spread float64) *crowd {
	c := &crowd{corner: centre.minus(halfAxes), spread: spread}
	c.nx, c.ny = int(2*halfAxes.x/crowdCellM)+1, int(2*halfAxes.y/crowdCellM)+1
	c.cells = make([][]*site, c.nx*c.ny)
	return c
}

func (c *crowd) column(p point) (x, y int) {
	d := p.minus(c.corner).times(1.0 / crowdCellM)
	return min(c.nx-1, max(0, int(d.x))), min(c.ny-1, max(0, int(d.y)))
}

func (c *crowd) add(s *site) {
	reach := 2 * c.spread * s.radius
	lowX, lowY := c.column(s.centre.minus(point{reach, reach}))
	highX, highY := c.column(s.centre.plus(point{reach, reach}))
	for y := lowY; y <= highY; y++ {
		for x := lowX; x <= highX; x++ {
			c.cells[y*c.nx+x] = append(c.cells[y*c.nx+x], s)
		}
	}
}

// hasRoom tells whether a built-up disc, no larger than those added, overlaps none of them.
func (c *crowd) hasRoom(at point, radius, spread float64) bool {
	x, y := c.column(at)
	for _, s := range c.cells[y*c.nx+x] {
		if at.distance2(s.centre) < square(spread*(radius+s.radius)) {
			return false
		}
	}
	return true
}

// territory gives the ground of a commune: where the power distance |x - centre|^2 - radius^2 is least among all communes
// (a power diagram: convex cells that leave no gap).
func (p *plan) territory(index int) territory {
	own := &p.communes[index]
	cell := p.ground
	near := p.nearness(own, cell)
	for i := range p.communes {
		other := &p.communes[i]
		if i == index || own.centre.distance2(other.centre) > near {
			continue
		}
		cell = cell.clip(border(own, other))
		near = p.nearness(own, cell)
	}
	t := territory{cell: cell}
	for i := range p.communes {
		other := &p.communes[i]
		if i == index || own.centre.distance2(other.centre) > near {
			continue
		}
		at := meeting(own, other, index < i)
		if cell.depth(at) > -0.01 && p.ground.depth(at) > 50 {
			t.gates = append(t.gates, gate{at, other.centre.minus(own.centre).unit(), other.name})
		}
	}
	if len(t.gates) < 3 { // a road to the edge of the ground where there is no neighbour
		for _, angle := range []float64{0.4, 2.6, 4.5} {
			d := towards(angle + float64(index))
			if at, ok := cell.leave(own.centre, d); ok && p.ground.depth(at) < 1 && t.isOpen(own.centre, d) {
				t.gates = append(t.gates, gate{at: at, outward: d})
			}
		}
	}
	return t
}

// nearness is the square of the distance beyond which no other centre can have a border through a cell.
func (p *plan) nearness(own *site, cell convex) float64 {
	reach, widest := cell.reach(own.centre), p.communes[0].radius
	return square(reach + math.Sqrt(square(reach)+square(widest)-square(own.radius)))
}

// isOpen tells whether no gate lies within 50 degrees of a direction.
func (t *territory) isOpen(from, direction point) bool {
	for _, g := range t.gates {
		if g.at.minus(from).unit().dot(direction) > 0.64 {
			return false
		}
	}
	return true
}

// border is the half plane that is nearer to a than to b by power distance.
func border(a, b *site) halfPlane {
	d := b.centre.minus(a.centre)
	l := d.length()
	u := d.times(1 / l)
	return halfPlane{u, u.dot(a.centre) + (l*l+square(a.radius)-square(b.radius))/(2*l)}
}

// meeting is the point where the line between two centres crosses their border, the same from both sides to the last bit.
func meeting(a, b *site, inOrder bool) point {
	if !inOrder {
		a, b = b, a
	}
	d2 := a.centre.distance2(b.centre)
	return between(a.centre, b.centre, (d2+square(a.radius)-square(b.radius))/(2*d2))
}

// leave is where a ray from inside leaves the polygon.
func (c convex) leave(from, direction point) (point, bool) {
	best := math.Inf(1)
	for i, a := range c {
		e := c[(i+1)%len(c)].minus(a)
		if det := direction.cross(e); det > 0 {
			best = min(best, a.minus(from).cross(e)/det)
		}
	}
	return from.plus(direction.times(best)), !math.IsInf(best, 1)
}

// communeCode gives codes of no department: 99001 to 99999, then those of 96 and 00. A country has more communes than that: the others have codes
// of departments, from 95 down, and the first of them is commune number 2998.
func communeCode(index int) string {
	department := []int{99, 96, 0}[min(2, index/999)]
	if d := index/999 - 3; d >= 0 {
		department = 95 - d
	}
	return fmt.Sprintf("%02d%03d", department, index%999+1)
}

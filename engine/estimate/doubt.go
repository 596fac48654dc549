package estimate

import (
	"cmp"
	"math"
	"slices"
)

// precinctDoubt is what is not known of a precinct's parts, by choice.
type precinctDoubt struct {
	sites    int
	apart    []float32 // by choice: covariance of the log odds between sites, rows of the lower triangle
	chance   []float32 // by choice: variance of each part's own
	street   []float32 // by part: variance that only streets have, each for itself: see streetVariance
	pull     []float64 // by choice and site: covariance of a site with the precinct's votes
	whole    []float64 // by choice: variance of the precinct's votes, before they are known
	sampling []float64 // by choice: sum of n p (1-p)
}

// Streets differ more than areas: what differs from one street to the next is
// averaged out in the areas that results are known of, so that it cannot be
// learnt. Half of it is each part's own, half that of the site it belongs to with
// the parts around, as a cell is made of. It falls with a seventh of the nearest
// length, with a variance that was chosen on seeded cities, where every street's
// truth is known, and no larger than areas with known truth allow: intervals of
// both hold what they say, see benchmarks/RESULTS.md. It widens intervals and
// moves no estimate.
const (
	streetVariance = 0.06
	streetLength   = nearLength / 7
)

// ownVariance is half of what a part of some extent has of the streets' variance.
func ownVariance(extent, spacing float64) float64 {
	return streetVariance / 2 * math.Exp(-extent/(streetLength*spacing))
}

// neighboursOfDoubt is how many precincts settle a street's doubt.
const neighboursOfDoubt = 16

// choiceDoubt is what the doubt of one choice in a block stands on.
type choiceDoubt struct {
	observed
	variance *[components]float64
	model    model
	field    []float64 // covariance of the observed, noise included, slopes left out
	place    []int32   // by precinct of the block: its place among the observed, or none
	kinds    []int     // of slopes in the model
	slopes   []float64 // their covariance once the results are seen, kind by kind and covariate by covariate
}

func newChoiceDoubt(o observed, m model, variance *[components]float64) *choiceDoubt {
	d := &choiceDoubt{observed: o, model: m, variance: variance, place: make([]int32, len(o.precincts))}
	for q := range d.place {
		d.place[q] = none
	}
	for i, q := range o.at {
		d.place[q] = int32(i)
	}
	d.field = o.covariance(m, variance, true)
	for i, v := range o.noise {
		d.field[i*len(o.at)+i] += v
	}
	for _, c := range m {
		if c >= slopes && c != nugget {
			d.kinds = append(d.kinds, int(c-slopes))
		}
	}
	d.settleSlopes()
	return d
}

// settleSlopes finds the slopes' covariance: V - V X' A^-1 X V.
func (d *choiceDoubt) settleSlopes() {
	size := len(d.kinds) * d.width
	if size == 0 {
		return
	}
	d.slopes = make([]float64, size*size)
	for n, kind := range d.kinds {
		for j := range d.width {
			at := n*d.width + j
			d.slopes[at*size+at] = d.variance[int(slopes)+kind] / float64(d.width)
		}
	}
	f, ok := newFactor(d.covariance(d.model, d.variance, false), d.noise)
	if !ok {
		return
	}
	x := make([]float64, 0, len(d.at)*size)
	for _, q := range d.at {
		for _, kind := range d.kinds {
			v := d.variance[int(slopes)+kind] / float64(d.width)
			for _, value := range d.mean[kind][int(q)*d.width:][:d.width] {
				x = append(x, v*value)
			}
		}
	}
	solved := slices.Clone(x)
	f.solve(solved, size)
	subtractProduct(d.slopes, x, solved, size)
}

// subtractProduct takes x'y from a table of cols x cols, where x and y have cols
// columns.
func subtractProduct(from, x, y []float64, cols int) {
	for row := 0; row < len(x); row += cols {
		for i, v := range x[row : row+cols] {
			add(from[i*cols:][:cols], y[row:row+cols], -v)
		}
	}
}

// nearest lists the precincts of the block by their distance from precinct q,
// itself first, as many as ever settle a doubt.
func (b *block) nearest(q int) []int32 {
	type near struct {
		precinct int32
		distance float64
	}
	own := b.precincts[q]
	list := make([]near, len(b.precincts))
	for r, p := range b.precincts {
		list[r] = near{int32(r), square(b.cx[own]-b.cx[p]) + square(b.cy[own]-b.cy[p])}
	}
	slices.SortFunc(list, func(a, b near) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.precinct, b.precinct))
	})
	order := make([]int32, len(list))
	for i, n := range list {
		order[i] = n.precinct
	}
	return order
}

func square(x float64) float64 { return x * x }

// between fills out with the covariance of the sites of precinct q of the block
// that is left when the results of the nearest precincts are known. prior has
// the kernels between the sites.
func (d *choiceDoubt) between(b *block, q int, nearest []int32, prior *[spatial][]float64, out []float64) {
	from, n := int(b.first[q]), int(b.first[q+1]-b.first[q])
	var seen []int32 // places among the observed
	for _, r := range nearest {
		if len(seen) == neighboursOfDoubt {
			break
		}
		if d.place[r] != none {
			seen = append(seen, d.place[r])
		}
	}
	for i := range out {
		out[i] = meanVariance
	}
	cross := make([]float64, len(seen)*n)
	for i := range cross {
		cross[i] = meanVariance
	}
	for _, c := range d.model {
		if int(c) >= spatial {
			continue
		}
		add(out, prior[c], d.variance[c])
		for i, r := range seen {
			for s := range n {
				cross[i*n+s] += d.variance[c] * b.kernel[c][(from+s)*len(b.precincts)+int(d.at[r])]
			}
		}
	}
	known := make([]float64, 0, len(seen)*len(seen))
	for _, r := range seen {
		for _, s := range seen {
			known = append(known, d.field[int(r)*len(d.at)+int(s)])
		}
	}
	if f, ok := newFactor(known, make([]float64, len(seen))); ok {
		solved := slices.Clone(cross)
		f.solve(solved, n)
		subtractProduct(out, cross, solved, n)
	}
	d.addSlopes(b, from, n, out)
}

// addSlopes adds what the slopes leave open: x S x' for the sites' covariates.
func (d *choiceDoubt) addSlopes(b *block, from, n int, out []float64) {
	size := len(d.kinds) * d.width
	if size == 0 {
		return
	}
	x, moved := make([]float64, 0, n*size), make([]float64, size)
	for s := range n {
		for _, kind := range d.kinds {
			x = append(x, b.context[kind][(from+s)*d.width:][:d.width]...)
		}
	}
	for s := range n {
		clear(moved)
		for j, v := range x[s*size:][:size] {
			add(moved, d.slopes[j*size:][:size], v)
		}
		for t := range n {
			out[s*n+t] += dot(moved, x[t*size:][:size])
		}
	}
}

// prior gives the spatial kernels between the sites of a precinct of the block.
func (b *block) prior(q int) (kernels [spatial][]float64) {
	own := b.site[b.first[q]:b.first[q+1]]
	n := len(own)
	for t := range kernels {
		kernels[t] = make([]float64, n*n)
	}
	for i, s := range own {
		for j, t := range own {
			at, x, y := i*n+j, b.at(int(s)), b.at(int(t))
			near, middle, far := b.likeness(math.Hypot(b.x[s]-b.x[t], b.y[s]-b.y[t]))
			kernels[fieldNear][at], kernels[fieldMiddle][at], kernels[fieldFar][at] = near, middle, far
			if b.width > 0 {
				kernels[localSlopes][at] = middle * dot(x, y) / float64(b.width)
			}
			if b.measured > 0 {
				kernels[alike][at] = alikeness(x[:b.measured], y[:b.measured])
			}
		}
	}
	return kernels
}

// doubt gathers the doubt of precinct q of the block.
func (b *block) doubt(e *Estimates, q int, choices []*choiceDoubt) precinctDoubt {
	precinct := int(b.precincts[q])
	n := int(b.first[q+1] - b.first[q])
	d := precinctDoubt{sites: n, street: e.streets(precinct, b.spacing)}
	room := make([]float64, n*n)
	nearest, prior := b.nearest(q), b.prior(q)
	for k, choice := range choices {
		if e.results.Votes[precinct*e.Choices+k] == Absent {
			clear(room)
		} else {
			choice.between(b, q, nearest, &prior, room)
		}
		d.addChoice(e, precinct, k, room, choice.variance[nugget])
	}
	return d
}

// plainDoubt is that of a precinct of which nothing is known but its result.
func plainDoubt(s *sites, e *Estimates, b int) precinctDoubt {
	n := int(s.first[b+1] - s.first[b])
	d := precinctDoubt{sites: n, street: e.streets(b, 1)}
	room := make([]float64, n*n)
	for i := range n {
		room[i*n+i] = assumedVariance[fieldNear] + assumedVariance[fieldMiddle] + assumedVariance[fieldFar]
	}
	for k := range e.Choices {
		d.addChoice(e, b, k, room, assumedVariance[nugget])
	}
	return d
}

// streets gives the parts of a precinct their own variance.
func (e *Estimates) streets(precinct int, spacing float64) []float32 {
	var own []float32
	for a := e.first[precinct]; a < e.first[precinct+1]; a++ {
		extent := 0.0
		if e.extent != nil && e.extent[a] > 0 {
			extent = e.extent[a]
		}
		own = append(own, float32(ownVariance(extent, spacing)))
	}
	return own
}

// addChoice keeps the doubt of the next choice of a precinct.
func (d *precinctDoubt) addChoice(e *Estimates, precinct, k int, sites []float64, chance float64) {
	n := d.sites
	movable, street := make([]float64, n), make([]float64, n)
	var whole, sampling float64
	for i, a := 0, e.first[precinct]; a < e.first[precinct+1]; i, a = i+1, a+1 {
		w := e.movable(a, k)
		movable[e.siteOf[a]] += w
		street[e.siteOf[a]] += w * float64(d.street[i])
		whole += (chance + float64(d.street[i])) * w * w
		sampling += w
	}
	for s := range n {
		if movable[s] > 0 {
			sites[s*n+s] += street[s] / movable[s]
		}
		pull := dot(sites[s*n:][:n], movable)
		for t := range s + 1 {
			d.apart = append(d.apart, float32(sites[s*n+t]))
		}
		d.pull = append(d.pull, pull)
		whole += pull * movable[s]
	}
	d.chance = append(d.chance, float32(chance))
	d.whole = append(d.whole, whole)
	d.sampling = append(d.sampling, sampling)
}

// movable is n p (1-p): the votes that a unit of log odds moves in a part, and
// their variance when each voter decides by chance.
func (e *Estimates) movable(part int32, k int) float64 {
	n := float64(e.Voters[part])
	if n == 0 {
		return 0
	}
	p := e.Votes[int(part)*e.Choices+k] / n
	return n * p * max(0, 1-p)
}

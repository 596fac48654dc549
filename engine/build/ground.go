package build

import (
	"math"
	"slices"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/estimate"
)

// ground is a division as the estimates see it: its precincts' parts, a part being what a precinct has on one segment.
type ground struct {
	estimate.Ground
	precincts []int32 // by precinct of the ground: its index in placed.precincts
	rowOf     []int32 // by index in placed.precincts: its place in the ground, or noPlace
	partOf    []int32 // by atom: its part, or noPlace
}

// makeGrounds makes the ground of every division.
func makeGrounds(p *placed, atoms []atom, first []int32, registered []float64, figures []censusRate, votersPerHome float64) []*ground {
	grounds := make([]*ground, len(p.divisions))
	for d := range p.divisions {
		grounds[d] = makeGround(p, int32(d), atoms, first, registered, figures, votersPerHome)
	}
	return grounds
}

func makeGround(p *placed, division int32, atoms []atom, first []int32, registered []float64, figures []censusRate, votersPerHome float64) *ground {
	g := &ground{rowOf: make([]int32, len(p.precincts)), partOf: make([]int32, len(atoms))}
	for i := range g.rowOf {
		g.rowOf[i] = noPlace
	}
	for i := range g.partOf {
		g.partOf[i] = noPlace
	}
	g.First = []int32{0}
	var segments []int32
	var addresses []float64
	for b := range p.precincts {
		if p.precincts[b].divisionIndex != division {
			continue
		}
		g.rowOf[b] = int32(len(g.precincts))
		g.precincts = append(g.precincts, int32(b))
		own := atoms[first[b]:first[b+1]]
		weight, all := weightOf(own), 0.0
		for _, a := range own {
			all += weight(a)
		}
		for i, a := range own {
			if i == 0 || a.segment != own[i-1].segment {
				segments = append(segments, a.segment)
				g.X, g.Y, g.Weights = append(g.X, math.NaN()), append(g.Y, math.NaN()), append(g.Weights, 0)
				addresses = append(addresses, 0)
			}
			part := len(g.X) - 1
			g.partOf[int(first[b])+i] = int32(part)
			share := weight(a) * votersPerHome
			if all > 0 && registered[b] > 0 {
				share = weight(a) * registered[b] / all
			}
			g.Weights[part] += share
			addresses[part] += a.addresses
		}
		g.First = append(g.First, int32(len(g.X)))
	}
	g.placeParts(p, division, segments)
	g.Unsure = g.unsure(p, division, segments, addresses, p.divisions[division].guessed(len(p.precincts)))
	g.Covariates, g.Measured = g.rates(p, division, segments, figures), len(figures)
	return g
}

// eachAddress calls visit with the part of every address of the division that lies in one, and how much of it.
func (g *ground) eachAddress(p *placed, division int32, segments []int32, visit func(part, address int32, share float64)) {
	g.eachPlacement(p, division, segments, func(part int32, pl placement) { visit(part, pl.address, pl.part) })
}

// eachPlacement calls visit with every placement of the division that lies in a part.
func (g *ground) eachPlacement(p *placed, division int32, segments []int32, visit func(part int32, pl placement)) {
	for _, pl := range p.divisions[division].placements {
		if pl.precinct == noPlace {
			continue
		}
		row := g.rowOf[pl.precinct]
		own := segments[g.First[row]:g.First[row+1]]
		if at, found := slices.BinarySearch(own, p.segmentOf[pl.address]); found {
			visit(g.First[row]+int32(at), pl)
		}
	}
}

// placeParts puts every part in the middle of its addresses.
func (g *ground) placeParts(p *placed, division int32, segments []int32) {
	x, y, count := make([]float64, len(g.X)), make([]float64, len(g.X)), make([]float64, len(g.X))
	g.eachAddress(p, division, segments, func(part, address int32, share float64) {
		atX, atY := p.projection.Forward(p.addresses[address].lon, p.addresses[address].lat)
		x[part], y[part], count[part] = x[part]+share*atX, y[part]+share*atY, count[part]+share
	})
	for part, n := range count {
		if n > 0 {
			g.X[part], g.Y[part] = x[part]/n, y[part]/n
		}
	}
}

// What is assumed of the voters of a street: how far those of a home are from the precinct's mean, and how far the homes of an
// address are from the mean of those around, where no source counts them (dwellings of the seeded city's addresses are lognormal with
// 0.75, as apartment houses beside villas are). Where a precinct has many addresses that are guessed to be its own, they are so
// by an even chance, which is a relative deviation of 1; those of a street are right or wrong together.
const (
	unsureVoters  = 0.15
	unsureAddress = 0.8
	unsurePlace   = 1.0
)

// unsure gives every part the relative deviation of its true weight. guessed says of which precincts too many addresses are guessed
// to be their own.
func (g *ground) unsure(p *placed, division int32, segments []int32, addresses []float64, guessed []bool) []float64 {
	uncounted := make([]float64, len(g.X)) // addresses whose households no source counts
	astray := make([]float64, len(g.X))    // addresses that may be another precinct's
	g.eachPlacement(p, division, segments, func(part int32, pl placement) {
		if p.householdsBy[pl.address] != engine.HouseholdsByAddress {
			uncounted[part] += pl.part
		}
		if guessed[pl.precinct] && pl.isGuess() {
			astray[part] += pl.part
		}
	})
	unsure := make([]float64, len(g.X))
	for part := range unsure {
		variance := unsureVoters * unsureVoters
		if n := addresses[part]; n > 0 {
			variance += (unsureAddress*unsureAddress*uncounted[part] + unsurePlace*unsurePlace*astray[part]*astray[part]) / (n * n)
		}
		unsure[part] = math.Sqrt(variance)
	}
	return unsure
}

// rates gives every part the mean of its addresses' census rates; NaN where none is known.
func (g *ground) rates(p *placed, division int32, segments []int32, figures []censusRate) [][]float64 {
	rates := make([][]float64, len(figures))
	known := make([]float64, len(g.X))
	for j, f := range figures {
		rate := make([]float64, len(g.X))
		clear(known)
		g.eachAddress(p, division, segments, func(part, address int32, share float64) {
			area := p.censusArea[address]
			if area == noPlace || math.IsNaN(f.byArea[area]) {
				return
			}
			w := share * max(p.households[address], 1e-3)
			rate[part] += w * f.byArea[area]
			known[part] += w
		})
		for part, w := range known {
			if w > 0 {
				rate[part] /= w
			} else {
				rate[part] = math.NaN()
			}
		}
		rates[j] = rate
	}
	return rates
}

// results lays a contest's results out in the order of the ground's precincts.
func (g *ground) results(v *contestVotes) estimate.Precincts {
	t := estimate.Precincts{
		Choices: len(v.choices), Registered: make([]int64, len(g.precincts)), Votes: make([]int64, len(g.precincts)*len(v.choices)),
		Silent: make([]bool, len(g.precincts)),
	}
	for row, b := range g.precincts {
		votes := t.Votes[row*t.Choices:][:t.Choices]
		if i := v.rowOf[b]; i != noPlace {
			t.Registered[row] = v.precincts[i].registered
			t.Silent[row] = v.silent(v.precincts[i])
			copy(votes, v.precincts[i].votes)
			continue
		}
		for k := range votes {
			votes[k] = estimate.Absent
		}
	}
	return t
}

// divisionGround finds the ground of a contest's division.
func divisionGround(grounds []*ground, p *placed, c *contest) *ground {
	return grounds[slices.IndexFunc(p.divisions, func(d division) bool { return d.name == c.division })]
}

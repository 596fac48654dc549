package build

import (
	"fmt"
	"math"
	"slices"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/estimate"
)

// ground is a division as the estimates see it: its precincts' parts, a part being what a precinct has on one segment.
type ground struct {
	estimate.Ground
	precincts []int32   // by precinct of the ground: its index in placed.precincts
	rowOf     []int32   // by index in placed.precincts: its place in the ground, or noPlace
	partOf    []int32   // by atom: its part, or noPlace
	fraction  []float64 // by atom: of its part's weight
	shares    *estimate.Weights
}

// makeGrounds makes the ground of every division.
func makeGrounds(p *placed, atoms []atom, first []int32, registered []float64, figures []censusRate, votersPerHome float64) ([]*ground, error) {
	grounds := make([]*ground, len(p.divisions))
	for d := range p.divisions {
		g := makeGround(p, int32(d), atoms, first, registered, figures, votersPerHome)
		var err error
		if g.shares, err = estimate.NewWeights(g.Ground); err != nil {
			return nil, fmt.Errorf("build: division %s: %w", p.divisions[d].name, err)
		}
		grounds[d] = g
	}
	return grounds, nil
}

func makeGround(p *placed, division int32, atoms []atom, first []int32, registered []float64, figures []censusRate, votersPerHome float64) *ground {
	g := &ground{rowOf: make([]int32, len(p.precincts)), partOf: make([]int32, len(atoms)), fraction: make([]float64, len(atoms))}
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
		g.cutParts(own, weight, first[b])
	}
	inParts := g.placementsInParts(p, &p.divisions[division], segments)
	g.Covariates, g.Measured = make([][]float64, len(figures)), len(figures)
	onAllProcessors(2+len(figures), func(i int) {
		switch i {
		case 0:
			g.placeParts(p, inParts)
		case 1:
			g.doubtWeights(p, inParts, addresses, p.divisions[division].guessed(len(p.precincts)))
		default:
			g.Covariates[i-2] = g.rate(p, inParts, &figures[i-2])
		}
	})
	return g
}

// cutParts says how much of its part's weight each atom of a precinct has, whose first it is given.
func (g *ground) cutParts(own []atom, weight func(atom) float64, first int32) {
	for from := 0; from < len(own); {
		to, all := from, 0.0
		for ; to < len(own) && own[to].segment == own[from].segment; to++ {
			all += weight(own[to])
		}
		for i := from; i < to; i++ {
			g.fraction[int(first)+i] = 1 / float64(to-from)
			if all > 0 {
				g.fraction[int(first)+i] = weight(own[i]) / all
			}
		}
		from = to
	}
}

// inParts are the placements of a division, and the part that each lies in, or noPlace.
type inParts struct {
	placements []placement
	part       []int32
}

// placementsInParts finds the parts of placements.
func (g *ground) placementsInParts(p *placed, d *division, segments []int32) inParts {
	in := inParts{d.placements, make([]int32, len(d.placements))}
	for i, pl := range d.placements {
		in.part[i] = noPlace
		if pl.precinct == noPlace {
			continue
		}
		row := g.rowOf[pl.precinct]
		own := segments[g.First[row]:g.First[row+1]]
		if at, found := slices.BinarySearch(own, p.spots[pl.address].segment); found {
			in.part[i] = g.First[row] + int32(at)
		}
	}
	return in
}

// each calls visit with every placement that lies in a part.
func (in inParts) each(visit func(part int32, pl *placement)) {
	for i, part := range in.part {
		if part != noPlace {
			visit(part, &in.placements[i])
		}
	}
}

// placeParts puts every part in the middle of its addresses.
func (g *ground) placeParts(p *placed, in inParts) {
	x, y, count := make([]float64, len(g.X)), make([]float64, len(g.X)), make([]float64, len(g.X))
	in.each(func(part int32, pl *placement) {
		atX, atY := p.projection.Forward(p.addresses.lon[pl.address], p.addresses.lat[pl.address])
		x[part], y[part], count[part] = x[part]+pl.part*atX, y[part]+pl.part*atY, count[part]+pl.part
	})
	for part, n := range count {
		if n > 0 {
			g.X[part], g.Y[part] = x[part]/n, y[part]/n
		}
	}
}

// What is assumed of the voters of a street: how far those of a home are from the precinct's mean - less where a register counts the
// doors of voters: half of the voters' variance by chance is that of homes where there are none (of 17 stations of Concarneau, which
// have 168 to 537 addresses, the doors differ by 12 %, which is also how far their voters do) - and how far the homes of an
// address are from the mean of those around, where nobody counts them nor their doors (dwellings of the seeded city's addresses are lognormal with
// 0.75, as apartment houses beside villas are). Where a precinct has many addresses that are guessed to be its own, they are so
// by an even chance, which is a relative deviation of 1; those of a street are right or wrong together.
const (
	unsureVoters  = 0.15
	unsureDoors   = 0.1
	unsureAddress = 0.8
	unsurePlace   = 1.0
	doorChance    = 0.5 // variance over mean of the voters of a door that has some

	// How far the homes around are from what their census area says, where no source counts them by address: houses stand beside houses and
	// blocks beside blocks. Neighbouring precincts of Paris merged by 5 and by 10 and told apart by census population are off by 0.26 and
	// 0.24 (by 2: 0.35), with what unsureVoters stands for; those of the Twin Cities, where the census counts each, by 0.07.
	unsureAround = 0.2
)

// doubtWeights gives every part the relative deviation of its true weight, and what of it its homes have in common with those
// around. guessed says of which precincts too many addresses are guessed to be their own.
func (g *ground) doubtWeights(p *placed, in inParts, addresses []float64, guessed []bool) {
	counted := make([]float64, len(g.X))   // addresses whose doors a register counts
	uncounted := make([]float64, len(g.X)) // addresses whose households no source counts, nor a register its doors
	astray := make([]float64, len(g.X))    // addresses that may be another precinct's
	in.each(func(part int32, pl *placement) {
		switch {
		case p.householdsBy[pl.address].String() == engine.HouseholdsByAddress:
		case p.doors[pl.address] > 0:
			counted[part] += pl.part
		default:
			uncounted[part] += pl.part
		}
		if guessed[pl.precinct] && pl.isGuess() {
			astray[part] += pl.part
		}
	})
	g.Unsure, g.Common, g.Chance = make([]float64, len(g.X)), make([]float64, len(g.X)), make([]float64, len(g.X))
	for part := range g.Unsure {
		common, own := unsureVoters*unsureVoters, 0.0
		g.Chance[part] = 1
		if n := addresses[part]; n > 0 {
			doors := counted[part] / n
			g.Chance[part] -= doors * (1 - doorChance)
			common -= doors * (unsureVoters*unsureVoters - unsureDoors*unsureDoors)
			common += unsureAround * unsureAround * uncounted[part] / n
			own = (unsureAddress*unsureAddress*uncounted[part] + unsurePlace*unsurePlace*astray[part]*astray[part]) / (n * n)
		}
		g.Common[part], g.Unsure[part] = math.Sqrt(common), math.Sqrt(common+own)
	}
}

// rate gives every part the mean of its addresses' census rates; NaN where not even their communes know one.
func (g *ground) rate(p *placed, in inParts, f *censusRate) []float64 {
	rate, known := make([]float64, len(g.X)), make([]float64, len(g.X))
	in.each(func(part int32, pl *placement) {
		value := f.at(p, pl.address)
		if math.IsNaN(value) {
			return
		}
		w := pl.part * p.weightOf(pl.address)
		rate[part] += w * value
		known[part] += w
	})
	for part, w := range known {
		if w > 0 {
			rate[part] /= w
		} else {
			rate[part] = math.NaN()
		}
	}
	return rate
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

package estimate

import (
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"
)

// A Method is how the votes of a precinct are told apart by street.
type Method string

// The methods.
const (
	Flat Method = "flat" // every part votes as its precinct did
	GP   Method = "gp"   // from places alone
	Best Method = "best" // places, and covariates where there are any
)

// Estimates are the votes expected of every part of a place in one contest,
// and what is doubtful about them.
type Estimates struct {
	Choices int
	Voters  []int64   // by part: registered voters, adding up by precinct
	Votes   []float64 // part by part: expected votes by choice, under both margins; 0 for a choice that is not on the ballot

	// By precinct: it has a place and voters, but its parts have its own shares, for
	// what the model expects cannot be raked.
	Unmodelled []bool

	first   []int32   // by precinct: its first part
	extent  []float64 // by part; nil where parts are points
	unsure  []float64 // by part; nil where their voters are known
	chance  func(part int32) float64
	results Precincts
	doubts  []precinctDoubt // by precinct
	siteOf  []int32         // by part: its site in the precinct
}

// learnFrom is how many blocks the variances are learnt from at most; where
// there are more, these lie evenly among them.
const learnFrom = 4

// Estimate expects the votes of every part from the results of its precinct and
// of those around it. The results are in the order of the ground's precincts.
// Everything is computed block by block on so many goroutines as there are
// processors, with the same result on any number. hear may be nil.
func Estimate(g Ground, p Precincts, method Method, hear Hear) (*Estimates, error) {
	if err := g.check(); err != nil {
		return nil, err
	}
	if err := p.check(g.precincts()); err != nil {
		return nil, err
	}
	if method != Best {
		g.Covariates, g.Measured = nil, 0
	}
	e := &Estimates{
		Choices: p.Choices, Voters: make([]int64, len(g.X)), Votes: make([]float64, len(g.X)*p.Choices),
		Unmodelled: make([]bool, g.precincts()), first: g.First, extent: g.Extent, unsure: g.Unsure, chance: g.chance, results: p, doubts: make([]precinctDoubt, g.precincts()), siteOf: make([]int32, len(g.X)),
	}
	var room []int64
	for b := range g.precincts() {
		from, to := g.First[b], g.First[b+1]
		room = LargestRemainder(g.Weights[from:to], max(0, p.Registered[b]), room)
		copy(e.Voters[from:to], room)
	}
	s := cutSites(&g)
	for b := range g.precincts() {
		for a := g.First[b]; a < g.First[b+1]; a++ {
			e.siteOf[a] = s.of[a] - s.first[b]
		}
	}
	blocks := cutBlocks(s, mostInBlock)
	if method == Flat || len(blocks) == 0 {
		for b := range g.precincts() {
			e.flat(b)
			e.doubts[b] = plainDoubt(s, e, b)
		}
		return e, nil
	}
	mixture := []mixed{{plainModel, 1}}
	if len(g.Covariates) > 0 {
		plain := plainShare
		if g.Measured == 0 {
			plain = plainShareUnmeasured
		}
		mixture = []mixed{{plainModel, plain}, {nearModel, (1 - plain) / 2}, {farModel, (1 - plain) / 2}}
	}
	work := &steps{hear: hear, total: min(learnFrom, len(blocks)) + p.Choices*len(mixture) + len(blocks)}
	built, err := buildBlocks(work, s, &g, blocks)
	if err != nil {
		return nil, err
	}
	variances, err := learnAll(work, built, p, mixture)
	if err != nil {
		return nil, err
	}
	err = together(len(blocks), work, func(i int) {
		b := built[i]
		if b == nil {
			b = newBlock(s, &g, blocks[i], around(s, blocks[i], halo))
		}
		e.estimate(b, &g, mixture, variances)
		built[i] = nil // it is large
	})
	if err != nil {
		return nil, err
	}
	for b := range g.precincts() {
		if !placed(s.cx[b], s.cy[b]) {
			e.flat(b)
			e.doubts[b] = plainDoubt(s, e, b)
		}
	}
	return e, nil
}

// The say of the model without covariates: beside figures of a census, and where
// covariates only follow from places and weights.
const (
	plainShare           = 0.2
	plainShareUnmeasured = 0.5
)

// together does n pieces of work on as many goroutines as there are processors.
func together(n int, work *steps, do func(i int)) error {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		group.Go(func() error {
			if err := work.next(); err != nil {
				return err
			}
			do(i)
			return nil
		})
	}
	return group.Wait()
}

// buildBlocks builds the blocks that the variances are learnt from; the others
// stay nil.
func buildBlocks(work *steps, s *sites, g *Ground, blocks [][]int32) ([]*block, error) {
	built := make([]*block, len(blocks))
	count := min(learnFrom, len(blocks))
	return built, together(count, work, func(n int) {
		i := n * len(blocks) / count
		built[i] = newBlock(s, g, blocks[i], around(s, blocks[i], halo))
	})
}

// learnAll learns the variances of every choice and model.
func learnAll(work *steps, built []*block, p Precincts, mixture []mixed) ([][][components]float64, error) {
	variances := make([][][components]float64, p.Choices)
	for k := range variances {
		variances[k] = make([][components]float64, len(mixture))
	}
	return variances, together(p.Choices*len(mixture), work, func(i int) {
		k, m := i/len(mixture), i%len(mixture)
		var seen []observed
		for _, b := range built {
			if b != nil {
				seen = append(seen, observe(b, p, k, b.own))
			}
		}
		variances[k][m] = learn(mixture[m].model, seen)
	})
}

// estimate fills the block's own precincts.
func (e *Estimates) estimate(b *block, g *Ground, mixture []mixed, variances [][][components]float64) {
	choices := make([]solved, e.Choices)
	seen := make([]bool, e.Choices)
	doubts := make([]*choiceDoubt, e.Choices)
	for k := range choices {
		o := observe(b, e.results, k, len(b.precincts))
		choices[k], seen[k] = solve(&o, mixture, variances[k])
		last := len(mixture) - 1
		doubts[k] = newChoiceDoubt(o, mixture[last].model, &variances[k][last])
	}
	odds := b.predict(choices)
	within := make([][]float64, e.Choices)
	for k := range choices {
		within[k] = b.within(&choices[k])
	}
	traits, votes, table := make([]float64, b.width), []int64(nil), []float64(nil)
	for q, precinct := range b.precincts[:b.own] {
		from, to := g.First[precinct], g.First[precinct+1]
		all := e.results.Registered[precinct]
		votes = append(votes[:0], e.results.Votes[int(precinct)*e.Choices:][:e.Choices]...)
		table = slices.Grow(table[:0], int(to-from)*e.Choices)[:int(to-from)*e.Choices]
		sum := 0.0
		for a := from; a < to; a++ {
			sum += usable(g.Weights[a])
		}
		for a := from; a < to; a++ {
			local := int(b.first[q] + e.siteOf[a])
			for j := range traits {
				traits[j] = b.trait(g, j, a) - b.at(int(b.site[local]))[j]
			}
			for k := range choices {
				flat := float64(votes[k]) / float64(all)
				if !seen[k] || votes[k] == Absent {
					table[int(a-from)*e.Choices+k] = flat
					continue
				}
				value := odds[local*e.Choices+k] + dot(traits, within[k])
				if sum > 0 {
					value += choices[k].nugget[q] * usable(g.Weights[a]) / sum
				}
				table[int(a-from)*e.Choices+k] = chance(value)
			}
		}
		for k := range votes {
			votes[k] = max(0, votes[k])
		}
		if all > 0 && rake(table, e.Voters[from:to], votes) {
			copy(e.Votes[int(from)*e.Choices:], table)
		} else {
			e.flat(int(precinct))
			e.Unmodelled[precinct] = all > 0
		}
		e.doubts[precinct] = b.doubt(e, q, doubts)
	}
}

// flat gives every part of a precinct its precinct's shares.
func (e *Estimates) flat(b int) {
	from, to := e.first[b], e.first[b+1]
	all := float64(e.results.Registered[b])
	for a := from; a < to; a++ {
		for k := range e.Choices {
			v := e.results.Votes[b*e.Choices+k]
			at := int(a)*e.Choices + k
			e.Votes[at] = 0
			if all > 0 && v > 0 {
				e.Votes[at] = float64(e.Voters[a]) * float64(v) / all
			}
		}
	}
}

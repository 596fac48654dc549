package estimate

import (
	"math"
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
	Voters  []int64   // by part: registered voters, adding up by precinct; in a precinct that borrows, as many as its weight says
	Votes   []float64 // part by part: expected votes by choice, under both margins; 0 for a choice that is not on the ballot

	// By precinct: it has a place and voters, but its parts have its own shares, for
	// what the model expects cannot be raked.
	Unmodelled []bool

	// By precinct: it has a ballot and a place and no result. Its parts have the
	// shares that the precincts around and the covariates make likely, brought to no
	// total. No precinct's shares are learnt from it.
	Borrowed []bool

	ground  Ground          `frozen:"-"` // see Rejoin, as for the next
	results Precincts       `frozen:"-"`
	first   []int32         `frozen:"-"` // by precinct: its first part
	extent  []float64       `frozen:"-"` // by part; nil where parts are points
	unsure  []float64       `frozen:"-"` // by part; nil where their voters are known
	doubts  []precinctDoubt // by precinct
	siteOf  []int32         // by part: its site in the precinct
}

// Rejoin gives estimates that were kept in a file the ground and the results they were made of, which were not kept with them.
func (e *Estimates) Rejoin(g Ground, p Precincts) {
	e.ground, e.results = g, p
	e.first, e.extent, e.unsure = g.First, g.Extent, g.Unsure
}

// learnFrom is how many blocks the variances are learnt from at most; where
// there are more, these lie evenly among them.
const learnFrom = 4

// Estimate expects the votes of every part from the results of its precinct and
// of those around it. The results are in the order of the ground's precincts.
// Everything is computed block by block on so many goroutines as there are
// processors, with the same result on any number. hear may be nil.
func Estimate(g Ground, p Precincts, method Method, hear Hear) (*Estimates, error) {
	all, err := Together(g, []Precincts{p}, method, hear)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// Together is Estimate of several contests on the same ground, with the
// same result: what only the ground decides, most of the work, is done once.
func Together(g Ground, contests []Precincts, method Method, hear Hear) ([]*Estimates, error) {
	if err := g.check(); err != nil {
		return nil, err
	}
	if method != Best {
		g.Covariates, g.Measured = nil, 0
	}
	s := cutSites(&g)
	all := make([]*Estimates, len(contests))
	for i, p := range contests {
		if err := p.check(g.precincts()); err != nil {
			return nil, err
		}
		all[i] = begin(g, p, s, method)
	}
	blocks := cutBlocks(s, mostInBlock)
	if method == Flat {
		blocks = nil
	}
	if err := estimateBlocks(&g, s, blocks, all, hear); err != nil {
		return nil, err
	}
	for _, e := range all {
		for b := range g.precincts() {
			if len(blocks) == 0 || !placed(s.cx[b], s.cy[b]) {
				e.flat(b)
				e.doubts[b] = plainDoubt(s, e, b)
			}
		}
	}
	return all, nil
}

// begin hands out the voters of a contest.
func begin(g Ground, p Precincts, s *sites, method Method) *Estimates {
	e := &Estimates{
		Choices: p.Choices, Voters: make([]int64, len(g.X)), Votes: make([]float64, len(g.X)*p.Choices),
		Unmodelled: make([]bool, g.precincts()), Borrowed: make([]bool, g.precincts()), doubts: make([]precinctDoubt, g.precincts()), siteOf: make([]int32, len(g.X)),
	}
	e.Rejoin(g, p)
	var room []int64
	for b := range g.precincts() {
		from, to := g.First[b], g.First[b+1]
		for a := from; a < to; a++ {
			e.siteOf[a] = s.of[a] - s.first[b]
		}
		if method != Flat && p.Registered[b] == 0 && p.onBallot(b) && placed(s.cx[b], s.cy[b]) {
			e.Borrowed[b] = true
			for a := from; a < to; a++ {
				e.Voters[a] = votersOfWeight(g.Weights[a])
			}
			continue
		}
		room = LargestRemainder(g.Weights[from:to], max(0, p.Registered[b]), room)
		copy(e.Voters[from:to], room)
	}
	return e
}

// estimateBlocks fills the precincts of blocks in each contest.
func estimateBlocks(g *Ground, s *sites, blocks [][]int32, all []*Estimates, hear Hear) error {
	if len(blocks) == 0 {
		return nil
	}
	mixture := []mixed{{plainModel, 1}}
	if len(g.Covariates) > 0 {
		plain := plainShare
		if g.Measured == 0 {
			plain = plainShareUnmeasured
		}
		mixture = []mixed{{plainModel, plain}, {nearModel, (1 - plain) / 2}, {farModel, (1 - plain) / 2}}
	}
	work := &steps{hear: hear, total: min(learnFrom, len(blocks)) + len(blocks)}
	for _, e := range all {
		work.total += e.Choices * len(mixture)
	}
	built, err := buildBlocks(work, s, g, blocks)
	if err != nil {
		return err
	}
	variances := make([][][][components]float64, len(all))
	for i, e := range all {
		if variances[i], err = learnAll(work, built, e.results, mixture); err != nil {
			return err
		}
	}
	return together(len(blocks), work, func(i int) {
		b := built[i]
		if b == nil {
			b = newBlock(s, g, blocks[i], around(s, blocks[i], halo))
		}
		for c, e := range all {
			e.estimate(b, g, mixture, variances[c])
		}
		built[i] = nil // it is large
	})
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
				if !seen[k] || votes[k] == Absent {
					table[int(a-from)*e.Choices+k] = 0
					if all > 0 {
						table[int(a-from)*e.Choices+k] = float64(votes[k]) / float64(all)
					}
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
		switch {
		case e.Borrowed[precinct]:
			e.borrow(int(precinct), table)
		case all > 0 && rake(table, e.Voters[from:to], votes):
			copy(e.Votes[int(from)*e.Choices:], table)
		default:
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

// votersOfWeight is how many voters a part counts for where no result says so: a
// part with a weight has at least one.
func votersOfWeight(weight float64) int64 {
	if usable(weight) == 0 {
		return 0
	}
	return int64(max(1, math.Round(min(weight, math.MaxInt32))))
}

// borrow gives every part of a precinct without a result the shares that are
// predicted of it, which add up to one; none where no result around says anything.
func (e *Estimates) borrow(b int, table []float64) {
	for a := e.first[b]; a < e.first[b+1]; a++ {
		row, sum := table[int(a-e.first[b])*e.Choices:][:e.Choices], 0.0
		for _, share := range row {
			sum += share
		}
		if sum <= 0 {
			clear(e.Voters[e.first[b]:e.first[b+1]])
			clear(e.Votes[int(e.first[b])*e.Choices : int(e.first[b+1])*e.Choices])
			e.Borrowed[b] = false
			return
		}
		scale(row, float64(e.Voters[a])/sum)
		copy(e.Votes[int(a)*e.Choices:], row)
	}
}

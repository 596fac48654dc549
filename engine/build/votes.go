package build

import (
	"context"
	"fmt"
	"math"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/arpent/arpent/engine/estimate"
)

// contestVotes are the whole votes of a contest: an official row for each precinct and a row for each atom, a column for each
// choice. estimate.Absent stands where a choice is not on the ballot, and in all of a precinct that has no result.
type contestVotes struct {
	*contest
	official   []int64 // len(precincts) x choices
	lines      []int64 // the same: lines of the results file, 0 for none
	registered []int64 // by precinct
	votes      []int64 // len(atoms) x choices
	voters     []int64 // by atom
	spread     []float64
}

// castVotes hands the official votes of every precinct down to its atoms: registered voters by households, votes in whole
// numbers under both margins for the parts (segment by precinct), then split to the cells of each part.
func castVotes(ctx context.Context, c *contest, p *placed, atoms []atom, first []int32, progress func(done, total int64)) (*contestVotes, error) {
	k := len(c.choices)
	v := &contestVotes{
		contest:  c,
		official: make([]int64, len(p.precincts)*k), lines: make([]int64, len(p.precincts)*k), registered: make([]int64, len(p.precincts)),
		votes: make([]int64, len(atoms)*k), voters: make([]int64, len(atoms)),
	}
	for i := range v.official {
		v.official[i] = estimate.Absent
	}
	for i := range v.votes {
		v.votes[i] = estimate.Absent
	}
	which := make([]int32, len(c.precincts)) // the contest's precincts in placed.precincts
	for i, row := range c.precincts {
		b, ok := p.precinctIndex[precinctRef{c.division, row.key}]
		if !ok {
			return nil, fmt.Errorf("build: contest %s: precinct %s is not known", c.id, row.code)
		}
		which[i] = b
		v.registered[b] = row.registered
		copy(v.official[int(b)*k:], row.votes)
		copy(v.lines[int(b)*k:], row.lines)
	}

	group, ctx := errgroup.WithContext(ctx)
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		group.Go(func() error {
			var s splitter
			for i := w; i < len(which); i += workers {
				if err := ctx.Err(); err != nil {
					return err
				}
				b := which[i]
				lo, hi := first[b], first[b+1]
				if err := s.split(v, b, atoms[lo:hi], v.votes[int(lo)*k:int(hi)*k]); err != nil {
					return fmt.Errorf("build: contest %s, precinct %s: %w", c.id, p.precincts[b].code, err)
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for a := range atoms {
		for _, n := range v.votes[a*k : (a+1)*k] {
			v.voters[a] += max(0, n)
		}
	}
	v.spread = estimate.Spread(v.precinctTable(p))
	progress(1, 1)
	return v, nil
}

// precinctTable gives the official results with the precincts' places, for what is learnt between precincts.
func (v *contestVotes) precinctTable(p *placed) estimate.Precincts {
	t := estimate.Precincts{
		X: make([]float64, len(p.precincts)), Y: make([]float64, len(p.precincts)),
		Registered: v.registered, Votes: v.official, Choices: len(v.choices),
	}
	for i, precinct := range p.precincts {
		t.X[i], t.Y[i] = math.NaN(), math.NaN()
		if precinct.division == v.division && precinct.shape != nil {
			t.X[i], t.Y[i] = precinct.x, precinct.y
		}
	}
	return t
}

// splitter holds what is reused from precinct to precinct.
type splitter struct {
	rounder     estimate.Rounder
	ballot      []int   // choices on the ballot
	official    []int64 // their votes
	partStart   []int
	partWeights []float64
	partVoters  []int64
	partVotes   []int64
	shares      []float64
	cellWeights []float64
	cellVotes   []int64
}

func (s *splitter) split(v *contestVotes, b int32, atoms []atom, votes []int64) error {
	k := len(v.choices)
	s.ballot, s.official = s.ballot[:0], s.official[:0]
	for j, n := range v.official[int(b)*k : int(b+1)*k] {
		if n != estimate.Absent {
			s.ballot, s.official = append(s.ballot, j), append(s.official, n)
		}
	}
	// A part is what the precinct has on one segment.
	s.partStart, s.partWeights = s.partStart[:0], s.partWeights[:0]
	weight := weightOf(atoms)
	for i, a := range atoms {
		if i == 0 || a.segment != atoms[i-1].segment {
			s.partStart, s.partWeights = append(s.partStart, i), append(s.partWeights, 0)
		}
		s.partWeights[len(s.partWeights)-1] += weight(a)
	}
	parts, choices := len(s.partStart), len(s.ballot)
	s.partStart = append(s.partStart, len(atoms))
	s.partVoters = estimate.LargestRemainder(s.partWeights, v.registered[b], s.partVoters)
	s.shares = estimate.FlatShares(s.partVoters, s.official, s.shares)
	s.partVotes = resize(s.partVotes, parts*choices)
	if err := s.rounder.Round(s.shares, parts, choices, s.partVoters, s.official, s.partVotes); err != nil {
		return err
	}
	for part := range parts {
		cells := atoms[s.partStart[part]:s.partStart[part+1]]
		s.cellWeights = s.cellWeights[:0]
		for _, a := range cells {
			s.cellWeights = append(s.cellWeights, weight(a))
		}
		s.cellVotes = resize(s.cellVotes, len(cells)*choices)
		if err := s.rounder.Split(s.partVotes[part*choices:(part+1)*choices], s.cellWeights, s.cellVotes); err != nil {
			return err
		}
		for i := range cells {
			row := votes[(s.partStart[part]+i)*k:]
			for j, choice := range s.ballot {
				row[choice] = s.cellVotes[i*choices+j]
			}
		}
	}
	return nil
}

// weightOf says what the atoms of a precinct are weighed by: households, or addresses where no household is known in all of it.
func weightOf(atoms []atom) func(atom) float64 {
	for _, a := range atoms {
		if a.households > 0 {
			return func(a atom) float64 { return a.households }
		}
	}
	return func(a atom) float64 { return a.addresses }
}

func resize(s []int64, n int) []int64 {
	if cap(s) < n {
		return make([]int64, n)
	}
	return s[:n]
}

package build

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/arpent/arpent/engine/estimate"
)

// contestVotes are the whole votes of a contest. Only what its own precincts have is kept: a precinct has a row for each of its
// atoms, with a column for each choice on its own ballot.
type contestVotes struct {
	*contest           // its precincts in the order of placed.precincts
	which    []int32   // by precinct of the contest: its index in placed.precincts
	rowOf    []int32   // by index in placed.precincts: the precinct of the contest, or noPlace
	first    []int32   // by index in placed.precincts: its first atom
	ballot   [][]int32 // by precinct of the contest: choices on its ballot, ascending
	at       []int     // by precinct of the contest: where its votes begin; one more at the end
	votes    []int64
	spread   []float64
}

// official gives the votes of a precinct of the place by choice, estimate.Absent where it is not on the ballot; nil where the
// contest has no result of it.
func (v *contestVotes) official(b int32) []int64 {
	if i := v.rowOf[b]; i != noPlace {
		return v.precincts[i].votes
	}
	return nil
}

// of gives the votes of an atom of a precinct of the place, by the choices on its ballot; nil where the contest has no result.
func (v *contestVotes) of(atom, b int32) (ballot []int32, votes []int64) {
	i := v.rowOf[b]
	if i == noPlace {
		return nil, nil
	}
	ballot = v.ballot[i]
	from := v.at[i] + int(atom-v.first[b])*len(ballot)
	return ballot, v.votes[from : from+len(ballot)]
}

// votersOf gives the registered voters of an atom.
func (v *contestVotes) votersOf(atom, b int32) (sum int64) {
	_, votes := v.of(atom, b)
	for _, n := range votes {
		sum += n
	}
	return sum
}

// castVotes hands the official votes of every precinct down to its atoms: registered voters by households, votes in whole
// numbers under both margins for the parts (segment by precinct), then split to the cells of each part.
func castVotes(ctx context.Context, c *contest, p *placed, atoms []atom, first []int32, progress func(done, total int64)) (*contestVotes, error) {
	v := &contestVotes{contest: c, first: first, rowOf: make([]int32, len(p.precincts))}
	for b := range v.rowOf {
		v.rowOf[b] = noPlace
	}
	for _, row := range c.precincts {
		if _, ok := p.precinctIndex[precinctRef{c.division, row.key}]; !ok {
			return nil, fmt.Errorf("build: contest %s: precinct %s is not known", c.id, row.code)
		}
	}
	indexOf := func(row contestPrecinct) int32 { return p.precinctIndex[precinctRef{c.division, row.key}] }
	slices.SortFunc(c.precincts, func(a, b contestPrecinct) int { return cmp.Compare(indexOf(a), indexOf(b)) })
	size := 0
	for i, row := range c.precincts {
		b := indexOf(row)
		v.which, v.rowOf[b] = append(v.which, b), int32(i)
		var ballot []int32
		for j, n := range row.votes {
			if n != estimate.Absent {
				ballot = append(ballot, int32(j))
			}
		}
		v.ballot, v.at = append(v.ballot, ballot), append(v.at, size)
		size += len(ballot) * int(first[b+1]-first[b])
	}
	v.at = append(v.at, size)
	v.votes = make([]int64, size)

	group, ctx := errgroup.WithContext(ctx)
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		group.Go(func() error {
			var s splitter
			for i := w; i < len(v.which); i += workers {
				if err := ctx.Err(); err != nil {
					return err
				}
				b := v.which[i]
				if err := s.split(v, i, atoms[first[b]:first[b+1]], v.votes[v.at[i]:v.at[i+1]]); err != nil {
					return fmt.Errorf("build: contest %s, precinct %s: %w", c.id, p.precincts[b].code, err)
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	v.spread = estimate.Spread(v.precinctTable(p))
	progress(1, 1)
	return v, nil
}

// precinctTable gives the official results with the precincts' places, for what is learnt between precincts.
func (v *contestVotes) precinctTable(p *placed) estimate.Precincts {
	t := estimate.Precincts{Choices: len(v.choices)}
	for i, b := range v.which {
		t.X, t.Y = append(t.X, p.precincts[b].x), append(t.Y, p.precincts[b].y)
		t.Registered = append(t.Registered, v.precincts[i].registered)
		t.Votes = append(t.Votes, v.precincts[i].votes...)
	}
	return t
}

// splitter holds what is reused from precinct to precinct.
type splitter struct {
	rounder     estimate.Rounder
	official    []int64 // votes of the choices on the ballot
	partStart   []int
	partWeights []float64
	partVoters  []int64
	partVotes   []int64
	shares      []float64
	cellWeights []float64
}

// split fills votes, a row for each atom of precinct i of the contest and a column for each choice on its ballot.
func (s *splitter) split(v *contestVotes, i int, atoms []atom, votes []int64) error {
	s.official = s.official[:0]
	for _, j := range v.ballot[i] {
		s.official = append(s.official, v.precincts[i].votes[j])
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
	parts, choices := len(s.partStart), len(s.official)
	s.partStart = append(s.partStart, len(atoms))
	s.partVoters = estimate.LargestRemainder(s.partWeights, v.precincts[i].registered, s.partVoters)
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
		from := s.partStart[part] * choices
		if err := s.rounder.Split(s.partVotes[part*choices:(part+1)*choices], s.cellWeights, votes[from:from+len(cells)*choices]); err != nil {
			return err
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

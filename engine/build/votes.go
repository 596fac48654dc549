package build

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"

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
	votes    []int32

	ground    *ground
	estimates *estimate.Estimates
	expected  map[int32]int64 // by atom of a precinct that borrows its shares: voters that it counts for
}

// official gives the votes of a precinct of the place by choice, estimate.Absent where it is not on the ballot; nil where the
// contest has no result of it, or one of nobody.
func (v *contestVotes) official(b int32) []int64 {
	if i := v.rowOf[b]; i != noPlace && v.precincts[i].registered > 0 {
		return v.precincts[i].votes
	}
	return nil
}

// added tells whether a precinct has a ballot and no result in the contest.
func (v *contestVotes) added(b int32) bool {
	return v.rowOf[b] != noPlace && v.precincts[v.rowOf[b]].added
}

// of gives the votes of an atom of a precinct of the place, by the choices on its ballot; nil where it has none in the contest.
func (v *contestVotes) of(atom, b int32) (ballot, votes []int32) {
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
		sum += int64(n)
	}
	return sum
}

// indexVotes lays a contest's results out over the precincts of the place.
func indexVotes(c *contest, p *placed, g *ground, first []int32) (*contestVotes, error) {
	v := &contestVotes{contest: c, first: first, rowOf: make([]int32, len(p.precincts)), ground: g}
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
	v.votes = make([]int32, size)
	return v, nil
}

// castVotes estimates the votes of every part of the place and hands the official votes down to the atoms. Contests of the same division are estimated
// together.
func castVotes(ctx context.Context, w *world, progress func(done, total int64)) error {
	for _, g := range w.grounds() {
		var contests []*contestVotes
		var results []estimate.Precincts
		var names []string
		for _, v := range w.votes {
			if v.ground == g {
				contests, results, names = append(contests, v), append(results, g.results(v)), append(names, v.id)
			}
		}
		estimates, err := estimate.Together(g.Ground, results, estimate.Best, hearing(ctx, progress))
		if err != nil {
			return fmt.Errorf("build: contest %s: %w", strings.Join(names, ", "), err)
		}
		for i, v := range contests {
			v.estimates = estimates[i]
			v.expectVoters(w.atoms)
			if err := v.handDown(ctx, w.placed, w.atoms); err != nil {
				return err
			}
		}
		progress(1, 1)
	}
	return nil
}

// grounds are those that contests have, in the order of the first of each.
func (w *world) grounds() (grounds []*ground) {
	for _, v := range w.votes {
		if !slices.Contains(grounds, v.ground) {
			grounds = append(grounds, v.ground)
		}
	}
	return grounds
}

// handDown gives the official votes to the atoms in whole numbers under both margins: to the parts (segment by precinct), then to the cells of each
// part.
func (v *contestVotes) handDown(ctx context.Context, p *placed, atoms []atom) error {
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
				if v.official(b) == nil {
					continue // nobody voted
				}
				if err := s.split(v, i, atoms[v.first[b]:v.first[b+1]], v.votes[v.at[i]:v.at[i+1]]); err != nil {
					return fmt.Errorf("build: contest %s, precinct %s: %w", v.id, p.precincts[b].code, err)
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// hearing passes progress on, and ends the work when ctx ends.
func hearing(ctx context.Context, progress func(done, total int64)) estimate.Hear {
	return func(done, total int) error {
		progress(int64(done), int64(total))
		return ctx.Err()
	}
}

// splitter holds what is reused from precinct to precinct.
type splitter struct {
	rounder     estimate.Rounder
	official    []int64   // votes of the choices on the ballot
	expected    []float64 // of each part, of the choices on the ballot
	partVotes   []int64
	atomVotes   []int64
	cellWeights []float64
}

// split fills votes, a row for each atom of precinct i of the contest and a column for each choice on its ballot.
func (s *splitter) split(v *contestVotes, i int, atoms []atom, votes []int32) error {
	s.official = s.official[:0]
	for _, j := range v.ballot[i] {
		s.official = append(s.official, v.precincts[i].votes[j])
	}
	row := v.ground.rowOf[v.which[i]]
	from, to := v.ground.First[row], v.ground.First[row+1]
	s.expected = s.expected[:0]
	for part := from; part < to; part++ {
		for _, j := range v.ballot[i] {
			s.expected = append(s.expected, v.estimates.Votes[int(part)*len(v.choices)+int(j)])
		}
	}
	parts, choices := int(to-from), len(s.official)
	s.partVotes = resize(s.partVotes, parts*choices)
	if err := s.rounder.Round(s.expected, parts, choices, v.estimates.Voters[from:to], s.official, s.partVotes); err != nil {
		return err
	}
	weight, cell := weightOf(atoms), 0
	s.atomVotes = resize(s.atomVotes, len(votes))
	for part := range parts {
		s.cellWeights = s.cellWeights[:0]
		first := cell
		for ; cell < len(atoms) && atoms[cell].segment == atoms[first].segment; cell++ {
			s.cellWeights = append(s.cellWeights, weight(atoms[cell]))
		}
		if err := s.rounder.Split(s.partVotes[part*choices:(part+1)*choices], s.cellWeights, s.atomVotes[first*choices:cell*choices]); err != nil {
			return err
		}
	}
	for k, n := range s.atomVotes {
		if n > math.MaxInt32 {
			return fmt.Errorf("%d votes in one street are more than can be: correct the counts", n)
		}
		votes[k] = int32(n)
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

package live

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// atoms are what explanations are made of. They never leave as they are: see Explain.
type atoms struct {
	segment    []int64 // the id that it is published under
	precinct   []int32 // index in the precinct level
	cell       []geo.Cell
	households []float64
	voters     [][]int32 // by contest
	commune    []int32   // by precinct: index in the commune level
}

// officialResults are the precincts' votes.
type officialResults struct {
	registered [][]int64 // by contest, by precinct; -1 without a result
	votes      [][]int64 // by contest: precincts x choices, -1 where not on the ballot
	lines      [][]int64 // the same: line of the results file, 0 for none

	provisional [][]bool // by contest, by precinct
}

// loadAtoms reads the atoms.
func (r *loader) loadAtoms() error {
	c := r.city
	a := &c.atoms
	precincts, stretches := c.unitLevel(engine.UnitPrecinct, 0), c.unitLevel(engine.UnitSegment, 0)
	err := r.read(engine.Atoms, func(rows engine.Rows) error {
		segments, ids, cells, homes, names := rows.Ints("segment_id"), rows.Ints("precinct_id"), rows.Ints("cell"), rows.Floats("households"), rows.Texts("division")
		for i := range rows.Len() {
			b, ok := precincts.find(ids.Value(i))
			if !ok {
				return fmt.Errorf("atoms: precinct %d is not known", ids.Value(i))
			}
			segment := segments.Value(i)
			r.segments = append(r.segments, segment)
			if u, ok := stretches.find(segment); ok {
				segment = stretches.ids[u]
			}
			a.segment, a.precinct = append(a.segment, segment), append(a.precinct, int32(b))
			a.cell, a.households = append(a.cell, geo.Cell(cells.Value(i))), append(a.households, homes.Value(i))
			r.divided = append(r.divided, r.divisionOf(names.Value(i)))
		}
		return nil
	})
	if err != nil {
		return err
	}
	communes := c.unitLevel(engine.UnitCommune, 0)
	return r.read(engine.Precincts, func(rows engine.Rows) error {
		codes := rows.Texts("commune")
		for i := range rows.Len() {
			m, ok := communes.find(engine.StableID("commune", codes.Value(i)))
			if !ok {
				return fmt.Errorf("precincts: commune %s is not known", codes.Value(i))
			}
			a.commune = append(a.commune, int32(m))
		}
		return nil
	})
}

// divisionOf numbers the divisions as they are met.
func (r *loader) divisionOf(name string) int32 {
	at := slices.Index(r.divisions, name)
	if at < 0 {
		at = len(r.divisions)
		r.divisions = append(r.divisions, strings.Clone(name))
	}
	return int32(at)
}

// noUnit is the unit of what has no place.
const noUnit = -1

// placeAtoms finds the unit of each atom at every level.
func (r *loader) placeAtoms() error {
	a := &r.city.atoms
	r.units = make([][]int32, len(r.city.levels))
	var group errgroup.Group
	for at, l := range r.city.levels {
		units := make([]int32, len(a.segment))
		r.units[at] = units
		group.Go(func() error {
			finder := recent{level: l}
			for i := range units {
				id := a.segment[i]
				switch l.unit {
				case engine.UnitPrecinct:
					units[i] = a.precinct[i]
					continue
				case engine.UnitCommune:
					units[i] = a.commune[a.precinct[i]]
					continue
				case engine.UnitCell:
					if id = 0; a.cell[i] != 0 {
						id = int64(a.cell[i].Parent(l.resolution))
					}
				}
				units[i] = noUnit
				if u, ok := finder.find(id); ok && id != 0 {
					units[i] = int32(u)
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// recent finds units of a level, and knows the last that was asked for: what follows often lies in the same.
type recent struct {
	level *level
	id    int64
	u     int
	found bool
}

func (f *recent) find(id int64) (int, bool) {
	if id != f.id {
		f.id = id
		f.u, f.found = f.level.find(id)
	}
	return f.u, f.found
}

// countHouseholds adds up the households of precincts, communes and cells. Every division has all of them once.
func (r *loader) countHouseholds() error {
	c := r.city
	for at, l := range c.levels {
		if l.unit == engine.UnitSegment {
			continue
		}
		sums := make([]float64, len(l.ids))
		for division := range r.divisions {
			clear(sums)
			for i, u := range r.units[at] {
				if u != noUnit && r.divided[i] == int32(division) {
					sums[u] += c.atoms.households[i]
				}
			}
			for u := range sums {
				l.households[u] = max(l.households[u], sums[u])
			}
		}
	}
	divisions := slices.Clone(r.divisions)
	if before := c.manifest.Before; before != nil { // the households of their precincts were published
		divisions = append(divisions, before.Divisions...)
	}
	slices.Sort(divisions)
	c.divisions = len(slices.Compact(divisions))
	return nil
}

func (c *City) unitLevel(unit engine.Unit, resolution int) *level {
	for _, l := range c.levels {
		if l.unit == unit && l.resolution == resolution {
			return l
		}
	}
	return nil
}

// loadVoters adds up the registered voters of each atom in each contest.
func (r *loader) loadVoters() error {
	a := &r.city.atoms
	a.voters = make([][]int32, len(r.city.contests))
	for at := range a.voters {
		a.voters[at] = make([]int32, len(a.segment))
	}
	return r.read(engine.Votes, func(rows engine.Rows) error {
		contests, ids, votes := rows.Texts("contest"), rows.Ints("atom_id"), rows.Ints("votes")
		for i := range rows.Len() {
			at, ok := r.city.contestAt[contests.Value(i)]
			n := ids.Value(i) - 1
			if !ok || n < 0 || n >= int64(len(a.segment)) {
				return fmt.Errorf("votes: atom %d of contest %s is not known", n+1, contests.Value(i))
			}
			a.voters[at][n] += int32(votes.Value(i))
		}
		return nil
	})
}

// placed tells whether some voters of a contest are counted in a street.
func (a *atoms) placed(contest int) bool {
	for i, n := range a.voters[contest] {
		if n > 0 && a.segment[i] > 0 {
			return true
		}
	}
	return false
}

// loadResults reads the official results.
func (r *loader) loadResults() error {
	c := r.city
	precincts := c.unitLevel(engine.UnitPrecinct, 0)
	o := &c.official
	for _, contest := range c.contests {
		registered, votes := make([]int64, len(precincts.ids)), make([]int64, len(precincts.ids)*len(contest.Choices))
		for i := range registered {
			registered[i] = -1
		}
		for i := range votes {
			votes[i] = -1
		}
		o.registered, o.votes = append(o.registered, registered), append(o.votes, votes)
		o.lines = append(o.lines, make([]int64, len(votes)))
		o.provisional = append(o.provisional, make([]bool, len(precincts.ids)))
	}
	known := r.choicesOf("results")
	return r.read(engine.Results, func(rows engine.Rows) error {
		contests, ids, choices, votes := rows.Texts("contest"), rows.Ints("precinct_id"), rows.Texts("choice"), rows.Ints("votes")
		lines, provisional := rows.Ints("line"), rows.Bools("provisional")
		known.Begin(contests, choices)
		for i := range rows.Len() {
			found, err := known.At(i)
			if err != nil {
				return err
			}
			at, k := found.at, found.k
			b, ok := precincts.find(ids.Value(i))
			if !ok {
				return fmt.Errorf("results: precinct %d is not known", ids.Value(i))
			}
			o.registered[at][b] = max(0, o.registered[at][b]) + votes.Value(i)
			row := b*len(c.contests[at].Choices) + k
			o.votes[at][row], o.provisional[at][b] = votes.Value(i), provisional.Value(i)
			if !lines.IsNull(i) {
				o.lines[at][row] = lines.Value(i)
			}
		}
		return nil
	})
}

package build

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

type checkedContest struct {
	id       string
	division string
	choices  []string // in id order
	official []tally  // by precinct of the level
}

// tally is the votes of a unit or precinct in a contest, by choice in ascending order. Choices that are not on its ballot are
// not in it: a contest may have hundreds, each on few ballots.
type tally []choiceCount

type choiceCount struct {
	choice int32
	votes  int64
}

// add adds to a choice.
func (t *tally) add(choice int, votes int64) {
	at, found := t.find(choice)
	if !found {
		*t = slices.Insert(*t, at, choiceCount{choice: int32(choice)})
	}
	(*t)[at].votes += votes
}

func (t tally) find(choice int) (int, bool) {
	return slices.BinarySearchFunc(t, int32(choice), func(c choiceCount, choice int32) int { return cmp.Compare(c.choice, choice) })
}

// votes of a choice, -1 where it is on no ballot.
func (t tally) votes(choice int) int64 {
	if at, found := t.find(choice); found {
		return t[at].votes
	}
	return -1
}

func (t tally) sum() (sum int64) {
	for _, c := range t {
		sum += c.votes
	}
	return sum
}

// checkedLevel is a kind of unit (a resolution for cells) with the sums of its atoms.
type checkedLevel struct {
	unit       engine.Unit
	resolution int
	units      keyed
	ofAtom     []int32
	homes      map[string][]float64 // by division
	sums       [][]tally            // by contest, then unit
	seen       []int64              // by contest: rows of the estimates table
}

// loadVotes adds the votes of the atoms up to every unit.
func (c *checker) loadVotes() error {
	return c.read(engine.Votes, func(r engine.Rows) error {
		contests, atoms, choices, votes := r.Texts("contest"), r.Ints("atom_id"), r.Texts("choice"), r.Ints("votes")
		for i := range r.Len() {
			at, k, ok := c.choice("votes", contests.Value(i), choices.Value(i))
			a := atoms.Value(i) - 1
			if !ok || a < 0 || a >= int64(len(c.precinctOf)) {
				c.differ("votes: atom %d of contest %s is not in atoms", a+1, contests.Value(i))
				continue
			}
			if votes.Value(i) < 0 {
				c.differ("votes: precinct %s, contest %s, choice %s: an atom has %d votes", c.precincts.names[c.precinctOf[a]], contests.Value(i), choices.Value(i), votes.Value(i))
			}
			for l := range c.atomUnits {
				c.atomUnits[l].sums[at][c.atomUnits[l].ofAtom[a]].add(k, votes.Value(i))
			}
		}
		return nil
	})
}

func (c *checker) choice(table, contest, choice string) (at, k int, ok bool) {
	if at, ok = c.contestAt[contest]; !ok {
		c.differ("%s: contest %s is not in contests", table, contest)
		return 0, 0, false
	}
	if k, ok = slices.BinarySearch(c.contests[at].choices, choice); !ok {
		c.differ("%s: choice %s is not among the choices of contest %s", table, choice, contest)
	}
	return at, k, ok
}

// checkResults compares the official results with the atoms of each precinct.
func (c *checker) checkResults() error {
	level := &c.atomUnits[slices.IndexFunc(c.atomUnits, func(l checkedLevel) bool { return l.unit == engine.UnitPrecinct })]
	for i := range c.contests {
		c.contests[i].official = make([]tally, len(level.units.ids))
	}
	err := c.read(engine.Results, func(r engine.Rows) error {
		contests, precincts, choices, votes := r.Texts("contest"), r.Ints("precinct_id"), r.Texts("choice"), r.Ints("votes")
		for i := range r.Len() {
			at, k, ok := c.choice("results", contests.Value(i), choices.Value(i))
			if !ok {
				continue
			}
			b, ok := level.units.find(precincts.Value(i))
			if !ok {
				c.differ("results: precinct %d of contest %s has no atom", precincts.Value(i), contests.Value(i))
				continue
			}
			c.contests[at].official[b].add(k, votes.Value(i))
		}
		return nil
	})
	if err != nil {
		return err
	}
	for at, contest := range c.contests {
		for b, official := range contest.official {
			for k, choice := range contest.choices {
				c.Sums++
				if votes, sum := official.votes(k), level.sums[at][b].votes(k); sum != votes {
					c.differ("precinct %s, contest %s, choice %s: %s votes officially, %s over its segments and cells",
						level.units.names[b], contest.id, choice, orNone(votes), orNone(sum))
				}
			}
		}
	}
	return nil
}

func orNone(votes int64) string {
	if votes < 0 {
		return "no"
	}
	return strconv.FormatInt(votes, 10)
}

// checkEstimates compares every row of the estimates with the sum of its atoms.
func (c *checker) checkEstimates() error {
	k := float64(c.snapshot.Manifest.Parameters.K)
	err := c.read(engine.Estimates, func(r engine.Rows) error {
		units, ids, contests, choices := r.Texts("unit"), r.Ints("unit_id"), r.Texts("contest"), r.Texts("choice")
		registered, votes, states, modelled := r.Ints("registered"), r.Ints("votes"), r.Texts("state"), r.Bools("modelled_only")
		low90, low50, high50, high90 := r.Ints("registered_low90"), r.Ints("registered_low50"), r.Ints("registered_high50"), r.Ints("registered_high90")
		bounds := [5]interface {
			Value(int) float64
			IsNull(int) bool
		}{r.Floats("low90"), r.Floats("low50"), r.Floats("share"), r.Floats("high50"), r.Floats("high90")}
		for i := range r.Len() {
			l, u := c.unit(engine.Unit(units.Value(i)), ids.Value(i))
			if l == nil {
				c.differ("estimates: %s %d is no unit of this snapshot", units.Value(i), ids.Value(i))
				continue
			}
			at, choice, ok := c.choice("estimates", contests.Value(i), choices.Value(i))
			if !ok {
				continue
			}
			where := func() string {
				return fmt.Sprintf("%s %s (%s), contest %s", units.Value(i), c.unitID(l, ids.Value(i)), l.units.names[u], contests.Value(i))
			}
			row := l.sums[at][u]
			sum := row.votes(choice)
			if modelled.Value(i) && sum < 0 {
				sum = 0 // its atoms are of precincts without a result
			} else {
				l.seen[at]++
			}
			c.Sums += 2
			if sum != votes.Value(i) {
				c.differ("%s, choice %s: %d votes in estimates, %s over its atoms", where(), choices.Value(i), votes.Value(i), orNone(sum))
			}
			if total := row.sum(); total != registered.Value(i) {
				c.differ("%s: %d registered in estimates, %d over its choices", where(), registered.Value(i), total)
			} else if modelled.Value(i) && total > 0 {
				c.differ("%s: its share is said to be modelled only, and it has %d registered", where(), total)
			}
			if !slices.IsSorted([]int64{0, low90.Value(i), low50.Value(i), registered.Value(i), high50.Value(i), high90.Value(i)}) {
				c.differ("%s: the interval of registered is out of order", where())
			}
			for j := 1; j < len(bounds); j++ {
				if !bounds[j].IsNull(i) && (bounds[j-1].IsNull(i) || bounds[j-1].Value(i) > bounds[j].Value(i)) {
					c.differ("%s, choice %s: the interval is out of order", where(), choices.Value(i))
					break
				}
			}
			if n := registered.Value(i); n > 0 && !bounds[0].IsNull(i) {
				if share := float64(votes.Value(i)) / float64(n); share < bounds[0].Value(i) || share > bounds[4].Value(i) {
					c.differ("%s, choice %s: %d of %d votes are outside their own interval", where(), choices.Value(i), votes.Value(i), n)
				}
			}
			if states.Value(i) == string(engine.Published) {
				var homes float64
				for _, of := range l.homes {
					homes = math.Max(homes, of[u])
				}
				if homes < k {
					c.differ("%s is published with %.1f households, fewer than %g", where(), homes, k)
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, l := range c.atomUnits {
		for at, contest := range c.contests {
			want := int64(0)
			for u, sum := range l.sums[at] {
				if !(l.unit == engine.UnitCell && l.resolution > engine.CoarsestResolution && l.units.ids[u] == 0) {
					want += int64(len(sum))
				}
			}
			c.Sums++
			if l.seen[at] != want {
				c.differ("estimates: %d rows of %s, contest %s, where its atoms make %d", l.seen[at], l.unit, contest.id, want)
			}
		}
	}
	return nil
}

// unit finds a unit's level and its place in it.
func (c *checker) unit(unit engine.Unit, id int64) (*checkedLevel, int32) {
	resolution := 0
	if unit == engine.UnitCell {
		if resolution = geo.Cell(id).Resolution(); id == 0 {
			resolution = engine.CoarsestResolution
		}
	}
	for i := range c.atomUnits {
		if l := &c.atomUnits[i]; l.unit == unit && l.resolution == resolution {
			u, ok := l.units.find(id)
			if !ok {
				return nil, 0
			}
			return l, u
		}
	}
	return nil, 0
}

func (c *checker) unitID(l *checkedLevel, id int64) string {
	if l.unit == engine.UnitCell {
		return geo.Cell(id).String()
	}
	return strconv.FormatInt(id, 10)
}

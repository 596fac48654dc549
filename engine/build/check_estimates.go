package build

import (
	"fmt"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// checkEstimates compares every row of the estimates with the sum of its atoms, and the first of each unit with the plan.
func (c *checker) checkEstimates() error {
	k := float64(c.snapshot.Manifest.Parameters.K)
	var unit checkedUnit // of the row before
	known := c.choicesOf("estimates")
	err := c.eachBatch(engine.Estimates, func(r engine.Rows) error {
		units, ids, contests, choices := r.Texts("unit"), r.Ints("unit_id"), r.Texts("contest"), r.Texts("choice")
		registered, votes, states, modelled := r.Ints("registered"), r.Ints("votes"), r.Texts("state"), r.Bools("modelled_only")
		low90, low50, high50, high90 := r.Ints("registered_low90"), r.Ints("registered_low50"), r.Ints("registered_high50"), r.Ints("registered_high90")
		bounds := [5]*array.Float64{r.Floats("low90"), r.Floats("low50"), r.Floats("share"), r.Floats("high50"), r.Floats("high90")}
		known.Begin(contests, choices)
		for i := range r.Len() {
			found, err := known.At(i)
			if err != nil {
				continue
			}
			at, choice := found.at, found.k
			if kind, id := engine.Unit(units.Value(i)), ids.Value(i); unit.level == nil || unit.level.unit != kind || unit.id != id || unit.contest != at {
				l, u := c.level(kind, id)
				unit = checkedUnit{level: l, at: u, id: id, contest: at}
				if l == nil {
					c.differ("estimates: %s %d is no unit of this snapshot", kind, id)
					continue
				}
				c.tally.add(&c.contests[at], l.atoms(u))
				l.told[at].meet(u, len(c.tally.listed))
				unit.households = c.households(l, u)
				c.plan.compare(c, kind, id, states.Value(i))
			}
			if unit.households < k && states.Value(i) == string(engine.Published) {
				c.differ("%s is published with %.1f households, fewer than %g", c.describe(unit), unit.households, k)
			}
			sum := c.tally.of(choice)
			if modelled.Value(i) && sum < 0 {
				sum = 0 // its atoms are of precincts without a result
			} else {
				unit.level.told[at].rows++
			}
			c.Sums += 2
			if sum != votes.Value(i) {
				c.differ("%s, choice %s: %d votes in estimates, %s over its atoms", c.describe(unit), choices.Value(i), votes.Value(i), orNone(sum))
			}
			if total := c.tally.total; total != registered.Value(i) {
				c.differ("%s: %d registered in estimates, %d over its choices", c.describe(unit), registered.Value(i), total)
			} else if modelled.Value(i) && total > 0 {
				c.differ("%s: its share is said to be modelled only, and it has %d registered", c.describe(unit), total)
			}
			if n := registered.Value(i); low90.Value(i) < 0 || low50.Value(i) < low90.Value(i) || n < low50.Value(i) || high50.Value(i) < n || high90.Value(i) < high50.Value(i) {
				c.differ("%s: the interval of registered is out of order", c.describe(unit))
			}
			for j := 1; j < len(bounds); j++ {
				if !bounds[j].IsNull(i) && (bounds[j-1].IsNull(i) || bounds[j-1].Value(i) > bounds[j].Value(i)) {
					c.differ("%s, choice %s: the interval is out of order", c.describe(unit), choices.Value(i))
					break
				}
			}
			if n := registered.Value(i); n > 0 && !bounds[0].IsNull(i) {
				if share := float64(votes.Value(i)) / float64(n); share < bounds[0].Value(i) || share > bounds[4].Value(i) {
					c.differ("%s, choice %s: %d of %d votes are outside their own interval", c.describe(unit), choices.Value(i), votes.Value(i), n)
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.checkNumberOfEstimates()
}

// checkedUnit is a unit in a contest.
type checkedUnit struct {
	level   *checkedLevel
	at      int
	id      int64
	contest int

	households float64
}

// describe says which unit a message is of.
func (c *checker) describe(u checkedUnit) string {
	id := strconv.FormatInt(u.id, 10)
	if u.level.unit == engine.UnitCell {
		id = geo.Cell(u.id).String()
	}
	return fmt.Sprintf("%s %s (%s), contest %s", u.level.unit, id, c.nameOf(u.level, u.at), c.contests[u.contest].id)
}

// toldUnits are the units of a level in a contest of which there are estimates.
type toldUnits struct {
	rows int64  // of estimates
	want int64  // rows that their atoms make
	met  []bool // by unit
}

// meet notes a unit whose atoms make so many rows.
func (t *toldUnits) meet(u, rows int) {
	if !t.met[u] {
		t.met[u] = true
		t.want += int64(rows)
	}
}

// checkNumberOfEstimates looks whether there is a row for every unit and choice that has an atom.
func (c *checker) checkNumberOfEstimates() error {
	for _, l := range c.levels {
		for at := range c.contests {
			told := &l.told[at]
			for u, id := range l.ids {
				if !told.met[u] && !(l.unit == engine.UnitCell && l.resolution > engine.CoarsestResolution && id == 0) {
					c.tally.add(&c.contests[at], l.atoms(u))
					told.meet(u, len(c.tally.listed))
				}
			}
			c.Sums++
			if told.rows != told.want {
				c.differ("estimates: %d rows of %s, contest %s, where its atoms make %d", told.rows, l.unit, c.contests[at].id, told.want)
			}
			if err := c.ctx.Err(); err != nil {
				return err
			}
		}
	}
	return nil
}

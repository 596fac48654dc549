package build

import (
	"slices"
	"sort"

	"github.com/arpent/arpent/engine"
)

// planStates are the rows of a table plan, in the order of unit and id.
type planStates struct {
	units  []uint8 // index in planUnits
	ids    []int64
	states []engine.State
	told   []bool // by row: the estimates were compared with it
}

// planUnits are the units of a plan, in the order of their names.
var planUnits = []engine.Unit{engine.UnitCell, engine.UnitCommune, engine.UnitPrecinct, engine.UnitSegment}

// find gives the row of a unit, or where it would be.
func (p *planStates) find(unit uint8, id int64) (int, bool) {
	at := sort.Search(len(p.ids), func(i int) bool { return p.units[i] > unit || p.units[i] == unit && p.ids[i] >= id })
	return at, at < len(p.ids) && p.units[at] == unit && p.ids[at] == id
}

func (c *checker) loadPlan(t engine.Table) (p planStates, err error) {
	known := map[string]engine.State{}
	for _, s := range []engine.State{engine.Published, engine.Suppressed, engine.Empty} {
		known[string(s)] = s
	}
	err = c.read(t, func(rows engine.Rows) error {
		units, ids, states := rows.Texts("unit"), rows.Ints("unit_id"), rows.Texts("state")
		for i := range rows.Len() {
			unit := slices.Index(planUnits, engine.Unit(units.Value(i)))
			if unit < 0 {
				c.differ("%s: there is no unit %q", t.Name, units.Value(i))
				continue
			}
			if n := len(p.ids); n > 0 && (p.units[n-1] > uint8(unit) || p.units[n-1] == uint8(unit) && p.ids[n-1] >= ids.Value(i)) {
				c.differ("%s: %s %d is out of order or there twice", t.Name, units.Value(i), ids.Value(i))
				continue
			}
			p.units, p.ids, p.states = append(p.units, uint8(unit)), append(p.ids, ids.Value(i)), append(p.states, known[states.Value(i)])
		}
		return nil
	})
	p.told = make([]bool, len(p.ids))
	return p, err
}

// checkPlan compares the plan with the one before it: what was suppressed there is not published.
func (c *checker) checkPlan() (err error) {
	before, err := c.loadPlan(engine.PlanBefore)
	if err != nil {
		return err
	}
	if c.plan, err = c.loadPlan(engine.Plan); err != nil {
		return err
	}
	c.Sums += int64(len(c.plan.ids))
	for i, state := range before.states {
		if state != engine.Suppressed {
			continue
		}
		if at, ok := c.plan.find(before.units[i], before.ids[i]); ok && c.plan.states[at] != engine.Suppressed {
			c.differ("plan: %s %d is %s, and the snapshot before suppressed it", planUnits[before.units[i]], before.ids[i], c.plan.states[at])
		}
	}
	return nil
}

// compare compares what is said of a unit with the state of its estimates, once.
func (p *planStates) compare(c *checker, unit engine.Unit, id int64, state string) {
	if id == 0 {
		return
	}
	planned := engine.State("")
	if at, ok := p.find(uint8(slices.Index(planUnits, unit)), id); ok {
		if p.told[at] {
			return
		}
		p.told[at], planned = true, p.states[at]
	}
	c.Sums++
	if published := state == string(engine.Published); published != (planned == engine.Published) {
		c.differ("plan: %s %d is %q in it, and %q in the estimates", unit, id, planned, state)
	}
}

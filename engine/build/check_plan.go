package build

import "github.com/arpent/arpent/engine"

// planStates are what a table plan says of each unit.
type planStates struct {
	planRows
	told []bool // by row: the estimates were compared with it
}

func (c *checker) loadPlan(t engine.Table) (p planStates, err error) {
	p.planRows = make(planRows, 0, c.rowsOf(t))
	err = c.eachBatch(t, func(rows engine.Rows) error {
		units, ids, states := rows.Texts("unit"), rows.Ints("unit_id"), rows.Texts("state")
		for i := range rows.Len() {
			unit, known := planUnitOf(units.Value(i))
			row := planRow{planKey: planKey{unit, ids.Value(i)}, state: planState(states.Value(i))}
			if n := len(p.planRows); !known || n > 0 && p.planRows[n-1].compare(row.planKey) >= 0 {
				c.differ("%s: %s %d is no unit, out of order or there twice", t.Name, units.Value(i), ids.Value(i))
				continue
			}
			p.planRows = append(p.planRows, row)
		}
		return nil
	})
	p.told = make([]bool, len(p.planRows))
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
	c.Sums += int64(len(c.plan.planRows))
	for _, row := range before.planRows {
		if at, ok := c.plan.find(row.planKey); ok && row.state == engine.Suppressed && c.plan.planRows[at].state != engine.Suppressed {
			c.differ("plan: %s %d is %s, and the snapshot before suppressed it", planUnits[row.unit], row.id, c.plan.planRows[at].state)
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
	kind, _ := planUnitOf(unit)
	if at, ok := p.find(planKey{kind, id}); ok {
		if p.told[at] {
			return
		}
		p.told[at], planned = true, p.planRows[at].state
	}
	c.Sums++
	if published := state == string(engine.Published); published != (planned == engine.Published) {
		c.differ("plan: %s %d is %q in it, and %q in the estimates", unit, id, planned, state)
	}
}

package build

import "github.com/arpent/arpent/engine"

// checkPlan compares the plan with the states of the estimates, and with the plan before it: what was suppressed there is not published.
func (c *checker) checkPlan() error {
	before := map[planKey]bool{} // suppressed
	err := c.read(engine.PlanBefore, func(rows engine.Rows) error {
		units, ids, states := rows.Texts("unit"), rows.Ints("unit_id"), rows.Texts("state")
		for i := range rows.Len() {
			if engine.State(states.Value(i)) == engine.Suppressed {
				before[planKey{engine.Unit([]byte(units.Value(i))), ids.Value(i)}] = true
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	plan := map[planKey]engine.State{}
	err = c.read(engine.Plan, func(rows engine.Rows) error {
		units, ids, states := rows.Texts("unit"), rows.Ints("unit_id"), rows.Texts("state")
		for i := range rows.Len() {
			key := planKey{engine.Unit([]byte(units.Value(i))), ids.Value(i)}
			plan[key] = engine.State([]byte(states.Value(i)))
			c.Sums++
			if before[key] && plan[key] != engine.Suppressed {
				c.differ("plan: %s %d is %s, and the snapshot before suppressed it", key.unit, key.id, plan[key])
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	told := map[planKey]bool{}
	return c.read(engine.Estimates, func(rows engine.Rows) error {
		units, ids, states := rows.Texts("unit"), rows.Ints("unit_id"), rows.Texts("state")
		for i := range rows.Len() {
			key := planKey{engine.Unit(units.Value(i)), ids.Value(i)}
			if key.id == 0 || told[key] {
				continue
			}
			key.unit = engine.Unit([]byte(key.unit))
			told[key] = true
			c.Sums++
			if published := engine.State(states.Value(i)) == engine.Published; published != (plan[key] == engine.Published) {
				c.differ("plan: %s %d is %q in it, and %q in the estimates", key.unit, key.id, plan[key], states.Value(i))
			}
		}
		return nil
	})
}

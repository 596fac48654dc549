package build

import "github.com/arpent/arpent/engine"

// checkPlan compares the plan with the states of the estimates, and with the plan before it: what was suppressed there is not published.
func (c *checker) checkPlan() error {
	before := map[planKey]bool{} // suppressed
	err := c.read(engine.PlanBefore, func(rows engine.Rows) error {
		for i := range rows.Len() {
			if engine.State(rows.Texts("state").Value(i)) == engine.Suppressed {
				before[planKey{engine.Unit([]byte(rows.Texts("unit").Value(i))), rows.Ints("unit_id").Value(i)}] = true
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	states := map[planKey]engine.State{}
	err = c.read(engine.Plan, func(rows engine.Rows) error {
		for i := range rows.Len() {
			key := planKey{engine.Unit([]byte(rows.Texts("unit").Value(i))), rows.Ints("unit_id").Value(i)}
			states[key] = engine.State([]byte(rows.Texts("state").Value(i)))
			c.Sums++
			if before[key] && states[key] != engine.Suppressed {
				c.differ("plan: %s %d is %s, and the snapshot before suppressed it", key.unit, key.id, states[key])
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	told := map[planKey]bool{}
	return c.read(engine.Estimates, func(rows engine.Rows) error {
		for i := range rows.Len() {
			key := planKey{engine.Unit(rows.Texts("unit").Value(i)), rows.Ints("unit_id").Value(i)}
			if key.id == 0 || told[key] {
				continue
			}
			key.unit = engine.Unit([]byte(key.unit))
			told[key] = true
			c.Sums++
			if published := engine.State(rows.Texts("state").Value(i)) == engine.Published; published != (states[key] == engine.Published) {
				c.differ("plan: %s %d is %q in it, and %q in the estimates", key.unit, key.id, states[key], rows.Texts("state").Value(i))
			}
		}
		return nil
	})
}

package build

import (
	"github.com/arpent/arpent/engine"
)

// checkDistricts looks whether each precinct is in one district of a set at most, and in none that is not there: then what the districts
// of a set have sums to what their precincts have.
func (c *checker) checkDistricts() error {
	sets, precincts := []string{}, []int64{}
	districts, err := c.loadKeyed(engine.Districts, "district_id", "code", func(r engine.Rows) {
		ids, of, codes := r.Ints("district_id"), r.Texts("set"), r.Texts("code")
		for i := range r.Len() {
			c.Sums++
			if id := engine.DistrictID(of.Value(i), codes.Value(i)); id != ids.Value(i) {
				c.differ("districts: %s %s has the id %d, its name gives %d", of.Value(i), codes.Value(i), ids.Value(i), id)
			}
			sets, precincts = append(sets, string([]byte(of.Value(i)))), append(precincts, 0)
		}
	})
	if err != nil {
		return err
	}
	set, last := "", int64(0)
	err = c.eachBatch(engine.DistrictPrecincts, func(r engine.Rows) error {
		of, ids, in, parts := r.Texts("set"), r.Ints("precinct_id"), r.Ints("district_id"), r.Floats("part")
		for i := range r.Len() {
			c.Sums++
			if of.Value(i) < set || of.Value(i) == set && ids.Value(i) <= last {
				c.differ("district_precincts: precinct %d of set %s is out of order or there twice", ids.Value(i), of.Value(i))
			}
			set, last = string([]byte(of.Value(i))), ids.Value(i)
			if _, ok := c.precincts.find(last); !ok {
				c.differ("district_precincts: precinct %d of set %s is not in precincts", last, set)
			}
			d, ok := districts.find(in.Value(i))
			switch {
			case !ok:
				c.differ("district_precincts: precinct %d is in district %d, which is not in districts", last, in.Value(i))
				continue
			case sets[d] != set:
				c.differ("district_precincts: precinct %d is in district %s of set %s, which is of %s", last, districts.names[d], set, sets[d])
			case !(parts.Value(i) > 0 && parts.Value(i) <= 1):
				c.differ("district_precincts: precinct %d has %g of its households in district %s of set %s", last, parts.Value(i), districts.names[d], set)
			}
			precincts[d]++
		}
		return nil
	})
	for d, n := range precincts {
		if n == 0 && err == nil {
			c.differ("districts: %s %s has no precinct", sets[d], districts.names[d])
		}
	}
	return err
}

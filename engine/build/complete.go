package build

import (
	"fmt"

	"github.com/arpent/arpent/engine"
)

// complete refuses a place that lacks what a build needs, before anything is read.
func complete(o Options) error {
	seen := map[engine.Kind]bool{}
	known := map[engine.Code]bool{} // divisions that have areas or a register
	contests := map[engine.Code][]engine.SourceSpec{}
	for _, in := range o.Inputs {
		seen[in.Kind] = true
		if err := fits(o.Place, in); err != nil {
			return err
		}
		if in.Kind == engine.KindAreas || in.Kind == engine.KindRegister {
			known[in.Spec.Division] = true
		}
		if in.Kind != engine.KindResults {
			continue
		}
		for _, other := range contests[in.Spec.Contest] {
			switch {
			case other.Provisional() == in.Spec.Provisional():
				return fmt.Errorf("build: %s: contest %s is there twice: give each results file a contest of its own, or status: provisional to the one that the other goes before", o.Place.Where(in.Spec), in.Spec.Contest)
			case other.Division != in.Spec.Division:
				return fmt.Errorf("build: %s: the final and the provisional results of contest %s are of divisions %s and %s: give both the division they belong to", o.Place.Where(in.Spec), in.Spec.Contest, other.Division, in.Spec.Division)
			}
		}
		contests[in.Spec.Contest] = append(contests[in.Spec.Contest], in.Spec)
	}
	for _, kind := range []engine.Kind{engine.KindStreets, engine.KindAddresses, engine.KindAreas, engine.KindResults} {
		if !seen[kind] && !(kind == engine.KindAreas && seen[engine.KindRegister]) {
			return fmt.Errorf("build: place file %s has no source of %s: add one (`arpent build --help` lists the datasets)", o.Place.File, kind)
		}
	}
	for _, in := range o.Inputs {
		if in.Spec.Crosswalk == "" {
			continue
		}
		if in.Spec.Crosswalk == in.Spec.Division {
			return fmt.Errorf("build: %s: crosswalk: %s is the division of the results themselves: name another, or take it off the line", o.Place.Where(in.Spec), in.Spec.Crosswalk)
		}
		for _, division := range []engine.Code{in.Spec.Division, in.Spec.Crosswalk} {
			if !known[division] {
				return fmt.Errorf("build: %s: a crosswalk from division %s to %s needs areas or a register of both, and there are none of %s: add them, or take crosswalk: off the line",
					o.Place.Where(in.Spec), in.Spec.Division, in.Spec.Crosswalk, division)
			}
		}
	}
	return nil
}

// fits refuses a line that lacks what its kind needs, or has what it does not take.
func fits(place *engine.Place, in engine.Input) error {
	s := in.Spec
	divided := in.Kind == engine.KindAreas || in.Kind == engine.KindRegister
	byPrecinct := in.Kind == engine.KindDistricts && s.Columns["precinct"] != ""
	switch {
	case (divided || in.Kind == engine.KindResults) && s.Division == "":
		return fmt.Errorf("build: %s: %s needs division:, the year or name of the precincts' borders, as division: 2017", place.Where(s), s.Dataset)
	case in.Kind == engine.KindResults && s.Contest == "":
		return fmt.Errorf("build: %s: %s needs contest:, an id of its own, as contest: 2017_pres_t1", place.Where(s), s.Dataset)
	case in.Kind == engine.KindDistricts && s.Set == "":
		return fmt.Errorf("build: %s: districts need set:, what they are called in the API, as set: constituency", place.Where(s))
	case in.Kind != engine.KindDistricts && s.Set != "":
		return fmt.Errorf("build: %s: %s takes no set:, which districts have: take it off the line", place.Where(s), s.Dataset)
	case byPrecinct && s.Division == "":
		return fmt.Errorf("build: %s: districts by precinct need division:, the one that the precincts are of, as division: 2017", place.Where(s))
	case in.Kind != engine.KindResults && (s.Contest != "" || s.Date != "" || s.Name != "" || s.Status != "" || s.Crosswalk != "" || !divided && !byPrecinct && s.Division != ""):
		return fmt.Errorf("build: %s: %s takes no contest:, name:, date:, status:, crosswalk: and, unless it is of areas, a register or districts by precinct, no division: take them off the line", place.Where(s), s.Dataset)
	}
	if _, err := engine.Expect(s.Expect, in.Kind); err != nil {
		return fmt.Errorf("build: %s: %w", place.Where(s), err)
	}
	return nil
}

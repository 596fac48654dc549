package build

import (
	"slices"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
)

// A precinct is at times cut in two for one election - in Massachusetts 3-2A is the part of 3-2 that votes for another district -
// and results have the parts where areas have the whole, or the other way round. The whole is then what both have: votes of a part
// without an area are added to those of the precinct it is a part of, areas of parts without results to its area. In France a letter
// is a station of its own.

// joinSubprecincts brings results and areas to the precincts that both have. It gives the codes of the parts that were joined, by
// contest and by division.
func joinSubprecincts(m *material) (results, areas map[string][]string) {
	results, areas = map[string][]string{}, map[string][]string{}
	if m.country == "fr" || m.country == "" {
		return results, areas
	}
	drawn := map[precinctRef]bool{}
	for _, a := range m.areas {
		drawn[precinctRef{a.division, a.key}] = true
	}
	voted := map[precinctRef]bool{}
	for i := range m.contests {
		c := &m.contests[i]
		division := string(c.spec.Division)
		joined := c.joinParts(func(key engine.PrecinctKey) bool { return drawn[precinctRef{division, key}] })
		joined = append(joined, results[string(c.spec.Contest)]...) // of its other source
		slices.Sort(joined)
		results[string(c.spec.Contest)] = slices.Compact(joined)
		for key := range c.index {
			voted[precinctRef{division, key}] = true
		}
	}
	whole := map[precinctRef]int{}
	kept := m.areas[:0]
	var parts []area
	for _, a := range m.areas {
		key, ok := wholePrecinct(a.key)
		if ok && !voted[precinctRef{a.division, a.key}] && drawn[precinctRef{a.division, key}] && voted[precinctRef{a.division, key}] {
			parts = append(parts, a)
			continue
		}
		whole[precinctRef{a.division, a.key}] = len(kept)
		kept = append(kept, a)
	}
	m.areas = kept
	for _, part := range parts {
		key, _ := wholePrecinct(part.key)
		a := &m.areas[whole[precinctRef{part.division, key}]]
		a.shape = append(append(orb.MultiPolygon{}, a.shape...), part.shape...)
		if a.electors >= 0 && part.electors >= 0 {
			a.electors += part.electors
		} else {
			a.electors = -1
		}
		areas[part.division] = append(areas[part.division], part.code)
	}
	for _, codes := range areas {
		slices.Sort(codes)
	}
	return results, areas
}

// joinParts adds the stations that have no area to the one they are a part of, where that has one.
func (c *contestRows) joinParts(drawn func(engine.PrecinctKey) bool) (joined []string) {
	joins := func(key engine.PrecinctKey) (whole engine.PrecinctKey, ok bool) {
		whole, ok = wholePrecinct(key)
		return whole, ok && !drawn(key) && drawn(whole)
	}
	if !slices.ContainsFunc(c.stations, func(s stationRow) bool { _, ok := joins(s.key); return ok }) {
		return nil
	}
	stations := c.stations
	c.stations, c.index = nil, map[engine.PrecinctKey]int{}
	put := func(s stationRow) {
		if at, ok := c.index[s.key]; ok {
			c.stations[at].add(s)
			return
		}
		c.index[s.key] = len(c.stations)
		c.stations = append(c.stations, s)
	}
	for _, s := range stations {
		if _, ok := joins(s.key); !ok {
			put(s)
		}
	}
	for _, s := range stations {
		if whole, ok := joins(s.key); ok {
			joined = append(joined, s.code)
			if _, there := c.index[whole]; !there { // all of its parts are apart
				s.code = whole.Station
			}
			s.key = whole
			put(s)
		}
	}
	slices.Sort(joined)
	return joined
}

// wholePrecinct is the precinct that 3-2A is a part of: 3-2.
func wholePrecinct(key engine.PrecinctKey) (whole engine.PrecinctKey, ok bool) {
	n := len(key.Station)
	if n < 2 || key.Station[n-1] < 'A' || key.Station[n-1] > 'Z' || key.Station[n-2] < '0' || key.Station[n-2] > '9' {
		return key, false
	}
	key.Station = key.Station[:n-1]
	return key, true
}

// add adds the counts of another part; what one of them does not count is absent.
func (s *stationRow) add(part stationRow) {
	for _, count := range []struct {
		of  *int64
		and int64
	}{{&s.registered, part.registered}, {&s.voters, part.voters}, {&s.blank, part.blank}, {&s.null, part.null}, {&s.blankNull, part.blankNull}} {
		if *count.of < 0 || count.and < 0 {
			*count.of = -1
			continue
		}
		*count.of += count.and
	}
	for _, v := range part.votes {
		at := slices.IndexFunc(s.votes, func(known choiceVotes) bool { return known.choice == v.choice })
		if at < 0 {
			s.votes = append(s.votes, v)
			continue
		}
		s.votes[at].votes += v.votes
	}
}

package live

import (
	"cmp"
	"slices"
	"strings"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// Explain says where the numbers of a unit in a contest came from: the precincts whose official totals were handed down, the
// unit's part of each, and the files. The parts of a cell that lies in several precincts are named without numbers, and so are
// all parts of a unit where one is under the threshold.
func (c *City) Explain(unit engine.Unit, id int64, contest string) (Explanation, error) {
	at, err := contestByName(c.contests, contest)
	if err != nil {
		return Explanation{}, err
	}
	l, u, err := c.level(unit, id)
	if err != nil {
		return Explanation{}, err
	}
	e := Explanation{
		Score:   l.head(u),
		Contest: c.contests[at].ID, Method: c.method(l, u, at), Sources: c.sources(c.contests[at], l.set), Model: c.manifest.Algorithm,
	}
	if e.State != engine.Published {
		return e, nil
	}
	e.Households = c.publishedHouseholds(l, u)
	addresses := c.countAddresses(l, u, c.contests[at].Division)
	e.Addresses = addresses.sum()
	for i, by := range engine.HouseholdSources() {
		if addresses[i] > 0 {
			e.HouseholdsFrom = append(e.HouseholdsFrom, Tally{by, int64(addresses[i])})
		}
	}
	if cs, ok := c.contestScore(l, u, at, ScoreQuery{}); ok {
		e.Contests = []ContestScore{cs}
	}
	e.Parts, e.PartsHidden = c.parts(l, u, at)
	return e, nil
}

// countAddresses gives a unit's addresses; a commune or district has those of its precincts in the division.
func (c *City) countAddresses(l *level, u int, division string) householdSources {
	of := c.atoms.commune
	switch l.unit {
	case engine.UnitCommune:
	case engine.UnitDistrict:
		of = l.set.ofPrecinct
	default:
		return l.addresses[u]
	}
	var sum householdSources
	precincts := c.unitLevel(engine.UnitPrecinct, 0)
	for b, unit := range of {
		if int(unit) == u && c.layers["precincts"].divisions[b] == division {
			for i, n := range precincts.addresses[b] {
				sum[i] += n
			}
		}
	}
	return sum
}

func (c *City) method(l *level, u, at int) string {
	switch {
	case l.publishedOf(u).modelledOnly(at):
		return "No result is known of the precincts here. The shares are what the precincts around and the census, where there is one, make likely; " +
			"they are brought to no official result, and nobody is counted."
	case l.unit == engine.UnitPrecinct:
		return "The official result of the precinct, as published."
	case l.unit == engine.UnitDistrict:
		return "The official results of the precincts of the district, added up."
	}
	return "Each precinct's official result is handed down to its streets: registered voters in proportion to their households, shares as they " +
		"are learnt from the precincts around and from the census where there is one, brought to the official result and rounded to whole " +
		"numbers so that parts and choices both add up to it. The interval says how far the unit's real share may lie from that; its " +
		"measured error is in the snapshot's report."
}

// parts lists the precincts a unit has atoms in, by code.
func (c *City) parts(l *level, u, at int) (parts []Part, hidden bool) {
	a := &c.atoms
	type sum struct {
		households float64
		voters     int64
	}
	sums := map[int32]*sum{}
	belongs := c.belongs(l, u)
	for i, b := range a.precinct {
		if c.official.registered[at][b] < 0 || !belongs(i) {
			continue
		}
		s := sums[b]
		if s == nil {
			s = &sum{}
			sums[b] = s
		}
		s.households += a.households[i]
		s.voters += int64(a.voters[at][i])
	}
	precincts := c.unitLevel(engine.UnitPrecinct, 0)
	k := float64(c.manifest.Parameters.K)
	for b, s := range sums {
		part := Part{Precinct: precincts.ids[b], Code: precincts.name(int(b)), Registered: s.voters}
		if homes := c.publishedHouseholds(precincts, int(b)); homes > 0 {
			part.Weight = s.households / homes
		}
		// The publication plan counts the parts of segments as published, not those of cells.
		if s.households < k || l.unit == engine.UnitCell && len(sums) > 1 || precincts.state(int(b)) != engine.Published {
			hidden = true
		}
		if precincts.state(int(b)) == engine.Published {
			part.Official, part.Lines = c.officialScore(at, int(b)), c.officialLines(at, int(b))
			part.Provisional = c.official.provisional[at][b]
		}
		parts = append(parts, part)
	}
	slices.SortFunc(parts, func(x, y Part) int {
		return cmp.Or(strings.Compare(x.Code, y.Code), cmp.Compare(x.Precinct, y.Precinct))
	})
	if hidden {
		for i := range parts {
			parts[i].Weight, parts[i].Registered = 0, 0
		}
	}
	return parts, hidden
}

// belongs tells which atoms a unit is the sum of.
func (c *City) belongs(l *level, u int) func(atom int) bool {
	a, id := &c.atoms, l.ids[u]
	switch l.unit {
	case engine.UnitSegment:
		return func(i int) bool { return a.segment[i] == id }
	case engine.UnitCell:
		lo, hi := geo.Cell(id).Range(engine.FinestResolution)
		return func(i int) bool { return a.cell[i] >= lo && a.cell[i] <= hi }
	case engine.UnitPrecinct:
		return func(i int) bool { return int(a.precinct[i]) == u }
	case engine.UnitDistrict:
		return func(i int) bool { return int(l.set.ofPrecinct[a.precinct[i]]) == u }
	}
	return func(i int) bool { return int(a.commune[a.precinct[i]]) == u }
}

func (c *City) officialScore(at, precinct int) ContestScore {
	choices := c.contests[at].Choices
	cs := ContestScore{Contest: c.contests[at].ID, Registered: c.official.registered[at][precinct]}
	for k, choice := range choices {
		votes := c.official.votes[at][precinct*len(choices)+k]
		if votes < 0 {
			continue
		}
		share := 0.0
		if cs.Registered > 0 {
			share = float64(votes) / float64(cs.Registered)
		}
		cs.Choices = append(cs.Choices, ChoiceScore{Choice: choice.ID, Number: Number{votes, share, share, share, share, share}})
	}
	return cs
}

// officialLines lists the lines of the results file a precinct's result stands on, ascending.
func (c *City) officialLines(at, precinct int) []int64 {
	k := len(c.contests[at].Choices)
	var lines []int64
	for _, line := range c.official.lines[at][precinct*k : (precinct+1)*k] {
		if line > 0 {
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// sources lists the files that a contest's numbers rest on: all that have no contest, or this one, and of districts those of the set that is asked
// for, if any. A canvass is none of them, and how many rows it has is the campaign's own.
func (c *City) sources(contest Contest, set *districtSet) []SourceUse {
	var list []SourceUse
	for _, in := range c.manifest.Inputs {
		if in.Set != "" && (set == nil || in.Set != set.name) {
			continue
		}
		if in.Kind == engine.KindCanvass || in.Contest != "" && in.Contest != contest.ID || in.Division != "" && in.Division != contest.Division {
			continue
		}
		list = append(list, SourceUse{Dataset: in.Dataset, Publisher: in.Publisher, Licence: in.Licence, Path: in.Path, SHA256: in.SHA256, Rows: c.rows[in.Dataset+" "+in.Path]})
	}
	return list
}

package attack

import (
	"cmp"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// unit names a unit.
type unit struct {
	kind engine.Unit
	id   int64
}

// atom is the houses that no unit tells apart. The same houses are one atom of households, and one of each contest: a contest knows the
// precincts of its own division alone.
type atom struct {
	segment    int64 // that it is published under
	precincts  []int64
	commune    int64
	districts  []int64
	cell       geo.Cell
	households float64
	votes      map[string]int64 // of a contest, by choice
	houses     []string
	added      bool // since the snapshot before
}

// in tells whether an atom is of a unit.
func (a *atom) in(u unit) bool {
	switch u.kind {
	case engine.UnitSegment:
		return a.segment == u.id
	case engine.UnitPrecinct:
		return slices.Contains(a.precincts, u.id)
	case engine.UnitDistrict:
		return slices.Contains(a.districts, u.id)
	case engine.UnitCell:
		return int64(a.cell.Parent(geo.Cell(u.id).Resolution())) == u.id
	}
	return a.commune == u.id
}

func (a *atom) voters() (n int64) {
	for _, votes := range a.votes {
		n += votes
	}
	return n
}

// truth is what a snapshot holds of its atoms, published or not. Atoms without a household, and of a contest without a voter, are left out.
type truth struct {
	households []*atom
	contests   map[string][]*atom
	official   map[string]map[int64]map[string]int64 // by contest, precinct and choice
	states     map[unit]engine.State
	lead       map[int64]int64   // of every segment
	divisions  map[string]string // of contests
}

// readTruth reads a snapshot.
func readTruth(t *testing.T, s *engine.Snapshot) *truth {
	t.Helper()
	found := &truth{contests: map[string][]*atom{}, official: map[string]map[int64]map[string]int64{}, states: map[unit]engine.State{}, lead: map[int64]int64{}, divisions: map[string]string{}}
	read := func(table engine.Table, each func(rows engine.Rows, i int)) {
		t.Helper()
		err := s.ReadTable(t.Context(), table, memory.NewGoAllocator(), func(rows engine.Rows) error {
			for i := range rows.Len() {
				each(rows, i)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	read(engine.Segments, func(rows engine.Rows, i int) {
		id := rows.Ints("segment_id").Value(i)
		found.lead[id] = id
		if lead := rows.Ints("joined_to"); !lead.IsNull(i) {
			found.lead[id] = lead.Value(i)
		}
	})
	commune := map[int64]int64{}
	read(engine.Precincts, func(rows engine.Rows, i int) {
		commune[rows.Ints("precinct_id").Value(i)] = engine.StableID("commune", rows.Texts("commune").Value(i))
	})
	districts := map[int64][]int64{}
	read(engine.DistrictPrecincts, func(rows engine.Rows, i int) {
		precinct := rows.Ints("precinct_id").Value(i)
		districts[precinct] = append(districts[precinct], rows.Ints("district_id").Value(i))
	})
	read(engine.Contests, func(rows engine.Rows, i int) {
		found.divisions[string([]byte(rows.Texts("contest").Value(i)))] = string([]byte(rows.Texts("division").Value(i)))
	})
	read(engine.Estimates, func(rows engine.Rows, i int) {
		u := unit{engine.Unit([]byte(rows.Texts("unit").Value(i))), rows.Ints("unit_id").Value(i)}
		found.states[u] = engine.State([]byte(rows.Texts("state").Value(i)))
	})
	read(engine.Results, func(rows engine.Rows, i int) {
		contest, precinct := string([]byte(rows.Texts("contest").Value(i))), rows.Ints("precinct_id").Value(i)
		if found.official[contest] == nil {
			found.official[contest] = map[int64]map[string]int64{}
		}
		if found.official[contest][precinct] == nil {
			found.official[contest][precinct] = map[string]int64{}
		}
		found.official[contest][precinct][string([]byte(rows.Texts("choice").Value(i)))] = rows.Ints("votes").Value(i)
	})

	precinctsOf := map[string][]int64{} // by address
	read(engine.Placements, func(rows engine.Rows, i int) {
		id := string([]byte(rows.Texts("address_id").Value(i)))
		precinctsOf[id] = append(precinctsOf[id], rows.Ints("precinct_id").Value(i))
	})
	read(engine.Addresses, func(rows engine.Rows, i int) {
		precincts, homes := precinctsOf[rows.Texts("address_id").Value(i)], rows.Floats("households").Value(i)
		if homes == 0 {
			return
		}
		one := &atom{segment: found.lead[rows.Ints("segment_id").Value(i)], precincts: precincts, commune: commune[precincts[0]], districts: districts[precincts[0]],
			cell: geo.Cell(rows.Ints("cell").Value(i)).Parent(engine.FinestResolution), households: homes,
			houses: []string{string([]byte(rows.Texts("address_id").Value(i)))}}
		same := func(a *atom) bool {
			return a.segment == one.segment && a.cell == one.cell && slices.Equal(a.precincts, one.precincts)
		}
		if at := slices.IndexFunc(found.households, same); at >= 0 {
			found.households[at].households += homes
			found.households[at].houses = append(found.households[at].houses, one.houses...)
			return
		}
		found.households = append(found.households, one)
	})

	byID, divisionOf := map[int64]*atom{}, map[int64]string{}
	read(engine.Atoms, func(rows engine.Rows, i int) {
		id, precinct := rows.Ints("atom_id").Value(i), rows.Ints("precinct_id").Value(i)
		divisionOf[id] = string([]byte(rows.Texts("division").Value(i)))
		byID[id] = &atom{segment: found.lead[rows.Ints("segment_id").Value(i)], precincts: []int64{precinct}, commune: commune[precinct], districts: districts[precinct],
			cell: geo.Cell(rows.Ints("cell").Value(i)), households: rows.Floats("households").Value(i)}
	})
	votes := map[string]map[int64]*atom{}
	read(engine.Votes, func(rows engine.Rows, i int) {
		contest, id, n := string([]byte(rows.Texts("contest").Value(i))), rows.Ints("atom_id").Value(i), rows.Ints("votes").Value(i)
		if n == 0 {
			return
		}
		if votes[contest] == nil {
			votes[contest] = map[int64]*atom{}
		}
		if votes[contest][id] == nil {
			one := *byID[id]
			one.votes = map[string]int64{}
			votes[contest][id] = &one
		}
		votes[contest][id].votes[string([]byte(rows.Texts("choice").Value(i)))] += n
	})
	for contest, atoms := range votes {
		// Of a stretch several rows may be one atom.
		for _, id := range sortedKeys(atoms) {
			one := atoms[id]
			list := found.contests[contest]
			same := func(a *atom) bool {
				return a.segment == one.segment && a.cell == one.cell && slices.Equal(a.precincts, one.precincts)
			}
			if at := slices.IndexFunc(list, same); at >= 0 {
				list[at].households += one.households
				for choice, n := range one.votes {
					list[at].votes[choice] += n
				}
				continue
			}
			found.contests[contest] = append(list, one)
		}
	}
	return found
}

// units lists the units, always in the same order.
func (of *truth) units() (units []unit) {
	for u := range of.states {
		units = append(units, u)
	}
	slices.SortFunc(units, func(a, b unit) int { return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.id, b.id)) })
	return units
}

// atomOf finds the atom of a house.
func (of *truth) atomOf(t *testing.T, house string) int {
	t.Helper()
	at := slices.IndexFunc(of.households, func(a *atom) bool { return slices.Contains(a.houses, house) })
	if at < 0 {
		t.Fatalf("no atom has house %s", house)
	}
	return at
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// small is the households of a set of atoms that nothing may be known of: 1 to 10, or a part of one.
func small(households float64) bool { return households > 0 && households < 11 }

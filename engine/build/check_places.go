package build

import (
	"fmt"
	"math"
	"slices"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

type atomKey struct {
	precinct, segment, cell int64
}

// keyed is a table's ids in order with the names that messages use.
type keyed struct {
	ids   []int64
	names []string
}

func (k keyed) find(id int64) (int32, bool) {
	i, ok := slices.BinarySearch(k.ids, id)
	return int32(i), ok
}

// loadNames reads contests, choices, precincts, communes and segments.
func (c *checker) loadNames() error {
	c.contestAt = map[string]int{}
	err := c.read(engine.Contests, func(r engine.Rows) error {
		ids, divisions := r.Texts("contest"), r.Texts("division")
		for i := range r.Len() {
			id := string([]byte(ids.Value(i)))
			c.contestAt[id] = len(c.contests)
			c.contests = append(c.contests, checkedContest{id: id, division: string([]byte(divisions.Value(i)))})
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = c.read(engine.Choices, func(r engine.Rows) error {
		contests, ids := r.Texts("contest"), r.Texts("choice")
		for i := range r.Len() {
			at, ok := c.contestAt[contests.Value(i)]
			if !ok {
				c.differ("choices: choice %s is of contest %s, which is not in contests", ids.Value(i), contests.Value(i))
				continue
			}
			c.contests[at].choices = append(c.contests[at].choices, string([]byte(ids.Value(i))))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if c.communes, err = c.loadKeyed(engine.Communes, "commune_id", "name", nil); err != nil {
		return err
	}
	var divisions []string
	c.precincts, err = c.loadKeyed(engine.Precincts, "precinct_id", "code", func(r engine.Rows) {
		communes, names := r.Texts("commune"), r.Texts("division")
		for i := range r.Len() {
			c.communeOf = append(c.communeOf, engine.StableID("commune", communes.Value(i)))
			divisions = append(divisions, string([]byte(names.Value(i))))
		}
	})
	if err != nil {
		return err
	}
	c.divisionOf = divisions
	return c.loadSegments()
}

// loadSegments reads the segments, and compares those that are joined with what they are joined to.
func (c *checker) loadSegments() (err error) {
	var communes []string
	c.segments, err = c.loadKeyed(engine.Segments, "segment_id", "street", func(r engine.Rows) {
		ids, joined, of := r.Ints("segment_id"), r.Ints("joined_to"), r.Texts("commune")
		for i := range r.Len() {
			lead := ids.Value(i)
			if !joined.IsNull(i) {
				lead = joined.Value(i)
			}
			c.leads, communes = append(c.leads, lead), append(communes, string([]byte(of.Value(i))))
		}
	})
	if err != nil {
		return err
	}
	for s, id := range c.segments.ids {
		if c.leads[s] == id {
			continue
		}
		c.Sums++
		switch lead, ok := c.segments.find(c.leads[s]); {
		case !ok || c.leads[lead] != c.leads[s]:
			c.differ("segment %d (%s) is joined to %d, which does not stand for itself", id, c.segments.names[s], c.leads[s])
		case c.segments.names[lead] != c.segments.names[s] || communes[lead] != communes[s]:
			c.differ("segment %d (%s) is joined to %d of another street (%s)", id, c.segments.names[s], c.leads[s], c.segments.names[lead])
		}
	}
	return nil
}

// leadOf gives the id that a segment is published under; 0 for what has no place.
func (c *checker) leadOf(segment int64) int64 {
	if s, ok := c.segments.find(segment); ok {
		return c.leads[s]
	}
	return segment
}

func (c *checker) loadKeyed(t engine.Table, id, name string, more func(engine.Rows)) (keyed, error) {
	var k keyed
	err := c.read(t, func(r engine.Rows) error {
		ids, names := r.Ints(id), r.Texts(name)
		for i := range r.Len() {
			if n := len(k.ids); n > 0 && ids.Value(i) <= k.ids[n-1] {
				c.differ("%s: %s %d (%s) is out of order or there twice", t.Name, id, ids.Value(i), names.Value(i))
			}
			k.ids = append(k.ids, ids.Value(i))
			k.names = append(k.names, string([]byte(names.Value(i))))
		}
		if more != nil {
			more(r)
		}
		return nil
	})
	return k, err
}

// loadAtoms reads the atoms and finds the unit of each at every level.
func (c *checker) loadAtoms() error {
	var segmentIDs, cells []int64
	c.atomAt = map[atomKey]int32{}
	err := c.read(engine.Atoms, func(r engine.Rows) error {
		ids, segments, precincts := r.Ints("atom_id"), r.Ints("segment_id"), r.Ints("precinct_id")
		cellIDs, homes, divisions := r.Ints("cell"), r.Floats("households"), r.Texts("division")
		for i := range r.Len() {
			n := int32(len(c.precinctOf))
			if ids.Value(i) != int64(n)+1 {
				return fmt.Errorf("atoms: row %d has atom_id %d", n+1, ids.Value(i))
			}
			b, ok := c.precincts.find(precincts.Value(i))
			if !ok {
				return fmt.Errorf("atoms: atom %d is of precinct %d, which is not in precincts", n+1, precincts.Value(i))
			}
			if c.divisionOf[b] != divisions.Value(i) {
				c.differ("atoms: atom %d is of division %s, its precinct %s of %s", n+1, divisions.Value(i), c.precincts.names[b], c.divisionOf[b])
			}
			if id := segments.Value(i); id != 0 {
				if _, ok := c.segments.find(id); !ok {
					c.differ("atoms: atom %d is on segment %d, which is not in segments", n+1, id)
				}
			}
			if cell := geo.Cell(cellIDs.Value(i)); cell != 0 && (!cell.Valid() || cell.Resolution() != engine.FinestResolution) {
				c.differ("atoms: atom %d has %d, which is not a cell of resolution %d", n+1, int64(cell), engine.FinestResolution)
			}
			c.precinctOf = append(c.precinctOf, b)
			c.atomHomes = append(c.atomHomes, homes.Value(i))
			c.hasPlace = append(c.hasPlace, segments.Value(i) != 0)
			segmentIDs, cells = append(segmentIDs, segments.Value(i)), append(cells, cellIDs.Value(i))
			c.atomAt[atomKey{precincts.Value(i), segments.Value(i), cellIDs.Value(i)}] = n
		}
		return nil
	})
	if err != nil {
		return err
	}
	c.addLevel(engine.UnitSegment, 0, c.segments, func(a int) int64 { return c.leadOf(segmentIDs[a]) })
	c.addLevel(engine.UnitPrecinct, 0, c.precincts, func(a int) int64 { return c.precincts.ids[c.precinctOf[a]] })
	c.addLevel(engine.UnitCommune, 0, c.communes, func(a int) int64 { return c.communeOf[c.precinctOf[a]] })
	for r := engine.CoarsestResolution; r <= engine.FinestResolution; r++ {
		c.addLevel(engine.UnitCell, r, keyed{}, func(a int) int64 {
			if cells[a] == 0 {
				return 0
			}
			return int64(geo.Cell(cells[a]).Parent(r))
		})
	}
	return nil
}

func (c *checker) addLevel(unit engine.Unit, resolution int, names keyed, unitOf func(atom int) int64) {
	n := len(c.precinctOf)
	l := checkedLevel{unit: unit, resolution: resolution, ofAtom: make([]int32, n), homes: map[string][]float64{}}
	l.units.ids = distinct(n, unitOf)
	l.units.names = make([]string, len(l.units.ids))
	for u, id := range l.units.ids {
		switch at, ok := names.find(id); {
		case ok:
			l.units.names[u] = names.names[at]
		case id == 0:
			l.units.names[u] = "without a place"
		default:
			l.units.names[u] = geo.Cell(id).String()
		}
	}
	for a := range n {
		u, _ := l.units.find(unitOf(a))
		l.ofAtom[a] = u
		division := c.divisionOf[c.precinctOf[a]]
		if l.homes[division] == nil {
			l.homes[division] = make([]float64, len(l.units.ids))
		}
		l.homes[division][u] += c.atomHomes[a]
	}
	l.sums, l.seen = make([][]tally, len(c.contests)), make([]int64, len(c.contests))
	for i := range c.contests {
		l.sums[i] = make([]tally, len(l.units.ids))
	}
	c.atomUnits = append(c.atomUnits, l)
}

// checkAddresses compares addresses and placements with the atoms they were gathered into.
func (c *checker) checkAddresses() error {
	type at struct {
		segment, cell int64
		homes         float64
	}
	addresses := map[string]at{}
	err := c.read(engine.Addresses, func(r engine.Rows) error {
		ids, segments, cells, homes := r.Texts("address_id"), r.Ints("segment_id"), r.Ints("cell"), r.Floats("households")
		for i := range r.Len() {
			if _, ok := c.segments.find(segments.Value(i)); !ok {
				c.differ("address %s is on segment %d, which is not in segments", ids.Value(i), segments.Value(i))
			}
			cell := geo.Cell(cells.Value(i))
			if !cell.Valid() || cell.Resolution() != engine.AddressResolution {
				c.differ("address %s has %d, which is not a cell of resolution %d", ids.Value(i), int64(cell), engine.AddressResolution)
				continue
			}
			addresses[string([]byte(ids.Value(i)))] = at{segments.Value(i), int64(cell.Parent(engine.FinestResolution)), homes.Value(i)}
		}
		return nil
	})
	if err != nil {
		return err
	}
	homes := make([]float64, len(c.precinctOf))
	parts := map[[2]string]float64{}
	err = c.read(engine.Placements, func(r engine.Rows) error {
		ids, divisions, precincts, shares := r.Texts("address_id"), r.Texts("division"), r.Ints("precinct_id"), r.Floats("part")
		for i := range r.Len() {
			a, ok := addresses[ids.Value(i)]
			if !ok {
				c.differ("placements: address %s is not in addresses", ids.Value(i))
				continue
			}
			parts[[2]string{string([]byte(divisions.Value(i))), string([]byte(ids.Value(i)))}] += shares.Value(i)
			if precincts.Value(i) == 0 {
				continue
			}
			n, ok := c.atomAt[atomKey{precincts.Value(i), a.segment, a.cell}]
			if !ok {
				c.differ("address %s: precinct %d, segment %d and cell %s make no atom", ids.Value(i), precincts.Value(i), a.segment, geo.Cell(a.cell))
				continue
			}
			homes[n] += a.homes * shares.Value(i)
		}
		return nil
	})
	if err != nil {
		return err
	}
	// Only the first few by key, so that the message is the same each time.
	var wrong []string
	for key, part := range parts {
		if math.Abs(part-1) > 1e-9 {
			wrong = append(wrong, fmt.Sprintf("address %s: its parts in division %s add up to %g, not 1", key[1], key[0], part))
		}
	}
	slices.Sort(wrong)
	for _, w := range wrong {
		c.differ("%s", w)
	}
	divisions := slices.Clone(c.divisionOf)
	slices.Sort(divisions)
	c.Sums += 2
	if want := len(addresses) * len(slices.Compact(divisions)); len(parts) != want {
		c.differ("placements: %d addresses over all divisions, %d are expected", len(parts), want)
	}
	for n, sum := range homes {
		if !c.hasPlace[n] {
			continue // a precinct without an address
		}
		c.Sums++
		if math.Abs(sum-c.atomHomes[n]) > 1e-6*math.Max(1, sum) {
			c.differ("precinct %s, atom %d: %g households, its addresses have %g", c.precincts.names[c.precinctOf[n]], n+1, c.atomHomes[n], sum)
		}
	}
	return nil
}

// checkSegments compares addresses and households of every segment with the addresses placed on it.
func (c *checker) checkSegments() error {
	count, homes := make([]int32, len(c.segments.ids)), make([]float64, len(c.segments.ids))
	err := c.read(engine.Addresses, func(r engine.Rows) error {
		segments, of := r.Ints("segment_id"), r.Floats("households")
		for i := range r.Len() {
			if s, ok := c.segments.find(segments.Value(i)); ok {
				count[s]++
				homes[s] += of.Value(i)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.read(engine.Segments, func(r engine.Rows) error {
		ids, addresses, of := r.Ints("segment_id"), r.Int32s("addresses"), r.Floats("households")
		for i := range r.Len() {
			c.Sums += 2
			s, ok := c.segments.find(ids.Value(i))
			if !ok {
				c.differ("segment %d is not where the order of the ids has it", ids.Value(i))
				continue
			}
			if addresses.Value(i) != count[s] {
				c.differ("segment %d (%s): %d addresses, %d are placed on it", ids.Value(i), c.segments.names[s], addresses.Value(i), count[s])
			}
			if math.Abs(of.Value(i)-homes[s]) > 1e-6*math.Max(1, homes[s]) {
				c.differ("segment %d (%s): %g households, its addresses have %g", ids.Value(i), c.segments.names[s], of.Value(i), homes[s])
			}
		}
		return nil
	})
}

package build

import (
	"errors"
	"math"
	"slices"
	"sort"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

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
	err := c.eachBatch(engine.Contests, func(r engine.Rows) error {
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
	err = c.eachBatch(engine.Choices, func(r engine.Rows) error {
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
	numbers := map[string]int32{}
	for _, name := range divisions {
		at, ok := numbers[name]
		if !ok {
			at = int32(len(numbers))
			numbers[name] = at
		}
		c.divisionAt = append(c.divisionAt, at)
	}
	c.inDivision = make([]float64, len(numbers))
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
	err := c.eachBatch(t, func(r engine.Rows) error {
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

// checkAddresses compares addresses and placements with the atoms they were gathered into.
func (c *checker) checkAddresses() error {
	addresses, err := c.loadAddresses()
	if err != nil {
		return err
	}
	n := len(addresses.homes)
	homes := make([]float64, len(c.atoms.homes)) // by atom
	parts := make([]float64, n)                  // by address, in the division being read
	var division string
	divided := 0 // addresses with a placement, over all divisions
	finish := func() {
		for a, part := range parts {
			if part != 0 {
				divided++
			}
			if part != 0 && math.Abs(part-1) > 1e-9 {
				c.differ("address %s: its parts in division %s add up to %g, not 1", addresses.ids.at(int32(a)), division, part)
			}
		}
		clear(parts)
	}
	next := 0 // placements of a division are in the order of addresses
	err = c.eachBatch(engine.Placements, func(r engine.Rows) error {
		ids, divisions, precincts, shares := r.Texts("address_id"), r.Texts("division"), r.Ints("precinct_id"), r.Floats("part")
		for i := range r.Len() {
			if divisions.Value(i) != division {
				finish()
				division, next = string([]byte(divisions.Value(i))), 0
			}
			for next < n && addresses.ids.at(int32(next)) < ids.Value(i) {
				next++
			}
			a := next
			if a == n || addresses.ids.at(int32(a)) != ids.Value(i) {
				a = sort.Search(n, func(k int) bool { return addresses.ids.at(int32(k)) >= ids.Value(i) })
			}
			if a == n || addresses.ids.at(int32(a)) != ids.Value(i) {
				c.differ("placements: address %s is not in addresses", ids.Value(i))
				continue
			}
			parts[a] += shares.Value(i)
			if precincts.Value(i) == 0 || addresses.cell[a] == 0 {
				continue
			}
			at, ok := c.atoms.find(precincts.Value(i), addresses.segment[a], addresses.cell[a], c)
			if !ok {
				c.differ("address %s: precinct %d, segment %d and cell %s make no atom", ids.Value(i), precincts.Value(i), addresses.segment[a], geo.Cell(addresses.cell[a]))
				continue
			}
			homes[at] += addresses.homes[a] * shares.Value(i)
		}
		return nil
	})
	if err != nil {
		return err
	}
	finish()
	divisions := slices.Clone(c.divisionOf)
	slices.Sort(divisions)
	c.Sums += 2
	if want := n * len(slices.Compact(divisions)); divided != want {
		c.differ("placements: %d addresses over all divisions, %d are expected", divided, want)
	}
	for at, sum := range homes {
		if c.atoms.segment[at] == 0 {
			continue // a precinct without an address
		}
		c.Sums++
		if math.Abs(sum-c.atoms.homes[at]) > 1e-6*math.Max(1, sum) {
			c.differ("precinct %s, atom %d: %g households, its addresses have %g", c.precincts.names[c.atoms.precinct[at]], at+1, c.atoms.homes[at], sum)
		}
	}
	return nil
}

// checkedAddresses are the addresses by row, in the order of their ids.
type checkedAddresses struct {
	ids     texts
	segment []int64
	cell    []int64 // of the atoms' resolution; 0 where it is none
	homes   []float64
}

// loadAddresses reads the addresses, and counts them by segment.
func (c *checker) loadAddresses() (*checkedAddresses, error) {
	var a checkedAddresses
	rows := c.rowsOf(engine.Addresses)
	a.segment, a.cell, a.homes = make([]int64, 0, rows), make([]int64, 0, rows), make([]float64, 0, rows)
	on := segmentCounts{make([]int32, len(c.segments.ids)), make([]float64, len(c.segments.ids))}
	err := c.eachBatch(engine.Addresses, func(r engine.Rows) error {
		ids, segments, cells, homes := r.Texts("address_id"), r.Ints("segment_id"), r.Ints("cell"), r.Floats("households")
		for i := range r.Len() {
			if s, ok := c.segments.find(segments.Value(i)); ok {
				on.addresses[s]++
				on.homes[s] += homes.Value(i)
			} else {
				c.differ("address %s is on segment %d, which is not in segments", ids.Value(i), segments.Value(i))
			}
			cell := geo.Cell(cells.Value(i))
			if cell.Valid() && cell.Resolution() == engine.AddressResolution {
				cell = cell.Parent(engine.FinestResolution)
			} else {
				c.differ("address %s has %d, which is not a cell of resolution %d", ids.Value(i), int64(cell), engine.AddressResolution)
				cell = 0
			}
			a.ids.add(ids.Value(i))
			if len(a.segment) == 1000 { // as long as these
				a.ids.grow(max(0, rows-1000))
			}
			a.segment, a.cell, a.homes = append(a.segment, segments.Value(i)), append(a.cell, int64(cell)), append(a.homes, homes.Value(i))
		}
		return nil
	})
	if err == nil {
		c.onSegment = &on
	}
	return &a, err
}

// segmentCounts are what is placed on each segment.
type segmentCounts struct {
	addresses []int32
	homes     []float64
}

// checkSegments compares addresses and households of every segment with the addresses placed on it.
func (c *checker) checkSegments() error {
	if c.onSegment == nil {
		return errors.New("table segments: there are no addresses to compare it with")
	}
	return c.eachBatch(engine.Segments, func(r engine.Rows) error {
		ids, addresses, of := r.Ints("segment_id"), r.Int32s("addresses"), r.Floats("households")
		for i := range r.Len() {
			c.Sums += 2
			s, ok := c.segments.find(ids.Value(i))
			if !ok {
				c.differ("segment %d is not where the order of the ids has it", ids.Value(i))
				continue
			}
			if count := c.onSegment.addresses[s]; addresses.Value(i) != count {
				c.differ("segment %d (%s): %d addresses, %d are placed on it", ids.Value(i), c.segments.names[s], addresses.Value(i), count)
			}
			if homes := c.onSegment.homes[s]; math.Abs(of.Value(i)-homes) > 1e-6*math.Max(1, homes) {
				c.differ("segment %d (%s): %g households, its addresses have %g", ids.Value(i), c.segments.names[s], of.Value(i), homes)
			}
		}
		return nil
	})
}

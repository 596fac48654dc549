package build

import (
	"cmp"
	"fmt"
	"slices"
	"sort"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// checkedAtoms are the atoms by row: in the order of precinct, segment and cell.
type checkedAtoms struct {
	precinct []int32 // index in checker.precincts
	segment  []int64 // id, 0 for what has no place
	cell     []int64
	homes    []float64
}

func (a *checkedAtoms) compare(i int, precinct int32, segment, cell int64) int {
	return cmp.Or(cmp.Compare(a.precinct[i], precinct), cmp.Compare(a.segment[i], segment), cmp.Compare(a.cell[i], cell))
}

// find gives the atom of a precinct's id, a segment's and a cell.
func (a *checkedAtoms) find(precinct, segment, cell int64, c *checker) (int, bool) {
	b, ok := c.precincts.find(precinct)
	if !ok {
		return 0, false
	}
	at := sort.Search(len(a.homes), func(i int) bool { return a.compare(i, b, segment, cell) >= 0 })
	return at, at < len(a.homes) && a.compare(at, b, segment, cell) == 0
}

// checkedLevel is a kind of unit (a resolution for cells) with the atoms of each.
type checkedLevel struct {
	unit       engine.Unit
	resolution int
	ids        []int64     // ascending
	start      []int32     // by unit: its first in order; one more at the end
	order      []int32     // atoms by unit
	told       []toldUnits // by contest
}

func (l *checkedLevel) atoms(u int) []int32 { return l.order[l.start[u]:l.start[u+1]] }

// loadAtoms reads the atoms and finds the unit of each at every level.
func (c *checker) loadAtoms() error {
	a := &c.atoms
	err := c.eachBatch(engine.Atoms, func(r engine.Rows) error {
		ids, segments, precincts := r.Ints("atom_id"), r.Ints("segment_id"), r.Ints("precinct_id")
		cellIDs, homes, divisions := r.Ints("cell"), r.Floats("households"), r.Texts("division")
		for i := range r.Len() {
			n := len(a.homes)
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
			if n > 0 && a.compare(n-1, b, segments.Value(i), cellIDs.Value(i)) >= 0 {
				c.differ("atoms: atom %d is out of order or there twice", n+1)
			}
			a.precinct, a.segment = append(a.precinct, b), append(a.segment, segments.Value(i))
			a.cell, a.homes = append(a.cell, cellIDs.Value(i)), append(a.homes, homes.Value(i))
		}
		return nil
	})
	if err != nil {
		return err
	}
	n := len(a.homes)
	c.addLevel(engine.UnitSegment, 0, inOrderOf(n, func(i int32) int64 { return c.leadOf(a.segment[i]) }))
	c.addLevel(engine.UnitPrecinct, 0, inOrderOf(n, func(i int32) int64 { return c.precincts.ids[a.precinct[i]] }))
	c.addLevel(engine.UnitCommune, 0, inOrderOf(n, func(i int32) int64 { return c.communeOf[a.precinct[i]] }))
	// In the order of cells, those of a coarser one are together.
	byCell := inOrderOf(n, func(i int32) int64 { return a.cell[i] })
	for r := engine.CoarsestResolution; r <= engine.FinestResolution; r++ {
		parents := byCell
		parents.id = func(i int32) int64 {
			if a.cell[i] == 0 {
				return 0
			}
			return int64(geo.Cell(a.cell[i]).Parent(r))
		}
		c.addLevel(engine.UnitCell, r, parents)
	}
	return nil
}

// orderedAtoms are the atoms in the order of something's ids.
type orderedAtoms struct {
	order []int32
	id    func(atom int32) int64
}

func inOrderOf(atoms int, id func(atom int32) int64) orderedAtoms {
	ids := make([]int64, atoms)
	for i := range ids {
		ids[i] = id(int32(i))
	}
	return orderedAtoms{inOrder(atoms, func(i, j int32) int { return cmp.Compare(ids[i], ids[j]) }), func(i int32) int64 { return ids[i] }}
}

func (c *checker) addLevel(unit engine.Unit, resolution int, atoms orderedAtoms) {
	l := &checkedLevel{unit: unit, resolution: resolution, order: atoms.order, told: make([]toldUnits, len(c.contests))}
	for k, i := range atoms.order {
		if id := atoms.id(i); k == 0 || id != l.ids[len(l.ids)-1] {
			l.ids, l.start = append(l.ids, id), append(l.start, int32(k))
		}
	}
	l.start = append(l.start, int32(len(atoms.order)))
	for at := range l.told {
		l.told[at].met = make([]bool, len(l.ids))
	}
	c.levels = append(c.levels, l)
}

// level finds a unit's level and its place in it.
func (c *checker) level(unit engine.Unit, id int64) (*checkedLevel, int) {
	resolution := 0
	if unit == engine.UnitCell {
		if resolution = geo.Cell(id).Resolution(); id == 0 {
			resolution = engine.CoarsestResolution
		}
	}
	for _, l := range c.levels {
		if l.unit == unit && l.resolution == resolution {
			if u, ok := slices.BinarySearch(l.ids, id); ok {
				return l, u
			}
			return nil, 0
		}
	}
	return nil, 0
}

// nameOf is what messages call a unit.
func (c *checker) nameOf(l *checkedLevel, u int) string {
	names := map[engine.Unit]keyed{engine.UnitSegment: c.segments, engine.UnitPrecinct: c.precincts, engine.UnitCommune: c.communes}[l.unit]
	if at, ok := names.find(l.ids[u]); ok {
		return names.names[at]
	}
	if l.ids[u] == 0 {
		return "without a place"
	}
	return geo.Cell(l.ids[u]).String()
}

// households of a unit, of the division in which it has most.
func (c *checker) households(l *checkedLevel, u int) (most float64) {
	clear(c.inDivision)
	for _, i := range l.atoms(u) {
		of := c.divisionAt[c.atoms.precinct[i]]
		c.inDivision[of] += c.atoms.homes[i]
		most = max(most, c.inDivision[of])
	}
	return most
}

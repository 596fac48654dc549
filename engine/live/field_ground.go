package live

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// fieldGround says in which units the returns of each precinct of a division are counted, and which precincts each unit has its numbers
// from.
type fieldGround struct {
	carried []*carriedUnits // by precinct of the City, nil in other divisions
	by      map[*level]unitPrecincts
}

// carriedUnits are the segments and cells that a precinct's returns can be in.
type carriedUnits struct {
	streets  *level
	segments []int32 // ascending
	ids      []int64 // of the segments
	middles  []int32 // by segment: where in cells its middle is; -1: nowhere
	cells    []int64 // of the finest resolution, ascending
	bound    orb.Bound
}

// unitPrecincts lists the precincts of each unit of a level.
type unitPrecincts struct {
	ends      []int32
	precincts []int32
}

func (p unitPrecincts) of(unit int) []int32 {
	start := int32(0)
	if unit > 0 {
		start = p.ends[unit-1]
	}
	return p.precincts[start:p.ends[unit]]
}

func newFieldGround(c *City, division string) *fieldGround {
	g := &fieldGround{by: map[*level]unitPrecincts{}}
	areas := c.layers["precincts"]
	g.carried = make([]*carriedUnits, len(areas.divisions))
	for b, of := range areas.divisions {
		if of == division {
			g.carried[b] = &carriedUnits{streets: c.unitLevel(engine.UnitSegment, 0)}
		}
	}
	g.carrySegments(c, division)
	g.carryCells(c)
	for b, units := range g.carried {
		if units != nil {
			units.bound = boundOf(c, b, units)
		}
	}
	for _, l := range c.levels {
		g.by[l] = g.precinctsOf(c, l)
	}
	return g
}

// carrySegments gives each precinct the segments that it has a part in, and those without any part that Locate places in it.
func (g *fieldGround) carrySegments(c *City, division string) {
	parts, ids := c.segmentParts(), c.unitLevel(engine.UnitSegment, 0).ids
	for u := range parts.ends {
		lived := false
		precincts, _ := parts.of(u)
		for _, b := range precincts {
			if units := g.carried[b]; units != nil {
				units.add(int32(u), ids[u])
				lived = true
			}
		}
		if lived {
			continue
		}
		if b := c.precinctOf(u, division); b >= 0 {
			g.carried[b].add(int32(u), ids[u])
		}
	}
}

func (u *carriedUnits) add(segment int32, id int64) {
	u.segments, u.ids = append(u.segments, segment), append(u.ids, id)
}

// find gives where in segments a segment is, or the one that it stands under; the log outlives snapshots, and what stands for itself in one
// may not in another.
func (u *carriedUnits) find(id int64) (at int, ok bool) {
	segment, ok := u.streets.find(id)
	if !ok {
		return 0, false
	}
	return slices.BinarySearch(u.segments, int32(segment))
}

// carryCells gives each precinct the cells of its atoms and of the middles of its segments.
func (g *fieldGround) carryCells(c *City) {
	for i, b := range c.atoms.precinct {
		if units := g.carried[b]; units != nil && c.atoms.cell[i] != 0 {
			units.cells = append(units.cells, int64(c.atoms.cell[i]))
		}
	}
	for _, units := range g.carried {
		if units == nil {
			continue
		}
		middles := make([]int64, len(units.segments))
		for i, u := range units.segments {
			if middles[i] = int64(c.middleCell(int(u)).Parent(engine.FinestResolution)); middles[i] != 0 {
				units.cells = append(units.cells, middles[i])
			}
		}
		slices.Sort(units.cells)
		units.cells = slices.Clone(slices.Compact(units.cells))
		for _, middle := range middles {
			at, ok := slices.BinarySearch(units.cells, middle)
			if !ok {
				at = -1
			}
			units.middles = append(units.middles, int32(at))
		}
	}
}

func boundOf(c *City, precinct int, units *carriedUnits) orb.Bound {
	box := c.layers["precincts"].box(precinct)
	for _, u := range units.segments {
		box = union(box, c.layers["segments"].box(int(u)))
	}
	cells := c.layers[cellLayer(engine.FinestResolution)]
	for _, id := range units.cells {
		if u, ok := cells.level.find(id); ok {
			box = union(box, cells.box(u))
		}
	}
	if box == nowhere {
		return orb.Bound{}
	}
	west, north := geo.FromWorld(box.MinX, box.MinY)
	east, south := geo.FromWorld(box.MaxX, box.MaxY)
	return orb.Bound{Min: orb.Point{west, south}, Max: orb.Point{east, north}}
}

// precinctsOf lists the precincts of each unit of a level.
func (g *fieldGround) precinctsOf(c *City, l *level) unitPrecincts {
	type pair struct{ unit, precinct int32 }
	var pairs []pair
	for b, units := range g.carried {
		if units == nil {
			continue
		}
		switch l.unit {
		case engine.UnitSegment:
			for _, u := range units.segments {
				pairs = append(pairs, pair{u, int32(b)})
			}
		case engine.UnitCell:
			for _, id := range units.cells {
				if u, ok := l.find(int64(geo.Cell(id).Parent(l.resolution))); ok {
					pairs = append(pairs, pair{int32(u), int32(b)})
				}
			}
		case engine.UnitPrecinct:
			pairs = append(pairs, pair{int32(b), int32(b)})
		case engine.UnitCommune:
			pairs = append(pairs, pair{c.atoms.commune[b], int32(b)})
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int { return cmp.Or(cmp.Compare(a.unit, b.unit), cmp.Compare(a.precinct, b.precinct)) })
	pairs = slices.Compact(pairs)
	found := unitPrecincts{ends: make([]int32, len(l.ids)), precincts: make([]int32, len(pairs))}
	for i, p := range pairs {
		found.precincts[i], found.ends[p.unit] = p.precinct, int32(i+1)
	}
	for u := 1; u < len(found.ends); u++ {
		found.ends[u] = max(found.ends[u], found.ends[u-1])
	}
	return found
}

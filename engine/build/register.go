package build

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
)

// register is what a division's register of voters' addresses says, ready to be asked about addresses. Rows of one address, or
// of one position where they name no address, are a group.
type register struct {
	groups   []doorGroup
	byID     map[string]int32   // by address id, of any grain
	streets  map[string][]int32 // groups by the id of their street, in order
	all      []int32            // groups with a position, by x
	unnamed  []int32            // houses with a position and no address id, by x
	rows     []doorRow
	groupOf  []int32 // by row
	inFigure engine.RegisterReport
}

// doorGroup is one address or position of a register, with the parts of its precincts.
type doorGroup struct {
	shares  []share
	at      orb.Point // metres
	located bool
	house   bool
	rows    int64
	doors   float64
}

type share struct {
	precinct int32
	doors    float64
	part     float64
}

// newRegister gathers the rows of a division; nil where there are none. Rows come as sortRegister has them.
func newRegister(m *material, p *placed, division string) *register {
	r := &register{byID: map[string]int32{}, streets: map[string][]int32{}}
	byPosition := map[orb.Point]int32{}
	precincts := map[int32]bool{}
	for _, row := range m.register {
		if row.division != division {
			continue
		}
		var at int32
		known := false
		position := orb.Point{row.lon, row.lat}
		if row.addressID != "" {
			at, known = r.byID[row.addressID]
		} else if row.located() {
			at, known = byPosition[position]
		}
		if !known {
			at = int32(len(r.groups))
			g := doorGroup{}
			if row.located() {
				g.at[0], g.at[1] = p.projection.Forward(row.lon, row.lat)
				g.located = !math.IsInf(orFar(g.at[0]+g.at[1]), 0)
			}
			r.groups = append(r.groups, g)
			if row.addressID != "" {
				r.byID[row.addressID] = at
				if street, ok := streetOf(row.addressID); ok {
					r.streets[street] = append(r.streets[street], at)
				}
			} else if row.located() {
				byPosition[position] = at
			}
		}
		b := p.precinctIndex[precinctRef{division, row.key}]
		precincts[b] = true
		r.groups[at].add(b, row.doors)
		r.groups[at].house = r.groups[at].house || row.grain == grainHouse
		r.rows, r.groupOf = append(r.rows, row), append(r.groupOf, at)
		r.inFigure.Rows++
		r.inFigure.Doors += int64(row.doors)
	}
	if len(r.rows) == 0 {
		return nil
	}
	r.inFigure.Precincts = int64(len(precincts))
	for i := range r.groups {
		g := &r.groups[i]
		g.settle()
		if len(g.shares) > 1 {
			r.inFigure.PointsInSeveral++
		}
		if g.located {
			r.all = append(r.all, int32(i))
		}
	}
	r.inFigure.Points = int64(len(r.groups))
	for _, i := range byPosition {
		if g := &r.groups[i]; g.located && g.house {
			r.unnamed = append(r.unnamed, i)
		}
	}
	r.sortByX(r.all)
	r.sortByX(r.unnamed)
	return r
}

func (r *register) sortByX(list []int32) {
	slices.SortFunc(list, func(a, b int32) int {
		return cmp.Or(cmp.Compare(r.groups[a].at[0], r.groups[b].at[0]), cmp.Compare(a, b))
	})
}

func (g *doorGroup) add(precinct int32, doors float64) {
	g.rows++
	g.doors += doors
	for i := range g.shares {
		if g.shares[i].precinct == precinct {
			g.shares[i].doors += doors
			return
		}
	}
	g.shares = append(g.shares, share{precinct: precinct, doors: doors})
}

// settle gives the precincts their parts: in proportion to their doors, equal where the rows count none.
func (g *doorGroup) settle() {
	for i := range g.shares {
		if g.doors > 0 {
			g.shares[i].part = g.shares[i].doors / g.doors
		} else {
			g.shares[i].part = 1 / float64(len(g.shares))
		}
	}
	g.shares = slices.DeleteFunc(g.shares, func(s share) bool { return s.part == 0 })
}

func (g *doorGroup) placements(a int32, by string, offM float64) []placement {
	list := make([]placement, len(g.shares))
	for i, s := range g.shares {
		list[i] = placement{a, s.precinct, s.part, by, offM}
	}
	return list
}

// of finds the group of an address: by its id, else a house of the register that names no address within the limit in metres.
func (r *register) of(id string, at orb.Point, limitM float64) (group int32, offM float64) {
	if group, ok := r.byID[id]; ok {
		return group, 0
	}
	if group, off := r.nearest(at, r.unnamed); off <= limitM {
		return group, off
	}
	return noPlace, 0
}

// nearest gives the nearest of groups that are sorted by x; of several as near the one of the lowest index.
func (r *register) nearest(at orb.Point, sorted []int32) (group int32, offM float64) {
	group, best := noPlace, math.Inf(1)
	from, _ := slices.BinarySearchFunc(sorted, at[0], func(i int32, x float64) int { return cmp.Compare(r.groups[i].at[0], x) })
	visit := func(i int32) bool {
		dx, dy := r.groups[i].at[0]-at[0], r.groups[i].at[1]-at[1]
		if dx*dx > best {
			return false
		}
		if d := dx*dx + dy*dy; d < best || d == best && i < group {
			group, best = i, d
		}
		return true
	}
	// Both sides of x in turn, each until it is further off in x alone than the best.
	left, right := from-1, from
	for left >= 0 || right < len(sorted) {
		if right < len(sorted) {
			if right++; !visit(sorted[right-1]) {
				right = len(sorted)
			}
		}
		if left >= 0 {
			if left--; !visit(sorted[left+1]) {
				left = -1
			}
		}
	}
	return group, math.Sqrt(best)
}

// ofStreet places an address by the register's rows of its street: in their precinct where all are of one, else in that of the
// nearest of them. Nil where the register has no row of the street, or none that could decide.
func (r *register) ofStreet(a int32, id string, at orb.Point) []placement {
	street, ok := streetOf(id)
	if !ok {
		return nil
	}
	list := r.streets[street]
	if len(list) == 0 {
		return nil
	}
	precinct, one := r.groups[list[0]].shares[0].precinct, true
	nearest, best := int32(noPlace), math.Inf(1)
	for _, i := range list {
		g := &r.groups[i]
		for _, s := range g.shares {
			one = one && s.precinct == precinct
		}
		if off := math.Hypot(g.at[0]-at[0], g.at[1]-at[1]); g.located && off < best {
			nearest, best = i, off
		}
	}
	switch {
	case one:
		return []placement{{a, precinct, 1, byStreet, 0}}
	case nearest != noPlace:
		return r.groups[nearest].placements(a, byStreet, best)
	}
	return nil
}

// streetOf gives the id of the street in an id of the French address base: 75101_4461 of 75101_4461_00011_b, and of itself.
func streetOf(id string) (string, bool) {
	commune, rest, ok := strings.Cut(id, "_")
	if !ok || len(commune) != 5 || rest == "" {
		return "", false
	}
	street, _, _ := strings.Cut(rest, "_")
	return commune + "_" + street, true
}

// countDoors gives every address that met the register its doors, where no other division counts more there. Addresses that stand at one
// position of the register share what it has.
func (r *register) countDoors(addresses []tableMatch, doors []float64) {
	sharing := make([]float64, len(r.groups))
	for _, at := range addresses {
		if at.group != noPlace {
			sharing[at.group]++
		}
	}
	for a, at := range addresses {
		if at.group != noPlace {
			doors[a] = max(doors[a], r.groups[at.group].doors/sharing[at.group])
		}
	}
}

// maxLines is how many lines of a kind a report keeps.
const maxLines = 5

// report counts how the register and the addresses met.
func (r *register) report(addresses []tableMatch) *engine.RegisterReport {
	f := r.inFigure
	met := make([]bool, len(r.groups))
	for _, a := range addresses {
		if a.group == noPlace {
			f.AddressesWithout++
			continue
		}
		met[a.group] = true
		if a.compared {
			f.AreaCompared++
		}
		if a.agrees {
			f.AreaAgrees++
		}
	}
	for i, row := range r.rows {
		switch {
		case met[r.groupOf[i]]:
			f.MatchedRows++
			f.MatchedDoors += int64(row.doors)
		case row.grain != grainHouse:
			f.CoarseRows++
		default:
			f.UnmatchedRows++
			f.UnmatchedLines = append(f.UnmatchedLines, row.origin.line)
		}
	}
	slices.Sort(f.UnmatchedLines)
	f.UnmatchedLines = slices.Clip(f.UnmatchedLines[:min(maxLines, len(f.UnmatchedLines))])
	return &f
}

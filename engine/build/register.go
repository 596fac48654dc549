package build

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
)

// register is what a division's register of voters' addresses says, ready to be asked about addresses. Rows of one address, or
// of one position where they name no address, are a group.
type register struct {
	rows     *registerRows
	from, to int32          // its rows
	groups   []doorGroup    // in the order of their rows: those without an address id, then by id
	named    int            // the first group with an address id
	shares   []share        // of all groups
	all      func() []int32 // groups with a position, by x; many, and asked for only where a division has no areas
	unnamed  []int32        // houses with a position and no address id, by x
	groupOf  []int32        // by row, from the first
	inFigure engine.RegisterReport
}

// doorGroup is one address or position of a register.
type doorGroup struct {
	at      orb.Point // metres
	doors   float64
	row     int32 // its first
	share   int32 // its first; the last is before that of the next group
	located bool
	house   bool
}

// share is the part of a group that is of a precinct: in proportion to the doors, equal where the rows count none.
type share struct {
	precinct int32
	part     float64
}

// newRegister gathers the rows of a division; nil where there are none. Rows come as registerRows.sort has them.
func newRegister(m *material, p *placed, division string) *register {
	rows := m.register
	r := &register{rows: rows}
	if r.from, r.to = rows.of(division); r.from == r.to {
		return nil
	}
	precincts := make([]int32, len(rows.stations))
	for i, s := range rows.stations {
		if s.division == division {
			precincts[i] = p.precinctIndex[s.precinctRef]
		}
	}
	groups := 0
	for row := r.from; row < r.to; row++ {
		if row == r.from || !rows.together(row-1, row) {
			groups++
		}
	}
	r.groups, r.shares, r.groupOf = make([]doorGroup, 0, groups), make([]share, 0, groups), make([]int32, 0, r.to-r.from)
	seen := make([]bool, len(p.precincts))
	for row := r.from; row < r.to; {
		end := row + 1
		for end < r.to && rows.together(row, end) {
			end++
		}
		g := doorGroup{row: row, share: int32(len(r.shares))}
		if rows.located(row) {
			g.at[0], g.at[1] = p.projection.Forward(rows.lon[row], rows.lat[row])
			g.located = !math.IsInf(orFar(g.at[0]+g.at[1]), 0)
		}
		first := len(r.shares)
		for ; row < end; row++ {
			b := precincts[rows.station[row]]
			if !seen[b] {
				seen[b] = true
				r.inFigure.Precincts++
			}
			g.doors += rows.doors[row]
			g.house = g.house || rows.house[row]
			at := first
			for at < len(r.shares) && r.shares[at].precinct != b {
				at++
			}
			if at == len(r.shares) {
				r.shares = append(r.shares, share{precinct: b})
			}
			r.shares[at].part += rows.doors[row] // doors, until settle makes parts of them
			r.groupOf = append(r.groupOf, int32(len(r.groups)))
		}
		r.shares = append(r.shares[:first], g.settle(r.shares[first:])...)
		if len(r.shares)-first > 1 {
			r.inFigure.PointsInSeveral++
		}
		if rows.ids.at(g.row) == "" {
			r.named = len(r.groups) + 1
			if g.located && g.house {
				r.unnamed = append(r.unnamed, int32(len(r.groups)))
			}
		}
		r.inFigure.Doors += int64(g.doors)
		r.groups = append(r.groups, g)
	}
	r.inFigure.Rows, r.inFigure.Points = int64(r.to-r.from), int64(len(r.groups))
	r.all = sync.OnceValue(r.located)
	r.sortByX(r.unnamed)
	return r
}

// located lists the groups with a position, by x.
func (r *register) located() (list []int32) {
	for i, g := range r.groups {
		if g.located {
			list = append(list, int32(i))
		}
	}
	r.sortByX(list)
	return list
}

// together tells whether a row is of one group with one before: of the same address, or where they name none, the same position.
func (r *registerRows) together(a, b int32) bool {
	if id := r.ids.at(a); id != "" || r.ids.at(b) != "" {
		return id == r.ids.at(b)
	}
	return r.lon[a] == r.lon[b] && r.lat[a] == r.lat[b] // never, where there is no position
}

func (r *register) sortByX(list []int32) {
	slices.SortFunc(list, func(a, b int32) int {
		return cmp.Or(cmp.Compare(r.groups[a].at[0], r.groups[b].at[0]), cmp.Compare(a, b))
	})
}

// settle turns doors into parts.
func (g *doorGroup) settle(shares []share) []share {
	for i := range shares {
		if g.doors > 0 {
			shares[i].part /= g.doors
		} else {
			shares[i].part = 1 / float64(len(shares))
		}
	}
	return slices.DeleteFunc(shares, func(s share) bool { return s.part == 0 })
}

// sharesOf gives the shares of a group.
func (r *register) sharesOf(group int32) []share {
	if int(group)+1 < len(r.groups) {
		return r.shares[r.groups[group].share:r.groups[group+1].share]
	}
	return r.shares[r.groups[group].share:]
}

// placements appends those of an address that is where a group is.
func (r *register) placements(list []placement, group, a int32, by placedBy, offM float64) []placement {
	for _, s := range r.sharesOf(group) {
		list = append(list, placement{address: a, precinct: s.precinct, part: s.part, by: by, offM: offM})
	}
	return list
}

// of finds the group of an address: by its id, else a house of the register that names no address within the limit in metres. It is quick where
// the address follows the one that was asked for before: near is what was found then.
func (r *register) of(id string, at orb.Point, limitM float64, near *int) (group int32, offM float64) {
	*near = r.search(id, *near)
	if *near < len(r.groups) && r.idOf(*near) == id {
		return int32(*near), 0
	}
	if group, off := r.nearest(at, r.unnamed); off <= limitM {
		return group, off
	}
	return noPlace, 0
}

func (r *register) idOf(group int) string { return r.rows.ids.at(r.groups[group].row) }

// search finds the first group whose id is not before another, from a group near it on.
func (r *register) search(id string, near int) int {
	low, high := r.named, len(r.groups)
	near = min(max(near, low), high)
	if near < high && r.idOf(near) < id {
		for step := 1; ; step *= 2 {
			low = near + 1
			if near += step; near >= high {
				break
			}
			if r.idOf(near) >= id {
				high = near
				break
			}
		}
	} else {
		high = near
	}
	return low + sort.Search(high-low, func(i int) bool { return r.idOf(low+i) >= id })
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

// ofStreet appends the placements of an address by the register's rows of its street: in their precinct where all are of one, else in that of
// the nearest of them. There are none where the register has no row of the street, or none that could decide.
func (r *register) ofStreet(list []placement, a int32, id string, at orb.Point) []placement {
	street, ok := streetOf(id)
	if !ok {
		return list
	}
	precinct, one := int32(noPlace), true
	nearest, best := int32(noPlace), math.Inf(1)
	r.eachOfStreet(street, func(i int32) {
		for _, s := range r.sharesOf(i) {
			if precinct == noPlace {
				precinct = s.precinct
			}
			one = one && s.precinct == precinct
		}
		g := &r.groups[i]
		if off := math.Hypot(g.at[0]-at[0], g.at[1]-at[1]); g.located && off < best {
			nearest, best = i, off
		}
	})
	switch {
	case precinct == noPlace:
		return list
	case one:
		return append(list, placement{address: a, precinct: precinct, part: 1, by: byStreet})
	case nearest != noPlace:
		return r.placements(list, nearest, a, byStreet, best)
	}
	return list
}

// eachOfStreet calls visit with the groups of a street, ascending: the street itself, and what begins with it.
func (r *register) eachOfStreet(street string, visit func(group int32)) {
	at := r.search(street, r.named)
	if at < len(r.groups) && r.idOf(at) == street {
		visit(int32(at))
	}
	for at = r.search(street+"_", at); at < len(r.groups) && strings.HasPrefix(r.idOf(at), street+"_"); at++ {
		visit(int32(at))
	}
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
	var unmatched []int64
	for row := r.from; row < r.to; row++ {
		switch {
		case met[r.groupOf[row-r.from]]:
			f.MatchedRows++
			f.MatchedDoors += int64(r.rows.doors[row])
		case !r.rows.house[row]:
			f.CoarseRows++
		default:
			f.UnmatchedRows++
			unmatched = append(unmatched, r.rows.origin[row].row().line)
		}
	}
	slices.Sort(unmatched)
	f.UnmatchedLines = slices.Clone(unmatched[:min(maxLines, len(unmatched))])
	return &f
}

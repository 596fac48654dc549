package build

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/disclose"
	"github.com/arpent/arpent/engine/estimate"
)

// level is one kind of unit (for cells, at one resolution): which unit each atom belongs to. Units stand in the order of their ids.
type level struct {
	unit       engine.Unit
	resolution int // of cells
	ids        []int64
	ofAtom     []int32 // dense index into ids; of cells only the finest keep it
	parent     []int32 // cells finer than the coarsest: index in the level above
	order      []int32 // atoms by unit, then by precinct
	start      []int32 // by unit: its first in order; one more at the end
	households []float64
	decided    disclose.Units // what may be published
	joined     int64          // segments that are part of another's stretch
}

// state says what of a unit may be published.
func (l *level) state(u int) engine.State { return states[l.decided.State[u]] }

// reason says why a unit is suppressed.
func (l *level) reason(u int) engine.Reason { return reasons[l.decided.Reason[u]] }

// name is the level's name in reports: segment, cell 9.
func (l *level) name() string {
	if l.unit == engine.UnitCell {
		return "cell " + strconv.Itoa(l.resolution)
	}
	return string(l.unit)
}

// sort fills order, start and households from ofAtom. Atoms come ordered by precinct, and stay so inside a unit. Each division
// has all the households of a unit once; where addresses of a unit have no precinct in one division, another may know more.
func (l *level) sort(p *placed, atoms []atom) {
	l.start = make([]int32, len(l.ids)+1)
	for _, u := range l.ofAtom {
		l.start[u+1]++
	}
	for u := range l.ids {
		l.start[u+1] += l.start[u]
	}
	l.order = make([]int32, len(atoms))
	l.households = make([]float64, len(l.ids))
	next := append([]int32(nil), l.start...)
	for a, u := range l.ofAtom {
		l.order[next[u]] = int32(a)
		next[u]++
	}
	inDivision := make([]float64, len(p.divisions))
	for u := range l.ids {
		clear(inDivision)
		for _, a := range l.order[l.start[u]:l.start[u+1]] {
			inDivision[p.precincts[atoms[a].precinct].divisionIndex] += atoms[a].households
		}
		l.households[u] = slices.Max(inDivision)
	}
}

// unitRow is a unit's numbers for one contest.
type unitRow struct {
	registered int64
	votes      []int64 // estimate.Absent where no precinct of the unit has the choice on its ballot
	ranges     []estimate.Range
	pieces     []estimate.Piece
	portions   []estimate.Portion
	bounds     estimate.VotersRange // of registered

	modelledOnly bool // none of its precincts has a result: nobody is counted, and the shares are predicted
}

// total adds up the atoms of a unit for a contest. It returns false where the contest has no result in the unit and nothing is
// predicted of it.
func (l *level) total(u int, v *contestVotes, atoms []atom, row *unitRow) bool {
	k := len(v.choices)
	row.registered = 0
	row.votes = resize(row.votes, k)
	for j := range k {
		row.votes[j] = estimate.Absent
	}
	members := l.order[l.start[u]:l.start[u+1]]
	row.pieces, row.portions, row.modelledOnly = row.pieces[:0], row.portions[:0], false
	any, counted := false, false
	for _, a := range members {
		b := atoms[a].precinct
		ballot, votes := v.of(a, b)
		if ballot == nil || v.added(b) {
			continue
		}
		any = true
		piece := estimate.Piece{Precinct: v.ground.rowOf[b], Part: v.ground.partOf[a]}
		for i, n := range votes {
			row.votes[ballot[i]] = max(0, row.votes[ballot[i]]) + int64(n)
			row.registered += int64(n)
			piece.Voters += int64(n)
		}
		row.pieces = append(row.pieces, piece)
		if v.official(b) != nil { // else it has no voter, without doubt
			counted = true
			row.portions = append(row.portions, estimate.Portion{Precinct: piece.Precinct, Part: piece.Part, Fraction: v.ground.fraction[a]})
		}
	}
	if !counted && row.borrow(members, v, atoms) {
		any = true
	}
	row.ranges = v.estimates.Unit(row.pieces, row.ranges[:0])
	for j := range k {
		if row.votes[j] != estimate.Absent {
			row.ranges[j] = containing(row.ranges[j], row.votes[j], row.registered)
		}
	}
	return any
}

// borrow takes the shares that are predicted of a unit's atoms, weighed by the voters each counts for. It returns false where there
// are none.
func (row *unitRow) borrow(members []int32, v *contestVotes, atoms []atom) bool {
	for _, a := range members {
		voters := v.expected[a]
		if voters == 0 {
			continue
		}
		if !row.modelledOnly {
			row.modelledOnly, row.pieces = true, row.pieces[:0]
		}
		b := atoms[a].precinct
		for _, k := range v.ballot[v.rowOf[b]] {
			row.votes[k] = 0
		}
		row.pieces = append(row.pieces, estimate.Piece{Precinct: v.ground.rowOf[b], Part: v.ground.partOf[a], Voters: voters})
	}
	return row.modelledOnly
}

// containing widens a range so that the whole votes lie in it: what rounding adds to a large unit may be more than its doubt.
func containing(r estimate.Range, votes, registered int64) estimate.Range {
	if registered == 0 {
		return r
	}
	share := float64(votes) / float64(registered)
	r.Low50, r.High50 = min(r.Low50, share), max(r.High50, share)
	r.Low90, r.High90 = min(r.Low90, share), max(r.High90, share)
	return r
}

// makeLevels lists every level: cells from coarse to fine, communes, precincts, segments.
func makeLevels(p *placed, atoms []atom) []*level {
	var levels []*level
	byCell := inOrder(len(atoms), func(a, b int32) int { return cmp.Compare(atoms[a].cell, atoms[b].cell) })
	for r := engine.CoarsestResolution; r <= engine.FinestResolution; r++ {
		levels = append(levels, cellLevel(r, atoms, byCell))
	}
	for i := 1; i < len(levels); i++ {
		levels[i].parent = make([]int32, len(levels[i].ids))
	}
	for a := range atoms {
		for i := 1; i < len(levels); i++ {
			levels[i].parent[levels[i].ofAtom[a]] = levels[i-1].ofAtom[a]
		}
	}

	communes := &level{unit: engine.UnitCommune, ids: make([]int64, len(p.communes)), ofAtom: make([]int32, len(atoms))}
	for i, c := range p.communes {
		communes.ids[i] = c.id
	}
	precincts := &level{unit: engine.UnitPrecinct, ids: make([]int64, len(p.precincts)), ofAtom: make([]int32, len(atoms))}
	for i, b := range p.precincts {
		precincts.ids[i] = b.id
	}
	segments, ofSegment := stretchLevel(p, len(atoms))
	for i, a := range atoms {
		communes.ofAtom[i] = p.precincts[a.precinct].commune
		precincts.ofAtom[i] = a.precinct
		if a.segment != noPlace {
			segments.ofAtom[i] = ofSegment[a.segment]
		}
	}
	levels = append(levels, communes, precincts, segments)
	for _, l := range levels {
		l.sort(p, atoms)
		if l.unit == engine.UnitCell && l.resolution < engine.FinestResolution {
			l.ofAtom = nil
		}
	}
	return levels
}

// stretchLevel gives the segments that stand for themselves or for a stretch, and the unit of every segment. Unit 0 is what has no place.
func stretchLevel(p *placed, atoms int) (l *level, ofSegment []int32) {
	l = &level{unit: engine.UnitSegment, ids: []int64{0}, ofAtom: make([]int32, atoms)}
	ofSegment = make([]int32, len(p.segments))
	for i, s := range p.segments {
		if s.lead == int32(i) {
			ofSegment[i] = int32(len(l.ids))
			l.ids = append(l.ids, s.id)
		}
	}
	for i, s := range p.segments {
		ofSegment[i] = ofSegment[s.lead]
	}
	l.joined = int64(len(p.segments) - (len(l.ids) - 1))
	return l, ofSegment
}

// cellLevel gives the cells of a resolution that hold an atom, given the atoms in the order of their cells: in it those of a coarser one are
// together. What has no place is cell 0.
func cellLevel(resolution int, atoms []atom, byCell []int32) *level {
	l := &level{unit: engine.UnitCell, resolution: resolution, ofAtom: make([]int32, len(atoms))}
	for k, a := range byCell {
		id := int64(0)
		if cell := atoms[a].cell; cell != 0 {
			id = int64(cell.Parent(resolution))
		}
		if k == 0 || id != l.ids[len(l.ids)-1] {
			l.ids = append(l.ids, id)
		}
		l.ofAtom[a] = int32(len(l.ids) - 1)
	}
	return l
}

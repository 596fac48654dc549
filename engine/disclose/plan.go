package disclose

import (
	"errors"
	"fmt"
)

// K is the least number of households of a published unit (INSEE's rule for
// fiscal data on small areas: at least 11).
const K = 11

// Threshold tells whether k may be configured: it can be raised above [K], not
// lowered.
func Threshold(k int) error {
	if k < K {
		return fmt.Errorf("disclose: a threshold of %d households is too low: it can be raised above %d, never lowered", k, K)
	}
	return nil
}

// State says what of a unit's numbers may leave the house. The zero value lets
// nothing out.
type State uint8

const (
	Suppressed State = iota
	Published
	Empty // no households
)

// String returns suppressed, published or empty.
func (s State) String() string {
	return [...]string{"suppressed", "published", "empty"}[min(s, Empty)]
}

// Reason says why a unit is suppressed.
type Reason uint8

const (
	NoReason   Reason = iota
	UnderK            // it has fewer households than the threshold
	Complement        // by subtraction it would give away fewer than that
	Earlier           // with what was published earlier it could; by itself it could be published
)

// String returns k, complement, earlier or nothing.
func (r Reason) String() string {
	return [...]string{"", "k", "complement", "earlier"}[min(r, Earlier)]
}

// None is the index of no unit.
const None = -1

// Atoms are the pieces that all units of one division into precincts are sums
// of. The columns have one entry per atom, in any order.
type Atoms struct {
	Households []float64 // 0 or more, in fractions where they were spread; under a millionth counts as none
	Cell       []int32   // index of the finest cell, or None
	Area       []int32   // index of the precinct, or None
	Segment    []int32   // index of the segment, or None
}

// Place is what a plan is settled for: two trees, by index of the parent, and
// the atoms of each division. Parents come before their children; those without
// parent have None. Where a contest, or a choice on its ballot, covers only some
// precincts of a division, its totals are sums over the atoms of those: they
// stand as a division of their own.
type Place struct {
	CellParent []int32 // cells of all resolutions, coarse to fine
	AreaParent []int32 // communes (or what lies above them), then precincts of all divisions
	Segments   int     // number of segments
	Divisions  []Atoms
	Withheld   Withheld
}

// Withheld are the units that must not be published, for an earlier plan of the same place did not publish them, though somebody lived there. Each
// column has one entry per unit, or is nil where there is none.
type Withheld struct {
	Cells, Areas, Segments []bool
}

// Units are the decisions about one kind of unit, by index.
type Units struct {
	State  []State
	Reason []Reason
}

// Plan says what may be published.
type Plan struct {
	Cells, Areas, Segments Units
}

// Settle decides what may be published of a place under a threshold of k
// households.
//
// A unit with no households is empty; one with fewer than k is suppressed, as
// is a segment with fewer than k in one precinct, which the precinct's total
// would give away. Then each leak is closed (see the package comment) by
// suppressing the smallest unit that closes it, an area only where no cell or
// segment does; ties go to cells, then to the lower index. A unit has one state
// for all divisions, and in each of them nothing under k can be computed.
//
// What is withheld is not published whatever it has. Where units are suppressed
// that the place by itself would publish, the reason is [Earlier].
//
// The plan is the same for the same input. An index out of range, a child
// before its parent, columns of unequal length or households that are not a
// number from 0 to 1e9 are errors. Whether to go on goOn is asked now and then,
// unless it is nil: its error ends the work.
func Settle(p Place, k int, goOn func() error) (Plan, error) {
	if err := Threshold(k); err != nil {
		return Plan{}, err
	}
	if err := p.check(); err != nil {
		return Plan{}, err
	}
	alone, err := p.settle(k, Withheld{}, goOn)
	if err != nil || p.Withheld.Cells == nil && p.Withheld.Areas == nil && p.Withheld.Segments == nil {
		return alone, err
	}
	plan, err := p.settle(k, p.Withheld, goOn)
	if err != nil {
		return Plan{}, err
	}
	plan.Cells.explain(alone.Cells)
	plan.Areas.explain(alone.Areas)
	plan.Segments.explain(alone.Segments)
	return plan, nil
}

// settle makes the plan without what is withheld.
func (p Place) settle(k int, withheld Withheld, goOn func() error) (Plan, error) {
	plan := Plan{newUnits(len(p.CellParent)), newUnits(len(p.AreaParent)), newUnits(p.Segments)}
	least := min(int64(k), 1<<41) << 20 // in grains; no total goes beyond
	for _, atoms := range p.Divisions {
		cells, areas, segments := p.totals(atoms)
		plan.Cells.admit(cells, least)
		plan.Areas.admit(areas, least)
		plan.Segments.admit(segments, least)
	}
	plan.Cells.withhold(withheld.Cells)
	plan.Areas.withhold(withheld.Areas)
	plan.Segments.withhold(withheld.Segments)
	for _, atoms := range p.Divisions {
		g := newGraph(p, atoms, &plan, least)
		g.suppressSmallParts()
		if err := g.closeLeaks(goOn); err != nil {
			return Plan{}, err
		}
	}
	return plan, nil
}

func newUnits(n int) Units {
	u := Units{make([]State, n), make([]Reason, n)}
	for i := range u.State {
		u.State[i] = Empty
	}
	return u
}

// admit applies the threshold in one division.
func (u Units) admit(households []int64, least int64) {
	for i, h := range households {
		switch {
		case h == 0:
		case h < least:
			u.suppress(i, UnderK)
		case u.State[i] == Empty:
			u.State[i] = Published
		}
	}
}

// withhold takes out of what is published what must not be.
func (u Units) withhold(withheld []bool) {
	for i, not := range withheld {
		if not && u.State[i] == Published {
			u.suppress(i, Earlier)
		}
	}
}

// explain gives the units that are suppressed the reason of the plan in which nothing is withheld, or Earlier where that publishes them.
func (u Units) explain(alone Units) {
	for i, state := range u.State {
		switch {
		case state != Suppressed:
		case alone.State[i] == Published:
			u.Reason[i] = Earlier
		default:
			u.Reason[i] = alone.Reason[i]
		}
	}
}

func (u Units) suppress(i int, why Reason) {
	u.State[i], u.Reason[i] = Suppressed, why
}

// grains counts households in whole millionths (2^-20), rounded down, so that
// sums are exact and what reaches the threshold truly does.
func grains(households float64) int64 { return int64(households * (1 << 20)) }

// totals adds up the atoms of a division by unit.
func (p Place) totals(atoms Atoms) (cells, areas, segments []int64) {
	cells, areas = make([]int64, len(p.CellParent)), make([]int64, len(p.AreaParent))
	segments = make([]int64, p.Segments)
	for a, h := range atoms.Households {
		n := grains(h)
		if c := atoms.Cell[a]; c != None {
			cells[c] += n
		}
		if b := atoms.Area[a]; b != None {
			areas[b] += n
		}
		if s := atoms.Segment[a]; s != None {
			segments[s] += n
		}
	}
	for c := len(cells) - 1; c >= 0; c-- {
		if parent := p.CellParent[c]; parent != None {
			cells[parent] += cells[c]
		}
	}
	for b := len(areas) - 1; b >= 0; b-- {
		if parent := p.AreaParent[b]; parent != None {
			areas[parent] += areas[b]
		}
	}
	return cells, areas, segments
}

// check tells the first thing in p that cannot be.
func (p Place) check() error {
	if err := checkTree("cell", p.CellParent); err != nil {
		return err
	}
	if err := checkTree("area", p.AreaParent); err != nil {
		return err
	}
	if p.Segments < 0 {
		return fmt.Errorf("disclose: %d segments", p.Segments)
	}
	if err := errors.Join(
		checkWithheld("cells", p.Withheld.Cells, len(p.CellParent)),
		checkWithheld("areas", p.Withheld.Areas, len(p.AreaParent)),
		checkWithheld("segments", p.Withheld.Segments, p.Segments),
	); err != nil {
		return err
	}
	for d, atoms := range p.Divisions {
		n := len(atoms.Households)
		if len(atoms.Cell) != n || len(atoms.Area) != n || len(atoms.Segment) != n {
			return fmt.Errorf("disclose: division %d has households of %d atoms, but cells of %d, areas of %d and segments of %d",
				d, n, len(atoms.Cell), len(atoms.Area), len(atoms.Segment))
		}
		all := 0.0
		for a, h := range atoms.Households {
			if !(h >= 0 && h <= 1e9) {
				return fmt.Errorf("disclose: atom %d of division %d has %v households, not a number from 0 to 1e9", a, d, h)
			}
			if err := errors.Join(
				checkIndex("cell", atoms.Cell[a], len(p.CellParent)),
				checkIndex("area", atoms.Area[a], len(p.AreaParent)),
				checkIndex("segment", atoms.Segment[a], p.Segments),
			); err != nil {
				return fmt.Errorf("disclose: atom %d of division %d lies in %w", a, d, err)
			}
			all += h
		}
		if all > 1e12 {
			return fmt.Errorf("disclose: division %d has %v households, more than the 1e12 that can be counted exactly", d, all)
		}
	}
	return nil
}

func checkWithheld(what string, withheld []bool, n int) error {
	if withheld != nil && len(withheld) != n {
		return fmt.Errorf("disclose: %d %s, but it is said of %d whether they are withheld", n, what, len(withheld))
	}
	return nil
}

func checkIndex(what string, index int32, n int) error {
	if index < None || int(index) >= n {
		return fmt.Errorf("%s %d of %d", what, index, n)
	}
	return nil
}

func checkTree(what string, parents []int32) error {
	for i, parent := range parents {
		if parent < None || int(parent) >= i {
			return fmt.Errorf("disclose: %s %d has the parent %d: parents come before their children", what, i, parent)
		}
	}
	return nil
}

package build

import (
	"cmp"
	"slices"
	"sort"

	"github.com/arpent/arpent/engine"
)

// planKey is a unit of a plan.
type planKey struct {
	unit planUnit
	id   int64
}

// planUnit is a kind of unit: a place in planUnits.
type planUnit uint8

// planUnits are the kinds of units of a plan, in the order of their names.
var planUnits = []engine.Unit{engine.UnitCell, engine.UnitCommune, engine.UnitPrecinct, engine.UnitSegment}

// planUnitOf gives the place of a kind of unit; false where a plan has none of it.
func planUnitOf[text ~string](unit text) (planUnit, bool) {
	at := slices.Index(planUnits, engine.Unit(unit))
	return planUnit(at), at >= 0
}

func (k planKey) compare(other planKey) int {
	return cmp.Or(cmp.Compare(k.unit, other.unit), cmp.Compare(k.id, other.id))
}

// planRow is a row of the tables plan and plan_before. A country has fifteen million.
type planRow struct {
	planKey
	lead      int64
	inhabited bool
	state     engine.State
}

// planRows are rows in the order of their keys.
type planRows []planRow

// find gives the place of a row, false where there is none.
func (rows planRows) find(key planKey) (int, bool) {
	at := sort.Search(len(rows), func(i int) bool { return rows[i].compare(key) >= 0 })
	return at, at < len(rows) && rows[at].planKey == key
}

func (rows planRows) sort() {
	slices.SortFunc(rows, func(a, b planRow) int { return a.compare(b.planKey) })
}

// planState gives a state as it stands in the code: a text of a batch is gone when the batch is released.
func planState(text string) engine.State {
	for _, s := range []engine.State{engine.Published, engine.Suppressed, engine.Empty} {
		if text == string(s) {
			return s
		}
	}
	return ""
}

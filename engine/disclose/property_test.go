package disclose

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// drawVillage draws a few precincts in one or two communes, cells on three
// levels, and streets that run through several of them. Without straddling,
// each street lies in one precinct.
func drawVillage(t *rapid.T, straddling bool) Place {
	var p Place
	grow := func(parents []int32, from, to int) ([]int32, int, int) {
		n := rapid.IntRange(1, 4).Draw(t, "children")
		for range n {
			p := int32(None)
			if to > from {
				p = int32(rapid.IntRange(from, to-1).Draw(t, "parent"))
			}
			parents = append(parents, p)
		}
		return parents, to, to + n
	}
	from, to := 0, 0
	p.AreaParent, from, to = grow(p.AreaParent, from, to)
	firstPrecinct := from
	if rapid.Bool().Draw(t, "communes") {
		p.AreaParent, firstPrecinct, to = grow(p.AreaParent, from, to)
	}
	precincts := to - firstPrecinct
	from, to = 0, 0
	for range 3 {
		p.CellParent, from, to = grow(p.CellParent, from, to)
	}
	firstCell, cells := from, to-from

	p.Segments = rapid.IntRange(1, 7).Draw(t, "segments")
	precinctOf := make([]int32, p.Segments)
	for s := range precinctOf {
		precinctOf[s] = int32(firstPrecinct + rapid.IntRange(0, precincts-1).Draw(t, "precinct"))
	}
	for range rapid.IntRange(1, 2).Draw(t, "divisions") {
		var a Atoms
		for range rapid.IntRange(1, 16).Draw(t, "atoms") {
			s := int32(rapid.IntRange(0, p.Segments-1).Draw(t, "segment"))
			area := precinctOf[s]
			if straddling && rapid.IntRange(0, 3).Draw(t, "straddles") == 0 {
				area = int32(firstPrecinct + rapid.IntRange(0, precincts-1).Draw(t, "precinct"))
			}
			cell := int32(firstCell + rapid.IntRange(0, cells-1).Draw(t, "cell"))
			if rapid.IntRange(0, 30).Draw(t, "without a place") == 0 {
				cell, s = None, None
			}
			a.Households = append(a.Households, float64(rapid.OneOf(
				rapid.Just(0), rapid.IntRange(1, 10), rapid.IntRange(1, 10), rapid.IntRange(11, 40),
			).Draw(t, "households")))
			a.Cell, a.Area, a.Segment = append(a.Cell, cell), append(a.Area, area), append(a.Segment, s)
		}
		p.Divisions = append(p.Divisions, a)
	}
	return p
}

func settled(t *rapid.T, p Place) Plan {
	plan, err := Settle(p, K, nil)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// The promise: nobody computes a count of 1 to 10 households.
func nothingSmallIsComputable(t *rapid.T) {
	p := drawVillage(t, true)
	plan := settled(t, p)
	for d, atoms := range p.Divisions {
		if leak := computable(p, plan, atoms, K); leak != nil {
			t.Fatalf("division %d: the total of atoms %v can be computed under %v", d, leak, plan)
		}
	}
}

func TestNothingSmallIsComputable(t *testing.T) { rapid.Check(t, nothingSmallIsComputable) }

func FuzzSettle(f *testing.F) { f.Fuzz(rapid.MakeFuzz(nothingSmallIsComputable)) }

// thresholdOnly is the plan that looks at each unit by itself.
func thresholdOnly(p Place) Plan {
	plan := Plan{newUnits(len(p.CellParent)), newUnits(len(p.AreaParent)), newUnits(p.Segments)}
	for _, atoms := range p.Divisions {
		cells, areas, segments := p.totals(atoms)
		plan.Cells.admit(cells, grains(K))
		plan.Areas.admit(areas, grains(K))
		plan.Segments.admit(segments, grains(K))
	}
	return plan
}

// The other way round: units are suppressed as a complement only where the
// threshold alone would leak.
func TestNothingIsSuppressedWithoutALeak(t *testing.T) {
	leaks := 0
	rapid.Check(t, func(t *rapid.T) {
		p := drawVillage(t, false)
		leak := slices.ContainsFunc(p.Divisions, func(a Atoms) bool { return computable(p, thresholdOnly(p), a, K) != nil })
		if leak {
			leaks++
		}
		plan := settled(t, p)
		reasons := slices.Concat(plan.Cells.Reason, plan.Areas.Reason, plan.Segments.Reason)
		if complement := slices.Contains(reasons, Complement); complement != leak {
			t.Fatalf("the threshold alone leaks: %v; units are suppressed as a complement: %v", leak, complement)
		}
	})
	if leaks == 0 {
		t.Error("no village leaked under the threshold alone: the attack is blind")
	}
}

func TestEveryUnitHasTheStateOfItsHouseholds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawVillage(t, true)
		plan := settled(t, p)
		var least, most [3][]int64
		for d, atoms := range p.Divisions {
			cells, areas, segments := p.totals(atoms)
			for kind, sizes := range [][]int64{cells, areas, segments} {
				if d == 0 {
					least[kind], most[kind] = slices.Clone(sizes), slices.Clone(sizes)
				}
				for i, n := range sizes {
					if n > 0 && (least[kind][i] == 0 || n < least[kind][i]) {
						least[kind][i] = n
					}
					most[kind][i] = max(most[kind][i], n)
				}
			}
		}
		for kind, units := range []Units{plan.Cells, plan.Areas, plan.Segments} {
			for i, state := range units.State {
				small := least[kind][i] < grains(K)
				ok := false
				switch units.Reason[i] {
				case NoReason:
					ok = state == Published && !small || state == Empty && most[kind][i] == 0
				case UnderK:
					ok = state == Suppressed && small && most[kind][i] > 0
				case Complement:
					ok = state == Suppressed && !small
				}
				if !ok {
					t.Fatalf("kind %d, unit %d of %d to %d grains is %v %q", kind, i, least[kind][i], most[kind][i], state, units.Reason[i])
				}
			}
		}
		again := settled(t, p)
		for kind, units := range []Units{plan.Cells, plan.Areas, plan.Segments} {
			other := []Units{again.Cells, again.Areas, again.Segments}[kind]
			if !slices.Equal(units.State, other.State) || !slices.Equal(units.Reason, other.Reason) {
				t.Fatal("settled again, the plan differs")
			}
		}
	})
}

// Households come and go, and each plan heeds the one before it: of what lived there at any time nobody computes 1 to 10 households from the plans of
// then and later, all together.
func plansInARowTellNothingSmall(t *rapid.T) {
	p := drawVillage(t, true)
	type settledPlace struct {
		place Place
		plan  Plan
	}
	var row []settledPlace
	for range rapid.IntRange(2, 4).Draw(t, "plans") {
		plan := settled(t, p)
		row = append(row, settledPlace{p, plan})
		next := p
		next.Divisions = nil
		for d, a := range p.Divisions {
			a.Households = slices.Clone(a.Households)
			for i := range a.Households {
				switch rapid.IntRange(0, 9).Draw(t, "changes") {
				case 0, 1:
					a.Households[i] = max(0, a.Households[i]+float64(rapid.IntRange(-3, 3).Draw(t, "moved")))
				case 2: // all of them
					a.Households[i] = 0
				case 3: // those there were at first are back
					a.Households[i] = row[0].place.Divisions[d].Households[i]
				}
			}
			next.Divisions = append(next.Divisions, a)
		}
		heed := func(units Units, withheld []bool) []bool {
			next := make([]bool, len(units.State))
			for i, state := range units.State {
				next[i] = state == Suppressed || withheld != nil && withheld[i]
			}
			return next
		}
		next.Withheld = Withheld{heed(plan.Cells, p.Withheld.Cells), heed(plan.Areas, p.Withheld.Areas), heed(plan.Segments, p.Withheld.Segments)}
		p = next
	}
	for i, then := range row {
		var all Plan
		for _, later := range row[i:] {
			all.Cells.State = either(all.Cells.State, later.plan.Cells.State)
			all.Areas.State = either(all.Areas.State, later.plan.Areas.State)
			all.Segments.State = either(all.Segments.State, later.plan.Segments.State)
		}
		for d, atoms := range then.place.Divisions {
			if leak := computable(then.place, all, atoms, K); leak != nil {
				t.Fatalf("plan %d of %d, division %d: the total of atoms %v can be computed from all of them", i, len(row), d, leak)
			}
		}
	}
}

// either publishes what one or the other does.
func either(a, b []State) []State {
	if a == nil {
		return b
	}
	both := slices.Clone(a)
	for i, state := range b {
		if state == Published {
			both[i] = Published
		}
	}
	return both
}

func TestPlansInARowTellNothingSmall(t *testing.T) { rapid.Check(t, plansInARowTellNothingSmall) }

func TestWhatIsWithheldIsEarlier(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawVillage(t, true)
		alone := settled(t, p)
		p.Withheld.Segments = make([]bool, p.Segments)
		for i := range p.Withheld.Segments {
			p.Withheld.Segments[i] = rapid.Bool().Draw(t, "withheld")
		}
		plan := settled(t, p)
		for i, state := range plan.Segments.State {
			switch {
			case p.Withheld.Segments[i] && state == Published:
				t.Fatalf("segment %d is published though it is withheld", i)
			case state == Suppressed && (plan.Segments.Reason[i] == Earlier) != (alone.Segments.State[i] == Published):
				t.Fatalf("segment %d is suppressed as %q, and is %v where nothing is withheld", i, plan.Segments.Reason[i], alone.Segments.State[i])
			}
		}
	})
}

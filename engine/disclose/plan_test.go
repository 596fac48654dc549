package disclose

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

// village builds places by name: an atom is written as its cell, precinct and
// segment, and households.
type village struct {
	cells, areas, segments []string
	place                  Place
}

// under adds a cell or area below another, "" for none.
func (v *village) cell(name, parent string) {
	v.place.CellParent = append(v.place.CellParent, v.index(v.cells, parent))
	v.cells = append(v.cells, name)
}

func (v *village) area(name, parent string) {
	v.place.AreaParent = append(v.place.AreaParent, v.index(v.areas, parent))
	v.areas = append(v.areas, name)
}

func (v *village) index(names []string, name string) int32 {
	if name == "" {
		return None
	}
	i := slices.Index(names, name)
	if i < 0 {
		panic("no unit " + name)
	}
	return int32(i)
}

func (v *village) homes(cell, area, segment string, households float64) {
	if segment != "" && !slices.Contains(v.segments, segment) {
		v.segments = append(v.segments, segment)
		v.place.Segments++
	}
	if v.place.Divisions == nil {
		v.place.Divisions = make([]Atoms, 1)
	}
	a := &v.place.Divisions[0]
	a.Households = append(a.Households, households)
	a.Cell = append(a.Cell, v.index(v.cells, cell))
	a.Area = append(a.Area, v.index(v.areas, area))
	a.Segment = append(a.Segment, v.index(v.segments, segment))
}

// hidden lists what is not published, as "name reason".
func (v *village) hidden(plan Plan) (hidden []string) {
	for _, kind := range []struct {
		names []string
		Units
	}{{v.cells, plan.Cells}, {v.areas, plan.Areas}, {v.segments, plan.Segments}} {
		for i, name := range kind.names {
			switch {
			case kind.State[i] == Suppressed:
				hidden = append(hidden, name+" "+kind.Reason[i].String())
			case kind.State[i] == Empty:
				hidden = append(hidden, name+" empty")
			}
		}
	}
	return hidden
}

func TestSettle(t *testing.T) {
	for _, c := range []struct {
		name  string
		build func(v *village)
		want  []string
	}{
		{"streets that are large enough", func(v *village) {
			v.area("P", "")
			v.homes("", "P", "Rue Haute", 11)
			v.homes("", "P", "Rue Basse", 40)
		}, nil},
		{"a small street hides the smallest of the others in its precinct", func(v *village) {
			v.area("P", "")
			v.homes("", "P", "Impasse", 5)
			v.homes("", "P", "Rue Haute", 40)
			v.homes("", "P", "Rue Basse", 30)
		}, []string{"Impasse k", "Rue Basse complement"}},
		{"two small streets hide each other", func(v *village) {
			v.area("P", "")
			v.homes("", "P", "Impasse", 5)
			v.homes("", "P", "Passage", 6)
			v.homes("", "P", "Rue Haute", 40)
		}, []string{"Impasse k", "Passage k"}},
		{"two small streets of 10 together need a third", func(v *village) {
			v.area("P", "")
			v.homes("", "P", "Impasse", 5)
			v.homes("", "P", "Passage", 5)
			v.homes("", "P", "Rue Haute", 40)
		}, []string{"Impasse k", "Passage k", "Rue Haute complement"}},
		{"of equal streets the first goes", func(v *village) {
			v.area("P", "")
			v.homes("", "P", "Impasse", 5)
			v.homes("", "P", "Rue Haute", 30)
			v.homes("", "P", "Rue Basse", 30)
		}, []string{"Impasse k", "Rue Haute complement"}},
		{"a small cell hides the smallest beside it, at each resolution", func(v *village) {
			v.cell("9", "")
			v.cell("10a", "9")
			v.cell("10b", "9")
			v.cell("11a", "10a")
			v.cell("11b", "10a")
			v.cell("11c", "10b")
			v.homes("11a", "", "", 4)
			v.homes("11b", "", "", 20)
			v.homes("11c", "", "", 30)
		}, []string{"11a k", "11b complement"}},
		{"what is hidden to protect a cell is not given away by its children", func(v *village) {
			// 10a is small, so 10b is hidden; to publish both 11b and 11c would
			// be to publish 10b.
			v.cell("9", "")
			v.cell("10a", "9")
			v.cell("10b", "9")
			v.cell("10c", "9")
			v.cell("11b", "10b")
			v.cell("11c", "10b")
			v.homes("10a", "", "", 4)
			v.homes("11b", "", "", 12)
			v.homes("11c", "", "", 15)
			v.homes("10c", "", "", 60)
		}, []string{"10a k", "10b complement", "11b complement"}},
		{"a precinct of 5 in a commune", func(v *village) {
			v.area("commune", "")
			v.area("P1", "commune")
			v.area("P2", "commune")
			v.area("P3", "commune")
			v.homes("", "P1", "", 5)
			v.homes("", "P2", "", 300)
			v.homes("", "P3", "", 200)
		}, []string{"P1 k", "P3 complement"}},
		{"a cell less the street within it", func(v *village) {
			v.cell("C", "")
			v.cell("D", "")
			v.area("P", "")
			v.homes("C", "P", "Rue Haute", 15)
			v.homes("C", "P", "Rue Longue", 5) // C less Rue Haute
			v.homes("D", "P", "Rue Longue", 35)
			// With Rue Haute hidden it is still P less Rue Longue; with C hidden
			// as well, the 5 are Rue Longue less D.
		}, []string{"C complement", "D complement", "Rue Haute complement"}},
		{"a street with 5 households across the precinct boundary", func(v *village) {
			v.area("P1", "")
			v.area("P2", "")
			v.homes("", "P1", "Boulevard", 5)
			v.homes("", "P2", "Boulevard", 40)
			v.homes("", "P1", "Rue Haute", 40)
			v.homes("", "P1", "Rue Neuve", 50)
			v.homes("", "P2", "Rue Basse", 60)
		}, []string{"Boulevard complement", "Rue Haute complement"}},
		{"nobody lives there", func(v *village) {
			v.cell("C", "")
			v.area("P", "")
			v.homes("C", "P", "Quai", 0)
			v.homes("C", "P", "Rue Haute", 12)
		}, []string{"Quai empty"}},
		{"fractions of households: 11 are published, a little less is not", func(v *village) {
			v.area("P", "")
			v.homes("", "P", "Rue Haute", 5.5)
			v.homes("", "P", "Rue Haute", 5.5)
			v.homes("", "P", "Rue Basse", 10.99)
			v.homes("", "P", "Rue Neuve", 11.25)
		}, []string{"Rue Haute complement", "Rue Basse k"}},
		{"a lonely hamlet of 7", func(v *village) {
			v.cell("C", "")
			v.area("P", "")
			v.homes("C", "P", "Chemin", 7)
		}, []string{"C k", "P k", "Chemin k"}},
	} {
		var v village
		c.build(&v)
		plan, err := Settle(v.place, K, nil)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := v.hidden(plan); !slices.Equal(got, c.want) {
			t.Errorf("%s: hidden are %q, want %q", c.name, got, c.want)
		}
		if leak := computable(v.place, plan, v.place.Divisions[0], K); leak != nil {
			t.Errorf("%s: atoms %v can be computed", c.name, leak)
		}
	}
}

func TestSettleProtectsEveryDivision(t *testing.T) {
	// The precincts of 2017 cut the village otherwise than those of 2022: in
	// each of them another street is the small one.
	place := Place{
		AreaParent: []int32{None, None},
		Segments:   3,
		Divisions: []Atoms{
			{Households: []float64{5, 20, 30}, Cell: []int32{None, None, None}, Area: []int32{0, 0, 0}, Segment: []int32{0, 1, 2}},
			{Households: []float64{20, 5, 30}, Cell: []int32{None, None, None}, Area: []int32{1, 1, 1}, Segment: []int32{0, 1, 2}},
		},
	}
	plan, err := Settle(place, K, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := []State{Suppressed, Suppressed, Published}; !slices.Equal(plan.Segments.State, want) {
		t.Errorf("segments are %v, want %v", plan.Segments.State, want)
	}
	for d, atoms := range place.Divisions {
		if leak := computable(place, plan, atoms, K); leak != nil {
			t.Errorf("division %d: atoms %v can be computed", d, leak)
		}
	}
}

func TestSettleRefuses(t *testing.T) {
	one := func(households float64, cell, area, segment int32) []Atoms {
		return []Atoms{{Households: []float64{households}, Cell: []int32{cell}, Area: []int32{area}, Segment: []int32{segment}}}
	}
	for _, c := range []struct {
		name  string
		place Place
		k     int
		want  string
	}{
		{"a threshold of 10", Place{}, 10, "a threshold of 10 households is too low"},
		{"a child before its parent", Place{CellParent: []int32{1, None}}, K, "cell 0 has the parent 1"},
		{"its own parent", Place{AreaParent: []int32{0}}, K, "area 0 has the parent 0"},
		{"a parent that is not there", Place{AreaParent: []int32{-2}}, K, "area 0 has the parent -2"},
		{"a cell that is not there", Place{Divisions: one(1, 0, None, None)}, K, "atom 0 of division 0 lies in cell 0 of 0"},
		{"an area that is not there", Place{Divisions: one(1, None, 3, None)}, K, "lies in area 3 of 0"},
		{"a segment that is not there", Place{Segments: 1, Divisions: one(1, None, None, -2)}, K, "lies in segment -2 of 1"},
		{"households that are no number", Place{Divisions: one(math.NaN(), None, None, None)}, K, "NaN households"},
		{"fewer than no households", Place{Divisions: one(-1, None, None, None)}, K, "-1 households"},
		{"columns of unequal length", Place{Divisions: []Atoms{{Households: []float64{1}}}}, K, "households of 1 atoms, but cells of 0"},
		{"fewer than no segments", Place{Segments: -1}, K, "-1 segments"},
		{"what is withheld is of another place", Place{Segments: 2, Withheld: Withheld{Segments: []bool{true}}}, K, "2 segments, but it is said of 1"},
	} {
		if _, err := Settle(c.place, c.k, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

func TestThresholdIsRaisedOnly(t *testing.T) {
	for k, ok := range map[int]bool{-1: false, 0: false, 10: false, 11: true, 20: true, math.MaxInt: true} {
		if err := Threshold(k); (err == nil) != ok {
			t.Errorf("Threshold(%d) = %v", k, err)
		}
	}
	var v village
	v.area("P", "")
	v.homes("", "P", "Rue Haute", 30)
	v.homes("", "P", "Rue Basse", 60)
	for k, want := range map[int][]string{20: nil, 31: {"Rue Haute k", "Rue Basse complement"}, math.MaxInt: {"P k", "Rue Haute k", "Rue Basse k"}} {
		plan, err := Settle(v.place, k, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := v.hidden(plan); !slices.Equal(got, want) {
			t.Errorf("k = %d: hidden are %q, want %q", k, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	if Published.String() != "published" || Suppressed.String() != "suppressed" || Empty.String() != "empty" {
		t.Error("states have other names")
	}
	if NoReason.String() != "" || UnderK.String() != "k" || Complement.String() != "complement" {
		t.Error("reasons have other names")
	}
	if (Plan{Cells: Units{State: make([]State, 1)}}).Cells.State[0] != Suppressed {
		t.Error("a state that was never set lets numbers out")
	}
}

// Who no longer wants a plan is obeyed.
func TestSettleEndsWhenAsked(t *testing.T) {
	enough := errors.New("enough")
	asked := 0
	_, err := Settle(city(60), K, func() error {
		if asked++; asked > 1 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || asked != 2 {
		t.Errorf("asked %d times, %v", asked, err)
	}
}

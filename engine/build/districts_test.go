package build

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/arpent/arpent/engine"
)

// inDistricts gives, by precinct as the village numbers them, the district of a set: "1 W area 1.00".
func inDistricts(t *testing.T, s *engine.Snapshot, set string) (list []string) {
	t.Helper()
	codes, precincts := map[string]string{}, map[string]string{}
	for _, line := range lines(t, s, engine.Districts, "district_id", "code") {
		id, code, _ := strings.Cut(line, " ")
		codes[id] = code
	}
	for _, line := range lines(t, s, engine.Precincts, "precinct_id", "division", "code") {
		id, name, _ := strings.Cut(line, " ")
		precincts[id] = strings.TrimPrefix(name, "2026 ")
	}
	for _, line := range lines(t, s, engine.DistrictPrecincts, "set", "precinct_id", "district_id", "placed_by", "part") {
		f := strings.Fields(line)
		if f[0] == set {
			part, err := strconv.ParseFloat(f[4], 64)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, fmt.Sprintf("%s %s %s %.2f", precincts[f[1]], codes[f[2]], f[3], part))
		}
	}
	slices.Sort(list)
	return list
}

func shapeRow(line int, code, name string, shape []byte) []any {
	return []any{int64(line), code, name, nil, nil, shape}
}
func precinctRow(line int, code, commune, station string) []any {
	return []any{int64(line), code, "", commune, station, nil}
}
func communeRow(line int, code, name, commune string) []any {
	return []any{int64(line), code, name, commune, nil, nil}
}

// byPrecinct is the line of the place file for a table of precincts of a division.
func byPrecinct(set, division string) engine.SourceSpec {
	return engine.SourceSpec{Set: set, Division: engine.Code(division), Columns: map[string]string{"precinct": "p"}}
}

// The village has precinct 1, its western half, and precinct 2, its eastern half; see makeVillage. Rue Basse stands on their border: its
// houses 10 m west of it are in 1, those 10 m east in 2.
func TestWhichPrecinctsAreInADistrict(t *testing.T) {
	west, east := box(-300, -300, 0, 300), box(0, -300, 300, 300)
	tests := []struct {
		what string
		spec engine.SourceSpec
		rows [][]any
		want []string
	}{
		{"shapes of the same halves", engine.SourceSpec{}, [][]any{shapeRow(1, "W", "West", west), shapeRow(2, "E", "East", east)}, []string{"1 W area 1.00", "2 E area 1.00"}},
		{"a shape of both", engine.SourceSpec{}, [][]any{shapeRow(1, "A", "", box(-300, -300, 300, 300))}, []string{"1 A area 1.00", "2 A area 1.00"}},
		{"a border 20 m further east leaves most of precinct 2 in the east", engine.SourceSpec{},
			[][]any{shapeRow(1, "W", "", box(-300, -300, 20, 300)), shapeRow(2, "E", "", box(20, -300, 300, 300))}, []string{"1 W area 1.00", "2 E area 0.53"}},
		{"a border 150 m further east does not", engine.SourceSpec{},
			[][]any{shapeRow(1, "W", "", box(-300, -300, 150, 300)), shapeRow(2, "E", "", box(150, -300, 300, 300))}, []string{"1 W area 1.00", "2 W area 0.82"}},
		{"a shape of the north alone, where half of each lives, and as many in none", engine.SourceSpec{},
			[][]any{shapeRow(1, "N", "", box(-300, 0, 300, 300))}, []string{"1 N area 0.50", "2 N area 0.50"}},
		{"a shape of less than half of a precinct", engine.SourceSpec{}, [][]any{shapeRow(1, "W", "", west), shapeRow(2, "N", "", box(100, 0, 300, 300))}, []string{"1 W area 1.00"}},
		{"as much in two", engine.SourceSpec{}, [][]any{shapeRow(1, "S", "", box(-300, -300, 300, 0)), shapeRow(2, "N", "", box(-300, 0, 300, 300))},
			[]string{"1 N area 0.50", "2 N area 0.50"}},
		{"parts in rows of their own", engine.SourceSpec{}, [][]any{shapeRow(1, "A", "", box(-300, -300, 300, 0)), shapeRow(2, "A", "", box(-300, 0, 300, 300))},
			[]string{"1 A area 1.00", "2 A area 1.00"}},
		{"a shape of a precinct where nobody lives", engine.SourceSpec{}, [][]any{shapeRow(1, "U", "", box(-300, 300, 300, 500))}, []string{"9 U area 1.00"}},
		{"a table of precincts", byPrecinct("", "2026"), [][]any{precinctRow(2, "7", "99001", "1"), precinctRow(3, "8", "99001", "2"), precinctRow(4, "8", "99001", "2")}, []string{"1 7 table 1.00", "2 8 table 1.00"}},
		{"a table that has one of them", byPrecinct("", "2026"), [][]any{precinctRow(2, "7", "99001", "1"), precinctRow(3, "9", "99001", "12")}, []string{"1 7 table 1.00"}},
		{"a table of communes", engine.SourceSpec{}, [][]any{communeRow(2, "9", "Nine", "99001"), communeRow(3, "8", "Eight", "98001")}, []string{"1 9 commune 1.00", "2 9 commune 1.00", "9 9 commune 1.00"}},
	}
	o := makeVillage().options(t, 7)
	for i, test := range tests {
		test.spec.Set = fmt.Sprint("set_", i)
		o.add(t, engine.KindDistricts, test.rows, test.spec)
	}
	// A precinct without an address is where the middle of its area is.
	o.add(t, engine.KindAreas, [][]any{{int64(1), "99001", "9", "9", "", nil, box(-300, 300, -100, 400)}}, engine.SourceSpec{Division: "2026"})
	s, report := mustRun(t, o)
	mustCheck(t, s)
	for i, test := range tests {
		if got := inDistricts(t, s, fmt.Sprint("set_", i)); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.what, got, test.want)
		}
		for _, r := range report.Districts {
			if tied := test.what == "as much in two"; r.Set == fmt.Sprint("set_", i) && (len(r.Tied) == 2) != tied {
				t.Errorf("%s: the report says that %v are tied", test.what, r.Tied)
			}
		}
	}
}

// A table goes before shapes, precincts before communes; what no source has a shape of has none; the report tells how they met.
func TestSourcesOfASetTogether(t *testing.T) {
	o := makeVillage().options(t, 7)
	o.add(t, engine.KindDistricts, [][]any{shapeRow(1, "W", "West", box(-300, -300, 20, 300)), shapeRow(2, "E", "East", box(20, -300, 300, 300)), shapeRow(3, "far", "", box(9000, 9000, 9100, 9100))}, engine.SourceSpec{Set: "ward"})
	o.add(t, engine.KindDistricts, [][]any{precinctRow(2, "C", "99001", "1")}, byPrecinct("ward", "2026"))
	o.add(t, engine.KindDistricts, [][]any{communeRow(2, "all", "", "99001")}, engine.SourceSpec{Set: "county"})
	o.add(t, engine.KindDistricts, [][]any{precinctRow(2, "1", "99001", "1"), precinctRow(3, "1", "99001", "9")}, byPrecinct("constituency", "2026"))
	s, report := mustRun(t, o)
	if got := inDistricts(t, s, "ward"); !slices.Equal(got, []string{"1 C table 1.00", "2 E area 0.53"}) {
		t.Errorf("wards %q", got)
	}
	names := lines(t, s, engine.Districts, "set", "code", "name")
	slices.Sort(names)
	if got := strings.Join(names, "; "); got != "constituency 1 1; county all all; ward C C; ward E East" {
		t.Errorf("districts %s", got)
	}
	var told []string
	for _, r := range report.Districts {
		told = append(told, fmt.Sprintf("%s %s: %d, %d of %d inside, outside %v, cut %v %.2f, tied %v", r.Set, r.Division, r.Districts, r.Inside, r.Precincts, r.Outside, r.Cut, r.MostCut, r.Tied))
	}
	if !slices.Equal(told, []string{
		"constituency 2026: 1, 1 of 2 inside, outside [2], cut [] 0.00, tied []",
		"county 2026: 1, 2 of 2 inside, outside [], cut [] 0.00, tied []",
		"ward 2026: 2, 2 of 2 inside, outside [], cut [2] 0.47, tied []",
	}) {
		t.Errorf("the report says %q", told)
	}
}

// Districts by precinct are of one division; by shape or commune they are of all.
func TestDistrictsOfTwoDivisions(t *testing.T) {
	v := makeVillage()
	o := v.options(t, 7)
	o.add(t, engine.KindAreas, [][]any{{int64(1), "99001", "1", "old 1", "", nil, box(-300, -300, 300, 0)}, {int64(2), "99001", "2", "old 2", "", nil, box(-300, 0, 300, 300)}},
		engine.SourceSpec{Division: "2020"})
	o.add(t, engine.KindDistricts, [][]any{precinctRow(2, "A", "99001", "1"), precinctRow(3, "B", "99001", "2")}, byPrecinct("new", "2026"))
	o.add(t, engine.KindDistricts, [][]any{shapeRow(1, "A", "", box(-300, -300, 300, 300))}, engine.SourceSpec{Set: "whole"})
	s, report := mustRun(t, o)
	if got := inDistricts(t, s, "new"); !slices.Equal(got, []string{"1 A table 1.00", "2 B table 1.00"}) {
		t.Errorf("by precinct: %q", got)
	}
	if got := inDistricts(t, s, "whole"); !slices.Equal(got, []string{"1 A area 1.00", "2 A area 1.00", "2020 old 1 A area 1.00", "2020 old 2 A area 1.00"}) {
		t.Errorf("by shape: %q", got)
	}
	if r := report.Districts[0]; r.Set != "new" || r.Division != "2020" || r.Inside != 0 || r.Outside != nil || r.Precincts != 2 {
		t.Errorf("the report of a division that the set says nothing of: %+v", r)
	}
}

// A place of France has departments, a district each, from the codes of its communes, unless a source names them.
func TestDepartments(t *testing.T) {
	o := makeVillage().options(t, 7)
	o.Place.Country = "fr"
	s, _ := mustRun(t, o)
	if got := inDistricts(t, s, engine.Department); !slices.Equal(got, []string{"1 99 commune 1.00", "2 99 commune 1.00"}) {
		t.Errorf("departments %q", got)
	}
	o = makeVillage().options(t, 7)
	o.Place.Country = "fr"
	o.add(t, engine.KindDistricts, [][]any{communeRow(2, "D", "Une", "99001")}, engine.SourceSpec{Set: engine.Department})
	s, _ = mustRun(t, o)
	if got := lines(t, s, engine.Districts, "set", "code", "name"); !slices.Equal(got, []string{"department D Une"}) {
		t.Errorf("departments %q", got)
	}
}

// A city of arrondissements stands for all of them.
func TestCommunesOfACity(t *testing.T) {
	d := &districtRows{communes: map[string]inDistrict{"75056": {code: "75"}, "75104": {code: "four"}, "31555": {code: "31"}}}
	whole := d.wholeCommunes()
	for commune, want := range map[string]string{"75056": "75", "75101": "75", "75104": "four", "75120": "75", "31555": "31", "13201": ""} {
		if whole[commune] != want {
			t.Errorf("%s is in %q, want %q", commune, whole[commune], want)
		}
	}
}

func TestDistrictsRefused(t *testing.T) {
	shape := [][]any{shapeRow(1, "W", "", box(-300, -300, 0, 300))}
	for what, test := range map[string]struct {
		spec engine.SourceSpec
		rows [][]any
		want string
	}{
		"no set":               {engine.SourceSpec{}, shape, "line 9: districts need set:, what they are called in the API, as set: constituency"},
		"no division":          {byPrecinct("ward", ""), [][]any{precinctRow(2, "A", "99001", "1")}, "line 9: districts by precinct need division:"},
		"a division of shapes": {engine.SourceSpec{Set: "ward", Division: "2026"}, shape, "line 9: districts takes no contest:"},
		"two districts of a precinct": {byPrecinct("ward", "2026"), [][]any{precinctRow(2, "A", "99001", "1"), precinctRow(5, "B", "99001", "1")},
			"line 5: the precinct is in district B, and in A on"},
		"two districts of a commune":   {engine.SourceSpec{Set: "ward"}, [][]any{communeRow(2, "A", "", "99001"), communeRow(3, "B", "", "99001")}, "line 3: the commune is in district B, and in A on"},
		"another place":                {engine.SourceSpec{Set: "ward"}, [][]any{shapeRow(1, "W", "", box(9000, 9000, 9100, 9100))}, "none of its 1 rows is of the place: they are more than 1 km from every address and area"},
		"precincts that are not there": {byPrecinct("ward", "2026"), [][]any{precinctRow(2, "A", "99001", "77")}, "no precinct is in a district of ward"},
		"another division":             {byPrecinct("ward", "2020"), [][]any{precinctRow(2, "A", "99001", "1")}, "no precinct is in a district of ward"},
	} {
		o := makeVillage().options(t, 7)
		o.add(t, engine.KindDistricts, test.rows, test.spec)
		if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", what, err, test.want)
		}
	}
	o := makeVillage().options(t, 7)
	o.Inputs[0].Spec.Set = "ward"
	if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "streets takes no set:") {
		t.Errorf("streets of a set: %v", err)
	}
}

// Whatever the households are, a precinct is where most of them live, and every household is counted.
func TestMostHouseholds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := inside{float64(rapid.IntRange(0, 40).Draw(t, "a"))/3 + 1, float64(rapid.IntRange(1, 5).Draw(t, "addresses of a"))}
		b := inside{float64(rapid.IntRange(0, 40).Draw(t, "b"))/3 + 1, float64(rapid.IntRange(1, 5).Draw(t, "addresses of b"))}
		if order := a.compare(b); order != -b.compare(a) || a.households > b.households+0.1 && order != 1 {
			t.Fatalf("%v against %v: %d, and %d the other way", a, b, order, b.compare(a))
		}
	})
	sum := 0.0
	for range 10 {
		sum += 0.1
	}
	if (inside{sum, 10}).compare(inside{1, 10}) != 0 {
		t.Error("ten times a tenth is not one, for want of digits")
	}
}

// What check finds in tables that no build writes: sums over such districts would not be those of their precincts.
func TestCheckOfDistricts(t *testing.T) {
	build := func() *engine.Snapshot {
		o := makeVillage().options(t, 7)
		o.add(t, engine.KindDistricts, [][]any{precinctRow(2, "A", "99001", "1"), precinctRow(3, "B", "99001", "2")}, byPrecinct("ward", "2026"))
		o.add(t, engine.KindDistricts, [][]any{communeRow(2, "all", "", "99001")}, engine.SourceSpec{Set: "county"})
		s, _ := mustRun(t, o)
		return s
	}
	twice := func(s *engine.Snapshot) { // the second row of the county is of its first precinct
		first := lines(t, s, engine.DistrictPrecincts, "precinct_id")[0]
		rewrite(t, s, engine.DistrictPrecincts, nil, func(w *engine.TableWriter, _ engine.Rows, field, _, row int) bool {
			if field == 1 && row == 1 {
				id, err := strconv.ParseInt(first, 10, 64)
				if err != nil {
					t.Fatal(err)
				}
				w.Int(field, id)
				return true
			}
			return false
		})
	}
	for want, damage := range map[string]func(s *engine.Snapshot){
		"is out of order or there twice": twice,
		"its name gives":                 func(s *engine.Snapshot) { change(t, s, engine.Districts, "district_id", 0) },
		"which is not in districts":      func(s *engine.Snapshot) { change(t, s, engine.DistrictPrecincts, "district_id", 3) },
		"is not in precincts":            func(s *engine.Snapshot) { change(t, s, engine.DistrictPrecincts, "precinct_id", 3) },
		"of its households in district":  func(s *engine.Snapshot) { change(t, s, engine.DistrictPrecincts, "part", 2) },
		"has no precinct": func(s *engine.Snapshot) {
			rewrite(t, s, engine.DistrictPrecincts, func(row int) bool { return row != 2 }, nil)
		},
		"of set ward, which is of county": func(s *engine.Snapshot) {
			rewriteText(t, s, engine.DistrictPrecincts, "set", func(string) string { return "ward" })
		},
	} {
		s := build()
		damage(s)
		mustDiffer(t, s, want)
	}
}

package build

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
)

// door is a row of a register; without a place it has no position.
func door(id, grain string, at any, station string, doors int) []any {
	row := []any{int64(0), id, grain, nil, nil, "99001", station, station, int64(doors)}
	if at, ok := at.([2]float64); ok {
		p := degrees(at[0], at[1])
		row[3], row[4] = p[0], p[1]
	}
	return row
}

// withRegister gives the village a register of a division "reu", and its addresses the ids of the French address base: Rue Haute
// is street h, Rue Basse street b.
func withRegister(t *testing.T, doors ...[]any) (village, Options) {
	t.Helper()
	v := makeVillage()
	for i, a := range v.addresses {
		v.addresses[i][1] = strings.NewReplacer("Haute", "h", "Basse", "b").Replace(a[1].(string))
	}
	for i, row := range v.results {
		v.results[i] = slices.Clone(row)
	}
	o := v.options(t, 9)
	o.Inputs[3].Spec.Division = "reu"
	for i := range doors {
		doors[i][0] = int64(i + 2)
	}
	o.add(t, engine.KindRegister, doors, engine.SourceSpec{Division: "reu"})
	return v, o
}

// placementsOf gives an address's placements: precinct's code, part and how it was placed.
func placementsOf(t *testing.T, s *engine.Snapshot, division, id string) (list []string) {
	t.Helper()
	code := map[string]string{"0": "-"}
	for _, line := range lines(t, s, engine.Precincts, "precinct_id", "code") {
		id, c, _ := strings.Cut(line, " ")
		code[id] = c
	}
	for _, line := range lines(t, s, engine.Placements, "division", "address_id", "precinct_id", "part", "placed_by") {
		f := strings.Fields(line)
		if f[0] == division && f[1] == id {
			list = append(list, code[f[2]]+" "+f[3]+" "+f[4])
		}
	}
	slices.Sort(list)
	return list
}

func TestPlacingByARegister(t *testing.T) {
	doors := [][]any{
		door("99001_h_00001", "house", nil, "1", 4),
		door("99001_h_00003", "house", nil, "1", 3), door("99001_h_00003", "house", nil, "2", 1), // a house in two stations, by its doors
		door("99001_h_00005", "house", nil, "1", 1), door("99001_h_00005", "house", nil, "1", 1), door("99001_h_00005", "house", nil, "2", 2), // weights add over rows
		door("99001_h_00039", "house", [2]float64{190, 10}, "2", 2),
		door("", "house", [2]float64{-10.5, -190.5}, "2", 5), // 0.7 m from 1 Rue Basse, without an id
		door("", "street", [2]float64{10, -190}, "1", 5),     // at 2 Rue Basse, but the position of a street
		door("99001_x_00001", "house", nil, "2", 1),          // no such address
		door("99001_b", "street", nil, "2", 7),               // all of Rue Basse
	}
	_, o := withRegister(t, doors...)
	s, report := mustRun(t, o)
	mustCheck(t, s)
	for id, want := range map[string][]string{
		"99001_h_00001": {"1 1 table"},
		"99001_h_00003": {"1 0.75 table", "2 0.25 table"},
		"99001_h_00005": {"1 0.5 table", "2 0.5 table"},
		"99001_h_00007": {"2 1 street"}, // Rue Haute has two stations: the nearest point with a position is number 39
		"99001_b_00001": {"2 1 table"},  // by the position
		"99001_b_00002": {"2 1 street"}, // Rue Basse has one station
		"99001_b_00039": {"2 1 street"},
	} {
		if got := placementsOf(t, s, "reu", id); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", id, got, want)
		}
	}
	d := report.Divisions[1]
	if d.Division != "reu" || d.ByTable != 5 || d.ByStreet != 63 || d.ByArea+d.ByNearest+d.Unplaced != 0 || d.InSeveral != 2 || d.Precincts != 2 || d.WithArea != 0 || len(d.NoAddress) != 0 {
		t.Errorf("%+v", d)
	}
	want := engine.RegisterReport{
		Rows: 11, Doors: 32, Precincts: 2, Points: 8, PointsInSeveral: 2, MatchedRows: 8, MatchedDoors: 19,
		UnmatchedRows: 1, UnmatchedLines: []int64{11}, CoarseRows: 2, AddressesWithout: 63,
	}
	if got := *d.Register; !reflect.DeepEqual(got, want) {
		t.Errorf("register %+v, want %+v", got, want)
	}
	c := report.Contests[0]
	if c.Matched != 2 || len(c.NoArea) != 0 || c.NonTerritorial != 0 {
		t.Errorf("%+v: precincts of a register have a place", c)
	}
}

// An address of a street that the register does not know goes to the nearest point, up to the limit.
func TestNearestPointOfARegister(t *testing.T) {
	_, o := withRegister(t, door("99001_h_00001", "house", [2]float64{-190, 10}, "1", 4), door("99001_h_00039", "house", [2]float64{190, 10}, "2", 2))
	o.Parameters.NearestPrecinctM, o.Parameters.UnmatchedPrecinct = 200, 0.5
	s, report := mustRun(t, o)
	mustCheck(t, s)
	for id, want := range map[string]string{"99001_h_00007": "1 1 street", "99001_h_00037": "2 1 street", "99001_b_00001": "- 1 none", "99001_b_00013": "1 1 nearest", "99001_b_00028": "2 1 nearest"} {
		if got := placementsOf(t, s, "reu", id); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %v, want %s", id, got, want)
		}
	}
	if d := report.Divisions[1]; d.ByNearest == 0 || d.Unplaced == 0 || d.ByTable != 2 || d.ByStreet != 38 || d.MaxOffM > 200 {
		t.Errorf("%+v", d)
	}
	o.Parameters.UnmatchedPrecinct = 0.02
	if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "km from every point of the register of division reu") {
		t.Errorf("%v", err)
	}
}

// Where a division has areas and a register, the register goes before, and how often they agree is told.
func TestARegisterGoesBeforeAreas(t *testing.T) {
	_, o := withRegister(t,
		door("99001_h_00001", "house", nil, "1", 4), // in the west, as its area
		door("99001_h_00003", "house", nil, "2", 3), // its area is 1
		door("99001_h_00039", "house", nil, "2", 2), door("99001_h_00039", "house", nil, "1", 2))
	o.Inputs[3].Spec.Division, o.Inputs[6].Spec.Division = "2026", "2026"
	s, report := mustRun(t, o)
	mustCheck(t, s)
	if got := placementsOf(t, s, "2026", "99001_h_00003"); !slices.Equal(got, []string{"2 1 table"}) {
		t.Errorf("%v", got)
	}
	d := report.Divisions[0]
	if d.ByTable != 3 || d.ByArea != 65 || d.ByStreet != 0 || d.Register.AreaCompared != 3 || d.Register.AreaAgrees != 2 {
		t.Errorf("%+v, register %+v", d, d.Register)
	}
}

// A register is enough to place a contest; results of precincts that it does not know are refused like those without an area.
func TestARegisterWithoutAreas(t *testing.T) {
	_, o := withRegister(t, door("99001_h_00001", "house", nil, "1", 4), door("99001_b", "street", [2]float64{5, 5}, "2", 3))
	o.Inputs = slices.Delete(o.Inputs, 2, 3)
	s, report := mustRun(t, o)
	mustCheck(t, s)
	if len(report.Divisions) != 1 || report.Contests[0].Matched != 2 {
		t.Errorf("%+v", report.Divisions)
	}
	_, o = withRegister(t, door("99001_h_00001", "house", nil, "7", 4))
	if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "have no area in division reu") {
		t.Errorf("%v", err)
	}
	_, o = withRegister(t, door("99001_h_00001", "house", nil, "1", 4))
	o.Inputs[6].Spec.Division = ""
	if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "register needs division:") {
		t.Errorf("%v", err)
	}
}

// The nearest of points sorted by x is the nearest of all, and the first of those as near.
func TestNearestDoor(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	r := &register{}
	for i := range 300 {
		r.groups = append(r.groups, doorGroup{located: true})
		r.groups[i].at[0], r.groups[i].at[1] = float64(random.IntN(40)), float64(random.IntN(40))
	}
	all := r.located()
	for range 500 {
		x, y := random.Float64()*60-10, random.Float64()*60-10
		if random.IntN(2) == 0 {
			x, y = math.Round(x), math.Round(y)
		}
		want, best := int32(noPlace), math.Inf(1)
		for i, g := range r.groups {
			if d := (g.at[0]-x)*(g.at[0]-x) + (g.at[1]-y)*(g.at[1]-y); d < best {
				want, best = int32(i), d
			}
		}
		if got, off := r.nearest([2]float64{x, y}, all); got != want || math.Abs(off-math.Sqrt(best)) > 1e-12 {
			t.Fatalf("nearest to %g, %g is %d at %g, want %d at %g", x, y, got, off, want, math.Sqrt(best))
		}
	}
	if got, off := r.nearest([2]float64{0, 0}, nil); got != noPlace || !math.IsInf(off, 1) {
		t.Errorf("%d, %g", got, off)
	}
}

// The register's rows in any order give the same bytes.
func TestSameBytesWithARegister(t *testing.T) {
	rows := [][]any{
		door("99001_h_00001", "house", nil, "1", 4), door("99001_h_00003", "house", nil, "1", 3), door("99001_h_00003", "house", nil, "2", 1),
		door("", "house", [2]float64{-10.5, -190.5}, "2", 5), door("", "house", [2]float64{-10.5, -190.5}, "1", 2), door("", "house", [2]float64{10, 190}, "1", 2),
	}
	var first *engine.Snapshot
	random := rand.New(rand.NewPCG(1, 2))
	for range 6 {
		_, o := withRegister(t, rows...)
		random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		o.Inputs[6].Source = rowSource{engine.KindRegister, rows, 2}
		s, _ := mustRun(t, o)
		if first == nil {
			first = s
			continue
		}
		for i, table := range s.Manifest.Tables {
			if table.SHA256 != first.Manifest.Tables[i].SHA256 {
				t.Errorf("%s differs", table.Name)
			}
		}
	}
}

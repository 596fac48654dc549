package build

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

func TestVillage(t *testing.T) {
	s, report := mustRun(t, makeVillage().options(t, 7))
	each := func(table engine.Table, f func(r engine.Rows, i int)) {
		t.Helper()
		err := s.ReadTable(t.Context(), table, memory.NewGoAllocator(), func(r engine.Rows) error {
			for i := range r.Len() {
				f(r, i)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}

	t.Run("four segments with their numbers", func(t *testing.T) {
		got := map[string]int{}
		each(engine.Segments, func(r engine.Rows, i int) {
			line := fmt.Sprintf("%s %.0f m, left %d-%d, right %d-%d, %d addresses", r.Texts("street").Value(i), r.Floats("length_m").Value(i),
				r.Int32s("left_from").Value(i), r.Int32s("left_to").Value(i), r.Int32s("right_from").Value(i), r.Int32s("right_to").Value(i), r.Int32s("addresses").Value(i))
			got[line]++
		})
		for _, want := range []string{
			"Rue Haute 200 m, left 1-19, right 2-20, 20 addresses", "Rue Haute 200 m, left 21-39, right 22-40, 20 addresses",
			"Rue Basse 200 m, left 1-13, right 2-14, 14 addresses", "Rue Basse 200 m, left 27-39, right 28-40, 14 addresses",
		} {
			if got[want] != 1 {
				t.Errorf("no segment %q among %v", want, got)
			}
		}
	})
	t.Run("households are population by people per household", func(t *testing.T) {
		sum := 0.0
		each(engine.Addresses, func(r engine.Rows, i int) { sum += r.Floats("households").Value(i) })
		if want := (200.0 + 190.0) / 1.7; math.Abs(sum-want) > 1e-9 {
			t.Errorf("%g households, want %g", sum, want)
		}
	})
	t.Run("every unit adds up to the registered voters and the official votes", func(t *testing.T) {
		votes, registered := map[string]int64{}, map[string]int64{}
		each(engine.Estimates, func(r engine.Rows, i int) {
			unit := r.Texts("unit").Value(i)
			if unit == "cell" {
				unit = fmt.Sprint("cell ", geo.Cell(r.Ints("unit_id").Value(i)).Resolution())
			}
			votes[unit+" "+r.Texts("choice").Value(i)] += r.Ints("votes").Value(i)
			registered[unit] += r.Ints("votes").Value(i)
		})
		if len(registered) != 3+9 {
			t.Errorf("units %v", registered)
		}
		want := map[string]int64{"jardins": 81, "moulins": 117, "ponts": 7, "abstention": 37 + 43, "blank": 4, "null": 2, "unreconciled": 2}
		for unit, n := range registered {
			if n != 293 {
				t.Errorf("%s: %d registered, want 293", unit, n)
			}
			for choice, v := range want {
				if votes[unit+" "+choice] != v {
					t.Errorf("%s: %d votes for %s, want %d", unit, votes[unit+" "+choice], choice, v)
				}
			}
		}
	})
	t.Run("whole votes are less than one from the precinct's share", func(t *testing.T) {
		each(engine.Estimates, func(r engine.Rows, i int) {
			if r.Texts("unit").Value(i) != "segment" || r.Ints("registered").Value(i) == 0 {
				return
			}
			share, n := r.Floats("share").Value(i), float64(r.Ints("registered").Value(i))
			// A segment has parts in two precincts at most here: less than one from each.
			if d := math.Abs(share*n - float64(r.Ints("votes").Value(i))); d >= 2 {
				t.Errorf("segment %d, %s: %d votes, expected %.2f", r.Ints("unit_id").Value(i), r.Texts("choice").Value(i), r.Ints("votes").Value(i), share*n)
			}
			if !(r.Floats("low90").Value(i) <= r.Floats("low50").Value(i) && r.Floats("high50").Value(i) <= r.Floats("high90").Value(i)) {
				t.Errorf("interval out of order")
			}
		})
	})
	t.Run("the report names what does not agree", func(t *testing.T) {
		c := report.Contests[0]
		if len(c.Disagree) != 1 || c.Disagree[0].Precinct != "2" || c.Disagree[0].Difference != 2 {
			t.Errorf("disagreements %+v", c.Disagree)
		}
		if report.Placing.CensusWithoutArea != 1 || report.Placing.ByName != 68 || report.Divisions[0].ByArea != 68 {
			t.Errorf("placing %+v, divisions %+v", report.Placing, report.Divisions)
		}
	})
	t.Run("check holds", func(t *testing.T) {
		checked, err := Check(t.Context(), s)
		if err != nil || len(checked.Differences) > 0 || checked.Sums < 500 {
			t.Errorf("%d sums, %v, %v", checked.Sums, checked.Differences, err)
		}
	})
}

// The same rows in any order, in batches of any size and on any number of processors give the same bytes.
func TestSameBytes(t *testing.T) {
	v := makeVillage()
	first, _ := mustRun(t, v.options(t, 1000))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 20 {
		before := runtime.GOMAXPROCS(1 + i%4)
		again, _ := mustRun(t, v.shuffled(random).options(t, 1+random.IntN(50)))
		runtime.GOMAXPROCS(before)
		if again.Manifest.ID != first.Manifest.ID {
			t.Fatalf("run %d: snapshot %s, want %s", i, again.Manifest.ID, first.Manifest.ID)
		}
		for _, table := range engine.Tables() {
			a, errA := os.ReadFile(filepath.Join(first.Dir, table.File()))
			b, errB := os.ReadFile(filepath.Join(again.Dir, table.File()))
			if errA != nil || errB != nil || string(a) != string(b) {
				t.Fatalf("run %d: %s differs", i, table.File())
			}
		}
	}
}

func TestBuildAgainKeepsTheSnapshot(t *testing.T) {
	o := makeVillage().options(t, 50)
	first, err := Run(t.Context(), o)
	if err != nil || !first.Fresh {
		t.Fatalf("fresh %v, %v", first.Fresh, err)
	}
	second, err := Run(t.Context(), o)
	if err != nil || second.Fresh || second.ID != first.ID {
		t.Fatalf("second build: fresh %v, id %s, want %s, %v", second.Fresh, second.ID, first.ID, err)
	}
	o.Parameters.K = 12
	third, err := Run(t.Context(), o)
	if err != nil || third.ID == first.ID {
		t.Fatalf("other parameters must make another snapshot: %s, %v", third.ID, err)
	}
}

// What a build refuses, it refuses in one sentence that names the file, and the current snapshot stays.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(v *village, o *Options)
		want  []string
	}{
		{"address twice", func(v *village, _ *Options) { v.addresses[5][1] = v.addresses[3][1] }, []string{"addresses.csv line 6", "is there twice", "first on line 4"}},
		{"precinct twice", func(v *village, _ *Options) { v.areas[1][2] = "1" }, []string{"areas.csv line 2", "twice"}},
		{"choice twice in a precinct", func(v *village, _ *Options) { v.results[2][12] = "jardins" }, []string{"results.csv line 4", "precinct 1, choice jardins", "first on line 2"}},
		{"registered differ inside a precinct", func(v *village, _ *Options) { v.results[2][7] = int64(151) }, []string{"results.csv line 4", "other registered voters"}},
		{"census figure twice", func(v *village, _ *Options) { v.census[1][1] = "990010101" }, []string{"census.csv line 3", "twice"}},
		{"results of another division", func(v *village, _ *Options) {
			for i := range v.results {
				v.results[i][2] = "7" + v.results[i][2].(string)
			}
		}, []string{"results.csv line 2", "have no area in division 2026"}},
		{"areas that the results do not know", func(v *village, _ *Options) {
			v.areas = append(v.areas, []any{int64(3), "99001", "3", "3", "", nil, box(300, -300, 400, 300)}, []any{int64(4), "99001", "4", "4", "", nil, box(400, -300, 500, 300)})
		}, []string{"results.csv", "2 of the 4 areas", "the first is 3"}},
		{"three new stations", func(v *village, _ *Options) {
			for i, code := range []string{"3", "4", "5", "6"} {
				x := 300 + 100*float64(i)
				v.areas = append(v.areas, []any{int64(3 + i), "99001", code, code, "", nil, box(x, -300, x+100, 300)})
			}
			*v = v.result("6", 0, 0, 0, 0)
		}, []string{"results.csv", "3 of the 6 areas", "the first is 3"}},
		{"no areas of the division", func(_ *village, o *Options) { o.Inputs[3].Spec.Division = "2020" }, []string{"results.csv line 1", "no areas of division 2020"}},
		{"longitude and latitude of addresses swapped", func(v *village, _ *Options) {
			for _, a := range v.addresses {
				a[7], a[8] = a[8], a[7]
			}
		}, []string{"addresses.csv line 1: address", "as 68 of all 68", "more than 5 km from every street", "swapped", "village.yaml line 4"}},
		{"longitude and latitude of streets swapped", func(v *village, _ *Options) {
			for _, s := range v.streets {
				l, err := wkb.Unmarshal(s[4].([]byte))
				if err != nil {
					panic(err)
				}
				for i, p := range l.(orb.LineString) {
					l.(orb.LineString)[i] = orb.Point{p[1], p[0]}
				}
				s[4] = geometry(l)
			}
		}, []string{"streets.csv: none of its 2 rows", "more than 1 km from every address and area", "swapped", "village.yaml line 3"}},
		{"areas of another place", func(v *village, _ *Options) {
			v.areas[0][6], v.areas[1][6] = box(20000, 0, 20300, 300), box(20300, 0, 20600, 300)
		}, []string{"addresses.csv line 1: address", "as 68 of all 68", "more than 5 km from every area of division 2026 (", "areas.csv", "swapped"}},
		{"street twice", func(v *village, _ *Options) { v.streets[1][1] = "1" }, []string{"streets.csv line 2: street 1 is there twice (first on line 1)"}},
		{"two rounds", func(v *village, _ *Options) { v.results[3][6] = int32(2) }, []string{"results.csv line 5", "Municipales 2026, round 1", "round 2", "a contest of its own"}},
		{"two elections", func(v *village, _ *Options) { v.results[2][4] = "Européennes 2024" }, []string{"results.csv line 4", "Européennes 2024"}},
		{"candidates have more votes than there are voters", func(v *village, _ *Options) {
			for i := range v.results {
				v.results[i][7] = int64(90) // of 108 and of 97
			}
		}, []string{"results.csv line 2: precinct 1, as 2 of all 2, is left out", "more votes than there are registered voters (by 18", "village.yaml line 6"}},
		{"address twice in two files", func(v *village, o *Options) {
			again := o.Inputs[1]
			again.Path = filepath.Join(filepath.Dir(again.Path), "more.csv")
			_ = os.WriteFile(again.Path, nil, 0o600) // without it the message is another
			o.Inputs = append(o.Inputs, again)
		}, []string{"more.csv line 1: address", "is there twice (first in ", "addresses.csv line 1)"}},
		{"no division", func(_ *village, o *Options) { o.Inputs[2].Spec.Division = "" }, []string{"village.yaml line 5", "needs division:"}},
		{"no contest", func(_ *village, o *Options) { o.Inputs[3].Spec.Contest = "" }, []string{"village.yaml line 6", "needs contest:"}},
		{"a contest for addresses", func(_ *village, o *Options) { o.Inputs[1].Spec.Contest = "x" }, []string{"village.yaml line 4", "takes no contest:"}},
		{"a division for the census", func(_ *village, o *Options) { o.Inputs[5].Spec.Division = "2026" }, []string{"village.yaml line 8", "no division:"}},
		{"no streets", func(_ *village, o *Options) { o.Inputs = o.Inputs[1:] }, []string{"has no source of streets"}},
		{"empty file", func(v *village, _ *Options) { v.areas = nil }, []string{"areas.csv", "none of its 0 rows"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			good := makeVillage().options(t, 50)
			before, err := Run(t.Context(), good)
			if err != nil {
				t.Fatal(err)
			}
			v := makeVillage()
			o := v.options(t, 50)
			c.spoil(&v, &o)
			for i := range o.Inputs { // rows may have been replaced
				rows := map[engine.Kind][][]any{engine.KindStreets: v.streets, engine.KindAddresses: v.addresses, engine.KindAreas: v.areas,
					engine.KindResults: v.results, engine.KindCensusAreas: v.censusAreas, engine.KindCensus: v.census}[o.Inputs[i].Kind]
				o.Inputs[i].Source = rowSource{o.Inputs[i].Kind, rows, 50}
			}
			o.Workspace = good.Workspace
			_, err = Run(t.Context(), o)
			if err == nil {
				t.Fatal("the build must be refused")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than a sentence: %q", err)
			}
			if now, err := good.Workspace.Current(); err != nil || now != before.ID {
				t.Errorf("current snapshot is %s, was %s (%v)", now, before.ID, err)
			}
			if left, _ := filepath.Glob(filepath.Join(good.Workspace.Dir, "snapshots", ".building-*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// Stray positions are left out and counted while they are few.
func TestAStrayAddressIsLeftOut(t *testing.T) {
	v := makeVillage()
	v.addresses[10][7], v.addresses[10][8] = v.addresses[10][8], v.addresses[10][7]
	_, report := mustRun(t, v.options(t, 50))
	file := report.Files[1]
	if file.Rejected != 1 || len(file.Reasons) != 1 || file.Reasons[0].Reason != "more than 5 km from every street" || file.Reasons[0].Lines[0] != 11 {
		t.Errorf("file %+v", file)
	}
	if report.Placing.Addresses != 67 || report.Placing.MaxSegmentOffM > 100 || report.Divisions[0].ByArea != 67 {
		t.Errorf("placing %+v, divisions %+v", report.Placing, report.Divisions)
	}
}

// A census that finds nobody where all voters of a precinct live does not make the precinct empty.
func TestACensusOfNobodyIsTakenForUnknown(t *testing.T) {
	v := makeVillage()
	v.census[0][3] = 0.0
	s, report := mustRun(t, v.options(t, 50))
	want := []engine.Tally{{Name: engine.DescribeHouseholds(engine.HouseholdsByCensus), Count: 34}, {Name: engine.DescribeHouseholds(engine.HouseholdsByDeserted), Count: 34}}
	if !slices.Equal(report.Placing.HouseholdsFrom, want) {
		t.Errorf("households from %v, want %v", report.Placing.HouseholdsFrom, want)
	}
	if want := 150/1.5 + 190/1.7; math.Abs(report.Placing.Households-want) > 1e-9 {
		t.Errorf("%g households, want %g", report.Placing.Households, want)
	}
	checked, err := Check(t.Context(), s)
	if err != nil || len(checked.Differences) > 0 {
		t.Errorf("%v, %v", checked.Differences, err)
	}

	v.census[0][3], v.census[1][3] = 0.0, 190.0
	v.censusAreas[0][5] = box(-300, 0, 0, 300) // nobody in the north-west; the south-west has no census
	_, report = mustRun(t, v.options(t, 50))
	want = []engine.Tally{{Name: engine.DescribeHouseholds(engine.HouseholdsByCensus), Count: 34 + 17}, {Name: engine.DescribeHouseholds(engine.HouseholdsByRegistered), Count: 17}}
	if !slices.Equal(report.Placing.HouseholdsFrom, want) {
		t.Errorf("households from %v, want %v: part of a precinct may be empty", report.Placing.HouseholdsFrom, want)
	}
}

// The report compares registered voters with the electors that the areas' publisher states.
func TestElectorsOfTheAreas(t *testing.T) {
	v := makeVillage()
	v.areas[0][5], v.areas[1][5] = int64(120), int64(143) // 150 and 143 are registered
	_, report := mustRun(t, v.options(t, 50))
	if c := report.Contests[0]; c.ElectorsCompared != 2 || c.ElectorsMedianOff != 0.25 {
		t.Errorf("%d compared, median %g; want 2, 0.25 (of 0 and 0.25 the upper)", c.ElectorsCompared, c.ElectorsMedianOff)
	}
	v.areas[0][5], v.areas[1][5] = nil, nil
	_, report = mustRun(t, v.options(t, 50))
	if c := report.Contests[0]; c.ElectorsCompared != 0 || c.ElectorsMedianOff != 0 {
		t.Errorf("%d compared, median %g; no area states its electors", c.ElectorsCompared, c.ElectorsMedianOff)
	}
}

func TestAWorkspaceThatIsAFile(t *testing.T) {
	o := makeVillage().options(t, 50)
	if err := os.WriteFile(o.Workspace.Dir, []byte("not a folder"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "choose another with --workspace") {
		t.Errorf("%v", err)
	}
}

func TestWhatRowsAreCalled(t *testing.T) {
	m := &material{files: []sourceFile{
		{path: "areas.geojson", report: &engine.FileReport{Counted: "feature"}}, {path: "streets.osm.pbf", report: &engine.FileReport{Counted: "way"}}, {path: "votes.csv.gz", report: &engine.FileReport{}},
	}}
	for file, want := range []string{"areas.geojson feature 4", "streets.osm.pbf way 4", "votes.csv.gz line 4"} {
		if got := m.row(fileRow{int32(file), 4}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	err := m.twice("precinct", "19-1", fileRow{0, 2}, fileRow{0, 5})
	if want := "build: areas.geojson feature 5: precinct 19-1 is there twice (first on feature 2): remove one of the two"; err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
}

func TestOneBuildAtATime(t *testing.T) {
	o := makeVillage().options(t, 50)
	_, release, err := o.Workspace.Begin("1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "another build") {
		t.Errorf("a second build must be refused: %v", err)
	}
	release()
	if _, err := Run(t.Context(), o); err != nil {
		t.Error(err)
	}
}

// A precinct that no area is known of keeps its voters: at segment 0 and cell 0, in every sum, never drawn.
func TestWhatHasNoPlaceStaysInEverySum(t *testing.T) {
	v := makeVillage()
	for _, c := range []struct {
		choice string
		votes  int64
	}{{"jardins", 11}, {"moulins", 12}, {"ponts", 3}} {
		v.results = append(v.results, []any{int64(len(v.results) + 2), "99001", "9", "9", "Municipales 2026", nil, int32(1), int64(60), int64(28), int64(1), int64(1), nil, c.choice, c.choice, nil, c.votes})
	}
	o := v.options(t, 50)
	o.Parameters.UnmatchedPrecinct = 0.5
	s, report := mustRun(t, o)
	c := report.Contests[0]
	if c.NonTerritorial != 60 || len(c.NoArea) != 1 || c.NoArea[0] != "9" || c.Registered != 353 {
		t.Errorf("report %+v", c)
	}
	unplaced := map[string]int64{}
	total := map[string]int64{}
	err := s.ReadTable(t.Context(), engine.Estimates, memory.NewGoAllocator(), func(r engine.Rows) error {
		for i := range r.Len() {
			unit := r.Texts("unit").Value(i)
			if r.Ints("unit_id").Value(i) == 0 {
				unplaced[unit] += r.Ints("votes").Value(i)
			}
			total[unit] += r.Ints("votes").Value(i)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if unplaced["segment"] != 60 || unplaced["cell"] != 60 || len(unplaced) != 2 {
		t.Errorf("without a place %v, want 60 at segment 0 and at cell 0", unplaced)
	}
	if total["segment"] != 353 || total["precinct"] != 353 || total["commune"] != 353 {
		t.Errorf("totals %v, want 353", total)
	}
	checked, err := Check(t.Context(), s)
	if err != nil || len(checked.Differences) > 0 {
		t.Errorf("%v, %v", checked.Differences, err)
	}
}

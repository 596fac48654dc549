package build

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
)

// withNewDivision gives the village a second division "new", cut from south to north: precinct 1 is what lies north of y, 3 what lies south.
func withNewDivision(t *testing.T, y float64) Options {
	t.Helper()
	v := makeVillage()
	o := v.options(t, 20)
	o.add(t, engine.KindAreas, [][]any{
		{int64(1), "99001", "1", "new 1", "", nil, box(-300, y, 300, 300)},
		{int64(2), "99001", "3", "new 3", "", nil, box(-300, -300, 300, y)},
	}, engine.SourceSpec{Division: "new"})
	o.Inputs[3].Spec.Crosswalk = "new"
	return o
}

func TestCrosswalkThroughAddresses(t *testing.T) {
	s, report := mustRun(t, withNewDivision(t, 0))
	mustCheck(t, s)
	// Each precinct has 34 houses, 17 on either side of Rue Haute and its prolongation: half goes to each.
	code := map[string]string{"0": "nowhere"}
	for _, line := range lines(t, s, engine.Precincts, "precinct_id", "division", "code") {
		id, name, _ := strings.Cut(line, " ")
		code[id] = name
	}
	var got []string
	for _, line := range lines(t, s, engine.Crosswalks, "from_precinct_id", "to_precinct_id", "from_division", "to_division", "addresses", "part") {
		f := strings.Fields(line)
		got = append(got, fmt.Sprint(code[f[0]], " > ", code[f[1]], " ", f[4], " ", f[5]))
	}
	slices.Sort(got)
	want := []string{"2026 1 > new new 1 17 0.5", "2026 1 > new new 3 17 0.5", "2026 2 > new new 1 17 0.5", "2026 2 > new new 3 17 0.5"}
	if len(got) != 4 {
		t.Fatalf("%q", got)
	}
	for i := range got {
		var from, to string
		var n, part float64
		g := strings.Split(got[i], " ")
		from, to = strings.Join(g[:2], " "), strings.Join(g[3:6], " ")
		if _, err := fmt.Sscan(g[6], &n); err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Sscan(g[7], &part); err != nil {
			t.Fatal(err)
		}
		if line := fmt.Sprintf("%s > %s %g %.6g", from, to, n, part); line != want[i] {
			t.Errorf("%q, want %q", line, want[i])
		}
	}
	r := report.Crosswalks[0]
	if r.From != "2026" || r.To != "new" || r.Precincts != 2 || r.Whole != 0 || math.Abs(r.MeanLargestPart-0.5) > 1e-9 || r.NowhereElse != 0 || r.HouseholdsWithout != 0 {
		t.Errorf("%+v", r)
	}
	// Station 1 is in both; half of it is on the same ground, so that it is not told apart.
	if len(r.SameNumberApart) != 0 {
		t.Errorf("%v", r.SameNumberApart)
	}
	mustCross(t, s, 2)
}

// mustCross compares the crossed votes with the official ones: each choice adds up.
func mustCross(t *testing.T, s *engine.Snapshot, precincts int) {
	t.Helper()
	sum := func(table engine.Table) map[string]int64 {
		of := map[string]int64{}
		for _, line := range lines(t, s, table, "contest", "choice", "votes") {
			f := strings.Fields(line)
			var votes int64
			if _, err := fmt.Sscan(f[2], &votes); err != nil {
				t.Fatal(err)
			}
			if votes < 0 {
				t.Errorf("%s", line)
			}
			of[f[0]+" "+f[1]] += votes
		}
		return of
	}
	official, crossed := sum(engine.Results), sum(engine.CrosswalkResults)
	if len(official) == 0 || fmt.Sprint(official) != fmt.Sprint(crossed) {
		t.Errorf("%v on the other division, %v officially", crossed, official)
	}
	to := lines(t, s, engine.CrosswalkResults, "precinct_id")
	if slices.Sort(to); len(slices.Compact(to)) != precincts {
		t.Errorf("precincts %v, want %d", to, precincts)
	}
}

// A number that is in both divisions and stands for other ground is told.
func TestCrosswalkOfTheSameNumberOnOtherGround(t *testing.T) {
	o := withNewDivision(t, 100) // north of it are 5 of the 34 houses of each precinct on Rue Basse alone
	s, report := mustRun(t, o)
	r := report.Crosswalks[0]
	if len(r.SameNumberApart) != 1 || r.SameNumberApart[0] != "1" || r.Whole != 0 || r.MeanLargestPart < 0.8 {
		t.Errorf("%+v", r)
	}
	mustCross(t, s, 2)
}

// A precinct without an address in the other division keeps its votes, without a place.
func TestCrosswalkOfWhatHasNoPlace(t *testing.T) {
	v := makeVillage()
	o := v.options(t, 20)
	o.add(t, engine.KindAreas, [][]any{{int64(1), "99001", "1", "new 1", "", nil, box(-300, -300, 0, 300)}}, engine.SourceSpec{Division: "new"})
	o.Inputs[3].Spec.Crosswalk = "new"
	o.Parameters.NearestPrecinctM, o.Parameters.UnmatchedPrecinct = 0, 0.6
	s, report := mustRun(t, o)
	mustCheck(t, s)
	r := report.Crosswalks[0]
	if r.Precincts != 2 || r.NowhereElse != 1 || r.Whole != 1 || r.MeanLargestPart != 1 || math.Abs(r.HouseholdsWithout-190/1.7) > 1e-9 {
		t.Errorf("%+v", r)
	}
	mustCross(t, s, 2) // precinct 1, and 0 for no place
}

func TestCrosswalksThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(o *Options)
		want  string
	}{
		"no areas of the other": {func(o *Options) { o.Inputs[3].Spec.Crosswalk = "2008" }, "village.yaml line 6: a crosswalk from division 2026 to 2008 needs areas or a register of both, and there are none of 2008"},
		"no areas of its own":   {func(o *Options) { o.Inputs[3].Spec.Division = "2008" }, "there are none of 2008"},
		"to itself":             {func(o *Options) { o.Inputs[3].Spec.Crosswalk = "2026" }, "is the division of the results themselves"},
		"for areas":             {func(o *Options) { o.Inputs[2].Spec.Crosswalk = "new" }, "areas takes no contest:, name:, date:, status:, crosswalk:"},
	} {
		o := withNewDivision(t, 0)
		c.spoil(&o)
		if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A changed part or vote of a crosswalk is found out.
func TestCheckOfCrosswalks(t *testing.T) {
	for _, c := range []struct {
		table  engine.Table
		column string
		want   string
	}{
		{engine.Crosswalks, "part", "add up to"},
		{engine.CrosswalkResults, "votes", "on the precincts of division new"},
	} {
		s, _ := mustRun(t, withNewDivision(t, 0))
		change(t, s, c.table, c.column, 1)
		mustDiffer(t, s, c.want)
	}
}

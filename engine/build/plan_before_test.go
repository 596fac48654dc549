package build

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
)

// after makes the next build of a village in the workspace of another.
func (v village) after(t *testing.T, o Options) Options {
	t.Helper()
	next := v.options(t, 50)
	next.Workspace = o.Workspace
	for i, in := range next.Inputs { // other rows are another file
		path := filepath.Join(filepath.Dir(next.Place.File), in.Spec.Dataset+".csv")
		if err := os.WriteFile(path, []byte(strings.Repeat(".", len(in.Source.(rowSource).rows))), 0o644); err != nil {
			t.Fatal(err)
		}
		next.Inputs[i].Path = path
	}
	return next
}

// without is a village that has lost its last address.
func (v village) without() village {
	v.addresses = v.addresses[:len(v.addresses)-1]
	return v
}

// What was built before of the same files is the same snapshot again, whichever came between and whichever is gone.
func TestAPlanIsHeededTheSameWayAgain(t *testing.T) {
	v := makeVillage()
	o := v.options(t, 50)
	first, _ := mustRun(t, o)
	second, _ := mustRun(t, v.without().after(t, o))
	before := second.Manifest.Before
	if first.Manifest.Before != nil || before == nil || before.Snapshot != first.Manifest.ID || len(before.Divisions) != 1 || before.Divisions[0] != "2026" {
		t.Fatalf("the second snapshot comes after %+v, and the first is %s", before, first.Manifest.ID)
	}
	manifest := func(s *engine.Snapshot) string {
		content, err := os.ReadFile(filepath.Join(s.Dir, engine.ManifestFile))
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	want := manifest(second)
	third, _ := mustRun(t, v.without().without().after(t, o))
	if again, _ := mustRun(t, v.without().after(t, o)); again.Manifest.ID != second.Manifest.ID || third.Manifest.Before.Snapshot != second.Manifest.ID {
		t.Errorf("built again it is %s, want %s; the third comes after %s", again.Manifest.ID, second.Manifest.ID, third.Manifest.Before.Snapshot)
	}
	if again, _ := mustRun(t, o); again.Manifest.ID != first.Manifest.ID {
		t.Errorf("the first is built again as %s", again.Manifest.ID)
	}
	mustRun(t, v.without().after(t, o)) // it is the current one again, so that the first can be removed
	if err := o.Workspace.Remove(first.Manifest.ID); err != nil {
		t.Fatal(err)
	}
	// Damaged, it is built again from its files and the plan that it holds.
	if err := os.Truncate(second.Path(engine.Votes), 10); err != nil {
		t.Fatal(err)
	}
	if again, _ := mustRun(t, v.without().after(t, o)); manifest(again) != want {
		t.Error("once the first is removed, the second is another")
	}
	// Without that plan it cannot be.
	if err := os.Truncate(second.Path(engine.PlanBefore), 10); err != nil {
		t.Fatal(err)
	}
	if _, err := Run(t.Context(), v.without().after(t, o)); err == nil || !strings.Contains(err.Error(), "--anew") {
		t.Errorf("the plan that it heeds is damaged: %v", err)
	}
	anew := v.without().after(t, o)
	anew.Anew = true
	if s, _ := mustRun(t, anew); s.Manifest.Before != nil {
		t.Error("a build that begins anew heeds a plan")
	}
}

// A new street cuts Rue Haute: of what stood there as one segment its parts are not told.
func TestPartsOfAStreetThatIsCutAreWithheld(t *testing.T) {
	whole, cut := makeVillage(), makeVillage()
	cut.streets = append(cut.streets, []any{int64(3), "3", "Rue Neuve", "99001", geometry(orb.LineString{degrees(-100, -50), degrees(-100, 50)})})
	o := whole.options(t, 50)
	first, _ := mustRun(t, o)
	known := map[int64]bool{}
	for key := range statesOf(t, first) {
		known[key.id] = true
	}
	parts := func(s *engine.Snapshot) (published, withheld int) {
		for key, state := range statesOf(t, s) {
			switch {
			case known[key.id] || planUnits[key.unit] != engine.UnitSegment:
			case state == engine.Published:
				published++
			case state == engine.Suppressed:
				withheld++
			}
		}
		return published, withheld
	}
	anew := cut.after(t, o)
	anew.Workspace = engine.Workspace{Dir: filepath.Join(t.TempDir(), "ws")}
	apart, _ := mustRun(t, anew)
	if published, _ := parts(apart); published == 0 {
		t.Fatal("by itself the cut street has no part that is published: the test shows nothing")
	}
	second, report := mustRun(t, cut.after(t, o))
	if published, withheld := parts(second); published > 0 || withheld < 2 {
		t.Errorf("of the parts of a street that was whole %d are published, %d suppressed", published, withheld)
	}
	if of := report.Publication[len(report.Publication)-1]; of.Earlier < 1 || of.HouseholdsEarlier < 11 {
		t.Errorf("the report has %d segments of %.0f households suppressed for the sake of the snapshot before", of.Earlier, of.HouseholdsEarlier)
	}
}

// After a snapshot with a higher threshold, one with the lowest publishes no unit that was suppressed, whatever kind it is of.
func TestWhatWasSuppressedStaysSo(t *testing.T) {
	o := makeVillage().options(t, 50)
	lowest, _ := mustRun(t, o)
	high := makeVillage().options(t, 50)
	high.Parameters.K = 150
	first, _ := mustRun(t, high)
	o.Workspace = high.Workspace
	second, _ := mustRun(t, o)
	before, alone, now := statesOf(t, first), statesOf(t, lowest), statesOf(t, second)
	could := map[engine.Unit]int{}
	for key, state := range before {
		if state == engine.Suppressed && alone[key] == engine.Published {
			could[planUnits[key.unit]]++
		}
		if state == engine.Suppressed && now[key] != engine.Suppressed {
			t.Errorf("%s %d was suppressed and is %s", planUnits[key.unit], key.id, now[key])
		}
	}
	for _, unit := range []engine.Unit{engine.UnitSegment, engine.UnitCell, engine.UnitPrecinct} {
		if could[unit] == 0 {
			t.Errorf("no %s could be published: the test shows nothing of them", unit)
		}
	}
}

// statesOf reads the plan of a snapshot.
func statesOf(t *testing.T, s *engine.Snapshot) map[planKey]engine.State {
	t.Helper()
	states := map[planKey]engine.State{}
	plan, err := readPlan(t.Context(), s, engine.Plan, engine.ManifestBefore{}, memory.NewGoAllocator())
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range plan.rows {
		states[row.planKey] = row.state
	}
	return states
}

// A plan that does not heed the one before it is found.
func TestCheckFindsWhatThePlanBeforeSuppressed(t *testing.T) {
	v := makeVillage()
	o := v.options(t, 50)
	mustRun(t, o)
	s, _ := mustRun(t, v.without().after(t, o))
	rewriteText(t, s, engine.PlanBefore, "state", func(string) string { return string(engine.Suppressed) })
	checked, err := Check(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if all := strings.Join(checked.Differences, "\n"); !strings.Contains(all, "is published, and the snapshot before suppressed it") {
		t.Errorf("what was suppressed and is published is not named in:\n%s", all)
	}
}

// Stretches are joined once.
func TestStretchesStayAsTheyWere(t *testing.T) {
	for _, c := range []struct{ name, before, after, want string }{
		{"what was joined stays so, though it has enough now", `
			a Haute 1-2 30
			b Haute 2-3 5`, `
			a Haute 1-2 30
			b Haute 2-3 50`, "a<b"},
		{"what stood alone stays alone, though it is short now", `
			a Haute 1-2 30
			b Haute 2-3 11`, `
			a Haute 1-2 30
			b Haute 2-3 10`, ""},
		{"where nobody lived, nobody joins what was there", `
			a Haute 1-2 30
			b Haute 2-3 0`, `
			a Haute 1-2 30
			b Haute 2-3 5`, ""},
		{"new segments join one another", `
			a Haute 1-2 30
			b Haute 2-3 0`, `
			a Haute 1-2 30
			b Haute 2-3 5
			c Haute 3-4 20`, "c<b"},
		{"without its lead a stretch has another", `
			a Haute 1-2 5
			b Haute 2-3 30
			c Haute 3-4 6`, `
			a Haute 1-2 5
			c Haute 3-4 6`, "c<a"},
	} {
		id := func(name string) int64 { return int64(name[0]) }
		names, segments, atoms := drawnStreets(t, c.before)
		joinSegments(segments, atoms, 11, nil)
		before := &planBefore{}
		for i, s := range segments {
			kind, _ := planUnitOf(engine.UnitSegment)
			before.rows = append(before.rows, planRow{planKey{kind, id(names[i])}, id(names[s.lead]), s.homes > 0, engine.Published})
		}
		before.rows.sort()
		names, segments, atoms = drawnStreets(t, c.after)
		for i := range segments {
			segments[i].id = id(names[i])
		}
		joinSegments(segments, atoms, 11, before)
		if got := stretchesOf(names, segments); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

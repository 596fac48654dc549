package build

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/arpent/arpent/engine"
)

// outlookOf is that of a place with 3 MB of addresses, 1 MB of streets and a result of 1 MB.
func outlookOf(t *testing.T, rates map[string]float64, here bool) (*outlook, time.Time) {
	t.Helper()
	var o Options
	dir, began := t.TempDir(), time.Unix(0, 0)
	for _, f := range []struct {
		name string
		kind engine.Kind
		size int64
	}{{"addresses.csv", engine.KindAddresses, 3e6}, {"streets.csv", engine.KindStreets, 1e6}, {"t1.csv", engine.KindResults, 1e6}} {
		path := filepath.Join(dir, f.name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, f.size); err != nil {
			t.Fatal(err)
		}
		in := engine.Input{Kind: f.kind, Path: path}
		if f.kind == engine.KindResults {
			in.Spec.Contest = "2022_t1"
		}
		o.Inputs = append(o.Inputs, in)
	}
	l := newOutlook(o, began)
	l.here = here
	for i := range l.stages {
		l.stages[i].seconds = rates[l.stages[i].kind] * float64(l.stages[i].bytes)
	}
	return l, began
}

func TestStagesAreWhatABuildSaysItDoes(t *testing.T) {
	o := makeVillage().options(t, 5)
	var heard, expected []string
	o.Progress = func(stage string, _, _ int64) {
		if len(heard) == 0 || heard[len(heard)-1] != stage {
			heard = append(heard, stage)
		}
	}
	for _, s := range stagesOf(o.Inputs) {
		if len(expected) == 0 || expected[len(expected)-1] != s.name {
			expected = append(expected, s.name)
		}
	}
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(heard, expected) {
		t.Errorf("the build went through\n%q\nexpected were\n%q", heard, expected)
	}
	for _, s := range stagesOf(o.Inputs) {
		if _, ok := assumed[s.kind]; !ok {
			t.Errorf("nothing is assumed of %s", s.kind)
		}
	}
}

// What a build took is what the next expects.
func TestTheNextBuildKnowsHowLong(t *testing.T) {
	o := makeVillage().options(t, 5)
	var lefts []time.Duration
	o.Left = func(left time.Duration) { lefts = append(lefts, left) }
	for range 2 {
		lefts = nil
		if _, err := Run(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	s, err := o.Workspace.OpenCurrent()
	if err != nil {
		t.Fatal(err)
	}
	built, err := ReadBuilt(s)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, took := range built.Stages {
		sum += took.Seconds
	}
	if sum <= 0 || sum > built.Seconds {
		t.Errorf("the stages took %v s, all %v s", sum, built.Seconds)
	}
	if len(lefts) == 0 || math.Abs(lefts[0].Seconds()-sum) > 1e-6 {
		t.Errorf("the second build begins with %v left, the first took %v s", lefts[:min(1, len(lefts))], sum)
	}
}

func TestLeftByMeasuredRates(t *testing.T) {
	rates := map[string]float64{"read addresses": 10e-6, "read streets": 10e-6, stageEstimate: 12e-6} // 30 s, 10 s, 60 s
	l, began := outlookOf(t, rates, true)
	var left time.Duration
	l.left = func(d time.Duration) { left = d }
	for _, c := range []struct {
		after       float64 // seconds
		stage       string
		done, total int64
		want        float64
	}{
		{0, "read addresses.csv", 0, 0, 100},
		{3, "read addresses.csv", 1, 10, 97},
		{30, "read addresses.csv", 10, 10, 70},
		{30, stageSortAddresses, 0, 0, 70},
		{30, "read streets.csv", 0, 10, 70},
		{50, "read streets.csv", 10, 10, 75}, // half as fast as expected: all that remains is
		{50, "something new", 0, 0, 75},
		{50, stageEstimate, 0, 0, 75},
		{80, stageEstimate, 0, 0, 80 * 30. / 70}, // as long as it is expected to take half of it is over
		{110, stageEstimate, 60, 60, 0},
	} {
		l.take(c.stage, c.done, c.total, began.Add(time.Duration(c.after*1e9)))
		if math.Abs(left.Seconds()-c.want) > 0.01 {
			t.Errorf("after %v s, at %d of %d of %q: %v left, want %v s", c.after, c.done, c.total, c.stage, left, c.want)
		}
	}
}

func TestLeftByAssumedSharesIsSaidOnceSomethingIsKnown(t *testing.T) {
	l, began := outlookOf(t, map[string]float64{"read addresses": 10, stageEstimate: 4}, false) // 30 of 50 parts
	var left []time.Duration
	l.left = func(d time.Duration) { left = append(left, d) }
	l.take("read addresses.csv", 1, 1000, began.Add(time.Minute))
	l.take("read addresses.csv", 900, 1000, began.Add(time.Second))
	if len(left) == 1 && left[0] > time.Second || len(left) > 1 {
		t.Errorf("said too early: %v", left)
	}
	l.take("read addresses.csv", 500, 1000, began.Add(30*time.Second))
	if len(left) == 0 || left[len(left)-1] != 70*time.Second {
		t.Errorf("said %v, want 70 s: 15 of 50 parts took 30 s", left)
	}
}

func TestKindsThatWereNotThereAreAssumed(t *testing.T) {
	got := rates([]StageTook{{stageWrite, 4 * assumed[stageWrite], 2}, {stageCheck, 4 * assumed[stageCheck], 2}})
	if got[stageWrite] != 2*assumed[stageWrite] || math.Abs(got[stageCut]/assumed[stageCut]-2) > 1e-9 {
		t.Errorf("on a machine half as fast: write %v, cut %v", got[stageWrite]/assumed[stageWrite], got[stageCut]/assumed[stageCut])
	}
}

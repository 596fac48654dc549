package storetest

import (
	"errors"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
)

// inChild says to TestInChild which tests of the contract a store is put to.
const (
	inChild   = "ARPENT_STORETEST"
	allTests  = "all"
	thatFinds = "the one that finds the fault"
)

const noFault = "no fault"

// TestInChild is run by the tests below in another process, where a test may fail as it should. It has a test for each fault and one for the good store.
func TestInChild(t *testing.T) {
	tests := os.Getenv(inChild)
	if tests == "" {
		t.Skip("the other tests run it in a process of its own")
	}
	for _, f := range append(faults(), fault{name: noFault}) {
		t.Run(f.name, func(t *testing.T) {
			if tests == allTests {
				Run(t, f.opener())
				return
			}
			for _, c := range contract() {
				if c.name == f.foundBy {
					t.Run(c.name, func(t *testing.T) { c.test(t, f.opener()) })
				}
			}
		})
	}
}

// opener opens stores with the fault.
func (f fault) opener() Opener {
	stores := map[string]*Memory{}
	return func(_ *testing.T, dir string) engine.Store {
		if stores[dir] == nil {
			stores[dir] = &Memory{}
		}
		if f.open != nil {
			f.open(stores[dir])
		}
		return badStore{stores[dir], f}
	}
}

// child runs TestInChild, or what of it is below a name, and gives what it printed and whether it passed.
func child(t *testing.T, tests, name string, flags ...string) (printed string, passed bool) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	pattern := "^TestInChild$"
	if name != "" {
		pattern += "/^" + regexp.QuoteMeta(name) + "$"
	}
	// Nothing is left behind, and no time is spent on smaller examples.
	flags = append([]string{"-test.run=" + pattern, "-test.v", "-test.timeout=60s", "-rapid.nofailfile", "-rapid.shrinktime=0s"}, flags...)
	run := exec.CommandContext(t.Context(), program, flags...)
	run.Env = append(os.Environ(), inChild+"="+tests)
	output, err := run.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(output), err == nil
}

// says tells whether a test of the contract passed or failed in a child by what this printed.
func says(printed, outcome, fault, test string) bool {
	return strings.Contains(printed, "--- "+outcome+": TestInChild/"+strings.ReplaceAll(fault+"/"+test, " ", "_")+" (")
}

// The store that the bad ones are made of is a good one: there is nothing else that they fail of.
func TestTheGoodStorePasses(t *testing.T) {
	t.Parallel()
	printed, passed := child(t, allTests, noFault)
	if !passed {
		t.Errorf("the process fails:\n%s", printed)
	}
	for _, c := range contract() {
		if !says(printed, "PASS", noFault, c.name) {
			t.Errorf("%q does not pass", c.name)
		}
	}
	if !regexp.MustCompile(`-rapid\.seed=[1-9]\d*\n`).MatchString(printed) {
		t.Errorf("the seed of the histories is not said:\n%s", printed)
	}
}

// A store that loses a return, keeps one twice or takes the day for that of UTC fails the process that puts it to the contract.
func TestABadStoreFailsTheProcess(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"the last return of a commit is lost", "the first return of a commit is kept twice", "the day is the next one", "the day is that of UTC",
	} {
		printed, passed := child(t, allTests, name, "-test.failfast")
		if passed || !says(printed, "FAIL", name, everyFieldTest) {
			t.Errorf("%s, and the process fails: %v\n%s", name, !passed, printed)
		}
	}
}

// Every fault is found by its test. The seed keeps this test from finding one by luck on one day and not on another.
func TestEveryFaultIsFound(t *testing.T) {
	t.Parallel()
	printed, _ := child(t, thatFinds, "", "-rapid.seed=1")
	for _, f := range faults() {
		if !says(printed, "FAIL", f.name, f.foundBy) {
			t.Errorf("%s, and %q does not fail", f.name, f.foundBy)
		}
	}
	if end := printed[max(0, len(printed)-2_000):]; strings.Contains(end, "panic: ") {
		t.Errorf("not all faults were tried:\n%s", end)
	}
}

// A test that finds no fault says nothing.
func TestEveryTestFindsAFault(t *testing.T) {
	all := faults()
	for _, c := range contract() {
		if !slices.ContainsFunc(all, func(f fault) bool { return f.foundBy == c.name }) {
			t.Errorf("no fault is found by %q", c.name)
		}
	}
}

// The seed that stands in the output of a failure brings it again.
func TestTheSeedBringsTheFailureAgain(t *testing.T) {
	t.Parallel()
	const fault = "a selection has no Canvasser"
	failure := regexp.MustCompile(`failed after \d+ tests: [^\n]*`)
	first, _ := child(t, thatFinds, fault)
	seed := regexp.MustCompile(`-rapid\.seed=([1-9]\d*)\n`).FindStringSubmatch(first)
	if seed == nil || !says(first, "FAIL", fault, anyHistoryTest) {
		t.Fatalf("no failure with a seed:\n%s", first)
	}
	again, _ := child(t, thatFinds, fault, "-rapid.seed="+seed[1])
	if a, b := failure.FindString(first), failure.FindString(again); a == "" || a != b {
		t.Errorf("with the seed %s: %q, and again: %q", seed[1], a, b)
	}
}

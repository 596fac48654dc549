package build

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/arpent/arpent/engine"
)

// outlook says how long a build will go on: it knows the stages that are to come, and weighs each by what stages of its kind took for
// the bytes of their inputs when a snapshot of this workspace was last built on this machine; else by what they took in a seeded city, as
// parts of a whole.
type outlook struct {
	stages []stage
	hear   Progress            // may be nil
	left   func(time.Duration) // may be nil
	rates  map[string]float64  // by kind of stage: seconds a byte, or what compares like them
	here   bool                // they were measured on this machine

	running    int // index in stages of the one that runs or ran last; -1 before the first
	name       string
	began      time.Time
	stageBegan time.Time
	done       float64 // seconds that the stages which ended were expected to take
}

// stage is a part of a build that progress hears of by its name.
type stage struct {
	name    string
	kind    string // of a file: what is read; of a contest: what is done
	bytes   int64  // of the inputs that it works on
	seconds float64
	passed  bool // it is not done again
}

// StageTook is what the stages of a kind took in a build.
type StageTook struct {
	Stage   string  `json:"stage"`
	Seconds float64 `json:"seconds"`
	Bytes   int64   `json:"bytes"` // of the inputs that they worked on, as often as they did
}

// Names of stages.
const (
	stageSortAddresses = "sort addresses"
	stageSort          = "sort rows"
	stageReconcile     = "reconcile results"
	stageCut           = "cut streets"
	stagePlace         = "place addresses"
	stagePrecincts     = "place in precincts"
	stageDistricts     = "place in districts"
	stageParts         = "lay out parts"
	stageWritePlaces   = "write places"
	stageEstimate      = "estimate"
	stageMeasure       = "measure" // and the contest
	stageSettle        = "settle what may be published"
	stageWrite         = "write"
	stageCheck         = "check"
)

// assumed are nanoseconds a byte by kind of stage, between those of the seeded metropolis (270,000 addresses) and of the seeded country. Only how they
// compare counts.
var assumed = map[string]float64{
	"read addresses": 40, "read areas": 19, "read streets": 14, "read register": 46, "read results": 9, "read districts": 9,
	"read census-areas": 22, "read census": 45, "read canvass": 46,
	stageSortAddresses: 6.2, stageSort: 6.9, stageCut: 12, stageReconcile: 1, stagePlace: 18, stagePrecincts: 13, stageDistricts: 0.1,
	stageParts: 14, stageWritePlaces: 40, stageEstimate: 130, stageMeasure: 14, stageSettle: 2, stageWrite: 74, stageCheck: 30,
}

// stagesOf lists the stages of a build, in their order.
func stagesOf(inputs []engine.Input) []stage {
	var stages []stage
	var all int64
	var contests []string
	for _, kind := range engine.Kinds() {
		if kind == engine.KindStreets { // addresses and areas are read
			stages = append(stages, stage{name: stageSortAddresses, kind: stageSortAddresses})
		}
		for _, in := range inputs {
			if in.Kind != kind {
				continue
			}
			bytes := bytesOnDisk(in.Path)
			all += bytes
			stages = append(stages, stage{name: stageRead(in.Path), kind: "read " + string(kind), bytes: bytes})
			if contest := string(in.Spec.Contest); kind == engine.KindResults && !slices.Contains(contests, contest) {
				contests = append(contests, contest)
			}
		}
	}
	for _, name := range []string{stageSort, stageCut, stageReconcile, stagePlace, stagePrecincts, stageDistricts, stageParts, stageWritePlaces, stageEstimate} {
		stages = append(stages, stage{name: name, kind: name})
	}
	slices.Sort(contests)
	for _, contest := range contests {
		stages = append(stages, stage{name: stageMeasure + " " + contest, kind: stageMeasure})
	}
	for _, name := range []string{stageSettle, stageWrite, stageCheck} {
		stages = append(stages, stage{name: name, kind: name})
	}
	for i := range stages {
		if stages[i].bytes == 0 {
			stages[i].bytes = all
		}
	}
	return stages
}

func stageRead(path string) string { return "read " + filepath.Base(path) }

// bytesOnDisk is the size of a file; of one in an archive, that of the archive.
func bytesOnDisk(path string) int64 {
	for ; ; path = filepath.Dir(path) {
		info, err := os.Stat(path)
		switch {
		case err == nil && !info.IsDir():
			return info.Size()
		case err == nil || path == filepath.Dir(path):
			return 0 // reading will say what is wrong
		}
	}
}

func newOutlook(o Options, now time.Time) *outlook {
	l := &outlook{stages: stagesOf(o.Inputs), hear: o.Progress, left: o.Left, running: -1, began: now, rates: assumed}
	if took := lastTook(o.Workspace); len(took) > 0 {
		l.rates, l.here = rates(took), true
	}
	for i := range l.stages {
		l.stages[i].seconds = l.rates[l.stages[i].kind] * float64(l.stages[i].bytes)
	}
	return l
}

// lastTook is what the stages took of the newest snapshot in the workspace that was built on this machine.
func lastTook(w engine.Workspace) []StageTook {
	list, err := w.List()
	host, hostErr := os.Hostname()
	if err != nil || hostErr != nil {
		return nil // the build will say what is wrong with the workspace
	}
	for _, l := range list {
		if l.Snapshot == nil {
			continue
		}
		if built, err := ReadBuilt(l.Snapshot); err == nil && built.Host == host && len(built.Stages) > 0 {
			return built.Stages
		}
	}
	return nil
}

// rates are the seconds a byte by kind of stage. Kinds that were not there are assumed, and are as much faster or slower as the others.
func rates(took []StageTook) map[string]float64 {
	measured, seconds, expected := map[string]float64{}, 0.0, 0.0
	for _, t := range took {
		if t.Bytes > 0 {
			measured[t.Stage] = t.Seconds / float64(t.Bytes)
			seconds, expected = seconds+t.Seconds, expected+assumed[t.Stage]*float64(t.Bytes)
		}
	}
	for kind, rate := range assumed {
		if _, ok := measured[kind]; !ok && expected > 0 {
			measured[kind] = rate * seconds / expected
		}
	}
	return measured
}

// pass takes stages off the list: what they make is there.
func (l *outlook) pass(is func(name string) bool) {
	for i := range l.stages {
		l.stages[i].passed = l.stages[i].passed || is(l.stages[i].name)
	}
}

// take notes the progress of a stage and passes it on, with what remains of the build where that can be said.
func (l *outlook) take(name string, done, total int64, now time.Time) {
	if name != l.name || l.running < 0 {
		l.end(now)
		l.name, l.stageBegan = name, now
		if next := slices.IndexFunc(l.stages[l.running+1:], func(s stage) bool { return s.name == name }); next >= 0 {
			for i := l.running + 1; i < l.running+1+next; i++ { // the build has none of what was expected
				l.stages[i].passed = true
			}
			l.running += 1 + next
		}
	}
	if left, ok := l.remains(done, total, now); ok && l.left != nil {
		l.left(left)
	}
	if l.hear != nil {
		l.hear(name, done, total)
	}
}

// end ends the stage that runs.
func (l *outlook) end(now time.Time) {
	if l.running < 0 || l.stages[l.running].name != l.name {
		return
	}
	s := &l.stages[l.running]
	l.done += s.seconds
	s.seconds = now.Sub(l.stageBegan).Seconds() // that it took
}

// Of a build whose rates were not measured here nothing is said before it has gone on for so long, and is so far.
const (
	leastElapsed = 5 * time.Second
	leastDone    = 0.05
)

// remains tells how long the build will go on; false where it cannot be said.
func (l *outlook) remains(done, total int64, now time.Time) (time.Duration, bool) {
	if l.running < 0 {
		return 0, false
	}
	elapsed, finished, left := now.Sub(l.began), l.done, 0.0
	for i, s := range l.stages[l.running:] {
		switch {
		case s.passed:
		case i > 0:
			left += s.seconds
		case s.name == l.name:
			part := 0.0
			if total > 0 {
				part = min(1, float64(done)/float64(total))
			} else if l.here && s.seconds > 0 {
				part = min(0.95, now.Sub(l.stageBegan).Seconds()/s.seconds)
			}
			finished, left = finished+part*s.seconds, left+(1-part)*s.seconds
		}
	}
	all := finished + left
	switch {
	case finished > 0.1*all, finished > leastDone*all && elapsed > leastElapsed && !l.here:
		return time.Duration(left / finished * float64(elapsed)), true // as fast as so far
	case l.here:
		return time.Duration(left * float64(time.Second)), true
	}
	return 0, false
}

// took is what the stages that were done took, by kind.
func (l *outlook) took() []StageTook {
	var all []StageTook
	for i, s := range l.stages {
		if s.passed || i > l.running {
			continue
		}
		at := slices.IndexFunc(all, func(t StageTook) bool { return t.Stage == s.kind })
		if at < 0 {
			at = len(all)
			all = append(all, StageTook{Stage: s.kind})
		}
		all[at].Seconds, all[at].Bytes = all[at].Seconds+s.seconds, all[at].Bytes+s.bytes
	}
	slices.SortStableFunc(all, func(a, b StageTook) int { return cmp.Compare(b.Seconds, a.Seconds) })
	return all
}

package build

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/arpent/arpent/engine"
)

// Checked is what Check found.
type Checked struct {
	Sums        int64    // how many sums were compared
	Differences []string // one sentence each, naming the place; empty where all hold. At most MaxDifferences are kept
	More        int64    // differences beyond those
}

// MaxDifferences bounds the list of differences.
const MaxDifferences = 100

// Check recomputes every sum of a snapshot from its atoms: official results, every unit's estimates, households, placements;
// and the files against the manifest. What cannot be read is a difference too, and Check goes on with what can be compared
// without it. An error means that ctx ended; what was found until then is given with it.
func Check(ctx context.Context, s *engine.Snapshot) (Checked, error) {
	return check(ctx, s, new(engine.Recycler), func(_, _ int64) {})
}

// check hears of the rows that were read, of all.
func check(ctx context.Context, s *engine.Snapshot, mem memory.Allocator, progress func(done, total int64)) (Checked, error) {
	c := &checker{ctx: ctx, snapshot: s, mem: mem, read: &rowsRead{progress: progress}}
	for _, t := range s.Manifest.Tables {
		c.read.all += t.Rows
	}
	// Files, places and votes are compared beside each other. What is found is told in one order.
	files := c.beside()
	found := []*checker{files, c}
	var comparing sync.WaitGroup
	comparing.Go(func() { files.do(files.checkFiles) })
	if c.load(c.loadNames) {
		c.do(c.checkDistricts)
		if c.load(c.loadAtoms) {
			places, votes := c.beside(), c.beside()
			found = append(found, places, votes)
			comparing.Go(func() { places.do(places.checkAddresses, places.checkSegments) })
			if votes.load(votes.loadVotes) {
				votes.do(votes.checkResults, votes.checkCrosswalks, votes.checkPlan, votes.checkEstimates)
			}
		}
	}
	comparing.Wait()
	var all Checked
	for _, of := range found {
		all.Sums += of.Sums
		room := min(MaxDifferences-len(all.Differences), len(of.Differences))
		all.Differences = append(all.Differences, of.Differences[:room]...)
		all.More += of.More + int64(len(of.Differences)-room)
	}
	return all, ctx.Err()
}

// do runs steps, one after the other. An error is a difference; false where there is one.
func (c *checker) do(steps ...func() error) (whole bool) {
	whole = true
	for _, step := range steps {
		err := withoutPanic(step)
		if c.ctx.Err() != nil {
			return false
		}
		if err != nil {
			c.differ("%s", strings.TrimPrefix(err.Error(), "engine: "))
			whole = false
		}
	}
	return whole
}

// load runs a step that later ones need.
func (c *checker) load(step func() error) bool {
	if c.do(step) {
		return true
	}
	if c.ctx.Err() != nil {
		return false
	}
	c.differ("the sums that need it are not compared")
	return false
}

// withoutPanic runs a step. Damaged tables may hold what the steps do not expect, and must not hide what was found before.
func withoutPanic(step func() error) (err error) {
	defer func() {
		if found := recover(); found != nil {
			err = fmt.Errorf("a table holds what no build writes (%v)", found)
		}
	}()
	return step()
}

type checker struct {
	Checked
	ctx      context.Context
	snapshot *engine.Snapshot
	mem      memory.Allocator
	read     *rowsRead

	contests   []checkedContest
	contestAt  map[string]int
	precincts  keyed // names are codes as published
	communeOf  []int64
	communes   keyed
	segments   keyed   // names are streets
	leads      []int64 // by segment: the id it is published under
	onSegment  *segmentCounts
	divisionOf []string  // by precinct
	divisionAt []int32   // the same, as a number of its own
	inDivision []float64 // see households

	atoms  checkedAtoms
	levels []*checkedLevel
	plan   planStates
	tally  unitTally
}

// beside is a checker that knows what was loaded, and has found nothing yet.
func (c *checker) beside() *checker {
	other := *c
	other.Checked = Checked{}
	other.inDivision = slices.Clone(c.inDivision)
	return &other
}

func (c *checker) differ(format string, arguments ...any) {
	if len(c.Differences) == MaxDifferences {
		c.More++
		return
	}
	c.Differences = append(c.Differences, fmt.Sprintf(format, arguments...))
}

// checkFiles compares the files with the manifest.
func (c *checker) checkFiles() error {
	m := c.snapshot.Manifest
	id, err := m.SnapshotID()
	if err != nil {
		return err
	}
	c.Sums++
	if id != m.ID || id != filepath.Base(c.snapshot.Dir) && filepath.Base(c.snapshot.Dir)[0] != '.' {
		c.differ("manifest.json: the snapshot's id is %s, its inputs and parameters give %s", m.ID, id)
	}
	for _, problem := range c.snapshot.FileProblems() {
		c.differ("%s", problem)
	}
	c.Sums += int64(1 + len(engine.Tables()))
	return nil
}

func (c *checker) eachBatch(t engine.Table, each func(engine.Rows) error) error {
	return c.snapshot.ReadTable(c.ctx, t, c.mem, func(rows engine.Rows) error {
		c.read.add(int64(rows.Len()))
		return each(rows)
	})
}

// rowsRead counts rows that are read.
type rowsRead struct {
	mu        sync.Mutex
	done, all int64
	progress  func(done, total int64)
}

func (r *rowsRead) add(rows int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done = min(r.all, r.done+rows) // segments are read twice
	r.progress(r.done, r.all)
}

package build

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

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
	return check(ctx, s, func(_, _ int64) {})
}

// check hears of the rows that were read, of all.
func check(ctx context.Context, s *engine.Snapshot, progress func(done, total int64)) (Checked, error) {
	c := &checker{ctx: ctx, snapshot: s, mem: memory.NewGoAllocator(), progress: progress}
	for _, t := range s.Manifest.Tables {
		c.rows += t.Rows
	}
	for _, step := range []struct {
		run   func() error
		loads bool // what all later steps need
	}{
		{c.checkFiles, false}, {c.loadNames, true}, {c.checkDistricts, false}, {c.loadAtoms, true}, {c.checkAddresses, false}, {c.checkSegments, false},
		{c.loadVotes, true}, {c.checkResults, false}, {c.checkCrosswalks, false}, {c.checkPlan, false}, {c.checkEstimates, false},
	} {
		err := withoutPanic(step.run)
		if ctx.Err() != nil {
			return c.Checked, ctx.Err()
		}
		if err == nil {
			continue
		}
		c.differ("%s", strings.TrimPrefix(err.Error(), "engine: "))
		if step.loads {
			c.differ("the sums that need it are not compared")
			break
		}
	}
	return c.Checked, nil
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
	progress func(done, total int64)
	taken    int64 // rows, of rows
	rows     int64

	contests   []checkedContest
	contestAt  map[string]int
	precincts  keyed // names are codes as published
	communeOf  []int64
	communes   keyed
	segments   keyed   // names are streets
	leads      []int64 // by segment: the id it is published under
	onSegment  *segmentCounts
	divisionOf []string // by precinct

	atoms  checkedAtoms
	levels []*checkedLevel
	plan   planStates
	tally  unitTally
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

func (c *checker) read(t engine.Table, each func(engine.Rows) error) error {
	return c.snapshot.ReadTable(c.ctx, t, c.mem, func(rows engine.Rows) error {
		c.taken += int64(rows.Len())
		c.progress(c.taken, c.rows)
		return each(rows)
	})
}

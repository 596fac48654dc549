package build

import (
	"context"
	"fmt"
	"path/filepath"

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
// and the files against the manifest. An error means that the snapshot could not be read at all.
func Check(ctx context.Context, s *engine.Snapshot) (Checked, error) {
	c := &checker{ctx: ctx, snapshot: s, mem: memory.NewGoAllocator()}
	steps := []func() error{
		c.checkFiles, c.loadNames, c.loadAtoms, c.checkAddresses, c.checkSegments, c.loadVotes, c.checkResults, c.checkEstimates,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return c.Checked, err
		}
	}
	return c.Checked, nil
}

type checker struct {
	Checked
	ctx      context.Context
	snapshot *engine.Snapshot
	mem      memory.Allocator

	contests   []checkedContest
	contestAt  map[string]int
	precincts  keyed // names are codes as published
	communeOf  []int64
	communes   keyed
	segments   keyed // names are streets
	atomUnits  []checkedLevel
	atomHomes  []float64
	hasPlace   []bool // by atom
	atomAt     map[atomKey]int32
	precinctOf []int32 // by atom
	divisionOf []string
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
	files := []engine.ManifestTable{{Name: engine.ReportFile, SHA256: m.Report, Bytes: -1}}
	for _, t := range m.Tables {
		t.Name += ".parquet"
		files = append(files, t)
	}
	for _, f := range files {
		sum, size, err := hashFile(c.ctx, filepath.Join(c.snapshot.Dir, f.Name))
		if err != nil {
			return err
		}
		c.Sums++
		if sum != f.SHA256 || f.Bytes >= 0 && size != f.Bytes {
			c.differ("%s: the file is not the one the manifest describes (SHA-256 %s, expected %s)", f.Name, sum, f.SHA256)
		}
	}
	return nil
}

func (c *checker) read(t engine.Table, each func(engine.Rows) error) error {
	return c.snapshot.ReadTable(c.ctx, t, c.mem, each)
}

package live

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/frozen"
)

// KeepFrom is how many rows of estimates a snapshot has whose columns are worth keeping: a smaller one is read from its tables in seconds.
const KeepFrom = 5_000_000

// ErrNotKept is wrapped by the errors of OpenKept: there is nothing, or nothing that can be read, or it is not of this snapshot as it is now.
var ErrNotKept = errors.New("live: the columns of the snapshot are not kept")

// IsLarge tells whether the columns of a snapshot are worth keeping.
func IsLarge(s *engine.Snapshot) bool {
	at := slices.IndexFunc(s.Manifest.Tables, func(t engine.ManifestTable) bool { return t.Name == engine.Estimates.Name })
	return at >= 0 && s.Manifest.Tables[at].Rows >= KeepFrom
}

// Keep writes the columns to a file that OpenKept maps, and makes its folder. It is for this program alone: the snapshot
// stays the truth, and what is kept may be deleted at any time.
func (c *City) Keep(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("live: keep columns: %w", err)
	}
	return frozen.Write(path, c)
}

// OpenKept maps what Keep has written of a snapshot; see Open. A file that was made from other tables, or by another program, and a damaged one are
// refused: each block has a checksum. The file may be replaced or deleted meanwhile; its room on the disk is free when the program ends.
func OpenKept(s *engine.Snapshot, path string) (*City, error) {
	c := new(City)
	// The file stays mapped for as long as the program runs: texts of it may be anywhere.
	file, err := frozen.Open(path, c)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotKept, err)
	}
	if !reflect.DeepEqual(c.manifest, s.Manifest) {
		return nil, errors.Join(fmt.Errorf("%w: %s is of other tables", ErrNotKept, path), file.Close())
	}
	c.attach(s)
	c.kept = true
	return c, nil
}

// checkTables refuses tables that are to be read and are not those of the manifest, where opening has not looked at them. A damaged Parquet file can
// ask its reader for any amount of memory.
func (c *City) checkTables(tables ...engine.Table) error {
	if !c.kept {
		return nil
	}
	return c.snapshot.Whole(tables...)
}

// attach gives the columns what is not among them.
func (c *City) attach(s *engine.Snapshot) {
	c.snapshot, c.drawings, c.borders = s, newDrawings(), newBorders()
	c.placing.parts = sync.OnceValue(func() *segmentParts { return newSegmentParts(c) })
	c.searched = sync.OnceValue(func() *searchIndex { return newSearchIndex(c) })
}

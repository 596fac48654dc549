//go:build duckdb_arrow

package duckdb

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/arpent/arpent/engine"
)

// stopped is the error of a caller's each, which is no error of the store.
type stopped struct{ error }

// explain gives DuckDB's error its place, and says what it means where it is one of the disk's. doing is what the store was about.
func (f storeFiles) explain(doing string, err error) error {
	var own stopped
	switch {
	case err == nil:
		return nil
	case errors.As(err, &own):
		return own.error
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("duckdb: %s the field log: %w", doing, err)
	}
	if found := damagedEntry.FindStringSubmatch(err.Error()); found != nil {
		at, _ := strconv.ParseInt(found[1], 10, 64) // digits
		return fmt.Errorf("%w: bring the folder back from a copy, or go on with what is before the damage: `truncate -s %d %s` (%w)",
			engine.ErrStoreDamaged, max(at-entryHead, 0), wal(f.log()), err)
	}
	for _, sign := range signsOfDamage {
		if strings.Contains(err.Error(), sign) {
			return fmt.Errorf("%w: %s: bring the folder back from a copy (%w)", engine.ErrStoreDamaged, f.log(), err)
		}
	}
	return fmt.Errorf("duckdb: %s the field log %s: %w", doing, f.log(), err)
}

// entryHead is what stands before an entry of the write-ahead log: its size and its checksum.
const entryHead = 16

// damagedEntry is what DuckDB says of an entry of its write-ahead log, and where that begins.
var damagedEntry = regexp.MustCompile(`Corrupt WAL file: entry at byte position (\d+) `)

// signsOfDamage are in DuckDB's messages where bytes are not those that were written.
var signsOfDamage = []string{"Corrupt", "corrupt", "checksum", "not a valid DuckDB database", "Could not read enough bytes", "Failed to read WAL"}

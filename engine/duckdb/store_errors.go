//go:build duckdb_arrow

package duckdb

import (
	"context"
	"errors"
	"fmt"
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
	for _, sign := range signsOfDamage {
		if strings.Contains(err.Error(), sign) {
			return fmt.Errorf("%w: %s: bring the folder back from a copy (%w)", engine.ErrStoreDamaged, f.log(), err)
		}
	}
	return fmt.Errorf("duckdb: %s the field log %s: %w", doing, f.log(), err)
}

// signsOfDamage are in DuckDB's messages where bytes are not those that were written.
var signsOfDamage = []string{"Corrupt", "corrupt", "checksum", "not a valid DuckDB database", "Could not read enough bytes"}

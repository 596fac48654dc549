//go:build duckdb_arrow

package duckdb

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
)

// A mark is a file with the number of the last commit that was acknowledged. DuckDB's checksums find changed bytes, but where its write-ahead
// log ends too early, or is not there, it takes that for a crash and goes on with less; the mark is what then is missing.
//
// It is written after each commit and not synced: it may be older than the log after a power failure, never newer.
type mark struct{ file *os.File }

const markLine = "commit %020d acknowledged, checksum %08x\n"

// openMark opens the mark and sets it.
func openMark(path string, commit int64) (mark, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return mark{}, fmt.Errorf("duckdb: open %s: %w", path, err)
	}
	m := mark{file}
	if err := m.set(commit); err != nil {
		return mark{}, errors.Join(err, file.Close())
	}
	return m, nil
}

// readMark gives the commit that is marked. One that was torn, or is not there, marks nothing.
func readMark(path string) (int64, error) {
	content, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("duckdb: read which commit was acknowledged: %w", err)
	}
	var commit int64
	var sum uint32
	if _, err := fmt.Sscanf(string(content), markLine, &commit, &sum); err != nil || sum != markSum(commit) {
		return 0, nil
	}
	return commit, nil
}

func markSum(commit int64) uint32 { return crc32.ChecksumIEEE(fmt.Append(nil, commit)) }

func (m mark) set(commit int64) error {
	if _, err := m.file.WriteAt(fmt.Appendf(nil, markLine, commit, markSum(commit)), 0); err != nil {
		return fmt.Errorf("duckdb: mark the commit as acknowledged: %w", err)
	}
	return nil
}

func (m mark) close() error { return errors.Join(m.file.Sync(), m.file.Close()) }

//go:build duckdb_arrow

package duckdb

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// storeFiles are the files of a store in its folder.
//
//	log.duckdb, log.duckdb.wal   the log
//	acknowledged                 the last commit that was acknowledged, see mark
//	lock                         the process that holds the store
//	new.duckdb, spill            while the log is written anew or a question needs more than memory; removed when the store is opened
type storeFiles struct{ dir string }

func (f storeFiles) log() string   { return filepath.Join(f.dir, "log.duckdb") }
func (f storeFiles) mark() string  { return filepath.Join(f.dir, "acknowledged") }
func (f storeFiles) lock() string  { return filepath.Join(f.dir, "lock") }
func (f storeFiles) fresh() string { return filepath.Join(f.dir, "new.duckdb") }
func (f storeFiles) spill() string { return filepath.Join(f.dir, "spill") }

// wal is DuckDB's write-ahead log of a database file.
func wal(database string) string { return database + ".wal" }

// hold locks the folder for this process. The lock goes with the file, also when the process dies.
func (f storeFiles) hold() (*os.File, error) {
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return nil, fmt.Errorf("duckdb: make the folder of the field log: %w", err)
	}
	lock, err := os.OpenFile(f.lock(), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("duckdb: lock the field log: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer lock.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("duckdb: lock the field log %s: %w", f.dir, err)
		}
		return nil, fmt.Errorf("duckdb: another arpent%s holds the field log %s: go through it, or stop it first", holder(lock), f.dir)
	}
	if err := writeWhole(lock, fmt.Sprintf("%d\n", os.Getpid())); err != nil {
		return nil, errors.Join(fmt.Errorf("duckdb: lock the field log: %w", err), lock.Close())
	}
	return lock, nil
}

// holder reads which process wrote the lock.
func holder(lock io.Reader) string {
	if id, err := io.ReadAll(io.LimitReader(lock, 20)); err == nil && len(id) > 0 {
		return fmt.Sprintf(" (process %s)", strings.TrimSpace(string(id)))
	}
	return ""
}

// writeWhole makes text all that is in a file.
func writeWhole(file *os.File, text string) error {
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err := file.WriteAt([]byte(text), 0)
	return err
}

// clean removes what a process that died left behind.
func (f storeFiles) clean() error {
	err := errors.Join(os.RemoveAll(f.spill()), remove(f.fresh()), remove(wal(f.fresh())))
	if err != nil {
		return fmt.Errorf("duckdb: remove what is left over in the field log's folder: %w", err)
	}
	return nil
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func exists(path string) (bool, error) {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// switchIn puts the new database in the place of the log, durably. Whenever the process dies, one of the two is there, whole.
func (f storeFiles) switchIn() error {
	for _, database := range []string{f.log(), f.fresh()} {
		// A write-ahead log that stays would be taken for that of the new database.
		if there, err := exists(wal(database)); there || err != nil {
			return errors.Join(fmt.Errorf("duckdb: %s is still there: the log is as it was", wal(database)), err)
		}
	}
	err := syncFile(f.fresh())
	if err == nil {
		err = os.Rename(f.fresh(), f.log())
	}
	if err == nil {
		err = syncFile(f.dir)
	}
	if err != nil {
		return fmt.Errorf("duckdb: switch to the new file of the field log: %w", err)
	}
	return nil
}

// sync makes what was written to the log durable.
func (f storeFiles) sync() error {
	for _, path := range []string{wal(f.log()), f.log(), f.dir} {
		if err := syncFile(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func syncFile(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

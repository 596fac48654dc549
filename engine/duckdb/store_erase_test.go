//go:build duckdb_arrow

package duckdb

import (
	"bytes"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// spellings are the ways in which the bytes of an id or key can stand in a file: as they are, as DuckDB keeps a UUID - a number of 128 bits whose
// upper half has its first bit flipped, least byte first - and as text.
func spellings(id [16]byte) map[string][]byte {
	flipped := id
	flipped[0] ^= 0x80
	reversed := flipped
	slices.Reverse(reversed[:])
	backwards := id
	slices.Reverse(backwards[:])
	return map[string][]byte{
		"as it is": id[:], "flipped": flipped[:], "as DuckDB keeps it": reversed[:], "backwards": backwards[:],
		"as text": []byte(uuid.UUID(id).String()), "as digits": []byte(hex.EncodeToString(id[:])),
	}
}

// found gives the files of a folder that have an id or key in them, with its spelling.
func found(t *testing.T, dir string, id [16]byte) (in []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		for name, bytesOf := range spellings(id) {
			// Half of an id is enough to be found by.
			if bytes.Contains(data, bytesOf[:len(bytesOf)/2]) {
				in = append(in, filepath.Base(path)+" "+name)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// What is erased is in no file of the store, whether it was in the database, in the write-ahead log or in both.
func TestErasedBytesAreGone(t *testing.T) {
	dir := t.TempDir()
	store, w := openStore(t, dir), newWalkers()
	old, recent := w.batch(3_000), w.batch(60)
	if err := store.Commit(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil { // moves it from the write-ahead log into the database
		t.Fatal(err)
	}
	store = openStore(t, dir)
	defer store.Close()
	if err := store.Commit(t.Context(), recent); err != nil {
		t.Fatal(err)
	}
	erased := []engine.Entry{old.Entries[7], old.Entries[2_999], recent.Entries[3]}
	kept := []engine.Entry{old.Entries[8], recent.Entries[4]}
	keys := func(e engine.Entry) [][16]byte { return [][16]byte{e.ID, e.Door, e.Body} }
	for _, e := range append(slices.Clone(erased), kept...) {
		for _, key := range keys(e) {
			if len(found(t, dir, key)) == 0 {
				t.Fatalf("position %d is in no file before: this is no test", e.Position)
			}
		}
	}
	var positions []int64
	for _, e := range erased {
		positions = append(positions, e.Position)
	}
	after := w.batch(1)
	if err := store.Erase(t.Context(), "paris-2026", positions, after); err != nil {
		t.Fatal(err)
	}
	for _, e := range erased {
		for _, key := range keys(e) {
			if in := found(t, dir, key); len(in) > 0 {
				t.Errorf("position %d is still in %q", e.Position, in)
			}
		}
	}
	for _, e := range append(kept, after.Entries...) {
		for _, key := range keys(e) {
			if len(found(t, dir, key)) == 0 {
				t.Errorf("position %d was kept and is in no file", e.Position)
			}
		}
	}
	if entries, err := everything(t, store); entries != 3_000+60-3+1 || err != nil {
		t.Errorf("%d entries, %v", entries, err)
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range left {
		if name := file.Name(); !slices.Contains([]string{"acknowledged", "lock", "log.duckdb"}, name) {
			t.Errorf("the erasure left %s", name)
		}
	}
}

// A process that dies during an erasure leaves part of a new file beside the log, which is as it was.
func TestEraseThatWasCutShort(t *testing.T) {
	files, _ := killed(t)
	overwrite(t, files.fresh(), content(t, files.log())[:5_000])
	overwrite(t, wal(files.fresh()), []byte("part"))
	if err := os.MkdirAll(filepath.Join(files.spill(), "duckdb_temp"), 0o700); err != nil {
		t.Fatal(err)
	}
	store := openStore(t, files.dir)
	defer store.Close()
	if entries, err := everything(t, store); entries != killedEntries || err != nil {
		t.Errorf("%d entries, %v, want %d", entries, err, killedEntries)
	}
	for _, path := range []string{files.fresh(), wal(files.fresh()), files.spill()} {
		if there, err := exists(path); there || err != nil {
			t.Errorf("%s is still there: %v", path, err)
		}
	}
}

// An erasure that fails leaves the log as it was, and the store at work.
func TestEraseThatFails(t *testing.T) {
	store, w := openStore(t, t.TempDir()), newWalkers()
	defer store.Close()
	if err := store.Commit(t.Context(), w.batch(100)); err != nil {
		t.Fatal(err)
	}
	// A folder in the place of the new file.
	if err := os.MkdirAll(filepath.Join(store.files.fresh(), "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := store.Erase(t.Context(), "paris-2026", []int64{1}, engine.Batch{}); err == nil {
		t.Error("no error")
	}
	if err := os.RemoveAll(store.files.fresh()); err != nil {
		t.Fatal(err)
	}
	if err := store.Commit(t.Context(), w.batch(1)); err != nil {
		t.Fatal(err)
	}
	if entries, err := everything(t, store); entries != 101 || err != nil {
		t.Errorf("%d entries, %v, want 101", entries, err)
	}
	if err := store.Erase(t.Context(), "paris-2026", []int64{1}, engine.Batch{}); err != nil {
		t.Error(err)
	}
	if entries, err := everything(t, store); entries != 100 || err != nil {
		t.Errorf("%d entries, %v, want 100", entries, err)
	}
}

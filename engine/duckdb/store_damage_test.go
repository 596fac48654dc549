//go:build duckdb_arrow

package duckdb

import (
	"bytes"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
)

// copied gives a copy of a store's folder: what a process that was killed leaves, where the store is open.
func copied(t *testing.T, dir string) storeFiles {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return storeFiles{to}
}

func content(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func overwrite(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// everything reads all there is of a store and gives how many entries there are.
func everything(t *testing.T, store *Store) (int, error) {
	entries := 0
	err := store.Replay(t.Context(), engine.Selection{Campaign: "paris-2026"}, func(batch []engine.Kept) error {
		entries += len(batch)
		return nil
	})
	return entries, err
}

// openAll opens a store and reads all of it.
func openAll(t *testing.T, files storeFiles) (int, error) {
	store, err := OpenStore(t.Context(), files.dir)
	if err != nil {
		return 0, err
	}
	entries, err := everything(t, store)
	return entries, errors.Join(err, store.Close())
}

// killed gives the folder of a store of 8 commits with 30 entries each as kill -9 leaves it: all are in the write-ahead log. closed is the same store
// after it was closed: all are in the database.
func killed(t *testing.T) (killed, closed storeFiles) {
	t.Helper()
	closed = storeFiles{t.TempDir()}
	store, w := openStore(t, closed.dir), newWalkers()
	for range 8 {
		if err := store.Commit(t.Context(), w.batch(30)); err != nil {
			t.Fatal(err)
		}
	}
	killed = copied(t, closed.dir)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return killed, closed
}

const killedEntries = 8 * 30

func damaged(t *testing.T, what string, files storeFiles) {
	t.Helper()
	entries, err := openAll(t, files)
	if !errors.Is(err, engine.ErrStoreDamaged) || !strings.Contains(err.Error(), "bring the folder back from a copy") {
		t.Errorf("%s: %d entries and the error %v, want the damage and its remedy", what, entries, err)
	}
}

func TestStoreSurvivesItsProcess(t *testing.T) {
	files, _ := killed(t)
	if there, err := exists(wal(files.log())); !there || err != nil {
		t.Fatalf("no write-ahead log: this is no test of one: %v", err)
	}
	if entries, err := openAll(t, files); entries != killedEntries || err != nil {
		t.Errorf("%d entries, %v, want %d", entries, err, killedEntries)
	}
}

// A process that dies while it writes leaves part of a commit that nobody was told of.
func TestTornTailLosesNothing(t *testing.T) {
	files, _ := killed(t)
	whole := content(t, wal(files.log()))
	for _, tail := range [][]byte{whole[100:101], whole[100:900], whole[54:2_000]} {
		torn := copied(t, files.dir)
		overwrite(t, wal(torn.log()), append(bytes.Clone(whole), tail...))
		store := openStore(t, torn.dir)
		if entries, err := everything(t, store); entries != killedEntries || err != nil {
			t.Errorf("tail of %d bytes: %d entries, %v", len(tail), entries, err)
		}
		// What is committed after it is not lost behind it.
		w := newWalkers()
		w.position = store.done.last
		if err := store.Commit(t.Context(), w.batch(30)); err != nil {
			t.Fatal(err)
		}
		if entries, err := openAll(t, copied(t, torn.dir)); entries != killedEntries+30 || err != nil {
			t.Errorf("tail of %d bytes, another commit and a crash: %d entries, %v", len(tail), entries, err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}
}

// After a power failure there may be nothing where part of a commit should be. DuckDB takes that for damage, and so does the store: it says
// how to go on, and that works.
func TestTailOfZerosIsFound(t *testing.T) {
	files, _ := killed(t)
	whole := content(t, wal(files.log()))
	overwrite(t, wal(files.log()), append(bytes.Clone(whole), make([]byte, 5_000)...))
	_, err := openAll(t, files)
	remedy := fmt.Sprintf("truncate -s %d %s", len(whole), wal(files.log()))
	if !errors.Is(err, engine.ErrStoreDamaged) || !strings.Contains(err.Error(), remedy) {
		t.Fatalf("%v, want the damage and %q", err, remedy)
	}
	overwrite(t, wal(files.log()), whole)
	if entries, err := openAll(t, files); entries != killedEntries || err != nil {
		t.Errorf("%d entries, %v, want %d", entries, err, killedEntries)
	}
}

func TestWriteAheadLogThatEndsTooEarlyIsFound(t *testing.T) {
	files, _ := killed(t)
	whole := content(t, wal(files.log()))
	for _, length := range []int{len(whole) - 1, len(whole) - 9, len(whole) - 700, len(whole) / 2, 20, 0} {
		short := copied(t, files.dir)
		overwrite(t, wal(short.log()), whole[:length])
		for range 2 {
			damaged(t, fmt.Sprintf("%d of %d bytes", length, len(whole)), short)
		}
		if length < 100 { // no commit is left in it
			continue
		}
		if after := content(t, wal(short.log())); !bytes.Equal(after, whole[:length]) {
			t.Errorf("%d of %d bytes: what was left for repair was changed", length, len(whole))
		}
	}
	gone := copied(t, files.dir)
	if err := os.Remove(wal(gone.log())); err != nil {
		t.Fatal(err)
	}
	damaged(t, "without write-ahead log", gone)
	// The remedy of the message works.
	if err := os.Remove(gone.mark()); err != nil {
		t.Fatal(err)
	}
	if entries, err := openAll(t, gone); entries != 0 || err != nil {
		t.Errorf("going on without: %d entries, %v", entries, err)
	}
}

// An older mark, as a power failure can leave, is no damage, nor is one that was torn.
func TestOlderMarkIsNoDamage(t *testing.T) {
	files, _ := killed(t)
	for _, text := range []string{fmt.Sprintf(markLine, 3, markSum(3)), fmt.Sprintf(markLine, 9, markSum(8)), "commit 000", ""} {
		overwrite(t, files.mark(), []byte(text))
		if entries, err := openAll(t, copied(t, files.dir)); entries != killedEntries || err != nil {
			t.Errorf("mark %q: %d entries, %v", text, entries, err)
		}
	}
}

// A changed byte is found, or was one that says nothing.
func TestChangedByteIsFound(t *testing.T) {
	killedFiles, closedFiles := killed(t)
	for _, c := range []struct {
		files storeFiles
		path  func(storeFiles) string
	}{
		{killedFiles, func(f storeFiles) string { return wal(f.log()) }},
		{closedFiles, storeFiles.log},
	} {
		whole := content(t, c.path(c.files))
		found := 0
		const changes = 12
		for i := range changes {
			at := i * len(whole) / changes
			changed := copied(t, c.files.dir)
			data := bytes.Clone(whole)
			data[at] ^= 0x40
			overwrite(t, c.path(changed), data)
			entries, err := openAll(t, changed)
			switch {
			case errors.Is(err, engine.ErrStoreDamaged):
				found++
			case err != nil || entries != killedEntries:
				t.Errorf("byte %d of %s: %d entries, %v", at, filepath.Base(c.path(changed)), entries, err)
			}
		}
		if found < changes/2 {
			t.Errorf("%d of %d changed bytes of %s were found", found, changes, filepath.Base(c.path(c.files)))
		}
	}
}

func TestShortenedDatabaseIsFound(t *testing.T) {
	_, files := killed(t)
	whole := content(t, files.log())
	for _, length := range []int{0, 100, 4_096, 12_288, len(whole) / 2, len(whole) - 1} {
		short := copied(t, files.dir)
		overwrite(t, short.log(), whole[:length])
		damaged(t, fmt.Sprintf("%d of %d bytes", length, len(whole)), short)
	}
	gone := copied(t, files.dir)
	if err := os.Remove(gone.log()); err != nil {
		t.Fatal(err)
	}
	damaged(t, "without database", gone)
	other := copied(t, files.dir)
	overwrite(t, other.log(), bytes.Repeat([]byte("not a database\n"), 1_000))
	damaged(t, "another file", other)
}

func TestSecondProcessIsToldWhoHoldsTheStore(t *testing.T) {
	dir := t.TempDir()
	store := openStore(t, dir)
	_, err := OpenStore(t.Context(), dir)
	want := fmt.Sprintf("another arpent (process %d) holds the field log", os.Getpid())
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if err := openStore(t, dir).Close(); err != nil {
		t.Error(err)
	}
}

// A path may hold what is special in SQL, in a file pattern or in an address.
func TestStoreFolderIsTakenAsItIs(t *testing.T) {
	dir := filepath.Join(t.TempDir(), `d'été [1] x=%20&y *`)
	store, w := openStore(t, dir), newWalkers()
	if err := store.Commit(t.Context(), w.batch(3)); err != nil {
		t.Fatal(err)
	}
	if err := store.Erase(t.Context(), "paris-2026", []int64{1}, engine.Batch{}); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if entries, err := openAll(t, storeFiles{dir}); entries != 2 || err != nil {
		t.Errorf("%d entries, %v, want 2", entries, err)
	}
	if _, err := OpenStore(t.Context(), filepath.Join(t.TempDir(), "what?")); err == nil || !strings.Contains(err.Error(), "question mark") {
		t.Errorf("%v, want an error that says what DuckDB cannot open", err)
	}
}

func TestPositionGivenTwiceIsRefused(t *testing.T) {
	store, w := openStore(t, t.TempDir()), newWalkers()
	defer store.Close()
	batch := w.batch(2)
	if err := store.Commit(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	for name, again := range map[string]engine.Batch{
		"the same":        batch,
		"a settlement":    {Settlements: []engine.Settlement{{Position: 1, At: 2, Effect: engine.Nothing}}},
		"twice in itself": {Entries: []engine.Entry{{Position: 9, Campaign: "paris-2026"}, {Position: 9, Campaign: "paris-2026"}}},
	} {
		if err := store.Commit(t.Context(), again); err == nil || !strings.Contains(err.Error(), "ascend") {
			t.Errorf("%s: %v, want an error that says what was given", name, err)
		}
		if err := store.Erase(t.Context(), "paris-2026", []int64{1}, again); err == nil {
			t.Errorf("%s: erased", name)
		}
	}
	if entries, err := everything(t, store); entries != 2 || err != nil {
		t.Errorf("%d entries, %v, want 2", entries, err)
	}
}

// A commit that failed may be durable all the same: where it is found to be, it is acknowledged.
func TestCommitThatFailedAndIsThere(t *testing.T) {
	store, w := openStore(t, t.TempDir()), newWalkers()
	defer store.Close()
	if err := store.Commit(t.Context(), w.batch(10)); err != nil {
		t.Fatal(err)
	}
	failure := errors.New("the disk said no")
	batch := w.batch(10)
	next := store.done.after(&batch)
	if err := store.settleFailure(t.Context(), next, failure); !errors.Is(err, failure) {
		t.Errorf("%v for a commit that is not there, want its failure", err)
	}
	err := store.session.transaction(t.Context(), func(conn driver.Conn) error { return write(t.Context(), conn, &batch, next) })
	if err != nil {
		t.Fatal(err)
	}
	if err := store.settleFailure(t.Context(), next, failure); err != nil {
		t.Errorf("%v for a commit that is there", err)
	}
	store.acknowledge(next)
	if entries, err := everything(t, store); entries != 20 || err != nil {
		t.Errorf("%d entries, %v, want 20", entries, err)
	}
	// What is there is neither: nothing more is taken, and nothing is answered.
	store.done.commit += 5
	if err := store.settleFailure(t.Context(), store.done.after(&batch), failure); !errors.Is(err, engine.ErrStoreDamaged) {
		t.Errorf("%v for a log that lost commits", err)
	}
	if err := store.Commit(t.Context(), w.batch(1)); err == nil || !strings.Contains(err.Error(), "start arpent again") {
		t.Errorf("a commit to it: %v", err)
	}
	if _, err := store.Health(t.Context()); err == nil || !strings.Contains(err.Error(), "start arpent again") {
		t.Errorf("its health: %v", err)
	}
}

//go:build duckdb_arrow

package duckdb

import (
	"context"
	"os"
	"testing"

	"github.com/arpent/arpent/engine"
)

// A write-ahead log that is long is moved into the database, while a slow reader takes the rows of a roll-up and commits go on.
func TestTheWriteAheadLogIsMovedWhenItIsLong(t *testing.T) {
	store, w := openStore(t, t.TempDir()), newWalkers()
	defer store.Close()
	size := func() int64 {
		about, err := os.Stat(wal(store.files.log()))
		if err != nil {
			return 0
		}
		return about.Size()
	}
	commit := func(entries int) {
		t.Helper()
		if err := store.Commit(t.Context(), w.batch(entries)); err != nil {
			t.Fatal(err)
		}
	}
	commit(1)
	began, rest := make(chan struct{}), make(chan struct{})
	slow := make(chan error)
	go func() {
		slow <- store.Rollup(context.Background(), engine.Question{Campaign: "paris-2026"}, func(*engine.RollupRow) error {
			close(began)
			<-rest
			return nil
		})
	}()
	<-began
	sent := int64(1)
	for ; size() < longestReplay; sent += 1_000 {
		commit(1_000)
	}
	store.moves.Wait()
	if left := size(); left >= longestReplay {
		t.Errorf("the write-ahead log is %d bytes long", left)
	}
	close(rest)
	if err := <-slow; err != nil {
		t.Error(err)
	}
	commit(1)
	if health, err := store.Health(t.Context()); err != nil || health.Entries != sent+1 {
		t.Errorf("%+v, not %d entries: %v", health, sent+1, err)
	}
}

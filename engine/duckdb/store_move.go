//go:build duckdb_arrow

package duckdb

import (
	"context"
	"os"
)

// longestReplay is how long the write-ahead log gets before it is moved into the database, in bytes: about 17,000 entries, read again in a third
// of a second when the process died.
const longestReplay = 4 << 20

// moveLog moves the write-ahead log into the database in the background, where it is long. DuckDB would do it in the middle of a commit, and wait
// there for every roll-up under way; here the roll-ups end first, and commits stop for a twentieth of a second.
func (s *Store) moveLog() {
	about, err := os.Stat(wal(s.files.log()))
	if err != nil || about.Size() < longestReplay || !s.moving.CompareAndSwap(false, true) {
		return
	}
	s.moves.Go(func() {
		defer s.moving.Store(false)
		ctx := context.Background()
		if s.counting.Acquire(ctx, allReaders) != nil {
			return // the context never ends
		}
		defer s.counting.Release(allReaders)
		if s.writing.Acquire(ctx, 1) != nil {
			return
		}
		defer s.writing.Release(1)
		_ = s.read(ctx, func(session *session) error { // a store that is closed has done it
			session.checkpoint(ctx)
			return nil
		})
	})
}

//go:build duckdb_arrow

package duckdb

import (
	"context"
	"os"
	"time"
)

// longestReplay is how long the write-ahead log gets before it is moved into the database, in bytes: about 17,000 entries, read again in a third
// of a second when the process died.
const longestReplay = 4 << 20

// moveAgain is how long it takes until moving the write-ahead log is tried again where it failed, as on a full disk.
const moveAgain = time.Minute

// moveLog moves the write-ahead log into the database in the background, where it is long. DuckDB would do it in the middle of a commit, and wait
// there for every roll-up under way; here the roll-ups end first, and commits stop for about a tenth of a second. The caller holds writing.
func (s *Store) moveLog() {
	about, err := os.Stat(wal(s.files.log()))
	if err != nil || about.Size() < longestReplay || time.Now().Before(s.moveAfter) || !s.moving.CompareAndSwap(false, true) {
		return
	}
	s.moves.Go(func() {
		defer s.moving.Store(false)
		ctx := context.Background() // never ends
		if s.counting.Acquire(ctx, allReaders) != nil {
			return
		}
		defer s.counting.Release(allReaders)
		if s.writing.Acquire(ctx, 1) != nil {
			return
		}
		defer s.writing.Release(1)
		s.moveNow(ctx)
	})
}

// moveNow moves the write-ahead log. DuckDB may refuse all service after it could not: then the database is opened again, for what is in the
// write-ahead log is safe there. The caller holds writing.
func (s *Store) moveNow(ctx context.Context) {
	err := s.read(ctx, func(session *session) error { return session.checkpoint(ctx) })
	if err == nil || s.lock == nil || s.session == nil {
		return
	}
	s.moveAfter = time.Now().Add(moveAgain)
	if now, err := s.session.state(ctx); err == nil && now == s.done {
		return
	}
	if now, err := s.reopen(ctx); err != nil || now != s.done {
		_ = s.alone(ctx, s.stop) // what is on the disk is not known: the next commit looks again, and says what it finds
	}
}

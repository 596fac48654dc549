//go:build duckdb_arrow

package duckdb

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/arpent/arpent/engine"
)

// Store keeps the field log in one DuckDB file. It is an engine.Store.
//
// A commit is one transaction, durable by DuckDB's write-ahead log, which is moved into the database now and then. Nothing is ever updated in place but the one row that says how far the
// store has come; an erasure writes the file anew. An each that is given to Rollup or Replay must not call the store: an erasure
// that waits for it would wait for ever.
type Store struct {
	files storeFiles
	lock  *os.File
	mark  mark

	// writing is held by the one commit or erasure at a time.
	writing *semaphore.Weighted
	// reading has a unit for each reader; who exchanges the session takes all.
	reading *semaphore.Weighted
	// counting has a unit for each roll-up; who moves the write-ahead log into the database takes all before writing.
	counting  *semaphore.Weighted
	moving    atomic.Bool // of the write-ahead log: it is under way
	moves     sync.WaitGroup
	moveAfter time.Time // of whoever holds writing
	// session is nil where the database could not be opened again after a failure.
	session *session
	// done is what the last commit that was acknowledged left.
	done state
}

var _ engine.Store = (*Store)(nil)

const allReaders = math.MaxInt64

// OpenStore opens the store in a folder, and makes one where there is none. One process holds it at a time.
func OpenStore(ctx context.Context, dir string) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("duckdb: find the folder of the field log: %w", err)
	}
	if strings.Contains(dir, "?") {
		return nil, fmt.Errorf("duckdb: DuckDB cannot keep the field log in %s: give the folder a name without a question mark", dir)
	}
	files := storeFiles{dir}
	lock, err := files.hold()
	if err != nil {
		return nil, err
	}
	s := &Store{files: files, lock: lock, writing: semaphore.NewWeighted(1), reading: semaphore.NewWeighted(allReaders), counting: semaphore.NewWeighted(allReaders)}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return s, nil
}

func (s *Store) open(ctx context.Context) error {
	if err := s.files.clean(); err != nil {
		return err
	}
	marked, err := readMark(s.files.mark())
	if err != nil {
		return err
	}
	there, err := exists(s.files.log())
	if err != nil {
		return fmt.Errorf("duckdb: look for the field log: %w", err)
	}
	if !there && marked == 0 {
		if err := createStore(ctx, s.files); err != nil {
			return err
		}
	}
	if s.session, err = openSession(ctx, s.files); err != nil {
		return err
	}
	if s.done, err = s.session.state(ctx); err == nil && s.done.commit < marked {
		err = s.files.shortened(s.done.commit, marked)
	}
	if err == nil {
		s.mark, err = openMark(s.files.mark(), s.done.commit)
	}
	if err != nil {
		return errors.Join(err, s.session.close())
	}
	return nil
}

// Health says how far the store has come.
func (s *Store) Health(ctx context.Context) (engine.StoreHealth, error) {
	var st state
	err := s.read(ctx, func(session *session) (err error) {
		st, err = session.state(ctx)
		return err
	})
	if err != nil {
		return engine.StoreHealth{}, err
	}
	return engine.StoreHealth{Last: st.last, SettledTo: st.settledTo, Entries: st.entries}, nil
}

// read calls do with the open database, which stays open meanwhile.
func (s *Store) read(ctx context.Context, do func(*session) error) error {
	if err := s.reading.Acquire(ctx, 1); err != nil {
		return fmt.Errorf("duckdb: wait for the field log: %w", err)
	}
	defer s.reading.Release(1)
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("duckdb: read the field log: %w", err)
	}
	if s.session == nil {
		return s.files.closed()
	}
	return do(s.session)
}

// alone does something once nobody reads, and lets nobody read meanwhile.
func (s *Store) alone(ctx context.Context, do func() error) error {
	if err := s.reading.Acquire(ctx, allReaders); err != nil {
		return fmt.Errorf("duckdb: wait for those who read the field log: %w", err)
	}
	defer s.reading.Release(allReaders)
	return do()
}

// stop closes the database. It is called alone.
func (s *Store) stop() error {
	if s.session == nil {
		return nil
	}
	err := s.session.close()
	s.session = nil
	return err
}

// exchange closes the database, does something to its files, opens it again, and says how far it has come.
func (s *Store) exchange(ctx context.Context, do func() error) (now state, err error) {
	err = s.alone(ctx, func() error {
		if s.session != nil {
			_ = s.session.checkpoint(context.WithoutCancel(ctx))
		}
		err := s.stop()
		if err == nil {
			err = do()
		}
		err = errors.Join(err, s.files.clean())
		// From here on the caller's patience does not matter: without a session nothing works.
		ctx := context.WithoutCancel(ctx)
		session, failed := openSession(ctx, s.files)
		if failed == nil {
			s.session = session
			now, failed = session.state(ctx)
		}
		return errors.Join(err, failed)
	})
	return now, err
}

func (s *Store) reopen(ctx context.Context) (now state, err error) {
	return s.exchange(ctx, func() error { return nil })
}

// Close ends the store once nobody reads it or writes to it.
func (s *Store) Close() error {
	ctx := context.Background()
	s.moves.Wait()
	if err := s.writing.Acquire(ctx, 1); err != nil {
		return err // the context never ends
	}
	defer s.writing.Release(1)
	return s.alone(ctx, func() error {
		if s.lock == nil {
			return nil
		}
		if s.session != nil {
			_ = s.session.checkpoint(ctx)
		}
		err := errors.Join(s.stop(), s.mark.close(), s.files.clean(), s.lock.Close())
		s.lock = nil
		return err
	})
}

// closed is the error of whoever asks a store that has no open database.
func (f storeFiles) closed() error {
	return fmt.Errorf("duckdb: the field log %s is not open: it was closed, or could not be opened again after an error; start arpent again", f.dir)
}

// shortened is the error of a log that has less than was acknowledged.
func (f storeFiles) shortened(commit, marked int64) error {
	return fmt.Errorf("%w: %s ends with commit %d, but commit %d was acknowledged: bring the folder back from a copy, "+
		"or remove %s to go on without what is missing",
		engine.ErrStoreDamaged, f.log(), commit, marked, f.mark())
}

//go:build duckdb_arrow

package duckdb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/arpent/arpent/engine"
)

// Commit makes a batch durable, as a whole or not at all.
func (s *Store) Commit(ctx context.Context, batch engine.Batch) error {
	if err := s.writing.Acquire(ctx, 1); err != nil {
		return fmt.Errorf("duckdb: wait to commit: %w", err)
	}
	defer s.writing.Release(1)
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("duckdb: commit: %w", err)
	}
	return s.commit(ctx, &batch)
}

// commit is Commit for who holds writing.
func (s *Store) commit(ctx context.Context, batch *engine.Batch) error {
	// What has begun is finished: a commit takes milliseconds, and one that was interrupted is neither there nor not.
	ctx = context.WithoutCancel(ctx)
	if err := s.ready(ctx, batch); err != nil {
		return err
	}
	next := s.done.after(batch)
	err := s.session.transaction(ctx, func(conn driver.Conn) error { return write(ctx, conn, batch, next) })
	if err != nil {
		if err := s.settleFailure(ctx, next, s.files.explain("commit to", err)); err != nil {
			return err
		}
	}
	s.acknowledge(next)
	s.moveLog()
	return nil
}

// acknowledge notes that a commit is durable.
func (s *Store) acknowledge(next state) {
	s.done = next
	// A mark that cannot be written is an older one, which finds less and is never wrong.
	_ = s.mark.set(next.commit)
}

// settleFailure finds out what became of a commit that failed, and gives nil where it is durable all the same: DuckDB also fails where
// the write-ahead log was written and only moving it into the database failed. It may refuse all service from then on, until the database
// is opened again.
func (s *Store) settleFailure(ctx context.Context, next state, failure error) error {
	if now, err := s.session.state(ctx); err == nil && now == s.done {
		return failure
	}
	now, err := s.reopen(ctx)
	switch {
	case err != nil:
	case now == s.done:
		return failure
	case now == next:
		if err = s.files.sync(); err == nil {
			return nil
		}
	default:
		err = s.files.shortened(now.commit, s.done.commit)
	}
	// What is on the disk is not known: nothing more is taken.
	return errors.Join(failure, err, s.alone(ctx, s.stop))
}

// ready says whether a batch can be written now. A database that could not be opened again is tried once more.
func (s *Store) ready(ctx context.Context, batch *engine.Batch) error {
	if s.lock == nil {
		return s.files.closed()
	}
	if s.session == nil {
		if now, err := s.reopen(context.WithoutCancel(ctx)); err != nil || now != s.done {
			return errors.Join(s.files.closed(), err, s.alone(ctx, s.stop))
		}
	}
	return s.done.takes(batch)
}

// takes says what is wrong with a batch: a position that was given before would be an entry that counts twice.
func (s state) takes(batch *engine.Batch) error {
	last := s.last
	for i := range batch.Entries {
		if batch.Entries[i].Position <= last {
			return fmt.Errorf("duckdb: position %d after %d: positions ascend, and none is given twice", batch.Entries[i].Position, last)
		}
		last = batch.Entries[i].Position
	}
	for _, settlement := range batch.Settlements {
		if settlement.At <= s.last {
			return fmt.Errorf("duckdb: a settlement at %d after %d was given: they ascend like positions", settlement.At, s.last)
		}
	}
	return nil
}

// write writes a batch and the state after it, in the open transaction of a connection.
func write(ctx context.Context, conn driver.Conn, batch *engine.Batch, next state) error {
	if err := appendBatch(conn, logName, batch); err != nil {
		return err
	}
	return execute(ctx, conn, fmt.Sprintf(`UPDATE log.state SET "commit" = %d, last = %d, settled_to = %d, entries = %d`,
		next.commit, next.last, next.settledTo, next.entries))
}

// transaction does something as a whole or not at all. Its connection is its own, so that one that failed leaves nothing behind.
func (s *session) transaction(ctx context.Context, do func(driver.Conn) error) error {
	return s.connected(ctx, func(conn driver.Conn) error {
		if err := execute(ctx, conn, "BEGIN TRANSACTION"); err != nil {
			return err
		}
		if err := do(conn); err != nil {
			return err
		}
		return execute(ctx, conn, "COMMIT")
	})
}

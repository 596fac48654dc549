//go:build duckdb_arrow

package duckdb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/arpent/arpent/engine"
)

// Erase writes the log anew without the entries: a database keeps the bytes of what is deleted. Readers go on meanwhile; the new file is
// switched in when none is left, and those who come then wait.
func (s *Store) Erase(ctx context.Context, campaign string, positions []int64, batch engine.Batch) error {
	if campaign == "" {
		return errors.New("duckdb: an erasure is in one campaign: say which")
	}
	if err := s.writing.Acquire(ctx, 1); err != nil {
		return fmt.Errorf("duckdb: wait to erase: %w", err)
	}
	defer s.writing.Release(1)
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("duckdb: erase: %w", err)
	}
	if len(positions) == 0 {
		return s.commit(ctx, &batch)
	}
	if err := s.ready(ctx, &batch); err != nil {
		return err
	}
	now := state{}
	err := s.writeWithout(ctx, campaign, positions, &batch)
	if err == nil {
		now, err = s.exchange(ctx, s.files.switchIn)
	}
	if err != nil {
		return s.keepOld(context.WithoutCancel(ctx), s.files.explain("erase from", err))
	}
	s.acknowledge(now)
	return nil
}

// writeWithout writes the new database.
func (s *Store) writeWithout(ctx context.Context, campaign string, positions []int64, batch *engine.Batch) error {
	conn := s.session.writer
	return writeFresh(ctx, conn, s.files, s.done.after(batch), func() error {
		for _, table := range []string{"entries", "settlements"} {
			var copying statement
			copying.sql = fmt.Sprintf(`INSERT INTO fresh.%s FROM log.%s WHERE position NOT IN (
					SELECT position FROM log.entries WHERE campaign = %s AND position IN (SELECT unnest(%s::BIGINT[]))
				)`, table, table, copying.bind(campaign), copying.bind(positions))
			if err := executeStatement(ctx, conn, copying); err != nil {
				return err
			}
		}
		return appendBatch(conn, freshName, batch)
	})
}

// keepOld goes on with the log as it was before an erasure that failed.
func (s *Store) keepOld(ctx context.Context, failure error) error {
	now, err := s.reopen(ctx)
	if err == nil && now == s.done {
		return failure
	}
	// The new file may be in its place, and whether it stays there is not known: nothing more is taken.
	return errors.Join(failure, err, s.alone(ctx, s.stop))
}

func executeStatement(ctx context.Context, conn driver.Conn, s statement) error {
	args := make([]driver.NamedValue, len(s.args))
	for i, value := range s.args {
		args[i] = driver.NamedValue{Ordinal: i + 1, Value: value}
	}
	if _, err := conn.(driver.ExecerContext).ExecContext(ctx, s.sql, args); err != nil {
		return queryError(err)
	}
	return nil
}

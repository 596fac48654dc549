package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	driverlib "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/arpent/arpent/engine"
)

// eraseWithin bounds how long the servers may take to write their files anew without what was erased.
const eraseWithin = 30 * time.Minute

// Erase removes entries for all readers at one moment, and then from all files.
func (s *Store) Erase(ctx context.Context, campaign string, positions []int64, batch engine.Batch) error {
	if campaign == "" {
		return errors.New("clickhouse: an erasure is in one campaign: say which")
	}
	if err := s.writing.Acquire(ctx, 1); err != nil {
		return fmt.Errorf("clickhouse: wait to erase: %w", err)
	}
	defer s.writing.Release(1)
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("clickhouse: erase: %w", err)
	}
	ctx = context.WithoutCancel(ctx)
	if err := s.ready(ctx, &batch); err != nil {
		return err
	}
	gone, err := s.locate(ctx, positions, campaign)
	if err != nil {
		return fmt.Errorf("clickhouse: look for what is to be erased: %w", err)
	}
	if len(gone) == 0 {
		if err := s.commit(ctx, &batch); err != nil || !s.done.Load().Owed {
			return err
		}
		return s.payOwed(ctx)
	}
	settled, err := s.lines(ctx, batch.Settlements, batch.Entries)
	if err != nil {
		return fmt.Errorf("clickhouse: erase: %w", err)
	}
	for i := range gone {
		gone[i].Effect, gone[i].At = erased, erasedAt
	}
	next := s.done.Load().after(&batch)
	next.Entries -= int64(len(gone))
	next.Owed = true
	if err := s.write(ctx, batch.Entries, append(settled, gone...), next); err != nil {
		return err
	}
	return s.payOwed(ctx)
}

func (s *Store) payOwed(ctx context.Context) error {
	if err := s.pay(ctx); err != nil {
		return fmt.Errorf("%w: %w", engine.ErrErasureOwed, err)
	}
	return nil
}

// pay deletes what was erased, and the rows of void commits, from all files of all replicas. It is called by who holds writing.
func (s *Store) pay(ctx context.Context) error {
	now := *s.done.Load()
	positions, voids, err := s.owed(ctx, &now)
	if err != nil {
		return fmt.Errorf("clickhouse: look for what is to be deleted: %w", err)
	}
	if len(positions) > 0 || voids || now.Owed {
		// Whoever began to read before the erasure still sees what it erased.
		if err := s.waitForReaders(ctx); err != nil {
			return err
		}
		which := now.void()
		if len(positions) > 0 {
			which += " OR position IN (" + numbers(positions) + ")"
		}
		for _, table := range []string{"entries", "settlements"} { // what says which entries are erased goes last
			if err := s.onEachReplica(ctx, func(_ context.Context, r replica) error { return s.deleteFrom(ctx, r, table, which) }); err != nil {
				return fmt.Errorf("clickhouse: what was erased counts no more and is not yet deleted: it is tried again with the next erasure (%w)", err)
			}
		}
	} else {
		return nil
	}
	paid := now
	paid.Commit++
	paid.Owed = false
	paid.forget()
	s.undone = &paid // where the answer is lost the same marker is written again: no other may have its number
	if err := s.undo(ctx); err != nil {
		return fmt.Errorf("clickhouse: note what was deleted: %w", err)
	}
	return nil
}

// waitForReaders waits until nobody reads any more who began before.
func (s *Store) waitForReaders(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.options.write)
	defer cancel()
	if err := s.reading.Acquire(ctx, allReaders); err != nil {
		return fmt.Errorf("%w: somebody has been reading it since before the erasure: try again", engine.ErrStoreUnavailable)
	}
	s.reading.Release(allReaders)
	return nil
}

// owed finds the positions that are erased, and whether there are rows of void commits, on any replica: an interrupted deletion may have left them on one.
func (s *Store) owed(ctx context.Context, now *state) (positions []int64, voids bool, err error) {
	err = s.onEachReplica(ctx, func(ctx context.Context, r replica) error {
		var erasedHere []int64
		q := fmt.Sprintf("SELECT groupUniqArray(position) FROM %s WHERE effect = '%s' AND %s", s.options.local("settlements"), erased, now.visible())
		if err := r.QueryRow(ctx, q).Scan(&erasedHere); err != nil {
			return fmt.Errorf("server %s: %w", r.address, err)
		}
		positions = append(positions, erasedHere...)
		for _, table := range []string{"entries", "settlements"} {
			var rows uint64
			if err := r.QueryRow(ctx, fmt.Sprintf("SELECT count() FROM %s WHERE %s", s.options.local(table), now.void())).Scan(&rows); err != nil {
				return fmt.Errorf("server %s: %w", r.address, err)
			}
			voids = voids || rows > 0
		}
		return nil
	})
	slices.Sort(positions)
	return slices.Compact(positions), voids, err
}

// mostVoid are the ranges of void commits that are remembered. A row of an older one that was not deleted would have to come from an insert that has been
// under way since as many writers or failures ago; none takes longer than its limit.
const mostVoid = 100

// forget lets go of ranges whose rows are deleted.
func (s *state) forget() {
	if n := len(s.VoidFrom); n > mostVoid {
		s.VoidFrom, s.VoidTo = s.VoidFrom[n-mostVoid:], s.VoidTo[n-mostVoid:]
	}
}

// deleteFrom deletes rows from the files of a table on one replica, and returns when no file has them.
func (s *Store) deleteFrom(ctx context.Context, r replica, table, which string) error {
	ctx, cancel := s.options.withSettings(ctx, eraseWithin, driverlib.Settings{
		"mutations_sync": 2, "log_queries": 0,
	})
	defer cancel()
	if r.first || !s.options.replicated { // what one replica deletes the others of a replicated table delete too, and are waited for
		if err := r.execute(ctx, fmt.Sprintf("ALTER TABLE %s DELETE WHERE %s", s.options.local(table), which)); err != nil {
			return err
		}
	}
	for {
		if !s.options.replicated {
			// Of a partition that is not there: what it does is to delete the files of rows that are gone, at once.
			if err := r.execute(ctx, fmt.Sprintf("ALTER TABLE %s DROP PARTITION ID 'none'", s.options.local(table))); err != nil {
				return err
			}
		}
		var old, detached uint64
		name := driverlib.Named("name", table+"_local")
		database := driverlib.Named("database", s.options.database)
		if err := r.QueryRow(ctx, "SELECT count() FROM system.parts WHERE NOT active AND database = {database:String} AND table = {name:String}",
			database, name).Scan(&old); err != nil {
			return fmt.Errorf("server %s: %w", r.address, err)
		}
		if err := r.QueryRow(ctx, "SELECT count() FROM system.detached_parts WHERE database = {database:String} AND table = {name:String}",
			database, name).Scan(&detached); err != nil {
			return fmt.Errorf("server %s: %w", r.address, err)
		}
		if detached > 0 {
			return fmt.Errorf("server %s keeps %d detached parts of %s, which nothing is deleted from: see system.detached_parts, and drop them", r.address, detached, s.options.local(table))
		}
		if old == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

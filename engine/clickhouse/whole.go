package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"math"

	driverlib "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/arpent/arpent/engine"
)

// whole reads the latest marker and finds out whether all is there that it tells of: a server that has lost its disk is found before anything is answered. The
// state of a new store is zero.
func (s *Store) whole(ctx context.Context) (state, error) {
	there, rows, err := s.tablesThere(ctx)
	switch {
	case err != nil:
		return state{}, err
	case len(there) < len(s.replicas) && rows == 0:
		return state{}, nil // a new store, or one that was being made
	case len(there) < len(s.replicas) && !s.options.replicated:
		return state{}, fmt.Errorf("%w: of the servers of the cluster only %q have the tables of database %s: bring the disks of the others back from a copy",
			engine.ErrStoreDamaged, there, s.options.database)
	case len(there) < len(s.replicas): // a replica is new, and the others will fill it
		if err := s.migrate(ctx, 0); err != nil {
			return state{}, err
		}
	}
	const tries = 10 // another may be writing
	for range tries {
		before, err := s.held(ctx, math.MaxInt64)
		if err != nil {
			return state{}, fmt.Errorf("clickhouse: open the field log: %w", err)
		}
		counted, later, err := s.count(ctx, &before)
		if err != nil {
			return state{}, fmt.Errorf("clickhouse: count the entries of the field log: %w", err)
		}
		if counted == before.Entries && later == 0 {
			return before, s.inPlace(ctx)
		}
		after, err := s.held(ctx, math.MaxInt64)
		if err != nil {
			return state{}, fmt.Errorf("clickhouse: open the field log: %w", err)
		}
		if after.Commit != before.Commit {
			continue
		}
		if later > 0 {
			return state{}, fmt.Errorf("%w: database %s has %d rows that are later than its last marker, commit %d: bring the first shard back from a copy",
				engine.ErrStoreDamaged, s.options.database, later, before.Commit)
		}
		return state{}, fmt.Errorf("%w: database %s has %d entries, and %d were acknowledged: bring the shard that lacks them back from a copy",
			engine.ErrStoreDamaged, s.options.database, counted, before.Entries)
	}
	return state{}, fmt.Errorf("%w: another arpent writes to the field log without a pause: stop it", engine.ErrStoreUnavailable)
}

// tablesThere gives the servers that have all tables of the first format, and how many rows there are on any.
func (s *Store) tablesThere(ctx context.Context) (there []string, rows uint64, err error) {
	var away []replica
	shards := map[uint32]bool{}
	for _, r := range s.replicas {
		var tables, has uint64
		err := s.again(ctx, s.options.read, nil, func(ctx context.Context) error {
			return r.QueryRow(ctx, "SELECT countIf(name IN ('entries', 'entries_local', 'settlements', 'settlements_local', 'commits', 'commits_local')), toUInt64(ifNull(sumIf(total_rows, engine LIKE '%MergeTree'), 0)) FROM system.tables WHERE database = {database:String}",
				driverlib.Named("database", s.options.database)).Scan(&tables, &has)
		})
		switch {
		case errors.Is(err, engine.ErrStoreUnavailable) && s.options.replicated:
			away = append(away, r) // its tables are looked at when it is back and the store is opened again
			continue
		case err != nil:
			return nil, 0, fmt.Errorf("clickhouse: open the field log: %w", err)
		}
		if tables == 6 {
			there = append(there, r.address)
		}
		shards[r.shard] = true
		rows += has
	}
	for _, r := range away {
		if !shards[r.shard] || rows == 0 {
			return nil, 0, fmt.Errorf("clickhouse: open the field log: %w: server %s, and no other of its shard", engine.ErrStoreUnavailable, r.address)
		}
		there = append(there, r.address)
	}
	return there, rows, nil
}

// inPlace finds out whether every row is on the shard that it belongs to: a settlement would otherwise not be found beside its entry. Rows do not move by themselves
// where shards are added or come in another order.
func (s *Store) inPlace(ctx context.Context) error {
	var made string
	err := s.again(ctx, s.options.read, nil, func(ctx context.Context) error {
		return s.conn.QueryRow(ctx, "SELECT extract(engine_full, 'Distributed\\(\\W?([a-z0-9_-]+)') FROM system.tables WHERE database = {database:String} AND name = 'entries'",
			driverlib.Named("database", s.options.database)).Scan(&made)
	})
	if err != nil {
		return fmt.Errorf("clickhouse: open the field log: %w", err)
	}
	if made != s.options.cluster {
		return fmt.Errorf("clickhouse: database %s was made for the cluster %s, and the address names %s: give that name", s.options.database, made, s.options.cluster)
	}
	for _, table := range []string{"entries", "settlements"} {
		var elsewhere int64
		q := query{sql: fmt.Sprintf("SELECT toInt64(count()) FROM %s WHERE _shard_num <> %s %% %d + 1", s.options.table(table), shardOf(), s.shards())}
		if err := s.ask(ctx, s.options.write, &q, func() {}, func(scan func(...any) error) error { return scan(&elsewhere) }); err != nil {
			return fmt.Errorf("clickhouse: look where the rows of the field log are: %w", err)
		}
		if elsewhere > 0 {
			return fmt.Errorf("clickhouse: %d rows of %s.%s are on another shard than they belong to: the cluster %s has other shards, or in another order, than when they were written. "+
				"Bring that back; for more shards make another cluster and copy the log there, with `arpent store copy`", elsewhere, s.options.database, table, s.options.cluster)
		}
	}
	return nil
}

// count counts the entries that are in a state of the log, without those that are erased, and the rows that are later: of the next commit there may be
// some, for it may have failed, of one after that only where its marker is lost.
func (s *Store) count(ctx context.Context, now *state) (entries, later int64, err error) {
	q := query{sql: fmt.Sprintf("SELECT toInt64(countIf(%s AND holds <> '%s')), toInt64(countIf(`commit` > %d)) FROM %s AS entries LEFT JOIN %s USING (position)",
		now.visible(), erased, now.Commit+1, s.options.table("entries"), s.options.latestSettlements(now, fmt.Sprintf("effect = '%s'", erased)))}
	err = s.ask(ctx, s.options.write, &q, func() {}, func(scan func(...any) error) error { return scan(&entries, &later) })
	return entries, later, err
}

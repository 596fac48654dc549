package clickhouse

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// The number of a commit begins with its term: termBits are left for those of a term, two billion.
const termBits = 31

// state is the marker of a commit: how far the store has come with it.
type state struct {
	Term      int64     `ch:"term"`
	Writer    uuid.UUID `ch:"writer"` // of the term, drawn when it opened the store
	Store     uuid.UUID `ch:"store"`  // drawn when it was made
	Commit    int64     `ch:"commit"`
	Format    int64     `ch:"format"`
	Last      int64     `ch:"last"` // the highest position given
	SettledTo int64     `ch:"settled_to"`
	Entries   int64     `ch:"entries"`
	VoidFrom  []int64   `ch:"void_from"` // ranges of commits that are none, both ends included
	VoidTo    []int64   `ch:"void_to"`
	Owed      bool      `ch:"owed"` // what was erased may still lie in files
}

const stateDefinition = "`term` Int64, `writer` UUID, `store` UUID, `commit` Int64, `format` Int64, `last` Int64, `settled_to` Int64, `entries` Int64, " +
	"`void_from` Array(Int64), `void_to` Array(Int64), `owed` Bool"

const stateColumns = "`term`, `writer`, `store`, `commit`, `format`, `last`, `settled_to`, `entries`, `void_from`, `void_to`, `owed`"

// first is the number of a term's claim: no row bears it.
func first(term int64) int64 { return term << termBits }

// after gives the state once a batch is committed.
func (s state) after(batch *engine.Batch) state {
	s.Commit++
	s.Entries += int64(len(batch.Entries))
	for i := range batch.Entries {
		s.Last = max(s.Last, batch.Entries[i].Position)
	}
	for _, settlement := range batch.Settlements {
		s.Last = max(s.Last, settlement.At)
	}
	if batch.SettledTo != 0 {
		s.SettledTo = batch.SettledTo
	}
	return s
}

// without gives the state with one more range of commits void. Ranges that meet are one.
func (s state) without(from, to int64) state {
	if n := len(s.VoidTo); n > 0 && s.VoidTo[n-1]+1 == from {
		s.VoidFrom = append([]int64(nil), s.VoidFrom...)
		s.VoidTo = append([]int64(nil), s.VoidTo...)
		s.VoidTo[n-1] = to
		return s
	}
	s.VoidFrom = append(append([]int64(nil), s.VoidFrom...), from)
	s.VoidTo = append(append([]int64(nil), s.VoidTo...), to)
	return s
}

// takes says what is wrong with a batch: a position that was given before would be an entry that counts twice.
func (s state) takes(batch *engine.Batch) error {
	last := s.Last
	for i := range batch.Entries {
		if batch.Entries[i].Position <= last {
			return fmt.Errorf("clickhouse: position %d after %d: positions ascend, and none is given twice", batch.Entries[i].Position, last)
		}
		last = batch.Entries[i].Position
	}
	for _, settlement := range batch.Settlements {
		if settlement.At <= s.Last {
			return fmt.Errorf("clickhouse: a settlement at %d after %d was given: they ascend like positions", settlement.At, s.Last)
		}
	}
	return nil
}

// visible is the condition that a row counts.
func (s *state) visible() string {
	conditions := []string{fmt.Sprintf("`commit` <= %d", s.Commit)}
	for i := range s.VoidFrom {
		conditions = append(conditions, fmt.Sprintf("NOT (`commit` BETWEEN %d AND %d)", s.VoidFrom[i], s.VoidTo[i]))
	}
	return strings.Join(conditions, " AND ")
}

// void is the condition that a row is of a commit that is none.
func (s *state) void() string {
	conditions := []string{"0"}
	for i := range s.VoidFrom {
		conditions = append(conditions, fmt.Sprintf("`commit` BETWEEN %d AND %d", s.VoidFrom[i], s.VoidTo[i]))
	}
	return strings.Join(conditions, " OR ")
}

// errReplaced is returned to a writer that is not the one of the store any more.
var errReplaced = fmt.Errorf("%w by this arpent: another has taken it over, and this one is behind: stop it, or start it again to take the log back", engine.ErrStoreUnavailable)

// marker reads the latest marker of commits before one; the zero state where there is none.
func (s *Store) marker(ctx context.Context, before int64) (state, error) {
	var found []state
	err := s.again(ctx, s.options.read, nil, func(ctx context.Context) error {
		found = nil
		return s.conn.Select(ctx, &found, fmt.Sprintf("SELECT %s FROM %s WHERE `commit` < %d ORDER BY `commit` DESC LIMIT 1",
			stateColumns, s.options.table("commits"), before))
	})
	if err != nil || len(found) == 0 {
		return state{}, err
	}
	return found[0], nil
}

// held reads the latest marker before a commit that is a state and no claim.
func (s *Store) held(ctx context.Context, before int64) (state, error) {
	for {
		m, err := s.marker(ctx, before)
		if err != nil || m.Commit == 0 || m.Commit != first(m.Term) {
			return m, err
		}
		before = m.Commit
	}
}

// latest reads the latest marker.
func (s *Store) latest(ctx context.Context) (state, error) { return s.marker(ctx, math.MaxInt64) }

// mark writes a marker. It may be written again: the rows are the same.
func (s *Store) mark(ctx context.Context, next state) error {
	ctx, cancel := s.options.withSettings(ctx, s.options.write, nil)
	defer cancel()
	batch, err := s.conn.PrepareBatch(ctx, fmt.Sprintf("INSERT INTO %s (%s)", s.options.table("commits"), stateColumns))
	if err != nil {
		return err
	}
	defer batch.Close()
	if err := batch.AppendStruct(&next); err != nil {
		return err
	}
	return batch.Send()
}

package clickhouse

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/arpent/arpent/engine"
)

// Commit makes a batch durable, as a whole or not at all.
func (s *Store) Commit(ctx context.Context, batch engine.Batch) error {
	if err := s.writing.Acquire(ctx, 1); err != nil {
		return fmt.Errorf("clickhouse: wait to commit: %w", err)
	}
	defer s.writing.Release(1)
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("clickhouse: commit: %w", err)
	}
	return s.commit(ctx, &batch)
}

// commit is Commit for who holds writing.
func (s *Store) commit(ctx context.Context, batch *engine.Batch) error {
	// What has begun is finished: a commit that was interrupted is neither there nor not.
	ctx = context.WithoutCancel(ctx)
	if err := s.ready(ctx, batch); err != nil {
		return err
	}
	settled, err := s.lines(ctx, batch.Settlements, batch.Entries)
	if err != nil {
		return fmt.Errorf("clickhouse: commit: %w", err)
	}
	return s.write(ctx, batch.Entries, settled, s.done.Load().after(batch))
}

// ready says whether a batch can be written now. First it makes void what failed.
func (s *Store) ready(ctx context.Context, batch *engine.Batch) error {
	if s.replaced.Load() {
		return errReplaced
	}
	if s.undone != nil {
		if err := s.undo(ctx); err != nil {
			return fmt.Errorf("clickhouse: what became of the last commit or erasure could not be noted yet: %w", err)
		}
	}
	return s.done.Load().takes(batch)
}

// write writes the rows of a commit and then its marker. When it fails the commit is void, or will be before the next.
func (s *Store) write(ctx context.Context, entries []engine.Entry, settled []line, next state) error {
	var rows errgroup.Group
	rows.Go(func() error { return s.insert(ctx, "entries", next.Commit, len(entries), entryFields(entries)) })
	rows.Go(func() error { return s.insert(ctx, "settlements", next.Commit, len(settled), lineFields(settled)) })
	err := rows.Wait()
	if err == nil {
		if err = s.mark(ctx, next); err != nil && isLost(err) {
			err = s.mark(ctx, next)
		}
	}
	var now state
	if err == nil {
		now, err = s.latest(ctx)
	}
	switch {
	case err == nil && now.Commit == next.Commit && now.Writer == s.writer:
		s.done.Store(&next)
		return nil
	case err == nil && now.Writer != s.writer:
		s.replaced.Store(true)
		return errReplaced
	case err == nil: // a server answers that has not got the marker, though it was awaited
		err = fmt.Errorf("the marker of commit %d is not there after it was written: are all replicas of the cluster written to?", next.Commit)
	}
	void := s.done.Load().without(next.Commit, next.Commit+1) // no row bears the number of the marker itself: so failures one after the other are one range
	void.Commit = next.Commit + 1
	s.undone = &void
	_ = s.undo(ctx) // else before the next commit
	return fmt.Errorf("clickhouse: commit: %w", explain(err))
}

// undo writes the marker that must be there before any other.
func (s *Store) undo(ctx context.Context) error {
	if err := s.mark(ctx, *s.undone); err != nil {
		return explain(err)
	}
	s.done.Store(s.undone)
	s.undone = nil
	return nil
}

// A line is a settlement with what says where its entry lies.
type line struct {
	engine.Settlement
	campaign string
	cell     int64
}

// erased is the effect of what was erased and is not deleted yet. It holds against all others, also as the log was.
const (
	erased   = "erased"
	erasedAt = math.MaxInt64
)

// lines finds the entries of settlements: among those of the batch, else in the store. A settlement of no entry says nothing and is left out.
func (s *Store) lines(ctx context.Context, settlements []engine.Settlement, fresh []engine.Entry) ([]line, error) {
	if len(settlements) == 0 {
		return nil, nil
	}
	places := map[int64]line{}
	for i := range fresh {
		places[fresh[i].Position] = line{campaign: fresh[i].Campaign, cell: fresh[i].Cell}
	}
	var missing []int64
	for _, settlement := range settlements {
		if _, there := places[settlement.Position]; !there {
			missing = append(missing, settlement.Position)
		}
	}
	found, err := s.locate(ctx, missing, "")
	if err != nil {
		return nil, err
	}
	for _, l := range found {
		places[l.Position] = l
	}
	var all []line
	for _, settlement := range settlements {
		if at, there := places[settlement.Position]; there {
			all = append(all, line{settlement, at.campaign, at.cell})
		}
	}
	return all, nil
}

// locate finds entries by their positions, all of them or those of one campaign. Their settlements are zero but for the position.
func (s *Store) locate(ctx context.Context, positions []int64, campaign string) (found []line, err error) {
	if len(positions) == 0 {
		return nil, nil
	}
	now := s.done.Load()
	q := query{sql: fmt.Sprintf("SELECT position, campaign, cell FROM %s WHERE %s AND position IN (%s)", s.options.table("entries"), now.visible(), numbers(positions))}
	if campaign != "" {
		q.sql += " AND campaign = " + q.bind(campaign)
	}
	err = s.ask(ctx, s.options.read, &q, func() { found = found[:0] }, func(scan func(...any) error) error {
		var l line
		err := scan(&l.Position, &l.campaign, &l.cell)
		found = append(found, l)
		return err
	})
	return found, err
}

func numbers(of []int64) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(of), " ", ","), "[]")
}

// fields are the columns of rows to insert, and the values of one.
type fields struct {
	names  []string
	values func(row int) []any
}

func entryFields(entries []engine.Entry) fields {
	columns := engine.EntryColumns()
	f := fields{}
	for _, c := range columns {
		f.names = append(f.names, quoted(c.Name))
	}
	values := make([]any, len(columns))
	f.values = func(row int) []any {
		for i, c := range columns {
			values[i] = stored(c.Field(&entries[row]))
		}
		return values
	}
	return f
}

func lineFields(lines []line) fields {
	columns := engine.SettlementColumns()
	f := fields{names: []string{"campaign", "cell"}}
	for _, c := range columns {
		f.names = append(f.names, quoted(c.Name))
	}
	values := make([]any, 2+len(columns))
	f.values = func(row int) []any {
		l := &lines[row]
		values[0], values[1] = l.campaign, l.cell
		for i, c := range columns {
			values[2+i] = stored(c.Field(&l.Settlement))
		}
		return values
	}
	return f
}

// stored gives a value as the driver takes it.
func stored(field any) any {
	switch v := field.(type) {
	case *time.Time:
		if v.IsZero() {
			return (*time.Time)(nil)
		}
		return v
	case *engine.Key:
		return (*uuid.UUID)(v)
	}
	return field
}

// insert inserts the rows of a commit into a table of all shards, and returns when they have them.
func (s *Store) insert(ctx context.Context, table string, commit int64, rows int, f fields) error {
	if rows == 0 {
		return nil
	}
	ctx, cancel := s.options.withSettings(ctx, s.options.write, nil)
	defer cancel()
	batch, err := s.conn.PrepareBatch(ctx, fmt.Sprintf("INSERT INTO %s (`commit`, %s)", s.options.table(table), strings.Join(f.names, ", ")))
	if err != nil {
		return err
	}
	defer batch.Close()
	values := []any{commit}
	for row := range rows {
		if err := batch.Append(append(values[:1], f.values(row)...)...); err != nil {
			return err
		}
	}
	return batch.Send()
}

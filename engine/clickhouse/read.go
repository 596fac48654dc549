package clickhouse

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// Rollup counts the settled entries that the question asks for. The whole answer is there before each is called: one that broke off would be a part.
func (s *Store) Rollup(ctx context.Context, question engine.Question, each func(*engine.RollupRow) error) error {
	if err := question.Check(); err != nil {
		return err
	}
	var answer []engine.RollupRow
	err := s.read(ctx, func(now *state) error {
		q, columns := s.options.rollupQuery(now, &question)
		fields := make([]any, len(columns))
		return s.ask(ctx, s.options.read, &q, func() { answer = answer[:0] }, func(scan func(...any) error) error {
			answer = append(answer, engine.RollupRow{})
			row := &answer[len(answer)-1]
			for i, c := range columns {
				fields[i] = c.field(row)
			}
			return scan(fields...)
		})
	})
	if err != nil {
		return err
	}
	for i := range answer {
		if err := each(&answer[i]); err != nil {
			return err
		}
	}
	return nil
}

// windowSize bounds what of a log is in memory at once.
const windowSize = 1 << 16

// Replay gives the entries that are selected, window by window: positions, or revisions, from one number to another. All windows are of one state.
func (s *Store) Replay(ctx context.Context, selection engine.Selection, each func([]engine.Kept) error) error {
	if selection.Campaign == "" {
		return errors.New("clickhouse: a replay is of one campaign: say which")
	}
	return s.read(ctx, func(now *state) error {
		after, to := max(selection.After, 0), now.Last
		if selection.To != 0 {
			to = min(to, selection.To)
		}
		size := int64(windowSize)
		if len(selection.IDs)+len(selection.Positions) > 0 || selection.Door != (engine.Key{}) || selection.Canvasser != (engine.Key{}) {
			size = max(to-after, 1) // few entries: one query
		}
		left := selection.Limit
		var entries []engine.Kept
		var err error
		for ; after < to; after += size {
			if entries, err = s.readWindow(ctx, now, &selection, after, min(after+size, to), left, entries); err != nil {
				return err
			}
			if len(entries) > 0 {
				if err := each(entries); err != nil {
					return stopped{err}
				}
			}
			if left -= len(entries); selection.Limit > 0 && left == 0 {
				break
			}
		}
		return nil
	})
}

// readWindow reads what is selected in a window, at most limit entries where that is not 0, into the memory of those before.
func (s *Store) readWindow(ctx context.Context, now *state, selection *engine.Selection, after, to int64, limit int, entries []engine.Kept) ([]engine.Kept, error) {
	q, columns := s.options.replayQuery(now, selection, after, to, limit)
	var own texts
	fields := make([]any, 0, len(columns)+2)
	var times [8]*time.Time // of a row, in the order of its columns
	err := s.ask(ctx, s.options.read, &q, func() { entries = entries[:0] }, func(scan func(...any) error) error {
		entries = append(entries, engine.Kept{})
		k := &entries[len(entries)-1]
		fields = fields[:0]
		nullable := 0
		for _, c := range columns {
			field := c.Field(&k.Entry)
			switch f := field.(type) {
			case *time.Time:
				times[nullable] = nil
				field = &times[nullable]
				nullable++
			case *engine.Key:
				field = (*uuid.UUID)(f)
			}
			fields = append(fields, field)
		}
		var settledAt int64
		if err := scan(append(fields, (*string)(&k.Effect), &settledAt)...); err != nil {
			return err
		}
		nullable = 0
		for _, c := range columns {
			switch f := c.Field(&k.Entry).(type) {
			case *time.Time:
				if t := times[nullable]; t != nil {
					*f = t.UTC()
				}
				nullable++
			case *string:
				*f = own.own(*f)
			}
		}
		k.Revision = max(k.Position, settledAt)
		if k.Position > now.SettledTo {
			k.Effect = ""
		} else {
			k.Effect = cmp.Or(k.Effect, engine.Counts)
		}
		return nil
	})
	return entries, err
}

// texts keeps one copy of each text: codes come again and again.
type texts map[string]string

func (t *texts) own(text string) string {
	if own, ok := (*t)[text]; ok {
		return own
	}
	if *t == nil || len(*t) == 1<<12 { // addresses, not codes
		*t = texts{}
	}
	(*t)[text] = text
	return text
}

//go:build duckdb_arrow

package duckdb

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"sort"
	"sync"

	"github.com/arpent/arpent/engine"
)

// Rollup counts the settled entries that the question asks for.
func (s *Store) Rollup(ctx context.Context, question engine.Question, each func(*engine.RollupRow) error) error {
	if err := question.Check(); err != nil {
		return err
	}
	query, columns := rollupStatement(&question)
	if err := s.counting.Acquire(ctx, 1); err != nil {
		return fmt.Errorf("duckdb: wait to roll up: %w", err)
	}
	counted := sync.OnceFunc(func() { s.counting.Release(1) })
	defer counted()
	return s.read(ctx, func(session *session) error {
		return session.connected(ctx, func(conn driver.Conn) error {
			return yielding(func() error {
				return s.files.explain("read", answers(ctx, conn, query, columns, func(rows []engine.RollupRow) error {
					counted() // all is, when the first rows come, and whoever takes them may be slow
					for i := range rows {
						if err := each(&rows[i]); err != nil {
							return stopped{err}
						}
					}
					return nil
				}))
			})
		})
	})
}

// Replay gives the entries that are selected, window by window: the driver holds an answer in memory as a whole.
func (s *Store) Replay(ctx context.Context, selection engine.Selection, each func([]engine.Kept) error) error {
	if selection.Campaign == "" {
		return errors.New("duckdb: a replay is of one campaign: say which")
	}
	return s.read(ctx, func(session *session) error {
		return session.connected(ctx, func(conn driver.Conn) error {
			return s.files.explain("read", replayWindows(ctx, conn, &selection, each))
		})
	})
}

func replayWindows(ctx context.Context, conn driver.Conn, selection *engine.Selection, each func([]engine.Kept) error) error {
	// All windows are of one transaction, and so of one state of the log.
	if err := execute(ctx, conn, "BEGIN TRANSACTION"); err != nil {
		return err
	}
	now, err := readState(ctx, conn)
	if err != nil {
		return err
	}
	left := selection.Limit
	var entries []engine.Kept
	for _, w := range windows(selection, now.last) {
		if entries, err = readWindow(ctx, conn, selection, w, now.settledTo, entries[:0]); err != nil {
			return err
		}
		if selection.Limit > 0 {
			entries = entries[:min(left, len(entries))]
			left -= len(entries)
		}
		if len(entries) > 0 {
			if err := each(entries); err != nil {
				return stopped{err}
			}
		}
		if selection.Limit > 0 && left == 0 {
			break
		}
	}
	return nil // the connection goes, and the transaction with it
}

// readWindow appends what is selected in a window, in order.
func readWindow(
	ctx context.Context, conn driver.Conn, selection *engine.Selection, w window, settledTo int64, entries []engine.Kept,
) ([]engine.Kept, error) {
	err := answers(ctx, conn, selectStatement(selection, w), selectedColumns(selection), func(rows []engine.Kept) error {
		entries = append(entries, rows...)
		return nil
	})
	if err != nil || len(entries) == 0 {
		return entries, err
	}
	latest := map[int64]engine.Settlement{}
	err = answers(ctx, conn, latestStatement(entries), settlementColumns, func(rows []engine.Settlement) error {
		for _, s := range rows {
			latest[s.Position] = s
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range entries {
		settle(&entries[i], latest[entries[i].Position], settledTo)
	}
	if !selection.Changed {
		sort.Slice(entries, func(i, j int) bool { return entries[i].Position < entries[j].Position })
		return entries, nil
	}
	// What has a later settlement than the window is in a later one.
	entries = slices.DeleteFunc(entries, func(k engine.Kept) bool { return k.Revision > w.to })
	sort.Slice(entries, func(i, j int) bool {
		a, b := &entries[i], &entries[j]
		return a.Revision < b.Revision || a.Revision == b.Revision && a.Position < b.Position
	})
	return entries, nil
}

// settle says what an entry counts for, by its latest settlement; the zero one is none.
func settle(k *engine.Kept, latest engine.Settlement, settledTo int64) {
	k.Revision = max(k.Position, latest.At)
	if k.Position <= settledTo {
		k.Effect = cmp.Or(latest.Effect, engine.Counts)
	}
}

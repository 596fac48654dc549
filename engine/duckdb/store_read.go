//go:build duckdb_arrow

package duckdb

import (
	"context"
	"database/sql/driver"
	"errors"
	"sort"

	"github.com/arpent/arpent/engine"
)

// Rollup counts the settled entries that the question asks for.
func (s *Store) Rollup(ctx context.Context, question engine.Question, each func(*engine.RollupRow) error) error {
	if err := question.Check(); err != nil {
		return err
	}
	query, columns := rollupStatement(&question)
	return s.read(ctx, func(session *session) error {
		return session.connected(ctx, func(conn driver.Conn) error {
			return s.files.explain("read", answers(ctx, conn, query, columns, func(rows []engine.RollupRow) error {
				for i := range rows {
					if err := each(&rows[i]); err != nil {
						return stopped{err}
					}
				}
				return nil
			}))
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
	columns := selectedColumns(selection)
	left := selection.Limit
	var entries []engine.Kept
	for _, w := range windows(selection, now.last) {
		entries = entries[:0]
		err := answers(ctx, conn, selectStatement(selection, w, now.settledTo), columns, func(rows []engine.Kept) error {
			entries = append(entries, rows...)
			return nil
		})
		if err != nil {
			return err
		}
		// They come nearly in order, and DuckDB sorts wide rows slowly.
		sort.Slice(entries, func(i, j int) bool {
			a, b := &entries[i], &entries[j]
			if selection.Changed && a.Revision != b.Revision {
				return a.Revision < b.Revision
			}
			return a.Position < b.Position
		})
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

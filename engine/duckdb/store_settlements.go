//go:build duckdb_arrow

package duckdb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/arpent/arpent/engine"
)

// Settlements gives the settlements of a campaign's entries, window by window, as Replay gives entries.
func (s *Store) Settlements(ctx context.Context, campaign string, after, to int64, each func([]engine.Settlement) error) error {
	if campaign == "" {
		return errors.New("duckdb: settlements are of one campaign: say which")
	}
	return s.read(ctx, func(session *session) error {
		return session.connected(ctx, func(conn driver.Conn) error {
			return s.files.explain("read", settlementWindows(ctx, conn, campaign, after, to, each))
		})
	})
}

func settlementWindows(ctx context.Context, conn driver.Conn, campaign string, after, to int64, each func([]engine.Settlement) error) error {
	// All windows are of one transaction, and so of one state of the log.
	if err := execute(ctx, conn, "BEGIN TRANSACTION"); err != nil {
		return err
	}
	now, err := readState(ctx, conn)
	if err != nil {
		return err
	}
	to = min(to, now.last)
	for after = max(after, 0); after < to; after += windowSize {
		query := settlementStatement(campaign, window{after, min(after+windowSize, to)})
		err := answers(ctx, conn, query, settlementColumns, func(rows []engine.Settlement) error {
			if err := each(rows); err != nil {
				return stopped{err}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil // the connection goes, and the transaction with it
}

// settlementStatement asks for the settlements of a window. Their entries say which campaign they are of: a position is one entry, so that a join gives
// each settlement once, and from the few of a window DuckDB knows which part of the entries to look at.
func settlementStatement(campaign string, w window) statement {
	var s statement
	s.sql = fmt.Sprintf(`SELECT position, settled_at, effect
		FROM (SELECT * FROM log.settlements WHERE settled_at > %d AND settled_at <= %d) JOIN (SELECT position, campaign FROM log.entries) USING (position)
		WHERE campaign = %s ORDER BY settled_at, position`, w.after, w.to, s.bind(campaign))
	return s
}

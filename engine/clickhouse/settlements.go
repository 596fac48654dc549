package clickhouse

import (
	"context"
	"errors"
	"fmt"

	"github.com/arpent/arpent/engine"
)

// Settlements gives the settlements of a campaign's entries, window by window, as Replay gives entries.
func (s *Store) Settlements(ctx context.Context, campaign string, after, to int64, each func([]engine.Settlement) error) error {
	if campaign == "" {
		return errors.New("clickhouse: settlements are of one campaign: say which")
	}
	return s.read(ctx, func(now *state) error {
		to := min(to, now.Last)
		var settlements []engine.Settlement
		for after := max(after, 0); after < to; after += windowSize {
			q := s.options.settlementsQuery(now, campaign, after, min(after+windowSize, to))
			err := s.ask(ctx, s.options.read, &q, func() { settlements = settlements[:0] }, func(scan func(...any) error) error {
				var next engine.Settlement
				err := scan(&next.Position, &next.At, (*string)(&next.Effect))
				settlements = append(settlements, next)
				return err
			})
			if err != nil {
				return err
			}
			if len(settlements) > 0 {
				if err := each(settlements); err != nil {
					return stopped{err}
				}
			}
		}
		return nil
	})
}

// settlementsQuery asks for the settlements of a window: after < At <= to. Those of what is erased are none, also while their rows are not deleted yet.
func (o *options) settlementsQuery(now *state, campaign string, after, to int64) query {
	var q query
	mine := "campaign = " + q.bind(campaign) + " AND " + now.visible()
	gone := fmt.Sprintf("SELECT position FROM %s WHERE %s AND effect = '%s'", o.local("settlements"), mine, erased) // they lie on the same shard
	q.sql = fmt.Sprintf("SELECT position, settled_at, effect FROM %s WHERE %s AND settled_at > %d AND settled_at <= %d AND position NOT IN (%s) ORDER BY settled_at, position",
		o.table("settlements"), mine, after, to, gone)
	return q
}

package field

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// Rollup counts what is settled, see engine.Store, whatever the question, without answers: they are told of places alone, and only where enough
// households answered, by engine/live. After a start it waits until all that was acknowledged before is settled. One question is counted at a time.
func (l *Log) Rollup(ctx context.Context, question engine.Question, each func(*engine.RollupRow) error) error {
	if err := l.waitSettled(ctx); err != nil {
		return err
	}
	if err := l.counting.Acquire(ctx, 1); err != nil {
		return fmt.Errorf("field: wait to roll up: %w", err)
	}
	counted := sync.OnceFunc(func() { l.counting.Release(1) })
	defer counted()
	question.Answers = false
	return l.config.Store.Rollup(ctx, question, func(row *engine.RollupRow) error {
		counted() // all is counted when the first row comes, and whoever takes the rows may be slow
		return each(row)
	})
}

// Counted gives the entries of a precinct, or with precinct 0 of a campaign, that count, or count as attempts, in the order of their
// positions. each must not keep the slice.
func (l *Log) Counted(ctx context.Context, campaign string, precinct int64, each func([]engine.Kept) error) error {
	if err := l.waitSettled(ctx); err != nil {
		return err
	}
	return l.config.Store.Replay(ctx, engine.Selection{Campaign: campaign, Precinct: precinct}, func(kept []engine.Kept) error {
		counted := make([]engine.Kept, 0, len(kept))
		for i := range kept {
			counts := kept[i].Effect == engine.Counts || kept[i].Effect == engine.AttemptOnly
			if counts {
				counted = append(counted, kept[i])
			}
		}
		if len(counted) == 0 {
			return nil
		}
		return each(counted)
	})
}

// LogStatus is how far the log has come.
type LogStatus struct {
	Last, SettledTo, Entries int64
	Settled                  bool // the ids are read, and all that was acknowledged counts
	Conflicts                int  // things that happened of which several returns speak differently, in all campaigns
}

// Health says how far the log has come. It waits for nothing, also while the log is being read after its start.
func (l *Log) Health(ctx context.Context) (LogStatus, error) {
	health, err := l.config.Store.Health(ctx)
	if err != nil {
		return LogStatus{}, fmt.Errorf("field: health: %w", err)
	}
	return LogStatus{
		Last: health.Last, SettledTo: health.SettledTo, Entries: health.Entries, Settled: l.isSettled(), Conflicts: int(l.conflicts.Load()),
	}, nil
}

// QuarantinePage lists returns in quarantine.
type QuarantinePage struct {
	Items []ChangeItem
	Next  string // "" where there are no more
}

// Quarantined lists the returns that wait for somebody to release them, oldest first.
func (l *Log) Quarantined(ctx context.Context, campaign, cursor string, limit int) (QuarantinePage, error) {
	after, err := l.position(ofQuarantine, campaign, cursor)
	if err != nil {
		return QuarantinePage{}, err
	}
	limit = pageOf(limit)
	var page QuarantinePage
	for len(page.Items) < limit {
		kept, err := l.replay(engine.Selection{Campaign: campaign, Quarantined: true, After: after, Limit: limit})
		if err != nil {
			return QuarantinePage{}, fmt.Errorf("field: quarantine of %s: %w", campaign, err)
		}
		if len(kept) == 0 {
			page.Next = ""
			break
		}
		var waiting []engine.Kept
		err = l.exclusively(ctx, func() error {
			for i := range kept {
				if l.waits(&kept[i].Entry) {
					waiting = append(waiting, kept[i])
				}
			}
			return nil
		})
		if err != nil {
			return QuarantinePage{}, err
		}
		after = kept[len(kept)-1].Position
		if room := limit - len(page.Items); len(waiting) > room {
			waiting = waiting[:room]
			after = waiting[room-1].Position
		}
		for i := range waiting {
			page.Items = append(page.Items, itemOf(&waiting[i]))
		}
		page.Next = makeCursor(ofQuarantine, campaign, after)
	}
	return page, nil
}

// waits tells, in the committer, whether an entry is the first of its copies, and none has come again without waiting.
func (l *Log) waits(e *engine.Entry) bool {
	v := versionOf(e)
	f := l.known(e.Campaign).family(e.ID)
	return f != nil && !slices.ContainsFunc(f.members, func(m version) bool {
		return m.id == v.id && m.body == v.body && (!m.waits || m.position < v.position)
	})
}

// Release lets quarantined returns count, and says how many entries it has released. A return that is released is kept once more, without
// the reason: that is durable, and the fold needs to know no more.
func (l *Log) Release(ctx context.Context, campaign string, ids []uuid.UUID) (int, error) {
	if _, known := l.config.Campaigns.Campaign(campaign); !known {
		return 0, fmt.Errorf("%w: %q", ErrCampaign, campaign)
	}
	if len(ids) == 0 {
		return 0, nil
	}
	released := 0
	err := l.exclusively(ctx, func() error {
		kept, err := l.replay(engine.Selection{Campaign: campaign, Quarantined: true, IDs: ids})
		if err != nil {
			return fmt.Errorf("field: release in %s: %w", campaign, err)
		}
		c := l.newCommit()
		for i := range kept {
			if entry := &kept[i].Entry; slices.Contains(ids, entry.ID) {
				entry.Quarantine = ""
				c.add(entry)
			}
		}
		released = len(c.batch.Entries)
		if err := c.commit(); err != nil {
			return err
		}
		c.tell()
		return nil
	})
	if err != nil {
		return 0, err
	}
	return released, nil
}

package field

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

const (
	defaultPage = 1_000
	maxPage     = 10_000
)

// ChangePage is what has changed since a cursor.
type ChangePage struct {
	Items []ChangeItem
	Next  string // come back with it
}

// ChangeItem is a return that came, or counts for something else now. It has no door, address, canvasser or answer.
type ChangeItem struct {
	Cursor     string    // right after this item
	ID         uuid.UUID // zero where it was erased
	ErasedHash string    // of an erased return: SHA-256 of the campaign, a zero byte and the id's 16 bytes, in hex
	Kind       engine.ReturnKind
	Replaces   uuid.UUID
	Effect     engine.Effect // "" where it was erased
	Day        int32
	Arrived    time.Time // of an erased return: when it was erased
	Team       string
	Segment    int64
	Precinct   int64
	Result     string
	Action     string
	Count      int32
	Quarantine engine.Quarantine
}

// Changes gives what has changed after a cursor, oldest first; "" is from the beginning. A limit of 0 is 1,000, and the highest is 10,000.
// What goes with the end of the campaign is not named one by one.
func (l *Log) Changes(ctx context.Context, campaign, cursor string, limit int) (ChangePage, error) {
	after, err := l.position(ofChanges, campaign, cursor)
	if err != nil {
		return ChangePage{}, err
	}
	limit = pageOf(limit)
	head := l.settledTo.Load()
	items, err := l.changedEntries(ctx, campaign, after, head, limit)
	if err != nil {
		return ChangePage{}, err
	}
	items = append(items, l.erased.of(campaign).changes(after, head, limit)...)
	slices.SortStableFunc(items, func(a, b change) int { return cmp.Compare(a.revision, b.revision) })
	page := ChangePage{Next: makeCursor(ofChanges, campaign, max(after, head))}
	if len(items) > limit {
		items = items[:limit]
	}
	if len(items) == limit {
		page.Next = makeCursor(ofChanges, campaign, items[limit-1].revision)
	}
	for _, i := range items {
		i.Cursor = makeCursor(ofChanges, campaign, i.revision)
		page.Items = append(page.Items, i.ChangeItem)
	}
	return page, nil
}

// change is an item with its place in the order of changes.
type change struct {
	ChangeItem
	revision int64
}

func (l *Log) changedEntries(ctx context.Context, campaign string, after, head int64, limit int) ([]change, error) {
	if head <= after {
		return nil, nil
	}
	var items []change
	selection := engine.Selection{Campaign: campaign, After: after, To: head, Limit: limit, Changed: true}
	err := l.config.Store.Replay(ctx, selection, func(kept []engine.Kept) error {
		for i := range kept {
			items = append(items, change{itemOf(&kept[i]), kept[i].Revision})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("field: changes of %s: %w", campaign, err)
	}
	return items, nil
}

func itemOf(k *engine.Kept) ChangeItem {
	return ChangeItem{
		ID: k.ID, Kind: k.Kind, Replaces: k.Replaces, Effect: k.Effect, Day: k.Day, Arrived: k.Arrived, Team: k.Team, Segment: k.Segment,
		Precinct: k.Precinct, Result: k.Result, Action: k.Action, Count: k.Count, Quarantine: k.Quarantine,
	}
}

// changes gives what was erased between two revisions, oldest first and at most so many.
func (t *tombstones) changes(after, to int64, limit int) []change {
	t.mu.RLock()
	defer t.mu.RUnlock()
	from, _ := slices.BinarySearchFunc(t.order, after+1, func(e tombstone, at int64) int { return cmp.Compare(e.at, at) })
	var items []change
	for _, e := range t.order[from:] {
		if e.at > to || len(items) == limit {
			break
		}
		items = append(items, change{ChangeItem{ErasedHash: hex.EncodeToString(e.hash[:]), Arrived: e.time}, e.at})
	}
	return items
}

// position reads a cursor of a campaign that there is, and refuses one that is further than the log.
func (l *Log) position(list, campaign, cursor string) (int64, error) {
	if _, known := l.config.Campaigns.Campaign(campaign); !known {
		return 0, fmt.Errorf("%w: %q", ErrCampaign, campaign)
	}
	position, err := readCursor(list, campaign, cursor)
	if err == nil && position > l.settledTo.Load() {
		err = fmt.Errorf("%w: it is of a log that had come further than this one; begin again without a cursor", ErrCursor)
	}
	return position, err
}

func pageOf(limit int) int {
	if limit <= 0 {
		return defaultPage
	}
	return min(limit, maxPage)
}

// Wait returns when there is something after the cursor.
func (l *Log) Wait(ctx context.Context, campaign, cursor string) error {
	after, err := l.position(ofChanges, campaign, cursor)
	if err != nil {
		return err
	}
	for {
		head, known, moved := l.progress.head(campaign)
		if !known {
			head = l.openedAt
		}
		if head > after {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return fmt.Errorf("field: wait for changes of %s: %w", campaign, ctx.Err())
		case <-l.closing:
			return ErrClosed
		}
	}
}

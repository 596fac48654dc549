package transfer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/arpent/arpent/engine"
)

// ErrDiffers is returned where the target has something that the source has not, or not so. It is of no use for a copy: take another that is empty.
var ErrDiffers = errors.New("transfer: the target has something else than the source")

// windowSize is how many positions are one commit: what is in memory at once, and what is done again after an interruption.
const windowSize = 1 << 14

// Copy copies the log of some campaigns, which must be all that the source has, into a target that is empty or has the beginning of it from a copy that was interrupted. It returns the
// sums of both, once they are the same. Nobody may write to either meanwhile. progress is told how far a stage is.
//
// After an error the same call goes on where it was, unless it is [ErrDiffers].
func Copy(ctx context.Context, source, target engine.Store, campaigns []string, progress func(stage string, done, total int64)) ([]Sum, error) {
	return copier{source, target, campaigns, progress, windowSize}.copy(ctx)
}

type copier struct {
	source, target engine.Store
	campaigns      []string
	progress       func(stage string, done, total int64)
	windowSize     int64
}

func (c copier) copy(ctx context.Context) ([]Sum, error) {
	from, err := c.source.Health(ctx)
	if err != nil {
		return nil, fmt.Errorf("transfer: the source: %w", err)
	}
	if from.SettledTo < from.Last {
		return nil, fmt.Errorf("transfer: the last returns of the source are not settled yet (%d of %d): serve the workspace once, until they are, and stop the server", from.SettledTo, from.Last)
	}
	want, entries, err := c.sums(ctx, "read the source", c.source, from, true)
	if err != nil {
		return nil, fmt.Errorf("transfer: the source: %w", err)
	}
	if entries != from.Entries {
		return nil, fmt.Errorf("transfer: the source has %d entries, and %d of the campaigns %q: the others would be lost. Bring the files of their campaigns back from a copy", from.Entries, entries, c.campaigns)
	}
	at, err := c.begun(ctx, from)
	if err != nil {
		return nil, err
	}
	for at < from.SettledTo {
		to := min(at+c.windowSize, from.SettledTo)
		if err := c.copyWindow(ctx, at, to, to == from.SettledTo); err != nil {
			return nil, err
		}
		at = to
		c.progress("copy", at, from.SettledTo)
	}
	return want, c.verify(ctx, from, want)
}

// begun is how far a copy has come that was begun before, 0 where the target is empty.
func (c copier) begun(ctx context.Context, from engine.StoreHealth) (int64, error) {
	there, err := c.target.Health(ctx)
	if err != nil {
		return 0, fmt.Errorf("transfer: the target: %w", err)
	}
	if there.Last > there.SettledTo || there.SettledTo > from.SettledTo {
		return 0, fmt.Errorf("%w: it has come to position %d and is settled up to %d, the source to %d", ErrDiffers, there.Last, there.SettledTo, from.SettledTo)
	}
	// Of the source only what is copied is read: what its entries count for may have changed since.
	want, _, err := c.sums(ctx, "compare what is copied", c.source, engine.StoreHealth{SettledTo: there.SettledTo, Entries: there.Entries}, false)
	if err != nil {
		return 0, fmt.Errorf("transfer: the source: %w", err)
	}
	return there.SettledTo, c.compare(ctx, "compare what is copied", there, want, false)
}

// copyWindow copies what has its number after one position and up to another. A commit of nothing is needed at the end alone.
func (c copier) copyWindow(ctx context.Context, after, to int64, last bool) error {
	batch := engine.Batch{SettledTo: to}
	for _, campaign := range c.campaigns {
		err := c.source.Replay(ctx, engine.Selection{Campaign: campaign, After: after, To: to}, func(kept []engine.Kept) error {
			for i := range kept {
				batch.Entries = append(batch.Entries, kept[i].Entry)
			}
			return nil
		})
		if err == nil {
			err = c.source.Settlements(ctx, campaign, after, to, func(settlements []engine.Settlement) error {
				batch.Settlements = append(batch.Settlements, settlements...)
				return nil
			})
		}
		if err != nil {
			return fmt.Errorf("transfer: the source: %w", err)
		}
	}
	if !last && len(batch.Entries)+len(batch.Settlements) == 0 {
		return nil
	}
	slices.SortFunc(batch.Entries, func(a, b engine.Entry) int { return cmp.Compare(a.Position, b.Position) })
	slices.SortFunc(batch.Settlements, func(a, b engine.Settlement) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Position, b.Position))
	})
	if err := c.target.Commit(ctx, batch); err != nil {
		return fmt.Errorf("transfer: the target: %w", err)
	}
	return nil
}

// verify reads the target anew, as a whole, and holds it against the source.
func (c copier) verify(ctx context.Context, from engine.StoreHealth, want []Sum) error {
	there, err := c.target.Health(ctx)
	if err != nil {
		return fmt.Errorf("transfer: the target: %w", err)
	}
	if there.SettledTo != from.SettledTo {
		return fmt.Errorf("%w: it is settled up to %d, the source to %d", ErrDiffers, there.SettledTo, from.SettledTo)
	}
	return c.compare(ctx, "verify the copy", there, want, true)
}

// compare reads the target and says where it differs from sums of the source.
func (c copier) compare(ctx context.Context, stage string, there engine.StoreHealth, want []Sum, whole bool) error {
	got, entries, err := c.sums(ctx, stage, c.target, there, whole)
	if err != nil {
		return fmt.Errorf("transfer: the target: %w", err)
	}
	if entries != there.Entries {
		return fmt.Errorf("%w: it has %d entries, and %d of the campaigns %q", ErrDiffers, there.Entries, entries, c.campaigns)
	}
	return same(got, want)
}

// sums sums up what a store has, as far as it is settled.
func (c copier) sums(ctx context.Context, stage string, store engine.Store, health engine.StoreHealth, whole bool) (sums []Sum, entries int64, err error) {
	if health.SettledTo == 0 { // for a selection, up to 0 is all
		return c.nothing(), 0, nil
	}
	s := summing{
		store: store, campaigns: c.campaigns, to: health.SettledTo, whole: whole,
		progress: func(entries int64) { c.progress(stage, entries, health.Entries) },
	}
	return s.sums(ctx)
}

// nothing are the sums of an empty store.
func (c copier) nothing() (sums []Sum) {
	for _, campaign := range c.campaigns {
		sums = append(sums, Sum{Campaign: campaign})
	}
	return sums
}

// same says where two stores differ.
func same(got, want []Sum) error {
	for i := range want {
		g, w := &got[i], &want[i]
		switch {
		case g.Entries != w.Entries || g.Settlements != w.Settlements:
			return fmt.Errorf("%w: of campaign %s it has %d entries and %d settlements, where the source has %d and %d", ErrDiffers, w.Campaign, g.Entries, g.Settlements, w.Entries, w.Settlements)
		case g.Hash != w.Hash:
			return fmt.Errorf("%w: of campaign %s it has as many entries and settlements, and not the same", ErrDiffers, w.Campaign)
		}
	}
	return nil
}

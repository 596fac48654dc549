package field

import (
	"context"
	"fmt"
	"time"

	"github.com/arpent/arpent/engine"
)

// purgeAtOnce bounds what a purge holds in memory, a quarter of a gigabyte. The store is written anew for each part, so that there should be
// few, and appends go on between two.
const purgeAtOnce = 500_000

// Purge removes what has expired, with all versions of each return: the end of one is the end of all. Where the campaign's time has passed
// and nothing of it is left, the receipt says that its key may be destroyed, and what was published of it goes too.
func (l *Log) Purge(ctx context.Context, campaign string, now time.Time) (Receipt, error) {
	known, some := l.config.Campaigns.Campaign(campaign)
	if !some {
		return Receipt{}, fmt.Errorf("%w: %q", ErrCampaign, campaign)
	}
	over := !known.Expires().IsZero() && !now.Before(known.Expires())
	receipt := Receipt{Kind: "purge", Campaign: campaign, Subject: "expired", Time: l.now()}
	for {
		erased := 0
		err := l.exclusively(ctx, func() (err error) {
			erased, err = l.purgeSome(campaign, now, over)
			return err
		})
		if err != nil {
			return Receipt{}, err
		}
		if erased == 0 {
			break
		}
		receipt.Erased += erased
	}
	if over {
		err := l.exclusively(ctx, func() (err error) {
			receipt.KeyMayGo, err = l.end(campaign)
			return err
		})
		if err != nil {
			return Receipt{}, err
		}
	}
	return l.witness(receipt)
}

// purgeSome erases some of what has expired, in the committer. Once the campaign is over its returns cannot come again, so nothing
// need be known of them to keep them out.
func (l *Log) purgeSome(campaign string, now time.Time, over bool) (int, error) {
	kept, err := l.replay(engine.Selection{Campaign: campaign, Expired: now, Limit: purgeAtOnce, Identities: true})
	if err != nil {
		return 0, fmt.Errorf("field: purge %s: %w", campaign, err)
	}
	seeds := make([]seed, len(kept))
	for i := range kept {
		seeds[i].id = kept[i].ID
	}
	return l.erase(campaign, seeds, nil, !over)
}

// end forgets, in the committer, what is known of a campaign of which nothing is left.
func (l *Log) end(campaign string) (bool, error) {
	left, err := l.replay(engine.Selection{Campaign: campaign, Limit: 1})
	if err != nil {
		return false, fmt.Errorf("field: purge %s: %w", campaign, err)
	}
	if len(left) > 0 {
		return false, nil
	}
	l.waitObserved()
	delete(l.identities, campaign)
	if err := l.erased.forget(campaign); err != nil {
		return false, err
	}
	return true, l.epochs.forget(campaign)
}

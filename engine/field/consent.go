package field

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// noteConsents writes down, before their commit, which entries withdraw a consent, so that what they withdraw is erased whatever happens.
// One in quarantine is followed when it is released.
func (l *Log) noteConsents(entries []engine.Entry) error {
	lines := map[string][]erasedLine{}
	for i := range entries {
		if e := &entries[i]; e.Consent == engine.ConsentWithdrawn && e.Quarantine == "" {
			lines[e.Campaign] = append(lines[e.Campaign], erasedLine{Consent: e.Position})
		}
	}
	for campaign, some := range lines {
		if err := l.erased.of(campaign).write(some...); err != nil {
			return err
		}
	}
	return nil
}

// EraseWithdrawn erases what was kept of a door before consent was withdrawn at it, and whatever else is due. It is done by itself, every half minute or, where that takes long, every two: the
// store is written anew by an erasure, so what has come meanwhile goes together. What withdrew the consent stays, without answer, and older returns of the
// door that come later stay out.
func (l *Log) EraseWithdrawn(ctx context.Context) error {
	for _, campaign := range l.erased.campaigns((*tombstones).waiting) {
		receipt := Receipt{Kind: "consent", Campaign: campaign, Subject: "door", Time: l.now()}
		err := l.exclusively(ctx, func() (err error) {
			receipt.Erased, err = l.eraseWithdrawn(campaign)
			return err
		})
		if err != nil {
			return err
		}
		if receipt.Erased > 0 {
			if _, err := l.witness(receipt); err != nil {
				return err
			}
		}
	}
	return l.exclusively(ctx, l.payErasure)
}

// waiting tells whether something is to be erased.
func (t *tombstones) waiting() bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return len(t.consents)+len(t.due) > 0
}

// withdrawnAtOnce bounds for how long returns wait: for each door that consent was withdrawn at, the store looks through all entries.
const withdrawnAtOnce = 200

func (l *Log) eraseWithdrawn(campaign string) (int, error) {
	asked := slices.Clone(l.erased.of(campaign).consents)
	asked = asked[:min(len(asked), withdrawnAtOnce)]
	withdrawing, err := l.entries(campaign, asked)
	if err != nil {
		return 0, fmt.Errorf("field: withdrawn consents of %s: %w", campaign, err)
	}
	var seeds []seed
	var marks []erasedLine
	for i := range withdrawing {
		w := &withdrawing[i].Entry
		if w.Consent != engine.ConsentWithdrawn {
			continue // the commit that the note was for has failed, and another has the position
		}
		if w.Replaces != uuid.Nil {
			seeds = append(seeds, seed{w.ID, w.Happened})
		}
		if w.Door == (engine.Key{}) {
			continue
		}
		older, err := l.replay(engine.Selection{Campaign: campaign, Door: w.Door})
		if err != nil {
			return 0, fmt.Errorf("field: withdrawn consents of %s: %w", campaign, err)
		}
		for j := range older {
			if older[j].Happened.Before(w.Happened) {
				seeds = append(seeds, seed{older[j].ID, w.Happened})
			}
		}
		hash := hashOfDoor(campaign, w.Door)
		happened := w.Happened
		marks = append(marks, erasedLine{Door: hex.EncodeToString(hash[:]), Before: &happened})
	}
	erased, err := l.erase(campaign, seeds, marks, true)
	if err != nil || len(asked) == 0 {
		return erased, err
	}
	return erased, l.erased.of(campaign).write(erasedLine{Followed: asked})
}

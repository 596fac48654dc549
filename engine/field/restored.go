package field

import (
	"github.com/google/uuid"
)

// restoredReturns gives, of the ids that the store has of a campaign, those of returns that were erased: a store has none, but where a backup of it
// was put back that is older than what is known to be erased.
type restoredReturns struct {
	erased *tombstones
	ids    []uuid.UUID
}

func (r *restoredReturns) look(campaign string, id uuid.UUID) {
	if _, out := r.erased.erasureOf(campaign, id); out {
		r.ids = append(r.ids, id)
	}
}

// eraseRestored erases, in the committer, what came back with a backup, and writes a receipt.
func (l *Log) eraseRestored(loaded *loading) {
	for campaign, ids := range loaded.restored {
		receipt := Receipt{Kind: "erasure", Campaign: campaign, Subject: "restored", Time: l.now()}
		var seeds []seed
		for _, id := range ids {
			before, _ := l.erased.of(campaign).erasureOf(campaign, id)
			seeds = append(seeds, seed{id, before})
		}
		var err error
		if receipt.Erased, err = l.erase(campaign, seeds, nil, true); err == nil && receipt.Erased > 0 {
			l.config.Log.Info("what was erased had come back with a backup, and is erased again", "campaign", campaign, "entries", receipt.Erased)
			_, err = l.witness(receipt)
		}
		if err != nil {
			l.config.Log.Error("field: what was erased has come back with a backup, and could not be erased: start again", "campaign", campaign, "error", err)
		}
	}
}

package field

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// Verify folds all entries of a campaign again, in one go, and compares with what the store says they count for. An error names the first
// positions that differ. It holds the identity of every entry in memory; returns are taken meanwhile, for what is replayed is one state of the
// store, and each is settled.
func (l *Log) Verify(ctx context.Context, campaign string) error {
	if err := l.waitSettled(ctx); err != nil {
		return err
	}
	all := map[uuid.UUID]*tiedVersions{}
	stored := map[int64]engine.Effect{}
	err := l.config.Store.Replay(ctx, engine.Selection{Campaign: campaign, Identities: true}, func(kept []engine.Kept) error {
		for i := range kept {
			stored[kept[i].Position] = kept[i].Effect
			join(all, versionOf(&kept[i].Entry))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("field: verify %s: %w", campaign, err)
	}
	var wrong []int64
	done := map[*tiedVersions]bool{}
	for _, t := range all {
		if t = t.root(); done[t] {
			continue
		}
		done[t] = true
		effects, _ := fold(t.versions)
		for i, v := range t.versions {
			if stored[v.position] != effects[i] {
				wrong = append(wrong, v.position)
			}
		}
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		return fmt.Errorf("field: verify %s: %d entries do not count for what they should, at positions %v: stop the server and restore the last backup",
			campaign, len(wrong), wrong[:min(10, len(wrong))])
	}
	return nil
}

// tiedVersions are entries that are tied to each other, found by joining sets: another way than that of identities, so that one checks the other.
type tiedVersions struct {
	within   *tiedVersions // the set that this one was joined to; nil: none
	versions []version
}

func (t *tiedVersions) root() *tiedVersions {
	for t.within != nil {
		t = t.within
	}
	return t
}

// join ties an entry to those of its id, and of the id that it replaces.
func join(all map[uuid.UUID]*tiedVersions, v version) {
	set := setOf(all, v.id)
	if v.replaces != uuid.Nil {
		if other := setOf(all, v.replaces); other != set {
			if len(other.versions) > len(set.versions) {
				set, other = other, set
			}
			set.versions = append(set.versions, other.versions...)
			other.versions, other.within = nil, set
		}
	}
	set.versions = append(set.versions, v)
}

func setOf(all map[uuid.UUID]*tiedVersions, id uuid.UUID) *tiedVersions {
	if all[id] == nil {
		all[id] = &tiedVersions{}
	}
	return all[id].root()
}

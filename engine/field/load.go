package field

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// loadAgain is how long it takes until reading the log is tried again.
const loadAgain = 10 * time.Second

// loading is what was read from the store after it was opened.
type loading struct {
	identities map[string]*identities
	unsettled  []unsettled            // acknowledged before a crash, and not settled
	restored   map[string][]uuid.UUID // by campaign: what was erased, and is in the store again
}

// unsettled is an entry that is not settled yet.
type unsettled struct {
	campaign string
	version  version
}

// load reads the identities of all entries. What is appended meanwhile is not settled, so that nothing changes under it.
func (l *Log) load(ctx context.Context, health engine.StoreHealth) {
	for {
		loaded, err := l.readIdentities(ctx, health)
		if err == nil {
			err = l.recoverEpochs(ctx, health.SettledTo, loaded)
		}
		if err == nil {
			select {
			case l.loaded <- loaded:
			case <-l.closing:
			}
			return
		}
		if errors.Is(err, context.Canceled) {
			return
		}
		l.noteLoadFailure(err)
		select {
		case <-time.After(loadAgain):
		case <-ctx.Done():
			return
		}
	}
}

// readIdentities reads what the store had when it was opened.
func (l *Log) readIdentities(ctx context.Context, health engine.StoreHealth) (*loading, error) {
	loaded := &loading{identities: map[string]*identities{}, restored: map[string][]uuid.UUID{}}
	for _, campaign := range l.config.Campaigns.Campaigns() {
		known := newIdentities()
		loaded.identities[campaign.ID] = known
		if health.Last == 0 {
			continue
		}
		var rest []version
		restored := restoredReturns{erased: l.erased.of(campaign.ID)}
		selection := engine.Selection{Campaign: campaign.ID, To: health.Last, Identities: true}
		err := l.config.Store.Replay(ctx, selection, func(kept []engine.Kept) error {
			for i := range kept {
				v := versionOf(&kept[i].Entry)
				restored.look(campaign.ID, v.id)
				if v.position > health.SettledTo {
					loaded.unsettled = append(loaded.unsettled, unsettled{campaign.ID, v})
					continue
				}
				rest = known.load(v, rest)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("campaign %s: %w", campaign.ID, err)
		}
		if len(restored.ids) > 0 {
			loaded.restored[campaign.ID] = restored.ids
		}
		stage := newStage(known)
		for _, v := range rest {
			stage.add(v)
		}
		stage.settle()
		stage.install()
	}
	return loaded, nil
}

// takeLoaded settles what is not settled yet, in one go, and ends the loading.
func (l *Log) takeLoaded(loaded *loading) {
	c := l.newCommit()
	c.loading = false
	for campaign, known := range loaded.identities {
		l.identities[campaign] = known
	}
	for _, u := range append(loaded.unsettled, l.unsettled...) {
		c.fold(u.campaign, u.version, nil)
	}
	if err := c.commit(); err != nil {
		l.noteLoadFailure(err)
		time.AfterFunc(loadAgain, func() {
			select {
			case l.loaded <- loaded:
			case <-l.closing:
			}
		})
		return
	}
	l.unsettled, l.ready = nil, true
	l.countConflicts()
	l.loadFailure.Store(nil)
	close(l.settled)
	c.tell()
	l.finishErasures()
	l.eraseRestored(loaded)
	if early := l.early; len(early) > 0 {
		l.early = nil
		l.commitAppends(early)
	}
}

func (l *Log) noteLoadFailure(err error) {
	err = fmt.Errorf("field: the log could not be read after its start; returns are kept, and not counted until it can: %w", err)
	l.loadFailure.Store(&err)
	l.config.Log.Error(err.Error())
}

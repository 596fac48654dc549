package main

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/access"
	"github.com/arpent/arpent/engine/columns"
	"github.com/arpent/arpent/engine/field"
	"github.com/arpent/arpent/engine/live"
)

// servedField is the field log of a workspace whose field is held: the store, the log on it, and what the staff sees of each campaign.
type servedField struct {
	*field.Log
	store     engine.Store
	campaigns *access.Registry
	city      func() *live.City
	logger    *slog.Logger

	ctx      context.Context // ends when the log is closed
	stop     func()
	learning sync.WaitGroup

	mu    sync.Mutex
	views map[string]staffView // by campaign
}

// staffView is what the staff of a campaign sees of a snapshot, once somebody has made it.
type staffView struct {
	city *live.City
	made func() (*live.Field, error)
}

// fieldDir is where the store keeps its files.
func fieldDir(w engine.Workspace) string { return filepath.Join(w.Dir, "field") }

// openServedField opens the log. It takes returns at once, and reads what it has in the background.
func (p *program) openServedField(ctx context.Context, campaigns *access.Registry, city func() *live.City, logger *slog.Logger) (*servedField, error) {
	kept, err := p.openStore(ctx)
	if err != nil {
		return nil, err
	}
	store, err := columns.New(ctx, kept, columns.MaxReturns, logger)
	if err != nil {
		return nil, errors.Join(err, kept.Close())
	}
	s := &servedField{store: store, campaigns: campaigns, city: city, logger: logger, views: map[string]staffView{}}
	s.ctx, s.stop = context.WithCancel(ctx)
	s.Log, err = field.Open(ctx, field.Config{
		Store: store, Placer: func() field.Placer { return city() }, Observer: s, Campaigns: campaigns, Now: time.Now, Dir: p.space().StateDir(), Log: logger,
		CommitEvery: kept.commitEvery,
	})
	if err != nil {
		s.stop()
		return nil, errors.Join(err, store.Close())
	}
	return s, nil
}

// settle waits until the log has read what it has, so that it knows what comes again. A server does not wait, a command does.
func (s *servedField) settle(ctx context.Context) error {
	for {
		status, err := s.Health(ctx)
		if err != nil || status.Settled {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// close ends the log, which waits for the commit under way, and then the store.
func (s *servedField) close() error {
	s.stop()
	s.learning.Wait()
	return errors.Join(s.Log.Close(), s.store.Close())
}

// View is what the staff of a campaign sees of the snapshot that is served now, nil where it cannot be made. It is made again when that is
// another.
func (s *servedField) View(id string) api.FieldView {
	campaign, known := s.campaigns.Campaign(id)
	if !known {
		return nil
	}
	view, err := s.viewOf(campaign)()
	if err != nil {
		s.logger.Error("the staff of the campaign sees no map", "campaign", id, "problem", sentence(err))
		return nil
	}
	return view
}

func (s *servedField) viewOf(campaign engine.Campaign) func() (*live.Field, error) {
	city := s.city()
	s.mu.Lock()
	defer s.mu.Unlock()
	if v := s.views[campaign.ID]; v.city == city {
		return v.made
	}
	made := sync.OnceValues(func() (*live.Field, error) {
		view, err := live.NewField(city, campaign, s.Log)
		if err == nil {
			s.learning.Go(func() { s.learn(campaign.ID, city, view) })
		}
		return view, err
	})
	s.views[campaign.ID] = staffView{city, made}
	return made
}

// learnEvery is how often what all answers say together is learnt anew.
const learnEvery = time.Minute

// learn reads all that a campaign has, so that nobody waits for it, and then learns from it every minute, as long as the snapshot is served.
func (s *servedField) learn(campaign string, city *live.City, view *live.Field) {
	err := view.Load(s.ctx)
	for err == nil && s.ctx.Err() == nil && s.city() == city {
		err = view.Refresh(s.ctx, time.Now())
		select {
		case <-s.ctx.Done():
		case <-time.After(learnEvery):
		}
	}
	if err != nil && s.ctx.Err() == nil {
		s.logger.Error("what the answers say together is not learnt any more: start the server again", "campaign", campaign, "problem", sentence(err))
	}
}

// Observe tells the campaign's view, where somebody has looked at it, what a commit has changed. One that is not made yet reads all of
// it when it is.
func (s *servedField) Observe(campaign string, changes []engine.Change) {
	s.mu.Lock()
	v := s.views[campaign]
	s.mu.Unlock()
	if v.made == nil {
		return
	}
	if view, err := v.made(); err == nil {
		view.Observe(changes)
	}
}

// keepUp reads the register of addresses, so that the first return does not wait for it, and then erases what has expired, until ctx ends.
func (s *servedField) keepUp(ctx context.Context) {
	if len(s.campaigns.Campaigns()) > 0 {
		if err := s.city().LoadPlaces(ctx); err != nil && ctx.Err() == nil {
			s.logger.Error("returns cannot be placed", "problem", sentence(err))
		}
	}
	s.purgeDaily(ctx)
}

// purgeDaily erases what has expired, at once and then shortly after each midnight UTC, which is when returns expire, until ctx ends.
func (s *servedField) purgeDaily(ctx context.Context) {
	for {
		for _, campaign := range s.campaigns.Campaigns() {
			receipt, err := s.Purge(ctx, campaign.ID, time.Now())
			switch {
			case err != nil && ctx.Err() == nil:
				s.logger.Error("what has expired is not erased yet: `arpent purge` tries again", "campaign", campaign.ID, "problem", sentence(err))
			case err == nil && receipt.Erased > 0:
				s.logger.Info("purged", "campaign", campaign.ID, "entries", receipt.Erased)
			}
		}
		now := time.Now().UTC()
		next := now.Truncate(24 * time.Hour).Add(24*time.Hour + 5*time.Minute)
		select {
		case <-ctx.Done():
			return
		case <-time.After(next.Sub(now)):
		}
	}
}

// Purge erases what has expired of a campaign, and destroys its key once nothing is left that needs it.
func (s *servedField) Purge(ctx context.Context, campaign string, now time.Time) (field.Receipt, error) {
	if _, err := s.campaigns.Key(campaign); errors.Is(err, access.ErrKeyDestroyed) {
		return field.Receipt{Kind: "purge", Campaign: campaign, Subject: "expired", Time: now, KeyMayGo: true}, nil // an earlier purge has left nothing
	}
	receipt, err := s.Log.Purge(ctx, campaign, now)
	if err == nil && receipt.KeyMayGo {
		err = s.campaigns.DestroyKey(campaign)
	}
	return receipt, err
}

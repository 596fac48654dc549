package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
)

// lookEvery is how often a server looks for another current snapshot.
const lookEvery = time.Second

// mostKept are the snapshots that were replaced and are kept in memory.
const mostKept = 2

// served is the snapshot that answers, and those it replaced. A request takes one once, and keeps it if another takes its place meanwhile.
type served struct {
	workspace engine.Workspace
	log       *slog.Logger
	keep      time.Duration // of what was replaced
	from      *followed     // nil: the workspace says which snapshot is current
	city      atomic.Pointer[live.City]
	ahead     atomic.Pointer[live.City] // what will be current soon; nil where there is none

	mu   sync.Mutex
	kept []keptCity // the latest first
}

// keptCity is a snapshot that was replaced. It stays among them for its time where it is current again: who has seen the one current
// before that, and looks here then, finds it.
type keptCity struct {
	*live.City
	until time.Time
}

func (s *served) current() api.City {
	if city := s.city.Load(); city != nil {
		return city
	}
	return nil
}

// replaced gives the snapshots that were replaced and are kept, the latest first.
func (s *served) replaced() (cities []api.City) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.kept {
		cities = append(cities, k.City)
	}
	return cities
}

// prepared gives what will be current soon, where it is ready.
func (s *served) prepared() api.City {
	if city := s.ahead.Load(); city != nil {
		return city
	}
	return nil
}

// switchTo puts a snapshot in the place of the current one.
func (s *served) switchTo(city *live.City, now time.Time) {
	if before := s.city.Load(); before != nil && s.keep > 0 {
		s.mu.Lock()
		s.kept = slices.DeleteFunc(s.kept, func(k keptCity) bool { return k.City == before })
		s.kept = slices.Insert(s.kept, 0, keptCity{before, now.Add(s.keep)})
		clear(s.kept[min(len(s.kept), mostKept):])
		s.kept = s.kept[:min(len(s.kept), mostKept)]
		s.mu.Unlock()
	}
	s.city.Store(city) // it is among those kept before another is current: whoever names it finds it in one of the two
}

// forget lets go of what has been kept for its time.
func (s *served) forget(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = slices.DeleteFunc(s.kept, func(k keptCity) bool { return !now.Before(k.until) })
}

// keptOf gives a snapshot that was replaced and is still in memory, or nil.
func (s *served) keptOf(id string) *live.City {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.kept {
		if k.Snapshot() == id {
			return k.City
		}
	}
	return nil
}

// at gives a snapshot for a job: one that is in memory, else it is read.
func (s *served) at(ctx context.Context, id string) (*live.City, error) {
	if city := s.city.Load(); city != nil && city.Snapshot() == id {
		return city, nil
	}
	if city := s.keptOf(id); city != nil {
		return city, nil
	}
	if city := s.ahead.Load(); city != nil && city.Snapshot() == id {
		return city, nil
	}
	return openCity(ctx, s.workspace, id, s.note)
}

func (s *served) note(text string) { s.log.Info(text) }

func (s *served) name() string {
	_, name := s.city.Load().Place()
	return name
}

// watch looks for another current snapshot until ctx ends. One that cannot be opened is logged, once, and the old one stays.
func (s *served) watch(ctx context.Context) {
	ticks := time.NewTicker(lookEvery)
	defer ticks.Stop()
	problem := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		s.forget(time.Now())
		err := s.lookOnce(ctx)
		switch {
		case errors.Is(err, errStillPausing):
		case err == nil || ctx.Err() != nil:
			problem = ""
		case sentence(err) != problem:
			problem = sentence(err)
			s.log.Error("the snapshot served so far stays", "problem", problem)
		}
	}
}

// look opens the current snapshot if it is another than the one served.
func (s *served) look(ctx context.Context) error {
	id, err := s.named()
	if err != nil {
		return err
	}
	if before := s.city.Load(); before != nil && id == before.Snapshot() {
		return nil
	}
	city, err := s.open(ctx, id)
	if err != nil {
		return err
	}
	s.switchTo(city, time.Now())
	s.log.Info("serving", "snapshot", city.Snapshot())
	if s.from == nil {
		return nil
	}
	s.ahead.CompareAndSwap(city, nil) // it is current now: whoever names it finds it in one of the two
	return s.workspace.SetFollowed(id)
}

// named gives the id of the snapshot that is to be served.
func (s *served) named() (string, error) {
	if s.from == nil {
		return s.workspace.Current()
	}
	seen := s.from.seen.Load()
	if seen.problem != "" {
		return "", errors.New(seen.problem)
	}
	return seen.Current, nil
}

// open reads a snapshot into memory, unless it is there, while the one before answers.
func (s *served) open(ctx context.Context, id string) (*live.City, error) {
	var snapshot *engine.Snapshot
	if s.from == nil {
		var err error
		if snapshot, err = s.workspace.OpenCurrent(); err != nil { // what has no folder any more is not gone back to
			return nil, err
		}
		id = snapshot.Manifest.ID
	}
	if city := s.keptOf(id); city != nil {
		return city, nil
	}
	if snapshot != nil {
		return openedCity(ctx, s.workspace, snapshot, s.note)
	}
	if city := s.ahead.Load(); city != nil && city.Snapshot() == id {
		return city, nil
	}
	if err := s.fetch(ctx, id); err != nil {
		return nil, err
	}
	return openCity(ctx, s.workspace, id, s.note)
}

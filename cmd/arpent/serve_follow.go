package main

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/arpent/arpent/engine/depot"
	"github.com/arpent/arpent/engine/live"
)

// followed is the object storage that says which snapshot is served, and has it.
type followed struct {
	*depot.Depot
	seen    atomic.Pointer[sight]
	bytes   atomic.Int64 // fetched
	pause   time.Duration
	again   time.Time
	pausing sight // of which nothing could be made
}

// sight is what was seen of the object storage the last time that somebody looked.
type sight struct {
	depot.Names
	problem string // why nothing was seen
}

// mostPause is between attempts at what cannot be fetched or opened.
const mostPause = time.Minute

// openFollowed opens the object storage that the options name and looks what it says.
func (s *served) openFollowed(ctx context.Context, url string) error {
	from, err := depot.Open(ctx, url)
	if err != nil {
		return err
	}
	s.from = &followed{Depot: from}
	s.lookAway(ctx)
	return nil
}

// lookAway looks what the object storage says.
func (s *served) lookAway(ctx context.Context) {
	names, err := s.from.Names(ctx)
	now := sight{Names: names}
	switch {
	case err != nil && ctx.Err() != nil:
		return
	case err != nil:
		now.problem = sentence(err)
	case names.Current == "":
		now.problem = sentence(noCurrent(s.from.Depot))
	}
	s.from.seen.Store(&now)
}

// follow looks each second what the object storage says, whatever is being fetched or opened meanwhile, until ctx ends.
func (s *served) follow(ctx context.Context) {
	ticks := time.NewTicker(lookEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
			s.lookAway(ctx)
		}
	}
}

// awaited tells whether a snapshot is one that this server is about to have, as far as it knows.
func (s *served) awaited(id string) bool {
	if s.from == nil {
		return false
	}
	seen := s.from.seen.Load()
	return seen != nil && id != "" && (seen.Current == id || seen.Next == id)
}

// begin serves what is current, at the start. Where object storage cannot be read or has what cannot be served, it is what was served last.
func (s *served) begin(ctx context.Context) error {
	err := s.look(ctx)
	if err == nil || s.from == nil || ctx.Err() != nil {
		return err
	}
	last := s.workspace.Followed()
	if last == "" {
		return err
	}
	city, opened := openCity(ctx, s.workspace, last, s.note)
	if opened != nil {
		return err
	}
	s.log.Error("the snapshot that was served last is served again", "snapshot", last, "problem", sentence(err))
	s.switchTo(city, time.Now())
	return nil
}

// lookOnce goes over to what the object storage names as current, and makes ready what it names as next. What fails is tried again after a while that
// grows, and at once where the object storage says something else.
func (s *served) lookOnce(ctx context.Context) error {
	if s.from == nil {
		return s.look(ctx)
	}
	f, now := s.from, time.Now()
	seen := *f.seen.Load()
	if seen == f.pausing && now.Before(f.again) {
		return errStillPausing
	}
	err := s.look(ctx)
	if err == nil {
		err = s.prepare(ctx, seen.Next)
	}
	if err != nil {
		f.pause = min(max(2*f.pause, lookEvery), mostPause)
		f.again, f.pausing = time.Now().Add(f.pause), seen
		return err
	}
	f.pause, f.again = 0, time.Time{}
	return s.tidy()
}

// errStillPausing is no news.
var errStillPausing = errors.New("serve: it is too early to try again")

// prepare makes ready what will be current soon, so that all servers go over to it within a moment.
func (s *served) prepare(ctx context.Context, next string) error {
	if now := s.city.Load(); next == "" || now != nil && now.Snapshot() == next || s.keptOf(next) != nil {
		s.ahead.Store(nil)
		return nil
	}
	if ahead := s.ahead.Load(); ahead != nil && ahead.Snapshot() == next {
		return nil
	}
	s.ahead.Store(nil) // what was to be current and is not is not held beside
	city, err := s.open(ctx, next)
	if err != nil {
		return err
	}
	s.ahead.Store(city)
	s.log.Info("ready for what is next", "snapshot", next)
	return nil
}

// fetch brings a snapshot into the workspace, unless it is there.
func (s *served) fetch(ctx context.Context, id string) error {
	begun, last := false, int64(0)
	return s.from.Fetch(ctx, s.workspace, id, func(done, total int64) {
		if !begun {
			s.log.Info("fetching", "snapshot", id, "bytes", total, "from", s.from.URL())
			begun = true
		}
		s.from.bytes.Add(done - last)
		last = done
	})
}

// tidy removes fetched snapshots that nobody asks for any more: those that are not current, next, nor kept for who names them. What was built here, and
// what the workspace names as its own current one, stays.
func (s *served) tidy() error {
	ids, err := s.workspace.Fetched()
	if err != nil {
		return err
	}
	own, _ := s.workspace.Current() // there may be none
	for _, id := range ids {
		if id == own || s.awaited(id) || s.holds(id) {
			continue
		}
		release, err := s.workspace.Hold()
		if err != nil {
			return nil // somebody is at work there: the next time
		}
		err = s.workspace.Remove(id)
		release()
		if err != nil {
			return err
		}
		s.log.Info("removed what nobody asks for any more", "snapshot", id)
	}
	return nil
}

// holds tells whether a snapshot is in memory.
func (s *served) holds(id string) bool {
	return slices.ContainsFunc([]*live.City{s.city.Load(), s.ahead.Load(), s.keptOf(id)}, func(c *live.City) bool { return c != nil && c.Snapshot() == id })
}

// Metrics of the object storage.
var (
	depotReachable = prometheus.NewDesc("arpent_depot_reachable", "Whether object storage said which snapshot is current the last time that it was asked.", nil, nil)
	depotBehind    = prometheus.NewDesc("arpent_depot_behind", "1 while the snapshot that is served is not the one that object storage says is current.", nil, nil)
	depotInfo      = prometheus.NewDesc("arpent_depot_snapshot_info", "The snapshots that object storage names, as current and as next.", []string{"is", "id"}, nil)
	depotBytes     = prometheus.NewDesc("arpent_depot_fetched_bytes_total", "Bytes of snapshots that were fetched.", nil, nil)
)

// Describe is for Prometheus.
func (s *served) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{depotReachable, depotBehind, depotInfo, depotBytes} {
		out <- d
	}
}

// Collect gives what there is now, each time that it is asked.
func (s *served) Collect(out chan<- prometheus.Metric) {
	seen := s.from.seen.Load()
	is := map[bool]float64{true: 1}
	out <- prometheus.MustNewConstMetric(depotReachable, prometheus.GaugeValue, is[seen.problem == ""])
	now := s.city.Load()
	out <- prometheus.MustNewConstMetric(depotBehind, prometheus.GaugeValue, is[seen.problem == "" && now != nil && now.Snapshot() != seen.Current])
	for name, id := range map[string]string{"current": seen.Current, "next": seen.Next} {
		if id != "" {
			out <- prometheus.MustNewConstMetric(depotInfo, prometheus.GaugeValue, 1, name, id)
		}
	}
	out <- prometheus.MustNewConstMetric(depotBytes, prometheus.CounterValue, float64(s.from.bytes.Load()))
}

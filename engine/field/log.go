package field

import (
	"context"
	"log/slog"
	"time"

	"github.com/arpent/arpent/engine"
)

// Config is what a log stands on. All but Observer and Log are needed.
type Config struct {
	Store     engine.Store // the log is its one writer; the caller closes it after the log
	Placer    func() Placer
	Observer  Observer // nil: nobody is told
	Campaigns Campaigns
	Now       func() time.Time
	Dir       string       // for small fsynced files: the workspace's state folder
	Log       *slog.Logger // nil: the default
}

// Placer finds where something happened, in the snapshot that is served. It is asked from many goroutines.
type Placer interface {
	// Locate gives the place of a location, with the precinct that it has in the contest's division; false where it is not known.
	Locate(contest string, at engine.Location) (engine.Located, bool)
}

// Observer is told what became of entries, after each commit, in order and from one goroutine. What it is told may already be in
// what the log has answered it before: positions say which entries those are. It must not keep the slice.
type Observer interface {
	Observe(campaign string, changes []engine.Change)
}

// Campaigns is what the log asks of those who hold the campaigns. It is asked from many goroutines.
type Campaigns interface {
	Campaigns() []engine.Campaign // all whose returns may be in the store
	Campaign(id string) (engine.Campaign, bool)
	Key(id string) ([]byte, error) // 32 bytes; an error once it is destroyed
	Turfs(id string) []engine.Turf
}

// Log is the field log of a workspace. It is safe for use from many goroutines.
type Log struct{ config Config }

// Open opens the log and returns at once: what was acknowledged before a crash is settled in the background.
func Open(ctx context.Context, config Config) (*Log, error) { return &Log{config}, nil }

// Close ends the log. Returns that are not committed yet are refused.
func (l *Log) Close() error { return nil }

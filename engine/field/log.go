package field

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

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

	// CommitEvery is how soon a commit may begin after the one before began: commits cost much the same whatever is in them, and what comes
	// meanwhile goes into the next. 0: at once.
	CommitEvery time.Duration
}

// Placer finds where something happened, in the snapshot that is served. It is asked from many goroutines.
type Placer interface {
	// Locate gives the place of a location, with the precinct that it has in the contest's division; false where it is not known.
	Locate(contest string, at engine.Location) (engine.Located, bool)
}

// Observer is told what became of entries, after each commit, in order and from one goroutine. What it is told may already be in
// what the log has answered it before: positions say which entries those are. It must not keep the slice. Of the log it may ask Precinct
// and Rollup; what else there is waits for it.
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

const (
	waitingAppends      = 1024             // batches that wait for a commit; more callers wait to be among them
	waitingObservations = 256              // commits of which the observer has not heard; then commits wait for it
	publishEvery        = 5 * time.Second  // how often it is looked whether there is something to publish
	withdrawEvery       = 30 * time.Second // how often what people have withdrawn is erased
)

// Log is the field log of a workspace. It is safe for use from many goroutines.
type Log struct {
	config  Config
	ctx     context.Context // of what must not end half-way
	appends chan *appendJob
	alone   chan func() // what must have the log for itself
	loaded  chan *loading
	closing chan struct{} // closed: no more is taken
	ended   chan struct{} // closed: the committer has ended
	close   sync.Once
	work    sync.WaitGroup

	// Of the committer alone.
	last       int64     // the highest position given, or tried
	committed  time.Time // when the last commit of returns began
	identities map[string]*identities
	unsettled  []unsettled
	early      []*appendJob // wait until the ids are read
	owed       string       // the campaign of an erasure whose bytes the store has not deleted yet; "": none
	ready      bool         // the ids are read, and settled is closed or about to be

	observations chan observation
	settled      chan struct{} // closed: the ids are read, and what was acknowledged until then is settled
	openedAt     int64         // how far it was settled when it was opened
	settledTo    atomic.Int64
	conflicts    atomic.Int64
	loadFailure  atomic.Pointer[error]
	progress     progress
	counting     *semaphore.Weighted // of the roll-ups one counts at a time, so that commits do not wait for many
	erased       *erasedFiles
	epochs       *epochs
	publish      sync.Mutex // one at a time
	publishing   sync.Mutex // held while an epoch is counted: nothing is erased meanwhile
	stopCounting atomic.Pointer[context.CancelFunc]
	audit        *auditFile
}

// Open opens the log and returns at once: the ids of what the store has are read in the background, and what was acknowledged before a crash
// is settled then.
func Open(ctx context.Context, config Config) (*Log, error) {
	if config.Log == nil {
		config.Log = slog.Default()
	}
	health, err := config.Store.Health(ctx)
	if err != nil {
		return nil, fmt.Errorf("field: open the log: %w", err)
	}
	if err := os.MkdirAll(config.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("field: open the log: %w", err)
	}
	erased, err := openErased(config.Dir)
	if err != nil {
		return nil, err
	}
	epochs, err := openEpochs(config.Dir)
	if err != nil {
		return nil, err
	}
	audit, err := openAudit(config.Dir)
	if err != nil {
		return nil, err
	}
	l := &Log{
		config: config, ctx: context.WithoutCancel(ctx), appends: make(chan *appendJob, waitingAppends), alone: make(chan func()), loaded: make(chan *loading),
		closing: make(chan struct{}), ended: make(chan struct{}), last: max(health.Last, health.SettledTo, erased.last()), identities: map[string]*identities{},
		observations: make(chan observation, waitingObservations), settled: make(chan struct{}), erased: erased, epochs: epochs, audit: audit,
		counting: semaphore.NewWeighted(1),
	}
	l.openedAt = health.SettledTo
	l.settledTo.Store(health.SettledTo)
	l.progress.begin()
	loadContext, stop := context.WithCancel(l.ctx)
	l.work.Go(func() { l.load(loadContext, health) })
	l.work.Go(func() {
		<-l.closing
		stop()
	})
	l.work.Go(l.observe)
	l.work.Go(func() {
		defer close(l.ended)
		defer close(l.observations)
		l.run()
	})
	l.work.Go(func() { l.every(publishEvery, l.Publish) })
	l.work.Go(func() { l.every(withdrawEvery, l.EraseWithdrawn) })
	return l, nil
}

// Close ends the log. Returns that are not committed yet are refused; what was committed is told to the observer.
func (l *Log) Close() error {
	l.close.Do(func() { close(l.closing) })
	l.work.Wait()
	return l.audit.close()
}

// longestRest bounds how much more rarely is done what takes long.
const longestRest = 2 * time.Minute

// every does something again and again until the log is closed. What takes long is done more rarely, so that it is a twentieth of the time as
// far as longestRest lets it.
func (l *Log) every(interval time.Duration, do func(context.Context) error) {
	rest := interval
	for {
		select {
		case <-l.closing:
			return
		case <-time.After(rest):
			began := time.Now()
			if err := do(l.ctx); err != nil && !errors.Is(err, ErrClosed) {
				l.config.Log.Error("the field log could not do its work in the background; it will try again", "error", err)
			}
			rest = min(max(interval, 20*time.Since(began)), longestRest)
		}
	}
}

// run is the committer: it alone writes to the store and changes identities.
func (l *Log) run() {
	for {
		select {
		case job := <-l.appends:
			l.commitAppends(l.gather(job))
		case do := <-l.alone:
			do()
		case loaded := <-l.loaded:
			l.takeLoaded(loaded)
		case <-l.closing:
			l.refuseWaiting()
			return
		}
	}
}

// refuseWaiting answers those whose returns are not committed when the log is closed.
func (l *Log) refuseWaiting() {
	for {
		select {
		case job := <-l.appends:
			job.done <- ErrClosed
		default:
			return
		}
	}
}

// exclusively does something in the committer, between two commits, once all is settled.
func (l *Log) exclusively(ctx context.Context, do func() error) error {
	if err := l.waitSettled(ctx); err != nil {
		return err
	}
	done := make(chan error, 1)
	select {
	case l.alone <- func() { done <- do() }:
	case <-ctx.Done():
		return fmt.Errorf("field: %w", ctx.Err())
	case <-l.ended:
		return ErrClosed
	}
	return <-done
}

func (l *Log) isSettled() bool {
	select {
	case <-l.settled:
		return true
	default:
		return false
	}
}

// waitSettled waits until all that was acknowledged before the log was opened is settled.
func (l *Log) waitSettled(ctx context.Context) error {
	select {
	case <-l.settled:
		return nil
	default:
	}
	if failure := l.loadFailure.Load(); failure != nil {
		return *failure
	}
	select {
	case <-l.settled:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("field: the log is still being read after its start: %w", ctx.Err())
	case <-l.closing:
		return ErrClosed
	}
}

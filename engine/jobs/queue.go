package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/arpent/arpent/engine"
)

// Config is what a queue needs.
type Config struct {
	Dir      string // the workspace's state folder, which only this process may use
	Kinds    []Kind
	Now      func() time.Time
	Notifier Notifier     // nil: no job may name a callback
	Log      *slog.Logger // slog.Default() when nil

	AtOnce      int           // jobs that run at a time; 1 when 0
	Waiting     int           // jobs of all campaigns that may wait; 100 when 0
	WaitingEach int           // of one campaign; 20 when 0
	KeptEach    int           // jobs of a campaign in all, those that have ended too; 500 when 0
	Keep        time.Duration // how long a job that has ended is kept; a week when 0
	Attempts    int           // after how many that were broken off a job has failed; 3 when 0
	MostBytes   int64         // of a job's results; DefaultMostBytes when 0
	Grace       time.Duration // that a run has to end once it must; ten seconds when 0
	LookEvery   time.Duration // how often it is looked for what has expired and for callbacks that are due; a second when 0
}

// DefaultKeep is how long a job that has ended is kept.
const DefaultKeep = 7 * 24 * time.Hour

// Queue has the jobs of a workspace. It is safe for many goroutines.
type Queue struct {
	config Config
	ctx    context.Context // ends when the queue is closed
	stop   context.CancelCauseFunc
	going  sync.WaitGroup
	due    chan struct{} // wakes whoever sends callbacks

	changing sync.Mutex // held by whoever changes a job, until that is durable
	closed   bool
	attempts map[string]context.CancelCauseFunc // those under way, by job
	turns    map[string]int64                   // when each campaign's last job began, as a count of jobs

	// reading guards the maps for as long as they are looked at, never while a file is written.
	reading sync.RWMutex
	jobs    map[string]held
	secrets map[string][]byte // by campaign
}

// held is a job in memory. It is not changed, but replaced.
type held struct {
	Job
	key, sum string // hashes: of the key of the request, and of the request; "" where it had no key
}

// The folders below the state folder.
const (
	jobsFolder    = "jobs"
	secretsFolder = "webhooks"
)

// Why a run is broken off.
var (
	errStopping  = errors.New("jobs: the server stops")
	errDismissed = errors.New("jobs: dismissed")
	errTimeLimit = errors.New("jobs: the time limit is over")
)

// Open reads the jobs of a workspace and goes on with those that have not ended. A job whose files are damaged is logged and left alone.
func Open(config Config) (*Queue, error) {
	config.Log = cmp.Or(config.Log, slog.Default())
	config.AtOnce = cmp.Or(config.AtOnce, 1)
	config.Waiting = cmp.Or(config.Waiting, 100)
	config.WaitingEach = cmp.Or(config.WaitingEach, 20)
	config.KeptEach = cmp.Or(config.KeptEach, 500)
	config.Keep = cmp.Or(config.Keep, DefaultKeep)
	config.Attempts = cmp.Or(config.Attempts, 3)
	config.MostBytes = cmp.Or(config.MostBytes, DefaultMostBytes)
	config.Grace = cmp.Or(config.Grace, 10*time.Second)
	config.LookEvery = cmp.Or(config.LookEvery, time.Second)
	q := &Queue{config: config, due: make(chan struct{}, 1), attempts: map[string]context.CancelCauseFunc{}, turns: map[string]int64{},
		jobs: map[string]held{}, secrets: map[string][]byte{}}
	q.ctx, q.stop = context.WithCancelCause(context.Background())
	for _, folder := range []string{jobsFolder, secretsFolder} {
		if err := os.MkdirAll(filepath.Join(config.Dir, folder), 0o700); err != nil {
			return nil, fmt.Errorf("jobs: %w", err)
		}
	}
	if err := q.loadSecrets(); err != nil {
		return nil, err
	}
	if err := q.load(); err != nil {
		return nil, err
	}
	q.changing.Lock()
	q.begin()
	q.changing.Unlock()
	q.going.Go(q.keepUp)
	q.going.Go(q.notifyWhenDue)
	return q, nil
}

// Close breaks off what runs, which goes on when the queue is opened again, and waits until that is so.
func (q *Queue) Close() {
	q.changing.Lock()
	q.closed = true
	q.changing.Unlock()
	q.stop(errStopping)
	q.going.Wait()
}

// Job gives a job of a campaign.
func (q *Queue) Job(campaign, id string) (Job, error) {
	q.reading.RLock()
	defer q.reading.RUnlock()
	j, there := q.jobs[id]
	if !there || j.Campaign != campaign {
		return Job{}, ErrNotFound
	}
	return j.Job, nil
}

// List gives the jobs of a campaign, the newest first: at most limit, from the one after on, where after is not "". more tells whether there
// are others.
func (q *Queue) List(campaign, after string, limit int) (page []Job, more bool) {
	q.reading.RLock()
	defer q.reading.RUnlock()
	for _, j := range q.jobs {
		if j.Campaign == campaign && (after == "" || j.ID < after) {
			page = append(page, j.Job)
		}
	}
	slices.SortFunc(page, func(a, b Job) int { return cmp.Compare(b.ID, a.ID) })
	if len(page) > limit {
		return page[:limit], true
	}
	return page, false
}

// Result opens a result of a campaign's job. Whoever asked closes it; it can be read to its end even where the job is deleted meanwhile.
func (q *Queue) Result(campaign, id, name string) (Result, *os.File, error) {
	j, err := q.Job(campaign, id)
	if err != nil {
		return Result{}, nil, err
	}
	if j.State != Successful {
		return Result{}, nil, ErrNoResults
	}
	for _, r := range j.Results {
		if r.Name == name {
			file, err := q.open(id, name)
			return r, file, err
		}
	}
	return Result{}, nil, ErrNotFound
}

// Errors opens the rows that a campaign's job could not take: a JSON object a line, with row, code and detail. It is nil where there are none.
func (q *Queue) Errors(campaign, id string) (*os.File, error) {
	j, err := q.Job(campaign, id)
	switch {
	case err != nil:
		return nil, err
	case j.State != Successful:
		return nil, ErrNoResults
	case j.Rejected == 0:
		return nil, nil
	}
	return q.open(id, ErrorsFile)
}

func (q *Queue) open(id, name string) (*os.File, error) {
	file, err := os.Open(filepath.Join(q.folder(id), resultsFolder, name))
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return file, nil
}

// What is asked for is not there.
var (
	ErrNotFound  = errors.New("jobs: there is no such job, or result of a job")
	ErrNoResults = errors.New("jobs: the job has no results: it has not ended yet, or has failed, or was dismissed")
)

// keepUp deletes what has expired until the queue is closed.
func (q *Queue) keepUp() {
	ticks := time.NewTicker(q.config.LookEvery)
	defer ticks.Stop()
	for {
		q.expire()
		select {
		case <-q.ctx.Done():
			return
		case <-ticks.C:
		}
	}
}

// now is the time as it is kept.
func (q *Queue) now() time.Time { return q.config.Now().UTC().Truncate(time.Millisecond) }

// folder is that of a job.
func (q *Queue) folder(id string) string { return filepath.Join(q.config.Dir, jobsFolder, id) }

// find gives a job as it is now.
func (q *Queue) find(id string) (held, bool) {
	q.reading.RLock()
	defer q.reading.RUnlock()
	j, there := q.jobs[id]
	return j, there
}

// put lets a job count as it is now.
func (q *Queue) put(j held) {
	q.reading.Lock()
	q.jobs[j.ID] = j
	q.reading.Unlock()
}

// change makes a change of a job durable and lets it count. The caller holds changing.
func (q *Queue) change(j held, change func(*Job)) error {
	change(&j.Job)
	if err := writeState(q.folder(j.ID), j.Job); err != nil {
		return err
	}
	q.put(j)
	return nil
}

// recordPath is the path of a record.
func recordPath(dir, name string) string { return filepath.Join(dir, name+engine.RecordSuffix) }

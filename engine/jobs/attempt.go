package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/arpent/arpent/engine"
)

// begin begins as many jobs as may run at a time. The caller holds changing.
func (q *Queue) begin() {
	for !q.closed && len(q.attempts) < q.config.AtOnce {
		j, there := q.next()
		if !there {
			return
		}
		kind, known := q.kind(j.Kind)
		if !known { // it was accepted by a server that had it
			q.finish(j, Outcome{}, &Failure{CodeUnknownKind, "this server runs no jobs of this kind any more"})
			continue
		}
		err := q.change(j, func(j *Job) {
			j.State, j.Started, j.Progress = Running, q.now(), Progress{}
			j.Attempts++
		})
		if err != nil {
			q.config.Log.Error("a job cannot begin", "job", j.ID, "problem", err)
			q.finish(j, Outcome{}, internalFailure()) // those behind it do not wait for a disk that fails
			continue
		}
		q.turns[j.Campaign] = q.turn() + 1
		ctx, breakOff := context.WithCancelCause(q.ctx)
		q.attempts[j.ID] = breakOff
		q.going.Go(func() { q.attempt(ctx, j.ID, j.Task, kind) })
	}
}

// next gives the job that is to begin: campaigns take turns, so the oldest of the one that has waited longest for its turn.
func (q *Queue) next() (next held, there bool) {
	for _, j := range q.all() {
		if j.State != Accepted {
			continue
		}
		if !there || cmp.Or(cmp.Compare(q.turns[j.Campaign], q.turns[next.Campaign]), cmp.Compare(j.ID, next.ID)) < 0 {
			next, there = j, true
		}
	}
	return next, there
}

// turn counts the jobs that have begun.
func (q *Queue) turn() (last int64) {
	for _, t := range q.turns {
		last = max(last, t)
	}
	return last
}

// attempt runs a job once, in a folder of its own, and says what came of it.
func (q *Queue) attempt(ctx context.Context, id string, task Task, kind Kind) {
	ctx, cancel := context.WithTimeoutCause(ctx, cmp.Or(kind.Limit, DefaultLimit), errTimeLimit)
	defer cancel()
	outcome, err := q.run(ctx, id, task, kind)
	q.changing.Lock()
	defer q.changing.Unlock()
	q.attempts[id](nil)
	delete(q.attempts, id)
	j, there := q.find(id)
	runs := there && j.State == Running // it may have been dismissed
	if runs && err == nil {
		err = q.showResults(id)
	}
	if err := os.RemoveAll(filepath.Join(q.folder(id), unfinishedResults)); err != nil {
		q.config.Log.Error("what a job left half-written cannot be removed", "job", id, "problem", err)
	}
	if runs {
		q.conclude(ctx, j, outcome, err)
	}
	q.begin()
}

// run executes a task, and leaves it alone where it does not end although it must: then it can do no harm any more, for its context has ended
// and its folder goes.
func (q *Queue) run(ctx context.Context, id string, task Task, kind Kind) (Outcome, error) {
	dir := filepath.Join(q.folder(id), unfinishedResults)
	if err := errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o700)); err != nil {
		return Outcome{}, fmt.Errorf("jobs: %w", err)
	}
	type end struct {
		outcome Outcome
		err     error
	}
	ended := make(chan end, 1)
	go func() {
		outcome, err := Execute(ctx, kind, task, filepath.Join(q.folder(id), inputFile), dir, q.config.MostBytes, func(p Progress) { q.hear(ctx, id, p) })
		ended <- end{outcome, err}
	}()
	select {
	case e := <-ended:
		return e.outcome, e.err
	case <-ctx.Done():
	}
	select {
	case e := <-ended:
		return e.outcome, e.err
	case <-time.After(q.config.Grace):
		q.config.Log.Error("a job does not stop, and is left alone", "job", id, "kind", kind.Name)
		return Outcome{}, context.Cause(ctx)
	}
}

// hear shows how far a job is, as long as it runs.
func (q *Queue) hear(ctx context.Context, id string, p Progress) {
	q.reading.Lock()
	defer q.reading.Unlock()
	if j, there := q.jobs[id]; there && j.State == Running && ctx.Err() == nil {
		j.Progress = p
		q.jobs[id] = j
	}
}

// showResults gives the results of an attempt their place. They count when the state says so.
func (q *Queue) showResults(id string) error {
	dir := q.folder(id)
	if err := os.Rename(filepath.Join(dir, unfinishedResults), filepath.Join(dir, resultsFolder)); err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	return engine.SyncDir(dir)
}

// conclude says what becomes of a job whose attempt has ended. The caller holds changing.
func (q *Queue) conclude(ctx context.Context, j held, outcome Outcome, err error) {
	var failure *Failure
	switch cause := context.Cause(ctx); {
	case err == nil:
	case errors.Is(cause, errStopping): // it goes on when the server does, and this attempt does not count
		if err := q.change(j, func(j *Job) {
			j.State, j.Attempts, j.Started, j.Progress = Accepted, j.Attempts-1, time.Time{}, Progress{}
		}); err != nil {
			q.config.Log.Error("a job that was broken off cannot be kept as it was: it counts as an attempt", "job", j.ID, "problem", err)
		}
		return
	case errors.Is(cause, errTimeLimit):
		failure = &Failure{CodeTimeLimit, "it took longer than a job of its kind may: ask for less at a time"}
	case errors.As(err, &failure):
		q.config.Log.Info("a job failed", "job", j.ID, "kind", j.Kind, "problem", err)
	default:
		q.config.Log.Error("a job failed", "job", j.ID, "kind", j.Kind, "problem", err)
		failure = internalFailure()
	}
	q.finish(j, outcome, failure)
}

func internalFailure() *Failure {
	return &Failure{CodeInternal, "the server failed; its log says why"}
}

// finish ends a job with its results, or with why it failed. The caller holds changing.
func (q *Queue) finish(j held, outcome Outcome, failure *Failure) {
	end := Failed
	if failure == nil {
		end, j.Outcome, j.Progress.Percent = Successful, outcome, 100
	} else if err := os.RemoveAll(filepath.Join(q.folder(j.ID), resultsFolder)); err != nil {
		q.config.Log.Error("the results of a job that failed cannot be removed", "job", j.ID, "problem", err)
	}
	q.end(&j.Job, end, failure)
	if err := writeState(q.folder(j.ID), j.Job); err != nil { // it must not hang: as long as this server runs it has ended, and the next one tries again
		q.config.Log.Error("the end of a job cannot be kept: the next server begins it again", "job", j.ID, "problem", err)
	} else {
		q.forgetInput(j.Job)
	}
	q.put(j)
	q.wake()
}

// end gives a job its end.
func (q *Queue) end(j *Job, state State, failure *Failure) {
	j.State, j.Failure = state, failure
	j.Finished = q.now()
	j.Expires = j.Finished.Add(q.config.Keep)
	if j.Callback != "" {
		j.Notice = &Notice{State: NoticeWaiting, Next: j.Finished}
	}
}

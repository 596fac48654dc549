package jobs

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/google/uuid"
)

// Request asks for a job.
type Request struct {
	Task
	Draft    *Draft            // the task's input; nil where it has none
	Token    string            // the id of the token that asks
	Callback string            // an address that hears of the job's end, or ""
	Key      string            // the same key with the same Sum, in the same campaign, is the same job; "": each request is a new one
	Sum      [sha256.Size]byte // of all that was asked; looked at where there is a Key
}

// What is refused.
var (
	ErrFull      = errors.New("jobs: too many jobs wait")
	ErrKeyReused = errors.New("jobs: the key was sent with another request before")
	ErrNoKind    = errors.New("jobs: this server runs no jobs of this kind")
	ErrClosed    = errors.New("jobs: the server stops: submit the job again")
)

// Refusal is why a job cannot be accepted as it was asked: the field that is wrong, and what it must be.
type Refusal struct{ Field, Why string }

func (r *Refusal) Error() string { return "jobs: " + r.Field + ": " + r.Why }

// Submit accepts a job, durably, or gives the one that the same key asked for before. It is not run yet when this returns.
func (q *Queue) Submit(r Request) (Job, error) {
	q.changing.Lock()
	defer q.changing.Unlock()
	if q.closed {
		return Job{}, ErrClosed
	}
	if _, known := q.kind(r.Kind); !known {
		return Job{}, fmt.Errorf("%w: %s", ErrNoKind, r.Kind)
	}
	j := held{Job: Job{Task: r.Task, Token: r.Token, Callback: r.Callback, State: Accepted, Created: q.now()}}
	if r.Draft != nil {
		j.Input = &r.Draft.Input
	}
	if before, there, err := q.Known(r); there || err != nil {
		return before, err
	}
	if r.Key != "" {
		j.key, j.sum = hashOf(r.Key), hex.EncodeToString(r.Sum[:])
	}
	if err := q.mayCall(r.Campaign, r.Callback); err != nil {
		return Job{}, err
	}
	if err := q.hasRoom(r.Campaign); err != nil {
		return Job{}, err
	}
	id, err := uuid.NewV7() // in the order of time
	if err != nil {
		return Job{}, fmt.Errorf("jobs: %w", err)
	}
	j.ID = id.String()
	if err := q.keep(j, r.Draft); err != nil {
		return Job{}, err
	}
	q.put(j)
	q.begin()
	return j.Job, nil
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Known gives the job that the same key asked for before: whoever sends a request again is told of it, whatever has become of what it is about.
func (q *Queue) Known(r Request) (j Job, there bool, err error) {
	if r.Key == "" {
		return Job{}, false, nil
	}
	key, sum := hashOf(r.Key), hex.EncodeToString(r.Sum[:])
	for _, known := range q.all() {
		if known.Campaign != r.Campaign || known.key != key {
			continue
		}
		if known.sum != sum || known.Kind != r.Kind {
			return Job{}, false, ErrKeyReused
		}
		return known.Job, true, nil
	}
	return Job{}, false, nil
}

// hasRoom refuses a job where too many wait, or the campaign has too many.
func (q *Queue) hasRoom(campaign string) error {
	waiting, waitingOwn, own := 0, 0, 0
	for _, j := range q.all() {
		if j.Campaign == campaign {
			own++
		}
		if j.State != Accepted {
			continue
		}
		waiting++
		if j.Campaign == campaign {
			waitingOwn++
		}
	}
	switch {
	case waitingOwn >= q.config.WaitingEach:
		return fmt.Errorf("%w: the campaign has %d that have not begun: submit this one when one of them has", ErrFull, waitingOwn)
	case own >= q.config.KeptEach:
		return fmt.Errorf("%w: the campaign has %d jobs: delete some that have ended, or wait until they expire", ErrFull, own)
	case waiting >= q.config.Waiting:
		return fmt.Errorf("%w: %d of all campaigns have not begun: submit this one later", ErrFull, waiting)
	}
	return nil
}

// kind gives a kind by its name.
func (q *Queue) kind(name string) (Kind, bool) {
	for _, k := range q.config.Kinds {
		if k.Name == name {
			return k, true
		}
	}
	return Kind{}, false
}

// Dismiss breaks a job off, which is then dismissed; its unfinished results are removed. One that has ended is deleted with its results.
func (q *Queue) Dismiss(campaign, id string) (Job, error) {
	q.changing.Lock()
	defer q.changing.Unlock()
	j, there := q.find(id)
	switch {
	case !there || j.Campaign != campaign:
		return Job{}, ErrNotFound
	case j.State.Ended():
		j.State = Dismissed
		j.Outcome = Outcome{}
		return j.Job, q.delete(id)
	}
	if err := q.change(j, func(j *Job) { q.end(j, Dismissed, nil) }); err != nil {
		return Job{}, err
	}
	j, _ = q.find(id)
	q.forgetInput(j.Job)
	if breakOff := q.attempts[id]; breakOff != nil {
		breakOff(errDismissed)
	}
	q.wake()
	return j.Job, nil
}

package field

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// Writer is who sends returns.
type Writer struct {
	Campaign string
	Token    string   // its id, never its secret
	Turfs    []string // where it may; none: wherever the campaign does
}

// Submission is a return, or what made it unreadable. A return beside a fault gives the outcome its id.
type Submission struct {
	Return *engine.Return
	Fault  *Fault
	// Foreign says that the ids in the return were made of those of another tool. They are kept as keyed hashes, so that nobody who has that
	// tool's list can tell which of its records are here, or were erased.
	Foreign bool
}

// Fault says what of a return is wrong. Nothing that the client sent is in it.
type Fault struct {
	Field  string // as a path: location.lon; "" where it is the whole return
	Detail string // for people
}

// Status is what became of a return.
type Status string

// The statuses.
const (
	Kept        Status = "kept"        // it is on the disk and counts
	Quarantined Status = "quarantined" // it is on the disk and counts once it is released
	Rejected    Status = "rejected"    // it can never be kept as it is
	Erased      Status = "erased"      // it, what it corrects, its door or its canvasser was erased
)

// ReasonConflict is why a return that is kept does not count as it is: another body came under its id, or another correction.
const ReasonConflict = "conflict"

// Outcome is what became of a return.
type Outcome struct {
	Index  int
	ID     uuid.UUID // zero where it could not be read
	Status Status
	Reason string // of a quarantine, or ReasonConflict
	Field  string // of a rejection
	Detail string
}

var (
	// ErrCampaign is returned where there is no such campaign, or its key is destroyed.
	ErrCampaign = errors.New("field: no such campaign")
	// ErrClosed is returned once the log is closed.
	ErrClosed = errors.New("field: the log is closed")
	// ErrNotKept is wrapped where the store has not taken a commit.
	ErrNotKept = errors.New("field: not kept")
)

// Append keeps returns and gives an outcome for each, in their order. An error means that nothing of the batch is acknowledged, and that it
// must be sent again; that is safe also where the batch was kept.
func (l *Log) Append(ctx context.Context, writer Writer, submissions []Submission) ([]Outcome, error) {
	campaign, key, err := l.campaign(writer.Campaign)
	if err != nil {
		return nil, err
	}
	a := newAcceptor(campaign, key, l.config.Campaigns.Turfs(campaign.ID), writer, l.config.Placer(), l.config.Now())
	job := &appendJob{campaign: campaign.ID, outcomes: make([]Outcome, len(submissions)), done: make(chan error, 1)}
	for i, s := range submissions {
		id, fault := uuid.Nil, s.Fault
		var entry *engine.Entry
		if r := s.Return; r != nil {
			if s.Foreign {
				r = a.keys.foreign(r)
			}
			id = r.ID
			if fault == nil {
				entry, fault = a.accept(r)
			}
		}
		if fault != nil {
			job.outcomes[i] = rejected(i, id, fault)
			continue
		}
		job.outcomes[i] = Outcome{Index: i, ID: id, Status: Kept}
		if entry.Quarantine != "" {
			job.outcomes[i].Status, job.outcomes[i].Reason = Quarantined, string(entry.Quarantine)
		}
		job.entries, job.indexes = append(job.entries, entry), append(job.indexes, i)
	}
	if len(job.entries) == 0 {
		return job.outcomes, nil
	}
	select {
	case l.appends <- job:
	case <-ctx.Done():
		return nil, fmt.Errorf("field: append to %s: %w", campaign.ID, ctx.Err())
	case <-l.closing:
		return nil, ErrClosed
	}
	select {
	case err := <-job.done:
		return job.answer(err)
	case <-ctx.Done(): // the job goes on; its outcomes are not looked at any more
		return nil, fmt.Errorf("field: append to %s: it is not known whether it was kept: %w", campaign.ID, ctx.Err())
	case <-l.ended:
	}
	select {
	case err := <-job.done:
		return job.answer(err)
	default: // it came after the last commit
		return nil, ErrClosed
	}
}

func (job *appendJob) answer(err error) ([]Outcome, error) {
	if err != nil {
		return nil, err
	}
	return job.outcomes, nil
}

// campaign gives a campaign and its key.
func (l *Log) campaign(id string) (engine.Campaign, []byte, error) {
	campaign, known := l.config.Campaigns.Campaign(id)
	if !known {
		return campaign, nil, fmt.Errorf("%w: %q", ErrCampaign, id)
	}
	key, err := l.config.Campaigns.Key(id)
	if err != nil {
		return campaign, nil, fmt.Errorf("%w with a key: %w", ErrCampaign, err)
	}
	return campaign, key, nil
}

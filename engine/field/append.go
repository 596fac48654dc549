package field

import (
	"context"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// Writer is who sends returns.
type Writer struct {
	Campaign string
	Token    string   // its id, never its secret
	Turfs    []string // where it may; none: wherever the campaign does
}

// Submission is a return, or what made it unreadable.
type Submission struct {
	Return *engine.Return
	Fault  *Fault
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
	Erased      Status = "erased"      // it, its door or its canvasser was erased
)

// ReasonConflict is why a return that is kept counts as an attempt alone: another body came under its id, or another correction.
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

// Append keeps returns and gives an outcome for each, in their order. An error means that nothing of the batch is acknowledged, and that it
// must be sent again; that is safe also where the batch was kept.
func (l *Log) Append(ctx context.Context, writer Writer, submissions []Submission) ([]Outcome, error) {
	return nil, nil
}

package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// patience is how long a question may be worked on until its answer, or the next piece of it, is there. What takes longer is a filter with shapes that
// are held against every unit of the place: as many at once as the limits let in would take all processors for hours. Jobs have more time.
const patience = 20 * time.Second

var errNoPatience = errors.New("api: the question takes too long")

// patient is a context that ends when a question has been worked on for too long.
type patient struct {
	context.Context
	left *time.Timer
	time time.Duration
}

// patiently begins to work on a question. The caller stops it in the end.
func (s *server) patiently(ctx context.Context) (p *patient, stop func()) {
	limited, cancel := context.WithCancelCause(ctx)
	p = &patient{limited, time.AfterFunc(s.patience, func() { cancel(errNoPatience) }), s.patience}
	return p, func() { p.left.Stop(); cancel(nil) }
}

// apart does what is no work on the question, such as to send a piece of the answer, which may wait for the caller. Then there is all of the time again.
func (p *patient) apart(do func() error) error {
	p.left.Stop()
	defer p.left.Reset(p.time)
	return do()
}

// gaveUp tells whether the time was over, and not the caller gone.
func (p *patient) gaveUp() bool { return errors.Is(context.Cause(p), errNoPatience) }

func tooMuch(after time.Duration) *Problem {
	detail := fmt.Sprintf("the question takes more than %v: draw simpler shapes, ask for a smaller part, or submit it as a job", after)
	return problem(http.StatusUnprocessableEntity, CodeTooMuch, detail)
}

// unanswered ends a question that was worked on patiently and failed. Where the caller does not wait any more nobody is told.
func (s *server) unanswered(p *patient, err error) error {
	switch {
	case p.gaveUp():
		return tooMuch(p.time)
	case p.Err() != nil:
		panic(http.ErrAbortHandler)
	}
	return problemFor(err, s.log)
}

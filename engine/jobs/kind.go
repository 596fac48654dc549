package jobs

import (
	"context"
	"time"
)

// A Kind is work that can be asked for.
type Kind struct {
	Name string
	// Run does a task: a function of the task alone, so that a run that was broken off and begun again gives the same bytes. It stops soon
	// after ctx ends. A *Failure is told to whoever asked; of any other error they hear that it is in the log.
	Run func(ctx context.Context, run *Run) error
	// Limit is how long an attempt may take; DefaultLimit where it is 0.
	Limit time.Duration
}

// DefaultLimit is how long an attempt of a job may take where its kind does not say.
const DefaultLimit = time.Hour

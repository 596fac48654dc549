// Package build makes a snapshot of a place: it reads the sources, cuts streets into segments, places every address, weighs,
// estimates, rounds, aggregates, settles what may be published, checks, and writes it all beside what is served before it
// switches. Everything is whole numbers and sorted columns from then on.
package build

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/arpent/arpent/engine"
)

// Options say what to build and where.
type Options struct {
	Place      *engine.Place
	Inputs     []engine.Input
	Workspace  engine.Workspace
	Parameters engine.Parameters
	Allocator  memory.Allocator // the Go allocator when nil
	Progress   Progress         // may be nil
}

// Progress hears how far a build is: done of total of the stage's own unit; total is 0 where it is not known. It is called
// from one goroutine at a time.
type Progress func(stage string, done, total int64)

// Result is a finished build.
type Result struct {
	ID     string // of the snapshot, which is now the current one
	Dir    string
	Fresh  bool // false where the same snapshot was there already
	Report *engine.Report
}

// Run builds a place. On any error, and when ctx ends, the workspace is as it was: the current snapshot stays.
func Run(ctx context.Context, o Options) (Result, error) {
	panic("written next")
}

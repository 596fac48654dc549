package build

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/estimate"
)

// Measured is what a method's estimates of a contest are worth where the place's own precincts are merged and told apart again.
type Measured struct {
	Contest string
	Choices []string // in the order of the score's
	Seconds float64  // that it took
	estimate.Score
}

// ErrOtherSources is returned where the files of a place are not those of the snapshot that is asked about.
var ErrOtherSources = errors.New("build: the place file or its sources are not those that the snapshot was built from")

// Measure measures a method on every contest of a place: neighbouring precincts are merged, about size in each group. It reads and
// places everything as a build does, and writes nothing. Where a snapshot is given, the place must be as that was built.
func Measure(ctx context.Context, o Options, method estimate.Method, size int, snapshot string) ([]Measured, error) {
	mem := o.Allocator
	if mem == nil {
		mem = new(engine.Recycler)
	}
	manifest := engine.NewManifest(o.Place, o.Parameters)
	s, err := read(ctx, o, mem)
	if err != nil && snapshot != "" && ctx.Err() == nil { // it could be read when that was built
		err = fmt.Errorf("%w: %w", ErrOtherSources, err)
	}
	if err != nil {
		return nil, err
	}
	manifest.Inputs, manifest.Country = s.inputs, s.material.country
	if id, err := manifest.SnapshotID(); err != nil || snapshot != "" && id != snapshot {
		return nil, errors.Join(err, ErrOtherSources)
	}
	w, _, err := layOut(ctx, o, s.material, nil, func() {})
	if err != nil {
		return nil, err
	}
	var measured []Measured
	for _, v := range w.votes {
		began := time.Now()
		score, err := v.backtest(ctx, method, size, o.stage(stageMeasure+" "+v.id))
		if err != nil {
			return nil, err
		}
		one := Measured{Contest: v.id, Seconds: time.Since(began).Seconds(), Score: score}
		for _, c := range v.choices {
			one.Choices = append(one.Choices, c.id)
		}
		measured = append(measured, one)
	}
	return measured, nil
}

func (v *contestVotes) backtest(ctx context.Context, method estimate.Method, size int, progress func(done, total int64)) (estimate.Score, error) {
	score, err := estimate.Backtest(v.ground.Ground, v.ground.results(v), method, size, hearing(ctx, progress))
	if err != nil {
		return score, fmt.Errorf("build: contest %s: backtest: %w", v.id, err)
	}
	return score, nil
}

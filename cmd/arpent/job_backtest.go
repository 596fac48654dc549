package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/build"
	"github.com/arpent/arpent/engine/estimate"
	"github.com/arpent/arpent/engine/jobs"
)

// runBacktest is the kind of job that does what `arpent validate PLACE.yaml` does, with the place file and the sources that the job's snapshot
// was built from. They are read where they were then.
func (p *program) runBacktest(ctx context.Context, run *jobs.Run) error {
	var asked api.Backtest
	if err := json.Unmarshal(run.Parameters, &asked); err != nil {
		return fmt.Errorf("backtest: %w", err)
	}
	snapshot, err := engine.OpenSnapshot(p.space().SnapshotDir(run.Snapshot))
	if errors.Is(err, fs.ErrNotExist) {
		return jobs.SnapshotGone(run.Snapshot)
	}
	if err != nil {
		return err
	}
	measured, err := p.measureAgain(ctx, snapshot, asked, run)
	if err != nil {
		return err
	}
	for i := range measured {
		measured[i].Seconds = 0 // the same question has the same answer
	}
	return run.Write("backtest.json", "application/json", func(w io.Writer) (int64, error) {
		return int64(len(measured)), encodeJSON(w, judgedContests(measured, estimate.Method(asked.Method)))
	})
}

// measureAgain reads the sources of a snapshot and measures the estimates on them.
func (p *program) measureAgain(ctx context.Context, snapshot *engine.Snapshot, asked api.Backtest, run *jobs.Run) ([]build.Measured, error) {
	built, err := build.ReadBuilt(snapshot)
	if err != nil {
		return nil, err
	}
	place, err := engine.ReadPlace(built.Place)
	if err != nil {
		return nil, sourcesChanged(err)
	}
	inputs, err := openInputs(place, built.Data)
	if err != nil {
		return nil, sourcesChanged(err)
	}
	contests := map[string]bool{}
	for _, in := range inputs {
		if contest := string(in.Spec.Contest); contest != "" {
			contests[contest] = true
		}
	}
	heard := backtestProgress{files: len(inputs), contests: len(contests), hear: run.Hear}
	measured, err := build.Measure(ctx, build.Options{Place: place, Inputs: inputs, Parameters: snapshot.Manifest.Parameters, Progress: heard.Hear},
		estimate.Method(asked.Method), asked.Merge, snapshot.Manifest.ID)
	if errors.Is(err, build.ErrOtherSources) {
		return nil, sourcesChanged(err)
	}
	return measured, err
}

// sourcesChanged is the failure of a backtest whose snapshot was built from other files: once they could be read.
func sourcesChanged(err error) error {
	return fmt.Errorf("%w: %w", &jobs.Failure{
		Code: "sources_changed", Detail: "the place file or the files it names are not what the snapshot was built from, or not there: build the place again",
	}, err)
}

// backtestProgress turns the stages of a backtest into one progress: reading is a fifth of it, then each contest has the same part.
type backtestProgress struct {
	files, contests int
	hear            func(jobs.Progress)

	stage          string
	read, measured int // stages that have begun
}

func (b *backtestProgress) Hear(stage string, done, total int64) {
	what, contest, _ := strings.Cut(stage, " ")
	if stage != b.stage {
		b.stage = stage
		switch what {
		case "read":
			b.read++
		case "measure":
			b.measured++
		}
	}
	part := 0.0 // of the stage
	if total > 0 {
		part = float64(done) / float64(total)
	}
	switch what {
	case "read": // the name of the file is not told
		b.hear(jobs.Progress{Percent: stagePercent(20, b.read, part, b.files), Message: "read"})
	case "measure":
		b.hear(jobs.Progress{Percent: 20 + stagePercent(80, b.measured, part, b.contests), Message: "measure " + contest})
	default:
		b.hear(jobs.Progress{Percent: stagePercent(20, b.read, 1, b.files), Message: stage})
	}
}

// stagePercent is how much of a whole is done in the part of the nth of so many stages.
func stagePercent(whole float64, nth int, part float64, stages int) int {
	return int(whole * min(1, (float64(nth-1)+part)/float64(max(1, stages))))
}

package field

import (
	"context"

	"github.com/arpent/arpent/engine"
)

// Coverage counts doors, attempts, contacts and refusals by segment and team, ascending. It says nothing about answers: their counts are zero.
func (l *Log) Coverage(ctx context.Context, campaign string, each func(*engine.RollupRow) error) error {
	question := engine.Question{Campaign: campaign, By: []engine.Dimension{engine.BySegment, engine.ByTeam}}
	return l.Rollup(ctx, question, func(row *engine.RollupRow) error {
		progress := *row
		progress.Answers, progress.Households, progress.Support = 0, 0, [5]int64{}
		return each(&progress)
	})
}

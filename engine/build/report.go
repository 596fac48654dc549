package build

import (
	"context"
	"math"
	"slices"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/estimate"
	"github.com/arpent/arpent/geo"
)

func reportPlacing(m *material, p *placed, report *engine.Report) {
	r := &report.Placing
	r.Segments, r.Addresses = int64(len(p.segments)), int64(p.addresses.len())
	for _, s := range p.segments {
		r.LengthKM += s.lengthM / 1000
	}
	for _, at := range p.spots {
		if at.by == geo.ByName {
			r.ByName++
		} else {
			r.ByNearest++
		}
		r.MaxSegmentOffM = math.Max(r.MaxSegmentOffM, at.offM)
	}
	for _, d := range p.divisions {
		report.Divisions = append(report.Divisions, d.report)
	}
	r.CensusWithoutArea = m.figuresWithoutArea
	for _, a := range m.censusAreas {
		if _, ok := m.census.areas.number[a.code]; !ok {
			r.AreasWithoutCensus++
		}
	}
}

// reportContest adds what is known once votes are cast: what has no place, and the backtest.
func reportContest(ctx context.Context, v *contestVotes, p *placed, atoms []atom, r *engine.ContestReport, progress func(done, total int64)) error {
	for i, a := range atoms {
		if a.segment == noPlace {
			r.NonTerritorial += v.votersOf(int32(i), a.precinct)
		}
	}
	for row, unmodelled := range v.estimates.Unmodelled {
		if b := v.ground.precincts[row]; unmodelled {
			r.FlatPrecincts = append(r.FlatPrecincts, p.precincts[b].code)
		}
	}
	for row, b := range v.ground.precincts {
		if v.official(b) == nil {
			continue
		}
		for part := v.ground.First[row]; part < v.ground.First[row+1]; part++ {
			if v.estimates.Voters[part] == 0 {
				r.PartsEmpty++
			}
		}
	}
	for row, borrowed := range v.estimates.Borrowed {
		if borrowed {
			r.ModelledOnly = append(r.ModelledOnly, p.precincts[v.ground.precincts[row]].code)
		}
	}
	slices.Sort(r.ModelledOnly)
	score, err := v.backtest(ctx, estimate.Best, engine.BacktestMerged, progress)
	if err != nil {
		return err
	}
	r.BallotsMisplaced, r.FlatMisplaced = score.Misplaced, score.FlatMisplaced
	for j, a := range score.Choices {
		if a.Units > 0 {
			r.Backtest = append(r.Backtest, engine.Backtest{Choice: v.choices[j].id, MAE: a.MAE, FlatMAE: a.FlatMAE, Cover50: a.Cover50, Cover90: a.Cover90})
		}
	}
	return nil
}

package live

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/estimate"
)

// states are what the model says of the parts of a precinct; nil where it says nothing. Answers count in a segment where K households gave
// one: so what is said of other segments of the precinct does not depend on those of fewer.
func (f *Field) states(ctx context.Context, precinct int32) (states []estimate.FieldState, err error) {
	model := f.model.Load()
	parts := f.parts[precinct]
	if model == nil || parts == nil || len(parts.Parts) == 0 {
		return nil, nil
	}
	failed := f.withRead(ctx, precinct, func(p *fieldPrecinct) {
		if p.states == nil || p.statesBy != model {
			sums := p.counted()
			with := parts.withAnswers(p, model, func(segment int32) bool { return sums.segments[segment].answered >= f.k })
			if p.states, err = model.learnt.Update(with); err != nil {
				err = fmt.Errorf("live: update precinct %d: %w", f.city.unitLevel(engine.UnitPrecinct, 0).ids[precinct], err)
				return
			}
			p.statesBy = model
		}
		states = p.states
	})
	return states, cmp.Or(failed, err)
}

// fieldShares is what the model says of a unit, as shares of its registered voters.
type fieldShares struct{ updated, forecast, swing Estimate }

// modelled adds up what the model says of the parts of a unit, by their voters; false where it says nothing of one of them, and where the
// unit is not published. The bounds are added up as if all parts erred the same way, so that they are rather too wide.
func (f *Field) modelled(ctx context.Context, l *level, u int) (fieldShares, bool, error) {
	if l.state(u) != engine.Published {
		return fieldShares{}, false, nil
	}
	var sum fieldShares
	voters := 0.0
	for _, b := range f.ground.by[l].of(u) {
		parts := f.parts[b]
		if parts == nil {
			return fieldShares{}, false, nil
		}
		inside := f.insideOf(l, u, b)
		states, err := f.states(ctx, b)
		if err != nil {
			return fieldShares{}, false, err
		}
		for _, piece := range parts.pieces {
			if !inside(piece.segment, piece.cell) {
				continue
			}
			if states == nil {
				return fieldShares{}, false, nil
			}
			at := parts.partOf[piece.segment]
			sum.add(&states[at], &parts.Parts[at], piece.voters)
			voters += piece.voters
		}
	}
	if voters == 0 {
		return fieldShares{}, false, nil
	}
	return fieldShares{sum.updated.of(voters), sum.forecast.of(voters), sum.swing.of(voters)}, true, nil
}

func (s *fieldShares) add(state *estimate.FieldState, part *estimate.FieldPart, voters float64) {
	s.updated = s.updated.plus(fromRange(state.Theta), voters)
	s.forecast = s.forecast.plus(fromRange(state.Forecast), voters)
	// A unit of log odds moves this much of the registered voters.
	slope := 0.0
	if votes := part.Own + part.Other; votes > 0 {
		slope = state.Theta.Share * max(0, 1-state.Theta.Share/votes)
	}
	value, doubt := state.Forecast.Share-state.Theta.Share, slope*state.Swing.Deviation
	s.swing = s.swing.plus(Estimate{value, value - z90*doubt, value - z50*doubt, value + z50*doubt, value + z90*doubt}, voters)
}

func fromRange(r estimate.Range) Estimate {
	return Estimate{r.Share, r.Low90, r.Low50, r.High50, r.High90}
}

func (e Estimate) plus(other Estimate, weight float64) Estimate {
	return Estimate{
		e.Value + weight*other.Value,
		e.Low90 + weight*other.Low90, e.Low50 + weight*other.Low50,
		e.High50 + weight*other.High50, e.High90 + weight*other.High90,
	}
}

// of divides a sum by its weight, and rounds it: more digits would only tell how the voters of a unit are weighed.
func (e Estimate) of(weight float64) Estimate {
	round := func(x float64, to func(float64) float64) float64 {
		return to(x/weight/modelledStep) / (1 / modelledStep)
	}
	value := round(e.Value, math.Round)
	return Estimate{
		value,
		min(value, round(e.Low90, math.Floor)), min(value, round(e.Low50, math.Floor)),
		max(value, round(e.High50, math.Ceil)), max(value, round(e.High90, math.Ceil)),
	}
}

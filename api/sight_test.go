package api

import (
	"context"
	"fmt"
	"sync"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/geo"
)

// sight is a FieldView that tells how many returns its campaign has.
type sight struct {
	ledger   *ledger
	campaign string
	encoded  int
	mu       sync.Mutex
	moved    uint64 // beyond the returns

	apart func(geo.Tile) bool // tiles of precincts that no return is in; nil: none
}

func (v *sight) Last() uint64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	return 1_000 + v.moved + uint64(len(v.ledger.kept(v.campaign)))
}

func (v *sight) Version(layer string, t geo.Tile) (uint64, error) {
	if layer != "segments" && layer != "cells" && layer != "precincts" {
		return 0, &live.QueryError{Parameter: "layer", Value: layer, Known: []string{"segments", "cells", "precincts"}}
	}
	if v.apart != nil && v.apart(t) {
		return 1_000, nil
	}
	return v.Last(), nil
}

func (v *sight) Tile(_ context.Context, layer string, t geo.Tile, q live.FieldQuery) (live.Tile, error) {
	if t.Z < 10 {
		return live.Tile{}, nil
	}
	v.mu.Lock()
	v.encoded++
	v.mu.Unlock()
	return live.Tile{Data: fmt.Appendf(nil, "%s %v %v of %s: %d returns", layer, t, q, v.campaign, len(v.ledger.kept(v.campaign))), Features: 7}, nil
}

// Wait knows the segments after a version of its own.
func (v *sight) Wait(ctx context.Context, after uint64) (live.Touched, uint64, error) {
	for {
		v.ledger.mu.Lock()
		wake := v.ledger.wake
		v.ledger.mu.Unlock()
		if last := v.Last(); last > after {
			touched := live.Touched{Precincts: []live.TouchedPrecinct{{ID: 501, Bound: orb.Bound{Min: orb.Point{2.31, 48.81}, Max: orb.Point{2.32, 48.82}}}}}
			if after >= 1_000 {
				touched.Segments = []int64{1, 5}
			}
			return touched, last, nil
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return live.Touched{}, after, ctx.Err()
		}
	}
}

// Breaks has a unit for each return, and three of which few households answered.
func (v *sight) Breaks(_ context.Context, q live.BreaksQuery) (live.Breaks, error) {
	if q.Collection == "communes" {
		return live.Breaks{}, &live.QueryError{Parameter: "collection", Value: q.Collection, Known: live.FieldCollections()}
	}
	units := len(v.ledger.kept(v.campaign))
	return live.Breaks{Values: []float64{0.5}, Counts: []int{units, 0}, Lowest: 0.25, Most: 0.25, Published: units, Suppressed: 3, Empty: 1}, nil
}

func (v *sight) Score(_ context.Context, unit engine.Unit, id int64) (live.FieldScore, error) {
	score := live.FieldScore{Unit: unit, ID: id, Name: "Rue de l’Église", Addresses: 12, Households: 23.5,
		Counts:  live.FieldCounts{Doors: 20, Attempts: 31, Contacts: 15, Refusals: 2, NotHome: 14, Answers: 13, Households: 12, Told: 12, LastDay: 20783},
		Teams:   []live.TeamCounts{{Team: "team-of-" + v.campaign, Counts: live.FieldCounts{Attempts: 31, Answers: 13, Households: 12}}},
		Support: &[5]int64{1, 2, 3, 4, 2},
		Measures: []live.FieldMeasureScore{
			{Measure: "coverage", Estimate: live.Estimate{Value: 0.85, Low90: 0.85, Low50: 0.85, High50: 0.85, High90: 0.85}, N: 20, State: engine.Published},
			{Measure: "support", Estimate: live.Estimate{Value: 0.5, Low90: 0.3, Low50: 0.4, High50: 0.6, High90: 0.7}, N: 12, State: engine.Published},
		}}
	switch id {
	case 1:
		return score, nil
	case 2: // A careless engine: what three households said must not get out.
		score.Counts.Answers, score.Counts.Households, score.Counts.Told = 4, 3, 3
		score.Measures[1].State, score.Measures[1].Reason, score.Measures[1].N = engine.Suppressed, engine.ReasonK, 3
		return score, nil
	}
	return live.FieldScore{}, fmt.Errorf("%w: there is no %s %d", live.ErrNotFound, unit, id)
}

// Heard tells of every place, also where three households answered: a careless engine.
func (v *sight) Heard(context.Context, engine.Question) (map[live.HeardPlace]live.Heard, error) {
	v.ledger.mu.Lock()
	defer v.ledger.mu.Unlock()
	heard := map[live.HeardPlace]live.Heard{}
	for _, row := range v.ledger.rows {
		heard[live.HeardPlace{Cell: row.Cell, Segment: row.Segment, Precinct: row.Precinct}] = live.Heard{Households: row.Households, Support: row.Support}
	}
	return heard, nil
}

func (v *sight) Coverage(_ context.Context, by engine.Dimension) (live.FieldCoverage, error) {
	counts := live.FieldCounts{Doors: 20, Attempts: 31, Contacts: 15, Answers: 4, Households: 3}
	return live.FieldCoverage{
		All:  live.CoverageRow{Name: "Mirabel", Addresses: 120, Households: 230, Counts: counts},
		Rows: []live.CoverageRow{{ID: 1, Name: "by " + string(by) + " of " + v.campaign, Addresses: 12, Households: 23.5, Counts: counts}},
		Mix:  []live.Mix{{Contacts: 15, Own: 3.25, Turnout: -1.5, HasTurnout: true}, {Team: "north", Contacts: 9, Own: 4}},
	}, nil
}

func (v *sight) Next(_ context.Context, covers func(lon, lat float64) bool, limit int) ([]live.NextStreet, error) {
	var streets []live.NextStreet
	for _, street := range []live.NextStreet{{ID: 1, Name: "Rue de l’Ouest", Lon: 2.302, Lat: 48.85, Group: 1, Alike: 2}, {ID: 2, Name: "Rue de l’Est", Lon: 2.352, Lat: 48.85, Group: 1, Alike: 2}} {
		if (covers == nil || covers(street.Lon, street.Lat)) && len(streets) < limit {
			streets = append(streets, street)
		}
	}
	return streets, nil
}

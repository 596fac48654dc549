package live

import (
	"context"
	"slices"

	"github.com/arpent/arpent/engine"
)

// FieldCollections are those whose legends the staff has: what tiles are made of.
func FieldCollections() []string { return []string{"segments", "cells", "precincts"} }

// Breaks gives the classes of a measure of the field over the units of one of FieldCollections, by what tiles tell of each and nothing else:
// suppressed are those of which fewer than k households answered, empty those that have no such number. About is empty.
func (f *Field) Breaks(ctx context.Context, q BreaksQuery) (Breaks, error) {
	m, err := fieldMeasureByName(q.Measure)
	if err != nil {
		return Breaks{}, err
	}
	if err := q.check(); err != nil {
		return Breaks{}, err
	}
	if !slices.Contains(FieldCollections(), q.Collection) {
		return Breaks{}, &QueryError{"collection", q.Collection, FieldCollections()}
	}
	of, l, _, err := f.city.collection(q.Collection, q.Resolution)
	if err != nil {
		return Breaks{}, err
	}
	var b Breaks
	var values []float64
	for u := range l.ids {
		if of.Unit == engine.UnitPrecinct && f.precincts[u] == nil {
			continue // of another division
		}
		if err := ctx.Err(); err != nil {
			return Breaks{}, err
		}
		var told feature
		if err := f.tell(ctx, l, u, m, &told); err != nil {
			return Breaks{}, err
		}
		switch standings[told.standing].state {
		case engine.Published:
			b.Published++
			values = append(values, told.number.Value)
		case engine.Suppressed:
			b.Suppressed++
		default:
			b.Empty++
		}
	}
	b.choose(values, m.Diverging, m.whole, q)
	return b, nil
}

package live

import (
	"context"
	"slices"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// unit adds up what the precincts of a unit know of it.
func (f *Field) unit(ctx context.Context, l *level, u int) (fieldUnit, error) {
	found := fieldUnit{addresses: f.addresses(l, u), households: l.households[u]}
	for _, b := range f.ground.by[l].of(u) {
		sums, err := f.sums(ctx, b)
		if err != nil {
			return fieldUnit{}, err
		}
		switch l.unit {
		case engine.UnitSegment:
			if at, ok := slices.BinarySearch(f.ground.carried[b].segments, int32(u)); ok {
				found.add(&sums.segments[at])
			}
		case engine.UnitCell:
			first, end := f.cellsIn(b, l.ids[u])
			for i := first; i < end; i++ {
				found.add(&sums.cells[i])
			}
			for i := range sums.segments {
				if span := sums.heard[i]; int(span.first) >= first && int(span.last) < end {
					found.hear(&sums.segments[i])
				}
			}
		default:
			found.add(&sums.all)
		}
	}
	return found, nil
}

// withShares adds what the model says of the unit.
func (f *Field) withShares(ctx context.Context, l *level, u int, unit fieldUnit) (fieldUnit, error) {
	shares, ok, err := f.modelled(ctx, l, u)
	if ok {
		unit.shares = &shares
	}
	return unit, err
}

// insideOf tells which segments and cells of a precinct are in a unit.
func (f *Field) insideOf(l *level, u int, precinct int32) func(segment, cell int32) bool {
	switch l.unit {
	case engine.UnitSegment:
		at, _ := slices.BinarySearch(f.ground.carried[precinct].segments, int32(u))
		return func(segment, _ int32) bool { return int(segment) == at }
	case engine.UnitCell:
		first, end := f.cellsIn(precinct, l.ids[u])
		return func(_, cell int32) bool { return int(cell) >= first && int(cell) < end }
	}
	return func(_, _ int32) bool { return true }
}

// cellsIn gives which of a precinct's cells lie in one of any resolution.
func (f *Field) cellsIn(precinct int32, cell int64) (first, end int) {
	low, high := geo.Cell(cell).Range(engine.FinestResolution)
	cells := f.ground.carried[precinct].cells
	first, _ = slices.BinarySearch(cells, int64(low))
	end, _ = slices.BinarySearch(cells, int64(high)+1)
	return first, end
}

// addresses counts those of a unit, of a commune those of its precincts.
func (f *Field) addresses(l *level, u int) int64 {
	sources := f.city.countAddresses(l, u, f.division())
	return sources.sum()
}

func (f *Field) division() string { return f.city.contests[f.contest].Division }

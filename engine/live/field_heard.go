package live

import (
	"context"
	"slices"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// HeardPlace is a group of a roll-up: the place that it is of. What it is not grouped by is zero.
type HeardPlace struct{ Cell, Segment, Precinct int64 }

// Heard is what the households of a place answered that may be told of, K or more of them.
type Heard struct {
	Households int64
	// Support counts them by their last answer, -2 to +2. It is zero where OneSided: they are fewer than 50, and nearly all said the same.
	Support  [5]int64
	OneSided bool
}

// Heard tells what households answered, by the places that the question groups by and of those that it is about; teams and days are no
// places. It adds up what units are told of, see Field, and nothing finer: so however questions are put, what one answer has more than others is
// the answers of K households or more. A place of which less is known is not there.
func (f *Field) Heard(ctx context.Context, q engine.Question) (map[HeardPlace]Heard, error) {
	tallies, err := f.hear(ctx, &q)
	if err != nil {
		return nil, err
	}
	heard := make(map[HeardPlace]Heard, len(tallies))
	for place, t := range tallies {
		h := Heard{Households: int64(t.heard()), OneSided: t.uniform()}
		for i, n := range t.support {
			if !h.OneSided {
				h.Support[i] = int64(n)
			}
		}
		heard[place] = h
	}
	return heard, nil
}

// tallies are what was heard by place.
type tallies map[HeardPlace]*fieldTally

func (all tallies) hear(place HeardPlace, t *fieldTally) {
	if t.heard() == 0 {
		return
	}
	if all[place] == nil {
		all[place] = &fieldTally{}
	}
	all[place].hear(t)
}

func (f *Field) hear(ctx context.Context, q *engine.Question) (tallies, error) {
	all := tallies{}
	whole := len(q.Segments) == 0 && q.Cell == 0 && !slices.Contains(q.By, engine.ByCell) && !slices.Contains(q.By, engine.BySegment)
	for b, id := range f.city.unitLevel(engine.UnitPrecinct, 0).ids {
		if f.precincts[b] == nil || len(q.Precincts) > 0 && !slices.Contains(q.Precincts, id) {
			continue
		}
		sums, err := f.sums(ctx, int32(b))
		if err != nil {
			return nil, err
		}
		place := HeardPlace{}
		if slices.Contains(q.By, engine.ByPrecinct) {
			place.Precinct = id
		}
		if whole {
			all.hear(place, &sums.all)
		} else {
			f.hearParts(q, int32(b), sums, place, all)
		}
	}
	return all, nil
}

// hearParts adds the parts of segments that lie in a precinct, as far as each is asked for as a whole.
func (f *Field) hearParts(q *engine.Question, precinct int32, sums *fieldSums, place HeardPlace, all tallies) {
	carried := f.ground.carried[precinct]
	first, end := 0, len(carried.cells)
	if q.Cell != 0 {
		first, end = f.cellsIn(precinct, q.Cell)
	}
	for i, id := range carried.ids {
		span := sums.heard[i]
		if q.Cell != 0 && (int(span.first) < first || int(span.last) >= end) || len(q.Segments) > 0 && !slices.Contains(q.Segments, id) {
			continue
		}
		if slices.Contains(q.By, engine.BySegment) {
			place.Segment = id
		}
		if slices.Contains(q.By, engine.ByCell) {
			cell, ok := span.within(carried.cells, q.Resolution)
			if !ok {
				continue
			}
			place.Cell = int64(cell)
		}
		all.hear(place, &sums.segments[i])
	}
}

// within gives the cell of a resolution that all of the span lies in, where there is one.
func (s cellSpan) within(cells []int64, resolution int) (cell geo.Cell, ok bool) {
	if s.first < 0 {
		return 0, false
	}
	first, last := geo.Cell(cells[s.first]).Parent(resolution), geo.Cell(cells[s.last]).Parent(resolution)
	return first, first == last
}

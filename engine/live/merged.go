package live

import (
	"cmp"
	"slices"

	"github.com/arpent/arpent/engine"
)

// What is merged in a feature is said with it: how many street segments a stretch has, and how many have an address in a cell. Streets and
// addresses are public, so that such a number tells nothing of who lives there.

// countMerged counts the segments of stretches and cells.
func (r *loader) countMerged() error {
	a := &r.city.atoms
	order := make([]int32, len(a.cell)) // atoms by segment, then by cell: so are their parents
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(i, j int32) int {
		return cmp.Or(cmp.Compare(r.segments[i], r.segments[j]), cmp.Compare(a.cell[i], a.cell[j]))
	})
	for at, l := range r.city.levels {
		switch l.unit {
		case engine.UnitSegment:
			l.merged = slices.Repeat([]int32{1}, len(l.ids))
			for u, others := range l.others {
				l.merged[u] += int32(len(others))
			}
		case engine.UnitCell:
			l.merged = make([]int32, len(l.ids))
			segment, last := int64(0), int32(noUnit)
			for _, i := range order {
				u := r.units[at][i]
				if u == noUnit || r.segments[i] == 0 || r.segments[i] == segment && u == last {
					continue
				}
				segment, last = r.segments[i], u
				l.merged[u]++
			}
		}
	}
	return nil
}

package engine

import (
	"fmt"
	"slices"

	"github.com/arpent/arpent/geo"
)

// The resolutions of the cells that a question may group by. Finer ones are inside the house only.
const (
	coarsestCell = 3
	finestCell   = 11
)

// Check says what makes a question one that no store answers.
func (q *Question) Check() error {
	if q.Campaign == "" {
		return fmt.Errorf("engine: a roll-up is of one campaign: say which")
	}
	for i, by := range q.By {
		if !slices.Contains(Dimensions(), by) {
			return fmt.Errorf("engine: %q is nothing that a roll-up can be grouped by: it is one of %q", by, Dimensions())
		}
		if slices.Contains(q.By[:i], by) {
			return fmt.Errorf("engine: a roll-up is grouped by %s once", by)
		}
	}
	if slices.Contains(q.By, ByCell) && (q.Resolution < coarsestCell || q.Resolution > finestCell) {
		return fmt.Errorf("engine: cells of a roll-up have the resolutions %d to %d, not %d", coarsestCell, finestCell, q.Resolution)
	}
	if cell := geo.Cell(q.Cell); q.Cell != 0 && (!cell.Valid() || cell.Resolution() > finestCell) {
		return fmt.Errorf("engine: %v is not a cell of a resolution up to %d", cell, finestCell)
	}
	return nil
}

package live

import (
	"fmt"

	"github.com/arpent/arpent/engine"
)

// Collection is the units of one kind, as rows that can be asked for: see City.Items.
type Collection struct {
	Name  string // segments, cells, precincts, communes
	Title string
	About string
	Unit  engine.Unit
	Layer string // whose geometry its rows have; "": none
}

// Collections lists the collections.
func Collections() []Collection {
	return []Collection{
		{"segments", "Street segments", "Streets between two crossings.", engine.UnitSegment, "segments"},
		{"cells", "H3 cells", "H3 cells of one resolution, 3 to 11.", engine.UnitCell, "cells"},
		{"precincts", "Precincts", "The areas votes are counted in, of the division of the contest asked for.", engine.UnitPrecinct, "precincts"},
		{"communes", "Communes", "Municipalities; in Paris, Lyon and Marseille the arrondissements. Without geometry.", engine.UnitCommune, ""},
	}
}

// DefaultResolution is that of the cells of a collection unless another is asked for.
const DefaultResolution = 9

// collection finds a collection with its level and its geometry, which is nil where it has none.
func (c *City) collection(name string, resolution int) (Collection, *level, *layer, error) {
	var known []string
	for _, found := range Collections() {
		if found.Name != name {
			known = append(known, found.Name)
			continue
		}
		if found.Unit != engine.UnitCell {
			if resolution != 0 {
				return found, nil, nil, &ItemError{"resolution", fmt.Sprintf("only cells have a resolution, not %s: leave it out", name)}
			}
			return found, c.unitLevel(found.Unit, 0), c.layers[found.Layer], nil
		}
		if resolution == 0 {
			resolution = DefaultResolution
		}
		if resolution < engine.CoarsestResolution || resolution > engine.FinestResolution {
			return found, nil, nil, &ItemError{"resolution", fmt.Sprintf("cells have the resolutions %d to %d, not %d", engine.CoarsestResolution, engine.FinestResolution, resolution)}
		}
		return found, c.unitLevel(engine.UnitCell, resolution), c.layers[cellLayer(resolution)], nil
	}
	return Collection{}, nil, nil, &QueryError{"collection", name, known}
}

// ItemError says what is wrong with a part of an ItemQuery. It matches ErrQuery.
type ItemError struct {
	Parameter string // properties, filter, sortby, resolution, bbox
	Why       string // with what to do
}

func (e *ItemError) Error() string { return fmt.Sprintf("live: %s: %s", e.Parameter, e.Why) }

// Is makes errors.Is(err, ErrQuery) true.
func (e *ItemError) Is(target error) bool { return target == ErrQuery }

package live

import (
	"fmt"
	"slices"

	"github.com/arpent/arpent/engine"
)

// Collection is the units of one kind, as rows that can be asked for: see City.Items.
type Collection struct {
	Name     string // segments, cells, precincts, communes, or a set of districts
	Title    string
	About    string
	Unit     engine.Unit
	Geometry bool   // its rows have one
	Layer    string // of its tiles; "": it has none
}

// Collections lists the collections: those that every city has, then its sets of districts.
func (c *City) Collections() []Collection {
	list := []Collection{
		{"segments", "Street segments", "Streets between two crossings.", engine.UnitSegment, true, "segments"},
		{"cells", "H3 cells", "H3 cells of one resolution, 3 to 11.", engine.UnitCell, true, "cells"},
		{"precincts", "Precincts", "The areas votes are counted in, of the division of the contest asked for.", engine.UnitPrecinct, true, "precincts"},
		{"communes", "Communes", "Municipalities; in Paris, Lyon and Marseille the arrondissements. Without geometry.", engine.UnitCommune, false, ""},
	}
	for _, set := range c.sets {
		about, layer := "Sums of whole precincts, with official numbers.", set.name
		if !set.drawn {
			about, layer = about+" Without geometry.", ""
		}
		list = append(list, Collection{set.name, "Districts: " + set.name, about, engine.UnitDistrict, set.drawn, layer})
	}
	return list
}

// DefaultResolution is that of the cells of a collection unless another is asked for.
const DefaultResolution = 9

// collection finds a collection with its level and its geometry, which is nil where it has none.
func (c *City) collection(name string, resolution int) (Collection, *level, *layer, error) {
	var known []string
	for _, found := range c.Collections() {
		if found.Name != name {
			known = append(known, found.Name)
			continue
		}
		if found.Unit != engine.UnitCell {
			if resolution != 0 {
				return found, nil, nil, &ItemError{"resolution", fmt.Sprintf("only cells have a resolution, not %s: leave it out", name)}
			}
			if found.Unit == engine.UnitDistrict {
				return c.district(found)
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

// district gives the level of a set of districts with its geometry, which is nil where no source has it.
func (c *City) district(found Collection) (Collection, *level, *layer, error) {
	at := slices.IndexFunc(c.sets, func(d *districtSet) bool { return d.name == found.Name })
	set := c.sets[at]
	if !set.drawn {
		return found, set.level, nil, nil
	}
	return found, set.level, c.layers[set.layerName()], nil
}

// ItemError says what is wrong with a part of an ItemQuery. It matches ErrQuery.
type ItemError struct {
	Parameter string // properties, filter, sortby, resolution, bbox
	Why       string // with what to do
}

func (e *ItemError) Error() string { return fmt.Sprintf("live: %s: %s", e.Parameter, e.Why) }

// Is makes errors.Is(err, ErrQuery) true.
func (e *ItemError) Is(target error) bool { return target == ErrQuery }

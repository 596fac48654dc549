package live

import (
	"context"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// FilteredTile is Tile with the features alone of units for which a filter holds: the rows of Items with that filter that are drawn in
// the tile. It ends with the error of ctx, for a shape may be held against every unit.
func (c *City) FilteredTile(ctx context.Context, layer string, t geo.Tile, q Query, filter *engine.Filter) (Tile, error) {
	l, err := c.layer(c.Layers(), layer, int(t.Z))
	if err != nil {
		return Tile{}, err
	}
	m, asked, err := settle(c.contests, q)
	if err != nil {
		return Tile{}, err
	}
	resolution := 0
	if layer == "cells" {
		resolution = CellResolution(int(t.Z))
	}
	of, level, shapes, err := c.collection(layer, resolution)
	if err != nil {
		return Tile{}, err
	}
	p, err := c.propertiesOf(of, level, q)
	if err != nil {
		return Tile{}, err
	}
	wanted, err := compiler{p, shapes}.compile(filter)
	if err != nil || l == nil {
		return Tile{}, err
	}
	e := tileEncoders.Get().(*tileEncoder)
	defer tileEncoders.Put(e)
	whole := c.drawn(l, c.contests[asked.contest].Division, t, e)
	left := drawing{}
	for i, place := range whole.places {
		if i%askEvery == 0 && ctx.Err() != nil {
			return Tile{}, ctx.Err()
		}
		if wanted == nil || wanted(int(l.units[place])) == yes {
			left.places = append(left.places, place)
			left.shapes.Append(whole.shapes.At(i))
		}
	}
	return e.encode(l, layer, &left, m.whole, func(places []int32, features []feature) error {
		l.tell(places, features, m, asked)
		return nil
	})
}

package live

import (
	"context"
	"slices"
	"sync"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// FieldQuery names what a staff tile shows; the zero value is the first measure.
type FieldQuery struct {
	Measure string
}

// Tile encodes a staff tile of a layer, with the columns of City.Tile. n is how many doors were tried, of measures that are made of
// answers how many households answered, where those are k. Its version is asked for before: then it is at most too old.
func (f *Field) Tile(ctx context.Context, layer string, t geo.Tile, q FieldQuery) (Tile, error) {
	m, err := fieldMeasureByName(q.Measure)
	if err != nil {
		return Tile{}, err
	}
	l, err := f.city.layer(Layers(), layer, int(t.Z))
	if err != nil || l == nil {
		return Tile{}, err
	}
	e := tileEncoders.Get().(*tileEncoder)
	defer tileEncoders.Put(e)
	return e.encode(l, layer, f.city.drawn(l, f.division(), t, e), m.whole, func(places []int32, features []feature) error {
		for i, place := range places {
			if err := f.tell(ctx, l.level, int(l.units[place]), m, &features[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// tell says what the field has of a unit.
func (f *Field) tell(ctx context.Context, l *level, u int, m FieldMeasure, of *feature) error {
	unit, err := f.unit(ctx, l, u)
	if err == nil && m.model && unit.heard() >= f.k {
		unit, err = f.withShares(ctx, l, u, unit)
	}
	if err != nil {
		return err
	}
	number, state, reason := m.of(unit, f.k)
	*of = feature{n: -1, number: number, numbered: state == engine.Published}
	if !m.Answers || unit.heard() >= f.k {
		of.n = m.n(unit)
	}
	of.standing, err = standingOf(state, reason)
	return err
}

// Version changes when the numbers of a precinct change that features of the tile have theirs from, and at no other time.
func (f *Field) Version(layer string, t geo.Tile) (uint64, error) {
	l, err := f.city.layer(Layers(), layer, int(t.Z))
	if err != nil {
		return 0, err
	}
	if l == nil {
		return f.started, nil
	}
	return f.versionOf(f.precinctsIn(layer, l, t)), nil
}

// tilePrecincts remembers the precincts of tiles.
type tilePrecincts struct {
	mu sync.Mutex
	of map[layerTile][]int32
}

type layerTile struct {
	layer string
	tile  geo.Tile
}

// tilesRemembered bounds them; then they are found anew.
const tilesRemembered = 1 << 14

// precinctsIn lists the precincts that the features of a tile have numbers from, ascending.
func (f *Field) precinctsIn(name string, l *layer, t geo.Tile) []int32 {
	key := layerTile{name, t}
	f.tiles.mu.Lock()
	found, ok := f.tiles.of[key]
	f.tiles.mu.Unlock()
	if ok {
		return found
	}
	e := tileEncoders.Get().(*tileEncoder)
	defer tileEncoders.Put(e)
	by := f.ground.by[l.level]
	for _, place := range f.city.drawn(l, f.division(), t, e).places {
		found = append(found, by.of(int(l.units[place]))...)
	}
	slices.Sort(found)
	found = slices.Clone(slices.Compact(found))
	f.tiles.mu.Lock()
	defer f.tiles.mu.Unlock()
	if f.tiles.of == nil || len(f.tiles.of) >= tilesRemembered {
		f.tiles.of = map[layerTile][]int32{}
	}
	f.tiles.of[key] = found
	return found
}

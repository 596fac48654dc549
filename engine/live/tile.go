package live

import (
	"slices"
	"sync"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
	"github.com/arpent/arpent/geo/mvt"
)

// tileBuffer is how far features reach over the edge of a tile, in tile coordinates of geo.TileExtent.
const tileBuffer = 64

// Columns of a tile's features. A suppressed or empty unit has no value, low, high and n.
var tileColumns = []string{"id", "name", "value", "low", "high", "n", "state", "reason", "modelled_only"}

const (
	columnID = iota
	columnName
	columnValue
	columnLow
	columnHigh
	columnN
	columnState
	columnReason
	columnModelledOnly // where it is true
)

// CellResolution is the resolution of the cells drawn at a zoom: about as large as a thumb on the screen, or a little smaller.
func CellResolution(zoom int) int {
	byZoom := []int{3, 3, 3, 3, 3, 4, 4, 5, 6, 6, 7, 8, 9, 9, 10, 11}
	if zoom >= len(byZoom) {
		return engine.FinestResolution
	}
	return byZoom[max(0, zoom)]
}

// Tile encodes a tile of a layer. The value of a feature is the measure of the choice in the contest; low and high are its
// 90 % interval. Above the smallest zoom of a layer there is nothing in its tiles.
func (c *City) Tile(layer string, t geo.Tile, q Query) (Tile, error) {
	l, err := c.layer(c.Layers(), layer, int(t.Z))
	if err != nil {
		return Tile{}, err
	}
	m, asked, err := settle(c.contests, q)
	if err != nil {
		return Tile{}, err
	}
	if l == nil {
		return Tile{}, nil
	}
	e := tileEncoders.Get().(*tileEncoder)
	defer tileEncoders.Put(e)
	features := e.encode(c.contests[asked.contest].Division, l, layer, t, func(out *mvt.Layer, u int) {
		e.attributes(out, published{l.level, u}, m, asked)
	})
	if features == 0 {
		return Tile{}, nil
	}
	return Tile{Data: slices.Clone(e.tile.Bytes()), Features: features}, nil
}

// Layers lists the layers: those that every city has, then its sets of districts that are drawn.
func (c *City) Layers() []Layer {
	list := Layers()
	for _, set := range c.sets {
		if set.drawn {
			list = append(list, Layer{set.name, "Districts: " + set.name, engine.UnitDistrict, 4, 16})
		}
	}
	return list
}

// layer gives the geometry of one of the layers at a zoom; nil where the layer is not made for it.
func (c *City) layer(among []Layer, name string, zoom int) (*layer, error) {
	var known []string
	for _, l := range among {
		if l.Name != name {
			known = append(known, l.Name)
			continue
		}
		if zoom < l.MinZoom {
			return nil, nil
		}
		switch l.Unit {
		case engine.UnitCell:
			return c.layers[cellLayer(CellResolution(zoom))], nil
		case engine.UnitDistrict:
			return c.layers[districtLayer+name], nil
		}
		return c.layers[name], nil
	}
	return nil, &QueryError{"layer", name, known}
}

// tileEncoder holds what is reused from tile to tile.
type tileEncoder struct {
	tile    mvt.Encoder
	found   []int32
	inTile  []int64
	clipped []int32
	ends    []int
	rings   []mvt.Ring
}

var tileEncoders = sync.Pool{New: func() any { return new(tileEncoder) }}

// encode writes the features of a tile. It calls attributes for each before its geometry.
func (e *tileEncoder) encode(division string, l *layer, name string, t geo.Tile, attributes func(out *mvt.Layer, u int)) int {
	e.tile.Reset()
	out := e.tile.Layer(name, geo.TileExtent, tileColumns)
	grid, box := t.Grid(geo.TileExtent), geo.TileClip(geo.TileExtent, tileBuffer)
	e.found = l.within(t.WorldBox(tileBuffer, geo.TileExtent), e.found[:0])
	features := 0
	for _, u := range e.found {
		if l.divisions != nil && l.divisions[u] != division {
			continue
		}
		if l.level.unit == engine.UnitSegment {
			if !e.clipLines(l, u, grid, box) {
				continue
			}
			attributes(out, int(u))
			out.Lines(featureID(l.level, int(u)), e.clipped, e.ends)
		} else {
			if !e.clipAreas(l, u, grid, box) {
				continue
			}
			attributes(out, int(u))
			out.Polygons(featureID(l.level, int(u)), e.clipped, e.rings)
		}
		features++
	}
	return features
}

func (e *tileEncoder) project(coords []int64, grid geo.TileGrid) {
	e.inTile = e.inTile[:0]
	for i := 0; i < len(coords); i += 2 {
		x, y := grid.At(coords[i], coords[i+1])
		if n := len(e.inTile); n >= 2 && e.inTile[n-2] == x && e.inTile[n-1] == y {
			continue
		}
		e.inTile = append(e.inTile, x, y)
	}
}

func (e *tileEncoder) clipLines(l *layer, u int32, grid geo.TileGrid, box geo.TileBox) bool {
	e.clipped, e.ends = e.clipped[:0], e.ends[:0]
	first, end := l.parts(u)
	for part := first; part < end; part++ {
		e.project(l.part(part), grid)
		e.clipped, e.ends = geo.ClipLine(e.clipped, e.ends, e.inTile, box)
	}
	return len(e.clipped) > 0
}

func (e *tileEncoder) clipAreas(l *layer, u int32, grid geo.TileGrid, box geo.TileBox) bool {
	e.clipped, e.rings = e.clipped[:0], e.rings[:0]
	first, end := l.parts(u)
	for part := first; part < end; part++ {
		e.project(l.part(part), grid)
		before := len(e.clipped)
		e.clipped = geo.ClipRing(e.clipped, e.inTile, box)
		if len(e.clipped) > before {
			e.rings = append(e.rings, mvt.Ring{End: len(e.clipped), Hole: l.holes[part]})
		}
	}
	return len(e.clipped) > 0
}

// featureID is a number below 2^53 that stays across zooms and snapshots. A cell's is its H3 index without mode and resolution.
func featureID(l *level, u int) uint64 {
	if l.unit == engine.UnitCell {
		return uint64(l.ids[u]) & (1<<52 - 1)
	}
	return uint64(l.ids[u])
}

func (e *tileEncoder) attributes(out *mvt.Layer, unit published, m Measure, asked question) {
	l, u := unit.level, unit.u
	setName(out, l, u)
	out.SetString(columnState, string(l.state(u)))
	if l.reason(u) != engine.ReasonNone {
		out.SetString(columnReason, string(l.reason(u)))
	}
	n := l.numbers[asked.contest].registered[u]
	if n < 0 {
		return
	}
	out.SetInt(columnN, n)
	if l.numbers[asked.contest].modelled[u] {
		out.SetBool(columnModelledOnly, true)
	}
	if number, ok := m.estimate(unit, asked); ok {
		setNumber(out, number, m.whole)
	}
}

func setName(out *mvt.Layer, l *level, u int) {
	if l.unit == engine.UnitCell {
		out.SetString(columnID, l.name(u))
		return
	}
	out.SetInt(columnID, l.ids[u])
	out.SetString(columnName, l.name(u))
}

func setNumber(out *mvt.Layer, number Estimate, whole bool) {
	if whole {
		out.SetInt(columnValue, int64(number.Value))
		out.SetInt(columnLow, int64(number.Low90))
		out.SetInt(columnHigh, int64(number.High90))
		return
	}
	// Single precision is enough to draw, and half the bytes.
	out.SetFloat(columnValue, float64(float32(number.Value)))
	out.SetFloat(columnLow, float64(float32(number.Low90)))
	out.SetFloat(columnHigh, float64(float32(number.High90)))
}

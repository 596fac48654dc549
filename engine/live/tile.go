package live

import (
	"strconv"
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
	return e.encode(l, layer, c.drawn(l, c.contests[asked.contest].Division, t, e), func(out *mvt.Layer, u int) {
		e.attributes(out, published{l.level, u}, m, asked)
	}), nil
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
	drawing drawing // of the last tile that was drawn
	places  []int32
	inTile  []int64
	clipped []int32
	ends    []int
	rings   []mvt.Ring
	text    []byte
}

var tileEncoders = sync.Pool{New: func() any { return new(tileEncoder) }}

// encode writes a tile. It calls attributes for each feature before its geometry.
func (e *tileEncoder) encode(l *layer, name string, d *drawing, attributes func(out *mvt.Layer, u int)) Tile {
	if len(d.units) == 0 {
		return Tile{}
	}
	e.tile.Reset()
	out := e.tile.Layer(name, geo.TileExtent, tileColumns)
	kind := mvt.Polygon
	if l.level.unit == engine.UnitSegment {
		kind = mvt.Line
	}
	for i, u := range d.units {
		attributes(out, int(u))
		out.Feature(featureID(l.level, int(u)), kind, d.shapes.At(i))
	}
	return Tile{Data: e.tile.Copy(), Features: len(d.units)}
}

// draw finds the features of a tile and what of them is in it.
func (e *tileEncoder) draw(l *layer, division string, t geo.Tile) {
	e.drawing.units = e.drawing.units[:0]
	e.drawing.shapes.Reset()
	box := t.WorldBox(tileBuffer, geo.TileExtent)
	e.places = l.placesWithin(box, e.places[:0])
	p := pencil{
		tileEncoder: e, layer: l, zoom: t.Z, grid: t.Grid(geo.TileExtent).In(l.frame), clip: geo.TileClip(geo.TileExtent, tileBuffer),
	}
	// What lies inside by a unit of the frame is inside also when it is rounded to the grid of the tile.
	p.inside, p.someInside = l.frame.PackBox(geo.WorldBox{MinX: box.MinX + 1, MinY: box.MinY + 1, MaxX: box.MaxX - 1, MaxY: box.MaxY - 1})
	for _, place := range e.places {
		u := l.units[place]
		if l.divisions != nil && l.divisions[u] != division {
			continue
		}
		if l.level.unit == engine.UnitSegment && p.lines(place) || l.level.unit != engine.UnitSegment && p.areas(place) {
			e.drawing.units = append(e.drawing.units, u)
		}
	}
}

// pencil draws the features of one tile.
type pencil struct {
	*tileEncoder
	layer      *layer
	zoom       uint8
	grid       geo.FrameGrid
	clip       geo.TileBox
	inside     geo.FrameBox // what is in it needs no clipping
	someInside bool
}

// lines draws the lines of the feature at a place; false where none is in the tile.
func (p *pencil) lines(place int32) bool {
	p.clipped, p.ends = p.clipped[:0], p.ends[:0]
	whole := p.isInside(place)
	first, end := p.layer.partsAt(place)
	for part := first; part < end; part++ {
		if whole {
			p.trace(part)
			p.ends = append(p.ends, len(p.clipped))
		} else {
			p.project(part)
			p.clipped, p.ends = geo.ClipLine(p.clipped, p.ends, p.inTile, p.clip)
		}
	}
	return p.drawing.shapes.AddLines(p.clipped, p.ends)
}

// areas draws the rings of the feature at a place; false where none is in the tile.
func (p *pencil) areas(place int32) bool {
	p.clipped, p.rings = p.clipped[:0], p.rings[:0]
	whole := p.isInside(place)
	first, end := p.layer.partsAt(place)
	for part := first; part < end; part++ {
		before := len(p.clipped)
		if whole {
			p.trace(part)
		} else {
			p.project(part)
			p.clipped = geo.ClipRing(p.clipped, p.inTile, p.clip)
		}
		if len(p.clipped) > before {
			p.rings = append(p.rings, mvt.Ring{End: len(p.clipped), Hole: p.layer.isHole(part)})
		}
	}
	return len(p.clipped) > 0 && p.drawing.shapes.AddPolygons(p.clipped, p.rings)
}

func (p *pencil) isInside(place int32) bool {
	return p.someInside && p.inside.Holds(p.layer.boxes.boxes[place])
}

// trace appends the vertices of a part that are drawn at the zoom, all of which are in the tile.
func (p *pencil) trace(part int32) {
	first, end := p.layer.verticesOf(part)
	coords, zooms := p.layer.coords[2*first:2*end], p.layer.zooms
	if zooms != nil {
		zooms = zooms[first:end]
	}
	for i := 0; i+1 < len(coords); i += 2 {
		if zooms != nil && zooms[i/2] > p.zoom {
			continue
		}
		x, y := p.grid.At(coords[i], coords[i+1])
		p.clipped = append(p.clipped, int32(x), int32(y))
	}
}

// project puts the vertices of a part that are drawn at the zoom in inTile, wherever they are.
func (p *pencil) project(part int32) {
	first, end := p.layer.verticesOf(part)
	coords, zooms := p.layer.coords[2*first:2*end], p.layer.zooms
	if zooms != nil {
		zooms = zooms[first:end]
	}
	p.inTile = p.inTile[:0]
	for i := 0; i+1 < len(coords); i += 2 {
		if zooms != nil && zooms[i/2] > p.zoom {
			continue
		}
		x, y := p.grid.At(coords[i], coords[i+1])
		if n := len(p.inTile); n >= 2 && p.inTile[n-2] == x && p.inTile[n-1] == y {
			continue
		}
		p.inTile = append(p.inTile, x, y)
	}
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
	e.setName(out, l, u)
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

func (e *tileEncoder) setName(out *mvt.Layer, l *level, u int) {
	if l.unit == engine.UnitCell {
		e.text = strconv.AppendUint(e.text[:0], uint64(l.ids[u]), 16)
		out.SetBytes(columnID, e.text)
		return
	}
	out.SetID(columnID, uint64(l.ids[u]))
	out.SetCoded(columnName, l.names.codes[u], l.names.text)
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

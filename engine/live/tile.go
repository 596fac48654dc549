package live

import (
	"slices"
	"strconv"
	"sync"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
	"github.com/arpent/arpent/geo/mvt"
)

// tileBuffer is how far features reach over the edge of a tile, in tile coordinates of geo.TileExtent.
const tileBuffer = 64

// Columns of a tile's features. A suppressed or empty unit has no value, low, high and n.
var tileColumns = []string{"id", "name", "value", "low", "high", "n", "state", "reason", "modelled_only", "segments"}

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
	columnSegments     // of published cells, and of published stretches of more than one
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
	d := c.drawn(l, c.contests[asked.contest].Division, t, e)
	return e.encode(l, layer, d, m.whole, func(places []int32, features []feature) error {
		l.tell(places, features, m, asked)
		return nil
	})
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

	features [256]feature
	text     []byte
}

var tileEncoders = sync.Pool{New: func() any { return new(tileEncoder) }}

// encode writes a tile. It asks tell what features say, so many of them at a time.
func (e *tileEncoder) encode(l *layer, name string, d *drawing, whole bool, tell func(places []int32, features []feature) error) (Tile, error) {
	if len(d.places) == 0 {
		return Tile{}, nil
	}
	e.tile.Reset()
	out := e.tile.Layer(name, geo.TileExtent, tileColumns)
	kind := mvt.Polygon
	if l.level.unit == engine.UnitSegment {
		kind = mvt.Line
	}
	for from := 0; from < len(d.places); from += len(e.features) {
		places := d.places[from:min(from+len(e.features), len(d.places))]
		if err := tell(places, e.features[:len(places)]); err != nil {
			return Tile{}, err
		}
		for i, place := range places {
			said := &l.said[place]
			e.set(out, l.level, said, &e.features[i], whole)
			out.Feature(featureID(l.level, said.id), kind, d.shapes.At(from+i))
		}
	}
	return Tile{Data: slices.Clone(e.tile.Bytes()), Features: len(d.places)}, nil
}

// draw finds the features of a tile and what of them is in it.
func (e *tileEncoder) draw(l *layer, division string, t geo.Tile) {
	e.drawing.places = e.drawing.places[:0]
	e.drawing.shapes.Reset()
	box := t.WorldBox(tileBuffer, geo.TileExtent)
	e.places = l.placesWithin(box, e.places[:0])
	p := pencil{
		tileEncoder: e, layer: l, zoom: t.Z, grid: t.Grid(geo.TileExtent).In(l.frame), clip: geo.TileClip(geo.TileExtent, tileBuffer),
	}
	// What lies inside by a unit of the frame is inside also when it is rounded to the grid of the tile.
	p.inside, p.someInside = l.frame.PackBox(geo.WorldBox{MinX: box.MinX + 1, MinY: box.MinY + 1, MaxX: box.MaxX - 1, MaxY: box.MaxY - 1})
	for _, place := range e.places {
		if l.divisions != nil && l.divisions[l.units[place]] != division {
			continue
		}
		if l.level.unit == engine.UnitSegment && p.lines(place) || l.level.unit != engine.UnitSegment && p.areas(place) {
			e.drawing.places = append(e.drawing.places, place)
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
func featureID(l *level, id int64) uint64 {
	if l.unit == engine.UnitCell {
		return uint64(id) & (1<<52 - 1)
	}
	return uint64(id)
}

// said is what a feature says of itself, whatever a tile shows.
type said struct {
	id       int64
	name     uint32 // code among the names of the level
	segments int32  // merged in it; 0 where that is not told
	row      int32  // in the numbers, or untold
	standing standing
}

// feature is what a feature of a tile says of what is asked.
type feature struct {
	standing standing
	modelled bool  // its shares are modelled only
	numbered bool  // it has a number
	n        int64 // -1 where it is not told
	number   Estimate
}

// Features of a tile lie near each other in the order of the layer, and in none of the columns of a level, which are in the order of ids. So what
// tiles read is in the layer's order.

// arrangeNumbers puts the numbers of the layer's level in the order of the layer.
func (l *layer) arrangeNumbers() {
	told, before := l.level.told, []int32{} // by row: which it was
	move := func(u int32) {
		if told[u] != untold {
			before = append(before, told[u])
			told[u] = int32(len(before) - 1)
		}
	}
	for _, u := range l.units {
		move(u)
	}
	for u, place := range l.place {
		if place == undrawn {
			move(int32(u))
		}
	}
	for at := range l.level.numbers {
		l.level.numbers[at].reorder(before)
	}
}

// say fills what features say of themselves.
func (l *layer) say() {
	level := l.level
	l.said = make([]said, len(l.units))
	for place, u := range l.units {
		s := said{id: level.ids[u], row: int32(level.toldAt(int(u))), standing: level.standing[u]}
		if level.unit != engine.UnitCell {
			s.name = level.names.codes[u]
		}
		if level.merged != nil && s.standing == isPublished {
			s.segments = level.merged[u]
		}
		l.said[place] = s
	}
}

// tell says what is published of features. A column is read at a time, for many features: what a processor has to wait for it waits for together.
func (l *layer) tell(places []int32, features []feature, m Measure, asked question) {
	numbers := &l.level.numbers[asked.contest]
	for i, place := range places {
		said := &l.said[place]
		features[i].standing = said.standing
		features[i].n, features[i].modelled = -1, false
		if said.row != untold {
			features[i].n, features[i].modelled = numbers.registered[said.row], numbers.modelled[said.row]
		}
	}
	for i, place := range places {
		features[i].number, features[i].numbered = m.estimate(published{l.level.numbers, int(l.said[place].row)}, asked)
	}
}

// set gives the next feature of a layer its attributes.
func (e *tileEncoder) set(out *mvt.Layer, l *level, s *said, f *feature, whole bool) {
	if l.unit == engine.UnitCell {
		e.text = strconv.AppendUint(e.text[:0], uint64(s.id), 16)
		out.SetBytes(columnID, e.text)
	} else {
		out.SetID(columnID, uint64(s.id))
		out.SetCoded(columnName, s.name, l.names.text)
	}
	told := standings[f.standing]
	out.SetString(columnState, string(told.state))
	if told.reason != engine.ReasonNone {
		out.SetString(columnReason, string(told.reason))
	}
	if s.segments > 1 || s.segments == 1 && l.unit == engine.UnitCell {
		out.SetInt(columnSegments, int64(s.segments))
	}
	if f.n < 0 {
		return
	}
	out.SetInt(columnN, f.n)
	if f.modelled {
		out.SetBool(columnModelledOnly, true)
	}
	if f.numbered {
		setNumber(out, &f.number, whole)
	}
}

func setNumber(out *mvt.Layer, number *Estimate, whole bool) {
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

package live

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// layer is the geometry of a level, projected once. Feature u is unit u of the level. Features stand in the order of a curve, so that
// those of a tile are near each other in memory.
type layer struct {
	name      string
	level     *level
	divisions []string // of precincts: each is drawn in the contests of its division only

	frame  geo.Frame
	coords []uint32 // x0, y0, x1, y1 ... of all parts, in steps of the frame
	zooms  []uint8  // by vertex: from which zoom on it is drawn; nil where all are at every zoom
	ends   []int32  // by part (a line, or a ring without its first position again): where its vertices end
	holes  []bool   // by part; nil where none is

	units []int32 // by place along the curve
	last  []int32 // the same: where the parts of the feature end
	boxes boxTree // the same
	said  []said  // the same
	place []int32 // by unit: its place along the curve, or undrawn

	draft *draft // until it is indexed
}

const undrawn = -1

// draft is what is added to a layer, in the order it comes. A country has millions of parts: their coordinates are not to be moved each time
// there are more, and the collector has no pointers to follow.
type draft struct {
	parts []draftPart
	rooms [][]int64 // world coordinates
}

type draftPart struct {
	room, from, to int32 // where its coordinates are
	unit           int32
	hole           bool
}

// draftRoom is how many coordinates room is made for at a time.
const draftRoom = 1 << 16

var nowhere = geo.WorldBox{MinX: math.MaxInt64, MinY: math.MaxInt64, MaxX: math.MinInt64, MaxY: math.MinInt64}

func newLayer(name string, l *level) *layer { return &layer{name: name, level: l, draft: &draft{}} }

// addLine adds a line to a feature; it may have several.
func (d *draft) addLine(u int, line orb.LineString) { d.add(u, line, false) }

// addArea adds the polygons of a feature; one without any is never drawn.
func (d *draft) addArea(u int, shape orb.MultiPolygon) {
	for _, polygon := range shape {
		for i, ring := range polygon {
			if n := len(ring); n > 1 && ring[0] == ring[n-1] {
				ring = ring[:n-1]
			}
			d.add(u, ring, i > 0)
		}
	}
}

func (d *draft) add(u int, points []orb.Point, hole bool) {
	if len(points) == 0 {
		return
	}
	if n := len(d.rooms); n == 0 || len(d.rooms[n-1])+2*len(points) > cap(d.rooms[n-1]) {
		d.rooms = append(d.rooms, make([]int64, 0, max(draftRoom, 2*len(points))))
	}
	last := len(d.rooms) - 1
	room, from := d.rooms[last], len(d.rooms[last])
	for _, p := range points {
		x, y := geo.ToWorld(p[0], p[1])
		room = append(room, x, y)
	}
	d.rooms[last] = room
	if len(d.parts) == cap(d.parts) {
		d.parts = slices.Grow(d.parts, len(d.parts)+1)
	}
	d.parts = append(d.parts, draftPart{int32(last), int32(from), int32(len(room)), int32(u), hole})
}

// coords are the world coordinates of a part.
func (d *draft) coords(part draftPart) []int64 { return d.rooms[part.room][part.from:part.to] }

// boxesOf are the boxes of so many units, and the one around all.
func (d *draft) boxesOf(units int) (boxes []geo.WorldBox, all geo.WorldBox) {
	boxes, all = slices.Repeat([]geo.WorldBox{nowhere}, units), nowhere
	for _, part := range d.parts {
		around := boxes[part.unit]
		coords := d.coords(part)
		for v := 0; v < len(coords); v += 2 {
			x, y := coords[v], coords[v+1]
			around = union(around, geo.WorldBox{MinX: x, MinY: y, MaxX: x, MaxY: y})
		}
		boxes[part.unit], all = around, union(all, around)
	}
	return boxes, all
}

func union(a, b geo.WorldBox) geo.WorldBox {
	return geo.WorldBox{MinX: min(a.MinX, b.MinX), MinY: min(a.MinY, b.MinY), MaxX: max(a.MaxX, b.MaxX), MaxY: max(a.MaxY, b.MaxY)}
}

func meets(a, b geo.WorldBox) bool {
	return a.MinX <= b.MaxX && b.MinX <= a.MaxX && a.MinY <= b.MaxY && b.MinY <= a.MaxY
}

// index brings what was added into its order and settles what is drawn at which zoom. Nothing is added afterwards.
func (l *layer) index() {
	d := l.draft
	l.draft = nil
	boxes, all := d.boxesOf(len(l.level.ids))
	l.frame = geo.NewFrame(all)
	l.order(boxes, all)
	l.arrange(d)
	switch l.level.unit {
	case engine.UnitCell: // the corners of cells are where three of them meet
	case engine.UnitSegment:
		l.zooms = make([]uint8, 0, len(l.coords)/2)
		for part := range l.ends {
			l.zooms = l.frame.LineZooms(l.zooms, l.part(int32(part)).packed)
		}
	default:
		l.zooms = l.frame.AreaZooms(l.coords, l.ends)
	}
}

// order gives each feature its place along the curve.
func (l *layer) order(boxes []geo.WorldBox, all geo.WorldBox) {
	along := func(v, low, high int64) uint32 {
		return uint32(float64(v-low) / float64(max(1, high-low)) * math.MaxUint16)
	}
	places := make([]uint64, 0, len(boxes)) // the way along the curve, then the unit
	for u, b := range boxes {
		if b != nowhere {
			way := hilbert(along((b.MinX+b.MaxX)/2, all.MinX, all.MaxX), along((b.MinY+b.MaxY)/2, all.MinY, all.MaxY))
			places = append(places, uint64(way)<<32|uint64(u))
		}
	}
	slices.Sort(places)
	l.place = slices.Repeat([]int32{undrawn}, len(boxes))
	l.units = make([]int32, len(places))
	packed := make([]geo.FrameBox, len(places), len(places)+len(places)/(treeFan-1)+treeFan)
	for i, key := range places {
		u := int32(uint32(key))
		l.units[i], l.place[u] = u, int32(i)
		packed[i], _ = l.frame.PackBox(boxes[u])
	}
	l.boxes = newBoxTree(packed)
}

// arrange copies the parts to the places of their features. Those of a feature keep their order.
func (l *layer) arrange(d *draft) {
	l.last = make([]int32, len(l.units))
	size, holes := 0, false
	for _, part := range d.parts {
		l.last[l.place[part.unit]]++
		size += int(part.to - part.from)
		holes = holes || part.hole
	}
	next := make([]int32, len(l.units)) // where the next part of a feature goes
	for i := range l.last {
		if i > 0 {
			next[i] = l.last[i-1]
			l.last[i] += next[i]
		}
	}
	from := make([]int32, len(d.parts)) // by place of a part: which it was
	for i, part := range d.parts {
		at := l.place[part.unit]
		from[next[at]] = int32(i)
		next[at]++
	}
	l.coords, l.ends = make([]uint32, 0, size), make([]int32, len(from))
	if holes {
		l.holes = make([]bool, len(from))
	}
	for i, which := range from {
		part := d.parts[which]
		coords := d.coords(part)
		for v := 0; v < len(coords); v += 2 {
			x, y := l.frame.Pack(coords[v], coords[v+1])
			l.coords = append(l.coords, x, y)
		}
		l.ends[i] = int32(len(l.coords) / 2)
		if holes {
			l.holes[i] = part.hole
		}
	}
}

// within appends the features whose boxes meet a box, in the order of the curve.
func (l *layer) within(box geo.WorldBox, found []int32) []int32 {
	from := len(found)
	found = l.placesWithin(box, found)
	for i, place := range found[from:] {
		found[from+i] = l.units[place]
	}
	return found
}

// placesWithin appends the places of the same.
func (l *layer) placesWithin(box geo.WorldBox, found []int32) []int32 {
	packed, some := l.frame.PackBox(box)
	if !some {
		return found
	}
	return l.boxes.meeting(packed, found)
}

// box is around a feature; nowhere, where it is not drawn.
func (l *layer) box(u int) geo.WorldBox {
	if l.place[u] == undrawn {
		return nowhere
	}
	return l.frame.UnpackBox(l.boxes.boxes[l.place[u]])
}

// parts gives the first and the end of a feature's parts.
func (l *layer) parts(u int32) (first, end int32) {
	place := l.place[u]
	if place == undrawn {
		return 0, 0
	}
	return l.partsAt(place)
}

// partsAt does of the feature at a place.
func (l *layer) partsAt(place int32) (first, end int32) {
	if place > 0 {
		first = l.last[place-1]
	}
	return first, l.last[place]
}

// verticesOf gives the first and the end of a part's vertices.
func (l *layer) verticesOf(part int32) (first, end int32) {
	if part > 0 {
		first = l.ends[part-1]
	}
	return first, l.ends[part]
}

// isHole tells whether a part is a hole in the polygon before it.
func (l *layer) isHole(part int32) bool { return l.holes != nil && l.holes[part] }

// positions are the vertices of a part.
type positions struct {
	frame  geo.Frame
	packed []uint32
}

func (l *layer) part(i int32) positions {
	first, end := l.verticesOf(i)
	return positions{l.frame, l.coords[2*first : 2*end]}
}

func (p positions) len() int { return len(p.packed) / 2 }

// at gives the world coordinates of a vertex.
func (p positions) at(i int) (x, y int64) { return p.frame.Unpack(p.packed[2*i], p.packed[2*i+1]) }

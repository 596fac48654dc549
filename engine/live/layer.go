package live

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/geo"
)

// layer is the geometry of a level in world coordinates, projected once. Feature i is unit i of the level.
type layer struct {
	name      string
	level     *level
	divisions []string // of precincts: each is drawn in the contests of its division only

	coords []int64 // x0, y0, x1, y1 ... of all parts
	ends   []int32 // by part (a line or a ring): where its coordinates end
	holes  []bool  // by part
	last   []int32 // by feature: where its parts end
	boxes  []geo.WorldBox

	order  []int32 // features along a Z-curve, in blocks
	blocks []geo.WorldBox
}

// blockSize is how many features of the order share a box.
const blockSize = 64

var nowhere = geo.WorldBox{MinX: math.MaxInt64, MinY: math.MaxInt64, MaxX: math.MinInt64, MaxY: math.MinInt64}

func newLayer(name string, l *level) *layer { return &layer{name: name, level: l} }

func (l *layer) addLines(lines orb.MultiLineString) {
	box := nowhere
	for _, line := range lines {
		l.addPart(line, false, &box)
	}
	l.endFeature(box)
}

// addArea adds a feature of polygons; one without any is never drawn.
func (l *layer) addArea(shape orb.MultiPolygon) {
	box := nowhere
	for _, polygon := range shape {
		for i, ring := range polygon {
			l.addPart(ring, i > 0, &box)
		}
	}
	l.endFeature(box)
}

func (l *layer) addPart(points []orb.Point, hole bool, box *geo.WorldBox) {
	for _, p := range points {
		x, y := geo.ToWorld(p[0], p[1])
		l.coords = append(l.coords, x, y)
		*box = union(*box, geo.WorldBox{MinX: x, MinY: y, MaxX: x, MaxY: y})
	}
	l.ends, l.holes = append(l.ends, int32(len(l.coords))), append(l.holes, hole)
}

func (l *layer) endFeature(box geo.WorldBox) {
	l.last, l.boxes = append(l.last, int32(len(l.ends))), append(l.boxes, box)
}

func union(a, b geo.WorldBox) geo.WorldBox {
	return geo.WorldBox{MinX: min(a.MinX, b.MinX), MinY: min(a.MinY, b.MinY), MaxX: max(a.MaxX, b.MaxX), MaxY: max(a.MaxY, b.MaxY)}
}

func meets(a, b geo.WorldBox) bool {
	return a.MinX <= b.MaxX && b.MinX <= a.MaxX && a.MinY <= b.MaxY && b.MinY <= a.MaxY
}

// index orders the features along a Z-curve and boxes them block by block.
func (l *layer) index() {
	type place struct {
		key  uint64
		unit int32
	}
	places := make([]place, 0, len(l.boxes))
	for i, b := range l.boxes {
		if b != nowhere {
			places = append(places, place{zOrder((b.MinX+b.MaxX)/2, (b.MinY+b.MaxY)/2), int32(i)})
		}
	}
	slices.SortFunc(places, func(a, b place) int {
		if a.key != b.key {
			if a.key < b.key {
				return -1
			}
			return 1
		}
		return int(a.unit - b.unit)
	})
	for i, p := range places {
		if i%blockSize == 0 {
			l.blocks = append(l.blocks, nowhere)
		}
		l.order = append(l.order, p.unit)
		l.blocks[len(l.blocks)-1] = union(l.blocks[len(l.blocks)-1], l.boxes[p.unit])
	}
}

// zOrder interleaves the bits of a position.
func zOrder(x, y int64) uint64 {
	spread := func(v int64) uint64 {
		n := uint64(min(max(v, 0), math.MaxUint32))
		n = (n | n<<16) & 0x0000ffff0000ffff
		n = (n | n<<8) & 0x00ff00ff00ff00ff
		n = (n | n<<4) & 0x0f0f0f0f0f0f0f0f
		n = (n | n<<2) & 0x3333333333333333
		return (n | n<<1) & 0x5555555555555555
	}
	return spread(x) | spread(y)<<1
}

// within appends the features whose boxes meet a box, in the order of the index.
func (l *layer) within(box geo.WorldBox, found []int32) []int32 {
	for i, block := range l.blocks {
		if !meets(block, box) {
			continue
		}
		for _, u := range l.order[i*blockSize : min(len(l.order), (i+1)*blockSize)] {
			if meets(l.boxes[u], box) {
				found = append(found, u)
			}
		}
	}
	return found
}

// parts gives the first and the end of a feature's parts.
func (l *layer) parts(u int32) (first, end int32) {
	if u > 0 {
		first = l.last[u-1]
	}
	return first, l.last[u]
}

// part gives the coordinates of a part.
func (l *layer) part(i int32) []int64 {
	start := int32(0)
	if i > 0 {
		start = l.ends[i-1]
	}
	return l.coords[start:l.ends[i]]
}

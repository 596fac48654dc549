package mvt

import (
	"encoding/binary"
	"slices"
)

// The commands of section 4.3 of the specification.
const (
	moveTo    = 1
	lineTo    = 2
	closePath = 7

	maxCoordinate = 1 << 28 // so that no difference of two leaves 32 bits
)

// Kind is what the geometry of a feature is made of: the GeomType of the specification.
type Kind uint8

// The kinds of geometry.
const (
	Point   Kind = 1
	Line    Kind = 2
	Polygon Kind = 3
)

// Geometries are those of features, one after the other, as they stand in a tile: commands and zigzag differences, packed as varints. They
// can be kept, for tiles that differ in the attributes alone. The zero Geometries has none, and is filled by one goroutine.
type Geometries struct {
	packed []byte
	ends   []uint32 // by feature
	x, y   int32    // where the last command ended
}

// Reset forgets all features and keeps the memory.
func (g *Geometries) Reset() { g.packed, g.ends = g.packed[:0], g.ends[:0] }

// Len is how many features there are.
func (g *Geometries) Len() int { return len(g.ends) }

// Size is about how many bytes they take.
func (g *Geometries) Size() int { return len(g.packed) + 4*len(g.ends) }

// Clone copies them into no more memory than they need.
func (g *Geometries) Clone() Geometries {
	return Geometries{packed: slices.Clone(g.packed), ends: slices.Clone(g.ends)}
}

// At is the geometry of a feature, to be given to [Layer.Feature].
func (g *Geometries) At(i int) []byte {
	start := uint32(0)
	if i > 0 {
		start = g.ends[i-1]
	}
	return g.packed[start:g.ends[i]]
}

// Append adds a feature with the geometry that At has given of one, here or elsewhere.
func (g *Geometries) Append(shape []byte) {
	g.packed = append(g.packed, shape...)
	g.ends = append(g.ends, uint32(len(g.packed)))
}

// begin starts a feature and says where.
func (g *Geometries) begin() int {
	g.x, g.y = 0, 0
	return len(g.packed)
}

// end ends the feature that began at a place; false where there is nothing of it.
func (g *Geometries) end(start int) bool {
	if len(g.packed) == start {
		return false
	}
	g.ends = append(g.ends, uint32(len(g.packed)))
	return true
}

// AddPoints adds a feature of one or more points. Without a point it adds nothing, and returns false.
func (g *Geometries) AddPoints(coords []int32) bool {
	start := g.begin()
	g.points(coords)
	return g.end(start)
}

// AddLines adds a feature of one or more lines: each ends where ends says, as an index into coords, and the next begins there. Nil ends is
// one line. Without a point it adds nothing, and returns false.
func (g *Geometries) AddLines(coords []int32, ends []int) bool {
	at := g.begin()
	if ends == nil {
		g.line(coords)
	}
	start := 0
	for _, end := range ends {
		g.line(coords[start:end])
		start = end
	}
	if len(g.packed) == at && len(coords) >= 2 {
		g.smallestLine(coords)
	}
	return g.end(at)
}

// Ring says where a ring of a polygon ends, as an index into its coordinates, and whether it is a hole in the polygon
// before it.
type Ring struct {
	End  int
	Hole bool
}

// AddPolygons adds a feature of one or more polygons, each an outer ring followed by its holes. Rings may run either way and may repeat
// their first point or not: they are written as the specification wants them. Nil rings is one outer ring. Without a point it adds
// nothing, and returns false.
func (g *Geometries) AddPolygons(coords []int32, rings []Ring) bool {
	at := g.begin()
	if rings == nil {
		g.ring(coords, false)
	}
	start, hasOuter := 0, false
	for _, ring := range rings {
		part := coords[start:ring.End]
		if !ring.Hole {
			hasOuter = g.ring(part, false)
		} else if hasOuter {
			g.ring(part, true)
		}
		start = ring.End
	}
	if len(g.packed) == at && len(coords) >= 2 {
		g.smallestRing(coords)
	}
	return g.end(at)
}

func (g *Geometries) command(id, count int) {
	g.packed = appendUvarint(g.packed, uint64(count)<<3|uint64(id))
}

func (g *Geometries) step(x, y int32) {
	dx, dy := x-g.x, y-g.y
	g.packed = appendUvarint(appendUvarint(g.packed, uint64(uint32(dx<<1^dx>>31))), uint64(uint32(dy<<1^dy>>31)))
	g.x, g.y = x, y
}

func (g *Geometries) points(coords []int32) {
	if len(coords) < 2 {
		return
	}
	g.command(moveTo, len(coords)/2)
	for i := 0; i+1 < len(coords); i += 2 {
		g.step(vertex(coords, i))
	}
}

// line writes a line without its repeated points, or nothing if it has no length.
func (g *Geometries) line(coords []int32) {
	if len(coords) < 2 {
		return
	}
	start, fromX, fromY := len(g.packed), g.x, g.y
	g.command(moveTo, 1)
	g.step(vertex(coords, 0))
	count := len(g.packed)
	g.packed = append(g.packed, 0) // for the command, whose count is seldom more than a byte has room for
	steps := 0
	for i := 2; i+1 < len(coords); i += 2 {
		if x, y := vertex(coords, i); x != g.x || y != g.y {
			g.step(x, y)
			steps++
		}
	}
	if steps == 0 {
		g.packed, g.x, g.y = g.packed[:start], fromX, fromY
		return
	}
	command := uint64(steps)<<3 | lineTo
	if size := varintSize(command); size > 1 {
		var room [binary.MaxVarintLen64]byte
		g.packed = slices.Insert(g.packed, count, room[:size-1]...)
	}
	binary.PutUvarint(g.packed[count:], command)
}

// smallestLine writes a line of one unit from the first of coords.
func (g *Geometries) smallestLine(coords []int32) {
	x, y := vertex(coords, 0)
	g.command(moveTo, 1)
	g.step(x, y)
	g.command(lineTo, 1)
	g.step(x+1, y)
}

// ring writes a ring: clockwise as seen on the map, which is a positive area with y to the south, or the other way for a
// hole. It writes nothing, and returns false, if the ring has no area.
func (g *Geometries) ring(coords []int32, hole bool) bool {
	coords = coords[:len(coords)&^1]
	firstX, firstY := int32(0), int32(0)
	if len(coords) > 0 {
		firstX, firstY = vertex(coords, 0)
	}
	for len(coords) > 2 && sameVertex(coords, len(coords)-2, firstX, firstY) {
		coords = coords[:len(coords)-2]
	}
	for len(coords) > 2 && sameVertex(coords, 2, firstX, firstY) {
		coords = coords[2:]
	}
	steps, area := 0, int64(0)
	x, y := firstX, firstY
	for i := 2; i < len(coords); i += 2 {
		nextX, nextY := vertex(coords, i)
		if nextX == x && nextY == y {
			continue
		}
		steps++
		area += int64(x-firstX)*int64(nextY-firstY) - int64(nextX-firstX)*int64(y-firstY)
		x, y = nextX, nextY
	}
	if area == 0 {
		return false
	}
	g.command(moveTo, 1)
	g.step(firstX, firstY)
	g.command(lineTo, steps)
	first, last, by := 2, len(coords)-2, 2
	if (area < 0) != hole {
		first, last, by = last, first, -2
	}
	for i := first; i != last+by; i += by {
		if x, y := vertex(coords, i); x != g.x || y != g.y {
			g.step(x, y)
		}
	}
	g.command(closePath, 1)
	return true
}

// smallestRing writes a square of one unit from the first of coords.
func (g *Geometries) smallestRing(coords []int32) {
	x, y := vertex(coords, 0)
	g.command(moveTo, 1)
	g.step(x, y)
	g.command(lineTo, 3)
	g.step(x+1, y)
	g.step(x+1, y+1)
	g.step(x, y+1)
	g.command(closePath, 1)
}

// vertex returns the point at an index, drawn in to the limit of coordinates.
func vertex(coords []int32, i int) (x, y int32) {
	return min(max(coords[i], -maxCoordinate), maxCoordinate), min(max(coords[i+1], -maxCoordinate), maxCoordinate)
}

func sameVertex(coords []int32, i int, x, y int32) bool {
	atX, atY := vertex(coords, i)
	return atX == x && atY == y
}

package mvt

import "encoding/binary"

// The commands of section 4.3 of the specification.
const (
	moveTo    = 1
	lineTo    = 2
	closePath = 7

	maxCoordinate = 1 << 28 // so that no difference of two leaves 32 bits
)

// commands is the geometry of one feature as commands and zigzag differences, packed as varints.
type commands struct {
	packed []byte
	x, y   int32 // where the last command ended
}

func (c *commands) reset()      { c.packed, c.x, c.y = c.packed[:0], 0, 0 }
func (c *commands) empty() bool { return len(c.packed) == 0 }

func (c *commands) command(id, count int) {
	c.packed = binary.AppendUvarint(c.packed, uint64(count)<<3|uint64(id))
}

func (c *commands) step(x, y int32) {
	dx, dy := x-c.x, y-c.y
	c.packed = binary.AppendUvarint(c.packed, uint64(uint32(dx<<1^dx>>31)))
	c.packed = binary.AppendUvarint(c.packed, uint64(uint32(dy<<1^dy>>31)))
	c.x, c.y = x, y
}

func (c *commands) points(coords []int32) {
	if len(coords) < 2 {
		return
	}
	c.command(moveTo, len(coords)/2)
	for i := 0; i+1 < len(coords); i += 2 {
		c.step(vertex(coords, i))
	}
}

// line writes a line without its repeated points, or nothing if it has no length.
func (c *commands) line(coords []int32) {
	if len(coords) < 2 {
		return
	}
	steps := 0
	x, y := vertex(coords, 0)
	for i := 2; i+1 < len(coords); i += 2 {
		if nextX, nextY := vertex(coords, i); nextX != x || nextY != y {
			x, y = nextX, nextY
			steps++
		}
	}
	if steps == 0 {
		return
	}
	c.command(moveTo, 1)
	c.step(vertex(coords, 0))
	c.command(lineTo, steps)
	for i := 2; i+1 < len(coords); i += 2 {
		if x, y := vertex(coords, i); x != c.x || y != c.y {
			c.step(x, y)
		}
	}
}

// smallestLine writes a line of one unit from the first of coords.
func (c *commands) smallestLine(coords []int32) {
	x, y := vertex(coords, 0)
	c.command(moveTo, 1)
	c.step(x, y)
	c.command(lineTo, 1)
	c.step(x+1, y)
}

// ring writes a ring: clockwise as seen on the map, which is a positive area with y to the south, or the other way for a
// hole. It writes nothing, and returns false, if the ring has no area.
func (c *commands) ring(coords []int32, hole bool) bool {
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
	c.command(moveTo, 1)
	c.step(firstX, firstY)
	c.command(lineTo, steps)
	first, last, by := 2, len(coords)-2, 2
	if (area < 0) != hole {
		first, last, by = last, first, -2
	}
	for i := first; i != last+by; i += by {
		if x, y := vertex(coords, i); x != c.x || y != c.y {
			c.step(x, y)
		}
	}
	c.command(closePath, 1)
	return true
}

// smallestRing writes a square of one unit from the first of coords.
func (c *commands) smallestRing(coords []int32) {
	x, y := vertex(coords, 0)
	c.command(moveTo, 1)
	c.step(x, y)
	c.command(lineTo, 3)
	c.step(x+1, y)
	c.step(x+1, y+1)
	c.step(x, y+1)
	c.command(closePath, 1)
}

// vertex returns the point at an index, drawn in to the limit of coordinates.
func vertex(coords []int32, i int) (x, y int32) {
	return min(max(coords[i], -maxCoordinate), maxCoordinate), min(max(coords[i+1], -maxCoordinate), maxCoordinate)
}

func sameVertex(coords []int32, i int, x, y int32) bool {
	atX, atY := vertex(coords, i)
	return atX == x && atY == y
}

package geo

import "math/bits"

// TileBox is a rectangle of tile coordinates, its edges included: what of a geometry goes into a tile.
type TileBox struct{ MinX, MinY, MaxX, MaxY int32 }

// TileClip returns the box of a tile and a buffer around it, both in tile coordinates.
func TileClip(extent, buffer int32) TileBox {
	return TileBox{MinX: -buffer, MinY: -buffer, MaxX: extent + buffer, MaxY: extent + buffer}
}

// The functions of this file take geometries as x0, y0, x1, y1 ... in tile coordinates of any size up to 2^40, as
// [TileGrid.At] gives them. A point made by cutting is the lattice point nearest to where the geometry crosses the edge
// (halves to the south-east), whichever way the geometry runs and whatever tile it is cut for: pieces in neighbouring
// tiles meet, and so do polygons that share an edge.

// ClipLine appends to coords the parts of a line inside the box, and to ends the length of coords after each part, and
// returns both slices. A line that leaves the box and comes back has several parts.
//
// A part of a single point, where a longer line only touches the box, is left out. A line that is a single point, once or
// repeated, is kept whole if it is inside.
func ClipLine(coords []int32, ends []int, line []int64, box TileBox) ([]int32, []int) {
	start := len(coords) // of the part being written
	finish := func() {
		if clipAllEqual(coords[start:]) {
			coords = coords[:start]
		} else {
			ends = append(ends, len(coords))
		}
		start = len(coords)
	}
	if clipAllEqual(line) {
		if len(line) >= 2 && box.side(line[0], line[1]) == 0 {
			for _, v := range line {
				coords = append(coords, int32(v))
			}
			ends = append(ends, len(coords))
		}
		return coords, ends
	}
	for i := 0; i+3 < len(line); i += 2 {
		ax, ay, bx, by, ok := box.cut(line[i], line[i+1], line[i+2], line[i+3])
		if !ok {
			continue
		}
		if len(coords) == start {
			coords = append(coords, int32(ax), int32(ay))
		}
		coords = append(coords, int32(bx), int32(by))
		if bx != line[i+2] || by != line[i+3] { // the line leaves the box here
			finish()
		}
	}
	if len(coords) > start {
		finish()
	}
	return coords, ends
}

// ClipRing appends to coords the part of a polygon's ring inside the box, without repeating the first point, and returns
// the slice; nothing is appended if no part of it is inside. The ring may be given with its first point repeated or not,
// and keeps its direction. Where a ring leaves the box and comes back, the parts stay joined along the edge of the box:
// leave a buffer of a few units so that this is not seen.
//
// A ring that only touches the box is left out. A ring without area, such as a polygon too small for the zoom, is kept
// where it is inside.
func ClipRing(coords []int32, ring []int64, box TileBox) []int32 {
	if n := len(ring); n >= 4 && ring[0] == ring[n-2] && ring[1] == ring[n-1] {
		ring = ring[:n-2]
	}
	outside, touched := 0xf, 0 // sides all points lie beyond, sides any point lies beyond
	for i := 0; i+1 < len(ring); i += 2 {
		side := box.side(ring[i], ring[i+1])
		outside &= side
		touched |= side
	}
	switch {
	case outside != 0:
		return coords
	case touched == 0:
		for _, v := range ring {
			coords = append(coords, int32(v))
		}
		return coords
	}
	start := len(coords)
	cutter := ringCutter{box: box, coords: coords}
	for i := 0; i+1 < len(ring); i += 2 {
		cutter.add(0, ring[i], ring[i+1])
	}
	cutter.close()
	coords = cutter.coords
	if ringArea(coords[start:]) == 0 && ringArea(ring) != 0 {
		return coords[:start]
	}
	return coords
}

// The sides of a box a point can lie beyond.
const (
	beyondWest = 1 << iota
	beyondEast
	beyondNorth
	beyondSouth
)

func (b TileBox) side(x, y int64) (side int) {
	if x < int64(b.MinX) {
		side = beyondWest
	} else if x > int64(b.MaxX) {
		side = beyondEast
	}
	if y < int64(b.MinY) {
		side |= beyondNorth
	} else if y > int64(b.MaxY) {
		side |= beyondSouth
	}
	return side
}

// cut returns the part of a segment inside the box (Cohen and Sutherland), and false if there is none. Every crossing is
// computed on the whole segment, never on a part already rounded.
func (b TileBox) cut(ax, ay, bx, by int64) (px, py, qx, qy int64, ok bool) {
	px, py, qx, qy = ax, ay, bx, by
	sideP, sideQ := b.side(px, py), b.side(qx, qy)
	for tries := 0; sideP|sideQ != 0; tries++ {
		if sideP&sideQ != 0 || tries == 4 {
			return 0, 0, 0, 0, false
		}
		if sideP != 0 {
			px, py = b.cross(sideP, ax, ay, bx, by)
			sideP = b.side(px, py)
		} else {
			qx, qy = b.cross(sideQ, ax, ay, bx, by)
			sideQ = b.side(qx, qy)
		}
	}
	return px, py, qx, qy, true
}

// cross returns where a segment crosses one side of the box, the first of those named.
func (b TileBox) cross(side int, ax, ay, bx, by int64) (x, y int64) {
	switch {
	case side&beyondWest != 0:
		x = int64(b.MinX)
	case side&beyondEast != 0:
		x = int64(b.MaxX)
	case side&beyondNorth != 0:
		y = int64(b.MinY)
		return clipAlong(ax, bx, y-ay, by-ay), y
	default:
		y = int64(b.MaxY)
		return clipAlong(ax, bx, y-ay, by-ay), y
	}
	return x, clipAlong(ay, by, x-ax, bx-ax)
}

// clipAlong returns the whole number nearest to a + (b-a) * part/whole, halves up, for 0 <= part/whole <= 1. It is exact, so
// that clipAlong(b, a, whole-part, whole) is the same.
func clipAlong(a, b, part, whole int64) int64 {
	if whole < 0 {
		part, whole = -part, -whole
	}
	length, sign := b-a, int64(1)
	if length < 0 {
		length, sign = -length, -1
	}
	hi, lo := bits.Mul64(uint64(length), uint64(part))
	quotient, rest := bits.Div64(hi, lo, uint64(whole))
	if twice := rest * 2; twice > uint64(whole) || twice == uint64(whole) && sign > 0 {
		quotient++
	}
	return a + sign*int64(quotient)
}

// ringCutter cuts a ring at the four sides of a box, one after the other (Sutherland and Hodgman). Each side passes its
// points on to the next at once, so that no ring in between is stored.
type ringCutter struct {
	box    TileBox
	coords []int32
	sides  [4]struct {
		begun                        bool
		firstX, firstY, lastX, lastY int64
	}
}

func (rc *ringCutter) add(i int, x, y int64) {
	if i == len(rc.sides) {
		rc.coords = append(rc.coords, int32(x), int32(y))
		return
	}
	side := &rc.sides[i]
	if side.begun {
		rc.cross(i, side.lastX, side.lastY, x, y)
	} else {
		side.begun, side.firstX, side.firstY = true, x, y
	}
	side.lastX, side.lastY = x, y
	if rc.box.side(x, y)&(1<<i) == 0 {
		rc.add(i+1, x, y)
	}
}

func (rc *ringCutter) close() {
	for i := range rc.sides {
		if side := &rc.sides[i]; side.begun {
			rc.cross(i, side.lastX, side.lastY, side.firstX, side.firstY)
		}
	}
}

func (rc *ringCutter) cross(i int, ax, ay, bx, by int64) {
	if (rc.box.side(ax, ay)^rc.box.side(bx, by))&(1<<i) != 0 {
		x, y := rc.box.cross(1<<i, ax, ay, bx, by)
		rc.add(i+1, x, y)
	}
}

// ringArea is twice the area of a ring, modulo 2^64: it is 0 for every ring without area.
func ringArea[T int32 | int64](ring []T) (area int64) {
	if len(ring) < 2 {
		return 0
	}
	x0, y0 := int64(ring[0]), int64(ring[1])
	for i := 2; i+3 < len(ring); i += 2 {
		ax, ay := int64(ring[i])-x0, int64(ring[i+1])-y0
		bx, by := int64(ring[i+2])-x0, int64(ring[i+3])-y0
		area += ax*by - bx*ay
	}
	return area
}

func clipAllEqual[T int32 | int64](line []T) bool {
	for i := 2; i+1 < len(line); i += 2 {
		if line[i] != line[0] || line[i+1] != line[1] {
			return false
		}
	}
	return true
}

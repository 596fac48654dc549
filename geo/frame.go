package geo

import "math"

// Frame puts the world coordinates of some ground in 32 bits each. The world is 2^32 a side, so that nearly all ground fits as it is:
// what reaches past the antimeridian, as the outline of a [Cell] does, is counted from its own corner, and only where it goes around
// the world and on are steps of more than one unit needed. The zero Frame is the world itself.
type Frame struct {
	originX, originY int64
	shift            uint8 // a step is 2^shift units
}

// NewFrame is the finest frame that holds a box.
func NewFrame(b WorldBox) Frame {
	var f Frame
	if b.MinX > b.MaxX || b.MinX >= 0 && b.MinY >= 0 && b.MaxX <= math.MaxUint32 && b.MaxY <= math.MaxUint32 {
		return f
	}
	f.originX, f.originY = b.MinX, b.MinY
	for max(b.MaxX-b.MinX, b.MaxY-b.MinY)>>f.shift > math.MaxUint32 {
		f.shift++
	}
	return f
}

// Pack gives the steps of a position that the frame holds.
func (f Frame) Pack(x, y int64) (uint32, uint32) {
	return uint32((x - f.originX) >> f.shift), uint32((y - f.originY) >> f.shift)
}

// Unpack gives the world coordinates of a position.
func (f Frame) Unpack(x, y uint32) (int64, int64) {
	return f.originX + int64(x)<<f.shift, f.originY + int64(y)<<f.shift
}

// FrameBox is a rectangle of steps of a [Frame], its edges included.
type FrameBox struct{ MinX, MinY, MaxX, MaxY uint32 }

// PackBox gives what of a box the frame has; false where that is nothing.
func (f Frame) PackBox(b WorldBox) (FrameBox, bool) {
	minX, minY := (b.MinX-f.originX)>>f.shift, (b.MinY-f.originY)>>f.shift
	maxX, maxY := (b.MaxX-f.originX)>>f.shift, (b.MaxY-f.originY)>>f.shift
	if maxX < 0 || maxY < 0 || minX > math.MaxUint32 || minY > math.MaxUint32 || minX > maxX || minY > maxY {
		return FrameBox{}, false
	}
	return FrameBox{
		uint32(max(minX, 0)), uint32(max(minY, 0)), uint32(min(maxX, math.MaxUint32)), uint32(min(maxY, math.MaxUint32)),
	}, true
}

// UnpackBox gives the world coordinates of a box.
func (f Frame) UnpackBox(b FrameBox) WorldBox {
	minX, minY := f.Unpack(b.MinX, b.MinY)
	maxX, maxY := f.Unpack(b.MaxX, b.MaxY)
	return WorldBox{minX, minY, maxX, maxY}
}

// Meets reports whether two boxes have a point in common.
func (b FrameBox) Meets(other FrameBox) bool {
	return b.MinX <= other.MaxX && other.MinX <= b.MaxX && b.MinY <= other.MaxY && other.MinY <= b.MaxY
}

// Holds reports whether all of another box is in this one.
func (b FrameBox) Holds(other FrameBox) bool {
	return b.MinX <= other.MinX && other.MaxX <= b.MaxX && b.MinY <= other.MinY && other.MaxY <= b.MaxY
}

// Union is the smallest box that holds two.
func (b FrameBox) Union(other FrameBox) FrameBox {
	return FrameBox{min(b.MinX, other.MinX), min(b.MinY, other.MinY), max(b.MaxX, other.MaxX), max(b.MaxY, other.MaxY)}
}

// FrameGrid is a [TileGrid] for positions of a [Frame].
type FrameGrid struct {
	up, down         uint8 // bits to the left, then to the right
	addX, addY       int64 // in between
	originX, originY int64
}

// In gives the grid for positions of a frame.
func (g TileGrid) In(f Frame) FrameGrid {
	if g.shift < 0 {
		finer := uint8(-g.shift)
		return FrameGrid{up: f.shift + finer, addX: f.originX << finer, addY: f.originY << finer, originX: g.originX, originY: g.originY}
	}
	return FrameGrid{up: f.shift, down: uint8(g.shift), addX: f.originX + g.half, addY: f.originY + g.half, originX: g.originX, originY: g.originY}
}

// At returns what [TileGrid.At] does of the position.
func (g FrameGrid) At(x, y uint32) (int64, int64) {
	return (int64(x)<<(g.up&63)+g.addX)>>(g.down&63) - g.originX, (int64(y)<<(g.up&63)+g.addY)>>(g.down&63) - g.originY
}

package geo

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestFramesHoldWhatTheyAreMadeFor(t *testing.T) {
	const world = 1 << 32
	for _, test := range []struct {
		ground string
		box    WorldBox
		want   Frame
	}{
		{"Paris", WorldBox{2175708594, 1476907264, 2175808594, 1477007264}, Frame{}},
		{"the world but for its last column and row", WorldBox{0, 0, world - 1, world - 1}, Frame{}},
		{"nothing", WorldBox{1, 1, 0, 0}, Frame{}},
		{"the south pole", WorldBox{5, world - 100, 10, world}, Frame{originX: 5, originY: world - 100}},
		{"a cell over the antimeridian, from the west", WorldBox{world - 10, 100, world + 10, 120}, Frame{originX: world - 10, originY: 100}},
		{"the same, from the east", WorldBox{-10, 100, 10, 120}, Frame{originX: -10, originY: 100}},
		{"Fiji, with cells over it from both sides", WorldBox{-10, 100, world + 10, 120}, Frame{originX: -10, originY: 100, shift: 1}},
		{"from pole to pole", WorldBox{0, 0, 10, world}, Frame{shift: 1}},
		{"all that ToWorld gives", WorldBox{-world / 2, 0, world + world/2, world}, Frame{originX: -world / 2, shift: 2}},
	} {
		f := NewFrame(test.box)
		if f != test.want {
			t.Errorf("%s: %+v, want %+v", test.ground, f, test.want)
		}
		for _, p := range [][2]int64{{test.box.MinX, test.box.MinY}, {test.box.MaxX, test.box.MaxY}} {
			if x, y := f.Unpack(f.Pack(p[0], p[1])); test.box.MinX <= test.box.MaxX && (p[0]-x)>>f.shift != 0 || (p[1]-y)>>f.shift != 0 {
				t.Errorf("%s: %v comes back as %d, %d", test.ground, p, x, y)
			}
		}
	}
}

// drawFrame draws a box somewhere in what ToWorld gives, large or small.
func drawFrame(t *rapid.T) (WorldBox, Frame) {
	side := int64(1) << rapid.IntRange(0, 33).Draw(t, "side")
	x, y := rapid.Int64Range(-1<<31, 1<<32+1<<31).Draw(t, "x"), rapid.Int64Range(0, 1<<32).Draw(t, "y")
	b := WorldBox{x, y, min(x+side, 1<<32+1<<31), min(y+side, 1<<32)}
	return b, NewFrame(b)
}

func drawIn(t *rapid.T, b WorldBox) (x, y int64) {
	return rapid.Int64Range(b.MinX, b.MaxX).Draw(t, "east"), rapid.Int64Range(b.MinY, b.MaxY).Draw(t, "south")
}

// A position is in the same place of a tile whether it comes from a frame or not.
func TestPositionsOfFramesAreWhereTheyWere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, f := drawFrame(t)
		x, y := drawIn(t, b)
		packedX, packedY := f.Pack(x, y)
		backX, backY := f.Unpack(packedX, packedY)
		if x-backX < 0 || x-backX >= 1<<f.shift || y-backY < 0 || y-backY >= 1<<f.shift || f.shift > 0 && max(b.MaxX-b.MinX, b.MaxY-b.MinY) <= math.MaxUint32 {
			t.Fatalf("%d, %d is %d, %d in %+v", x, y, backX, backY, f)
		}
		zoom := uint8(rapid.IntRange(0, MaxTileZoom).Draw(t, "zoom"))
		tile := Tile{zoom, rapid.Uint32Range(0, 1<<zoom-1).Draw(t, "column"), rapid.Uint32Range(0, 1<<zoom-1).Draw(t, "row")}
		grid := tile.Grid(uint32(1) << rapid.IntRange(0, 13).Draw(t, "extent"))
		wantX, wantY := grid.At(backX, backY)
		if gotX, gotY := grid.In(f).At(packedX, packedY); gotX != wantX || gotY != wantY {
			t.Fatalf("%d, %d is at %d, %d, by %+v at %d, %d", backX, backY, wantX, wantY, f, gotX, gotY)
		}
	})
}

// What meets a box meets it in a frame, and nothing does that is two steps away.
func TestBoxesMeetInFrames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, f := drawFrame(t)
		x, y := drawIn(t, b)
		asked := WorldBox{x, y, x, y}
		asked.MinX -= rapid.Int64Range(-3, 1<<33).Draw(t, "west")
		asked.MaxX += rapid.Int64Range(-3, 1<<33).Draw(t, "east")
		asked.MinY -= rapid.Int64Range(-3, 1<<33).Draw(t, "north")
		asked.MaxY += rapid.Int64Range(-3, 1<<33).Draw(t, "south")
		packedX, packedY := f.Pack(x, y)
		packed, some := f.PackBox(asked)
		meets := some && packed.Meets(FrameBox{packedX, packedY, packedX, packedY})
		slack := int64(1) << f.shift
		in := func(slack int64) bool {
			return x >= asked.MinX-slack && x <= asked.MaxX+slack && y >= asked.MinY-slack && y <= asked.MaxY+slack
		}
		if in(0) && !meets && asked.MinX <= asked.MaxX && asked.MinY <= asked.MaxY || meets && !in(slack) {
			t.Fatalf("%d, %d in %v: %v by %+v", x, y, asked, meets, f)
		}
	})
}

func TestFrameBoxes(t *testing.T) {
	a, b := FrameBox{10, 10, 20, 20}, FrameBox{20, 15, 30, 18}
	if !a.Meets(b) || a.Holds(b) || a.Meets(FrameBox{21, 15, 30, 18}) || !a.Holds(FrameBox{10, 10, 20, 15}) || a.Union(b) != (FrameBox{10, 10, 30, 20}) {
		t.Errorf("%v and %v", a, b)
	}
	if got := (Frame{originX: -5, shift: 1}).UnpackBox(FrameBox{0, 1, 2, 3}); got != (WorldBox{-5, 2, -1, 6}) {
		t.Errorf("%v", got)
	}
}

package geo

import (
	"math"
	"math/big"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestClipLine(t *testing.T) {
	box := TileBox{0, 0, 10, 10}
	for _, test := range []struct {
		name string
		line []int64
		want [][]int32
	}{
		{"inside", []int64{1, 1, 5, 9, 9, 2}, [][]int32{{1, 1, 5, 9, 9, 2}}},
		{"along the edge", []int64{0, 3, 0, 7}, [][]int32{{0, 3, 0, 7}}},
		{"outside", []int64{-5, 1, -1, 9}, nil},
		{"around the corner, outside", []int64{-5, 8, -5, 15, 8, 15}, nil},
		{"past the corner, outside", []int64{-6, 5, 5, -6}, nil},
		{"from end to end", []int64{-5, 5, 15, 5}, [][]int32{{0, 5, 10, 5}}},
		{"from corner to corner", []int64{-5, -5, 15, 15}, [][]int32{{0, 0, 10, 10}}},
		{"out, and back", []int64{5, 5, 15, 5, 15, 8, 5, 8}, [][]int32{{5, 5, 10, 5}, {10, 8, 5, 8}}},
		{"in, and out", []int64{-5, 5, 5, 5, 5, -5}, [][]int32{{0, 5, 5, 5, 5, 0}}},
		{"in by one segment, out by the next but one", []int64{-1, 2, 1, 2, 1, 4, -1, 4}, [][]int32{{0, 2, 1, 2, 1, 4, 0, 4}}},
		{"touching a corner", []int64{-5, 5, 5, -5}, nil},
		{"touching an edge and going on inside", []int64{-5, 5, 0, 5, 3, 5}, [][]int32{{0, 5, 0, 5, 3, 5}}},
		{"touching an edge from outside", []int64{-5, 0, 0, 5, -5, 10}, nil},
		{"crossing between lattice points", []int64{-1, 0, 2, 1, 2, 2}, [][]int32{{0, 0, 2, 1, 2, 2}}},
		{"halves to the south", []int64{-1, 0, 1, 1}, [][]int32{{0, 1, 1, 1}}},
		{"halves to the south, the other way", []int64{1, 1, -1, 0}, [][]int32{{1, 1, 0, 1}}},
		{"a single point inside", []int64{3, 4, 3, 4}, [][]int32{{3, 4, 3, 4}}},
		{"a single point outside", []int64{3, 14, 3, 14}, nil},
		{"one point", []int64{3, 4}, [][]int32{{3, 4}}},
		{"nothing", nil, nil},
		{"very far", []int64{-1 << 40, 5, 1 << 40, 5}, [][]int32{{0, 5, 10, 5}}},
		{"very far and aslant", []int64{-1 << 40, -1 << 40, 1 << 40, 1 << 40}, [][]int32{{0, 0, 10, 10}}},
	} {
		coords, ends := ClipLine([]int32{77}, []int{1}, test.line, box) // what is there already stays
		if coords[0] != 77 || ends[0] != 1 {
			t.Errorf("%s: wrote over %v, %v", test.name, coords, ends)
		}
		if got := clipParts(coords, ends)[1:]; !reflect.DeepEqual(got, test.want) && len(got)+len(test.want) > 0 {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func clipParts(coords []int32, ends []int) (parts [][]int32) {
	start := 0
	for _, end := range ends {
		parts = append(parts, coords[start:end])
		start = end
	}
	return parts
}

func TestClipRing(t *testing.T) {
	box := TileBox{0, 0, 10, 10}
	for _, test := range []struct {
		name string
		ring []int64
		want []int32
	}{
		{"inside", []int64{1, 1, 9, 1, 5, 9}, []int32{1, 1, 9, 1, 5, 9}},
		{"inside, closed", []int64{1, 1, 9, 1, 5, 9, 1, 1}, []int32{1, 1, 9, 1, 5, 9}},
		{"outside", []int64{11, 1, 19, 1, 15, 9}, nil},
		{"around the box", []int64{-9, -9, 99, -9, 99, 99, -9, 99}, []int32{0, 10, 0, 0, 10, 0, 10, 10}},
		{"around the box, the other way", []int64{-9, -9, -9, 99, 99, 99, 99, -9}, []int32{10, 0, 0, 0, 0, 10, 10, 10}},
		{"over the west edge", []int64{-5, 2, 5, 2, 5, 8, -5, 8}, []int32{0, 2, 5, 2, 5, 8, 0, 8}},
		{"a corner cut off", []int64{5, 5, 14, 5, 5, 14}, []int32{5, 5, 10, 5, 10, 9, 9, 10, 5, 10}},
		{"outside all sides but not beyond any", []int64{-6, 5, 5, -6, -7, -7}, nil},
		{"touching the edge", []int64{-5, 2, 0, 5, -5, 8}, nil},
		{"sharing the edge", []int64{-5, 2, 0, 2, 0, 8, -5, 8}, nil},
		{"without area, inside", []int64{3, 3, 3, 3, 3, 3}, []int32{3, 3, 3, 3}},
		{"without area, over the edge", []int64{-3, 3, 3, 3}, []int32{0, 3, 3, 3, 0, 3}},
		{"one point", []int64{3, 3}, []int32{3, 3}},
		{"nothing", nil, nil},
	} {
		got := ClipRing([]int32{77}, test.ring, box)
		if got[0] != 77 {
			t.Errorf("%s: wrote over %v", test.name, got)
		}
		if !sameRing(got[1:], test.want) {
			t.Errorf("%s: %v, want %v", test.name, got[1:], test.want)
		}
	}
}

// sameRing compares rings that may start anywhere and repeat a point.
func sameRing(a, b []int32) bool {
	if len(a) != len(b) {
		return false
	}
	for shift := 0; shift < max(len(a), 1); shift += 2 {
		if slices.Equal(append(slices.Clone(a[shift:]), a[:shift]...), b) {
			return true
		}
	}
	return false
}

func TestClipAlongIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Int64Range(-1<<40, 1<<40).Draw(t, "a")
		b := rapid.Int64Range(-1<<40, 1<<40).Draw(t, "b")
		whole := rapid.Int64Range(1, 1<<41).Draw(t, "whole")
		part := rapid.Int64Range(0, whole).Draw(t, "part")

		// floor(a + (b-a) part/whole + 1/2) in whole numbers of any size
		twice := new(big.Int).Mul(big.NewInt(b-a), big.NewInt(2*part))
		twice.Add(twice, big.NewInt(whole))
		want := new(big.Int).Div(twice, big.NewInt(2*whole)) // Euclidean: the floor, the divisor is positive
		want.Add(want, big.NewInt(a))

		for _, got := range []int64{
			clipAlong(a, b, part, whole), clipAlong(a, b, -part, -whole), clipAlong(b, a, whole-part, whole),
		} {
			if got != want.Int64() {
				t.Fatalf("%d, want %v", got, want)
			}
		}
	})
}

// drawWalk draws a line around a box of 0..100, half of it outside.
func drawWalk(t *rapid.T, minPoints int) []int64 {
	points := rapid.IntRange(minPoints, 12).Draw(t, "points")
	return rapid.SliceOfN(rapid.Int64Range(-60, 160), 2*points, 2*points).Draw(t, "walk")
}

func TestClippedLinesAreWhatIsInside(t *testing.T) {
	box := TileBox{0, 0, 100, 100}
	rapid.Check(t, func(t *rapid.T) {
		line := drawWalk(t, 2)
		coords, ends := ClipLine(nil, nil, line, box)
		for i := 0; i < len(coords); i += 2 {
			x, y := float64(coords[i]), float64(coords[i+1])
			if x < 0 || x > 100 || y < 0 || y > 100 {
				t.Fatalf("%v, %v is outside the box", x, y)
			}
			if d := distanceToLine(x, y, line); d > 0.5000001 {
				t.Fatalf("%v, %v is %v off the line", x, y, d)
			}
		}
		if len(ends) > 0 && ends[len(ends)-1] != len(coords) {
			t.Fatalf("the parts end at %v, the coordinates at %d", ends, len(coords))
		}
		// Every point of the line that is inside by a unit is within a unit of some part.
		for i := 0; i+3 < len(line); i += 2 {
			for step := 0.0; step <= 1; step += 1.0 / 64 {
				x := float64(line[i]) + float64(line[i+2]-line[i])*step
				y := float64(line[i+1]) + float64(line[i+3]-line[i+1])*step
				if x < 1 || x > 99 || y < 1 || y > 99 {
					continue
				}
				closest := math.Inf(1)
				for _, part := range clipParts(coords, ends) {
					closest = min(closest, distanceToLine(x, y, part))
				}
				if closest > 1 {
					t.Fatalf("%v, %v of the line is %v from all parts %v", x, y, closest, clipParts(coords, ends))
				}
			}
		}
		// The other way round it is the same, the other way round.
		reversed := make([]int64, 0, len(line))
		for i := len(line) - 2; i >= 0; i -= 2 {
			reversed = append(reversed, line[i], line[i+1])
		}
		backCoords, backEnds := ClipLine(nil, nil, reversed, box)
		var back []int32
		for i := len(backCoords) - 2; i >= 0; i -= 2 {
			back = append(back, backCoords[i], backCoords[i+1])
		}
		if !slices.Equal(back, coords) || len(backEnds) != len(ends) {
			t.Fatalf("%v, and %v the other way", clipParts(coords, ends), clipParts(backCoords, backEnds))
		}
	})
}

func distanceToLine[T int32 | int64](x, y float64, line []T) float64 {
	closest := math.Inf(1)
	for i := 0; i+3 < len(line); i += 2 {
		ax, ay := float64(line[i]), float64(line[i+1])
		dx, dy := float64(line[i+2])-ax, float64(line[i+3])-ay
		along := 0.0
		if length := dx*dx + dy*dy; length > 0 {
			along = min(max(((x-ax)*dx+(y-ay)*dy)/length, 0), 1)
		}
		closest = min(closest, math.Hypot(x-ax-along*dx, y-ay-along*dy))
	}
	return closest
}

// TestLinesGoOnInTheNextTile cuts a line for two neighbours without a buffer: they share the points on their border.
func TestLinesGoOnInTheNextTile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := drawWalk(t, 2)
		west, _ := ClipLine(nil, nil, line, TileBox{-100, -100, 50, 200})
		east, _ := ClipLine(nil, nil, line, TileBox{50, -100, 200, 200})
		border := func(coords []int32) map[int32]bool {
			points := make(map[int32]bool)
			for i := 0; i < len(coords); i += 2 {
				if coords[i] == 50 {
					points[coords[i+1]] = true
				}
			}
			return points
		}
		for i := 0; i+3 < len(line); i += 2 {
			ax, ay, bx, by := line[i], line[i+1], line[i+2], line[i+3]
			if ax > bx {
				ax, ay, bx, by = bx, by, ax, ay
			}
			if ax >= 50 || bx <= 50 {
				continue
			}
			y := int32(clipAlong(ay, by, 50-ax, bx-ax))
			if !border(west)[y] || !border(east)[y] {
				t.Fatalf("the crossing at %d is not in both %v and %v", y, west, east)
			}
		}
	})
}

func TestClippedRingsHaveTheAreaInside(t *testing.T) {
	box := TileBox{0, 0, 100, 100}
	rapid.Check(t, func(t *rapid.T) {
		// A triangle: convex, so that what is inside is one convex piece.
		ring := rapid.SliceOfN(rapid.Int64Range(-60, 160), 6, 6).Draw(t, "triangle")
		got := ClipRing(nil, ring, box)
		for _, v := range got {
			if v < 0 || v > 100 {
				t.Fatalf("%v is outside the box", got)
			}
		}
		area := float64(ringArea(got)) / 2
		want := areaInside(ring, 0, 100)
		// Each of up to seven corners is moved by at most half a unit along an edge of up to 142.
		if math.Abs(area-want) > 7*0.5*142 {
			t.Fatalf("%v has the area %v, want %v", got, area, want)
		}
		if math.Abs(want) > 200 && area*want <= 0 {
			t.Fatalf("%v is lost or turned round: %v, area %v, want %v", ring, got, area, want)
		}
	})
}

// areaInside is the signed area of a triangle inside a square, by thin slices.
func areaInside(triangle []int64, low, high float64) float64 {
	sum := 0.0
	const step = 0.125
	for y := low + step/2; y < high; y += step {
		west, east := math.Inf(1), math.Inf(-1)
		for i := 0; i < 6; i += 2 {
			ax, ay := float64(triangle[i]), float64(triangle[i+1])
			bx, by := float64(triangle[(i+2)%6]), float64(triangle[(i+3)%6])
			if (ay < y) != (by < y) {
				x := ax + (bx-ax)*(y-ay)/(by-ay)
				west, east = min(west, x), max(east, x)
			}
		}
		sum += max(0, min(east, high)-max(west, low)) * step
	}
	return math.Copysign(sum, float64(ringArea(triangle)))
}

func FuzzClip(f *testing.F) {
	f.Add(int64(-5), int64(5), int64(15), int64(5), int64(1<<40), int64(-1<<40), int64(3), int64(3))
	f.Fuzz(func(t *testing.T, a, b, c, d, e, g, h, i int64) {
		shape := []int64{a, b, c, d, e, g, h, i}
		for i := range shape {
			shape[i] %= 1 << 40
		}
		box := TileClip(4096, 64)
		coords, ends := ClipLine(nil, nil, shape, box)
		if !slices.IsSorted(ends) || len(ends) == 0 && len(coords) > 0 {
			t.Fatalf("%d coordinates, parts end at %v", len(coords), ends)
		}
		coords = ClipRing(coords, shape, box)
		for i := 0; i < len(coords); i += 2 {
			if box.side(int64(coords[i]), int64(coords[i+1])) != 0 {
				t.Fatalf("%d, %d is outside", coords[i], coords[i+1])
			}
		}
	})
}

func TestClippingIntoUsedBuffersAllocatesNothing(t *testing.T) {
	line := []int64{-500, 100, 600, 200, 5000, 2000, 4000, 5000, -100, -100}
	box := TileClip(4096, 64)
	coords, ends := ClipLine(nil, nil, line, box)
	coords = ClipRing(coords, line, box)
	if n := testing.AllocsPerRun(100, func() {
		coords, ends = ClipLine(coords[:0], ends[:0], line, box)
		coords = ClipRing(coords, line, box)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkClipLine(b *testing.B) {
	line := []int64{-500, 100, 600, 200, 700, 300, 800, 400, 5000, 2000}
	box := TileClip(4096, 64)
	var coords []int32
	var ends []int
	for range b.N {
		coords, ends = ClipLine(coords[:0], ends[:0], line, box)
	}
	if len(ends) != 1 {
		b.Fatal(ends)
	}
}

func BenchmarkClipRing(b *testing.B) {
	ring := []int64{-500, 100, 600, 200, 700, 300, 800, 400, 5000, 2000, 3000, 5000}
	box := TileClip(4096, 64)
	var coords []int32
	for range b.N {
		coords = ClipRing(coords[:0], ring, box)
	}
	if len(coords) == 0 {
		b.Fatal("nothing left")
	}
}

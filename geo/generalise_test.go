package geo

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestLineZooms(t *testing.T) {
	const half = 1 << 9 // a tile coordinate at zoom 10 is 2^10 units: half of one
	for _, test := range []struct {
		name string
		line []uint32
		want []uint8
	}{
		{"straight", []uint32{0, 0, 5000, 0, 9000, 0}, []uint8{0, WholeZoom, 0}},
		{"half a coordinate off at zoom 10", []uint32{0, 0, 5000, half, 9000, 0}, []uint8{0, 11, 0}},
		{"a unit more", []uint32{0, 0, 5000, half + 1, 9000, 0}, []uint8{0, 10, 0}},
		{"beyond the end", []uint32{0, 0, 9000 + half + 1, 0, 9000, 0}, []uint8{0, 10, 0}},
		{"there and back", []uint32{0, 0, half + 1, 0, 0, 0}, []uint8{0, 10, 0}},
		{"a step by itself", []uint32{0, 0, 10, 0}, []uint8{0, 0}},
		{"a point", []uint32{7, 7}, []uint8{0}},
		{"nothing", nil, nil},
		// The third vertex is nearly on the line from the second, and is not drawn before it.
		{"a staircase", []uint32{0, 0, 1 << 20, 0, 1 << 20, 1 << 11, 1 << 21, 1 << 11}, []uint8{0, 10, 10, 0}},
	} {
		if got := (Frame{}).LineZooms([]uint8{77}, test.line); !slices.Equal(got[1:], test.want) || got[0] != 77 {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

// drawnAt are the vertices of a line that are drawn at a zoom.
func drawnAt[T int64 | uint32](line []T, zooms []uint8, zoom uint8) (left []int64) {
	for i, from := range zooms {
		if from <= zoom {
			left = append(left, int64(line[2*i]), int64(line[2*i+1]))
		}
	}
	return left
}

func TestNoVertexLeftOutIsFarFromTheLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spread := uint32(1) << rapid.IntRange(2, 31).Draw(t, "spread")
		line := rapid.SliceOfN(rapid.Uint32Range(0, spread), 2, 40).Draw(t, "line")
		line = line[:len(line)&^1]
		zooms := (Frame{}).LineZooms(nil, line)
		for zoom := uint8(0); zoom <= WholeZoom+1; zoom++ {
			left := drawnAt(line, zooms, zoom)
			if zoom >= WholeZoom && len(left) != len(line) {
				t.Fatalf("zoom %d: %v of %v", zoom, left, line)
			}
			coordinate := math.Ldexp(1, 32-12-int(zoom))
			for i := 0; i < len(line); i += 2 {
				x, y := float64(line[i]), float64(line[i+1])
				off := distanceToLine(x, y, left)
				if len(left) == 2 {
					off = math.Hypot(x-float64(left[0]), y-float64(left[1]))
				}
				if off > coordinate/2 {
					t.Fatalf("zoom %d: %v, %v is %v coordinates off", zoom, x, y, off/coordinate)
				}
			}
		}
		back := make([]uint32, 0, len(line))
		for i := len(line) - 2; i >= 0; i -= 2 {
			back = append(back, line[i], line[i+1])
		}
		backZooms := (Frame{}).LineZooms(nil, back)
		slices.Reverse(backZooms)
		if !slices.Equal(backZooms, zooms) && !repeats(line) {
			t.Fatalf("%v the other way: %v, want %v", line, backZooms, zooms)
		}
	})
}

// repeats tells whether a position is twice in a line.
func repeats(line []uint32) bool {
	seen := map[uint64]bool{}
	for i := range len(line) / 2 {
		if seen[vertexKey(line, i)] {
			return true
		}
		seen[vertexKey(line, i)] = true
	}
	return false
}

// TestNeighbouringAreasStayNeighbours cuts a square into areas along borders of many bends, with an area in the middle of another. At every zoom
// each side of an area is one of its neighbour too, or of the ground around: no gap opens, and nothing is in two areas.
func TestNeighbouringAreasStayNeighbours(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rings := drawMap(t)
		var coords []uint32
		var ends []int32
		for i, ring := range rings {
			if rapid.Bool().Draw(t, "turned") {
				slices.Reverse(ring)
			}
			from := rapid.IntRange(0, len(ring)-1).Draw(t, "from")
			rings[i] = append(slices.Clone(ring[from:]), ring[:from]...)
			for _, p := range rings[i] {
				coords = append(coords, p[0], p[1])
			}
			ends = append(ends, int32(len(coords)/2))
		}
		zooms := (Frame{}).AreaZooms(coords, ends)
		for zoom := uint8(0); zoom <= WholeZoom; zoom++ {
			sides := map[[4]int64]int{}
			start := int32(0)
			for _, end := range ends {
				left := drawnAt(coords[2*start:2*end], zooms[start:end], zoom)
				if len(left) < 4 {
					t.Fatalf("zoom %d: %d vertices are left of a ring", zoom, len(left)/2)
				}
				for i := 0; i < len(left); i += 2 {
					j := (i + 2) % len(left)
					a, b := [2]int64{left[i], left[i+1]}, [2]int64{left[j], left[j+1]}
					if slices.Compare(a[:], b[:]) > 0 {
						a, b = b, a
					}
					sides[[4]int64{a[0], a[1], b[0], b[1]}]++
				}
				start = end
			}
			for side, n := range sides {
				if n%2 != 0 {
					t.Fatalf("zoom %d: %v is a side %d times", zoom, side, n)
				}
			}
			if zoom == WholeZoom && slices.Max(zooms) > zoom {
				t.Fatal("a vertex is never drawn")
			}
		}
	})
}

// drawMap draws the rings of 2 by 2 areas, of one that is an island in the first, and of the ground around all.
func drawMap(t *rapid.T) (rings [][][2]uint32) {
	const side = 1 << 20
	sway := uint32(1) << rapid.IntRange(1, 17).Draw(t, "sway")
	bends := rapid.IntRange(0, 12).Draw(t, "bends")
	// A border from a corner to the east or to the south, its far end left out.
	border := func(x, y uint32, east bool) (line [][2]uint32) {
		line = append(line, [2]uint32{x, y})
		for i := 1; i <= bends; i++ {
			along, off := uint32(i)*side/uint32(bends+1), side/2-sway/2+rapid.Uint32Range(0, sway).Draw(t, "off")
			if east {
				line = append(line, [2]uint32{x + along, y + off - side/2})
			} else {
				line = append(line, [2]uint32{x + off - side/2, y + along})
			}
		}
		return line
	}
	var east, south [3][3][][2]uint32
	for i := range uint32(3) {
		for j := range uint32(3) {
			x, y := side+i*side, side+j*side
			east[i][j], south[i][j] = border(x, y, true), border(x, y, false)
		}
	}
	back := func(line [][2]uint32, end [2]uint32) [][2]uint32 {
		line = append(slices.Clone(line[1:]), end)
		slices.Reverse(line)
		return line
	}
	corner := func(i, j uint32) [2]uint32 { return [2]uint32{side + i*side, side + j*side} }
	for i := range uint32(2) {
		for j := range uint32(2) {
			ring := append(slices.Clone(east[i][j]), south[i+1][j]...)
			ring = append(ring, back(east[i][j+1], corner(i+1, j+1))...)
			rings = append(rings, append(ring, back(south[i][j], corner(i, j+1))...))
		}
	}
	around := slices.Concat(east[0][0], east[1][0], south[2][0], south[2][1])
	around = append(around, back(east[1][2], corner(2, 2))...)
	around = append(around, back(east[0][2], corner(1, 2))...)
	around = append(around, back(south[0][1], corner(0, 2))...)
	rings = append(rings, append(around, back(south[0][0], corner(0, 1))...))
	island := [][2]uint32{}
	for i := range rapid.IntRange(3, 20).Draw(t, "coast") {
		angle := 2 * math.Pi * float64(i) / 20
		reach := float64(rapid.Uint32Range(1<<4, 1<<18).Draw(t, "reach"))
		island = append(island, [2]uint32{uint32(1.5*side + reach*math.Cos(angle)), uint32(1.5*side + reach*math.Sin(angle))})
	}
	return append(rings, island, slices.Clone(island)) // an area, and the hole it fills
}

// Where one of two neighbours has a vertex more on their border, the other's stays where it is.
func TestABorderThatIsNotSharedVertexByVertexKeepsItsEnds(t *testing.T) {
	a := []uint32{0, 0, 1 << 20, 0, 1 << 20, 1 << 20, 0, 1 << 20}
	b := []uint32{1 << 20, 0, 1 << 21, 0, 1 << 21, 1 << 20, 1 << 20, 1 << 20, 1<<20 + 1, 1 << 19} // the last on the border, nearly
	zooms := (Frame{}).AreaZooms(append(a, b...), []int32{4, 9})
	if want := []uint8{0, 0, 0, 0}; !slices.Equal(zooms[1:3], want[:2]) || zooms[4] != 0 || zooms[7] != 0 || zooms[8] != WholeZoom {
		t.Errorf("%v", zooms)
	}
}

func TestAreasWithoutARing(t *testing.T) {
	for _, test := range []struct {
		coords []uint32
		ends   []int32
	}{{nil, nil}, {nil, []int32{0}}, {[]uint32{5, 5}, []int32{1}}, {[]uint32{5, 5, 5, 5, 5, 5}, []int32{3}}, {[]uint32{5, 5, 6, 6}, []int32{2}}} {
		if zooms := (Frame{}).AreaZooms(test.coords, test.ends); len(zooms) != len(test.coords)/2 {
			t.Errorf("%v: %v", test.coords, zooms)
		}
	}
}

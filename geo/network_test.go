package geo

import (
	"fmt"
	"math"
	"math/rand"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

// slowNearest tries every segment.
func slowNearest(lines []orb.LineString, p orb.Point) (int, Location) {
	best, at := -1, Location{OffM: math.Inf(1)}
	bestD2 := math.Inf(1)
	for i, line := range lines {
		if !lineIsUsable(line) {
			continue
		}
		if _, _, d2 := nearestEdge(line, p); d2 < bestD2 {
			best, at, bestD2 = i, Locate(line, p), d2
		}
	}
	return best, at
}

// drawLines draws lines of a town: short ones on a coarse lattice, so that vertices, ends and distances coincide, and
// some long ones, of any length and place.
func drawLines(t *rapid.T) []orb.LineString {
	lattice := rapid.Custom(func(t *rapid.T) orb.Point {
		return orb.Point{float64(rapid.IntRange(-20, 20).Draw(t, "x")), float64(rapid.IntRange(-20, 20).Draw(t, "y"))}
	})
	anywhere := rapid.Custom(func(t *rapid.T) orb.Point {
		return orb.Point{rapid.Float64Range(-1e4, 1e4).Draw(t, "x"), rapid.Float64Range(-1e4, 1e4).Draw(t, "y")}
	})
	line := rapid.Custom(func(t *rapid.T) orb.LineString {
		at := lattice.Draw(t, "from")
		line := orb.LineString{at}
		for range rapid.IntRange(0, 4).Draw(t, "edges") {
			if rapid.IntRange(0, 9).Draw(t, "long") == 0 {
				at = anywhere.Draw(t, "to")
			} else {
				at[0] += float64(rapid.IntRange(-3, 3).Draw(t, "dx"))
				at[1] += float64(rapid.IntRange(-3, 3).Draw(t, "dy"))
			}
			line = append(line, at)
		}
		return line
	})
	return rapid.SliceOfN(line, 0, 40).Draw(t, "lines")
}

func drawNearby(t *rapid.T) orb.Point {
	scale := rapid.SampledFrom([]float64{0.5, 1, 30, 1e5, 1e9}).Draw(t, "scale")
	return orb.Point{
		scale * float64(rapid.IntRange(-50, 50).Draw(t, "px")),
		scale * float64(rapid.IntRange(-50, 50).Draw(t, "py")),
	}
}

func TestNearestIsThatOfTryingEverySegment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := drawLines(t)
		network := NewNetwork(lines)
		for range 10 {
			p := drawNearby(t)
			segment, at := network.Nearest(p)
			wantSegment, want := slowNearest(lines, p)
			if segment != wantSegment || at != want {
				t.Fatalf("nearest to %v of %v is segment %d at %+v, want %d at %+v", p, lines, segment, at, wantSegment, want)
			}
		}
	})
}

func TestNearestFarAway(t *testing.T) {
	lines := townLines(20)
	network := NewNetwork(lines)
	for _, p := range []orb.Point{{600e3, 6860e3}, {650e3, 6910e3}, {0, 0}, {1e12, -1e12}} {
		segment, at := network.Nearest(p)
		if wantSegment, want := slowNearest(lines, p); segment != wantSegment || at != want {
			t.Errorf("%v: segment %d at %+v, want %d at %+v", p, segment, at, wantSegment, want)
		}
	}
}

func TestNearestWhereThereIsNone(t *testing.T) {
	empty := NewNetwork(nil)
	unusable := NewNetwork([]orb.LineString{nil, {{math.NaN(), 0}, {1, 1}}, {{0, 0}, {math.Inf(1), 1}}})
	town := NewNetwork(townLines(3))
	for name, segment := range map[string]int{
		"no segments":       first(empty.Nearest(orb.Point{1, 1})),
		"no usable segment": first(unusable.Nearest(orb.Point{1, 1})),
		"not a number":      first(town.Nearest(orb.Point{1, math.NaN()})),
		"infinite":          first(town.Nearest(orb.Point{math.Inf(1), 1})),
	} {
		if segment != -1 {
			t.Errorf("%s: segment %d", name, segment)
		}
	}
}

func first(segment int, _ Location) int { return segment }

func TestNearestDoesNotAllocate(t *testing.T) {
	network := NewNetwork(townLines(20))
	near, far := orb.Point{650e3 + 333, 6860e3 + 444}, orb.Point{700e3, 6860e3}
	if n := testing.AllocsPerRun(100, func() { network.Nearest(near); network.Nearest(far) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestCellNumbersInterleave(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, y := rapid.Int32Range(0, 1<<21-1).Draw(t, "x"), rapid.Int32Range(0, 1<<21-1).Draw(t, "y")
		if cell := spreadBits(x) | spreadBits(y)<<1; gatherBits(cell) != x || gatherBits(cell>>1) != y {
			t.Fatalf("%d, %d comes back as %d, %d", x, y, gatherBits(cell), gatherBits(cell>>1))
		}
	})
}

func FuzzNearest(f *testing.F) {
	f.Add(0.0, 0.0, 10.0, 10.0, 10.0, 0.0, 5.0, 5.0)
	f.Add(0.0, 0.0, math.NaN(), 10.0, math.Inf(1), 0.0, 5.0, 5.0)
	f.Add(0.0, 0.0, 1e12, 1e-300, -1e12, 1e12, 5e-324, -1e-9)
	f.Fuzz(func(t *testing.T, ax, ay, bx, by, cx, cy, px, py float64) {
		a, b, c, p := orb.Point{ax, ay}, orb.Point{bx, by}, orb.Point{cx, cy}, orb.Point{px, py}
		lines := []orb.LineString{{a, b, c}, {}, {b}, {c, a}, {p, a}}
		network := NewNetwork(lines)
		segment, at := network.Nearest(p)
		if !pointIsUsable(p) {
			if segment != -1 {
				t.Errorf("segment %d for %v", segment, p)
			}
			return
		}
		if wantSegment, want := slowNearest(lines, p); segment != wantSegment || at != want {
			t.Errorf("%v: segment %d at %+v, want %d at %+v", p, segment, at, wantSegment, want)
		}
	})
}

// townLines are the segments of gridTown.
func townLines(n int) []orb.LineString {
	var lines []orb.LineString
	for _, p := range mustCut(gridTown(n)) {
		lines = append(lines, p.Line)
	}
	return lines
}

// nearStreets draws points as far from the streets of a gridTown of n as addresses are.
func nearStreets(n, count int) []orb.Point {
	random := rand.New(rand.NewSource(2))
	points := make([]orb.Point, count)
	for i := range points {
		points[i] = orb.Point{650e3 + 80*(float64(random.Intn(n))+random.Float64()), 6860e3 + 80*float64(random.Intn(n)) + 12*random.NormFloat64()}
	}
	return points
}

// BenchmarkNearest has a town of the size of Paris (24,420 segments), and one of 71,000 segments.
func BenchmarkNearest(b *testing.B) {
	for _, n := range []int{110, 188} {
		network := NewNetwork(townLines(n))
		points := nearStreets(n, 1<<14)
		b.Run(fmt.Sprintf("segments=%d", (len(network.firsts)-1)), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				network.Nearest(points[i&(len(points)-1)])
			}
		})
		b.Run(fmt.Sprintf("segments=%d/50kmAway", (len(network.firsts)-1)), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				p := points[i&(len(points)-1)]
				network.Nearest(orb.Point{p[0] + 50e3, p[1]})
			}
		})
	}
}

func BenchmarkNewNetwork(b *testing.B) {
	lines := townLines(110)
	for b.Loop() {
		NewNetwork(lines)
	}
}

package live

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

func TestTheTreeFindsWhatLookingAtAllDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		coordinate := rapid.Uint32Range(0, 1<<rapid.IntRange(3, 32).Draw(t, "ground")-1)
		draw := func(label string) geo.FrameBox {
			x, y := coordinate.Draw(t, label+" x"), coordinate.Draw(t, label+" y")
			x2, y2 := coordinate.Draw(t, label+" to x"), coordinate.Draw(t, label+" to y")
			return geo.FrameBox{MinX: min(x, x2), MinY: min(y, y2), MaxX: max(x, x2), MaxY: max(y, y2)}
		}
		var boxes []geo.FrameBox
		for range rapid.SampledFrom([]int{0, 1, 2, 15, 16, 17, 100, 257}).Draw(t, "boxes") {
			boxes = append(boxes, draw("box"))
		}
		asked := draw("asked")
		if rapid.Bool().Draw(t, "much") { // most boxes, so that some of the level above are in it as a whole
			asked = geo.FrameBox{MinX: asked.MinX / 16, MinY: asked.MinY / 16, MaxX: math.MaxUint32, MaxY: math.MaxUint32}
		}
		var want []int32
		for i, b := range boxes {
			if b.Meets(asked) {
				want = append(want, int32(i))
			}
		}
		tree := newBoxTree(boxes)
		if got := tree.meeting(asked, nil); !slices.Equal(got, want) {
			t.Fatalf("%v of %d boxes: %v, want %v", asked, len(boxes), got, want)
		}
	})
}

// Each step along the curve is one to a neighbour, and none is twice.
func TestTheCurveGoesFromNeighbourToNeighbour(t *testing.T) {
	const side = 64
	var at [side * side][2]int
	for x := range side {
		for y := range side {
			d := hilbert(uint32(x), uint32(y))
			if d >= side*side || at[d] != [2]int{} {
				t.Fatalf("%d, %d is at %d", x, y, d)
			}
			at[d] = [2]int{x, y}
		}
	}
	for d := 1; d < len(at); d++ {
		if dx, dy := at[d][0]-at[d-1][0], at[d][1]-at[d-1][1]; dx*dx+dy*dy != 1 {
			t.Fatalf("after %v comes %v", at[d-1], at[d])
		}
	}
}

// seededStreets is a layer of so many lines of four positions, as dense as the streets of a large city, and the ground that it covers.
func seededStreets(segments int) (*layer, orb.Bound) {
	dice := rand.New(rand.NewPCG(uint64(segments), 1))
	l := newLayer("segments", &level{unit: engine.UnitSegment})
	side := 0.00057 * float64(intSqrt(segments))
	for u := range segments {
		l.level.add(int64(u+1), fmt.Sprint("Rue ", u/7), 20)
		x, y := 2+side*dice.Float64(), 48+side*dice.Float64()
		line := orb.LineString{{x, y}}
		for range 3 {
			x, y = x+0.0006*(dice.Float64()-0.5), y+0.0004*(dice.Float64()-0.5)
			line = append(line, orb.Point{x, y})
		}
		l.draft.addLine(u, line)
	}
	l.level.names.complete()
	l.index()
	return l, orb.Bound{Min: orb.Point{2, 48}, Max: orb.Point{2 + side, 48 + side}}
}

func intSqrt(n int) int {
	root := 0
	for (root+1)*(root+1) <= n {
		root++
	}
	return root
}

// BenchmarkWithin finds the segments of tiles: nearly the same time for each segment found, however many there are.
func BenchmarkWithin(b *testing.B) {
	for _, segments := range []int{10_000, 70_000, 300_000, 2_000_000} {
		l, ground := seededStreets(segments)
		for _, zoom := range []uint8{14, 16} {
			b.Run(fmt.Sprintf("segments=%d/z=%d", segments, zoom), func(b *testing.B) {
				dice := rand.New(rand.NewPCG(1, 2))
				var found []int32
				total := 0
				for b.Loop() {
					t := geo.TileAt(ground.Min[0]+dice.Float64()*(ground.Max[0]-ground.Min[0]), ground.Min[1]+dice.Float64()*(ground.Max[1]-ground.Min[1]), zoom)
					found = l.within(t.WorldBox(tileBuffer, geo.TileExtent), found[:0])
					total += len(found)
				}
				b.ReportMetric(float64(total)/float64(b.N), "segments/tile")
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(max(1, total)), "ns/segment")
			})
		}
	}
}

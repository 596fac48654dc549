//go:build duckdb_arrow

package benchmarks

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/benchmarks/world"
	"github.com/arpent/arpent/datasets/city"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/geo"
)

// growthSizes are the segments of the worlds whose time and memory must grow as they do.
var growthSizes = []int{10_000, 30_000, 100_000, 300_000, 1_000_000, 2_000_000}

// BenchmarkGrowth measures the same things on worlds of ever more segments: the index of the nearest segment and a question to it, opening a
// snapshot as a server does, a tile of zoom 14 in the middle, and a roll-up of ten returns a segment. Run it with -benchtime 1x: what is short is
// repeated within.
func BenchmarkGrowth(b *testing.B) {
	live.LimitGarbage()
	for _, segments := range growthSizes {
		b.Run(fmt.Sprintf("segments=%d", segments), func(b *testing.B) {
			w := world.New(segments)
			b.Run("index", func(b *testing.B) { growthOfIndex(b, w) })
			b.Run("nearest", func(b *testing.B) { growthOfNearest(b, w) })
			b.Run("roll-up", func(b *testing.B) { growthOfRollup(b, w) })
			snapshot := writeWorld(b, w)
			var opened *live.City
			b.Run("open", func(b *testing.B) {
				opened = nil // of -count 2 the second has the memory of the first
				opened = growthOfOpen(b, w, snapshot)
			})
			if opened == nil { // it was not asked for
				return
			}
			b.Run("tile", func(b *testing.B) { growthOfTile(b, w, opened) })
		})
	}
}

// secondsOf is the processor time of something, as the mean of as many times as take 200 ms together.
func secondsOf(b *testing.B, do func()) float64 {
	b.Helper()
	before, done := processorTime(b), 0
	for done == 0 || processorTime(b)-before < 200*time.Millisecond {
		do()
		done++
	}
	return (processorTime(b) - before).Seconds() / float64(done)
}

func reportGrowth(b *testing.B, segments int) {
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(segments), "segments")
}

func growthOfIndex(b *testing.B, w world.World) {
	lines := w.Metres()
	var seconds, mb float64
	for b.Loop() {
		seconds = secondsOf(b, func() { geo.NewNetwork(lines) })
		_, mb = heldMB(b, func() *geo.Network { return geo.NewNetwork(lines) })
	}
	reportGrowth(b, w.Segments())
	b.ReportMetric(seconds, "cpu-s")
	b.ReportMetric(mb, "MB")
}

// growthOfNearest asks for addresses up to 30 m off the middle of a segment, place by place as files have them, from a hundred places on.
func growthOfNearest(b *testing.B, w world.World) {
	lines := w.Metres()
	index := geo.NewNetwork(lines)
	r := rand.New(rand.NewPCG(7, 3))
	var addresses []orb.Point
	for range 100 {
		for from, place := r.IntN(w.Segments()), 0; place < 500; place++ {
			line := lines[(from+place)%w.Segments()]
			at := line[len(line)/2]
			addresses = append(addresses, orb.Point{at[0] + 60*(r.Float64()-0.5), at[1] + 60*(r.Float64()-0.5)})
		}
	}
	var seconds float64
	for b.Loop() {
		seconds = secondsOf(b, func() {
			for _, at := range addresses {
				index.Nearest(at)
			}
		})
	}
	reportGrowth(b, w.Segments())
	b.ReportMetric(1e6*seconds/float64(len(addresses)), "cpu-us")
}

func growthOfRollup(b *testing.B, w world.World) {
	const returnsOfSegment = 10
	held, mb := canvassedColumns(b, nowhere{}, returnsOfSegment*w.Segments(), w.Segments())
	defer held.Close()
	var seconds float64
	for b.Loop() {
		seconds = secondsOf(b, func() {
			rollUp(b, held, engine.Question{Campaign: fieldCampaign, By: []engine.Dimension{engine.BySegment}}, func(*engine.RollupRow) {})
		})
	}
	reportGrowth(b, w.Segments())
	b.ReportMetric(seconds, "cpu-s")
	b.ReportMetric(mb, "MB")
}

func growthOfOpen(b *testing.B, w world.World, snapshot *engine.Snapshot) *live.City {
	open := func() *live.City {
		opened, err := live.Open(b.Context(), snapshot)
		if err != nil {
			b.Fatal(err)
		}
		return opened
	}
	var seconds, mb float64
	var opened *live.City
	for b.Loop() {
		opened, mb = heldMB(b, func() *live.City {
			before := processorTime(b)
			opened := open()
			seconds = (processorTime(b) - before).Seconds()
			return opened
		})
	}
	reportGrowth(b, w.Segments())
	b.ReportMetric(seconds, "cpu-s")
	b.ReportMetric(mb, "MB")
	return opened
}

// growthOfTile makes the tiles of zoom 14 that lie within the smallest world, where all worlds are as dense.
func growthOfTile(b *testing.B, w world.World, opened *live.City) {
	within := world.New(growthSizes[0]).Bound()
	first, last := geo.TileAt(within.Min[0], within.Max[1], 14), geo.TileAt(within.Max[0], within.Min[1], 14)
	var tiles []geo.Tile
	for x := first.X + 1; x < last.X; x++ {
		for y := first.Y + 1; y < last.Y; y++ {
			tiles = append(tiles, geo.Tile{Z: 14, X: x, Y: y})
		}
	}
	opened.KeepDrawings(0)
	var seconds float64
	features := 0
	for b.Loop() {
		seconds = secondsOf(b, func() {
			features = 0
			for _, t := range tiles {
				features += encodeTile(b, opened, t, live.Query{}).Features
			}
		})
	}
	runtime.KeepAlive(opened)
	reportGrowth(b, w.Segments())
	b.ReportMetric(1e3*seconds/float64(len(tiles)), "cpu-ms")
	b.ReportMetric(float64(features)/float64(len(tiles)), "features")
}

// segmentsMade is where `arpent city` says how many segments it has made.
var segmentsMade = regexp.MustCompile(`streets in (\d+) segments`)

// BenchmarkGrowthOfBuilds makes seeded cities and builds them, each in a process of its own: processor time, wall time and peak memory. The
// country is built where ARPENT_COUNTRY=1 asks for it: it takes about 10 minutes and 12 GB.
func BenchmarkGrowthOfBuilds(b *testing.B) {
	arpent := arpentBinary(b)
	for _, size := range city.Sizes() {
		if size == city.Country && os.Getenv("ARPENT_COUNTRY") != "1" {
			continue
		}
		b.Run("size="+string(size), func(b *testing.B) {
			dir := b.TempDir()
			segments := 0
			b.Run("generate", func(b *testing.B) {
				for b.Loop() {
					said := measureProgram(b, exec.Command(arpent, "city", dir, "--size", string(size)))
					if made := segmentsMade.FindStringSubmatch(said); made != nil {
						segments, _ = strconv.Atoi(made[1]) // it is digits
					}
				}
				reportGrowth(b, segments)
			})
			b.Run("build", func(b *testing.B) {
				if segments == 0 {
					b.Fatal("no segments: measure it with generate")
				}
				for b.Loop() {
					measureProgram(b, exec.Command(arpent, "build", filepath.Join(dir, "place.yaml"), "--workspace", b.TempDir()))
				}
				reportGrowth(b, segments)
			})
		})
	}
}

// measureProgram runs a program, reports what it takes and gives what it says.
func measureProgram(b *testing.B, program *exec.Cmd) string {
	b.Helper()
	one := runToEnd(b, program)
	b.ReportMetric(one.wall.Seconds(), "s")
	b.ReportMetric(one.cpu.Seconds(), "cpu-s")
	b.ReportMetric(one.peakMB, "MB")
	return one.said
}

package benchmarks

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/arpent/arpent/benchmarks/world"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/geo"
)

// worldSizes are the numbers of segments that tiles are measured with.
var worldSizes = []struct {
	name     string
	segments int
}{{"10k", 10_000}, {"70k", 70_000}, {"300k", 300_000}, {"2M", 2_000_000}}

// keptForTiles is enough for the geometry of all tiles of a zoom.
const keptForTiles = 1 << 30

// openWorld opens a city of so many segments.
func openWorld(b *testing.B, segments int) (world.World, *live.City) {
	b.Helper()
	w := world.New(segments)
	city, err := live.Open(b.Context(), writeWorld(b, w))
	if err != nil {
		b.Fatal(err)
	}
	live.LimitGarbage() // as a server does
	return w, city
}

func writeWorld(b *testing.B, w world.World) *engine.Snapshot {
	b.Helper()
	dir := b.TempDir()
	if err := w.WriteSnapshot(dir); err != nil {
		b.Fatal(err)
	}
	snapshot, err := engine.OpenSnapshot(dir)
	if err != nil {
		b.Fatal(err)
	}
	return snapshot
}

// tilesOf lists those of a zoom that have a segment, and what they are when encoded.
func tilesOf(b *testing.B, w world.World, city *live.City, zoom uint8) (tiles []geo.Tile, encoded []live.Tile) {
	b.Helper()
	bound := w.Bound()
	first, last := geo.TileAt(bound.Min[0], bound.Max[1], zoom), geo.TileAt(bound.Max[0], bound.Min[1], zoom)
	for x := first.X; x <= last.X; x++ {
		for y := first.Y; y <= last.Y; y++ {
			t := geo.Tile{Z: zoom, X: x, Y: y}
			if tile := encodeTile(b, city, t, live.Query{}); tile.Features > 0 {
				tiles, encoded = append(tiles, t), append(encoded, tile)
			}
		}
	}
	return tiles, encoded
}

func encodeTile(b *testing.B, city *live.City, t geo.Tile, q live.Query) live.Tile {
	tile, err := city.Tile("segments", t, q)
	if err != nil {
		b.Fatal(err)
	}
	return tile
}

// BenchmarkEncodeTile gives the processor time of a tile that has a segment, as the mean over those that cover the city: cold, where nobody
// has asked for the tile before; warm, where somebody has asked for another choice; and that of compressing it.
func BenchmarkEncodeTile(b *testing.B) {
	for _, size := range worldSizes {
		b.Run("segments="+size.name, func(b *testing.B) {
			w, city := openWorld(b, size.segments)
			for zoom := uint8(12); zoom <= 16; zoom++ {
				b.Run(fmt.Sprintf("z=%d", zoom), func(b *testing.B) {
					tiles, encoded := tilesOf(b, w, city, zoom)
					each := func(name string, prepare func(), encode func(i int)) {
						b.Run(name, func(b *testing.B) {
							runtime.GC()
							before := processorTime(b)
							for b.Loop() {
								prepare()
								for i := range tiles {
									encode(i)
								}
							}
							perTile(b, processorTime(b)-before, len(tiles))
							reportSizes(b, encoded)
						})
					}
					nothing := func() {}
					each("cold", func() { city.KeepDrawings(0); city.KeepDrawings(keptForTiles) }, func(i int) { encodeTile(b, city, tiles[i], live.Query{}) })
					each("warm", nothing, func(i int) { encodeTile(b, city, tiles[i], live.Query{Choice: world.Choices[1]}) })
					for _, level := range []int{1, 6} {
						var packed bytes.Buffer
						packer, err := gzip.NewWriterLevel(&packed, level)
						if err != nil {
							b.Fatal(err)
						}
						each(fmt.Sprintf("gzip=%d", level), nothing, func(i int) {
							packed.Reset()
							packer.Reset(&packed)
							if _, err := packer.Write(encoded[i].Data); err != nil {
								b.Fatal(err)
							}
							if err := packer.Close(); err != nil {
								b.Fatal(err)
							}
						})
					}
				})
			}
		})
	}
}

func perTile(b *testing.B, spent time.Duration, tiles int) {
	b.ReportMetric(spent.Seconds()*1000/float64(b.N)/float64(tiles), "cpu-ms/tile")
}

// reportSizes gives the means of tiles.
func reportSizes(b *testing.B, tiles []live.Tile) {
	bytes, features := 0, 0
	for _, tile := range tiles {
		bytes, features = bytes+len(tile.Data), features+tile.Features
	}
	b.ReportMetric(float64(bytes)/float64(len(tiles))/1000, "kB/tile")
	b.ReportMetric(float64(features)/float64(len(tiles)), "features/tile")
}

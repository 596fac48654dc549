package benchmarks

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/arpent/arpent/engine/export"
	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/geo"
)

// pyramidWorld is what is written: a line to change it.
func pyramidWorld(b *testing.B) *live.City {
	_, city := openWorld(b, 70_000)
	return city
}

// BenchmarkPyramid writes the streets of 70,000 segments at zooms 12 to 16 into an archive, as `arpent export tiles --layers segments --min-zoom 12`
// does, by level of gzip; cpu-s are those of all cores together. "encode" makes the same tiles and keeps none, "cover" only names them: what is
// between them and the archives is compression, hashes and the file.
func BenchmarkPyramid(b *testing.B) {
	city := pyramidWorld(b)
	cover := func(yield func(geo.Tile, []string) bool) {
		for zoom := uint8(12); zoom <= 16; zoom++ {
			tiles, err := city.TileCover([]string{"segments"}, zoom)
			if err != nil {
				b.Fatal(err)
			}
			for tile, layers := range tiles {
				if !yield(tile, layers) {
					return
				}
			}
		}
	}
	encode := func(buffer []byte, at geo.Tile, _ []string) ([]byte, error) {
		tile, err := city.Tile("segments", at, live.Query{})
		return append(buffer, tile.Data...), err
	}
	b.Run("encode", func(b *testing.B) {
		before, tiles, bytes := processorTime(b), 0, 0
		for b.Loop() {
			tiles, bytes = 0, 0
			for at := range cover {
				tile, err := encode(nil, at, nil)
				if err != nil {
					b.Fatal(err)
				}
				tiles, bytes = tiles+1, bytes+len(tile)
			}
		}
		b.ReportMetric((processorTime(b)-before).Seconds()/float64(b.N), "cpu-s")
		b.ReportMetric(float64(tiles), "tiles")
		b.ReportMetric(float64(bytes)/1e6, "MB")
	})
	b.Run("cover", func(b *testing.B) {
		before := processorTime(b)
		for b.Loop() {
			for range cover {
			}
		}
		b.ReportMetric((processorTime(b)-before).Seconds()/float64(b.N), "cpu-s")
	})
	for _, level := range []int{1, 2, 3, 4, 5, 6, 9} {
		b.Run(fmt.Sprintf("gzip-%d", level), func(b *testing.B) {
			before := processorTime(b)
			var counts export.PMTilesCounts
			sum := ""
			for b.Loop() {
				scratch, err := os.Create(filepath.Join(b.TempDir(), "scratch"))
				if err != nil {
					b.Fatal(err)
				}
				written := sha256.New()
				archive := export.PMTiles{Metadata: map[string]any{}, Bound: city.Bound(), Level: level, Tiles: cover, Encode: encode}
				if counts, err = archive.Write(b.Context(), written, scratch); err != nil {
					b.Fatal(err)
				}
				scratch.Close() // it is the folder's, which goes
				now := hex.EncodeToString(written.Sum(nil))
				if sum != "" && now != sum {
					b.Fatal("another time it is another archive")
				}
				sum = now
			}
			b.ReportMetric((processorTime(b)-before).Seconds()/float64(b.N), "cpu-s")
			b.ReportMetric(float64(counts.Tiles), "tiles")
			b.ReportMetric(float64(counts.Bytes)/1e6, "MB")
		})
	}
}

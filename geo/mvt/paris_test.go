package mvt

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/arpent/arpent/geo"
)

// TestNoStreetOfParisIsLost writes every tile of Paris from the published lines of its streets: each street is in some
// tile, and the pieces in the tiles, cut without a buffer, are together as long as the streets.
func TestNoStreetOfParisIsLost(t *testing.T) {
	lines := parisStreetLines(t)
	var encoder Encoder
	var projected []int64
	var coords []int32
	var ends []int
	for _, zoom := range []uint8{10, 12, 14, 16} {
		northWest, southEast := geo.TileAt(2.22, 48.91, zoom), geo.TileAt(2.47, 48.81, zoom)
		found := make([]bool, len(lines))
		whole, pieces := 0.0, 0.0
		tiles, size := 0, 0
		world := geo.Tile{Z: zoom}.Grid(4096)
		for _, line := range lines {
			projected = gridLine(projected[:0], world, line.coords)
			whole += lineLength(projected)
		}
		for x := northWest.X; x <= southEast.X; x++ {
			for y := northWest.Y; y <= southEast.Y; y++ {
				tile := geo.Tile{Z: zoom, X: x, Y: y}
				box := tile.WorldBox(65, 4096)
				encoder.Reset()
				layer := encoder.Layer("streets", 4096, nil)
				written := 0
				for i, line := range lines {
					if b := line.box; b.MinX > box.MaxX || b.MaxX < box.MinX || b.MinY > box.MaxY || b.MaxY < box.MinY {
						continue
					}
					projected = gridLine(projected[:0], tile.Grid(4096), line.coords)
					coords, ends = geo.ClipLine(coords[:0], ends[:0], projected, geo.TileClip(4096, 0))
					start := 0
					for _, end := range ends {
						pieces += lineLength(coords[start:end])
						start = end
					}
					coords, ends = geo.ClipLine(coords[:0], ends[:0], projected, geo.TileClip(4096, 64))
					if len(ends) > 0 {
						found[i] = true
						written++
						drawLines(layer, uint64(i+1), coords, ends)
					}
				}
				tiles++
				size += len(encoder.Bytes())
				layers, err := readTile(encoder.Bytes())
				if err != nil {
					t.Fatalf("%d/%d/%d: %v", zoom, x, y, err)
				}
				if len(layers) > 0 && len(layers[0].features) != written || len(layers) == 0 && written > 0 {
					t.Errorf("%d/%d/%d has not the %d features written", zoom, x, y, written)
				}
			}
		}
		for i := range found {
			if !found[i] {
				t.Errorf("zoom %d: line %d is in no tile", zoom, i)
			}
		}
		t.Logf("zoom %d: %d lines in %d tiles, %d bytes, length %.0f, in pieces %.0f", zoom, len(lines), tiles, size, whole, pieces)
		// A line along the border of two tiles is in both; every crossing is moved by up to half a unit.
		if math.Abs(pieces/whole-1) > 0.002 {
			t.Errorf("zoom %d: the pieces are %.0f units long, the streets %.0f", zoom, pieces, whole)
		}
	}
}

// streetLine is a line in world coordinates, with its bounds.
type streetLine struct {
	coords []int64
	box    geo.WorldBox
}

func gridLine(out []int64, grid geo.TileGrid, line []int64) []int64 {
	for i := 0; i < len(line); i += 2 {
		x, y := grid.At(line[i], line[i+1])
		out = append(out, x, y)
	}
	return out
}

func lineLength[T int32 | int64](line []T) (length float64) {
	for i := 0; i+3 < len(line); i += 2 {
		length += math.Hypot(float64(line[i+2]-line[i]), float64(line[i+3]-line[i+1]))
	}
	return length
}

// parisStreetLines reads the streets of the published data, in world coordinates, each part of a street by itself.
func parisStreetLines(t *testing.T) (lines []streetLine) {
	t.Helper()
	folder := os.Getenv("ARPENT_DATA")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "data") // beside the checkout, from this package's folder
	}
	file, err := os.Open(filepath.Join(folder, "paris", "voie.csv"))
	if err != nil {
		t.Skipf("no paris/voie.csv in %s: set ARPENT_DATA to the folder of the published data to run this test", folder)
	}
	defer file.Close()
	rows := csv.NewReader(file)
	rows.Comma = ';'
	records, err := rows.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, record := range records[1:] {
		var geometry struct {
			Type        string
			Coordinates json.RawMessage
		}
		const column = 11 // Geometry
		if err := json.Unmarshal([]byte(record[column]), &geometry); err != nil {
			t.Fatalf("row %d: %v", i, err)
		}
		parts := make([][][2]float64, 1)
		if geometry.Type == "MultiLineString" {
			err = json.Unmarshal(geometry.Coordinates, &parts)
		} else {
			err = json.Unmarshal(geometry.Coordinates, &parts[0])
		}
		if err != nil {
			t.Fatalf("row %d: %v", i, err)
		}
		for _, part := range parts {
			line := streetLine{box: geo.WorldBox{MinX: math.MaxInt64, MinY: math.MaxInt64}}
			for _, p := range part {
				x, y := geo.ToWorld(p[0], p[1])
				line.coords = append(line.coords, x, y)
				line.box = geo.WorldBox{
					MinX: min(line.box.MinX, x), MinY: min(line.box.MinY, y),
					MaxX: max(line.box.MaxX, x), MaxY: max(line.box.MaxY, y),
				}
			}
			lines = append(lines, line)
		}
	}
	return lines
}

package geo

import (
	"testing"

	"pgregory.net/rapid"
)

// The curve of zoom 2 as go-pmtiles numbers it, row by row from the north.
func TestCurveIsThatOfPMTiles(t *testing.T) {
	for y, row := range [4][4]uint64{{0, 1, 14, 15}, {3, 2, 13, 12}, {4, 7, 8, 11}, {5, 6, 9, 10}} {
		for x, want := range row {
			if got := (Tile{Z: 2, X: uint32(x), Y: uint32(y)}).CurveIndex(); got != want {
				t.Errorf("2/%d/%d is at %d, want %d", x, y, got, want)
			}
		}
	}
	if got := (Tile{}).CurveIndex(); got != 0 {
		t.Errorf("the tile of zoom 0 is at %d", got)
	}
}

func TestTilesAlongTheCurve(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zoom := rapid.Uint8Range(1, MaxTileZoom).Draw(t, "zoom")
		index := rapid.Uint64Range(0, 1<<(2*zoom)-1).Draw(t, "index")
		tile := TileOnCurve(zoom, index)
		if !tile.Valid() || tile.CurveIndex() != index {
			t.Fatalf("%d is at %v, which is at %d", index, tile, tile.CurveIndex())
		}
		if parent := TileOnCurve(zoom-1, index/4); parent != (Tile{Z: zoom - 1, X: tile.X / 2, Y: tile.Y / 2}) {
			t.Fatalf("%v is in %v", tile, parent)
		}
		if next := TileOnCurve(zoom, (index+1)%(1<<(2*zoom))); index+1 < 1<<(2*zoom) && apart(next.X, tile.X)+apart(next.Y, tile.Y) != 1 {
			t.Fatalf("%v is followed by %v", tile, next)
		}
	})
}

func apart(a, b uint32) uint32 { return max(a, b) - min(a, b) }

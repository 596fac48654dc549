package live

import (
	"slices"
	"testing"

	"github.com/arpent/arpent/geo"
)

// Every tile that has a feature of a layer is given with the name of the layer, once and along the curve; no layer is named that has no box there.
func TestTileCoverHasEveryTile(t *testing.T) {
	c := openHamlet(t)
	var names []string
	for _, l := range c.Layers() {
		names = append(names, l.Name)
	}
	tiles := 0
	for zoom := range uint8(16) {
		bound := c.Bound().Pad(2) // cells are as large
		if zoom > 11 {
			bound = c.Bound().Pad(0.02)
		}
		given := map[geo.Tile][]string{}
		cover, err := c.TileCover(names, zoom)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // it may be asked for again
			clear(given)
			last := -1
			for tile, drawn := range cover {
				if tile.Z != zoom || int(tile.CurveIndex()) <= last || len(drawn) == 0 {
					t.Fatalf("zoom %d: %v with %v after %d", zoom, tile, drawn, last)
				}
				given[tile], last = drawn, int(tile.CurveIndex())
			}
		}
		first, end := geo.TileAt(bound.Min[0], bound.Max[1], zoom), geo.TileAt(bound.Max[0], bound.Min[1], zoom)
		for x := first.X; x <= end.X; x++ {
			for y := first.Y; y <= end.Y; y++ {
				at := geo.Tile{Z: zoom, X: x, Y: y}
				for _, name := range names {
					tile, err := c.Tile(name, at, Query{})
					if err != nil {
						t.Fatal(err)
					}
					l, err := c.layer(c.Layers(), name, int(zoom))
					if err != nil {
						t.Fatal(err)
					}
					boxed := l != nil && len(l.within(at.WorldBox(tileBuffer, geo.TileExtent), nil)) > 0
					if named := slices.Contains(given[at], name); named != boxed || tile.Features > 0 && !named {
						t.Errorf("%v: layer %s has %d features, and that it is named is %v", at, name, tile.Features, named)
					}
					tiles += tile.Features
				}
				delete(given, at)
			}
		}
		if len(given) > 0 {
			t.Errorf("zoom %d: tiles where nothing is: %v", zoom, given)
		}
	}
	if tiles == 0 {
		t.Error("the hamlet is in no tile: the test looks at nothing")
	}
}

func TestTileCoverStopsWhenAsked(t *testing.T) {
	c := openHamlet(t)
	cover, err := c.TileCover([]string{"segments", "cells"}, 15)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for range cover {
		if seen++; seen == 2 {
			break
		}
	}
	if seen != 2 {
		t.Errorf("%d tiles", seen)
	}
	if _, err := c.TileCover([]string{"gardens"}, 15); err == nil {
		t.Error("a layer that there is not has tiles")
	}
}

package main

import (
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"

	"github.com/arpent/arpent/geo"
)

// street is a feature of a tile; attributes have another value each time n has.
func street(id uint64, n int, line ...orb.Point) *geojson.Feature {
	f := geojson.NewFeature(orb.LineString(line))
	f.ID, f.Properties = id, geojson.Properties{"name": "Rue des Tilleuls", "n": n}
	return f
}

func tileOf(t *testing.T, extent uint32, features ...*geojson.Feature) []byte {
	t.Helper()
	tile, err := mvt.Marshal(mvt.Layers{{Name: layerName, Version: 2, Extent: extent, Features: features}})
	if err != nil {
		t.Fatal(err)
	}
	return tile
}

func TestCompare(t *testing.T) {
	inside := []orb.Point{{10, 10}, {40, 50}}
	elsewhere := []orb.Point{{10, 11}, {25, 30}, {40, 50}}
	north := []orb.Point{{10, -tileBuffer}, {90, -tileBuffer}}
	east := []orb.Point{{tileExtent + tileBuffer, 4}, {tileExtent + tileBuffer, 9}}
	nearly := []orb.Point{{10, -tileBuffer}, {90, -tileBuffer + 1}}
	tile := func(features ...*geojson.Feature) []byte { return tileOf(t, tileExtent, features...) }
	for _, c := range []struct {
		name         string
		ours, theirs []byte
		difference   string
		edge         int
	}{
		{"the same", tile(street(1, 5, inside...), street(2, 6, inside...)), tile(street(2, 6, inside...), street(1, 5, inside...)), "", 0},
		{"lines that are thinned", tile(street(1, 5, inside...)), tile(street(1, 5, elsewhere...)), "", 0},
		{"nothing at all", nil, nil, "", 0},
		{"ours alone", tile(street(1, 5, inside...), street(7, 5, inside...), street(6, 5, inside...)), tile(street(1, 5, inside...)), "2 only of Arpent (as 6)", 0},
		{"theirs alone", nil, tile(street(1, 5, inside...)), "1 only of the peer (as 1)", 0},
		{"as many, but others", tile(street(1, 5, inside...)), tile(street(2, 5, inside...)), "1 only of Arpent (as 1), 1 only of the peer (as 2)", 0},
		{"another number", tile(street(1, 5, inside...)), tile(street(1, 6, inside...)), "1 with other attributes (as 1)", 0},
		{"on the edge, ours alone", tile(street(1, 5, inside...), street(2, 5, north...)), tile(street(1, 5, inside...)), "", 1},
		{"on the edge, theirs alone", tile(street(1, 5, inside...)), tile(street(1, 5, inside...), street(2, 5, east...), street(3, 5, north...)), "", 2},
		{"nearly on the edge", tile(street(2, 5, nearly...)), nil, "1 only of Arpent (as 2)", 0},
		{"on the edge of both", tile(street(2, 5, north...)), tile(street(2, 6, north...)), "1 with other attributes (as 2)", 0},
	} {
		got, err := compare(c.ours, c.theirs)
		if err != nil || got != (comparison{c.difference, c.edge}) {
			t.Errorf("%s: %+v, %v; wanted %q, %d", c.name, got, err, c.difference, c.edge)
		}
	}
	for name, tile := range map[string][]byte{
		"not a tile":      []byte("tile"),
		"another extent":  tileOf(t, 512, street(1, 5, inside...)),
		"an id twice":     tileOf(t, tileExtent, street(1, 5, inside...), street(1, 5, inside...)),
		"no id":           tileOf(t, tileExtent, geojson.NewFeature(orb.LineString(inside))),
		"a tile cut off":  tileOf(t, tileExtent, street(1, 5, inside...))[:20],
		"one byte before": append([]byte{0}, tileOf(t, tileExtent, street(1, 5, inside...))...),
	} {
		if got, err := compare(tile, nil); err == nil {
			t.Errorf("%s was compared: %+v", name, got)
		}
	}
}

func TestATileThatDiffersVoidsItsZoom(t *testing.T) {
	inside := []orb.Point{{10, 10}, {40, 50}}
	one, two := tileOf(t, tileExtent, street(1, 5, inside...)), tileOf(t, tileExtent, street(2, 5, inside...))
	set := &tileSet{zoom: 12}
	for i, theirs := range [][]byte{one, two, nil, one} {
		if err := set.add(geo.Tile{Z: 12, X: uint32(i), Y: 3}, one, theirs, 1); err != nil {
			t.Fatal(err)
		}
	}
	if want := "tile 12/1/3: 1 only of Arpent (as 1), 1 only of the peer (as 2)"; set.differs != want {
		t.Errorf("%q, not %q", set.differs, want)
	}
	if len(set.tiles) != 4 || set.features != 4 {
		t.Errorf("%d tiles with %d features", len(set.tiles), set.features)
	}
	table := newTable("zoom", "times")
	table.row("12", times(series{10}, series{1}, set.differs))
	table.voids([]*tileSet{{zoom: 11}, set})
	want := "| zoom | times |\n|---|---|\n| 12 | void |\n\n- Zoom 12 is void, the features are not the same: tile 12/1/3: 1 only of Arpent (as 1), 1 only of the peer (as 2)\n"
	if got := table.out.String(); got != want {
		t.Errorf("the table is\n%s\nnot\n%s", got, want)
	}
}

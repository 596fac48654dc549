package live

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"pgregory.net/rapid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// drawnStreets is a city of one contest whose streets are lines, all of them published.
func drawnStreets(lines ...orb.LineString) *City {
	l := newLayer("segments", &level{unit: engine.UnitSegment})
	for u, line := range lines {
		l.level.add(int64(u+1)<<40, fmt.Sprint("Rue ", u/7), 20)
		l.draft.addLine(u, line)
	}
	l.level.names.complete()
	l.index()
	return cityOf(l)
}

// cityOf has one layer, whose units are published.
func cityOf(l *layer) *City {
	c := &City{contests: []Contest{{ID: "t1", Choices: []Choice{{ID: "moulins"}, {ID: "jardins"}}}}, layers: map[string]*layer{"segments": l}, drawings: newDrawings()}
	c.makeNumbers(l.level, len(l.level.ids))
	n := &l.level.numbers[0]
	for u := range l.level.ids {
		l.level.standing[u] = isPublished
		n.registered[u] = int64(20 + u%97)
		for k := range n.choices {
			n.votes[u*n.choices+k] = int64(u % 20)
			share := math.Mod(float64(u*n.choices+k+1)*math.Phi, 1)
			n.shares[u*n.choices+k] = Estimate{share, 0.8 * share, 0.9 * share, 1.1 * share, 1.2 * share}
		}
	}
	l.say()
	return c
}

// drawLines draws lines around the middle of a tile, which may leave it on all sides.
func drawLines(t *rapid.T, tile geo.Tile) (lines []orb.LineString) {
	b := tile.Bound()
	reach := rapid.SampledFrom([]float64{0.002, 0.05, 0.6, 3}).Draw(t, "reach")
	position := func(label string) orb.Point {
		return orb.Point{
			b.Center()[0] + rapid.Float64Range(-reach, reach).Draw(t, label+" east")*(b.Max[0]-b.Min[0]),
			b.Center()[1] + rapid.Float64Range(-reach, reach).Draw(t, label+" north")*(b.Max[1]-b.Min[1]),
		}
	}
	for range rapid.IntRange(1, 20).Draw(t, "streets") {
		line := orb.LineString{position("from")}
		for range rapid.IntRange(1, 8).Draw(t, "bends") {
			line = append(line, position("to"))
		}
		lines = append(lines, line)
	}
	return lines
}

// readLines gives the lines of a tile by their ids, in tile coordinates.
func readLines(t *rapid.T, tile Tile) map[int64][]orb.LineString {
	read := map[int64][]orb.LineString{}
	if tile.Data == nil {
		return read
	}
	layers, err := mvt.Unmarshal(tile.Data)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range layers[0].Features {
		id := int64(f.Properties["id"].(float64))
		switch g := f.Geometry.(type) {
		case orb.LineString:
			read[id] = []orb.LineString{g}
		case orb.MultiLineString:
			read[id] = g
		}
	}
	return read
}

// TestTilesHaveWhatClippingGives draws streets, and cuts them vertex by vertex as they came: from geo.WholeZoom on the tile has the same, vertex
// by vertex; farther out what it has is within a coordinate and a half, half of it for vertices left out and the rest for rounding.
func TestTilesHaveWhatClippingGives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zoom := uint8(rapid.IntRange(12, 18).Draw(t, "zoom"))
		tile := geo.TileAt(rapid.Float64Range(-179, 179).Draw(t, "lon"), rapid.Float64Range(-80, 80).Draw(t, "lat"), zoom)
		lines := drawLines(t, tile)
		c := drawnStreets(lines...)
		got, err := c.Tile("segments", tile, Query{})
		if err != nil {
			t.Fatal(err)
		}
		read := readLines(t, got)
		if len(read) != got.Features {
			t.Fatalf("%d features are %d", got.Features, len(read))
		}
		grid := tile.Grid(geo.TileExtent)
		for u, line := range lines {
			var projected []int64
			for _, p := range line {
				x, y := grid.At(geo.ToWorld(p[0], p[1]))
				projected = append(projected, x, y)
			}
			cut := func(buffer int32) []orb.LineString { return clipped(projected, geo.TileClip(geo.TileExtent, buffer)) }
			parts, there := read[int64(u+1)<<40]
			if zoom >= geo.WholeZoom {
				if want := cut(tileBuffer); fmt.Sprint(parts) != fmt.Sprint(want) {
					t.Fatalf("street %d is %v, want %v", u, parts, want)
				}
				continue
			}
			if !there && len(cut(tileBuffer-2)) > 0 || there && len(cut(tileBuffer+2)) == 0 {
				t.Fatalf("street %d is in the tile: %v; what is well inside: %v", u, there, cut(tileBuffer-2))
			}
			for _, inner := range cut(tileBuffer - 2) {
				for _, p := range inner {
					if off := distanceTo(p, parts); off > 1.5 {
						t.Fatalf("street %d: %v is %v from what is drawn, %v", u, p, off, parts)
					}
				}
			}
			for _, part := range parts {
				for _, p := range part {
					if off := distanceTo(p, cut(tileBuffer+2)); off > 1.5 {
						t.Fatalf("street %d: %v is %v from where it is", u, p, off)
					}
				}
			}
		}
	})
}

// clipped cuts a line and leaves out repeated points, as tiles do.
func clipped(line []int64, box geo.TileBox) (parts []orb.LineString) {
	var distinct []int64
	for i := 0; i < len(line); i += 2 {
		if n := len(distinct); n == 0 || distinct[n-2] != line[i] || distinct[n-1] != line[i+1] {
			distinct = append(distinct, line[i], line[i+1])
		}
	}
	coords, ends := geo.ClipLine(nil, nil, distinct, box)
	start := 0
	for _, end := range ends {
		var part orb.LineString
		for i := start; i < end; i += 2 {
			part = append(part, orb.Point{float64(coords[i]), float64(coords[i+1])})
		}
		if part = slices.Compact(part); len(part) > 1 {
			parts = append(parts, part)
		}
		start = end
	}
	if parts == nil && len(coords) > 0 {
		x, y := float64(coords[0]), float64(coords[1])
		parts = []orb.LineString{{{x, y}, {x + 1, y}}} // the smallest line
	}
	return parts
}

func distanceTo(p orb.Point, lines []orb.LineString) float64 {
	nearest := math.Inf(1)
	for _, line := range lines {
		for i := 1; i < len(line); i++ {
			ax, ay, dx, dy := line[i-1][0], line[i-1][1], line[i][0]-line[i-1][0], line[i][1]-line[i-1][1]
			along := 0.0
			if length := dx*dx + dy*dy; length > 0 {
				along = min(max(((p[0]-ax)*dx+(p[1]-ay)*dy)/length, 0), 1)
			}
			nearest = min(nearest, math.Hypot(p[0]-ax-along*dx, p[1]-ay-along*dy))
		}
	}
	return nearest
}

// TestStreetsGoOnInTheNextTile cuts streets for two neighbours: what both have, in the buffer of each, they have at the same place.
func TestStreetsGoOnInTheNextTile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		west := geo.TileAt(rapid.Float64Range(-170, 170).Draw(t, "lon"), rapid.Float64Range(-80, 80).Draw(t, "lat"), uint8(rapid.IntRange(10, 17).Draw(t, "zoom")))
		east := geo.Tile{Z: west.Z, X: west.X + 1, Y: west.Y}
		c := drawnStreets(drawLines(t, west)...)
		vertices := func(tile geo.Tile, shift float64) map[string]bool {
			found := map[string]bool{}
			encoded, err := c.Tile("segments", tile, Query{})
			if err != nil {
				t.Fatal(err)
			}
			for id, parts := range readLines(t, encoded) {
				for _, part := range parts {
					for _, p := range part {
						x := p[0] + shift
						if x > geo.TileExtent-tileBuffer && x < geo.TileExtent+tileBuffer && p[1] > -tileBuffer && p[1] < geo.TileExtent+tileBuffer {
							found[fmt.Sprint(id, x, p[1])] = true
						}
					}
				}
			}
			return found
		}
		inWest, inEast := vertices(west, 0), vertices(east, geo.TileExtent)
		for v := range inWest {
			if !inEast[v] {
				t.Fatalf("%s is in %v and not in %v", v, west, east)
			}
		}
		for v := range inEast {
			if !inWest[v] {
				t.Fatalf("%s is in %v and not in %v", v, east, west)
			}
		}
	})
}

// crowdedTile is a tile of so many streets, and the city that has them.
func crowdedTile(streets int) (*City, geo.Tile) {
	tile := geo.TileAt(2, 48, 14)
	b := tile.Bound()
	var lines []orb.LineString
	for i := range streets {
		x, y := b.Min[0]+math.Mod(float64(i)*math.Phi, 1)*(b.Max[0]-b.Min[0]), b.Min[1]+math.Mod(float64(i)*math.Sqrt2, 1)*(b.Max[1]-b.Min[1])
		lines = append(lines, orb.LineString{{x, y}, {x + 1e-4, y + 1e-4}, {x + 3e-4, y}, {x + 3e-4, y - 1e-4}})
	}
	return drawnStreets(lines...), tile
}

// A tile takes the memory that it is returned in, and none for each of its features: neither where it is drawn nor where its values are written.
func TestNoMemoryIsTakenForAFeature(t *testing.T) {
	var few, many [2]float64
	for _, of := range []struct {
		streets int
		allocs  *[2]float64
	}{{100, &few}, {5000, &many}} {
		c, tile := crowdedTile(of.streets)
		m, asked, err := settle(c.contests, Query{})
		if err != nil {
			t.Fatal(err)
		}
		e, l := new(tileEncoder), c.layers["segments"]
		write := func() {
			encoded, err := e.encode(l, "segments", c.drawn(l, "", tile, e), false, func(places []int32, features []feature) error {
				l.tell(places, features, m, asked)
				return nil
			})
			if err != nil || encoded.Features != of.streets {
				t.Fatalf("%d features, %v", encoded.Features, err)
			}
		}
		write()
		of.allocs[0] = testing.AllocsPerRun(5, write)
		of.allocs[1] = testing.AllocsPerRun(5, func() { e.draw(l, "", tile) })
	}
	if many != few || many[0] > 3 || many[1] > 0 {
		t.Errorf("to write and to draw a tile of 100 streets took %v allocations, of 5,000 %v", few, many)
	}
}

// What is kept is drawn once, whatever is asked of it, and never takes more than it may.
func TestDrawingsAreKept(t *testing.T) {
	c, tile := crowdedTile(300)
	ask := func(q Query) Tile {
		encoded, err := c.Tile("segments", tile, q)
		if err != nil {
			t.Fatal(err)
		}
		return encoded
	}
	first := ask(Query{})
	if got := c.Drawings(); got.Hits != 0 || got.Misses != 1 || got.Kept != 1 || got.Bytes < 300*8 || got.Budget != drawingBudget {
		t.Errorf("after the first tile: %+v", got)
	}
	other := ask(Query{Choice: "jardins", Measure: "votes"})
	if again := ask(Query{}); !slices.Equal(again.Data, first.Data) || slices.Equal(other.Data, first.Data) {
		t.Error("a tile of kept geometry is another than one that is drawn")
	}
	if got := c.Drawings(); got.Hits != 2 || got.Misses != 1 || got.Kept != 1 {
		t.Errorf("after two others: %+v", got)
	}
	c.KeepDrawings(0)
	if got := c.Drawings(); got.Kept != 0 || got.Bytes != 0 || got.Dropped != 1 {
		t.Errorf("where nothing is kept: %+v", got)
	}
	if again := ask(Query{}); !slices.Equal(again.Data, first.Data) || c.Drawings().Kept != 0 {
		t.Errorf("where nothing is kept: %+v", c.Drawings())
	}

	// Zoom by zoom, in a budget of two tiles.
	budget := int64(2 * (300*30 + drawingOverhead))
	c.KeepDrawings(budget)
	for range 2 {
		for zoom := uint8(12); zoom <= 18; zoom++ {
			tile = geo.TileAt(2.005, 48.005, zoom)
			ask(Query{})
			if got := c.Drawings(); got.Bytes > budget || got.Kept == 0 {
				t.Fatalf("zoom %d: %+v", zoom, got)
			}
		}
	}
	if got := c.Drawings(); got.Dropped < 1 {
		t.Errorf("%+v", got)
	}
	empty := c.Drawings()
	tile = geo.TileAt(-40, 10, 12)
	if ask(Query{}); c.Drawings().Kept != empty.Kept {
		t.Error("a tile of the sea is kept")
	}
}

// What the features of a tile say is together, as they are: numbers of what is drawn stand in the order of the layer, and none is lost.
func TestNumbersStandInTheOrderOfTheLayer(t *testing.T) {
	c, err := Open(t.Context(), writeHamlet(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	drawn := 0
	for name, l := range c.layers {
		next := 0
		for place, u := range l.units {
			row := l.level.toldAt(int(u))
			if said := l.said[place]; said.id != l.level.ids[u] || int(said.row) != row || said.standing != l.level.standing[u] {
				t.Errorf("%s: the feature at place %d says %+v of unit %d", name, place, said, u)
			}
			if row == untold {
				continue
			}
			if row != next {
				t.Errorf("%s: the numbers of place %d are in row %d, want %d", name, place, row, next)
			}
			next++
			drawn++
		}
		for u := range l.level.ids {
			if l.place[u] == undrawn && l.level.toldAt(u) != untold {
				next++
			}
		}
		for at, n := range l.level.numbers {
			if len(n.registered) != next || len(n.voters) != next || len(n.modelled) != next || len(n.votes) != next*n.choices || len(n.shares) != next*n.choices {
				t.Errorf("%s, contest %d: columns of %d rows, want %d", name, at, len(n.registered), next)
			}
		}
	}
	if drawn == 0 {
		t.Error("nothing is published: the test shows nothing")
	}
}

// Rows are moved where they are, to what copying them anew gives.
func TestReorder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, width := rapid.IntRange(0, 40).Draw(t, "rows"), rapid.IntRange(1, 3).Draw(t, "width")
		before := make([]int32, rows)
		for i := range before {
			before[i] = int32(i)
		}
		if rows > 0 {
			before = rapid.Permutation(before).Draw(t, "before")
		}
		column := make([]int, rows*width)
		for i := range column {
			column[i] = i
		}
		var want []int
		for _, row := range before {
			want = append(want, column[int(row)*width:][:width]...)
		}
		reorder(column, before, width, make([]bool, rows))
		if !slices.Equal(column, want) {
			t.Errorf("in the order of %v, %d wide: %v, want %v", before, width, column, want)
		}
	})
}

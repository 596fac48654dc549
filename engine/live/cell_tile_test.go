package live

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// largestTile is what a tile may have as it is sent.
const largestTile = 300_000

// TestATileFullOfCellsIsSmall fills tiles of each zoom with cells, each with all attributes and numbers that no other has: at the equator, where
// a tile is largest, also near two of the pentagons, where cells are smallest, and in Paris.
func TestATileFullOfCellsIsSmall(t *testing.T) {
	for zoom := uint8(4); zoom <= 16; zoom++ {
		for _, at := range []orb.Point{{2.35, 48.86}, {20.5, 0.2}, {-5.3, 2.2}, {58.2, 10.3}} {
			tile := geo.TileAt(at[0], at[1], zoom)
			size, cells := packedSize(t, cellsOver(t, tile), tile)
			if size > largestTile {
				t.Errorf("zoom %d at %v: %d bytes, %d cells", zoom, at, size, cells)
			}
			if cells < 40 || cells > 2500 {
				t.Errorf("zoom %d at %v: %d cells, which are too large or too small to look at", zoom, at, cells)
			}
			if testing.Verbose() {
				t.Logf("zoom %d at %v: %d cells, %d bytes", zoom, at, cells, size)
			}
		}
	}
}

// cellsOver is a city whose cells cover a tile.
func cellsOver(t *testing.T, tile geo.Tile) *City {
	dice := rand.New(rand.NewPCG(uint64(tile.X), uint64(tile.Y)))
	resolution := CellResolution(int(tile.Z))
	ranges, err := geo.CoverBound(tile.Bound(), resolution, 20_000)
	if err != nil {
		t.Fatal(err)
	}
	l := newLayer("cells", &level{unit: engine.UnitCell, resolution: resolution})
	step := geo.Cell(1) << (3 * (geo.MaxCellResolution - resolution))
	for _, r := range ranges {
		for c := r.Lo; c <= r.Hi; c += step {
			if c.Valid() { // a digit of 7 is none
				l.draft.addArea(len(l.level.ids), orb.MultiPolygon{{c.Boundary()}})
				l.level.add(int64(c), "", 0)
			}
		}
	}
	l.index()
	c := cityOf(l)
	c.layers = map[string]*layer{cellLayer(resolution): l}
	n := &l.level.numbers[0]
	l.level.merged = make([]int32, len(l.level.ids))
	for u := range l.level.ids {
		n.registered[u], n.modelled[u], l.level.merged[u] = dice.Int64N(1e6), true, dice.Int32N(1e5)
		for k := range n.choices {
			n.shares[u*n.choices+k] = Estimate{dice.Float64(), dice.Float64(), 0, 0, dice.Float64()}
		}
	}
	l.say()
	return c
}

// packedSize is how large a tile of cells is as it is sent, and how many it has.
func packedSize(t *testing.T, c *City, tile geo.Tile) (size, cells int) {
	encoded, err := c.Tile("cells", tile, Query{})
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(encoded.Data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Len(), encoded.Features
}

// Zoomed in, cells become smaller, and never by more than one resolution at a time.
func TestCellsShrinkWithTheZoom(t *testing.T) {
	for zoom := 0; zoom <= geo.MaxTileZoom; zoom++ {
		now, before := CellResolution(zoom), CellResolution(zoom-1)
		if now < before || now > before+1 || now < engine.CoarsestResolution || now > engine.FinestResolution {
			t.Errorf("zoom %d has cells of resolution %d, the one before of %d", zoom, now, before)
		}
	}
}

// What is merged is said with it: of a cell how many street segments have an address there, of a stretch how many it has. Of a suppressed unit
// nothing is said.
func TestFeaturesSayWhatIsMerged(t *testing.T) {
	c := stretchedHamlet(t)
	segments := func(layer string, tile geo.Tile) map[any]any {
		encoded, err := c.Tile(layer, tile, Query{})
		if err != nil {
			t.Fatal(err)
		}
		layers, err := mvt.Unmarshal(encoded.Data)
		if err != nil {
			t.Fatal(err)
		}
		told := map[any]any{}
		for _, f := range layers[0].Features {
			told[f.Properties["id"]] = f.Properties["segments"]
		}
		return told
	}
	streets := features(t, c, "segments", Query{})
	for id, want := range map[int]any{haute: nil, basse: 2.0, ferme: 2.0} {
		if got, there := streets[fmt.Sprint(id)]; !there || got["segments"] != want {
			t.Errorf("%v says %v segments, want %v", id, got["segments"], want)
		}
	}
	coarse := geo.Cell(cellOf(t, basse, CellResolution(4))).String()
	all := 0.0
	for id, n := range segments("cells", geo.TileAt(2.02, 48.001, 4)) {
		all += n.(float64)
		if id == coarse && n.(float64) < 2 {
			t.Errorf("the cell of Rue Basse says %v segments", n)
		}
	}
	if all != 4 { // Haute, Basse, Impasse and Ferme: nobody has an address on Chemin
		t.Errorf("cells say %v segments in all", all)
	}
	alone := segments("cells", geo.TileAt(2.021, 48.001, 16))
	if got, there := alone[geo.Cell(cellOf(t, impasse, CellResolution(16))).String()]; !there || got != nil {
		t.Errorf("a suppressed cell says %v segments", got)
	}
	if got := alone[geo.Cell(cellOf(t, basse, CellResolution(16))).String()]; got != nil && got != 1.0 {
		t.Errorf("the cell of Rue Basse says %v segments", got)
	}
}

// A cell over the antimeridian is drawn in one piece, and its outline in tables goes past 180 degrees as before.
func TestACellOverTheAntimeridian(t *testing.T) {
	at, err := geo.CellAt(179.999, -16.8, 5)
	if err != nil {
		t.Fatal(err)
	}
	l := newLayer("cells", &level{unit: engine.UnitCell, resolution: 5})
	l.draft.addArea(0, orb.MultiPolygon{{at.Boundary()}})
	l.level.add(int64(at), "", 0)
	l.index()
	ring := at.Boundary()
	box := worldBox(ring.Bound())
	if got := l.box(0); got.MinX <= box.MinX || got.MaxX >= box.MaxX || got.MinY <= box.MinY || got.MaxY >= box.MaxY || ring.Bound().Max[0] <= 180 {
		t.Errorf("%v is not in %v", got, box)
	}
	points := l.part(0)
	for i := range points.len() {
		lon, lat := geo.FromWorld(points.at(i))
		if math.Abs(lon-ring[i][0]) > 1e-7 || math.Abs(lat-ring[i][1]) > 1e-7 {
			t.Errorf("corner %d is %v, %v, want %v", i, lon, lat, ring[i])
		}
	}
	c := cityOf(l)
	c.layers = map[string]*layer{cellLayer(5): l}
	for _, x := range []uint32{127, 0} { // its part past 180 degrees is not drawn again from the west
		encoded, err := c.Tile("cells", geo.Tile{Z: 7, X: x, Y: geo.TileAt(179.99, -16.8, 7).Y}, Query{})
		if err != nil || encoded.Features != int(x/127) {
			t.Errorf("column %d: %d features, %v", x, encoded.Features, err)
		}
	}
}

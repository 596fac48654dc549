package geo

import (
	"errors"
	"math"
	"strconv"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
	"pgregory.net/rapid"
)

func TestParseTile(t *testing.T) {
	for _, test := range []struct {
		z, x, y string
		want    Tile
		ok      bool
	}{
		{"0", "0", "0", Tile{}, true},
		{"18", "232798", "103246", Tile{18, 232798, 103246}, true},
		{"24", "16777215", "16777215", Tile{24, 1<<24 - 1, 1<<24 - 1}, true},
		{"0", "1", "0", Tile{}, false},
		{"1", "0", "2", Tile{}, false},
		{"25", "0", "0", Tile{}, false},
		{"257", "0", "0", Tile{}, false}, // not zoom 1
		{"-1", "0", "0", Tile{}, false},
		{"14", "+1", "0", Tile{}, false},
		{"14", "1.0", "0", Tile{}, false},
		{"14", "4294967297", "0", Tile{}, false}, // not column 1
		{"", "", "", Tile{}, false},
	} {
		got, err := ParseTile(test.z, test.x, test.y)
		if got != test.want || (err == nil) != test.ok || err != nil && !errors.Is(err, ErrTile) {
			t.Errorf("ParseTile(%q, %q, %q) = %v, %v", test.z, test.x, test.y, got, err)
		}
	}
}

func FuzzParseTile(f *testing.F) {
	f.Add("14", "8299", "5636")
	f.Add("255", "4294967295", "0")
	f.Fuzz(func(t *testing.T, z, x, y string) {
		tile, err := ParseTile(z, x, y)
		if err != nil {
			if tile != (Tile{}) || !errors.Is(err, ErrTile) {
				t.Fatalf("%v, %v", tile, err)
			}
			return
		}
		b := tile.Bound()
		if middle := b.Center(); TileAt(middle.Lon(), middle.Lat(), tile.Z) != tile {
			t.Fatalf("the middle of %v is in %v", tile, TileAt(middle.Lon(), middle.Lat(), tile.Z))
		}
		again, err := ParseTile(strconv.Itoa(int(tile.Z)), strconv.Itoa(int(tile.X)), strconv.Itoa(int(tile.Y)))
		if again != tile || err != nil {
			t.Fatalf("%v reads back as %v, %v", tile, again, err)
		}
	})
}

func TestTileAt(t *testing.T) {
	for _, test := range []struct {
		place    string
		lon, lat float64
		zoom     uint8
		want     string
	}{
		{"the example of the OpenStreetMap wiki, Slippy map tilenames", 139.7006793, 35.6590699, 18, "18/232798/103246"},
		{"the whole world", 139.7, 35.7, 0, "0/0/0"},
		{"the middle belongs to the south-east", 0, 0, 1, "1/1/1"},
		{"the antimeridian from the west", -180, 0.1, 3, "3/0/3"},
		{"the antimeridian from the east", 180, 0.1, 3, "3/7/3"},
		{"the north pole", 0, 90, 3, "3/4/0"},
		{"the south pole", 0, -90, 3, "3/4/7"},
		{"past the antimeridian", 181, 0.1, 3, "3/7/3"},
		{"nowhere", math.NaN(), math.NaN(), 3, "3/0/7"},
	} {
		if got := TileAt(test.lon, test.lat, test.zoom); got.String() != test.want || !got.Valid() {
			t.Errorf("%s: %v, want %s", test.place, got, test.want)
		}
	}
}

func TestTileAgreesWithOrb(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zoom := uint8(rapid.IntRange(0, 22).Draw(t, "zoom"))
		lon := rapid.Float64Range(-179.9, 179.9).Draw(t, "lon")
		lat := rapid.Float64Range(-85, 85).Draw(t, "lat")
		tile := TileAt(lon, lat, zoom)
		b := tile.Bound()
		orbTile := maptile.New(tile.X, tile.Y, maptile.Zoom(zoom))
		want := orbTile.Bound()
		for i, d := range []float64{b.Left() - want.Left(), b.Right() - want.Right(), b.Top() - want.Top(), b.Bottom() - want.Bottom()} {
			if math.Abs(d) > 1e-9 {
				t.Fatalf("side %d of %v: %v, orb says %v", i, tile, b, want)
			}
		}
		if slack := b.Pad(1e-7); !slack.Contains(orb.Point{lon, lat}) { // a world unit is 0.84e-7 degrees
			t.Fatalf("%v, %v is not in its tile %v, %v", lon, lat, tile, b)
		}
	})
}

func TestToWorld(t *testing.T) {
	const metres = 2 * math.Pi * 6378137 / (1 << 32)
	for _, test := range []struct {
		place    string
		lon, lat float64
		x, y     float64 // EPSG:3857, metres, by gdaltransform of GDAL 3.6.2
	}{
		{"Paris", 2.3522, 48.8566, 261845.706243938, 6250564.34954313},
		{"Cambridge, Massachusetts", -71.0942, 42.3601, -7914170.14235515, 5215074.23966349},
		{"Sydney", 151.2093, -33.8688, 16832542.2792073, -4011198.64730757},
	} {
		x, y := ToWorld(test.lon, test.lat)
		east, north := float64(x-1<<31)*metres, float64(1<<31-y)*metres
		if math.Abs(east-test.x) > metres || math.Abs(north-test.y) > metres {
			t.Errorf("%s: %v, %v; want %v, %v", test.place, east, north, test.x, test.y)
		}
	}
	for _, test := range []struct {
		lon, lat float64
		x, y     int64
	}{
		{0, 0, 1 << 31, 1 << 31},
		{-180, MercatorLatitude, 0, 0},
		{180, -MercatorLatitude, 1 << 32, 1 << 32},
		{-180, 90, 0, 0},
		{180, -90, 1 << 32, 1 << 32},
		{270, 0, 1<<32 + 1<<30, 1 << 31}, // longitudes go on
		{1e300, math.Inf(1), 1<<32 + 1<<31, 0},
		{math.NaN(), math.NaN(), -1 << 31, 1 << 32},
	} {
		if x, y := ToWorld(test.lon, test.lat); x != test.x || y != test.y {
			t.Errorf("ToWorld(%v, %v) = %d, %d; want %d, %d", test.lon, test.lat, x, y, test.x, test.y)
		}
	}
}

func TestToWorldUndoesFromWorld(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Int64Range(0, 1<<32).Draw(t, "x")
		y := rapid.Int64Range(0, 1<<32).Draw(t, "y")
		lon, lat := FromWorld(x, y)
		if x2, y2 := ToWorld(lon, lat); x2 != x || y2 != y {
			t.Fatalf("%d, %d is at %v, %v, which is %d, %d", x, y, lon, lat, x2, y2)
		}
	})
}

func TestWorldBox(t *testing.T) {
	for _, test := range []struct {
		tile           Tile
		buffer, extent uint32
		want           WorldBox
	}{
		{Tile{0, 0, 0}, 0, 4096, WorldBox{0, 0, 1 << 32, 1 << 32}},
		{Tile{1, 1, 0}, 64, 4096, WorldBox{1<<31 - 1<<25, -1 << 25, 1<<32 + 1<<25, 1<<31 + 1<<25}},
		{Tile{20, 1, 2}, 64, 4096, WorldBox{4096 - 64, 8192 - 64, 8192 + 64, 12288 + 64}},
		{Tile{24, 1, 2}, 1, 4096, WorldBox{256 - 1, 512 - 1, 512 + 1, 768 + 1}}, // a part of a unit counts as one
	} {
		if got := test.tile.WorldBox(test.buffer, test.extent); got != test.want {
			t.Errorf("%v: %v, want %v", test.tile, got, test.want)
		}
	}
}

func TestTileGrid(t *testing.T) {
	for _, test := range []struct {
		tile         Tile
		extent       uint32
		x, y         int64
		wantX, wantY int64
	}{
		{Tile{0, 0, 0}, 4096, 1 << 31, 1 << 32, 2048, 4096},
		{Tile{0, 0, 0}, 4096, 1<<19 - 1, 1 << 19, 0, 1}, // a unit is 2^20: just under a half, a half
		{Tile{1, 1, 0}, 4096, 1 << 31, 0, 0, 0},
		{Tile{1, 1, 0}, 4096, 1<<31 - 1<<18, 0, 0, 0},
		{Tile{1, 1, 0}, 4096, 1<<31 - 1<<20, -1 << 20, -2, -2},
		{Tile{20, 1, 2}, 4096, 4096 + 5, 8192 + 7, 5, 7}, // a unit of the world
		{Tile{22, 1, 2}, 4096, 1024 + 5, 2048 + 7, 20, 28},
		{Tile{14, 0, 0}, 512, 1 << 18, 1 << 17, 512, 256},
	} {
		if x, y := test.tile.Grid(test.extent).At(test.x, test.y); x != test.wantX || y != test.wantY {
			t.Errorf("%d, %d in %v by %d: %d, %d; want %d, %d", test.x, test.y, test.tile, test.extent, x, y, test.wantX, test.wantY)
		}
	}
}

func TestNeighbouringTilesAgreeOnEveryPoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zoom := uint8(rapid.IntRange(1, MaxTileZoom).Draw(t, "zoom"))
		extent := uint32(1) << rapid.IntRange(0, 14).Draw(t, "extent")
		last := uint32(1)<<zoom - 1
		tile := Tile{zoom, rapid.Uint32Range(0, last-1).Draw(t, "column"), rapid.Uint32Range(0, last-1).Draw(t, "row")}
		x := rapid.Int64Range(-1<<30, 1<<33).Draw(t, "x")
		y := rapid.Int64Range(-1<<30, 1<<33).Draw(t, "y")
		x1, y1 := tile.Grid(extent).At(x, y)
		x2, y2 := Tile{zoom, tile.X + 1, tile.Y + 1}.Grid(extent).At(x, y)
		if x1-x2 != int64(extent) || y1-y2 != int64(extent) {
			t.Fatalf("%d, %d is at %d, %d and %d, %d", x, y, x1, y1, x2, y2)
		}
		// What is on the ground of the tile has coordinates in it.
		b := tile.WorldBox(0, extent)
		if x >= b.MinX && x <= b.MaxX && (x1 < 0 || x1 > int64(extent)) {
			t.Fatalf("%d is in %v but at %d", x, b, x1)
		}
	})
}

func BenchmarkToWorld(b *testing.B) {
	var sum int64
	for i := range b.N {
		x, y := ToWorld(2.25+float64(i%1000)*1e-4, 48.85)
		sum += x + y
	}
	if sum == 0 {
		b.Fatal("nothing projected")
	}
}

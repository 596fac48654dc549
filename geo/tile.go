package geo

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strconv"

	"github.com/paulmach/orb"
)

const (
	// MaxTileZoom is the deepest zoom of a [Tile]: 2.4 m a side at the equator.
	MaxTileZoom = 24
	// TileExtent is the usual number of tile coordinates along a side of a tile.
	TileExtent = 4096
	// MercatorLatitude is where the square of Web Mercator ends, north and south, in degrees.
	MercatorLatitude = 85.05112877980659

	worldBits = 32
	worldSize = 1 << worldBits
)

// ErrTile is wrapped by errors about a zoom, column and row that name no tile.
var ErrTile = errors.New("geo: no such tile")

// Tile is a square of the Web Mercator map, numbered as in slippy maps and TileJSON's xyz scheme: at zoom z there are
// 2^z columns X from west to east and 2^z rows Y from north to south.
type Tile struct {
	Z    uint8
	X, Y uint32
}

// ParseTile reads zoom, column and row as they stand in the path of a tile. The error wraps [ErrTile].
func ParseTile(z, x, y string) (Tile, error) {
	zoom, errZ := strconv.ParseUint(z, 10, 8)
	column, errX := strconv.ParseUint(x, 10, 32)
	row, errY := strconv.ParseUint(y, 10, 32)
	t := Tile{Z: uint8(zoom), X: uint32(column), Y: uint32(row)}
	if errZ != nil || errX != nil || errY != nil || !t.Valid() {
		return Tile{}, fmt.Errorf("%w: %q/%q/%q; zoom is 0 to %d, column and row are 0 to 2^zoom - 1", ErrTile, z, x, y, MaxTileZoom)
	}
	return t, nil
}

// TileAt returns the tile of a zoom, 0 to 24, that holds a position. Beyond the latitudes of Web Mercator it is the
// first or last row, beyond 180 degrees the first or last column.
func TileAt(lon, lat float64, zoom uint8) Tile {
	x, y := ToWorld(lon, lat)
	shift := worldBits - zoom
	last := int64(1)<<zoom - 1
	return Tile{Z: zoom, X: uint32(min(max(x>>shift, 0), last)), Y: uint32(min(max(y>>shift, 0), last))}
}

// Valid reports whether there is such a tile.
func (t Tile) Valid() bool {
	return t.Z <= MaxTileZoom && t.X < 1<<t.Z && t.Y < 1<<t.Z
}

// String writes the tile as zoom/column/row.
func (t Tile) String() string { return fmt.Sprintf("%d/%d/%d", t.Z, t.X, t.Y) }

// Bound returns the ground of a valid tile in longitude, latitude.
func (t Tile) Bound() orb.Bound {
	b := t.WorldBox(0, 1)
	west, north := FromWorld(b.MinX, b.MinY)
	east, south := FromWorld(b.MaxX, b.MaxY)
	return orb.Bound{Min: orb.Point{west, south}, Max: orb.Point{east, north}}
}

// WorldBox is a rectangle of world coordinates, its edges included.
type WorldBox struct{ MinX, MinY, MaxX, MaxY int64 }

// WorldBox returns the ground of a valid tile and of a buffer around it, in world coordinates. The buffer is given in
// tile coordinates of the extent, a power of two: (64, 4096) adds 1/64 of the tile on every side.
func (t Tile) WorldBox(buffer, extent uint32) WorldBox {
	side := int64(worldSize) >> t.Z
	around := (side*int64(buffer) + int64(extent) - 1) / int64(extent)
	x, y := int64(t.X)*side, int64(t.Y)*side
	return WorldBox{MinX: x - around, MinY: y - around, MaxX: x + side + around, MaxY: y + side + around}
}

// ToWorld projects degrees to world coordinates: Web Mercator (EPSG:3857) as a square of 2^32 by 2^32 units, x to the
// east from the antimeridian and y to the south from latitude 85.05. A unit is 9.3 mm at the equator, less elsewhere.
//
// Latitudes beyond Web Mercator's are taken as its edge, so that y is 0..2^32. Longitudes past 180 degrees go on to the
// east or west, up to 360, so that the outline of a [Cell] stays in one piece: x is 0..2^32 between -180 and 180.
func ToWorld(lon, lat float64) (x, y int64) {
	// The order of the arguments makes NaN an edge too: the conversion to int64 is never undefined.
	if !(lon >= -360) {
		lon = -360
	} else if lon > 360 {
		lon = 360
	}
	if !(lat >= -MercatorLatitude) {
		lat = -MercatorLatitude
	} else if lat > MercatorLatitude {
		lat = MercatorLatitude
	}
	south := 0.5 - math.Atanh(math.Sin(lat*radiansPerDegree))/(2*math.Pi)
	x = int64(math.Round((lon + 180) / 360 * worldSize))
	y = int64(math.Round(south * worldSize))
	return x, min(max(y, 0), worldSize)
}

// FromWorld turns world coordinates back into degrees; ToWorld of these is the same world coordinate again.
func FromWorld(x, y int64) (lon, lat float64) {
	lon = float64(x)/worldSize*360 - 180
	lat = math.Atan(math.Sinh(math.Pi*(1-2*float64(y)/worldSize))) / radiansPerDegree
	return lon, lat
}

// TileGrid turns world coordinates into the integer coordinates of one tile: 0..extent inside it, x to the east and y to
// the south, negative or past the extent outside. A point of the world has the same coordinates in two neighbouring
// tiles but for one extent, so that what is cut at the edge of a tile goes on in the next without a gap.
type TileGrid struct {
	shift            int // world coordinates to those of all tiles of the zoom side by side; negative: the other way
	half             int64
	originX, originY int64
}

// Grid returns the grid of a valid tile with a power of two of coordinates along its side, usually [TileExtent]. Of
// another extent only the highest bit counts.
func (t Tile) Grid(extent uint32) TileGrid {
	extentBits := bits.Len32(extent|1) - 1
	g := TileGrid{
		shift:   worldBits - int(t.Z) - extentBits,
		originX: int64(t.X) << extentBits,
		originY: int64(t.Y) << extentBits,
	}
	if g.shift > 0 {
		g.half = 1 << (g.shift - 1)
	}
	return g
}

// At returns the tile coordinates nearest to world coordinates, halves up.
func (g TileGrid) At(x, y int64) (int64, int64) {
	if g.shift < 0 {
		return x<<-g.shift - g.originX, y<<-g.shift - g.originY
	}
	return (x+g.half)>>g.shift - g.originX, (y+g.half)>>g.shift - g.originY
}

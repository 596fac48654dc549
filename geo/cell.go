package geo

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	h3 "github.com/uber/h3-go/v4"
)

// MaxCellResolution is the finest H3 resolution: hexagons of about 0.9 m2. Resolution 0 has 122 cells for the Earth,
// and every step is about seven times finer.
const MaxCellResolution = 15

var (
	// ErrPosition is wrapped by errors about a longitude or latitude that is not finite or out of range.
	ErrPosition = errors.New("geo: not a position in degrees")
	// ErrCellResolution is wrapped by errors about a resolution outside 0..15.
	ErrCellResolution = errors.New("geo: no such cell resolution")
	// ErrCell is wrapped by errors about text that is not the index of a cell.
	ErrCell = errors.New("geo: not a cell")
)

// Cell is the index of an H3 cell, a hexagon or one of the twelve pentagons of its resolution. Bit 63 is never set,
// so that cells fit signed columns and sort the same as signed and unsigned numbers. The zero Cell is no cell: it
// stands for what has no place.
//
// The layout of the bits (https://h3geo.org/docs/core-library/h3Indexing): 4 bits of mode (1 for a cell), 3 reserved,
// 4 bits of resolution, 7 bits of base cell, then fifteen digits of 3 bits, the unused ones set to 7.
type Cell int64

const (
	cellResolutionShift = 52
	cellHeaderShift     = 56 // mode and reserved bits
	cellHeader          = 8  // mode 1, nothing reserved

	// cellDigitLow holds the lowest bit of each of the fifteen digits.
	cellDigitLow Cell = 0o111_111_111_111_111
)

// CellAt returns the cell that contains a position, at a resolution from 0 to 15.
// The error wraps [ErrPosition] or [ErrCellResolution].
func CellAt(lon, lat float64, resolution int) (Cell, error) {
	if !(math.Abs(lon) <= 180 && math.Abs(lat) <= 90) { // written so that NaN fails
		return 0, positionError(lon, lat)
	}
	if resolution < 0 || resolution > MaxCellResolution {
		return 0, cellResolutionError(resolution)
	}
	c, err := h3.LatLngToCell(h3.LatLng{Lat: lat, Lng: lon}, resolution)
	if err != nil {
		return 0, fmt.Errorf("cell of longitude %v, latitude %v at resolution %d: %w", lon, lat, resolution, err)
	}
	return Cell(c), nil
}

// ParseCell reads a cell written as 15 hexadecimal digits, in either case. The error wraps [ErrCell].
func ParseCell(text string) (Cell, error) {
	bits, err := strconv.ParseUint(text, 16, 63)
	if c := Cell(bits); err == nil && len(text) == 15 && c.Valid() {
		return c, nil
	}
	return 0, fmt.Errorf("%w: %q; a cell is 15 hexadecimal digits such as 881fb46751fffff", ErrCell, text)
}

// String writes the cell as 15 hexadecimal digits in lower case; the zero Cell as 15 zeros.
func (c Cell) String() string {
	text := strconv.FormatUint(uint64(c), 16)
	if len(text) < 15 {
		text = strings.Repeat("0", 15-len(text)) + text
	}
	return text
}

// Valid reports whether c is a cell of the grid. The zero Cell is not.
func (c Cell) Valid() bool { return c > 0 && h3.Cell(c).IsValid() }

// Resolution returns the cell's resolution, 0 to 15.
func (c Cell) Resolution() int { return int(c>>cellResolutionShift) & 0xf }

// Parent returns the ancestor of a cell at its own or a coarser resolution. Any other resolution, and a c that is no
// cell, give the zero Cell.
//
// Parents nest by index, not on the ground: about one point in fifteen lies outside its cell's parent as drawn, though
// never further than in a neighbour of it.
func (c Cell) Parent(resolution int) Cell {
	if c>>cellHeaderShift != cellHeader || resolution < 0 || resolution > c.Resolution() {
		return 0
	}
	return c.withResolution(resolution) | cellUnusedDigits(resolution)
}

// Range returns the first and the last descendant of a cell at its own or a finer resolution. The descendants are the
// only cells of that resolution between the two, so that "inside c" is lo <= cell && cell <= hi. Any other resolution,
// and a c that is no cell, give an empty range, lo > hi.
func (c Cell) Range(resolution int) (lo, hi Cell) {
	own := c.Resolution()
	if c>>cellHeaderShift != cellHeader || resolution < own || resolution > MaxCellResolution {
		return 0, -1
	}
	c = c.withResolution(resolution)
	digits := cellUnusedDigits(own) &^ cellUnusedDigits(resolution)
	// The digits between the two resolutions, now all 7, become 0 and 6. A pentagon lacks the child 1 but has both of these.
	return c &^ digits, c &^ (digits & cellDigitLow)
}

// Center returns the centre of the cell as longitude, latitude; NaN, NaN if c is no cell.
func (c Cell) Center() orb.Point {
	center, err := h3.CellToLatLng(h3.Cell(c))
	if err != nil || !c.Valid() {
		return orb.Point{math.NaN(), math.NaN()}
	}
	return orb.Point{center.Lng, center.Lat}
}

// Boundary returns the outline of the cell as a closed ring of longitude, latitude, anticlockwise on the map; nil if c
// is no cell.
//
// Every longitude is within 180 degrees of the centre's, so that the ring of a cell at the antimeridian is in one piece
// and passes 180 or -180. The cell around a pole cannot be drawn in longitude and latitude: its ring leaves the pole out.
func (c Cell) Boundary() orb.Ring {
	if !c.Valid() {
		return nil
	}
	corners, err := h3.CellToBoundary(h3.Cell(c))
	if err != nil {
		return nil
	}
	middle := c.Center().Lon()
	ring := make(orb.Ring, 0, len(corners)+1)
	for _, corner := range corners {
		ring = append(ring, orb.Point{middle + wrapLongitude(corner.Lng-middle), corner.Lat})
	}
	return append(ring, ring[0])
}

// withResolution sets the resolution and leaves the digits alone.
func (c Cell) withResolution(resolution int) Cell {
	return c&^(0xf<<cellResolutionShift) | Cell(resolution)<<cellResolutionShift
}

// cellUnusedDigits has all bits set of the digits finer than a resolution.
func cellUnusedDigits(resolution int) Cell {
	return 1<<(3*(MaxCellResolution-resolution)) - 1
}

func positionError(lon, lat float64) error {
	if LooksProjected(lon, lat) {
		return fmt.Errorf("%w: %v, %v; these look like metres of a projection: convert them to longitude, latitude first",
			ErrPosition, lon, lat)
	}
	return fmt.Errorf("%w: longitude %v, latitude %v; longitude is -180 to 180, latitude -90 to 90", ErrPosition, lon, lat)
}

func cellResolutionError(resolution int) error {
	return fmt.Errorf("%w: %d; choose one from 0 to %d", ErrCellResolution, resolution, MaxCellResolution)
}

// wrapLongitude brings a longitude, or the difference of two, into -180..180.
func wrapLongitude(d float64) float64 {
	if d >= -180 && d <= 180 {
		return d
	}
	return math.Remainder(d, 360)
}

package geo

import (
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

var (
	// ErrBound is wrapped by errors about a bound that is empty, not finite or out of range.
	ErrBound = errors.New("geo: not a bound in degrees")
	// ErrTooManyCells is wrapped when a cover would hold more cells than the caller allowed.
	ErrTooManyCells = errors.New("geo: too many cells")
)

// CellRange is a run of cells of one resolution, both ends included.
type CellRange struct{ Lo, Hi Cell }

// Angles in radians of a cell's centre, as multiples of the largest distance from a centre to a corner at that
// resolution. TestCellReach measures them.
const (
	// cellRadius0 is that largest distance at resolution 0; it shrinks by the square root of 7 with every resolution.
	// The largest cells are at the middle of the icosahedron's faces.
	cellRadius0 = 0.22054
	// cellDescendants: no descendant's centre is further from the centre of its ancestor.
	cellDescendants = 1.1
	// cellTwoRings: no point of a cell's neighbours is further from the centre of the cell (sqrt(3) + 1).
	cellTwoRings = 2.74
)

// CoverBound returns the cells of one resolution that meet a bound of longitudes and latitudes, and at least one ring
// of neighbours around them, as sorted ranges that neither touch nor overlap. The ring holds what lies in the bound
// though its cell, as drawn, does not (see [Cell.Parent]). The cover can be wider than that by up to two more rings,
// never narrower: clip what it selects. To select small cells by a wide bound, cover it at a coarser resolution and take
// the [Cell.Range] of both ends: the ranges are fewer.
//
// The bound may be smaller than a cell, or a single point. Latitudes are -90..90; longitudes may pass 180 or -180 by up
// to 360 for a bound across the antimeridian. The error wraps [ErrBound], [ErrCellResolution], or [ErrTooManyCells] when
// the cover would hold more than maxCells cells; memory and time stay in proportion to maxCells in every case.
func CoverBound(b orb.Bound, resolution, maxCells int) ([]CellRange, error) {
	if resolution < 0 || resolution > MaxCellResolution {
		return nil, cellResolutionError(resolution)
	}
	// Written so that NaN fails.
	if !(b.Left() >= -540 && b.Left() <= b.Right() && b.Right() <= 540 && b.Bottom() >= -90 && b.Bottom() <= b.Top() && b.Top() <= 90) {
		return nil, fmt.Errorf("%w: %v; west <= east and south <= north, latitudes -90 to 90, longitudes -540 to 540", ErrBound, b)
	}
	cover := cellCover{
		lon: (b.Left() + b.Right()) / 2, lonHalf: (b.Right() - b.Left()) / 2,
		lat: (b.Bottom() + b.Top()) / 2, latHalf: (b.Top() - b.Bottom()) / 2,
		resolution: resolution, room: maxCells,
	}
	for base := Cell(0); base < 122; base++ {
		cover.add(cellHeader<<cellHeaderShift|base<<45|cellUnusedDigits(0), 0)
	}
	if cover.room < 0 {
		return nil, fmt.Errorf("%w: the bound %v needs more than %d at resolution %d; ask for less ground or coarser cells",
			ErrTooManyCells, b, maxCells, resolution)
	}
	return cover.ranges, nil
}

// cellCover walks the tree of cells in the order of their indexes.
type cellCover struct {
	lon, lonHalf, lat, latHalf float64 // middle and half size of the bound, degrees

	resolution int
	room       int // how many more cells may be taken; negative: too many
	ranges     []CellRange
	joined     bool // no cell was left out since the end of the last range
}

func (cc *cellCover) add(c Cell, resolution int) {
	if cc.room < 0 {
		return
	}
	radius := cellRadius0 / math.Pow(7, float64(resolution)/2)
	reach := cellTwoRings * cellRadius0 / math.Pow(7, float64(cc.resolution)/2)
	if resolution < cc.resolution {
		reach += cellDescendants * radius
	}
	meets, inside := cc.compare(c.Center(), reach/radiansPerDegree)
	switch {
	case !meets:
		cc.joined = false
	case inside || resolution == cc.resolution:
		cc.take(c, resolution)
	default:
		for digit := Cell(0); digit < 7; digit++ {
			if digit == 1 && c.isPentagon() {
				continue
			}
			shift := 3 * (MaxCellResolution - resolution - 1)
			cc.add(c.withResolution(resolution+1)&^(7<<shift)|digit<<shift, resolution+1)
		}
	}
}

// take adds all descendants of a cell at the cover's resolution.
func (cc *cellCover) take(c Cell, resolution int) {
	count := 1
	for range cc.resolution - resolution {
		count *= 7
	}
	if c.isPentagon() { // a pentagon has five hexagons around a pentagon, and so on inwards
		count = 1 + 5*(count-1)/6
	}
	if cc.room -= count; cc.room < 0 {
		cc.ranges = nil
		return
	}
	lo, hi := c.Range(cc.resolution)
	if cc.joined {
		cc.ranges[len(cc.ranges)-1].Hi = hi
	} else {
		cc.ranges = append(cc.ranges, CellRange{lo, hi})
	}
	cc.joined = true
}

// compare says whether the box of longitudes and latitudes around a cap (centre, angle of its radius in degrees) meets
// the bound, and whether it is all inside.
func (cc *cellCover) compare(center orb.Point, radius float64) (meets, inside bool) {
	lonRadius := 180.0 // a cap over a pole has every longitude
	if lat := math.Abs(center.Lat()); lat+radius < 90 {
		lonRadius = math.Asin(math.Sin(radius*radiansPerDegree)/math.Cos(lat*radiansPerDegree)) / radiansPerDegree
	}
	lonOff := math.Abs(wrapLongitude(center.Lon() - cc.lon))
	latOff := math.Abs(center.Lat() - cc.lat)
	meets = lonOff <= cc.lonHalf+lonRadius && latOff <= cc.latHalf+radius
	inside = (lonOff+lonRadius <= cc.lonHalf || cc.lonHalf >= 180) && latOff+radius <= cc.latHalf
	return meets, inside
}

// isPentagon reports whether a valid cell is one of the twelve pentagons of its resolution: a base cell that is one
// (https://h3geo.org/docs/core-library/h3Indexing), then only zeros.
func (c Cell) isPentagon() bool {
	lo, _ := c.Parent(0).Range(c.Resolution())
	if c != lo {
		return false
	}
	switch c >> 45 & 0x7f {
	case 4, 14, 24, 38, 49, 58, 63, 72, 83, 97, 107, 117:
		return true
	}
	return false
}

package format

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

// maxGeometry is the most bytes that a geometry may have: four million positions.
const maxGeometry = 64 << 20

// parseWKB reads well-known binary as the Simple Features standard (OGC 06-103r4, 8.2) writes it, and as PostGIS does (EWKB):
// the seven types and collections of them, in both byte orders. Heights and measures are dropped, and an SRID with them. Like
// GeoJSON, a point without place is an empty Collection. Coordinates are finite; no geometry at all is nil.
func parseWKB(content []byte) (orb.Geometry, error) {
	if len(content) == 0 {
		return nil, nil
	}
	if len(content) > maxGeometry {
		return nil, fmt.Errorf("%w: WKB of %d bytes: %d are allowed", ErrGeometry, len(content), maxGeometry)
	}
	r := wkbReader{rest: content}
	g, err := r.geometry(0, collectionDepth)
	if err == nil && len(r.rest) > 0 {
		err = fmt.Errorf("%d bytes follow its end", len(r.rest))
	}
	if err != nil {
		return nil, fmt.Errorf("%w: WKB: %w", ErrGeometry, err)
	}
	return g, nil
}

// Types of WKB, without the flags and thousands that add ordinates.
const (
	wkbPoint = 1 + iota
	wkbLineString
	wkbPolygon
	wkbMultiPoint
	wkbMultiLineString
	wkbMultiPolygon
	wkbCollection
)

// wkbNames are the types by number. Those after the seventh have curves or surfaces in space and are not read.
var wkbNames = [...]string{"Geometry", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection",
	"CircularString", "CompoundCurve", "CurvePolygon", "MultiCurve", "MultiSurface", "Curve", "Surface", "PolyhedralSurface", "TIN", "Triangle"}

// What PostGIS adds to the type.
const (
	ewkbZ    = 0x80000000
	ewkbM    = 0x40000000
	ewkbSRID = 0x20000000
)

// curved refuses a type of the standard that is not among the seven.
func curved(name string) error {
	return fmt.Errorf("a %s has curves or surfaces, which are not read: write it in straight lines (ST_CurveToLine, or ogr2ogr -nlt CONVERT_TO_LINEAR)", name)
}

var errShortWKB = errors.New("it ends early")

// wkbReader reads from the front of rest. Byte order and ordinates are those of the geometry being read.
type wkbReader struct {
	rest  []byte
	order binary.ByteOrder
	width int // bytes of a position: 16, 24 or 32
}

// geometry reads a geometry with its header, of the type wanted where that is not 0.
func (r *wkbReader) geometry(wanted uint32, depth int) (orb.Geometry, error) {
	kind, err := r.header()
	switch {
	case err != nil:
		return nil, err
	case wanted != 0 && kind != wanted:
		return nil, fmt.Errorf("a %s has a %s in it", wkbNames[wanted+3], wkbNames[kind])
	}
	switch kind {
	case wkbPoint:
		return r.point()
	case wkbLineString:
		return r.line()
	case wkbPolygon:
		return r.polygon()
	case wkbMultiPoint:
		return r.multiPoint()
	case wkbMultiLineString:
		return wkbMembers[orb.MultiLineString, orb.LineString](r, wkbLineString)
	case wkbMultiPolygon:
		return wkbMembers[orb.MultiPolygon, orb.Polygon](r, wkbPolygon)
	}
	if depth == 0 {
		return nil, errors.New("collections within collections")
	}
	return r.collection(depth - 1)
}

// header reads byte order, type and SRID. The type is one of the seven.
func (r *wkbReader) header() (kind uint32, err error) {
	if len(r.rest) < 5 {
		return 0, errShortWKB
	}
	switch r.rest[0] {
	case 0:
		r.order = binary.BigEndian
	case 1:
		r.order = binary.LittleEndian
	default:
		return 0, fmt.Errorf("the byte order %d is neither 0 nor 1", r.rest[0])
	}
	kind = r.order.Uint32(r.rest[1:])
	r.rest = r.rest[5:]
	if kind&ewkbSRID != 0 {
		if len(r.rest) < 4 {
			return 0, errShortWKB
		}
		r.rest = r.rest[4:]
	}
	r.width = 16
	for _, more := range []uint32{ewkbZ, ewkbM} {
		if kind&more != 0 {
			r.width += 8
		}
	}
	kind &^= ewkbZ | ewkbM | ewkbSRID
	switch thousands := kind / 1000; {
	case thousands > 3 || thousands > 0 && r.width > 16:
		return 0, fmt.Errorf("there is no type %d", kind)
	case thousands == 3:
		r.width += 16
	case thousands > 0:
		r.width += 8
	}
	switch kind %= 1000; {
	case kind == 0 || int(kind) >= len(wkbNames):
		return 0, fmt.Errorf("there is no type %d", kind)
	case kind > wkbCollection:
		return 0, curved(wkbNames[kind])
	}
	return kind, nil
}

// count reads how many parts of at least size bytes follow, which is no more than there are bytes for.
func (r *wkbReader) count(size int) (int, error) {
	if len(r.rest) < 4 {
		return 0, errShortWKB
	}
	n := r.order.Uint32(r.rest)
	r.rest = r.rest[4:]
	if uint64(n)*uint64(size) > uint64(len(r.rest)) {
		return 0, errShortWKB
	}
	return int(n), nil
}

// position reads x and y and passes over what follows them.
func (r *wkbReader) position() orb.Point {
	p := orb.Point{math.Float64frombits(r.order.Uint64(r.rest)), math.Float64frombits(r.order.Uint64(r.rest[8:]))}
	r.rest = r.rest[r.width:]
	return p
}

// point gives an empty Collection for a point without place, whose ordinates are all NaN.
func (r *wkbReader) point() (orb.Geometry, error) {
	if len(r.rest) < r.width {
		return nil, errShortWKB
	}
	switch p := r.position(); {
	case math.IsNaN(p[0]) && math.IsNaN(p[1]):
		return orb.Collection{}, nil
	case !isFinite(p):
		return nil, errOrdinate
	default:
		return p, nil
	}
}

func (r *wkbReader) line() (orb.LineString, error) {
	n, err := r.count(r.width)
	if err != nil {
		return nil, err
	}
	line := make(orb.LineString, n)
	for i := range line {
		if line[i] = r.position(); !isFinite(line[i]) {
			return nil, errOrdinate
		}
	}
	return line, nil
}

func (r *wkbReader) polygon() (orb.Polygon, error) {
	n, err := r.count(4)
	if err != nil {
		return nil, err
	}
	polygon := orb.Polygon{}
	for range n {
		ring, err := r.line()
		if err != nil {
			return nil, err
		}
		polygon = append(polygon, orb.Ring(ring))
	}
	return polygon, nil
}

// smallestWKB is the bytes of a geometry with a header and a count of nothing.
const smallestWKB = 9

// multiPoint leaves out the points without place.
func (r *wkbReader) multiPoint() (orb.MultiPoint, error) {
	n, err := r.count(smallestWKB)
	if err != nil {
		return nil, err
	}
	points := orb.MultiPoint{}
	for range n {
		g, err := r.geometry(wkbPoint, 0)
		if err != nil {
			return nil, err
		}
		if p, placed := g.(orb.Point); placed {
			points = append(points, p)
		}
	}
	return points, nil
}

// wkbMembers reads the members of a geometry of many of one type.
func wkbMembers[L ~[]E, E orb.Geometry](r *wkbReader, kind uint32) (orb.Geometry, error) {
	n, err := r.count(smallestWKB)
	if err != nil {
		return nil, err
	}
	members := L{}
	for range n {
		g, err := r.geometry(kind, 0)
		if err != nil {
			return nil, err
		}
		members = append(members, g.(E))
	}
	return any(members).(orb.Geometry), nil
}

func (r *wkbReader) collection(depth int) (orb.Geometry, error) {
	n, err := r.count(smallestWKB)
	if err != nil {
		return nil, err
	}
	collection := orb.Collection{}
	for range n {
		g, err := r.geometry(0, depth)
		if err != nil {
			return nil, err
		}
		collection = append(collection, g)
	}
	return collection, nil
}

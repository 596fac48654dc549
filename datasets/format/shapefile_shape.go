package format

import (
	"encoding/binary"
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// Types of shapes; those with heights (Z) and measures (M) have the same beginning.
const (
	shapeNull       = 0
	shapePoint      = 1
	shapeLine       = 3
	shapePolygon    = 5
	shapeMultiPoint = 8
)

// parseShape reads a record's content. Counts are compared with its length before anything is made of them.
func parseShape(content []byte) (orb.Geometry, error) {
	if len(content) < 4 {
		return nil, ErrGeometry
	}
	kind, rest := binary.LittleEndian.Uint32(content), content[4:]
	if kind > 10 && kind < 30 {
		kind %= 10
	}
	switch kind {
	case shapeNull:
		return nil, nil
	case shapePoint:
		points, ok := readPoints(rest, 1)
		if !ok {
			return nil, ErrGeometry
		}
		return points[0], nil
	case shapeMultiPoint:
		if len(rest) < 36 {
			return nil, ErrGeometry
		}
		points, ok := readPoints(rest[36:], binary.LittleEndian.Uint32(rest[32:]))
		if !ok {
			return nil, ErrGeometry
		}
		return orb.MultiPoint(points), nil
	case shapeLine, shapePolygon:
		parts, ok := readParts(rest)
		if !ok {
			return nil, ErrGeometry
		}
		if kind == shapePolygon {
			return groupRings(parts), nil
		}
		return joinLines(parts), nil
	}
	return nil, ErrGeometry
}

func readPoints(content []byte, count uint32) ([]orb.Point, bool) {
	if count == 0 || uint64(count)*16 > uint64(len(content)) {
		return nil, false
	}
	points := make([]orb.Point, count)
	for i := range points {
		points[i][0] = math.Float64frombits(binary.LittleEndian.Uint64(content[16*i:]))
		points[i][1] = math.Float64frombits(binary.LittleEndian.Uint64(content[16*i+8:]))
		if !isFinite(points[i]) {
			return nil, false
		}
	}
	return points, true
}

// readParts reads the parts of a line or the rings of a polygon.
func readParts(content []byte) ([][]orb.Point, bool) {
	if len(content) < 40 {
		return nil, false
	}
	parts, points := binary.LittleEndian.Uint32(content[32:]), binary.LittleEndian.Uint32(content[36:])
	content = content[40:]
	if parts == 0 || points == 0 || uint64(parts)*4+uint64(points)*16 > uint64(len(content)) {
		return nil, false
	}
	all, ok := readPoints(content[4*parts:], points)
	if !ok {
		return nil, false
	}
	list := make([][]orb.Point, parts)
	for i := range list {
		from, to := binary.LittleEndian.Uint32(content[4*i:]), points
		if i+1 < len(list) {
			to = binary.LittleEndian.Uint32(content[4*i+4:])
		}
		if from > to || to > points {
			return nil, false
		}
		list[i] = all[from:to:to]
	}
	return list, true
}

func joinLines(parts [][]orb.Point) orb.Geometry {
	if len(parts) == 1 {
		return orb.LineString(parts[0])
	}
	lines := make(orb.MultiLineString, len(parts))
	for i, part := range parts {
		lines[i] = part
	}
	return lines
}

// maxHoleTests bounds the search for the ring that a hole is in.
const maxHoleTests = 50_000_000 // vertices looked at

// groupRings makes polygons of rings: those that run clockwise are outer, the others holes in the smallest outer ring around them.
// A hole in none, and a file that has all its rings the other way round, is taken as outer.
func groupRings(parts [][]orb.Point) orb.Geometry {
	var outer []orb.Polygon
	var holes []orb.Ring
	for _, part := range parts {
		ring := orb.Ring(part)
		if len(parts) == 1 || ring.Orientation() == orb.CW {
			outer = append(outer, orb.Polygon{ring})
		} else {
			holes = append(holes, ring)
		}
	}
	bounds, areas := make([]orb.Bound, len(outer)), make([]float64, len(outer))
	for i, polygon := range outer {
		bounds[i], areas[i] = polygon[0].Bound(), math.Abs(planar.Area(polygon[0]))
	}
	rings, looked := len(outer), 0
	for _, hole := range holes {
		in := -1
		for i := 0; i < rings && looked < maxHoleTests && len(hole) > 0; i++ {
			if !bounds[i].Contains(hole[0]) || in >= 0 && areas[i] >= areas[in] {
				continue
			}
			looked += len(outer[i][0])
			if planar.RingContains(outer[i][0], hole[0]) {
				in = i
			}
		}
		if in < 0 {
			outer = append(outer, orb.Polygon{hole})
			continue
		}
		outer[in] = append(outer[in], hole)
	}
	if len(outer) == 1 {
		return outer[0]
	}
	return orb.MultiPolygon(outer)
}

package live

import (
	"encoding/binary"
	"math"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// The types of well-known binary (OGC 06-103r4).
const (
	wkbLineString      = 2
	wkbPolygon         = 3
	wkbMultiLineString = 5
	wkbMultiPolygon    = 6
)

// appendWKB appends the geometry of a feature in longitude and latitude, little-endian. All features of a layer are of one type, as tables want it:
// a cell is a polygon, a street has one line or several, an area one polygon or several. A feature that is not drawn has none.
func (l *layer) appendWKB(to []byte, u int) []byte {
	first, end := l.parts(int32(u))
	if first == end {
		return to
	}
	if l.level.unit == engine.UnitSegment {
		to = binary.LittleEndian.AppendUint32(appendWKBHead(to, wkbMultiLineString), uint32(end-first))
		for part := first; part < end; part++ {
			to = l.appendPoints(appendWKBHead(to, wkbLineString), part)
		}
		return to
	}
	polygons := uint32(0)
	for part := first; part < end; part++ {
		if !l.isHole(part) {
			polygons++
		}
	}
	if l.level.unit != engine.UnitCell {
		to = binary.LittleEndian.AppendUint32(appendWKBHead(to, wkbMultiPolygon), polygons)
	}
	for part := first; part < end; {
		next := part + 1
		for next < end && l.isHole(next) {
			next++
		}
		to = binary.LittleEndian.AppendUint32(appendWKBHead(to, wkbPolygon), uint32(next-part))
		for ; part < next; part++ {
			to = l.appendPoints(to, part)
		}
	}
	return to
}

func appendWKBHead(to []byte, kind uint32) []byte {
	return binary.LittleEndian.AppendUint32(append(to, 1), kind)
}

// appendPoints appends the positions of a part with their number; those of a ring end with the first again.
func (l *layer) appendPoints(to []byte, part int32) []byte {
	points := l.part(part)
	n := points.len()
	closed := n
	if l.level.unit != engine.UnitSegment {
		closed++
	}
	to = binary.LittleEndian.AppendUint32(to, uint32(closed))
	for i := range closed {
		lon, lat := geo.FromWorld(points.at(i % n))
		to = binary.LittleEndian.AppendUint64(to, math.Float64bits(lon))
		to = binary.LittleEndian.AppendUint64(to, math.Float64bits(lat))
	}
	return to
}

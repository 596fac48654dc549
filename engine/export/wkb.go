package export

import (
	"encoding/binary"
	"errors"
	"math"
	"strconv"
)

var errWKB = errors.New("export: a geometry is no little-endian WKB of lines or polygons")

// The types of WKB that are written, with what GeoJSON and WKT call them.
var wkbTypes = map[uint32][2]string{
	1: {"Point", "POINT"}, 2: {"LineString", "LINESTRING"}, 3: {"Polygon", "POLYGON"},
	5: {"MultiLineString", "MULTILINESTRING"}, 6: {"MultiPolygon", "MULTIPOLYGON"},
}

// outline writes a WKB as text. The two spellings differ in brackets and in what stands between two coordinates.
type outline struct {
	open, close, pointOpen, pointClose string
	between                            byte
}

var (
	geoJSONOutline = outline{"[", "]", "[", "]", ','}
	wktOutline     = outline{"(", ")", "", "", ' '}
)

// appendGeoJSON writes a geometry as GeoJSON.
func appendGeoJSON(to, wkb []byte) ([]byte, error) {
	kind, rest, err := wkbHead(wkb)
	if err != nil {
		return to, err
	}
	to = append(append(append(to, `{"type":"`...), wkbTypes[kind][0]...), `","coordinates":`...)
	to, _, err = geoJSONOutline.append(to, kind, rest)
	return append(to, '}'), err
}

// appendWKT writes a geometry as well-known text.
func appendWKT(to, wkb []byte) ([]byte, error) {
	kind, rest, err := wkbHead(wkb)
	if err != nil {
		return to, err
	}
	to = append(append(to, wkbTypes[kind][1]...), ' ')
	to, _, err = wktOutline.append(to, kind, rest)
	return to, err
}

// wkbHead reads the type of a geometry.
func wkbHead(wkb []byte) (kind uint32, rest []byte, err error) {
	if len(wkb) < 5 || wkb[0] != 1 {
		return 0, nil, errWKB
	}
	kind = binary.LittleEndian.Uint32(wkb[1:])
	if _, known := wkbTypes[kind]; !known {
		return 0, nil, errWKB
	}
	return kind, wkb[5:], nil
}

// append writes the coordinates of a geometry and gives what follows it.
func (o outline) append(to []byte, kind uint32, wkb []byte) ([]byte, []byte, error) {
	if kind == 1 {
		return o.appendPoint(to, wkb)
	}
	if len(wkb) < 4 {
		return to, nil, errWKB
	}
	count, wkb := binary.LittleEndian.Uint32(wkb), wkb[4:]
	to = append(to, o.open...)
	for i := range count {
		if i > 0 {
			to = append(to, ',')
		}
		var err error
		switch kind {
		case 2: // points
			to, wkb, err = o.appendPoint(to, wkb)
		case 3: // rings
			to, wkb, err = o.append(to, 2, wkb)
		default: // whole geometries
			var inner uint32
			if inner, wkb, err = wkbHead(wkb); err == nil && inner == kind-3 {
				to, wkb, err = o.append(to, inner, wkb)
			} else {
				err = errWKB
			}
		}
		if err != nil {
			return to, nil, err
		}
	}
	return append(to, o.close...), wkb, nil
}

// appendPoint writes a position to seven decimals, which is a centimetre.
func (o outline) appendPoint(to, wkb []byte) ([]byte, []byte, error) {
	if len(wkb) < 16 {
		return to, nil, errWKB
	}
	to = append(to, o.pointOpen...)
	to = appendDegrees(to, math.Float64frombits(binary.LittleEndian.Uint64(wkb)))
	to = append(to, o.between)
	to = appendDegrees(to, math.Float64frombits(binary.LittleEndian.Uint64(wkb[8:])))
	return append(to, o.pointClose...), wkb[16:], nil
}

func appendDegrees(to []byte, v float64) []byte {
	return strconv.AppendFloat(to, math.Round(v*1e7)/1e7, 'f', -1, 64)
}

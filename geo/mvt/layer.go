package mvt

import (
	"encoding/binary"
	"math"
)

// MaxID is the largest id a feature keeps: 2^53 - 1, the largest whole number that JavaScript holds exactly.
const MaxID = 1<<53 - 1

// Layer takes the features of one layer. For every feature, set its attributes, then call Points, Lines or Polygons,
// which writes it. An attribute that was not set is absent from the feature: that is how a tile says null.
type Layer struct {
	name   string
	extent uint32

	keys     []byte   // as they stand in the layer
	features []byte   // as they stand in the layer
	values   valueSet // as they stand in the layer
	tags     []uint32 // per column: 1 + the index of the next feature's value, 0 for none

	packed   []byte // tags of the feature being written
	geometry commands
}

func (l *Layer) start(name string, extent uint32, columns []string) {
	l.name, l.extent = name, extent
	l.keys, l.features, l.tags = l.keys[:0], l.features[:0], l.tags[:0]
	for _, column := range columns {
		l.keys = appendString(l.keys, layerKey, column)
		l.tags = append(l.tags, 0)
	}
	l.values.reset()
}

// SetInt gives the next feature a whole number. A JavaScript client sees it rounded beyond 2^53.
func (l *Layer) SetInt(column int, v int64) {
	field, bits := byte(valueInt), uint64(v)
	if v < 0 { // ten bytes as an int, fewer in zigzag
		field, bits = valueSint, uint64(v<<1)^uint64(v>>63)
	}
	body := l.values.begin(1 + varintSize(bits))
	l.tags[column] = 1 + l.values.end(appendVarint(body, field, bits))
}

// SetFloat gives the next feature a number, in four bytes if it is the same in single precision. What is not finite is
// not set.
func (l *Layer) SetFloat(column int, v float64) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		l.tags[column] = 0
		return
	}
	var body []byte
	if single := float32(v); float64(single) == v {
		body = append(l.values.begin(5), valueFloat)
		body = binary.LittleEndian.AppendUint32(body, math.Float32bits(single))
	} else {
		body = append(l.values.begin(9), valueDouble)
		body = binary.LittleEndian.AppendUint64(body, math.Float64bits(v))
	}
	l.tags[column] = 1 + l.values.end(body)
}

// SetString gives the next feature a text, in UTF-8. The text is copied.
func (l *Layer) SetString(column int, v string) {
	body := l.values.begin(1 + varintSize(uint64(len(v))) + len(v))
	l.tags[column] = 1 + l.values.end(appendString(body, valueString, v))
}

// SetBool gives the next feature a truth value.
func (l *Layer) SetBool(column int, v bool) {
	truth := byte(0)
	if v {
		truth = 1
	}
	l.tags[column] = 1 + l.values.end(append(l.values.begin(2), valueBool, truth))
}

// Points writes a feature of one or more points. Without a point it writes nothing and forgets the attributes.
func (l *Layer) Points(id uint64, coords []int32) {
	l.geometry.reset()
	l.geometry.points(coords)
	l.write(id, 1)
}

// Lines writes a feature of one or more lines: each ends where ends says, as an index into coords, and the next begins
// there. Nil ends is one line. Without a point it writes nothing and forgets the attributes.
func (l *Layer) Lines(id uint64, coords []int32, ends []int) {
	l.geometry.reset()
	if ends == nil {
		l.geometry.line(coords)
	}
	start := 0
	for _, end := range ends {
		l.geometry.line(coords[start:end])
		start = end
	}
	if l.geometry.empty() && len(coords) >= 2 {
		l.geometry.smallestLine(coords)
	}
	l.write(id, 2)
}

// Ring says where a ring of a polygon ends, as an index into its coordinates, and whether it is a hole in the polygon
// before it.
type Ring struct {
	End  int
	Hole bool
}

// Polygons writes a feature of one or more polygons, each an outer ring followed by its holes. Rings may run either way
// and may repeat their first point or not: they are written as the specification wants them. Nil rings is one outer ring.
// Without a point it writes nothing and forgets the attributes.
func (l *Layer) Polygons(id uint64, coords []int32, rings []Ring) {
	l.geometry.reset()
	if rings == nil {
		l.geometry.ring(coords, false)
	}
	start, hasOuter := 0, false
	for _, ring := range rings {
		part := coords[start:ring.End]
		if !ring.Hole {
			hasOuter = l.geometry.ring(part, false)
		} else if hasOuter {
			l.geometry.ring(part, true)
		}
		start = ring.End
	}
	if l.geometry.empty() && len(coords) >= 2 {
		l.geometry.smallestRing(coords)
	}
	l.write(id, 3)
}

// write adds the feature with its attributes and geometry to the layer. Kind is the GeomType of the specification.
func (l *Layer) write(id uint64, kind uint64) {
	l.packed = l.packed[:0]
	for column, tag := range l.tags {
		if tag != 0 {
			l.packed = binary.AppendUvarint(binary.AppendUvarint(l.packed, uint64(column)), uint64(tag-1))
			l.tags[column] = 0
		}
	}
	if l.geometry.empty() {
		return
	}
	size := 2 + 1 + varintSize(uint64(len(l.geometry.packed))) + len(l.geometry.packed)
	if len(l.packed) > 0 {
		size += 1 + varintSize(uint64(len(l.packed))) + len(l.packed)
	}
	hasID := id > 0 && id <= MaxID
	if hasID {
		size += 1 + varintSize(id)
	}
	b := appendVarint(l.features, layerFeature, uint64(size))
	if hasID {
		b = appendVarint(b, featureID, id)
	}
	if len(l.packed) > 0 {
		b = appendBytes(b, featureTags, l.packed)
	}
	b = appendVarint(b, featureType, kind)
	l.features = appendBytes(b, featureGeometry, l.geometry.packed)
}

// appendTo adds the layer to a tile, unless it has no feature.
func (l *Layer) appendTo(tile []byte) []byte {
	if len(l.features) == 0 {
		return tile
	}
	size := 1 + varintSize(uint64(len(l.name))) + len(l.name) +
		len(l.features) + len(l.keys) + len(l.values.encoded) +
		1 + varintSize(uint64(l.extent)) + 2
	tile = appendVarint(tile, tileLayer, uint64(size))
	tile = appendString(tile, layerName, l.name)
	tile = append(tile, l.features...)
	tile = append(tile, l.keys...)
	tile = append(tile, l.values.encoded...)
	tile = appendVarint(tile, layerExtent, uint64(l.extent))
	return appendVarint(tile, layerVersion, 2)
}

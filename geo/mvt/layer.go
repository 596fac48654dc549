package mvt

import (
	"math"
	"slices"
)

// MaxID is the largest id a feature keeps: 2^53 - 1, the largest whole number that JavaScript holds exactly.
const MaxID = 1<<53 - 1

// Layer takes the features of one layer. For every feature, set its attributes, then call Feature, which writes it. An attribute
// that was not set is absent from the feature: that is how a tile says null.
type Layer struct {
	name   string
	extent uint32

	keys     []byte   // as they stand in the layer
	features []byte   // as they stand in the layer
	values   valueSet // as they stand in the layer
	tags     []uint32 // per column: 1 + the index of the next feature's value, 0 for none
	latest   []latest // per column
	packed   []byte   // tags of the feature being written
}

func (l *Layer) start(name string, extent uint32, columns []string) {
	l.name, l.extent = name, extent
	l.keys, l.features, l.tags, l.latest = l.keys[:0], l.features[:0], l.tags[:0], l.latest[:0]
	for _, column := range columns {
		l.keys = appendString(l.keys, layerKey, column)
		l.tags, l.latest = append(l.tags, 0), append(l.latest, latest{})
	}
	l.values.reset()
}

// SetInt gives the next feature a whole number. A JavaScript client sees it rounded beyond 2^53.
func (l *Layer) SetInt(column int, v int64) { l.tags[column] = 1 + l.values.int(v) }

// SetID gives the next feature a number that no other feature is given by SetID: it is written without a look whether it is known. (It has a
// type of its own, so that it is never the same value as that of a SetInt.)
func (l *Layer) SetID(column int, v uint64) { l.tags[column] = 1 + l.values.id(v) }

// SetFloat gives the next feature a number, in four bytes if it is the same in single precision. What is not finite is
// not set.
func (l *Layer) SetFloat(column int, v float64) {
	switch single := float32(v); {
	case math.IsNaN(v) || math.IsInf(v, 0):
		l.tags[column] = 0
	case float64(single) == v:
		l.tags[column] = 1 + l.values.float(single)
	default:
		l.tags[column] = 1 + l.values.double(v)
	}
}

// latest is the text that a column was given last, and its tag: the next feature often has the same.
type latest struct {
	text string
	tag  uint32 // 0 for none
}

// SetString gives the next feature a text, in UTF-8. The text is copied.
func (l *Layer) SetString(column int, v string) {
	last := &l.latest[column]
	if last.tag == 0 || last.text != v {
		*last = latest{v, 1 + l.values.string(v)}
	}
	l.tags[column] = last.tag
}

// SetBytes is SetString of a text in a buffer.
func (l *Layer) SetBytes(column int, v []byte) { l.tags[column] = 1 + l.values.bytes(v) }

// SetCoded gives the next feature the text of a dictionary that has a code: it is looked at where its code is new to the layer.
// The codes of a layer are of one dictionary, and memory is taken for the highest.
func (l *Layer) SetCoded(column int, code uint32, text func(code uint32) string) {
	l.tags[column] = 1 + l.values.coded(code, text)
}

// SetBool gives the next feature a truth value.
func (l *Layer) SetBool(column int, v bool) { l.tags[column] = 1 + l.values.bool(v) }

// Feature writes a feature with the attributes that were set, and a geometry of [Geometries]. Without a geometry it writes nothing and
// forgets the attributes.
func (l *Layer) Feature(id uint64, kind Kind, geometry []byte) {
	packed := l.packed[:0]
	for column, tag := range l.tags {
		if tag != 0 {
			packed = appendUvarint(appendUvarint(packed, uint64(column)), uint64(tag-1))
			l.tags[column] = 0
		}
	}
	l.packed = packed
	if len(geometry) == 0 {
		return
	}
	size := 2 + 1 + varintSize(uint64(len(geometry))) + len(geometry)
	if len(packed) > 0 {
		size += 1 + varintSize(uint64(len(packed))) + len(packed)
	}
	hasID := id > 0 && id <= MaxID
	if hasID {
		size += 1 + varintSize(id)
	}
	b := appendVarint(l.features, layerFeature, uint64(size))
	if hasID {
		b = appendVarint(b, featureID, id)
	}
	if len(packed) > 0 {
		b = appendBytes(b, featureTags, packed)
	}
	b = append(b, featureType, byte(kind))
	l.features = appendBytes(b, featureGeometry, geometry)
}

// appendTo adds the layer to a tile, unless it has no feature.
func (l *Layer) appendTo(tile []byte) []byte {
	if len(l.features) == 0 {
		return tile
	}
	size := 1 + varintSize(uint64(len(l.name))) + len(l.name) +
		len(l.features) + len(l.keys) + len(l.values.encoded) +
		1 + varintSize(uint64(l.extent)) + 2
	tile = appendVarint(slices.Grow(tile, 1+varintSize(uint64(size))+size), tileLayer, uint64(size))
	tile = appendString(tile, layerName, l.name)
	tile = append(tile, l.features...)
	tile = append(tile, l.keys...)
	tile = append(tile, l.values.encoded...)
	tile = appendVarint(tile, layerExtent, uint64(l.extent))
	return appendVarint(tile, layerVersion, 2)
}

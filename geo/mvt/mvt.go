// Package mvt writes vector tiles as the Mapbox Vector Tile specification 2.1 defines them
// (https://github.com/mapbox/vector-tile-spec/tree/master/2.1), straight from columns: no value per feature is made, and
// an [Encoder] that has grown to its tiles allocates nothing.
//
//	var drawn mvt.Geometries                 // of one tile, for all tiles that differ in the attributes alone
//	for each segment in the tile {
//		drawn.AddLines(coords, ends)         // from geo.ClipLine
//	}
//	var e mvt.Encoder
//	e.Reset()
//	streets := e.Layer("segments", 4096, []string{"name", "value"})
//	for each segment i in the tile {
//		streets.SetString(0, name)
//		streets.SetFloat(1, share)           // left out: the feature has no such attribute
//		streets.Feature(id, mvt.Line, drawn.At(i))
//	}
//	tile := e.Bytes()
//
// The same calls give the same bytes. Coordinates are tile coordinates, x to the east and y to the south, as
// x0, y0, x1, y1 ... Beyond 2^28 either way they are drawn at that limit.
//
// # No feature is lost
//
// Features often shrink to a point at the zoom of a tile, and the specification allows neither a line without length nor
// a polygon without area. The parts of a feature that have none are left out; a feature that would have no part left is
// drawn at its first vertex as the smallest thing allowed: a line of one unit to the east, or a square of one unit.
package mvt

import (
	"encoding/binary"
	"math/bits"
)

// Encoder writes one tile after the other into one buffer. The zero Encoder is ready to use, by one goroutine at a time.
type Encoder struct {
	tile  []byte
	layer Layer
	open  bool // layer holds features not yet in tile
}

// Reset starts a new tile. It overwrites what Bytes returned before.
func (e *Encoder) Reset() {
	e.tile, e.open = e.tile[:0], false
}

// Layer starts a layer after those already in the tile; the layer returned before is complete and must not be written to
// any more. The name must be unlike those of the tile's other layers, the extent is the number of tile coordinates along
// its side, and the columns are the names of its features' attributes, no two the same.
func (e *Encoder) Layer(name string, extent uint32, columns []string) *Layer {
	e.finish()
	e.layer.start(name, extent, columns)
	e.open = true
	return &e.layer
}

// Bytes returns the tile: empty if no layer has a feature. It is valid until the next Reset.
func (e *Encoder) Bytes() []byte {
	e.finish()
	return e.tile
}

func (e *Encoder) finish() {
	if e.open {
		e.tile = e.layer.appendTo(e.tile)
		e.open = false
	}
}

// Fields of the messages of vector_tile.proto, with their wire types.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5

	tileLayer = 3<<3 | wireBytes

	layerName    = 1<<3 | wireBytes
	layerFeature = 2<<3 | wireBytes
	layerKey     = 3<<3 | wireBytes
	layerValue   = 4<<3 | wireBytes
	layerExtent  = 5<<3 | wireVarint
	layerVersion = 15<<3 | wireVarint

	featureID       = 1<<3 | wireVarint
	featureTags     = 2<<3 | wireBytes
	featureType     = 3<<3 | wireVarint
	featureGeometry = 4<<3 | wireBytes

	valueString = 1<<3 | wireBytes
	valueFloat  = 2<<3 | wireFixed32
	valueDouble = 3<<3 | wireFixed64
	valueInt    = 4<<3 | wireVarint
	valueUint   = 5<<3 | wireVarint
	valueSint   = 6<<3 | wireVarint
	valueBool   = 7<<3 | wireVarint
)

func appendVarint(b []byte, field byte, v uint64) []byte {
	return appendUvarint(append(b, field), v)
}

func appendBytes(b []byte, field byte, v []byte) []byte {
	return append(appendUvarint(append(b, field), uint64(len(v))), v...)
}

func appendString(b []byte, field byte, v string) []byte {
	return append(appendUvarint(append(b, field), uint64(len(v))), v...)
}

// appendUvarint is binary.AppendUvarint, with all bytes at once: a tile has millions.
func appendUvarint(b []byte, v uint64) []byte {
	switch {
	case v < 1<<7:
		return append(b, byte(v))
	case v < 1<<14:
		return append(b, byte(v|0x80), byte(v>>7))
	case v >= 1<<56:
		return binary.AppendUvarint(b, v)
	}
	size := varintSize(v)
	// Eight groups of seven bits, each to its own byte: first those of four, then of two.
	v = v&0x0fffffff | v>>28<<32
	v = v&0x00003fff00003fff | v&0x0fffc0000fffc000<<2
	v = v&0x007f007f007f007f | v&0x3f803f803f803f80<<1
	v |= 0x8080808080808080 >> (8 * uint(9-size)) // on all but the last
	return binary.LittleEndian.AppendUint64(b, v)[:len(b)+size]
}

// varintSize is the number of bytes of a varint.
func varintSize(v uint64) int { return (bits.Len64(v|1) + 6) / 7 }

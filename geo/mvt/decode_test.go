package mvt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
)

// A reader of tiles for the tests, written from the specification and not from the encoder: it refuses whatever breaks a
// "must" or a "must not" of its sections 4.1 to 4.4, and what a careful writer would not do.

type readLayer struct {
	name     string
	extent   uint64
	keys     []string
	values   []any
	features []readFeature
}

type readFeature struct {
	id         uint64 // 0 for none
	kind       string
	attributes map[string]any
	commands   []uint32
	parts      [][][2]int64 // points of a point feature as one part, lines, rings without the first point again
}

type wireField struct {
	number int
	varint uint64 // also fixed32 and fixed64
	bytes  []byte
}

func readMessage(b []byte) (fields []wireField, err error) {
	for len(b) > 0 {
		tag, n := binary.Uvarint(b)
		if n <= 0 {
			return nil, errors.New("cut off in a tag")
		}
		b = b[n:]
		f := wireField{number: int(tag >> 3)}
		switch tag & 7 {
		case 0:
			f.varint, n = binary.Uvarint(b)
			if n <= 0 {
				return nil, errors.New("cut off in a varint")
			}
			b = b[n:]
		case 1:
			if len(b) < 8 {
				return nil, errors.New("cut off in eight bytes")
			}
			f.varint, b = binary.LittleEndian.Uint64(b), b[8:]
		case 2:
			size, n := binary.Uvarint(b)
			if n <= 0 || size > uint64(len(b)-n) {
				return nil, errors.New("cut off in bytes")
			}
			f.bytes, b = b[n:n+int(size)], b[n+int(size):]
		case 5:
			if len(b) < 4 {
				return nil, errors.New("cut off in four bytes")
			}
			f.varint, b = uint64(binary.LittleEndian.Uint32(b)), b[4:]
		default:
			return nil, fmt.Errorf("wire type %d", tag&7)
		}
		fields = append(fields, f)
	}
	return fields, nil
}

func readPacked(b []byte) (numbers []uint32, err error) {
	for len(b) > 0 {
		v, n := binary.Uvarint(b)
		if n <= 0 || v > math.MaxUint32 {
			return nil, errors.New("not a packed uint32")
		}
		numbers, b = append(numbers, uint32(v)), b[n:]
	}
	return numbers, nil
}

func readTile(tile []byte) (layers []readLayer, err error) {
	fields, err := readMessage(tile)
	if err != nil {
		return nil, err
	}
	for _, f := range fields {
		if f.number != 3 {
			return nil, fmt.Errorf("field %d in a tile", f.number)
		}
		layer, err := readOneLayer(f.bytes)
		if err != nil {
			return nil, fmt.Errorf("layer %q: %w", layer.name, err)
		}
		for _, other := range layers {
			if other.name == layer.name {
				return nil, fmt.Errorf("two layers are named %q", layer.name)
			}
		}
		layers = append(layers, layer)
	}
	return layers, nil
}

func readOneLayer(b []byte) (layer readLayer, err error) {
	fields, err := readMessage(b)
	if err != nil {
		return layer, err
	}
	version := uint64(0)
	var features [][]byte
	seenValues := make(map[string]bool)
	for _, f := range fields {
		switch f.number {
		case 1:
			layer.name = string(f.bytes)
		case 2:
			features = append(features, f.bytes)
		case 3:
			if slices.Contains(layer.keys, string(f.bytes)) {
				return layer, fmt.Errorf("key %q twice", f.bytes)
			}
			layer.keys = append(layer.keys, string(f.bytes))
		case 4:
			if seenValues[string(f.bytes)] {
				return layer, fmt.Errorf("value %x twice", f.bytes)
			}
			seenValues[string(f.bytes)] = true
			v, err := readValue(f.bytes)
			if err != nil {
				return layer, err
			}
			layer.values = append(layer.values, v)
		case 5:
			layer.extent = f.varint
		case 15:
			version = f.varint
		default:
			return layer, fmt.Errorf("field %d in a layer", f.number)
		}
	}
	if version != 2 || len(features) == 0 || layer.extent == 0 {
		return layer, fmt.Errorf("version %d, %d features, extent %d", version, len(features), layer.extent)
	}
	for i, b := range features {
		f, err := readOneFeature(b, &layer)
		if err != nil {
			return layer, fmt.Errorf("feature %d: %w", i, err)
		}
		layer.features = append(layer.features, f)
	}
	return layer, nil
}

func readValue(b []byte) (any, error) {
	fields, err := readMessage(b)
	if err != nil {
		return nil, err
	}
	if len(fields) != 1 {
		return nil, fmt.Errorf("a value with %d fields", len(fields))
	}
	switch f := fields[0]; f.number {
	case 1:
		return string(f.bytes), nil
	case 2:
		return float64(math.Float32frombits(uint32(f.varint))), nil
	case 3:
		return math.Float64frombits(f.varint), nil
	case 4, 5:
		return int64(f.varint), nil
	case 6:
		return int64(f.varint>>1) ^ -int64(f.varint&1), nil
	case 7:
		return f.varint != 0, nil
	default:
		return nil, fmt.Errorf("field %d in a value", f.number)
	}
}

func readOneFeature(b []byte, layer *readLayer) (feature readFeature, err error) {
	fields, err := readMessage(b)
	if err != nil {
		return feature, err
	}
	feature.attributes = make(map[string]any)
	var tags []uint32
	kind := uint64(0)
	for _, f := range fields {
		switch f.number {
		case 1:
			feature.id = f.varint
			if f.varint == 0 || f.varint > MaxID {
				return feature, fmt.Errorf("id %d", f.varint)
			}
		case 2:
			tags, err = readPacked(f.bytes)
		case 3:
			kind = f.varint
		case 4:
			feature.commands, err = readPacked(f.bytes)
		default:
			err = fmt.Errorf("field %d in a feature", f.number)
		}
		if err != nil {
			return feature, err
		}
	}
	if len(tags)%2 != 0 {
		return feature, errors.New("an odd number of tags")
	}
	for i := 0; i < len(tags); i += 2 {
		key, value := int(tags[i]), int(tags[i+1])
		if key >= len(layer.keys) || value >= len(layer.values) {
			return feature, fmt.Errorf("tag %d = %d of %d keys and %d values", key, value, len(layer.keys), len(layer.values))
		}
		if _, ok := feature.attributes[layer.keys[key]]; ok {
			return feature, fmt.Errorf("%q twice", layer.keys[key])
		}
		feature.attributes[layer.keys[key]] = layer.values[value]
	}
	switch kind {
	case 1:
		feature.kind = "points"
	case 2:
		feature.kind = "lines"
	case 3:
		feature.kind = "polygons"
	default:
		return feature, fmt.Errorf("geometry type %d", kind)
	}
	feature.parts, err = readGeometry(feature.kind, feature.commands)
	return feature, err
}

func readGeometry(kind string, commands []uint32) (parts [][][2]int64, err error) {
	if len(commands) == 0 {
		return nil, errors.New("no geometry")
	}
	var x, y int64
	// next reads one command, which must be the one that is due.
	next := func(due, leastCount, mostCount uint32) (points [][2]int64, err error) {
		if len(commands) == 0 {
			return nil, fmt.Errorf("command %d is missing", due)
		}
		id, count := commands[0]&7, commands[0]>>3
		commands = commands[1:]
		if id != due || count < leastCount || count > mostCount {
			return nil, fmt.Errorf("command %d, count %d; %d is due, count %d to %d", id, count, due, leastCount, mostCount)
		}
		if id == 7 {
			return nil, nil
		}
		for range count {
			if len(commands) < 2 {
				return nil, errors.New("too few coordinates")
			}
			dx := int64(int32(commands[0]>>1) ^ -int32(commands[0]&1))
			dy := int64(int32(commands[1]>>1) ^ -int32(commands[1]&1))
			commands = commands[2:]
			if id == 2 && dx == 0 && dy == 0 {
				return nil, errors.New("a LineTo without length")
			}
			x, y = x+dx, y+dy
			points = append(points, [2]int64{x, y})
		}
		return points, nil
	}
	const any = math.MaxUint32
	for len(commands) > 0 {
		var part, rest [][2]int64
		if kind == "points" {
			if len(parts) > 0 {
				return nil, errors.New("a second MoveTo in a point feature")
			}
			part, err = next(1, 1, any)
		} else {
			least := uint32(1)
			if kind == "polygons" {
				least = 2
			}
			part, err = next(1, 1, 1)
			if err == nil {
				rest, err = next(2, least, any)
				part = append(part, rest...)
			}
			if err == nil && kind == "polygons" {
				_, err = next(7, 1, 1)
			}
		}
		if err != nil {
			return nil, err
		}
		if kind == "polygons" {
			area := surveyorsArea(part)
			if area == 0 || area < 0 && len(parts) == 0 || part[0] == part[len(part)-1] {
				return nil, fmt.Errorf("ring %d is %v, area %v", len(parts), part, area)
			}
		}
		parts = append(parts, part)
	}
	return parts, nil
}

// surveyorsArea is twice the signed area by the surveyor's formula, positive clockwise with y to the south.
func surveyorsArea(ring [][2]int64) (area int64) {
	for i, a := range ring {
		b := ring[(i+1)%len(ring)]
		area += a[0]*b[1] - b[0]*a[1]
	}
	return area
}

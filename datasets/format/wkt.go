package format

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
)

// parseWKT reads well-known text as the Simple Features standard (OGC 06-103r4, 7.2) writes it, in any case, with Z, M or ZM
// apart or attached, and SRID=...; before it as PostGIS does. Heights and measures are dropped, and the SRID with them. A point
// without place is an empty Collection.
func parseWKT(text []byte) (orb.Geometry, error) {
	if len(text) > 5 && strings.EqualFold(string(text[:5]), "SRID=") {
		if _, rest, found := bytes.Cut(text, []byte{';'}); found {
			text = rest
		}
	}
	r := wktReader{rest: text}
	g, err := r.geometry(collectionDepth)
	if err == nil && r.peek() != 0 {
		err = errors.New("text follows its end")
	}
	if err != nil {
		return nil, fmt.Errorf("%w: WKT: %w", ErrGeometry, err)
	}
	return g, nil
}

var errWKT = errors.New("brackets, commas or numbers are not as its type asks")

// wktReader reads from the front of rest.
type wktReader struct {
	rest []byte
}

// geometry reads a type and what follows it.
func (r *wktReader) geometry(depth int) (orb.Geometry, error) {
	kind := strings.ToUpper(r.word())
	switch kind {
	case "":
		return nil, errors.New("there is no type")
	case "SRID":
		return nil, errors.New("there is no geometry after SRID=...;")
	}
	dimensions := strings.ToUpper(r.word()) // Z, M, ZM, EMPTY or nothing
	empty := dimensions == "EMPTY"
	switch dimensions {
	case "Z", "M", "ZM":
		empty = strings.EqualFold(r.word(), "EMPTY")
	case "", "EMPTY":
	default:
		return nil, fmt.Errorf("%.40q follows the type", dimensions)
	}
	name := strings.TrimSuffix(strings.TrimSuffix(kind, "M"), "Z")
	read, known := wktReaders[name]
	switch {
	case name == "GEOMETRYCOLLECTION":
		if empty {
			return orb.Collection{}, nil
		}
		return r.collection(depth)
	case !known:
		for _, name := range wkbNames[wkbCollection+1:] {
			if strings.EqualFold(kind, name) {
				return nil, curved(name)
			}
		}
		return nil, fmt.Errorf("there is no type %.40q", kind)
	}
	return read(r, empty)
}

var wktReaders = map[string]func(r *wktReader, empty bool) (orb.Geometry, error){
	"POINT": func(r *wktReader, empty bool) (orb.Geometry, error) {
		if empty {
			return orb.Collection{}, nil
		}
		if !r.take('(') {
			return nil, errWKT
		}
		p, err := r.position()
		if err == nil && !r.take(')') {
			err = errWKT
		}
		return p, err
	},
	"LINESTRING":      wktParts[orb.LineString]((*wktReader).position),
	"POLYGON":         wktParts[orb.Polygon]((*wktReader).ring),
	"MULTIPOINT":      wktParts[orb.MultiPoint]((*wktReader).member),
	"MULTILINESTRING": wktParts[orb.MultiLineString]((*wktReader).line),
	"MULTIPOLYGON":    wktParts[orb.MultiPolygon]((*wktReader).polygon),
}

// wktParts reads a geometry that is a list.
func wktParts[L ~[]E, E any](read func(*wktReader) (E, error)) func(r *wktReader, empty bool) (orb.Geometry, error) {
	return func(r *wktReader, empty bool) (orb.Geometry, error) {
		parts := L{}
		if !empty {
			var err error
			if parts, err = wktList[L](r, read); err != nil {
				return nil, err
			}
		}
		return any(parts).(orb.Geometry), nil
	}
}

// wktList reads parts in brackets, with commas between them; EMPTY and () are a list of none.
func wktList[L ~[]E, E any](r *wktReader, read func(*wktReader) (E, error)) (L, error) {
	parts := L{}
	if !r.take('(') {
		if strings.EqualFold(r.word(), "EMPTY") {
			return parts, nil
		}
		return nil, errWKT
	}
	if r.take(')') {
		return parts, nil
	}
	for {
		part, err := read(r)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
		if r.take(')') {
			return parts, nil
		}
		if !r.take(',') {
			return nil, errWKT
		}
	}
}

func (r *wktReader) line() (orb.LineString, error) {
	return wktList[orb.LineString](r, (*wktReader).position)
}

func (r *wktReader) ring() (orb.Ring, error) { return wktList[orb.Ring](r, (*wktReader).position) }

func (r *wktReader) polygon() (orb.Polygon, error) {
	return wktList[orb.Polygon](r, (*wktReader).ring)
}

// member reads a point of a MULTIPOINT, which older programs write without brackets.
func (r *wktReader) member() (orb.Point, error) {
	bracket := r.take('(')
	p, err := r.position()
	if err == nil && bracket && !r.take(')') {
		err = errWKT
	}
	return p, err
}

func (r *wktReader) collection(depth int) (orb.Geometry, error) {
	if depth == 0 {
		return nil, errors.New("collections within collections")
	}
	return wktList[orb.Collection](r, func(r *wktReader) (orb.Geometry, error) { return r.geometry(depth - 1) })
}

// position reads two to four numbers.
func (r *wktReader) position() (orb.Point, error) {
	var p orb.Point
	n := 0
	for ; n < 4; n++ {
		r.peek()
		size := numberLength(r.rest)
		if size == 0 {
			break
		}
		if n < 2 {
			v, err := strconv.ParseFloat(string(r.rest[:size]), 64)
			switch {
			case math.IsInf(v, 0):
				return p, errOrdinate
			case err != nil && !errors.Is(err, strconv.ErrRange):
				return p, errWKT
			}
			p[n] = v
		}
		r.rest = r.rest[size:]
	}
	if n < 2 {
		return p, errWKT
	}
	return p, nil
}

// peek passes over spaces and gives the byte after them, 0 at the end.
func (r *wktReader) peek() byte {
	r.rest = bytes.TrimLeft(r.rest, " \t\r\n")
	if len(r.rest) == 0 {
		return 0
	}
	return r.rest[0]
}

// take passes over a sign.
func (r *wktReader) take(sign byte) bool {
	if r.peek() != sign {
		return false
	}
	r.rest = r.rest[1:]
	return true
}

// word reads letters.
func (r *wktReader) word() string {
	r.peek()
	n := 0
	for n < len(r.rest) && (r.rest[n]|0x20 >= 'a' && r.rest[n]|0x20 <= 'z') {
		n++
	}
	word := string(r.rest[:n])
	r.rest = r.rest[n:]
	return word
}

package format

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/paulmach/orb"
)

// ErrGeometry is a geometry that is not well formed.
var ErrGeometry = errors.New("not a geometry")

// collectionDepth bounds collections within collections.
const collectionDepth = 4

// ParseGeometry reads a GeoJSON geometry: nil for null or nothing, a Collection for a GeometryCollection. Coordinates are finite
// and as written, in the order x (longitude), y (latitude); a third ordinate is dropped. It may be empty, and rings may be open.
func ParseGeometry(text []byte) (orb.Geometry, error) {
	if len(trim(text)) == 0 {
		return nil, nil
	}
	if !json.Valid(text) {
		return nil, fmt.Errorf("%w: %w", ErrGeometry, errNotJSON)
	}
	return parseGeometry(text, collectionDepth)
}

func parseGeometry(text []byte, depth int) (orb.Geometry, error) {
	value, _ := jsonValue(skipSeparators(text))
	if string(value) == "null" {
		return nil, nil
	}
	var kind string
	var coordinates, geometries []byte
	err := members(value, func(name string, value []byte) error {
		switch name {
		case "type":
			kind = jsonString(value)
		case "coordinates":
			coordinates = value
		case "geometries":
			geometries = value
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%w: an object with type and coordinates is due", ErrGeometry)
	}
	if kind == "GeometryCollection" {
		return parseCollection(geometries, depth)
	}
	c := coordinateReader{text: coordinates}
	var g orb.Geometry
	switch kind {
	case "Point":
		g, err = c.point()
	case "MultiPoint":
		g, err = list[orb.MultiPoint](&c, (*coordinateReader).position)
	case "LineString":
		g, err = c.line()
	case "MultiLineString":
		g, err = list[orb.MultiLineString](&c, (*coordinateReader).line)
	case "Polygon":
		g, err = c.polygon()
	case "MultiPolygon":
		g, err = list[orb.MultiPolygon](&c, (*coordinateReader).polygon)
	default:
		return nil, fmt.Errorf("%w: there is no type %.40q", ErrGeometry, kind)
	}
	if err != nil {
		return nil, err
	}
	return g, nil
}

func parseCollection(geometries []byte, depth int) (orb.Geometry, error) {
	if depth == 0 {
		return nil, fmt.Errorf("%w: collections within collections", ErrGeometry)
	}
	collection := orb.Collection{}
	err := elements(geometries, func(value []byte) error {
		g, err := parseGeometry(value, depth-1)
		if g != nil {
			collection = append(collection, g)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%w: a collection: %w", ErrGeometry, err)
	}
	return collection, nil
}

// coordinateReader reads arrays of positions from well-formed JSON.
type coordinateReader struct {
	text []byte
}

var errCoordinates = fmt.Errorf("%w: the coordinates are not nested as its type asks", ErrGeometry)

// peek is the next byte that is not a separator, 0 at the end.
func (c *coordinateReader) peek() byte {
	c.text = skipSeparators(c.text)
	if len(c.text) == 0 {
		return 0
	}
	return c.text[0]
}

// take passes over a bracket.
func (c *coordinateReader) take(bracket byte) bool {
	if c.peek() != bracket {
		return false
	}
	c.text = c.text[1:]
	return true
}

// list reads an array whose elements read reads.
func list[L ~[]E, E any](c *coordinateReader, read func(*coordinateReader) (E, error)) (L, error) {
	if !c.take('[') {
		return nil, errCoordinates
	}
	l := L{}
	for !c.take(']') {
		e, err := read(c)
		if err != nil {
			return nil, err
		}
		l = append(l, e)
	}
	return l, nil
}

func (c *coordinateReader) polygon() (orb.Polygon, error) {
	return list[orb.Polygon](c, (*coordinateReader).ring)
}

func (c *coordinateReader) ring() (orb.Ring, error) {
	return list[orb.Ring](c, (*coordinateReader).position)
}

func (c *coordinateReader) line() (orb.LineString, error) {
	return list[orb.LineString](c, (*coordinateReader).position)
}

// point reads the position of a Point; an empty array is a point without place, which a collection can say.
func (c *coordinateReader) point() (orb.Geometry, error) {
	empty := coordinateReader{text: c.text}
	if empty.take('[') && empty.peek() == ']' {
		return orb.Collection{}, nil
	}
	return c.position()
}

func (c *coordinateReader) position() (orb.Point, error) {
	var p orb.Point
	if !c.take('[') {
		return p, errCoordinates
	}
	ordinates := 0
	for ; !c.take(']'); ordinates++ {
		n := numberLength(c.text)
		if n == 0 {
			return p, errCoordinates
		}
		if ordinates < 2 {
			v, err := strconv.ParseFloat(string(c.text[:n]), 64)
			if err != nil && !(errors.Is(err, strconv.ErrRange) && v > -1 && v < 1) {
				return p, fmt.Errorf("%w: a coordinate is not a finite number", ErrGeometry)
			}
			p[ordinates] = v
		}
		c.text = c.text[n:]
	}
	if ordinates < 2 {
		return p, fmt.Errorf("%w: a position of fewer than two numbers", ErrGeometry)
	}
	return p, nil
}

// numberLength counts the bytes of the number at the start of text.
func numberLength(text []byte) int {
	for i, c := range text {
		if !isDigit(c) && c != '-' && c != '+' && c != '.' && c != 'e' && c != 'E' {
			return i
		}
	}
	return len(text)
}

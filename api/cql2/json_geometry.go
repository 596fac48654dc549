package cql2

import (
	"encoding/json"
	"fmt"

	"github.com/paulmach/orb"
)

// geometry reads a geometry of GeoJSON. Its bbox says nothing that its coordinates do not, and is not looked into.
func (p *jsonParser) geometry(o object, at *pointer) orb.Geometry {
	content := "coordinates"
	if o["type"] == "GeometryCollection" {
		content = "geometries"
	}
	p.only(o, at, "type", content, "bbox")
	value, within := o[content], at.member(content)
	switch o["type"] {
	case "Point":
		return p.position(value, within)
	case "LineString":
		return p.line(value, within)
	case "Polygon":
		return p.polygon(value, within)
	case "MultiPoint":
		return orb.MultiPoint(each(p, value, within, p.position))
	case "MultiLineString":
		return orb.MultiLineString(each(p, value, within, p.line))
	case "MultiPolygon":
		return orb.MultiPolygon(each(p, value, within, p.polygon))
	case "GeometryCollection":
		return orb.Collection(each(p, value, within, p.part))
	}
	p.fails(at.member("type"), "type is one of GeoJSON geometries, such as Polygon")
	return nil
}

// each reads the elements of a list, of which there is one or more.
func each[T any](p *jsonParser, value any, at *pointer, read func(any, *pointer) T) (list []T) {
	values, ok := value.([]any)
	switch {
	case !ok:
		p.unexpected(at, value, "a list")
	case len(values) == 0:
		p.fails(at, "an empty list is no geometry: leave it out")
	}
	for i, value := range values {
		if p.fault != nil {
			return nil
		}
		list = append(list, read(value, at.element(i)))
	}
	return list
}

// part reads a geometry of a collection, which has no collections in it.
func (p *jsonParser) part(value any, at *pointer) orb.Geometry {
	o, ok := value.(object)
	if !ok || o["type"] == "GeometryCollection" {
		p.unexpected(at, value, "a geometry that is no collection")
		return nil
	}
	return p.geometry(o, at)
}

func (p *jsonParser) line(value any, at *pointer) orb.LineString {
	line := orb.LineString(each(p, value, at, p.position))
	p.fails(at, lineFault(line))
	return line
}

func (p *jsonParser) ring(value any, at *pointer) orb.Ring {
	ring := orb.Ring(each(p, value, at, p.position))
	p.fails(at, ringFault(ring))
	return ring
}

func (p *jsonParser) polygon(value any, at *pointer) orb.Polygon { return each(p, value, at, p.ring) }

// position reads a longitude, a latitude and a height.
func (p *jsonParser) position(value any, at *pointer) orb.Point {
	numbers := each(p, value, at, p.number)
	if len(numbers) != 2 && len(numbers) != 3 {
		p.fails(at, fmt.Sprintf("a position has a longitude, a latitude and perhaps a height, not %d numbers", len(numbers)))
		return orb.Point{}
	}
	point := orb.Point{numbers[0], numbers[1]}
	p.fails(at, p.tally.point(point))
	return point
}

func (p *jsonParser) number(value any, at *pointer) float64 {
	digits, ok := value.(json.Number)
	if !ok {
		p.unexpected(at, value, "a number")
	}
	v, problem := numberValue(digits.String())
	p.fails(at, problem)
	return v.Number
}

// box reads the numbers of a bbox.
func (p *jsonParser) box(o object, at *pointer) orb.Bound {
	p.only(o, at, "bbox")
	list := at.member("bbox")
	box, problem := boundOf(each(p, o["bbox"], list, p.number))
	p.fails(list, problem)
	return box
}

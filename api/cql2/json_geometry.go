package cql2

import (
	"encoding/json"

	"github.com/paulmach/orb"
)

// geometry reads a geometry of GeoJSON. Its bbox says nothing that its coordinates do not, and is not looked into.
func (p *jsonParser) geometry(o object, at *pointer) (orb.Geometry, *Error) {
	content := "coordinates"
	if o["type"] == "GeometryCollection" {
		content = "geometries"
	}
	if fault := only(o, at, "type", content, "bbox"); fault != nil {
		return nil, fault
	}
	value, within := o[content], at.member(content)
	switch o["type"] {
	case "Point":
		return anyOf(p.position(value, within))
	case "LineString":
		return anyOf(p.line(value, within))
	case "Polygon":
		return anyOf(p.polygon(value, within))
	case "MultiPoint":
		points, fault := each(value, within, p.position)
		return orb.MultiPoint(points), fault
	case "MultiLineString":
		lines, fault := each(value, within, p.line)
		return orb.MultiLineString(lines), fault
	case "MultiPolygon":
		polygons, fault := each(value, within, p.polygon)
		return orb.MultiPolygon(polygons), fault
	case "GeometryCollection":
		parts, fault := each(value, within, p.part)
		return orb.Collection(parts), fault
	}
	return nil, jsonError(at.member("type"), "type is one of GeoJSON geometries, such as Polygon")
}

// anyOf makes a geometry of one kind any.
func anyOf[T orb.Geometry](g T, fault *Error) (orb.Geometry, *Error) { return g, fault }

// each reads the elements of a list, of which there is one or more.
func each[T any](value any, at *pointer, read func(any, *pointer) (T, *Error)) (list []T, fault *Error) {
	values, ok := value.([]any)
	if !ok {
		return nil, jsonError(at, "here stands %s, and it needs a list", kindOf(value))
	}
	if len(values) == 0 {
		return nil, jsonError(at, "an empty list is no geometry: leave it out")
	}
	for i, value := range values {
		one, fault := read(value, at.element(i))
		if fault != nil {
			return nil, fault
		}
		list = append(list, one)
	}
	return list, nil
}

// part reads a geometry of a collection, which has no collections in it.
func (p *jsonParser) part(value any, at *pointer) (orb.Geometry, *Error) {
	o, ok := value.(object)
	if !ok || o["type"] == "GeometryCollection" {
		return nil, jsonError(at, "here stands %s, and it needs a geometry that is no collection", kindOf(value))
	}
	return p.geometry(o, at)
}

func (p *jsonParser) line(value any, at *pointer) (orb.LineString, *Error) {
	line, fault := each(value, at, p.position)
	if fault == nil {
		fault = faultAt(at, lineFault(line))
	}
	return line, fault
}

func (p *jsonParser) ring(value any, at *pointer) (orb.Ring, *Error) {
	ring, fault := each(value, at, p.position)
	if fault == nil {
		fault = faultAt(at, ringFault(ring))
	}
	return ring, fault
}

func (p *jsonParser) polygon(value any, at *pointer) (orb.Polygon, *Error) {
	return each(value, at, p.ring)
}

// position reads a longitude, a latitude and a height.
func (p *jsonParser) position(value any, at *pointer) (orb.Point, *Error) {
	numbers, fault := each(value, at, p.number)
	if fault != nil {
		return orb.Point{}, fault
	}
	if len(numbers) != 2 && len(numbers) != 3 {
		return orb.Point{}, jsonError(at, "a position has a longitude, a latitude and perhaps a height, not %d numbers", len(numbers))
	}
	point := orb.Point{numbers[0], numbers[1]}
	return point, faultAt(at, p.tally.point(point))
}

func (p *jsonParser) number(value any, at *pointer) (float64, *Error) {
	digits, ok := value.(json.Number)
	if !ok {
		return 0, jsonError(at, "here stands %s, and it needs a number", kindOf(value))
	}
	v, problem := numberValue(digits.String())
	return v.Number, faultAt(at, problem)
}

// box reads the numbers of a bbox.
func (p *jsonParser) box(o object, at *pointer) (orb.Bound, *Error) {
	if fault := only(o, at, "bbox"); fault != nil {
		return orb.Bound{}, fault
	}
	list := at.member("bbox")
	numbers, fault := each(o["bbox"], list, p.number)
	if fault != nil {
		return orb.Bound{}, fault
	}
	box, problem := boundOf(numbers)
	return box, faultAt(list, problem)
}

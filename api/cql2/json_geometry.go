package cql2

import (
	"encoding/json"

	"github.com/paulmach/orb"
)

// geometry reads a geometry of GeoJSON. Its bbox says nothing that its coordinates do not, and is not looked into.
func (p *jsonParser) geometry(o object, pointer string) (orb.Geometry, *Error) {
	coordinates, at := o["coordinates"], member(pointer, "coordinates")
	content := "coordinates"
	if o["type"] == "GeometryCollection" {
		content = "geometries"
	}
	if fault := only(o, pointer, "type", content, "bbox"); fault != nil {
		return nil, fault
	}
	switch o["type"] {
	case "Point":
		return anyOf(p.position(coordinates, at))
	case "LineString":
		return anyOf(p.line(coordinates, at))
	case "Polygon":
		return anyOf(p.polygon(coordinates, at))
	case "MultiPoint":
		points, fault := each(coordinates, at, p.position)
		return orb.MultiPoint(points), fault
	case "MultiLineString":
		lines, fault := each(coordinates, at, p.line)
		return orb.MultiLineString(lines), fault
	case "MultiPolygon":
		polygons, fault := each(coordinates, at, p.polygon)
		return orb.MultiPolygon(polygons), fault
	case "GeometryCollection":
		parts, fault := each(o["geometries"], member(pointer, "geometries"), p.part)
		return orb.Collection(parts), fault
	}
	return nil, jsonError(member(pointer, "type"), "type is one of GeoJSON geometries, such as Polygon")
}

// anyOf makes a geometry of one kind any.
func anyOf[T orb.Geometry](g T, fault *Error) (orb.Geometry, *Error) { return g, fault }

// each reads the elements of a list, of which there is one or more.
func each[T any](value any, pointer string, read func(any, string) (T, *Error)) (list []T, fault *Error) {
	values, ok := value.([]any)
	if !ok {
		return nil, jsonError(pointer, "here stands %s, and it needs a list", kindOf(value))
	}
	if len(values) == 0 {
		return nil, jsonError(pointer, "an empty list is no geometry: leave it out")
	}
	for i, value := range values {
		one, fault := read(value, element(pointer, i))
		if fault != nil {
			return nil, fault
		}
		list = append(list, one)
	}
	return list, nil
}

// part reads a geometry of a collection, which has no collections in it.
func (p *jsonParser) part(value any, pointer string) (orb.Geometry, *Error) {
	o, ok := value.(object)
	if !ok || o["type"] == "GeometryCollection" {
		return nil, jsonError(pointer, "here stands %s, and it needs a geometry that is no collection", kindOf(value))
	}
	return p.geometry(o, pointer)
}

func (p *jsonParser) line(value any, pointer string) (orb.LineString, *Error) {
	line, fault := each(value, pointer, p.position)
	if fault != nil {
		return nil, fault
	}
	if problem := lineFault(line); problem != "" {
		return nil, jsonError(pointer, "%s", problem)
	}
	return line, nil
}

func (p *jsonParser) ring(value any, pointer string) (orb.Ring, *Error) {
	ring, fault := each(value, pointer, p.position)
	if fault != nil {
		return nil, fault
	}
	if problem := ringFault(ring); problem != "" {
		return nil, jsonError(pointer, "%s", problem)
	}
	return ring, nil
}

func (p *jsonParser) polygon(value any, pointer string) (orb.Polygon, *Error) {
	return each(value, pointer, p.ring)
}

// position reads a longitude, a latitude and a height.
func (p *jsonParser) position(value any, pointer string) (orb.Point, *Error) {
	numbers, fault := each(value, pointer, p.number)
	if fault != nil {
		return orb.Point{}, fault
	}
	if len(numbers) != 2 && len(numbers) != 3 {
		return orb.Point{}, jsonError(pointer, "a position has a longitude, a latitude and perhaps a height, not %d numbers", len(numbers))
	}
	at := orb.Point{numbers[0], numbers[1]}
	problem := pointFault(at)
	if problem == "" {
		problem = p.tally.point()
	}
	if problem != "" {
		return orb.Point{}, jsonError(pointer, "%s", problem)
	}
	return at, nil
}

func (p *jsonParser) number(value any, pointer string) (float64, *Error) {
	digits, ok := value.(json.Number)
	if !ok {
		return 0, jsonError(pointer, "here stands %s, and it needs a number", kindOf(value))
	}
	v, problem := numberValue(digits.String())
	if problem != "" {
		return 0, jsonError(pointer, "%s", problem)
	}
	return v.Number, nil
}

// box reads the numbers of a bbox.
func (p *jsonParser) box(o object, pointer string) (orb.Bound, *Error) {
	if fault := only(o, pointer, "bbox"); fault != nil {
		return orb.Bound{}, fault
	}
	at := member(pointer, "bbox")
	numbers, fault := each(o["bbox"], at, p.number)
	if fault != nil {
		return orb.Bound{}, fault
	}
	box, problem := boundOf(numbers)
	if problem != "" {
		return orb.Bound{}, jsonError(at, "%s", problem)
	}
	return box, nil
}

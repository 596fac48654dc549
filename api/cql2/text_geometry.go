package cql2

import (
	"slices"

	"github.com/paulmach/orb"
)

// wktNames are the geometries that text has, as WKT writes them.
var wktNames = []string{"POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION"}

// wktParser reads the coordinates of a geometry.
type wktParser struct {
	*textParser
	heights bool // each position has a height, as a Z after the name says; without one it may have
}

// geometry reads what follows the name of a geometry.
func (p *textParser) geometry(name string) (orb.Geometry, error) {
	w := &wktParser{p, p.accept("Z")}
	switch name {
	case "POINT":
		return geometryOf(w.point())
	case "LINESTRING":
		return geometryOf(w.line())
	case "POLYGON":
		return geometryOf(w.polygon())
	case "MULTIPOINT":
		points, err := listed(p, w.pointOrPosition)
		return orb.MultiPoint(points), err
	case "MULTILINESTRING":
		lines, err := listed(p, w.line)
		return orb.MultiLineString(lines), err
	case "MULTIPOLYGON":
		polygons, err := listed(p, w.polygon)
		return orb.MultiPolygon(polygons), err
	}
	parts, err := listed(p, p.part)
	return orb.Collection(parts), err
}

// geometryOf makes a geometry of one kind any.
func geometryOf[T orb.Geometry](g T, err error) (orb.Geometry, error) { return g, err }

// part reads a geometry of a collection, which has no collections in it.
func (p *textParser) part() (orb.Geometry, error) {
	name := upper(p.token.text)
	if p.token.kind != tokenWord || !slices.Contains(wktNames, name) || name == "GEOMETRYCOLLECTION" {
		return nil, p.unexpected("a geometry that is no collection, such as POINT(2.35 48.85)")
	}
	p.advance()
	return p.geometry(name)
}

func (p *wktParser) point() (orb.Point, error) {
	if err := p.open(); err != nil {
		return orb.Point{}, err
	}
	point, err := p.position()
	if err != nil {
		return orb.Point{}, err
	}
	return point, p.close(")")
}

// pointOrPosition reads a point of many, which older WKT writes without parentheses.
func (p *wktParser) pointOrPosition() (orb.Point, error) {
	if p.token.is("(") {
		return p.point()
	}
	return p.position()
}

func (p *wktParser) line() (orb.LineString, error) {
	at := p.token.at
	line, err := listed(p.textParser, p.position)
	if err == nil {
		err = p.faultAt(at, lineFault(line))
	}
	return line, err
}

func (p *wktParser) ring() (orb.Ring, error) {
	at := p.token.at
	ring, err := listed(p.textParser, p.position)
	if err == nil {
		err = p.faultAt(at, ringFault(ring))
	}
	return ring, err
}

func (p *wktParser) polygon() (orb.Polygon, error) { return listed(p.textParser, p.ring) }

// position reads a longitude, a latitude and a height.
func (p *wktParser) position() (orb.Point, error) {
	at := p.token.at
	var point orb.Point
	for i := range point {
		var err error
		if point[i], err = p.coordinate(); err != nil {
			return orb.Point{}, err
		}
	}
	if p.heights || p.token.kind == tokenNumber || p.token.is("-") || p.token.is("+") {
		if _, err := p.coordinate(); err != nil {
			return orb.Point{}, err
		}
	}
	return point, p.faultAt(at, p.tally.point(point))
}

// box reads the numbers of a BBOX.
func (p *textParser) box() (orb.Bound, error) {
	at := p.token.at
	numbers, err := listed(p, p.coordinate)
	if err != nil {
		return orb.Bound{}, err
	}
	box, problem := boundOf(numbers)
	return box, p.faultAt(at, problem)
}

// coordinate reads a number with its sign.
func (p *textParser) coordinate() (float64, error) {
	at, sign := p.token.at, ""
	if p.token.is("-") || p.token.is("+") {
		sign = p.token.text
		p.advance()
	}
	if p.token.kind != tokenNumber {
		return 0, p.unexpected("a number")
	}
	v, problem := numberValue(sign + p.token.text)
	p.advance()
	return v.Number, p.faultAt(at, problem)
}

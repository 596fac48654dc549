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
func (p *textParser) geometry(name string) orb.Geometry {
	w := &wktParser{p, p.accept("Z")}
	switch name {
	case "POINT":
		return w.point()
	case "LINESTRING":
		return w.line()
	case "POLYGON":
		return w.polygon()
	case "MULTIPOINT":
		return orb.MultiPoint(listed(p, w.pointOrPosition))
	case "MULTILINESTRING":
		return orb.MultiLineString(listed(p, w.line))
	case "MULTIPOLYGON":
		return orb.MultiPolygon(listed(p, w.polygon))
	}
	return orb.Collection(listed(p, p.part))
}

// part reads a geometry of a collection, which has no collections in it.
func (p *textParser) part() orb.Geometry {
	name := upper(p.token.text)
	if p.token.kind != tokenWord || !slices.Contains(wktNames, name) || name == "GEOMETRYCOLLECTION" {
		p.unexpected("a geometry that is no collection, such as POINT(2.35 48.85)")
		return nil
	}
	p.advance()
	return p.geometry(name)
}

func (p *wktParser) point() orb.Point {
	p.open()
	point := p.position()
	p.close(")")
	return point
}

// pointOrPosition reads a point of many, which older WKT writes without parentheses.
func (p *wktParser) pointOrPosition() orb.Point {
	if p.token.is("(") {
		return p.point()
	}
	return p.position()
}

func (p *wktParser) line() orb.LineString {
	at := p.token.at
	line := orb.LineString(listed(p.textParser, p.position))
	p.fails(at, lineFault(line))
	return line
}

func (p *wktParser) ring() orb.Ring {
	at := p.token.at
	ring := orb.Ring(listed(p.textParser, p.position))
	p.fails(at, ringFault(ring))
	return ring
}

func (p *wktParser) polygon() orb.Polygon { return listed(p.textParser, p.ring) }

// position reads a longitude, a latitude and a height.
func (p *wktParser) position() orb.Point {
	at := p.token.at
	point := orb.Point{p.coordinate(), p.coordinate()}
	if p.heights || p.token.kind == tokenNumber || p.token.is("-") || p.token.is("+") {
		p.coordinate()
	}
	p.fails(at, p.tally.point(point))
	return point
}

// box reads the numbers of a BBOX.
func (p *textParser) box() orb.Bound {
	at := p.token.at
	box, problem := boundOf(listed(p, p.coordinate))
	p.fails(at, problem)
	return box
}

// coordinate reads a number with its sign.
func (p *textParser) coordinate() float64 {
	at, sign := p.token.at, ""
	if p.token.is("-") || p.token.is("+") {
		sign = p.token.text
		p.advance()
	}
	if p.token.kind != tokenNumber {
		p.unexpected("a number")
	}
	v, problem := numberValue(sign + p.token.text)
	p.fails(at, problem)
	p.advance()
	return v.Number
}

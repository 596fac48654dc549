package geo

import (
	"fmt"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/peterstace/simplefeatures/geom"
)

// Shape is a geometry that can be held against another, in the plane of longitude and latitude: the edge between two positions is straight
// there, as CQL2 and GeoJSON have it. The predicates are those of OGC 06-103r4 (DE-9IM).
type Shape struct{ geometry geom.Geometry }

// NewShape takes a geometry that somebody has drawn. A line without length, a ring that crosses itself or a hole outside its polygon is an error.
func NewShape(g orb.Geometry) (Shape, error) {
	if bound, ok := g.(orb.Bound); ok {
		g = bound.ToPolygon()
	}
	content, err := wkb.Marshal(g)
	if err != nil {
		return Shape{}, fmt.Errorf("geo: shape: %w", err)
	}
	shape, err := geom.UnmarshalWKB(content)
	if err != nil {
		return Shape{}, fmt.Errorf("geo: shape: %w", err)
	}
	return Shape{shape}, nil
}

// ShapeOfWKB takes a geometry that is known to be in order.
func ShapeOfWKB(content []byte) (Shape, error) {
	shape, err := geom.UnmarshalWKB(content, geom.NoValidate{})
	if err != nil {
		return Shape{}, fmt.Errorf("geo: shape: %w", err)
	}
	return Shape{shape}, nil
}

// Intersects tells whether two shapes have a position in common.
func (s Shape) Intersects(other Shape) bool { return geom.Intersects(s.geometry, other.geometry) }

// Within tells whether a shape has no position outside another, and something of its inside in the other's.
func (s Shape) Within(other Shape) (bool, error) {
	within, err := geom.Within(s.geometry, other.geometry)
	if err != nil {
		return false, fmt.Errorf("geo: shape: %w", err)
	}
	return within, nil
}

// Middle is a point of the shape, well inside where it has an inside.
func (s Shape) Middle() Shape { return Shape{s.geometry.PointOnSurface().AsGeometry()} }

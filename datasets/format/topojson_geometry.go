package format

import (
	"encoding/json"

	"github.com/paulmach/orb"
)

// geometry makes the geometry of an object: nil for a null one.
func (t *Topology) geometry(o topoObject, depth int) (orb.Geometry, error) {
	switch o.Type {
	case "":
		return nil, nil
	case "Point":
		var p []float64
		if json.Unmarshal(o.Coordinates, &p) != nil || len(p) < 2 {
			return nil, ErrGeometry
		}
		return finitePoint(t.shift(p[0], p[1]))
	case "MultiPoint":
		var list [][]float64
		if json.Unmarshal(o.Coordinates, &list) != nil {
			return nil, ErrGeometry
		}
		points := make(orb.MultiPoint, len(list))
		for i, p := range list {
			if len(p) < 2 || !isFinite(t.shift(p[0], p[1])) {
				return nil, ErrGeometry
			}
			points[i] = t.shift(p[0], p[1])
		}
		return points, nil
	case "LineString":
		var arcs []int
		if json.Unmarshal(o.Arcs, &arcs) != nil {
			return nil, ErrGeometry
		}
		return t.line(arcs)
	case "MultiLineString", "Polygon":
		var list [][]int
		if json.Unmarshal(o.Arcs, &list) != nil {
			return nil, ErrGeometry
		}
		if o.Type == "Polygon" {
			return t.polygon(list)
		}
		lines := make(orb.MultiLineString, len(list))
		for i, arcs := range list {
			line, err := t.line(arcs)
			if err != nil {
				return nil, err
			}
			lines[i] = line
		}
		return lines, nil
	case "MultiPolygon":
		var list [][][]int
		if json.Unmarshal(o.Arcs, &list) != nil {
			return nil, ErrGeometry
		}
		polygons := make(orb.MultiPolygon, len(list))
		for i, rings := range list {
			polygon, err := t.polygon(rings)
			if err != nil {
				return nil, err
			}
			polygons[i] = polygon
		}
		return polygons, nil
	case "GeometryCollection":
		if depth == 0 {
			return nil, ErrGeometry
		}
		var collection orb.Collection
		for _, member := range o.Geometries {
			g, err := t.geometry(member, depth-1)
			if err != nil {
				return nil, err
			}
			if g != nil {
				collection = append(collection, g)
			}
		}
		return collection, nil
	}
	return nil, ErrGeometry
}

func finitePoint(p orb.Point) (orb.Geometry, error) {
	if !isFinite(p) {
		return nil, ErrGeometry
	}
	return p, nil
}

func (t *Topology) polygon(rings [][]int) (orb.Polygon, error) {
	polygon := make(orb.Polygon, len(rings))
	for i, arcs := range rings {
		line, err := t.line(arcs)
		if err != nil {
			return nil, err
		}
		polygon[i] = orb.Ring(line)
	}
	return polygon, nil
}

// maxVertices bounds a line put together of arcs, of which it may name one a million times.
const maxVertices = 4 << 20

// line joins arcs: ~i is arc i from its end to its beginning, and the first position of an arc is the last of the one before.
func (t *Topology) line(arcs []int) (orb.LineString, error) {
	var line orb.LineString
	for _, index := range arcs {
		reversed := index < 0
		if reversed {
			index = ^index
		}
		if index >= len(t.arcs) || len(line)+len(t.arcs[index]) > maxVertices {
			return nil, ErrGeometry
		}
		arc := t.arcs[index]
		for i := range arc {
			p := arc[i]
			if reversed {
				p = arc[len(arc)-1-i]
			}
			if i == 0 && len(line) > 0 {
				continue
			}
			line = append(line, p)
		}
	}
	return line, nil
}

package build

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"github.com/arpent/arpent/engine"
)

// streetRef is a street by the id its dataset gives it: ids of different datasets may be the same.
type streetRef struct{ dataset, id string }

// seenStreet is where a street was first seen, and its place in material.streets.
type seenStreet struct {
	at    fileRow
	index int
}

func (r *reader) takeStreets(in engine.Input, file int32, rows engine.Rows) error {
	lines, ids, names, communes, shapes := rows.Ints("line"), rows.Texts("street_id"), rows.Texts("street"), rows.Texts("commune"), rows.Binary("geometry")
	for i := range rows.Len() {
		at := fileRow{file, lines.Value(i)}
		if code := communes.Value(i); oneCommune(code) && !r.inScope(in, code) {
			r.pass(file, at.line, passCommune)
			continue
		}
		g, err := wkb.Unmarshal(shapes.Value(i))
		if err != nil {
			return fmt.Errorf("build: %s: geometry: %w", r.row(at), err)
		}
		if !r.around.Intersects(g.Bound()) {
			r.pass(file, at.line, passFar)
			continue
		}
		s := street{name: r.texts.keep(names.Value(i)), commune: r.texts.keep(communes.Value(i)), file: file}
		switch g := g.(type) {
		case orb.LineString:
			s.lines = []orb.LineString{g}
		case orb.MultiLineString:
			s.lines = g
		default:
			return fmt.Errorf("build: %s: a street is a %s: expected a LineString or MultiLineString", r.row(at), g.GeoJSONType())
		}
		ref := streetRef{in.Spec.Dataset, r.texts.keep(ids.Value(i))}
		if first, ok := r.streetsSeen[ref]; ok {
			// Files by county or department both have the streets on their border.
			if first.at.file != file && orb.Equal(orb.MultiLineString(r.streets[first.index].lines), orb.MultiLineString(s.lines)) {
				r.pass(file, at.line, passRepeated)
				continue
			}
			return r.twice("street", ref.id, first.at, at)
		}
		r.streetsSeen[ref] = seenStreet{at, len(r.streets)}
		r.streets = append(r.streets, s)
	}
	return nil
}

// pointIsUsable tells whether a position is one on Earth.
func pointIsUsable(lon, lat float64) bool { return math.Abs(lon) <= 180 && math.Abs(lat) <= 90 }

func (r *reader) takeAreas(in engine.Input, file int32, rows engine.Rows) error {
	lines, communes, stations := rows.Ints("line"), rows.Texts("commune"), rows.Texts("station")
	codes, names, registered, shapes := rows.Texts("code"), rows.Texts("name"), rows.Ints("registered"), rows.Binary("geometry")
	for i := range rows.Len() {
		at := fileRow{file, lines.Value(i)}
		if !r.inScope(in, communes.Value(i)) {
			r.pass(file, at.line, passCommune)
			continue
		}
		shape, err := multiPolygon(shapes.Value(i))
		if err != nil {
			return fmt.Errorf("build: %s: %w", r.row(at), err)
		}
		a := area{
			division: string(in.Spec.Division), key: r.key(communes.Value(i), stations.Value(i)),
			code: r.texts.keep(codes.Value(i)), name: r.texts.keep(names.Value(i)), shape: shape,
			electors: orAbsent(registered, i),
		}
		key := a.division + "/" + a.key.String()
		if first, ok := r.areasSeen[key]; ok {
			return r.twice("precinct", a.code, first, at)
		}
		r.areasSeen[key] = at
		r.extent.add(shape.Bound())
		r.areas = append(r.areas, a)
	}
	return nil
}

func multiPolygon(content []byte) (orb.MultiPolygon, error) {
	g, err := wkb.Unmarshal(content)
	if err != nil {
		return nil, fmt.Errorf("geometry: %w", err)
	}
	switch g := g.(type) {
	case orb.Polygon:
		return orb.MultiPolygon{g}, nil
	case orb.MultiPolygon:
		return g, nil
	}
	return nil, fmt.Errorf("an area is a %s: expected a Polygon or MultiPolygon", g.GeoJSONType())
}

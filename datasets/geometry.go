package datasets

import (
	"bytes"
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// Reasons to leave out a geometry, and repairs.
const (
	reasonNoGeometry   = "no geometry"
	reasonGeometry     = "the geometry is not well formed"
	reasonNotArea      = "the geometry is not an area"
	reasonNotLine      = "the geometry is not a line"
	reasonNoPosition   = "the coordinates are neither degrees nor Lambert-93 metres: give crs: the EPSG code of their system"
	reasonOutside      = "the coordinates are outside the system they are in"
	repairOpenRing     = "a ring was not closed: closed"
	repairSmallRing    = "a ring of fewer than four positions was dropped"
	repairShortLine    = "a line of fewer than two positions was dropped"
	repairInCollection = "of a geometry collection, what is not of the kind was dropped"
)

// positioner says where on Earth a published position is, in WGS84 degrees.
type positioner func(orb.Point) (p orb.Point, reason string)

// errMixed is for files whose publisher mixed two systems up: some of the positions are wrong, whichever.
var errMixed = errors.New("the coordinates are in metres and in degrees: download the file in WGS84 (EPSG:4326), or convert it")

// newShaper takes the positions of a file in the system that its line of the place file gives, else in the one that the file
// declares, else in degrees or Lambert-93 metres, which cannot be mistaken for each other, and are not in one file.
func newShaper(d decoding, rows format.Rows) (*shaper, error) {
	s := &shaper{report: d.report}
	s.position = s.inDegreesOrLambert93
	crs := rows.CRS()
	if d.spec.CRS != "" {
		var err error
		if crs, err = geo.CRSByName(string(d.spec.CRS)); err != nil {
			return nil, err
		}
	}
	if !crs.IsZero() && !crs.Geographic() {
		s.position = func(p orb.Point) (orb.Point, string) {
			lon, lat := crs.Degrees(p[0], p[1])
			if !(math.Abs(lon) <= 180 && math.Abs(lat) <= 90) {
				return p, reasonOutside
			}
			return orb.Point{lon, lat}, ""
		}
	}
	return s, nil
}

// inDegreesOrLambert93 takes positions as degrees, or as the metres of Lambert-93, which no degrees can be mistaken for.
func (s *shaper) inDegreesOrLambert93(p orb.Point) (orb.Point, string) {
	if geo.InLambert93(p[0], p[1]) {
		s.metres = true
		lon, lat := geo.Lambert93.Inverse(p[0], p[1])
		return orb.Point{lon, lat}, ""
	}
	if geo.LooksProjected(p[0], p[1]) {
		return p, reasonNoPosition
	}
	s.degrees = true
	return p, ""
}

// shaper turns published geometries into the WKB of rows.
type shaper struct {
	report   *engine.FileReport
	position positioner
	metres   bool // positions were met in metres, and in degrees
	degrees  bool
	repairs  []string // of the geometry, reported if it is kept
	written  bytes.Buffer
}

// area gives a Polygon, or a MultiPolygon where the source has one; malformed is the error of parsing the geometry. The bytes
// are good until the next call.
func (s *shaper) area(line int64, g orb.Geometry, malformed error) (shape []byte, reason string, err error) {
	if reason := s.begin(g, malformed); reason != "" {
		return nil, reason, nil
	}
	parts, other := collectAreas(nil, g)
	if len(parts) == 0 && other {
		return nil, reasonNotArea, nil
	}
	var kept orb.MultiPolygon
	for _, part := range parts {
		if polygon := s.cleanPolygon(part); polygon != nil {
			kept = append(kept, polygon)
		}
	}
	if len(kept) == 0 {
		return nil, reasonNoGeometry, nil
	}
	for _, polygon := range kept {
		for _, ring := range polygon {
			if reason := s.place(ring); reason != "" {
				return nil, reason, nil
			}
		}
	}
	if other {
		s.repairs = append(s.repairs, repairInCollection)
	}
	if _, single := g.(orb.Polygon); single {
		return s.write(line, kept[0])
	}
	return s.write(line, kept)
}

// line gives a LineString, or a MultiLineString where the source has one; malformed is the error of parsing the geometry. The
// bytes are good until the next call.
func (s *shaper) line(line int64, g orb.Geometry, malformed error) (shape []byte, reason string, err error) {
	if reason := s.begin(g, malformed); reason != "" {
		return nil, reason, nil
	}
	parts, other := collectLines(nil, g)
	if len(parts) == 0 && other {
		return nil, reasonNotLine, nil
	}
	var kept orb.MultiLineString
	for _, part := range parts {
		if len(part) < 2 {
			s.repairs = append(s.repairs, repairShortLine)
			continue
		}
		kept = append(kept, part)
	}
	if len(kept) == 0 {
		return nil, reasonNoGeometry, nil
	}
	for _, part := range kept {
		if reason := s.place(part); reason != "" {
			return nil, reason, nil
		}
	}
	if other {
		s.repairs = append(s.repairs, repairInCollection)
	}
	if _, single := g.(orb.LineString); single {
		return s.write(line, kept[0])
	}
	return s.write(line, kept)
}

// point gives the place of a geometry: a point's own, of anything else the middle of its bounds.
func (s *shaper) point(g orb.Geometry, malformed error) (lon, lat float64, reason string) {
	if reason := s.begin(g, malformed); reason != "" {
		return 0, 0, reason
	}
	p := g.Bound().Center()
	if !(p[0]-p[0] == 0 && p[1]-p[1] == 0) { // an empty geometry has no bounds
		return 0, 0, reasonNoGeometry
	}
	return s.degreesOf(p[0], p[1])
}

// degreesOf brings a position to degrees.
func (s *shaper) degreesOf(x, y float64) (lon, lat float64, reason string) {
	p, reason := s.position(orb.Point{x, y})
	return p[0], p[1], reason
}

func (s *shaper) begin(g orb.Geometry, malformed error) (reason string) {
	s.repairs = s.repairs[:0]
	switch {
	case malformed != nil:
		return reasonGeometry
	case g == nil:
		return reasonNoGeometry
	}
	return ""
}

// collectAreas appends the polygons of a geometry, and tells whether there is anything else in it.
func collectAreas(parts []orb.Polygon, g orb.Geometry) (areas []orb.Polygon, other bool) {
	switch g := g.(type) {
	case orb.Polygon:
		return append(parts, g), false
	case orb.MultiPolygon:
		return append(parts, g...), false
	case orb.Collection:
		for _, member := range g {
			var not bool
			parts, not = collectAreas(parts, member)
			other = other || not
		}
		return parts, other
	}
	return parts, true
}

// collectLines appends the lines of a geometry, and tells whether there is anything else in it.
func collectLines(parts []orb.LineString, g orb.Geometry) (lines []orb.LineString, other bool) {
	switch g := g.(type) {
	case orb.LineString:
		return append(parts, g), false
	case orb.MultiLineString:
		return append(parts, g...), false
	case orb.Collection:
		for _, member := range g {
			var not bool
			parts, not = collectLines(parts, member)
			other = other || not
		}
		return parts, other
	}
	return parts, true
}

// cleanPolygon closes rings and drops those that enclose nothing; nil if that is the outer one.
func (s *shaper) cleanPolygon(polygon orb.Polygon) (cleaned orb.Polygon) {
	for i, ring := range polygon {
		if len(ring) > 0 && ring[0] != ring[len(ring)-1] {
			ring = append(ring, ring[0])
			s.repairs = append(s.repairs, repairOpenRing)
		}
		if len(ring) >= 4 {
			cleaned = append(cleaned, ring)
			continue
		}
		s.repairs = append(s.repairs, repairSmallRing)
		if i == 0 {
			return nil
		}
	}
	return cleaned
}

// place brings positions to degrees.
func (s *shaper) place(positions []orb.Point) (reason string) {
	for i, p := range positions {
		if positions[i], reason = s.position(p); reason != "" {
			return reason
		}
	}
	return ""
}

func (s *shaper) write(line int64, g orb.Geometry) (shape []byte, reason string, err error) {
	if s.metres && s.degrees {
		return nil, "", errMixed
	}
	s.written.Reset()
	if err := wkb.NewEncoder(&s.written).Encode(g); err != nil {
		return nil, "", fmt.Errorf("write the geometry as WKB: %w", err)
	}
	for _, r := range s.repairs {
		s.report.Repair(line, r)
	}
	return s.written.Bytes(), "", nil
}

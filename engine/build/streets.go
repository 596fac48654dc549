package build

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// dustM is the length in metres under which a piece is no segment: exact noding leaves slivers where streets overshoot a crossing
// by less than a survey can tell, and their coordinates as published would be one point.
const dustM = 0.01

// cutStreets projects the streets to metres and cuts them into segments, those of each dataset by its own rule: lines that are
// drawn whole meet where they cross, others where they share a vertex (else one is a bridge or a tunnel).
func cutStreets(m *material) (geo.Projection, []segment, error) {
	// Streets in an order of their own, so that segments do not depend on the file's.
	streets := slices.Clone(m.streets)
	slices.SortStableFunc(streets, func(a, b street) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.commune, b.commune))
	})
	box := streets[0].lines[0].Bound()
	for _, s := range streets {
		for _, l := range s.lines {
			box = box.Union(l.Bound())
		}
	}
	projection := geo.ProjectionAt(box.Center()[0], box.Center()[1])
	type source struct {
		dataset   string
		crossings bool
	}
	of := func(s street) source { return source{m.files[s.file].spec.Dataset, m.files[s.file].crossings} }
	var sources []source
	lines := map[source][]geo.Street{}
	for i, s := range streets {
		from := of(s)
		if _, ok := lines[from]; !ok {
			sources = append(sources, from)
		}
		for _, l := range s.lines {
			planar := make(orb.LineString, len(l))
			for j, p := range l {
				planar[j][0], planar[j][1] = projection.Forward(p[0], p[1])
			}
			lines[from] = append(lines[from], geo.Street{Key: i, Line: planar})
		}
	}
	slices.SortFunc(sources, func(a, b source) int { return strings.Compare(a.dataset, b.dataset) })
	var pieces []geo.Piece
	for _, from := range sources {
		cut := geo.CutSharedVertices
		if from.crossings {
			cut = geo.CutCrossings
		}
		found, _ := geo.CutStreets(lines[from], cut)
		pieces = append(pieces, found...)
	}
	segments := make([]segment, 0, len(pieces))
	for _, piece := range pieces {
		length := geo.LineLength(piece.Line)
		if length < dustM {
			continue
		}
		s := streets[piece.Key]
		line := make(orb.LineString, len(piece.Line))
		for j, p := range piece.Line {
			lon, lat := projection.Inverse(p[0], p[1])
			line[j] = orb.Point{tidy(lon), tidy(lat)}
		}
		segments = append(segments, segment{
			id: segmentID(s, line, 0), street: s.name, commune: s.commune, lengthM: length, line: line, planar: piece.Line,
			numbers: [2]numberRange{{1, 0}, {1, 0}},
		})
	}
	return projection, segments, numberSegments(segments)
}

// numberSegments sorts the segments by id. Two pieces of a street on the same ground to a decimetre get ids apart; any other
// meeting of ids is a collision of the hash.
func numberSegments(segments []segment) error {
	byID := func(a, b segment) int {
		if a.id != b.id {
			return cmp.Compare(a.id, b.id)
		}
		return slices.CompareFunc(a.line, b.line, comparePoints)
	}
	slices.SortStableFunc(segments, byID)
	for i := 1; i < len(segments); i++ {
		for again := 1; i < len(segments) && segments[i].id == segments[i-1].id; i, again = i+1, again+1 {
			segments[i].id = segmentID(street{name: segments[i].street, commune: segments[i].commune}, segments[i].line, again)
		}
	}
	slices.SortStableFunc(segments, byID)
	for i := 1; i < len(segments); i++ {
		if segments[i].id == segments[i-1].id {
			return fmt.Errorf("build: segments of %s and of %s have the same id %d: please report this", segments[i-1].street, segments[i].street, segments[i].id)
		}
	}
	return nil
}

func comparePoints(a, b orb.Point) int {
	return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
}

// tidy rounds a coordinate to 1e-8 degrees, about a millimetre.
func tidy(degrees float64) float64 { return math.Round(degrees*1e8) / 1e8 }

// segmentID hashes the street and its course to about a decimetre, in either direction: it survives rebuilds and changes of
// other streets.
func segmentID(s street, line orb.LineString, again int) int64 {
	points := make([]string, len(line))
	for i, p := range line {
		points[i] = strconv.FormatInt(int64(math.Round(p[0]*1e6)), 10) + " " + strconv.FormatInt(int64(math.Round(p[1]*1e6)), 10)
	}
	if points[0] > points[len(points)-1] {
		slices.Reverse(points)
	}
	parts := append([]string{"segment", s.commune, s.name}, points...)
	if again > 0 {
		parts = append(parts, "again "+strconv.Itoa(again))
	}
	return engine.StableID(parts...)
}

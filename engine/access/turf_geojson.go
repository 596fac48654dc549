package access

import (
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/paulmach/orb"
)

// Bounds of what is taken for a turf.
const (
	mostTurfBytes = 1 << 20
	mostVertices  = 20_000
	mostPolygons  = 2_000
)

// turfObject is any object of GeoJSON. Of its members only those that make the shape are read: properties, which may hold anything, are
// not.
type turfObject struct {
	Type        string          `json:"type"`
	Coordinates json.RawMessage `json:"coordinates"`
	Geometry    json.RawMessage `json:"geometry"`
	Features    json.RawMessage `json:"features"`
	CRS         *struct {
		Properties struct {
			Name string `json:"name"`
		} `json:"properties"`
	} `json:"crs"` // of files from before RFC 7946
}

// decodeTurf reads the shape of a turf from GeoJSON: a Polygon, a MultiPolygon, a Feature of one, or a FeatureCollection of such, whose
// polygons together are the turf.
func decodeTurf(geojson []byte) (orb.MultiPolygon, error) {
	if len(geojson) > mostTurfBytes {
		return nil, refuse("geojson", "it has more than %d bytes: simplify the polygons", mostTurfBytes)
	}
	if !utf8.Valid(geojson) {
		return nil, refuse("geojson", "it is not UTF-8")
	}
	var shape orb.MultiPolygon
	if err := addPolygons(&shape, geojson, 0); err != nil {
		return nil, err
	}
	if err := checkShape(shape); err != nil {
		return nil, err
	}
	return shape, nil
}

// addPolygons adds the polygons of an object. Objects may be this deep in each other: collection, feature, geometry.
func addPolygons(shape *orb.MultiPolygon, raw []byte, depth int) error {
	var object turfObject
	if err := json.Unmarshal(raw, &object); err != nil {
		return notGeoJSON(err)
	}
	if object.CRS != nil && !isWGS84(object.CRS.Properties.Name) {
		return refuse("geojson", "its coordinates are of another system: save it as WGS84 (EPSG:4326)")
	}
	switch {
	case object.Type == "Polygon":
		var polygon [][][]float64
		if err := json.Unmarshal(object.Coordinates, &polygon); err != nil {
			return notGeoJSON(err)
		}
		return addPolygon(shape, polygon)
	case object.Type == "MultiPolygon":
		var polygons [][][][]float64
		if err := json.Unmarshal(object.Coordinates, &polygons); err != nil {
			return notGeoJSON(err)
		}
		for _, polygon := range polygons {
			if err := addPolygon(shape, polygon); err != nil {
				return err
			}
		}
		return nil
	case object.Type == "Feature" && depth < 2 && object.Geometry != nil:
		return addPolygons(shape, object.Geometry, 2)
	case object.Type == "FeatureCollection" && depth < 1:
		var features []json.RawMessage
		if err := json.Unmarshal(object.Features, &features); err != nil {
			return notGeoJSON(err)
		}
		for _, feature := range features {
			if err := addPolygons(shape, feature, 1); err != nil {
				return err
			}
		}
		return nil
	}
	return refuse("geojson", "a turf is a Polygon, a MultiPolygon, a Feature of one, or a FeatureCollection of such")
}

// addPolygon adds a polygon. Heights are dropped.
func addPolygon(shape *orb.MultiPolygon, rings [][][]float64) error {
	polygon := make(orb.Polygon, len(rings))
	for i, ring := range rings {
		polygon[i] = make(orb.Ring, len(ring))
		for j, position := range ring {
			if len(position) < 2 {
				return refuse("geojson", "a position has fewer than two numbers")
			}
			polygon[i][j] = orb.Point{position[0], position[1]}
		}
	}
	*shape = append(*shape, polygon)
	return nil
}

// notGeoJSON says that something cannot be read, without repeating it.
func notGeoJSON(err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return refuse("geojson", "it is not JSON (byte %d)", syntax.Offset)
	}
	return refuse("geojson", "it is not GeoJSON: a member has another type than GeoJSON says")
}

func isWGS84(name string) bool {
	return strings.HasSuffix(name, "CRS84") || strings.HasSuffix(name, ":4326")
}

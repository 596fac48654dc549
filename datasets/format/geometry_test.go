package format

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"
)

func TestParseGeometry(t *testing.T) {
	tests := []struct{ geojson, want string }{
		{`{"type":"Point","coordinates":[2.5,48.5]}`, "POINT(2.5 48.5)"},
		{`{"type":"Point","coordinates":[2.5,48.5,35.0]}`, "POINT(2.5 48.5)"},
		{`{"type":"Point","coordinates":[]}`, "GEOMETRYCOLLECTION EMPTY"},
		{`{"type":"MultiPoint","coordinates":[[1,2],[3,4]]}`, "MULTIPOINT((1 2),(3 4))"},
		{`{"coordinates": [[2.0, 48.0], [2.1, 48.1]], "type": "LineString"}`, "LINESTRING(2 48,2.1 48.1)"},
		{"{\n \"type\" : \"LineString\",\r\n\t\"coordinates\" : [ [ 2.0 , 48.0 ] , [ 2.1,48.1 ] ] }", "LINESTRING(2 48,2.1 48.1)"},
		{`{"type":"LineString","coordinates":[]}`, "LINESTRING EMPTY"},
		{`{"type":"MultiLineString","coordinates":[[[1,2],[3,4]],[[5,6],[7,8]]]}`, "MULTILINESTRING((1 2,3 4),(5 6,7 8))"},
		{`{"type":"Polygon","coordinates":[[[0,0],[4,0],[4,4],[0,0]],[[1,1],[2,1],[2,2],[1,1]]]}`, "POLYGON((0 0,4 0,4 4,0 0),(1 1,2 1,2 2,1 1))"},
		{`{"type":"Polygon","coordinates":[]}`, "POLYGON EMPTY"},
		{`{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]],[[[5,5],[6,5],[6,6],[5,5]]]]}`, "MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5)))"},
		{`{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]},null,{"type":"LineString","coordinates":[[1,2],[3,4]]}]}`, "GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(1 2,3 4))"},
		{`{"type":"Point","coordinates":[-1.5e-1,4.85E1]}`, "POINT(-0.15 48.5)"},
		{`{"type":"Point","coordinates":[1e-400,0]}`, "POINT(0 0)"},
		{`{"type":"Point","bbox":[1,2,1,2],"crs":{"type":"Point"},"coordinates":[1,2]}`, "POINT(1 2)"},
	}
	for _, test := range tests {
		g, err := ParseGeometry([]byte(test.geojson))
		if err != nil || wkt.MarshalString(g) != test.want {
			t.Errorf("%s: %v, %v; want %s", test.geojson, g, err, test.want)
		}
	}
	for _, nothing := range []string{"null", "", " "} {
		if g, err := ParseGeometry([]byte(nothing)); g != nil || err != nil {
			t.Errorf("%q: %v, %v", nothing, g, err)
		}
	}
}

func TestParseGeometryRefuses(t *testing.T) {
	deep := strings.Repeat(`{"type":"GeometryCollection","geometries":[`, 9) + strings.Repeat("]}", 9)
	for _, geojson := range []string{
		"{", "[]", "5", `"Point"`, "{}", `{"type":"Point"}`, `{"type":"Circle","coordinates":[1,2]}`, `{"coordinates":[1,2]}`,
		`{"type":"Point","coordinates":[1]}`, `{"type":"Point","coordinates":["1","2"]}`, `{"type":"Point","coordinates":[1,null]}`,
		`{"type":"Point","coordinates":[1e400,2]}`, `{"type":"Point","coordinates":[NaN,2]}`, `{"type":"Point","coordinates":{"x":1,"y":2}}`,
		`{"type":"LineString","coordinates":[1,2]}`, `{"type":"LineString","coordinates":[[[1,2],[3,4]]]}`, `{"type":"LineString","coordinates":[[]]}`,
		`{"type":"Polygon","coordinates":[[1,2],[3,4]]}`, `{"type":"Polygon","coordinates":null}`, `{"type":"Polygon","coordinates":[null]}`,
		`{"type":"GeometryCollection"}`, `{"type":"GeometryCollection","geometries":[5]}`, deep,
		`{"type":"Point","coordinates":[1,2]} trailing`, `{"type":"Point","coordinates":[1,2]`,
	} {
		if g, err := ParseGeometry([]byte(geojson)); !errors.Is(err, ErrGeometry) {
			t.Errorf("%.80s: %v, %v; want an error", geojson, g, err)
		}
	}
}

func FuzzGeometry(f *testing.F) {
	for _, seed := range []string{
		"null", `{"type":"Point","coordinates":[2.5,48.5]}`, `{"type":"LineString","coordinates":[[1,2],[3,4]]}`, `{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]]]}`,
		`{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[]}]}`, `{"ty\u0070e":"Point","coordinates":[1e400,2]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, geojson []byte) {
		g, err := ParseGeometry(geojson)
		if err != nil || g == nil {
			return
		}
		eachPoint(g, func(p orb.Point) {
			if math.IsNaN(p[0]+p[1]) || math.IsInf(p[0], 0) || math.IsInf(p[1], 0) {
				t.Errorf("%s: the position %v is not finite", geojson, p)
			}
		})
	})
}

func eachPoint(g orb.Geometry, visit func(orb.Point)) {
	switch g := g.(type) {
	case orb.Point:
		visit(g)
	case orb.MultiPoint:
		for _, p := range g {
			visit(p)
		}
	case orb.LineString:
		eachPoint(orb.MultiPoint(g), visit)
	case orb.MultiLineString:
		for _, l := range g {
			eachPoint(l, visit)
		}
	case orb.Polygon:
		for _, r := range g {
			eachPoint(orb.MultiPoint(r), visit)
		}
	case orb.MultiPolygon:
		for _, p := range g {
			eachPoint(p, visit)
		}
	case orb.Collection:
		for _, member := range g {
			eachPoint(member, visit)
		}
	}
}

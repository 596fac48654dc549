package format

import (
	"errors"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"
)

func TestTextGeometry(t *testing.T) {
	tests := []struct{ text, want string }{
		{"POINT(2.5 48.5)", "POINT(2.5 48.5)"},
		{" point\t( 2.5\n48.5 ) ", "POINT(2.5 48.5)"},
		{"POINTZ(2.5 48.5 35)", "POINT(2.5 48.5)"},
		{"POINT(2.5 48.5 35)", "POINT(2.5 48.5)"},
		{"POINT (-1.5e-1 +4.85E1)", "POINT(-0.15 48.5)"},
		{"POINT (1e-400 0)", "POINT(0 0)"},
		{"SRID=2154;LINESTRING(652000.5 862000,652010 862010)", "LINESTRING(652000.5 862000,652010 862010)"},
		{"srid=2154; LineString Z (0 0 35, 1 1 36)", "LINESTRING(0 0,1 1)"},
		{"LINESTRING EMPTY", "LINESTRING EMPTY"},
		{"POLYGON ((0 0, 4 0, 4 4, 0 0), (1 1, 2 1, 2 2, 1 1))", "POLYGON((0 0,4 0,4 4,0 0),(1 1,2 1,2 2,1 1))"},
		{"MULTIPOINT (1 2, 3 4)", "MULTIPOINT((1 2),(3 4))"},
		{"MULTIPOINT ((1 2), (3 4))", "MULTIPOINT((1 2),(3 4))"},
		{"MULTILINESTRING ZM ((1 2 0 0, 3 4 0 0), (5 6 0 0, 7 8 0 0))", "MULTILINESTRING((1 2,3 4),(5 6,7 8))"},
		{"MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))", "MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5)))"},
		{"MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), EMPTY)", "MULTIPOLYGON(((0 0,1 0,1 1,0 0)),())"},
		{"GEOMETRYCOLLECTION (POINT (1 2), LINESTRING EMPTY, GEOMETRYCOLLECTION (POINT Z (3 4 5)))", "GEOMETRYCOLLECTION(POINT(1 2),LINESTRING EMPTY,GEOMETRYCOLLECTION(POINT(3 4)))"},
		{"GEOMETRYCOLLECTION EMPTY", "GEOMETRYCOLLECTION EMPTY"},
		{`{"type":"Point","coordinates":[2.5,48.5]}`, "POINT(2.5 48.5)"},
	}
	for _, test := range tests {
		g, err := textGeometry([]byte(test.text))
		if err != nil || wkt.MarshalString(g) != test.want {
			t.Errorf("%s: %v, %v; want %s", test.text, g, err, test.want)
		}
	}
	for _, nothing := range []string{"", "  ", "null", "NULL"} {
		if g, err := textGeometry([]byte(nothing)); g != nil || err != nil {
			t.Errorf("%q: %v, %v", nothing, g, err)
		}
	}
}

func TestTextGeometryRefuses(t *testing.T) {
	for _, test := range []struct{ text, says string }{
		{"POINT", "brackets"}, {"POINT(1)", "brackets"}, {"POINT(1 2", "brackets"}, {"POINT(1,2)", "brackets"}, {"POINT(NaN NaN)", "brackets"},
		{"POINT(1 2 3 4 5)", "brackets"}, {"POINT(1-2 3)", "brackets"}, {"POINT(1e400 2)", "finite"}, {"LINESTRING(0 0,1 -1e400)", "finite"},
		{"POINT(1 2) trailing", "follows its end"}, {"POINT Q (1 2)", "follows the type"}, {"POINT()", "brackets"}, {"LINESTRING(0 0,)", "brackets"},
		{"POLYGON(0 0,1 1)", "brackets"}, {"CIRCLE(0 0)", "no type"}, {"CURVEPOLYGON((0 0,1 1,2 2))", "CurvePolygon"}, {"MULTISURFACE Z EMPTY", "MultiSurface"},
		{"SRID=2154;", "no type"}, {"SRID=2154", "no geometry after"}, {"75056", "no type"}, {"48.85, 2.35", "no type"},
		{"0101", "ends early"}, {"01010", "hexadecimal"}, {"0x01", "hexadecimal"}, {`\x`, ""}, {`\y01`, "no type"}, {`{"type":"Point"}`, ""},
		{strings.Repeat("GEOMETRYCOLLECTION(", 6) + "POINT(1 2)" + strings.Repeat(")", 6), "collections within"},
		{strings.Repeat("GEOMETRYCOLLECTION(", 100_000), "collections within"}, {"POLYGON" + strings.Repeat("(", 100_000), "brackets"},
	} {
		g, err := textGeometry([]byte(test.text))
		if test.text == `\x` { // no bytes at all are no geometry
			if g != nil || err != nil {
				t.Errorf("%s: %v, %v", test.text, g, err)
			}
			continue
		}
		if g != nil || !errors.Is(err, ErrGeometry) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%.80s: %v, %v; want an error that says %q", test.text, g, err, test.says)
		}
	}
}

func FuzzTextGeometry(f *testing.F) {
	for _, seed := range []string{"SRID=2154;POLYGON Z ((0 0 1,4 0 1,4 4 1,0 0 1))", "MULTIPOINT(1 2,(3 4))", "GEOMETRYCOLLECTION(POINT EMPTY,LINESTRING(1 2,3 4))", "0101000000000000000000f03f0000000000000040", `\x0101`, `{"type":"Point","coordinates":[1,2]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		g, err := textGeometry(text)
		if err != nil {
			if g != nil || !errors.Is(err, ErrGeometry) {
				t.Fatalf("%q: %v, %v", text, g, err)
			}
			return
		}
		if g == nil {
			return
		}
		eachPoint(g, func(p orb.Point) {
			if !isFinite(p) {
				t.Errorf("%q: the position %v is not finite", text, p)
			}
		})
		again, err := textGeometry([]byte(wkt.MarshalString(g)))
		if err != nil || !orb.Equal(again, g) {
			t.Errorf("%q: %v written and read again is %v, %v", text, g, again, err)
		}
	})
}

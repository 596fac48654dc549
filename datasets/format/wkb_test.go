package format

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/ewkb"
	"github.com/paulmach/orb/encoding/wkt"
)

// What PostGIS writes for texts (ST_AsBinary in both byte orders, in the tests it publishes; the manual of ST_AsEWKB and
// ST_AsHEXEWKB), and the example of the Simple Features standard.
var publishedWKB = []struct{ text, little, big string }{
	{"POINT (0 0)", "010100000000000000000000000000000000000000", "000000000100000000000000000000000000000000"},
	{"POINT Z (1 2 3)", "01e9030000000000000000f03f00000000000000400000000000000840", "00000003e93ff000000000000040000000000000004008000000000000"},
	{"POINT M (1 2 3)", "01d1070000000000000000f03f00000000000000400000000000000840", "00000007d13ff000000000000040000000000000004008000000000000"},
	{"POINT ZM (1 2 3 4)", "01b90b0000000000000000f03f000000000000004000000000000008400000000000001040", "0000000bb93ff0000000000000400000000000000040080000000000004010000000000000"},
	{"MULTIPOINT EMPTY", "010400000000000000", "000000000400000000"},
	{"MULTIPOINT Z EMPTY", "01ec03000000000000", "00000003ec00000000"},
	{"MULTIPOINT ((0 0), (2 0))", "010400000002000000010100000000000000000000000000000000000000010100000000000000000000400000000000000000",
		"000000000400000002000000000100000000000000000000000000000000000000000140000000000000000000000000000000"},
	{"LINESTRING M EMPTY", "01d207000000000000", "00000007d200000000"},
	{"LINESTRING (0 0, 1 1)", "01020000000200000000000000000000000000000000000000000000000000f03f000000000000f03f",
		"000000000200000002000000000000000000000000000000003ff00000000000003ff0000000000000"},
	{"LINESTRING ZM (0 0 2 3, 1 1 4 5)", "01ba0b0000020000000000000000000000000000000000000000000000000000400000000000000840000000000000f03f000000000000f03f00000000000010400000000000001440",
		"0000000bba0000000200000000000000000000000000000000400000000000000040080000000000003ff00000000000003ff000000000000040100000000000004014000000000000"},
	{"MULTILINESTRING ((0 0, 2 0), (1 1, 2 2))", "0105000000020000000102000000020000000000000000000000000000000000000000000000000000400000000000000000010200000002000000000000000000f03f000000000000f03f00000000000000400000000000000040",
		"00000000050000000200000000020000000200000000000000000000000000000000400000000000000000000000000000000000000002000000023ff00000000000003ff000000000000040000000000000004000000000000000"},
	{"POLYGON ((0 0,1 0,1 1,0 1,0 0))", "0103000000010000000500000000000000000000000000000000000000000000000000f03f0000000000000000000000000000f03f000000000000f03f0000000000000000000000000000f03f00000000000000000000000000000000",
		"00000000030000000100000005000000000000000000000000000000003ff000000000000000000000000000003ff00000000000003ff000000000000000000000000000003ff000000000000000000000000000000000000000000000"},
	{"MULTIPOLYGON (((0 0,10 0,10 10,0 10,0 0),(2 2,2 5,5 5,5 2,2 2)))", "010600000001000000010300000002000000050000000000000000000000000000000000000000000000000024400000000000000000000000000000244000000000000024400000000000000000000000000000244000000000000000000000000000000000050000000000000000000040000000000000004000000000000000400000000000001440000000000000144000000000000014400000000000001440000000000000004000000000000000400000000000000040",
		"000000000600000001000000000300000002000000050000000000000000000000000000000040240000000000000000000000000000402400000000000040240000000000000000000000000000402400000000000000000000000000000000000000000000000000054000000000000000400000000000000040000000000000004014000000000000401400000000000040140000000000004014000000000000400000000000000040000000000000004000000000000000"},
	{"SRID=4326;POLYGON((0 0,0 1,1 1,1 0,0 0))", "0103000020E61000000100000005000000000000000000000000000000000000000000000000000000000000000000F03F000000000000F03F000000000000F03F000000000000F03F000000000000000000000000000000000000000000000000",
		"0020000003000010e600000001000000050000000000000000000000000000000000000000000000003ff00000000000003ff00000000000003ff00000000000003ff0000000000000000000000000000000000000000000000000000000000000"},
	{"POINT EMPTY", "0101000000000000000000f87f000000000000f87f", "00000000017ff80000000000007ff8000000000000"},
}

func TestWKBOfPostGIS(t *testing.T) {
	for _, test := range publishedWKB {
		want, err := textGeometry([]byte(test.text))
		if err != nil || want == nil {
			t.Fatalf("%s: %v, %v", test.text, want, err)
		}
		if plain := flatText(test.text); wkt.MarshalString(want) != plain {
			t.Errorf("%s is read as %s, want %s", test.text, wkt.MarshalString(want), plain)
		}
		for _, digits := range []string{test.little, test.big, `\x` + test.little} {
			g, err := textGeometry([]byte(digits))
			if err != nil || !orb.Equal(g, want) {
				t.Errorf("%s: %s is read as %v, %v", test.text, digits, g, err)
			}
		}
	}
}

// flatText writes a published text as it is in two dimensions.
func flatText(text string) string {
	flat := map[string]string{
		"POINT Z (1 2 3)": "POINT(1 2)", "POINT M (1 2 3)": "POINT(1 2)", "POINT ZM (1 2 3 4)": "POINT(1 2)", "MULTIPOINT Z EMPTY": "MULTIPOINT EMPTY",
		"LINESTRING M EMPTY": "LINESTRING EMPTY", "LINESTRING ZM (0 0 2 3, 1 1 4 5)": "LINESTRING(0 0,1 1)",
		"SRID=4326;POLYGON((0 0,0 1,1 1,1 0,0 0))": "POLYGON((0 0,0 1,1 1,1 0,0 0))", "POINT EMPTY": "GEOMETRYCOLLECTION EMPTY",
	}
	if f := flat[text]; f != "" {
		return f
	}
	return strings.NewReplacer(" (", "(", ", ", ",").Replace(text)
}

// wkbOf writes a header in little-endian and the rest as given.
func wkbOf(kind uint32, parts ...any) []byte {
	b := binary.LittleEndian.AppendUint32([]byte{1}, kind)
	for _, part := range parts {
		switch p := part.(type) {
		case int:
			b = binary.LittleEndian.AppendUint32(b, uint32(p))
		case float64:
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(p))
		case []byte:
			b = append(b, p...)
		}
	}
	return b
}

func TestWKBWithFlagsOfPostGIS(t *testing.T) {
	point := orb.Point{2.5, 48.5}
	for name, content := range map[string][]byte{
		"Z":           wkbOf(ewkbZ|wkbPoint, 2.5, 48.5, 35.0),
		"M":           wkbOf(ewkbM|wkbPoint, 2.5, 48.5, 1.0),
		"ZM and SRID": wkbOf(ewkbZ|ewkbM|ewkbSRID|wkbPoint, 4326, 2.5, 48.5, 35.0, 1.0),
		"no height":   wkbOf(ewkbZ|wkbPoint, 2.5, 48.5, math.NaN()),
	} {
		if g, err := parseWKB(content); err != nil || !orb.Equal(g, point) {
			t.Errorf("%s: %v, %v", name, g, err)
		}
	}
	mixed := wkbOf(wkbCollection, 3, wkbOf(ewkbZ|wkbPoint, 2.5, 48.5, 35.0), wkbOf(1002, 1, 1.0, 2.0, 3.0), wkbOf(wkbCollection, 1, wkbOf(wkbPoint, 3.0, 4.0)))
	want := orb.Collection{point, orb.LineString{{1, 2}}, orb.Collection{orb.Point{3, 4}}}
	if g, err := parseWKB(mixed); err != nil || !orb.Equal(g, want) {
		t.Errorf("each member has ordinates of its own: %v, %v", g, err)
	}
	placeless := wkbOf(wkbMultiPoint, 2, wkbOf(wkbPoint, math.NaN(), math.NaN()), wkbOf(wkbPoint, 2.5, 48.5))
	if g, err := parseWKB(placeless); err != nil || !orb.Equal(g, orb.MultiPoint{point}) {
		t.Errorf("a point without place among many: %v, %v", g, err)
	}
	if g, err := parseWKB(nil); g != nil || err != nil {
		t.Errorf("no bytes: %v, %v", g, err)
	}
}

func TestWKBRefuses(t *testing.T) {
	deep := wkbOf(wkbPoint, 1.0, 2.0)
	for range collectionDepth + 1 {
		deep = wkbOf(wkbCollection, 1, deep)
	}
	point := wkbOf(wkbPoint, 1.0, 2.0)
	for _, test := range []struct {
		why     string
		content []byte
		says    string
	}{
		{"the byte order", []byte{2, 1, 0, 0, 0}, "byte order"},
		{"half a header", []byte{1, 1, 0}, "ends early"},
		{"an SRID that is not there", wkbOf(ewkbSRID | wkbPoint), "ends early"},
		{"half a point", wkbOf(wkbPoint, 1.0), "ends early"},
		{"a height that is not there", wkbOf(1001, 1.0, 2.0), "ends early"},
		{"no type", wkbOf(0), "no type 0"},
		{"an unknown type", wkbOf(18), "no type 18"},
		{"four thousand", wkbOf(4001, 1.0, 2.0), "no type 4001"},
		{"Z twice", wkbOf(ewkbZ|1001, 1.0, 2.0, 3.0), "no type 1001"},
		{"a curve", wkbOf(8, 0), "CircularString"},
		{"a surface with heights", wkbOf(1012, 0), "MultiSurface"},
		{"a curve of PostGIS", wkbOf(ewkbZ|10, 0), "CurvePolygon"},
		{"a line as a multi-point's member", wkbOf(wkbMultiPoint, 1, wkbOf(wkbLineString, 0), make([]byte, 8)), "a MultiPoint has a LineString"},
		{"a point as a multi-polygon's member", wkbOf(wkbMultiPolygon, 1, point), "a MultiPolygon has a Point"},
		{"four thousand million positions", wkbOf(wkbLineString, math.MaxUint32, 1.0, 2.0), "ends early"},
		{"four thousand million rings", wkbOf(wkbPolygon, math.MaxUint32, 1), "ends early"},
		{"four thousand million members", wkbOf(wkbCollection, math.MaxUint32, point), "ends early"},
		{"one position too many", wkbOf(wkbLineString, 2, 1.0, 2.0, 3.0), "ends early"},
		{"an infinite x", wkbOf(wkbPoint, math.Inf(1), 2.0), "finite"},
		{"half a place", wkbOf(wkbPoint, math.NaN(), 2.0), "finite"},
		{"a line through nowhere", wkbOf(wkbLineString, 2, 1.0, 2.0, math.NaN(), math.NaN()), "finite"},
		{"an infinite corner", wkbOf(wkbPolygon, 1, 1, 1.0, math.Inf(-1)), "finite"},
		{"bytes after it", append(wkbOf(wkbPoint, 1.0, 2.0), 0), "1 bytes follow"},
		{"collections within collections", deep, "collections within"},
	} {
		if g, err := parseWKB(test.content); g != nil || !errors.Is(err, ErrGeometry) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, %v; want an error that says %q", test.why, g, err, test.says)
		}
	}
}

func TestWKBOfFalseCountsTakesNoMemory(t *testing.T) {
	hostile := wkbOf(wkbMultiPolygon, 1, wkbOf(wkbPolygon, 1, 1<<28, 1.0, 2.0))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := parseWKB(hostile); !errors.Is(err, ErrGeometry) {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if taken := after.TotalAlloc - before.TotalAlloc; taken > 1<<16 {
		t.Errorf("%d bytes were taken for a geometry of %d", taken, len(hostile))
	}
}

func FuzzWKB(f *testing.F) {
	for _, seed := range publishedWKB {
		for _, digits := range []string{seed.little, seed.big} {
			content, err := hex.DecodeString(digits)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(content)
		}
	}
	f.Add(wkbOf(wkbCollection, 1, wkbOf(wkbMultiPoint, 1, wkbOf(ewkbZ|ewkbSRID|wkbPoint, 4326, 1.0, 2.0, 3.0))))
	f.Fuzz(func(t *testing.T, content []byte) {
		g, err := parseWKB(content)
		if err != nil {
			if g != nil || !errors.Is(err, ErrGeometry) {
				t.Fatalf("%x: %v, %v", content, g, err)
			}
			return
		}
		if g == nil {
			return
		}
		eachPoint(g, func(p orb.Point) {
			if !isFinite(p) {
				t.Errorf("%x: the position %v is not finite", content, p)
			}
		})
		again, err := parseWKB(ewkb.MustMarshal(g, 2154))
		if err != nil || !orb.Equal(again, g) {
			t.Errorf("%x: %v written and read again is %v, %v", content, g, again, err)
		}
	})
}

package access

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/arpent/arpent/engine"
)

// square is a kilometre of Paris.
const square = `{"type":"Polygon","coordinates":[[[2.30,48.80],[2.31,48.80],[2.31,48.81],[2.30,48.81],[2.30,48.80]]]}`

func TestTurfsAreKept(t *testing.T) {
	r, dir := withNorth(t)
	must(t, r.SetTurf("north", "west", []byte(square)))
	must(t, r.SetTurf("north", "east", []byte(strings.ReplaceAll(square, "2.3", "2.4"))))
	must(t, r.SetTurf("north", "east", []byte(strings.ReplaceAll(square, "2.3", "2.5")))) // another shape
	for when, r := range map[string]*Registry{"at once": r, "opened again": open(t, dir)} {
		turfs := r.Turfs("north")
		if len(turfs) != 2 || turfs[0].ID != "east" || turfs[1].ID != "west" {
			t.Fatalf("%s: %+v", when, turfs)
		}
		for _, c := range []struct {
			lon, lat   float64
			east, west bool
		}{{2.305, 48.805, false, true}, {2.405, 48.805, false, false}, {2.505, 48.805, true, false}, {2.305, 48.815, false, false}} {
			if turfs[0].Covers(c.lon, c.lat) != c.east || turfs[1].Covers(c.lon, c.lat) != c.west {
				t.Errorf("%s: %v, %v", when, c.lon, c.lat)
			}
		}
	}
	before := r.Turfs("north")
	must(t, r.RemoveTurf("north", "east"))
	if len(before) != 2 || before[0].ID != "east" {
		t.Error("a list that was given changes")
	}
	if err := r.RemoveTurf("north", "east"); !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), "west") {
		t.Errorf("removed twice: %v", err)
	}
	for when, r := range map[string]*Registry{"at once": r, "opened again": open(t, dir)} {
		if turfs := r.Turfs("north"); len(turfs) != 1 || turfs[0].ID != "west" {
			t.Errorf("%s: %+v", when, turfs)
		}
	}
	for _, err := range []error{r.SetTurf("south", "east", []byte(square)), r.RemoveTurf("south", "east")} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("of no campaign: %v", err)
		}
	}
	wantRefusal(t, "a way out of the folder", r.SetTurf("north", "../east", []byte(square)), "turf")
}

func TestGeoJSONOfATurf(t *testing.T) {
	feature := `{"type":"Feature","properties":{"walked by":"Mrs Durand"},"geometry":` + square + `}`
	for _, c := range []struct {
		what, geojson string
		polygons      int
	}{
		{"a polygon", square, 1},
		{"a polygon with heights", strings.ReplaceAll(square, "48.80]", "48.80,35.5]"), 1},
		{"a polygon with a hole", `{"type":"Polygon","coordinates":[[[0,0],[3,0],[3,3],[0,3],[0,0]],[[1,1],[2,1],[2,2],[1,2],[1,1]]]}`, 1},
		{"a multipolygon", `{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]],[[[5,5],[6,5],[6,6],[5,5]]]]}`, 2},
		{"a feature", feature, 1},
		{"a collection", `{"type":"FeatureCollection","features":[` + feature + `,` + feature + `]}`, 2},
		{"WGS84 by its old name", strings.Replace(square, `{`, `{"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}},`, 1), 1},
		{"rings that turn the other way", `{"type":"Polygon","coordinates":[[[0,0],[0,1],[1,1],[0,0]]]}`, 1},
		{"a ring that touches itself", `{"type":"Polygon","coordinates":[[[0,0],[1,1],[2,0],[2,2],[1,1],[0,2],[0,0]]]}`, 1},
	} {
		shape, err := decodeTurf([]byte(c.geojson))
		if err != nil || len(shape) != c.polygons {
			t.Errorf("%s: %v, %v; want %d polygons", c.what, shape, err, c.polygons)
		}
	}
	polygon := func(ring string) string { return `{"type":"Polygon","coordinates":[[` + ring + `]]}` }
	for what, geojson := range map[string]string{
		"nothing":                         ``,
		"not JSON":                        `<kml/>`,
		"half of it":                      square[:40],
		"something behind it":             square + square,
		"not UTF-8":                       square[:20] + "\xff" + square[20:],
		"a number":                        `5`,
		"null":                            `null`,
		"no type":                         `{}`,
		"a point":                         `{"type":"Point","coordinates":[2.3,48.8]}`,
		"a line":                          `{"type":"LineString","coordinates":[[2.3,48.8],[2.4,48.8]]}`,
		"a polygon of another depth":      `{"type":"Polygon","coordinates":[[2.3,48.8]]}`,
		"a polygon without coordinates":   `{"type":"Polygon"}`,
		"a polygon of texts":              polygon(`["2.3","48.8"]`),
		"a feature without a geometry":    `{"type":"Feature","geometry":null}`,
		"a feature of a feature":          `{"type":"Feature","geometry":` + feature + `}`,
		"a collection of a collection":    `{"type":"FeatureCollection","features":[{"type":"FeatureCollection","features":[]}]}`,
		"an empty collection":             `{"type":"FeatureCollection","features":[]}`,
		"a collection without features":   `{"type":"FeatureCollection"}`,
		"an empty polygon":                `{"type":"Polygon","coordinates":[]}`,
		"an empty ring":                   `{"type":"Polygon","coordinates":[[]]}`,
		"a ring of two corners":           polygon(`[0,0],[1,0],[0,0]`),
		"a ring that is not closed":       polygon(`[0,0],[1,0],[1,1],[0,1]`),
		"a ring without area":             polygon(`[0,0],[1,1],[2,2],[0,0]`),
		"a ring that crosses itself":      polygon(`[0,0],[1,1],[1,0],[0,1],[0,0]`),
		"a position of one number":        polygon(`[0],[1],[1],[0]`),
		"a number without end":            polygon(`[0,0],[1e999,0],[1,1],[0,0]`),
		"metres":                          polygon(`[652000,6862000],[653000,6862000],[653000,6863000],[652000,6862000]`),
		"latitude before longitude":       polygon(`[48,120],[48,121],[49,121],[48,120]`),
		"the whole world":                 polygon(`[-180,-90],[180,-90],[180,90],[-180,90],[-180,-90]`),
		"two ends of the world":           `{"type":"MultiPolygon","coordinates":[[[[-170,0],[-169,0],[-169,1],[-170,0]]],[[[170,0],[171,0],[171,1],[170,0]]]]}`,
		"Lambert-93 by its name":          strings.Replace(square, `{`, `{"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::2154"}},`, 1),
		"too many bytes":                  square + strings.Repeat(" ", mostTurfBytes),
		"too many vertices":               polygon(strings.Repeat(`[0,0],`, mostVertices) + `[0,0]`),
		"too many polygons":               `{"type":"MultiPolygon","coordinates":[` + strings.Repeat(`[],`, mostPolygons) + `[]]}`,
		"a tower of brackets":             `{"type":"Polygon","coordinates":` + strings.Repeat(`[`, 200_000) + strings.Repeat(`]`, 200_000) + `}`,
		"a tower of features":             strings.Repeat(`{"type":"Feature","geometry":`, 3000) + square + strings.Repeat(`}`, 3000),
		"a collection of what is not one": `{"type":"FeatureCollection","features":5}`,
	} {
		shape, err := decodeTurf([]byte(geojson))
		wantRefusal(t, what, err, "geojson")
		if shape != nil {
			t.Errorf("%s: a shape is given", what)
		}
	}
}

// What is refused is not repeated: a file that was taken by mistake may hold anything.
func TestRefusedTurfIsNotRepeated(t *testing.T) {
	for _, geojson := range []string{`Mrs Durand`, `{"type":"Mrs Durand"}`, `{"type":"Polygon","coordinates":"Mrs Durand"}`, `{"type":{"Mrs Durand":1}}`} {
		if _, err := decodeTurf([]byte(geojson)); err == nil || strings.Contains(err.Error(), "Durand") {
			t.Errorf("%s: %v", geojson, err)
		}
	}
}

// Properties, where a name could stand, reach no file.
func TestPropertiesOfATurfAreNotKept(t *testing.T) {
	r, dir := withNorth(t)
	must(t, r.SetTurf("north", "east", []byte(`{"type":"Feature","id":"Mrs Durand","properties":{"by":"Mrs Durand"},"geometry":`+square+`}`)))
	content, err := os.ReadFile(open(t, dir).turfPath("north", "east"))
	must(t, err)
	if strings.Contains(string(content), "Durand") {
		t.Errorf("kept: %s", content)
	}
}

// A turf covers what a plain count of crossed borders says, before and after it was written and read.
func TestKeptTurfCoversTheSamePoints(t *testing.T) {
	r, dir := withNorth(t)
	rapid.Check(t, func(t *rapid.T) {
		// A star around a centre does not cross itself.
		n := rapid.IntRange(3, 12).Draw(t, "corners")
		ring := orb.Ring{}
		for i := range n {
			angle, far := 2*math.Pi*float64(i)/float64(n), rapid.Float64Range(0.001, 0.1).Draw(t, "far")
			ring = append(ring, orb.Point{2.3 + far*math.Cos(angle), 48.8 + far*math.Sin(angle)})
		}
		ring = append(ring, ring[0])
		geojson, err := json.Marshal(turfRecord{"MultiPolygon", orb.MultiPolygon{{ring}}})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.SetTurf("north", "star", geojson); err != nil {
			t.Fatal(err)
		}
		again, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			lon, lat := rapid.Float64Range(2.2, 2.4).Draw(t, "lon"), rapid.Float64Range(48.7, 48.9).Draw(t, "lat")
			want := crossedBorders(ring, lon, lat)%2 == 1
			for _, turf := range []engine.Turf{r.Turfs("north")[0], again.Turfs("north")[0]} {
				if turf.Covers(lon, lat) != want {
					t.Fatalf("%v, %v in %v: %v", lon, lat, ring, !want)
				}
			}
		}
	})
}

// crossedBorders counts the edges of a ring that a ray to the east crosses.
func crossedBorders(ring orb.Ring, lon, lat float64) (n int) {
	for i := 1; i < len(ring); i++ {
		a, b := ring[i-1], ring[i]
		if (a[1] > lat) != (b[1] > lat) && lon < a[0]+(lat-a[1])/(b[1]-a[1])*(b[0]-a[0]) {
			n++
		}
	}
	return n
}

// The largest ring that is taken, with all edges beside each other, is read without a long wait.
func BenchmarkDecodeTheSlowestTurf(b *testing.B) {
	var corners []string
	for i := range mostVertices/2 - 2 {
		corners = append(corners, fmt.Sprintf("[0,%.5f],[10,%.5f]", float64(i)/5000, float64(i)/5000+0.0001))
	}
	geojson := `{"type":"Polygon","coordinates":[[` + strings.Join(corners, ",") + `,[-1,3],[0,0]]]}`
	for b.Loop() {
		if _, err := decodeTurf([]byte(geojson)); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzDecodeTurf(f *testing.F) {
	f.Add([]byte(square))
	f.Add([]byte(`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":` + square + `}]}`))
	f.Add([]byte(`{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]]]}`))
	f.Fuzz(func(t *testing.T, geojson []byte) {
		shape, err := decodeTurf(geojson)
		if err != nil {
			wantRefusal(t, string(geojson), err, "geojson")
			return
		}
		// What is taken is what checkShape promises, and its file is read as it was written.
		b := shape.Bound()
		if b.Min[0] < -180 || b.Max[0] > 180 || b.Min[1] < -90 || b.Max[1] > 90 || b.Max[0]-b.Min[0] > widestTurf {
			t.Errorf("it lies in %v", b)
		}
		raw, err := json.Marshal(turfRecord{shape.GeoJSONType(), shape})
		must(t, err)
		again, err := decodeTurf(raw)
		if err != nil || !again.Equal(shape) {
			t.Errorf("%v, %v; want %v", again, err, shape)
		}
	})
}

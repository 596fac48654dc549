package datasets

import (
	"math"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"

	"github.com/arpent/arpent/engine"
)

// The same area in the spellings of the editions.
func TestIRISEditions(t *testing.T) {
	content := collection(
		feature(`"DEPCOM":"75114","NOM_COM":"PARIS 14E ARRONDISSEMENT","IRIS":"5620","DCOMIRIS":"751145620","NOM_IRIS":"IMAGINAIRE 20","TYP_IRIS":"H","ORIGINE":null`, square),
		feature(`"INSEE_COM":"75114","NOM_COM":"Paris 14e","IRIS":"5621","CODE_IRIS":"751145621","NOM_IRIS":"Imaginaire 21","TYP_IRIS":"A"`, square),
		feature(`"code_insee":"75114","code_iris":"751145622","nom_iris":"Imaginaire 22","type_iris":"D"`, square),
		feature(`"code_iris":"751145623","nom_iris":"Imaginaire 23","typ_iris":"Iris d'habitat","insee_com":"75114","geo_point_2d":[48.8,2.3]`, square),
		feature(`"code_iris":["751145624"],"nom_iris":["Imaginaire 24"],"typ_iris":"Iris d'activité"`, square),
		feature(`"code_iris":"010010000","nom_iris":"L'Abergement","typ_iris":"Commune non irisée"`, square),
		feature(`"code_iris":10020000,"typ_iris":"Iris divers"`, square),
		feature(`"code_iris":"2A0040101"`, square),
		feature(`"code_iris":"0101"`, square),
	)
	got := decode(t, "iris", content, engine.SourceSpec{})
	got.wantRows(t,
		"1|751145620|IMAGINAIRE 20|75114|H|"+squareWKT,
		"2|751145621|Imaginaire 21|75114|A|"+squareWKT,
		"3|751145622|Imaginaire 22|75114|D|"+squareWKT,
		"4|751145623|Imaginaire 23|75114|H|"+squareWKT,
		"5|751145624|Imaginaire 24|75114|A|"+squareWKT,
		"6|010010000|L'Abergement|01001|Z|"+squareWKT,
		"7|010020000||01002|D|"+squareWKT,
		"8|2A0040101||2A004||"+squareWKT,
	)
	wantCounts(t, "rejected", got.report.Reasons, "9: the area is not an IRIS code")
	wantCounts(t, "repaired", got.report.Repaired, "7: a code lost its leading zero: put back")
}

// Editions converted from INSEE's files are in Lambert-93 metres and do not say so. The corners are addresses of the French
// base, which gives both pairs of coordinates.
func TestIRISInLambert93(t *testing.T) {
	content := `{"type":"FeatureCollection","source_crs":"+proj=lcc","features":[
` + feature(`"DCOMIRIS":"751145620"`, `{"type":"MultiPolygon","coordinates":[[[[650852.91,6862571.27],[650873.96,6862544.4],[650864.26,6862595.3],[650852.91,6862571.27]]]]}`) + "\n]}"
	got := decode(t, "iris", content, engine.SourceSpec{})
	if got.err != nil || len(got.rows) != 1 {
		t.Fatal(got.rows, got.err)
	}
	g, err := wkt.UnmarshalMultiPolygon(strings.Split(got.rows[0], "|")[5])
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []orb.Point{{2.330113, 48.861299}, {2.330403, 48.861059}, {2.330265, 48.861516}} {
		if p := g[0][0][i]; math.Abs(p[0]-want[0]) > 1e-6 || math.Abs(p[1]-want[1]) > 1e-6 {
			t.Errorf("corner %d at %v, want %v", i, p, want)
		}
	}
}

func TestIRISElsewhere(t *testing.T) {
	content := collection(
		feature(`"code_iris":"974110101"`, `{"type":"Polygon","coordinates":[[[338000,7691000],[339000,7691000],[339000,7692000],[338000,7691000]]]}`),
		feature(`"code_iris":"751145620"`, square),
	)
	got := decode(t, "iris", content, engine.SourceSpec{})
	got.wantRows(t, "2|751145620||75114||"+squareWKT)
	wantCounts(t, "rejected", got.report.Reasons, "1: the coordinates are neither degrees nor Lambert-93 metres: give crs: the EPSG code of their system")

	// Told where they are, they are read.
	got = decode(t, "iris", content, engine.SourceSpec{CRS: "2975"})
	if len(got.rows) != 2 || !strings.HasPrefix(got.rows[0], "1|974110101||97411||POLYGON((55.4") {
		t.Errorf("with crs: 2975: %q", got.rows)
	}

	// The metres of another system can be taken for those of Lambert-93: a file that declares one is refused by name.
	declared := `{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::27572"}},"features":[` + feature(`"code_iris":"751145620"`, square) + "]}"
	decode(t, "iris", declared, engine.SourceSpec{}).
		wantError(t, "published line 1: the coordinate reference system EPSG:27572 is not supported: convert the file to EPSG:4326, as with ogr2ogr -t_srs EPSG:4326 OUT IN")
}

func FuzzIRIS(f *testing.F) {
	fuzz(f, "iris",
		collection(feature(`"DCOMIRIS":"751145620","NOM_IRIS":"IMAGINAIRE","TYP_IRIS":"H"`, `{"type":"MultiPolygon","coordinates":[[[[650201.0,6859514.0],[650317.0,6859454.0],[650279.0,6859383.0],[650201.0,6859514.0]]]]}`)),
		collection(feature(`"code_iris":["751145620"],"typ_iris":"Iris d'habitat"`, square)),
	)
}

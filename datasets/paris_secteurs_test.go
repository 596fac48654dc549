package datasets

import (
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
)

const (
	square    = `{"type":"Polygon","coordinates":[[[2,48],[3,48],[3,49],[2,49],[2,48]]]}`
	squareWKT = "POLYGON((2 48,3 48,3 49,2 49,2 48))"
)

func feature(properties, geojson string) string {
	return `{"type": "Feature", "geometry": ` + geojson + `, "properties": {` + properties + `}}`
}

func collection(features ...string) string {
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + "]}"
}

func TestParisSecteurs(t *testing.T) {
	content := collection(
		feature(`"shape_area": 0.0, "objectid": 4, "nbr_elect_l12": 0, "arrondissement": 19, "validite": "oui", "geo_point_2d": [48.88, 2.37], "shape_len": 0.0, "nbr_elect_f": 1267, "nbr_elect_e_m": 14, "nbr_elect_e_e": 12, "num_bv": 5, "id_bv": "19-5"`, square),
		feature(`"id_bv":"1-12","arrondissement":"1","num_bv":"12","nbr_elect_f":"1 010","geo_point_2d":{"lon":2.3,"lat":48.8}`, square), // 2026: strings
		feature(`"id_bv":"02-03","num_bv":3.0`, square),
		feature(`"id_bv":null,"arrondissement":20,"num_bv":7,"nbr_elect_f":null`, square),
		feature(`"id_bv":"3-4","nbr_elect_f":"beaucoup"`, square),
		feature(`"id_bv":"0211","arrondissement":"02","num_bv":"11"`, square), // as the Ministry numbers them
		feature(`"id_bv":"0321","arrondissement":"3","num_bv":"0321"`, square),
		feature(`"id_bv":"4-36","arrondissement":"4","num_bv":"436"`, square),
	)
	got := decode(t, "paris-secteurs", content, engine.SourceSpec{})
	got.wantRows(t,
		"1|75119|5|19-5|Paris 19e, bureau 5|1267|"+squareWKT,
		"2|75101|12|1-12|Paris 1er, bureau 12|1010|"+squareWKT,
		"3|75102|3|02-03|Paris 2e, bureau 3|∅|"+squareWKT,
		"4|75120|7|20-7|Paris 20e, bureau 7|∅|"+squareWKT,
		"5|75103|4|3-4|Paris 3e, bureau 4|∅|"+squareWKT,
		"6|75102|11|0211|Paris 2e, bureau 11|∅|"+squareWKT,
		"7|75103|21|0321|Paris 3e, bureau 21|∅|"+squareWKT,
		"8|75104|36|4-36|Paris 4e, bureau 36|∅|"+squareWKT,
	)
	wantCounts(t, "repaired", got.report.Repaired, "5: the number of electors is not a count: left out")
	want := "geo_point_2d nbr_elect_e_e nbr_elect_e_m nbr_elect_l12 objectid shape_area shape_len validite"
	if ignored := strings.Join(got.report.Ignored, " "); ignored != want {
		t.Errorf("ignored\n%s\nwant\n%s", ignored, want)
	}
}

func TestParisSecteursRejects(t *testing.T) {
	content := collection(
		feature(`"id_bv":"21-5"`, square),
		feature(`"id_bv":"19"`, square),
		feature(`"id_bv":"19-x"`, square),
		feature(`"id_bv":""`, square),
		feature(`"id_bv":"19-5","arrondissement":18,"num_bv":5`, square),
		"null",
	)
	got := decode(t, "paris-secteurs", content, engine.SourceSpec{})
	got.wantRows(t)
	wantCounts(t, "rejected", got.report.Reasons,
		"1, 2, 3: the station is not one: as 19-5 or 75056_1905",
		"4: no station",
		"5: the station's id is not that of its arrondissement and number",
		"6: this is not a feature",
	)
}

// Geometries of every kind stand in one file.
func TestAreaGeometries(t *testing.T) {
	const multi = `{"type":"MultiPolygon","coordinates":[[[[2,48],[3,48],[3,49],[2,48]]],[[[4,48],[5,48],[5,49],[4,48]]]]}`
	geometries := []string{
		square, multi, "null", `{"type":"Polygon","coordinates":[]}`, `{"type":"MultiPolygon","coordinates":[]}`,
		`{"type":"Polygon","coordinates":[[[2,48],[3,48],[3,49],[2,49]]]}`,
		`{"type":"Polygon","coordinates":[[[2,48],[3,48],[2,48]]]}`,
		`{"type":"Polygon","coordinates":[[[2,48],[3,48],[3,49],[2,48]],[[2,48],[2.1,48],[2,48]]]}`,
		`{"type":"LineString","coordinates":[[2,48],[3,49]]}`,
		`{"type":"GeometryCollection","geometries":[` + square + `,{"type":"LineString","coordinates":[[2,48],[3,49]]}]}`,
		`{"type":"GeometryCollection","geometries":[]}`,
		`{"type":"Polygon","coordinates":[[2,48],[3,48]]}`,
		`{}`,
	}
	var features []string
	for _, g := range geometries {
		features = append(features, feature(`"id_bv":"19-5"`, g))
	}
	got := decode(t, "paris-secteurs", collection(features...), engine.SourceSpec{})
	const row = "|75119|5|19-5|Paris 19e, bureau 5|∅|"
	got.wantRows(t,
		"1"+row+squareWKT,
		"2"+row+"MULTIPOLYGON(((2 48,3 48,3 49,2 48)),((4 48,5 48,5 49,4 48)))",
		"6"+row+squareWKT,
		"8"+row+"POLYGON((2 48,3 48,3 49,2 48))",
		"10"+row+"MULTI"+strings.Replace(squareWKT, "((", "(((", 1)+")",
	)
	wantCounts(t, "rejected", got.report.Reasons,
		"3, 4, 5, 7, 11: no geometry",
		"9: the geometry is not an area",
		"12, 13: the geometry is not well formed",
	)
	wantCounts(t, "repaired", got.report.Repaired,
		"6: a ring was not closed: closed",
		"8: a ring of fewer than four positions was dropped",
		"10: of a geometry collection, what is not of the kind was dropped",
	)
}

func TestAreasErrors(t *testing.T) {
	metres := `{"type":"Polygon","coordinates":[[[650201.0,6859514.0],[650317.0,6859454.0],[650279.0,6859383.0],[650201.0,6859514.0]]]}`
	tests := []struct{ name, content, want string }{
		{"metres", collection(feature(`"id_bv":"19-5"`, square), feature(`"id_bv":"19-6"`, metres)),
			"published feature 2: the coordinates are in metres and in degrees: download the file in WGS84 (EPSG:4326), or convert it"},
		{"no features", collection(), "published: it has no rows: the file is empty: download it again, or take it out of the place file"},
		{"another dataset", collection(feature(`"codeBureauVote":"75056_1905"`, square)),
			"published feature 1 (line 1, byte 193): there is no property id_bv (accepted spellings: id_bv, id_bvote, code_bv): check that this is the file of the dataset named, and not another's"},
		{"cut short", collection(feature(`"id_bv":"19-5"`, square))[:120], "published feature 1 (line 1, byte 40): the file ends early: download it again"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			decode(t, "paris-secteurs", test.content, engine.SourceSpec{}).wantError(t, test.want)
		})
	}
}

func FuzzParisSecteurs(f *testing.F) {
	fuzz(f, "paris-secteurs", collection(feature(`"id_bv":"19-5","arrondissement":"19","num_bv":5,"nbr_elect_f":1267`, square), feature(`"id_bv":"19-6"`, "null")))
}

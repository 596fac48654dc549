package datasets

import (
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
)

const voieHeader = "\ufeffN_SQ_VO;C_COINSEE;C_DESI;C_LIAISON;L_VOIE;L_COURTMIN;L_LONGMIN;C_VOIE;B_FANTOIR;B_OFF;C_VOIE_VP;Geometry;OBJECTID;C_DOMOFF;N_SQ_CO;LENGTH;Geometry X Y\r\n"

func voieRow(id, commune, name, geojson string) string {
	return id + ";" + commune + ";RUE;DE L';IMAGINAIRE;R. I.;" + name + ";750561744;O;O;1748;\"" + strings.ReplaceAll(geojson, `"`, `""`) + "\";1998;P;750001537;;48.845349420408176, 2.411533853262007\r\n"
}

var voieFile = voieHeader +
	voieRow("750003848", "75056", "Rue de l'Épée Imaginaire", `{"coordinates": [[2.41, 48.845], [2.412, 48.846]], "type": "LineString"}`) +
	voieRow("750003849", "75056", "Quai des Deux Bras", `{"coordinates": [[[2.41, 48.845], [2.412, 48.846]], [[2.42, 48.85], [2.43, 48.86]]], "type": "MultiLineString"}`) +
	voieRow("750008397", "510", "Place Neuve", `{"coordinates": [[2.36, 48.84], [2.37, 48.85]], "type": "LineString"}`) +
	voieRow("750000214", "94080", "Avenue de la Limite", `{"coordinates": [[2.44, 48.84], [2.45, 48.85]], "type": "LineString"}`)

func TestParisVoie(t *testing.T) {
	got := decode(t, "paris-voie", voieFile, engine.SourceSpec{})
	got.wantRows(t,
		"2|750003848|Rue de l'Épée Imaginaire|75056|LINESTRING(2.41 48.845,2.412 48.846)",
		"3|750003849|Quai des Deux Bras|75056|MULTILINESTRING((2.41 48.845,2.412 48.846),(2.42 48.85,2.43 48.86))",
		"4|750008397|Place Neuve|75056|LINESTRING(2.36 48.84,2.37 48.85)",
		"5|750000214|Avenue de la Limite|94080|LINESTRING(2.44 48.84,2.45 48.85)",
	)
	wantCounts(t, "repaired", got.report.Repaired, "4: the commune is not an INSEE code: taken as 75056")
	want := "B_FANTOIR B_OFF C_DESI C_DOMOFF C_LIAISON C_VOIE C_VOIE_VP Geometry X Y LENGTH L_COURTMIN L_VOIE N_SQ_CO OBJECTID"
	if ignored := strings.Join(got.report.Ignored, " "); ignored != want {
		t.Errorf("ignored\n%s\nwant\n%s", ignored, want)
	}
}

func TestParisVoieColumnsShuffled(t *testing.T) {
	content := "geometry;l_longmin;n_sq_vo;c_coinsee\n" + `"{""type"": ""LineString"", ""coordinates"": [[2,48],[3,49]]}";Rue Basse;7;75056` + "\n"
	decode(t, "paris-voie", content, engine.SourceSpec{}).wantRows(t, "2|7|Rue Basse|75056|LINESTRING(2 48,3 49)")
}

func TestParisVoieGeometries(t *testing.T) {
	const line = `{"type":"LineString","coordinates":[[2,48],[3,49]]}`
	content := voieHeader +
		voieRow("1", "75056", "Rue 1", "") +
		voieRow("2", "75056", "Rue 2", "null") +
		voieRow("3", "75056", "Rue 3", `{"type":"LineString","coordinates":[]}`) +
		voieRow("4", "75056", "Rue 4", `{"type":"LineString","coordinates":[[2,48]]}`) +
		voieRow("5", "75056", "Rue 5", `{"type":"Point","coordinates":[2,48]}`) +
		voieRow("6", "75056", "Rue 6", `{"type":"LineString","coordinates":[[2,48],[3]]}`) +
		voieRow("7", "75056", "Rue 7", `{"type":"LineString","coordinates":[[2,48],`) +
		voieRow("8", "75056", "Rue 8", `{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[2,48]},`+line+`]}`) +
		voieRow("9", "75056", "Rue 9", `{"type":"MultiLineString","coordinates":[[[2,48]],[[2,48],[3,49]]]}`) +
		voieRow("10", "75056", "Rue 10", `{"type":"LineString","coordinates":[[2,48,35],[3,49,36]]}`) +
		voieRow("", "75056", "Rue 11", line) +
		voieRow("12", "75056", "", line)
	got := decode(t, "paris-voie", content, engine.SourceSpec{})
	got.wantRows(t,
		"9|8|Rue 8|75056|MULTILINESTRING((2 48,3 49))",
		"10|9|Rue 9|75056|MULTILINESTRING((2 48,3 49))",
		"11|10|Rue 10|75056|LINESTRING(2 48,3 49)",
	)
	wantCounts(t, "rejected", got.report.Reasons,
		"2, 3, 4, 5: no geometry",
		"6: the geometry is not a line",
		"7, 8: the geometry is not well formed",
		"12: no id",
		"13: no name",
	)
	wantCounts(t, "repaired", got.report.Repaired,
		"9: of a geometry collection, what is not of the kind was dropped",
		"10: a line of fewer than two positions was dropped",
	)
}

func TestParisVoieInMetres(t *testing.T) {
	content := voieHeader + voieRow("1", "75056", "Rue 1", `{"type":"LineString","coordinates":[[650852.9,6862571.2],[650873.9,6862544.4]]}`)
	got := decode(t, "paris-voie", content, engine.SourceSpec{})
	if len(got.rows) != 1 || !strings.Contains(got.rows[0], "LINESTRING(2.33011") {
		t.Errorf("%q, %v", got.rows, got.err)
	}
	content += voieRow("2", "75056", "Rue 2", `{"type":"LineString","coordinates":[[2.33,48.86],[2.34,48.86]]}`)
	decode(t, "paris-voie", content, engine.SourceSpec{}).
		wantError(t, "published line 3: the coordinates are in metres and in degrees: download the file in WGS84 (EPSG:4326), or convert it")
}

func FuzzParisVoie(f *testing.F) { fuzz(f, "paris-voie", voieFile) }

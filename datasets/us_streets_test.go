package datasets

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

const eastward = `{"type":"LineString","coordinates":[[-71.1,42.37],[-71.099,42.37]]}` // 82 m

func TestCentrelines(t *testing.T) {
	content := collection(
		feature(`"ID":"Cambrid_St_29","Street":"Cambridge St","L_From":1334,"MTFCC":"S1400"`, eastward),
		feature(`"Street":"Main St","ID":"Main_1"`, eastward),
		feature(`"ID":"Alley_1","Street":null`, eastward),
		feature(`"Street":"Main St"`, eastward),
		feature(`"ID":"I90","Street":"Massachusetts Tpke","MTFCC":"S1100"`, eastward),
	)
	got := decode(t, "centrelines", content, engine.SourceSpec{Commune: "Cambridge"})
	const line = "LINESTRING(-71.1 42.37,-71.099 42.37)"
	got.wantRows(t, "1|Cambrid_St_29|Cambridge St|Cambridge|"+line, "2|Main_1|Main St|Cambridge|"+line, "3|Alley_1||Cambridge|"+line)
	wantCounts(t, "rejected", got.report.Reasons, "4: no id")
	wantCounts(t, "passed", got.report.Passed, "5: not a walkable street")
}

func TestTigerEdges(t *testing.T) {
	content := collection(
		feature(`"TLID":85731,"MTFCC":"S1400","FULLNAME":"Cambridge St","ROADFLG":"Y"`, eastward),
		feature(`"FULLNAME":"Charles Riv","MTFCC":"H3010","TLID":"85732"`, eastward),
		feature(`"FULLNAME":"I- 90","MTFCC":"S1100","TLID":"85733"`, eastward),
		feature(`"FULLNAME":null,"MTFCC":"S1740","TLID":"85734"`, eastward),
	)
	got := decode(t, "tiger-edges", content, engine.SourceSpec{Commune: "25017"})
	const line = "LINESTRING(-71.1 42.37,-71.099 42.37)"
	got.wantRows(t, "1|85731|Cambridge St|25017|"+line, "4|85734||25017|"+line)
	wantCounts(t, "passed", got.report.Passed, "2, 3: not a walkable street")
}

// Numbers run along the line, odd ones on one side and even ones on the other, 8 m from its middle.
func TestTigerAddresses(t *testing.T) {
	content := collection(
		feature(`"TLID":1,"FULLNAME":"Main St","LFROMHN":"2","LTOHN":"6","RFROMHN":"5","RTOHN":"1","EDGE_MTFCC":"S1400"`, eastward),
		feature(`"TLID":1,"FULLNAME":"Main St","LFROMHN":"6","LTOHN":"8","RFROMHN":null,"RTOHN":null`, eastward), // 6 again
		feature(`"TLID":2,"FULLNAME":"Main St","LFROMHN":"","LTOHN":"","RFROMHN":"0","RTOHN":"0"`, eastward),
		feature(`"TLID":3,"FULLNAME":"Main St","LFROMHN":"1","LTOHN":"99999"`, eastward), // room for 16
		feature(`"TLID":4,"FULLNAME":"Main St","LFROMHN":"A1","LTOHN":"9"`, eastward),
		feature(`"TLID":5,"FULLNAME":"Main St","LFROMHN":"100A","LTOHN":"12-34"`, `{"type":"LineString","coordinates":[[-71.1,42.37],[-71.1,42.37]]}`),
		feature(`"TLID":6,"FULLNAME":"Ramp","LFROMHN":"1","LTOHN":"9","EDGE_MTFCC":"S1630"`, eastward),
		feature(`"TLID":7,"FULLNAME":"Main St","LFROMHN":"1","LTOHN":"9999999999"`, eastward),
	)
	got := decode(t, "tiger-addresses", content, engine.SourceSpec{Commune: "25017"})
	if got.err != nil {
		t.Fatal(got.err)
	}
	var numbers []string
	for _, row := range got.rows {
		columns := strings.Split(row, "|")
		if columns[1][0] == '3' {
			continue
		}
		numbers = append(numbers, columns[1])
		var lon, lat float64
		if n, err := scan(columns[7], columns[8], &lon, &lat); n != 2 || err != nil {
			t.Fatal(row)
		}
		projection := geo.LocalConic(-71.1, 42.37)
		_, y := projection.Forward(lon, lat)
		left := strings.Contains(columns[1], "/L/")
		if (y > 0) != left || y*y < 7.5*7.5 || y*y > 8.5*8.5 {
			t.Errorf("%s is %.2f m to the left of its street", columns[1], y)
		}
	}
	if got := strings.Join(numbers, " "); got != "1/L/2 1/L/4 1/L/6 1/R/5 1/R/3 1/R/1 1/L/8" {
		t.Errorf("addresses %s", got)
	}
	if n := len(got.rows) - len(numbers); n < 12 || n > 16 {
		t.Errorf("%d addresses in a range of 50,000 numbers along 82 m", n)
	}
	wantCounts(t, "passed", got.report.Passed, "3: no address range", "7: not a walkable street")
	wantCounts(t, "rejected", got.report.Reasons, "5, 8: an address range has no end that is a house number", "6: the line has no length")
}

// Numbers of Queens run behind the hyphen, where the part before it stays the same.
func TestHyphenatedRanges(t *testing.T) {
	for _, test := range []struct{ from, to, want string }{
		{"12-02", "12-08", "12-02:12:-02 12-04:12:-04 12-06:12:-06 12-08:12:-08"},
		{"12-13", "12-09", "12-13:12:-13 12-11:12:-11 12-09:12:-09"},
		{"12-98", "12-102", "12-98:12:-98 12-100:12:-100 12-102:12:-102"},
		{"012-2", "012-4", "012-2:12:-2 012-4:12:-4"},
		{"12-34", "", "12-34:12:-34"},
		{"12-98", "13-02", "12:12: 13:13:"}, // another cross street
		{"12-34", "14", "12:12: 14:14:"},
		{"12-34A", "12-38A", "12:12:"},
		{"12-1", "12-9999999", ""},
		{"9999999-1", "9999999-3", ""},
	} {
		content := collection(feature(`"TLID":1,"FULLNAME":"Main St","LFROMHN":"`+test.from+`","LTOHN":"`+test.to+`","RFROMHN":null,"RTOHN":null`, eastward))
		got := decode(t, "tiger-addresses", content, engine.SourceSpec{Commune: "36081"})
		var doors []string
		for _, row := range got.rows {
			columns := strings.Split(row, "|")
			doors = append(doors, strings.TrimPrefix(columns[1], "1/L/")+":"+columns[2]+":"+columns[3])
		}
		if seen := strings.Join(doors, " "); got.err != nil || seen != test.want {
			t.Errorf("%s to %s: %s, %v, want %s", test.from, test.to, seen, got.err, test.want)
		}
		if rejected := got.report.Rejected; (rejected == 1) != (test.want == "") {
			t.Errorf("%s to %s: %d rejected", test.from, test.to, rejected)
		}
	}
}

func TestAddressBlocks(t *testing.T) {
	content := collection(
		feature(`"UNQ_ID2":"EC-400","UNQ_ID":400,"NHOOD":"EC"`, `{"type":"Polygon","coordinates":[[[-71.1,42.37],[-71.099,42.37],[-71.099,42.371],[-71.1,42.371],[-71.1,42.37]]]}`),
		feature(`"NHOOD":"EC"`, square),
	)
	got := decode(t, "address-blocks", content, engine.SourceSpec{Commune: "Cambridge"})
	if got.err != nil || len(got.rows) != 15 { // 387 m of fronts
		t.Fatalf("%d addresses, %v", len(got.rows), got.err)
	}
	inside := orb.Bound{Min: orb.Point{-71.1, 42.37}, Max: orb.Point{-71.099, 42.371}}
	for _, row := range got.rows {
		columns := strings.Split(row, "|")
		var lon, lat float64
		if n, err := scan(columns[7], columns[8], &lon, &lat); n != 2 || err != nil || !inside.Contains(orb.Point{lon, lat}) {
			t.Errorf("%s is not inside its block", row)
		}
	}
	wantCounts(t, "rejected", got.report.Reasons, "2: no id")
}

func TestBDTopo(t *testing.T) {
	const metres = `{"type":"LineString","coordinates":[[650852.9,6862571.2,35.1],[650873.9,6862544.4,35.2]]}`
	content := collection(
		feature(`"cleabs":"TRONROUT1","nature":"Route à 1 chaussée","etat_de_l_objet":"En service","nom_voie_ban_gauche":"Rue de la Paix","nom_voie_ban_droite":"Rue de la Paix","insee_commune_gauche":"31555","insee_commune_droite":"31555"`, metres),
		feature(`"nature":"Route à 1 chaussée","cleabs":"TRONROUT2","nom_voie_ban_gauche":null,"nom_collaboratif_gauche":"R HAUTE","nom_collaboratif_droite":"R BASSE","insee_commune_gauche":"31555","insee_commune_droite":"1004"`, metres),
		feature(`"cleabs":"TRONROUT3","nature":"Type autoroutier","insee_commune_gauche":"31555","insee_commune_droite":"31555"`, metres),
		feature(`"cleabs":"TRONROUT4","nature":"Sentier"`, metres),
		feature(`"cleabs":"TRONROUT5","nature":"Rond-point","etat_de_l_objet":"En construction"`, metres),
		feature(`"cleabs":"TRONROUT6","nature":"Rond-point","insee_commune_gauche":"31555"`, metres),
		// As a Shapefile has them, cut to ten characters.
		feature(`"cleabs":"TRONROUT7","nature":"Rond-point","etat_de_l_":"En service","nom_voie_b":"Rue Haute","nom_voie_1":"Rue Basse","insee_comm":"31555","insee_co_1":"31069"`, metres),
	)
	got := decode(t, "bdtopo", content, engine.SourceSpec{})
	if got.err != nil {
		t.Fatal(got.err)
	}
	for i, want := range []string{"1|TRONROUT1|Rue de la Paix|31555|", "2|TRONROUT2|R HAUTE|31555|", "2|TRONROUT2/R|R BASSE|01004|", "6|TRONROUT6||31555|", "7|TRONROUT7|Rue Haute|31555|", "7|TRONROUT7/R|Rue Basse|31069|"} {
		if i >= len(got.rows) || !strings.HasPrefix(got.rows[i], want+"LINESTRING(2.33") {
			t.Errorf("row %d of %q is not %s", i, got.rows, want)
		}
	}
	wantCounts(t, "passed", got.report.Passed, "3, 4: not a walkable street", "5: the street is not in use yet, or no more")
}

func scan(x, y string, lon, lat *float64) (int, error) {
	for i, v := range []struct {
		text string
		into *float64
	}{{x, lon}, {y, lat}} {
		f, err := strconv.ParseFloat(v.text, 64)
		if err != nil {
			return i, err
		}
		*v.into = f
	}
	return 2, nil
}

// The files of Cambridge, Massachusetts: 2,643 segments, and results of 34 precincts.
func TestCambridge(t *testing.T) {
	dir := filepath.Dir(publishedFile(t, "cambridge_ma", "TRANS_Centerlines.geojson"))
	for _, test := range []struct {
		dataset, file string
		spec          engine.SourceSpec
		rows          int
	}{
		{"centrelines", "TRANS_Centerlines.geojson", engine.SourceSpec{Commune: "Cambridge"}, 2643},
		{"us-precincts", "ELECTIONS_WardsPrecincts.geojson", engine.SourceSpec{Commune: "Cambridge"}, 33},
		{"us-precincts", "ELECTIONS_WardsSubPrecincts.geojson", engine.SourceSpec{Commune: "Cambridge"}, 42},
		{"openelections", "20201103__ma__general__precinct.csv", engine.SourceSpec{Commune: "Cambridge", Election: "President"}, 34 * 6},
	} {
		got := decodeFile(t, test.dataset, filepath.Join(dir, test.file), test.spec)
		if got.err != nil || len(got.rows) != test.rows {
			t.Errorf("%s: %d rows, want %d: %v, %v", test.file, len(got.rows), test.rows, got.err, got.report.Reasons)
		}
	}
	for dataset, file := range map[string]string{"centreline-addresses": "TRANS_Centerlines.geojson", "address-blocks": "ADDRESS_MasterAddressBlocks.geojson"} {
		got := decodeFile(t, dataset, filepath.Join(dir, file), engine.SourceSpec{Commune: "Cambridge"})
		t.Logf("%s: %d addresses, %v, %v", file, len(got.rows), got.report.Reasons, got.report.Passed)
		if got.err != nil || len(got.rows) < 5000 || len(got.rows) > 40000 {
			t.Errorf("%s: %d addresses: %v", file, len(got.rows), got.err)
		}
	}
}

func FuzzCentrelines(f *testing.F) {
	fuzz(f, "centrelines", collection(feature(`"ID":"x","Street":"Main St"`, eastward)))
}
func FuzzTigerEdges(f *testing.F) {
	fuzz(f, "tiger-edges", collection(feature(`"TLID":1,"FULLNAME":"Main St","MTFCC":"S1400"`, eastward)))
}
func FuzzTigerAddresses(f *testing.F) {
	fuzz(f, "tiger-addresses", collection(feature(`"TLID":1,"FULLNAME":"Main St","LFROMHN":"2","LTOHN":"600000","RFROMHN":"5","RTOHN":"1"`, eastward),
		feature(`"TLID":2,"FULLNAME":"Main St","LFROMHN":"12-02","LTOHN":"12-98","RFROMHN":"","RTOHN":""`, eastward)))
}
func FuzzCentrelineAddresses(f *testing.F) {
	fuzz(f, "centreline-addresses", collection(feature(`"ID":1,"Street":"Main St","L_From":"2","L_To":"600000","R_From":"5","R_To":"1"`, eastward)))
}
func FuzzAddressBlocks(f *testing.F) {
	fuzz(f, "address-blocks", collection(feature(`"UNQ_ID2":"EC-400"`, square)))
}
func FuzzBDTopo(f *testing.F) {
	fuzz(f, "bdtopo", collection(feature(`"cleabs":"TRONROUT1","nature":"Rond-point","nom_voie_ban_gauche":"a","nom_voie_ban_droite":"b","insee_commune_gauche":"31555"`, eastward)))
}

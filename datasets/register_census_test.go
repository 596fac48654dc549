package datasets

import (
	"archive/zip"
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb/encoding/wkt"

	"github.com/arpent/arpent/engine"
)

const reuFile = "code_commune_ref,reconstitution_code_commune,id_brut_bv_reu,id,geo_adresse,geo_type,geo_score,longitude,latitude,api_line,nb_bv_commune,nb_adresses\n" +
	"75119,x,75056_1905,75119_4461_00011_b,11bis Rue de la Paix,housenumber,0.96,2.38,48.88,housenumber,900,3\n" +
	"01001,x,01001_1,,Rue Haute,street,0.80,5.0,46.0,street,1,2\n" +
	"01001,x,01001_1,01001_0001_00005,5 Rue Basse,housenumber,0.42,5.0,46.0,housenumber,1,1\n" +
	"01001,x,01001_1,,Ambérieu,municipality,0.9,5.0,46.0,municipality,1,9\n" +
	"01001,x,nothing,,Ambérieu,municipality,0.9,5.0,46.0,municipality,1,9\n" +
	"01001,x,01001_1,,Ambérieu,planet,0.9,5.0,46.0,municipality,1,9\n" +
	"01001,x,01001_1,,,housenumber,0.9,,,housenumber,1,1\n" +
	"01001,x,01001_1,,Rue Haute,street,0.80,5.0,46.0,street,1,0\n" +
	"01001,x,01001_1,,Rue Haute,street,0.80,5.0,46.0,street,1,-1\n"

func TestREUAddresses(t *testing.T) {
	for name, content := range map[string]string{"as published": reuFile, "columns shuffled": shuffledColumns(reuFile, ",", 8)} {
		t.Run(name, func(t *testing.T) {
			got := decode(t, "reu-addresses", content, engine.SourceSpec{})
			got.wantRows(t,
				"2|75119_4461_00011_b|house|2.38|48.88|75119|5|75056_1905|3",
				"3||street|5|46|01001|1|01001_1|2",
				"4|01001_0001_00005|street|5|46|01001|1|01001_1|1",
				"5||commune|5|46|01001|1|01001_1|9",
			)
			wantCounts(t, "rejected", got.report.Reasons, "6: the station is not one: as 19-5 or 75056_1905", "7: geo_type is none of housenumber, street, locality and municipality", "8: no coordinates", "10: nb_adresses is not a count")
			wantCounts(t, "passed", got.report.Passed, "9: it stands for no address of voters (nb_adresses is 0)")
		})
	}
}

func TestPublishedREU(t *testing.T) {
	got := decodeFile(t, "reu-addresses", publishedFile(t, "reu_sample", "addresses_sample.csv"), engine.SourceSpec{})
	if got.err != nil {
		t.Fatal(got.err)
	}
	wantNumber(t, "rows", len(got.rows), 12335)
	stations := map[string]map[string]bool{}
	for _, row := range got.rows {
		c := strings.Split(row, "|")
		point := c[3] + " " + c[4]
		if stations[point] == nil {
			stations[point] = map[string]bool{}
		}
		if c[3] != "∅" {
			stations[point][c[5]+"_"+c[6]] = true
		}
	}
	several := 0
	for _, s := range stations {
		if len(s) > 1 {
			several++
		}
	}
	wantNumber(t, "points in more than one station", several, 46)
}

func TestPrecinctAreas(t *testing.T) {
	content := collection(
		feature(`"uniq_bdv":"0001","nom":"École"`, square),
		feature(`"insee":"33063","code":"12A"`, square),
		feature(`"code_insee":"44109","numero_bureau":501,"inscrits":900`, square),
		feature(`"insee":"69383","numero":"12"`, square),
		feature(`"DEPCO":"29019","BVOTE":"0104"`, square),
		feature(`"id_bureau":"31555_0007"`, square),
		feature(`"bureau_v":"8"`, square),
		feature(`"id_bureau":"Mairie"`, square),
		feature(`"nom":"École"`, square),
	)
	got := decode(t, "precinct-areas", content, engine.SourceSpec{Commune: "31555"})
	got.wantRows(t,
		"1|31555|1|0001|École|∅|"+squareWKT, "2|33063|12A|12A||∅|"+squareWKT, "3|44109|501|501||900|"+squareWKT, "4|69383|12|12||∅|"+squareWKT,
		"5|29019|104|0104||∅|"+squareWKT, "6|31555|7|31555_0007||∅|"+squareWKT,
		"7|31555|8|8||∅|"+squareWKT,
	)
	wantCounts(t, "rejected", got.report.Reasons, "8: the station is not one: as 5, 0005 or 136A", "9: no station")
	got = decode(t, "precinct-areas", collection(feature(`"num_bv":"5"`, square)), engine.SourceSpec{})
	wantCounts(t, "rejected", got.report.Reasons, "1: no commune: give commune: the INSEE code of the city")
	got.wantError(t, "published: no column says the commune: give commune: the INSEE code of the city")
}

const baseICFile = "IRIS;COM;TYP_IRIS;LAB_IRIS;P22_POP;P22_POP0002;C22_POP15P_STAT_GSEC11_21;P22_RP\n751010101;75101;H;1;2057,93753915075;12.5;3;1000.5\n10040101;01004;H;1;10;;;\n"

func TestBaseIC(t *testing.T) {
	for name, content := range map[string]string{"as published": baseICFile, "columns shuffled": shuffledColumns(baseICFile, ";", 8)} {
		t.Run(name, func(t *testing.T) {
			got := decode(t, "base-ic", content, engine.SourceSpec{})
			seen := strings.Join(got.rows, "\n")
			for _, want := range []string{
				"2|751010101|pop|2057.93753915075", "2|751010101|pop0002|12.5", "2|751010101|pop15p_stat_gsec11_21|3", "2|751010101|rp|1000.5", "2|751010101|households|1000.5",
				"3|010040101|pop|10", "3|010040101|households|∅",
			} {
				if !strings.Contains(seen, want) || len(got.rows) != 10 {
					t.Errorf("%s is not among %d rows\n%s %v", want, len(got.rows), seen, got.err)
				}
			}
		})
	}
}

const gridFile = "Idcar_200m,I_est_200,Idcar_1km,I_est_1km,Idcar_nat,Groupe,Ind,Men_1ind,Men,Ind_snv,lcog_geo\n" +
	"CRS3035RES200mN2889000E3760000,1,CRS3035RES1000mN2889000E3760000,1,CRS3035RES8000mN2024000E4248000,14863,2,0.3,1,49000.5,7510175102\n" +
	"CRS2975RES200mN7690000E338000,0,x,0,x,1,4,1,2,1,97411\nCRS9999RES200mN1E1,0,x,0,x,1,4,1,2,1,97411\nN2889000E3760000,0,x,0,x,1,4,1,2,1,75101\n"

// A cell is 200 m to a side on the ground, is not a rectangle in degrees, and lies where its id says: this one is in Paris.
func TestGrid200m(t *testing.T) {
	header, cells, _ := strings.Cut(gridFile, "\n")
	for name, content := range map[string]string{"2017": gridFile, "lower case": strings.ToLower(header) + "\n" + cells, "columns shuffled": shuffledColumns(gridFile, ",", 3)} {
		t.Run(name, func(t *testing.T) {
			got := decode(t, "grid-200m", content, engine.SourceSpec{})
			if got.err != nil || len(got.rows) != 2 || !strings.HasPrefix(got.rows[0], "2|CRS3035RES200mN2889000E3760000||75101|imputed|POLYGON((") || !strings.HasPrefix(got.rows[1], "3|CRS2975RES200mN7690000E338000||97411||POLYGON((55.4") {
				t.Fatalf("%q, %v", got.rows, got.err)
			}
			wantCounts(t, "rejected", got.report.Reasons, "4: the cell is in a system that is not known", "5: the cell's id is not one: as CRS3035RES200mN2029800E4254200")
			p, err := wkt.UnmarshalPolygon(strings.Split(got.rows[0], "|")[5])
			if err != nil {
				t.Fatal(err)
			}
			a, b, c := p[0][0], p[0][1], p[0][3]
			east := math.Hypot((b[0]-a[0])*math.Cos(a[1]*math.Pi/180), b[1]-a[1]) * 111_200
			north := math.Hypot((c[0]-a[0])*math.Cos(a[1]*math.Pi/180), c[1]-a[1]) * 111_200
			if a[0] < 2.2 || a[0] > 2.5 || a[1] < 48.8 || a[1] > 48.95 || math.Abs(east-200) > 3 || math.Abs(north-200) > 3 || a[1] == b[1] {
				t.Errorf("the cell is %v: %.1f m by %.1f m", p[0], east, north)
			}
			figures := decode(t, "grid-200m-figures", content, engine.SourceSpec{})
			seen := strings.Join(figures.rows, "\n")
			for _, want := range []string{"2|CRS3035RES200mN2889000E3760000|i_est_200|1", "|ind|2", "|men_1ind|0.3", "|ind_snv|49000.5", "2|CRS3035RES200mN2889000E3760000|households|1"} {
				if !strings.Contains(seen, want) {
					t.Errorf("%s is not in\n%s %v", want, seen, figures.err)
				}
			}
			if strings.Contains(seen, "groupe") || strings.Contains(seen, "lcog") {
				t.Errorf("ids are figures:\n%s", seen)
			}
		})
	}
}

// The edition of 2015 has other names, and one more id.
func TestGrid200mOf2015(t *testing.T) {
	content := "IdINSPIRE,Id_carr1km,I_est_cr,Id_carr_n,Groupe,Depcom,I_pauv,Id_car2010,Ind,Men,Ind_snv\n" +
		"CRS3035RES200mN2889000E3760000,CRS3035RES1000mN2889000E3760000,1,CRS3035RES8000mN2888000E3760000,7,75101,0,CRS3035RES200mN2889000E3760000,12.5,5.5,250000\n"
	got := decode(t, "grid-200m", content, engine.SourceSpec{})
	if got.err != nil || len(got.rows) != 1 || !strings.HasPrefix(got.rows[0], "2|CRS3035RES200mN2889000E3760000||75101|imputed|") {
		t.Errorf("%q, %v", got.rows, got.err)
	}
	const cell = "2|CRS3035RES200mN2889000E3760000|"
	decode(t, "grid-200m-figures", content, engine.SourceSpec{}).
		wantRows(t, cell+"i_est_cr|1", cell+"i_pauv|0", cell+"ind|12.5", cell+"men|5.5", cell+"households|5.5", cell+"ind_snv|250000")
}

func TestUSBlocks(t *testing.T) {
	content := collection(
		feature(`"GEOID20":"250173521022012","NAME20":"Block 2012","COUNTYFP20":"017","POP20":12,"HOUSING20":5`, square),
		feature(`"GEOID20":"10010201001000","POP20":3,"HOUSING20":null`, square),
		feature(`"GEOID20":"x","POP20":3`, square),
	)
	got := decode(t, "us-blocks", content, engine.SourceSpec{})
	got.wantRows(t, "1|250173521022012|Block 2012|25017|block|"+squareWKT, "2|010010201001000||01001|block|"+squareWKT)
	got = decode(t, "us-block-counts", content, engine.SourceSpec{})
	got.wantRows(t, "1|250173521022012|pop|12", "1|250173521022012|housing|5", "1|250173521022012|households|5", "2|010010201001000|pop|3", "2|010010201001000|housing|∅", "2|010010201001000|households|∅")
	table := "GEO_ID,NAME,P1_001N,H1_001N,H1_002N\n1000000US250173521022012,Block 2012,12,6,5\n"
	for _, content := range []string{table, shuffledColumns(table, ",", 2)} {
		got = decode(t, "us-block-counts", content, engine.SourceSpec{})
		seen := strings.Join(got.rows, " ")
		for _, want := range []string{"|pop|12", "|housing|6", "|households|5", "|h1_002n|5"} {
			if !strings.Contains(seen, want) {
				t.Errorf("%s is not in %s, %v", want, seen, got.err)
			}
		}
	}
}

// headerRow is a row of the geographic header with some of its fields, by their places from 1.
func headerRow(level, record, geoid, name, people, homes string) string {
	fields := make([]string, 97)
	for place, field := range map[int]string{1: "PLST", 2: "MA", 3: level, 4: "00", 5: "00", 6: "000", 7: "00", 8: record, 9: geoid, 87: name, 88: name, 91: people, 92: homes, 93: "+42.3736158", 94: "-071.1097335"} {
		fields[place-1] = field
	}
	return strings.Join(fields, "|") + "\r\n"
}

// segmentRow is a row of segment 2: 144 figures of tables P3 and P4, then homes, occupied, vacant.
func segmentRow(record, homes, occupied, vacant string) string {
	return "PLST|MA|000|02|" + record + strings.Repeat("|7", 144) + "|" + homes + "|" + occupied + "|" + vacant + "\r\n"
}

var headerFile = headerRow("040", "0000001", "0400000US25", "Massachusetts", "7029917", "2998537") +
	headerRow("060", "0000002", "0600000US2501711000", "Ca\xf1on", "118403", "53907") +
	headerRow("750", "0000005", "7500000US250173521022012", "Block 2012", "12", "6") +
	headerRow("750", "0000006", "7500000US250173521022013", "Block 2013", "0", "0") +
	headerRow("750", "0000007", "7500000US2501735210ZZ", "Block", "1", "1") +
	headerRow("750", "0000009", "7500000US250173521022014", "Block 2014", "3", "2")

func TestUSBlockHeader(t *testing.T) {
	rowsOf := func(line, id, people, homes, households string) []string {
		place := line + "|" + id + "|"
		return []string{place + "pop|" + people, place + "housing|" + homes, place + "households|" + households}
	}
	got := decode(t, "us-block-counts", headerFile, engine.SourceSpec{})
	got.wantRows(t, slices.Concat(rowsOf("3", "250173521022012", "12", "6", "6"), rowsOf("4", "250173521022013", "0", "0", "0"), rowsOf("6", "250173521022014", "3", "2", "2"))...)
	wantCounts(t, "passed", got.report.Passed, "1, 2: of a summary level that is not blocks (750)")
	wantCounts(t, "rejected", got.report.Reasons, "5: "+reasonBlock)
	if !strings.Contains(got.report.Layout, "segment 2 (as ma000022020.pl), which is not beside it") {
		t.Error(got.report.Layout)
	}
	decode(t, "us-block-counts", segmentRow("0000001", "6", "5", "1"), engine.SourceSpec{}).
		wantError(t, "published: rows have 152 fields, and the 97 of a geographic header are due: give the file of the state whose name ends in geo2020.pl")

	// Segment 2 lacks the last block; its rows of other levels are passed over.
	segment := segmentRow("0000001", "2998537", "2749225", "249312") + segmentRow("0000005", "6", "5", "1") + segmentRow("0000006", "0", "0", "0") + segmentRow("0000007", "1", "1", "0")
	dir := t.TempDir()
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	for name, content := range map[string]string{"mageo2020.pl": headerFile, "ma000012020.pl": "PLST|MA|000|01|0000001|1\r\n", "MA000022020.PL": segment} {
		member, err := archive.Create(name)
		if err == nil {
			_, err = member.Write([]byte(content))
		}
		if err := errors.Join(err, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(archive.Close(), os.WriteFile(filepath.Join(dir, "ma2020.pl.zip"), packed.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"mageo2020.pl", "ma2020.pl.zip/mageo2020.pl"} {
		path := filepath.Join(dir, name)
		got = decodeFile(t, "us-block-counts", path, engine.SourceSpec{})
		got.wantRows(t, slices.Concat(rowsOf("3", "250173521022012", "12", "6", "5"), rowsOf("4", "250173521022013", "0", "0", "0"), rowsOf("6", "250173521022014", "3", "2", "∅"))...)
		wantCounts(t, "repaired", got.report.Repaired, "6: segment 2 has no such record: the block's households are not known")
		found, err := Inspect(t.Context(), path, engine.SourceSpec{Path: path}, nil)
		if err != nil || len(found.Matches) == 0 || found.Matches[0].Dataset != "us-block-counts" || found.Kept != 9 || found.Fault != "" {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
}

func TestPublishedBlocks(t *testing.T) {
	got := decodeFile(t, "us-blocks", publishedFile(t, "cambridge_ma", "DEMOGRAPHICS_Blocks2020.geojson"), engine.SourceSpec{Path: filepath.Base("x")})
	if got.err != nil {
		t.Fatal(got.err)
	}
	wantNumber(t, "blocks", len(got.rows), 1044)
}

func FuzzREUAddresses(f *testing.F) { fuzz(f, "reu-addresses", reuFile) }
func FuzzPrecinctAreas(f *testing.F) {
	fuzzSpec(f, "precinct-areas", engine.SourceSpec{Commune: "31555"}, collection(feature(`"num_bv":"5"`, square)))
}
func FuzzBaseIC(f *testing.F)   { fuzz(f, "base-ic", baseICFile) }
func FuzzGrid200m(f *testing.F) { fuzz(f, "grid-200m", gridFile) }
func FuzzGrid200mFigures(f *testing.F) {
	fuzz(f, "grid-200m-figures", gridFile)
}
func FuzzUSBlocks(f *testing.F) {
	fuzz(f, "us-blocks", collection(feature(`"GEOID20":"250173521022012"`, square)))
}
func FuzzUSBlockCounts(f *testing.F) {
	fuzz(f, "us-block-counts", "GEO_ID,P1_001N,H1_001N\n1000000US250173521022012,12,6\n", headerFile)
}

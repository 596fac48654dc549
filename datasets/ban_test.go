package datasets

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
)

const banHeader = "id;id_fantoir;numero;rep;nom_voie;code_postal;code_insee;nom_commune;code_insee_ancienne_commune;nom_ancienne_commune;x;y;lon;lat;type_position;alias;nom_ld;libelle_acheminement;nom_afnor;source_position;source_nom_voie;certification_commune;cad_parcelles\n"

// The layout of June 2024, with each thing that occurs in it.
const banFile = banHeader +
	"75101_cfq3tf_00001;;1;;Avenue du Général Imaginaire;75001;75101;Paris 1er Arrondissement;;;650852.91;6862571.27;2.330113;48.861299;parcelle;;;PARIS;AVENUE DU GENERAL IMAGINAIRE;commune;commune;1;\n" +
	"75101_4461_00011_b;75101_4461;11;b;Rue de l'Épée;75001;75101;Paris 1er Arrondissement;;;650852.91;6862571.27;2.330114;48.8613;;;;PARIS;RUE DE L EPEE;commune;commune;1;75101000AB0001|75101000AB0002\n" +
	"75101_ulje0j_00007_s1;;7;s1;7S1 Place du Jeu;75001;75101;Paris 1er Arrondissement;;;650852.91;6862571.27;2.33;48.86;parcelle;;;PARIS;PLACE DU JEU;commune;commune;1;\n" +
	"75116_8887_00000;75116_8887;0;;Rue Nouvelle;75116;75116;Paris 16e Arrondissement;;;650852.91;6862571.27;2.27;48.86;parcelle;;;PARIS 16;RUE NOUVELLE;commune;commune;1;\n" +
	"2A004_0123_05001_bv;2A004_0123;5001;BV;Rue du 8 Mai 1945;20000;2A004;Ajaccio;;;1176641.21;6109045.11;8.738;41.919;segment;;;AJACCIO;RUE DU 8 MAI 1945;cadastre;cadastre;0;\n" +
	"97411_0001_00008_8;97411_0001;8;8;8 Mai;97400;97411;Saint-Denis;;;338000.12;7691000.34;55.45;-20.88;entrée;;;SAINT DENIS;8 MAI;commune;commune;0;\n"

var banRows = []string{
	"2|75101_cfq3tf_00001|1||Avenue du Général Imaginaire|75101|Paris 1er Arrondissement|2.330113|48.861299|∅",
	"3|75101_4461_00011_b|11|b|Rue de l'Épée|75101|Paris 1er Arrondissement|2.330114|48.8613|∅",
	"4|75101_ulje0j_00007_s1|7|s1|Place du Jeu|75101|Paris 1er Arrondissement|2.33|48.86|∅",
	"5|75116_8887_00000|0||Rue Nouvelle|75116|Paris 16e Arrondissement|2.27|48.86|∅",
	"6|2A004_0123_05001_bv|5001|bv|Rue du 8 Mai 1945|2A004|Ajaccio|8.738|41.919|∅",
	"7|97411_0001_00008_8|8|8|8 Mai|97411|Saint-Denis|55.45|-20.88|∅",
}

func TestBAN(t *testing.T) {
	got := decode(t, "ban", banFile, engine.SourceSpec{})
	got.wantRows(t, banRows...)
	if got.report.Rows != 6 || got.report.Rejected != 0 {
		t.Errorf("%d rows, %d rejected", got.report.Rows, got.report.Rejected)
	}
	want := "alias cad_parcelles certification_commune code_insee_ancienne_commune code_postal id_fantoir libelle_acheminement nom_afnor nom_ancienne_commune nom_ld source_nom_voie source_position type_position"
	if ignored := strings.Join(got.report.Ignored, " "); ignored != want {
		t.Errorf("ignored\n%s\nwant\n%s", ignored, want)
	}
}

func TestBANWrittenOtherwise(t *testing.T) {
	for name, content := range map[string]string{
		"gzip":               string(packed(t, []byte(banFile))),
		"CRLF":               strings.ReplaceAll(banFile, "\n", "\r\n"),
		"byte order mark":    "\ufeff" + banFile,
		"no end of line":     strings.TrimSuffix(banFile, "\n"),
		"columns shuffled":   reverseColumns(banFile, ";", ";"),
		"commas":             reverseColumns(banFile, ";", ","),
		"trailing delimiter": strings.ReplaceAll(banFile, "\n", ";\n"),
		"blank lines at end": banFile + "\n\n",
		"decimal commas":     strings.ReplaceAll(banFile, ".", ","),
	} {
		t.Run(name, func(t *testing.T) { decode(t, "ban", content, engine.SourceSpec{}).wantRows(t, banRows...) })
	}
}

// Editions before the current one had fewer columns, in another order.
func TestBANOlderEdition(t *testing.T) {
	content := "id;nom_voie;id_fantoir;numero;rep;code_insee;code_post;alias;nom_ld;nom_afnor;libelle_acheminement;x;y;lon;lat;nom_commune\n" +
		"ADRNIVX_0000000270764001;\"Rue \"\"Basse\"\"; haute\";0010;12;bis;01001;01400;;;RUE BASSE;L ABERGEMENT;848435.3;6563203.3;4.923279;46.147255;L'Abergement-Clémenciat\n"
	decode(t, "ban", content, engine.SourceSpec{}).
		wantRows(t, `2|ADRNIVX_0000000270764001|12|bis|Rue "Basse"; haute|01001|L'Abergement-Clémenciat|4.923279|46.147255|∅`)

	content = "id;numero;rep;nom_voie;code_insee;lon;lat\n01001_1;12;;Rue Basse;01001;4.9;46.1\n"
	decode(t, "ban", content, engine.SourceSpec{}).wantRows(t, "2|01001_1|12||Rue Basse|01001||4.9|46.1|∅")
}

func TestBANRejectsAndRepairs(t *testing.T) {
	content := "id;numero;rep;nom_voie;code_insee;lon;lat\n" +
		"a;1;;Rue Basse;1001;4.9;46.1\n" + // 2: a spreadsheet took the zero
		"b;1;;Rue Basse;1001.0;4.9;46.1\n" +
		"c;1.0;;Rue Basse;2b033;4.9;46.1\n" +
		";1;;Rue Basse;01001;4.9;46.1\n" + // 5
		"d;;;Le Hameau;01001;4.9;46.1\n" +
		"e;1bis;;Rue Basse;01001;4.9;46.1\n" +
		"f;-1;;Rue Basse;01001;4.9;46.1\n" +
		"g;99999999999;;Rue Basse;01001;4.9;46.1\n" +
		"h;1;;Rue Basse;XY;4.9;46.1\n" + // 10
		"i;1;;Rue Basse;0100A;4.9;46.1\n" +
		"j;1;;Rue Basse;01001;;\n" +
		"k;1;;Rue Basse;01001;4°9;46°1\n" +
		"l;1;;;01001;4.9;46.1\n" +
		"m;1;;Rue Basse;01001;4.9\n" + // 15
		"n;1;;\"Rue\" Basse;01001;4.9;46.1\n" +
		"o;1;;Rue Basse;01001;4.9;46.1;more\n" +
		"p;1;;Rue Basse;01001;5.0;46.2\n"
	got := decode(t, "ban", content, engine.SourceSpec{})
	got.wantRows(t,
		"2|a|1||Rue Basse|01001||4.9|46.1|∅",
		"3|b|1||Rue Basse|01001||4.9|46.1|∅",
		"4|c|1||Rue Basse|2B033||4.9|46.1|∅",
		"18|p|1||Rue Basse|01001||5|46.2|∅",
	)
	wantCounts(t, "rejected", got.report.Reasons,
		"5: no id",
		"6: no house number",
		"7, 8, 9: the house number is not a whole number",
		"10, 11: the commune is not an INSEE code",
		"12: no coordinates",
		"13: the coordinates are not numbers",
		"14: no street",
		"15: the row has fewer fields than the header",
		"16: text follows a closing quote",
		"17: the row has more fields than the header",
	)
	wantCounts(t, "repaired", got.report.Repaired, "2, 3: a code lost its leading zero: put back")
	if got.report.Rows != 17 || got.report.Rejected != 13 {
		t.Errorf("%d rows, %d rejected", got.report.Rows, got.report.Rejected)
	}
}

func TestBANErrors(t *testing.T) {
	whole := packed(t, []byte(banFile))
	tests := []struct{ name, content, want string }{
		{"metres", "id;numero;rep;nom_voie;code_insee;lon;lat\na;1;;Rue Basse;01001;4.9;46.1\nb;1;;Rue Basse;01001;650852.91;6862571.27\n",
			"published line 3: the coordinates are in metres where degrees are due: download the file in WGS84 (EPSG:4326), or convert it"},
		{"another dataset", "id;numero;rep;nom_voie;code_insee;x\na;1;;Rue Basse;01001;4.9\n",
			"published line 1: there is no column lon (accepted spellings: lon, long, longitude), nor x and y: check that this is the file of the dataset named, and not another's"},
		{"empty", "", "published: the file is empty: download it again, or take it out of the place file"},
		{"no rows", banHeader, "published: it has no rows: the file is empty: download it again, or take it out of the place file"},
		{"GeoJSON", `{"type":"FeatureCollection","features":[]}`, "published: it has no rows: the file is empty: download it again, or take it out of the place file"},
		{"cut short", string(whole[:len(whole)-8]), "published line 8: the file ends early: download it again"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			decode(t, "ban", test.content, engine.SourceSpec{}).wantError(t, test.want)
		})
	}
}

// reverseColumns writes a table without quotes with its columns in the opposite order.
func reverseColumns(content, comma, newComma string) string {
	lines := strings.Split(content, "\n")
	for i, line := range lines {
		if line == "" {
			continue
		}
		fields := strings.Split(line, comma)
		for a, b := 0, len(fields)-1; a < b; a, b = a+1, b-1 {
			fields[a], fields[b] = fields[b], fields[a]
		}
		lines[i] = strings.Join(fields, newComma)
	}
	return strings.Join(lines, "\n")
}

func FuzzBAN(f *testing.F) { fuzz(f, "ban", banFile, string(packed(f, []byte(banFile)))) }

// Without longitude and latitude a row is placed by x and y, in the projection of its territory.
func TestBANInLegalProjections(t *testing.T) {
	content := "cle_interop;numero;suffixe;voie_nom;commune_insee;commune_nom;x;y;long;lat\n" +
		"75101_4461_00011;11;;Rue de la Paix;75101;Paris;650852.91;6862571.27;;\n" +
		"97411_0001_00008;8;;Rue de Paris;97411;Saint-Denis;338750.00;7690000.00;;\n" +
		"97302_0001_00008;8;;Rue de Paris;97302;Cayenne;354000.00;545000.00;;\n" +
		"97105_0001_00008;8;;Rue de Paris;97105;Basse-Terre;643000.00;1769500.00;;\n" +
		"75101_4461_00012;12;;Rue de la Paix;75101;Paris;4.9;46.1;;\n" +
		"75101_4461_00013;13;;Rue de la Paix;75101;Paris;;;2.33;48.86\n"
	got := decode(t, "ban", content, engine.SourceSpec{})
	if got.err != nil || len(got.rows) != 5 {
		t.Fatal(got.rows, got.err)
	}
	for i, want := range []struct{ lon, lat float64 }{{2.330113, 48.861299}, {55.45, -20.88}, {-52.32, 4.93}, {-61.66, 16.0}, {2.33, 48.86}} {
		columns := strings.Split(got.rows[i], "|")
		lon, errLon := strconv.ParseFloat(columns[7], 64)
		lat, errLat := strconv.ParseFloat(columns[8], 64)
		if errLon != nil || errLat != nil || math.Abs(lon-want.lon) > 0.02 || math.Abs(lat-want.lat) > 0.02 {
			t.Errorf("%s is not near %v", got.rows[i], want)
		}
	}
	wantCounts(t, "rejected", got.report.Reasons, "6: the coordinates are outside the system they are in")
}

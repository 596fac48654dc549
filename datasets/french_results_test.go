package datasets

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"github.com/arpent/arpent/engine"
)

// The first round of the legislative elections of 2017, in the layout of the Ministry, with invented candidates: the header names
// one block, rows have as many as there are candidates.
const ministryHeader2017 = "Code du département;Libellé du département;Code de la circonscription;Libellé de la circonscription;Code de la commune;Libellé de la commune;Code du b.vote;Inscrits;Abstentions;% Abs/Ins;Votants;% Vot/Ins;Blancs;% Blancs/Ins;% Blancs/Vot;Nuls;% Nuls/Ins;% Nuls/Vot;Exprimés;% Exp/Ins;% Exp/Vot;N°Panneau;Sexe;Nom;Prénom;Nuance;Voix;% Voix/Ins;% Voix/Exp\n"

const ministryFile2017 = ministryHeader2017 +
	"75;Paris;17;17ème circonscription;056;Paris;1905;1000;400;40,00;600;60,00;10;1,00;1,67;5;0,50;0,83;585;58,50;97,50;3;F;DU PONT;Anne;REM;300;30,00;51,28;1;M;D'AUBÉPINE;Jean-Éloi;FI;285;28,50;48,72\n" +
	"1;Ain;4;4ème circonscription;4;Ambérieu;0001A;500;200;40,00;300;60,00;0;0,00;0,00;0;0,00;0,00;300;60,00;100,00;1;M;D'AUBÉPINE;Jean-Éloi;FI;100;20,00;33,33;2;F;DU PONT;Anne;REM;150;30,00;50,00;7;M;TIERS;Luc;DIV;50;10,00;16,67;;;;;;;;\n" +
	"ZA;Guadeloupe;1;1ère circonscription;101;Les Abymes;0012;80;40;50,00;40;50,00;1;1,25;2,50;1;1,25;2,50;38;47,50;95,00;1;F;DU PONT;Anne;REM;38;47,50;100,00\n" +
	"99;Nulle part;1;;;;;80;40;50,00;40;50,00;1;1,25;2,50;1;1,25;2,50;38;47,50;95,00;1;F;DU PONT;Anne;REM;38;47,50;100,00\n"

var ministryRows2017 = []string{
	"2|75119|5|75056_1905|Législatives 2017|2017-06-11|1|1000|600|10|5|∅|du_pont_anne|Anne Du Pont|REM|300",
	"2|75119|5|75056_1905|Législatives 2017|2017-06-11|1|1000|600|10|5|∅|d_aubepine_jean-eloi|Jean-Éloi d'Aubépine|FI|285",
	"3|01004|1A|01004_0001A|Législatives 2017|2017-06-11|1|500|300|0|0|∅|d_aubepine_jean-eloi|Jean-Éloi d'Aubépine|FI|100",
	"3|01004|1A|01004_0001A|Législatives 2017|2017-06-11|1|500|300|0|0|∅|du_pont_anne|Anne Du Pont|REM|150",
	"3|01004|1A|01004_0001A|Législatives 2017|2017-06-11|1|500|300|0|0|∅|tiers_luc|Luc Tiers|DIV|50",
	"4|97101|12|97101_0012|Législatives 2017|2017-06-11|1|80|40|1|1|∅|du_pont_anne|Anne Du Pont|REM|38",
}

func TestMinistryOf2017(t *testing.T) {
	spec := engine.SourceSpec{Name: "Législatives 2017", Contest: "2017_legi_t1", Date: "2017-06-11"}
	for name, content := range map[string]string{
		"UTF-8":        ministryFile2017,
		"Windows-1252": windows1252(t, ministryFile2017),
		"CRLF":         strings.ReplaceAll(ministryFile2017, "\n", "\r\n"),
		// The station's columns in another order, and the votes before the name in the block.
		"shuffled": shuffledFixed(t, ministryFile2017, 21),
	} {
		t.Run(name, func(t *testing.T) {
			got := decode(t, "ministry", content, spec)
			got.wantRows(t, ministryRows2017...)
			wantCounts(t, "rejected", got.report.Reasons, "5: department, commune and station are none: as 75, 056 and 1905")
		})
	}
}

// Presidential files have no label, European ones the lists' titles, municipal ones both and more columns.
func TestMinistryBlocks(t *testing.T) {
	const station = "Code du département;Code de la commune;Code B.Vote;Inscrits;Votants;Blancs;Nuls;"
	for _, test := range []struct{ name, content, want string }{
		{"presidential", station + "N°Panneau;Sexe;Nom;Prénom;Voix;% Voix/Ins;% Voix/Exp\n31;555;0001;100;60;1;1;1;F;DU PONT;Anne;58;58,00;100,00\n",
			"2|31555|1|31555_0001|e|∅|1|100|60|1|1|∅|du_pont_anne|Anne Du Pont|∅|58"},
		{"European", station + "N°Liste;Libellé Abrégé Liste;Libellé Etendu Liste;Nom Tête de Liste;Voix;% Voix/Ins;% Voix/Exp\n31;555;0001;100;60;1;1;4;AVENIR;L'AVENIR POUR TOUS;DU PONT Anne;58;58,00;100,00\n",
			"2|31555|1|31555_0001|e|∅|1|100|60|1|1|∅|l_avenir_pour_tous|L'AVENIR POUR TOUS|∅|58"},
		{"municipal", station + "N.Pan.;Code Nuance;Sexe;Nom;Prénom;Liste;Sièges / Elu;Sièges Secteur;Sièges CC;Voix;% Voix/Ins;% Voix/Exp\n31;555;0001;100;60;1;1;4;LDVC;F;DU PONT;Anne;UNE VILLE;0;;0;58;58,00;100,00\n",
			"2|31555|1|31555_0001|e|∅|1|100|60|1|1|∅|du_pont_anne|Anne Du Pont|LDVC|58"},
		{"a department's pairs", station + "N°Panneau;Nuance;Binôme;Voix;% Voix/Ins;% Voix/Exp\n31;555;0001;100;60;1;1;4;BC-UG;Mme DU PONT et M. TIERS;58;58,00;100,00\n",
			"2|31555|1|31555_0001|e|∅|1|100|60|1|1|∅|mme_du_pont_et_m_tiers|Mme DU PONT et M. TIERS|BC-UG|58"},
		{"lists of one title", station + "N°Panneau;Code Nuance;Liste;Voix\n31;555;0001;100;60;1;1;1;LDVG;ENSEMBLE;40;2;LDVD;ENSEMBLE;18\n",
			"2|31555|1|31555_0001|e|∅|1|100|60|1|1|∅|ensemble_ldvg|ENSEMBLE|LDVG|40\n2|31555|1|31555_0001|e|∅|1|100|60|1|1|∅|ensemble_ldvd|ENSEMBLE|LDVD|18"},
		{"lists of one title, the other first", station + "N°Panneau;Code Nuance;Liste;Voix\n31;555;0001;100;60;1;1;1;LDVD;ENSEMBLE;18;2;LDVG;ENSEMBLE;40\n",
			"2|31555|1|31555_0001|e|∅|1|100|60|1|1|∅|ensemble_ldvd|ENSEMBLE|LDVD|18\n2|31555|1|31555_0001|e|∅|1|100|60|1|1|∅|ensemble_ldvg|ENSEMBLE|LDVG|40"},
		{"a candidate who withdrew", station + "N°Panneau;Sexe;Nom;Prénom;Voix;% Voix/Ins;% Voix/Exp\n31;555;0001;100;60;1;1;1;M;TIERS;Luc;;;;2;F;DU PONT;Anne;58;58,00;100,00\n",
			"2|31555|1|31555_0001|e|∅|1|100|60|1|1|∅|du_pont_anne|Anne Du Pont|∅|58"},
		{"one of numbered blocks", station + "Nom candidat 1;Prénom candidat 1;Voix 1;Nom candidat 2;Prénom candidat 2;Voix 2\n31;555;0001;100;60;1;1;TIERS;Luc;;DU PONT;Anne;58\n",
			"2|31555|1|31555_0001|e|∅|1|100|60|1|1|∅|du_pont_anne|Anne Du Pont|∅|58"},
		{"a delimiter at each end of line", station + "N°Panneau;Sexe;Nom;Prénom;Voix;% Voix/Ins;% Voix/Exp;\n31;555;0001;100;60;1;1;1;F;DU PONT;Anne;40;40,00;70;2;M;DU PONT;Jean;18;18,00;30;\n",
			"2|31555|1|31555_0001|e|∅|1|100|60|1|1|∅|du_pont_anne|Anne Du Pont|∅|40\n2|31555|1|31555_0001|e|∅|1|100|60|1|1|∅|du_pont_jean|Jean Du Pont|∅|18"},
	} {
		t.Run(test.name, func(t *testing.T) {
			decode(t, "ministry", test.content, engine.SourceSpec{Contest: "e"}).wantRows(t, strings.Split(test.want, "\n")...)
		})
	}
}

const ministryFile2026 = "Code département;Libellé département;Code commune;Libellé commune;Code BV;Inscrits;Votants;% Votants;Abstentions;% Abstentions;Exprimés;% Exprimés/inscrits;% Exprimés/votants;Blancs;% Blancs/inscrits;% Blancs/votants;Nuls;% Nuls/inscrits;% Nuls/votants;" +
	"Numéro de panneau 1;Nom candidat 1;Prénom candidat 1;Sexe candidat 1;Nuance liste 1;Libellé abrégé de liste 1;Libellé de liste 1;Voix 1;% Voix/inscrits 1;% Voix/exprimés 1;Elu 1;Sièges au CM 1;Sièges au CC 1;" +
	"Numéro de panneau 2;Nom candidat 2;Prénom candidat 2;Sexe candidat 2;Nuance liste 2;Libellé abrégé de liste 2;Libellé de liste 2;Voix 2;% Voix/inscrits 2;% Voix/exprimés 2;Elu 2;Sièges au CM 2;Sièges au CC 2\n" +
	"75;Paris;75056;Paris;1905;1000;600;60,00%;400;40,00%;585;58,50%;97,50%;10;1,00%;1,67%;5;0,50%;0,83%;3;;;;LDVC;UNE VILLE;UNE VILLE POUR TOUS;300;30,00%;51,28%;;;;1;;;;LUG;ENSEMBLE;ENSEMBLE MAINTENANT;285;28,50%;48,72%;;;\n" +
	"971;Guadeloupe;97101;Les Abymes;0012;80;40;50,00%;40;50,00%;38;47,50%;95,00%;1;1,25%;2,50%;1;1,25%;2,50%;1;DU PONT;Anne;F;LDIV;SEULE;SEULE;38;47,50%;100,00%;;;;;;;;;;;;;;;;\n"

var blockNumbers = regexp.MustCompile(`([a-zéèA-Z]) ([12][;\n])`)

func TestMinistryOf2026(t *testing.T) {
	spec := engine.SourceSpec{Contest: "2026_muni_t1", Round: 1}
	for name, content := range map[string]string{"as published": ministryFile2026, "byte order mark": "\ufeff" + ministryFile2026, "numbers without a space": blockNumbers.ReplaceAllString(ministryFile2026, "$1$2"), "columns shuffled": shuffledColumns(ministryFile2026, ";", 9)} {
		t.Run(name, func(t *testing.T) {
			got := decode(t, "ministry", content, spec)
			got.wantRows(t,
				"2|75119|5|75056_1905|2026_muni_t1|∅|1|1000|600|10|5|∅|une_ville_pour_tous_ldvc|UNE VILLE POUR TOUS|LDVC|300",
				"2|75119|5|75056_1905|2026_muni_t1|∅|1|1000|600|10|5|∅|ensemble_maintenant_lug|ENSEMBLE MAINTENANT|LUG|285",
				"3|97101|12|97101_0012|2026_muni_t1|∅|1|80|40|1|1|∅|du_pont_anne|Anne Du Pont|LDIV|38",
			)
			if n := len(got.report.Ignored); n > 25 {
				t.Errorf("%d columns not read, with those of each list: %q", n, got.report.Ignored)
			}
		})
	}
}

func TestMinistryErrors(t *testing.T) {
	decode(t, "ministry", strings.Replace(ministryFile2017, ";300;30,00;51,28;1;M", ";3OO;30,00;51,28;1;M", 1), engine.SourceSpec{}).
		wantError(t, "published line 2: votes: not a number: correct the count, or download the file again")
	decode(t, "ministry", strings.Replace(ministryFile2017, ";1905;1000;", ";1905;;", 1), engine.SourceSpec{}).
		wantError(t, "published line 2: no registered voters: put the count in, or download the file again")
	decode(t, "ministry", strings.Replace(ministryFile2017, ";FI;285;28,50;48,72\n", "\n", 1), engine.SourceSpec{}).
		wantError(t, "published line 2: the row ends before the votes of its last candidate: download the file again")
	decode(t, "ministry", strings.Replace(ministryFile2017, "Prénom;Nuance;Voix", "Prénom;Voix;Voix", 1), engine.SourceSpec{}).
		wantError(t, `published line 1: the column "voix" is there twice: take one out`)
	got := decode(t, "ministry", ministryHeader2017+"75;Paris;17;;056;Paris;1905;1000;1000;100,00;0;0,00;0;0;0;0;0;0;0;0;0;1;M;TIERS;Luc;FI;;;\n", engine.SourceSpec{})
	wantCounts(t, "rejected", got.report.Reasons, "2: the row has no candidates")
}

const ministryFile2014 = "--------\n-- Elections municipales 2014\n-- Champ 1 : N° tour\n--\n" +
	"1;75;056;Paris;1905;1000;600;585;12;DU PONT;Anne;LDVC;300\n1;75;056;Paris;1905;1000;600;585;13;D'AUBÉPINE;Jean;LUG;285\n" +
	"2;75;056;Paris;1905;1000;620;600;12;DU PONT;Anne;LDVC;600\n1;1;4;Ambérieu;1;500;300;290;1;DU PONT;Anne;LDVC;290\n"

func TestMinistryOf2014(t *testing.T) {
	for name, content := range map[string]string{"UTF-8": ministryFile2014, "Windows-1252 and CRLF": strings.ReplaceAll(windows1252(t, ministryFile2014), "\n", "\r\n")} {
		t.Run(name, func(t *testing.T) {
			got := decode(t, "ministry-2014", content, engine.SourceSpec{Contest: "2014_muni_t1", Round: 1})
			got.wantRows(t,
				"5|75119|5|75056_1905|2014_muni_t1|∅|1|1000|600|∅|∅|15|du_pont_anne|Anne Du Pont|LDVC|300",
				"6|75119|5|75056_1905|2014_muni_t1|∅|1|1000|600|∅|∅|15|d_aubepine_jean|Jean d'Aubépine|LUG|285",
				"8|01004|1|01004_1|2014_muni_t1|∅|1|500|300|∅|∅|10|du_pont_anne|Anne Du Pont|LDVC|290",
			)
			wantCounts(t, "passed", got.report.Passed, "7: of another round")
		})
	}
	got := decode(t, "ministry-2014", ministryFile2014, engine.SourceSpec{Contest: "2014_muni_t2", Round: 2})
	got.wantRows(t, "7|75119|5|75056_1905|2014_muni_t2|∅|2|1000|620|∅|∅|20|du_pont_anne|Anne Du Pont|LDVC|600")
	decode(t, "ministry-2014", ministryFile2014, engine.SourceSpec{}).wantError(t, "published: the file has rounds 1 and 2: give round:")
	decode(t, "ministry-2014", ministryFile2014, engine.SourceSpec{Round: 3}).wantError(t, "published: round 3 is not in the file: give round: one of 1 2")
	parliament := "1;75;056;Paris;17;24;1905;1000;600;585;12;DU PONT;Anne;SOC;300\n"
	decode(t, "ministry-2014", parliament, engine.SourceSpec{Contest: "e"}).wantRows(t, "1|75119|5|75056_1905|e|∅|1|1000|600|∅|∅|15|du_pont_anne|Anne Du Pont|SOC|300")
}

const eirelFile = "1;MN;2026;1;31;555;0001;I;1000;400;600;599;10;5;585;2;1;300;2;285\n2;MN;2026;1;31;555;0002;I;900;400;500;500;5;5;490;2;1;300;2;190\n3;MN;2026;2;31;555;0001;I;1000;400;600;600;0;0;600;1;1;600\n"

func TestEIREL(t *testing.T) {
	got := decode(t, "eirel", eirelFile, engine.SourceSpec{Round: 1})
	got.wantRows(t,
		"1|31555|1|31555_0001|MN 2026|∅|1|1000|600|10|5|∅|liste_1|Liste 1|∅|300",
		"1|31555|1|31555_0001|MN 2026|∅|1|1000|600|10|5|∅|liste_2|Liste 2|∅|285",
		"2|31555|2|31555_0002|MN 2026|∅|1|900|500|5|5|∅|liste_1|Liste 1|∅|300",
		"2|31555|2|31555_0002|MN 2026|∅|1|900|500|5|5|∅|liste_2|Liste 2|∅|190",
	)
	wantCounts(t, "passed", got.report.Passed, "3: of another round")
	decode(t, "eirel", strings.Replace(eirelFile, ";585;2;", ";585;99;", 1), engine.SourceSpec{Round: 1}).
		wantError(t, "published line 1: the number of lists: there are fewer: correct the count, or download the file again")
	decode(t, "eirel", strings.Replace(eirelFile, ";585;2;", ";585;1;", 1), engine.SourceSpec{Round: 1}).
		wantError(t, "published line 1: the number of lists: there are more: correct the count, or download the file again")
	decode(t, "eirel", strings.ReplaceAll(eirelFile, "\n", ";\n"), engine.SourceSpec{Round: 2}).
		wantRows(t, "3|31555|1|31555_0001|MN 2026|∅|2|1000|600|0|0|∅|liste_1|Liste 1|∅|600")
}

const candidatsFile = "id_election;id_brut_miom;Code du département;Code de la commune;Code du b.vote;N°Panneau;Libellé Abrégé Liste;Libellé Etendu Liste;Nom Tête de Liste;Voix;% Voix/Ins;% Voix/Exp;Sexe;Nom;Prénom;Nuance;Binôme;Liste\n" +
	"2022_pres_t1;75056_1905;75;056;1905;1;;;;300;30.0;51.3;F;DU PONT;Anne;;;\n2022_pres_t1;ZA101_0012;ZA;101;0012;1;;;;38;47.5;100.0;F;DU PONT;Anne;;;\n" +
	"2019_euro_t1;75056_1905;75;056;1905;4;AVENIR;L'AVENIR;DU PONT Anne;12;1.2;2.0;;;;;;\n2022_pres_t1;75056_1905;75;056;1905;2;;;;285;28.5;48.7;M;TIERS;Luc;;;\n"

const generalFile = "id_election;id_brut_miom;Code du département;Code de la commune;Code du b.vote;Inscrits;Abstentions;Votants;Blancs;Nuls;Exprimés\n" +
	"2022_pres_t1;75056_1905;75;056;1905;1000;400;600;10;5;585\n2022_pres_t1;ZA101_0012;ZA;101;0012;80;40;;1;1;38\n2019_euro_t1;75056_1905;75;056;1905;900;400;500;1;1;498\n"

func TestAggregated(t *testing.T) {
	for name, files := range map[string][2]string{
		"as published":     {candidatsFile, generalFile},
		"columns shuffled": {shuffledColumns(candidatsFile, ";", 2), shuffledColumns(generalFile, ";", 3)},
		"in lower case, without id": {
			"id_election;code_departement;code_commune;code_bv;voix;nom;prenom;nuance;liste\n2022_pres_t1;75;75056;1905;300;DU PONT;Anne;;\n2022_pres_t1;971;97101;0012;38;DU PONT;Anne;;\n2019_euro_t1;75;75056;1905;12;;;;L'AVENIR\n2022_pres_t1;75;75056;1905;285;TIERS;Luc;;\n",
			"id_election;code_departement;code_commune;code_bv;inscrits;abstentions;votants;blancs;nuls\n2022_pres_t1;75;75056;1905;1000;400;600;10;5\n2022_pres_t1;971;97101;0012;80;40;;1;1\n"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for i, name := range []string{"candidats_results.csv", "general_results.csv"} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(files[i]), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			got := decodeFile(t, "aggregated", filepath.Join(dir, "candidats_results.csv"), engine.SourceSpec{Election: "2022_pres_t1", Name: "P 2022"})
			for i := range got.rows { // codes are as published
				columns := strings.Split(got.rows[i], "|")
				got.rows[i] = strings.Join(append(columns[:3], columns[4:]...), "|")
			}
			got.wantRows(t,
				"2|75119|5|P 2022|∅|1|1000|600|10|5|∅|du_pont_anne|Anne Du Pont|∅|300",
				"3|97101|12|P 2022|∅|1|80|40|1|1|∅|du_pont_anne|Anne Du Pont|∅|38",
				"5|75119|5|P 2022|∅|1|1000|600|10|5|∅|tiers_luc|Luc Tiers|∅|285",
			)
			wantCounts(t, "passed", got.report.Passed, "4: of another election")

			// The file has one election, and its counts are beside: whose they are has to be said.
			single := strings.Join(slices.DeleteFunc(strings.SplitAfter(files[0], "\n"), func(line string) bool { return strings.Contains(line, "2019") }), "")
			path := filepath.Join(dir, "candidats_results.csv")
			if err := os.WriteFile(path, []byte(single), 0o600); err != nil {
				t.Fatal(err)
			}
			decodeFile(t, "aggregated", path, engine.SourceSpec{}).
				wantError(t, path+": general_results beside the file is read for an election only: give election: one of 2022_pres_t1")
		})
	}
	got := decode(t, "aggregated", candidatsFile, engine.SourceSpec{Election: "2019_euro_t1"})
	got.wantRows(t, "4|75119|5|75056_1905|2019_euro_t1|∅|1|∅|∅|∅|∅|∅|l_avenir|L'AVENIR|∅|12")
	if !strings.Contains(got.report.Layout, "general_results is not beside it") {
		t.Errorf("layout %q", got.report.Layout)
	}
	decode(t, "aggregated", candidatsFile, engine.SourceSpec{}).wantError(t, "published: the file has several elections: give election: one of 2019_euro_t1, 2022_pres_t1")
}

const parisResultsFile = "\ufeffID_BVOTE;SCRUTIN;ANNEE;TOUR;DATE;NUM_CIRC;NUM_QUARTIER;NUM_ARROND;NUM_BUREAU;NB_PROCU;NB_INSCR;NB_EMARG;NB_VOTANT;NB_BL;NB_NUL;NB_EXPRIM;DU PONT Anne;AUBÉPINE Jean-Éloi\n" +
	"19-5;Présidentielle;2022;1;2022-04-10;16;75;19;5;20;1000;600;600;10;5;585;300;285\n19-6;Présidentielle;2022;1;;16;75;19;6;20;900;500;500;10;5;485;485;\n"

func TestParisResults(t *testing.T) {
	for name, content := range map[string]string{"as published": parisResultsFile, "columns shuffled": shuffledColumns(strings.TrimPrefix(parisResultsFile, "\ufeff"), ";", 6)} {
		t.Run(name, func(t *testing.T) {
			got := decode(t, "paris-results", content, engine.SourceSpec{})
			seen := strings.Join(got.rows, "\n")
			for _, want := range []string{
				"2|75119|5|19-5|Présidentielle 2022|2022-04-10|1|1000|600|10|5|∅|du_pont_anne|Du Pont Anne|∅|300",
				"2|75119|5|19-5|Présidentielle 2022|2022-04-10|1|1000|600|10|5|∅|aubepine_jean-eloi|Aubepine Jean-Eloi|∅|285",
				"3|75119|6|19-6|Présidentielle 2022|∅|1|900|500|10|5|∅|du_pont_anne|Du Pont Anne|∅|485",
			} {
				if !strings.Contains(seen, want) || len(got.rows) != 3 {
					t.Errorf("%s is not in\n%s %v", want, seen, got.err)
				}
			}
		})
	}
	// Before 2014 blank and null votes are one figure, and names are written otherwise.
	old := "id_bvote,nb_inscr,nb_votant,nb_bl_nul,nb_exprim,emmanuel_du_pont,debouzy_louis_1\n1-1,1000,600,15,585,300,285\n"
	decode(t, "paris-results", old, engine.SourceSpec{Contest: "2012_pres_t1"}).wantRows(t,
		"2|75101|1|1-1|2012_pres_t1|∅|1|1000|600|∅|∅|15|emmanuel_du_pont|Emmanuel Du Pont|∅|300",
		"2|75101|1|1-1|2012_pres_t1|∅|1|1000|600|∅|∅|15|debouzy_louis_1|Debouzy Louis|∅|285")

	// Columns of no candidate: numbers, texts, shares. A count that went wrong in the first row is none of them.
	more := "id_bvote,num_secteur,nb_procuration,geo_point,lieu,part,points,nb_inscr,nb_votant,nb_exprim,du_pont,debouzy\n1-1,3,20,\"48.8, 2.3\",École,51%,51.28,1000,585,585,300,285\n"
	got := decode(t, "paris-results", more, engine.SourceSpec{Contest: "e"})
	got.wantRows(t,
		"2|75101|1|1-1|e|∅|1|1000|585|∅|∅|∅|du_pont|Du Pont|∅|300",
		"2|75101|1|1-1|e|∅|1|1000|585|∅|∅|∅|debouzy|Debouzy|∅|285")
	if ignored := strings.Join(got.report.Ignored, " "); ignored != "geo_point lieu nb_procuration num_secteur part points" {
		t.Errorf("ignored %s", ignored)
	}
	decode(t, "paris-results", strings.Replace(more, "lieu", "candidat", 1), engine.SourceSpec{}).
		wantError(t, "published: rows are of a candidate each: take dataset: results")
	decode(t, "paris-results", strings.Replace(more, ",300,", ",3OO,", 1), engine.SourceSpec{}).
		wantError(t, "published line 2: votes of Du Pont: not a number: correct the count, or download the file again")
	decode(t, "paris-results", strings.Replace(more, ",300,", ",1.300,", 1), engine.SourceSpec{}).
		wantError(t, "published line 2: votes of Du Pont: a fraction where a whole number is due: correct the count, or download the file again")
}

// windows1252 writes a text as the files of the Ministry do.
func windows1252(t *testing.T, text string) string {
	t.Helper()
	encoded, err := charmap.Windows1252.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// shuffledFixed shuffles the columns before the blocks, and those inside each block but for the first.
func shuffledFixed(t *testing.T, table string, fixed int) string {
	t.Helper()
	var b strings.Builder
	order := []int{4, 0, 7, 2, 10, 6, 1, 12, 3, 15, 5, 8, 9, 11, 13, 14, 16, 17, 18, 19, 20}
	block := []int{0, 5, 3, 4, 2, 1, 7, 6}
	for _, line := range strings.Split(strings.TrimSuffix(table, "\n"), "\n") {
		fields := strings.Split(line, ";")
		var out []string
		for _, i := range order {
			out = append(out, fields[i])
		}
		for at := fixed; at+len(block) <= len(fields); at += len(block) {
			for _, i := range block {
				out = append(out, fields[at+i])
			}
		}
		b.WriteString(strings.Join(out, ";") + "\n")
	}
	return b.String()
}

func FuzzMinistry(f *testing.F)     { fuzz(f, "ministry", ministryFile2017, ministryFile2026) }
func FuzzMinistry2014(f *testing.F) { fuzz(f, "ministry-2014", ministryFile2014) }
func FuzzEIREL(f *testing.F)        { fuzz(f, "eirel", eirelFile) }
func FuzzAggregated(f *testing.F) {
	fuzzSpec(f, "aggregated", engine.SourceSpec{Election: "2022_pres_t1"}, candidatsFile)
}
func FuzzParisResults(f *testing.F) { fuzz(f, "paris-results", parisResultsFile) }

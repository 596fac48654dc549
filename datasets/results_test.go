package datasets

import (
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
)

const resultsHeader = "\ufeffid_bvote,scrutin,annee,tour,date,num_circ,num_quartier,num_arrond,num_bureau,nb_procu,nb_inscr,nb_emarg,nb_votant,nb_bl_nul,nb_exprim,raw_row_id,candidate_source_column,votes,candidate,source_file,dataset_id,vote_share_exprimes,vote_share_registered,nb_bl,nb_nul,source_bv_id,nom,prenom,nuance,liste\n"

// Rows as the elections of 2012 to 2025 write them, with invented candidates.
const resultsFile = resultsHeader +
	"5-18,Présidentielle,2017,1,,2,18,5,18,98.0,1390.0,1183.0,1183.0,14.0,1169.0,0.0,du_pont_anne,23.0,du_pont_anne,x.parquet,x,0.019674935842600515,0.016546762589928057,11.0,3.0,,,,,\n" +
	"12-38,Présidentielle,2012,1,,8,45,12,38,113.0,1572.0,1242.0,1242.0,20.0,1222.0,0.0,anne_du_pont,53.0,anne_du_pont,x.parquet,x,0.04337152209492635,0.03371501272264631,,,,,,,\n" +
	"75056_0101,Municipales,2020,1.0,,,,01,01,,1050.0,,,,455.0,0.0,éloi-dupré_gaëlle,31.0,éloi-dupré_gaëlle,x.parquet,x,0.06809999793767929,0.029500000178813934,,,75056_0101,ÉLOI-DUPRÉ,Gaëlle,LVEC,\n" +
	"75056_2076,Municipales,2020,2.0,,,,20,76,,1012.0,,,,136.0,0.0,d'aubépine_jeanne,0.0,d'aubépine_jeanne,x.parquet,x,0.1,0.1,,,75056_2076,D'AUBÉPINE,jEANNE,LUD,\"POUR CHANGER, AVEC ELLE\"\n" +
	"5-8,Législative,2025,1,,2,19,5,8,21.0,1582.0,444.0,444.0,4.0,440.0,0.0,imaginaire_louis_1,5.0,imaginaire_louis_1,x.parquet,x,0.011363636363636364,0.0031605562579013905,2.0,2.0,,,,,\n"

var resultsRows = []string{
	"2|75105|18|5-18|Présidentielle 2017|∅|1|1390|1183|11|3|∅|du_pont_anne|Du Pont Anne|∅|23",
	"3|75112|38|12-38|Présidentielle 2012|∅|1|1572|1242|∅|∅|20|anne_du_pont|Anne Du Pont|∅|53",
	"4|75101|1|75056_0101|Municipales 2020|∅|1|1050|∅|∅|∅|∅|eloi-dupre_gaelle|Gaëlle Éloi-Dupré|LVEC|31",
	"5|75120|76|75056_2076|Municipales 2020|∅|2|1012|∅|∅|∅|∅|d_aubepine_jeanne|Jeanne d'Aubépine|LUD|0",
	"6|75105|8|5-8|Législative 2025|∅|1|1582|444|2|2|∅|imaginaire_louis_1|Imaginaire Louis|∅|5",
}

func TestResults(t *testing.T) {
	got := decode(t, "results", resultsFile, engine.SourceSpec{})
	got.wantRows(t, resultsRows...)
	wantCounts(t, "repaired", got.report.Repaired)
	want := "candidate_source_column dataset_id liste nb_emarg nb_exprim nb_procu num_circ num_quartier raw_row_id source_bv_id source_file vote_share_exprimes vote_share_registered"
	if ignored := strings.Join(got.report.Ignored, " "); ignored != want {
		t.Errorf("ignored\n%s\nwant\n%s", ignored, want)
	}
}

func TestResultsWrittenOtherwise(t *testing.T) {
	unquoted := strings.ReplaceAll(resultsFile, `"POUR CHANGER, AVEC ELLE"`, "")
	for name, content := range map[string]string{
		"CRLF":             strings.ReplaceAll(resultsFile, "\n", "\r\n"),
		"gzip":             string(packed(t, []byte(resultsFile))),
		"columns shuffled": reverseColumns(strings.TrimPrefix(unquoted, "\ufeff"), ",", ","),
		"semicolons":       reverseColumns(strings.TrimPrefix(unquoted, "\ufeff"), ",", ";"),
		"upper-case names": strings.ToUpper(resultsHeader) + strings.TrimPrefix(resultsFile, resultsHeader),
	} {
		t.Run(name, func(t *testing.T) { decode(t, "results", content, engine.SourceSpec{}).wantRows(t, resultsRows...) })
	}
}

// resultRow is a row with the columns the tests vary.
type resultRow struct {
	station, year, round, date, registered, voters, blank, null, blankNull, votes, candidate string
}

func resultsOf(rows ...resultRow) string {
	var b strings.Builder
	b.WriteString("id_bvote;scrutin;annee;tour;date;nb_inscr;nb_votant;nb_bl;nb_nul;nb_bl_nul;votes;candidate\n")
	for _, r := range rows {
		b.WriteString(strings.Join([]string{r.station, "Présidentielle", or(r.year, "2017"), or(r.round, "2"), r.date, or(r.registered, "1000"), r.voters, r.blank, r.null, r.blankNull, or(r.votes, "5"), or(r.candidate, "x")}, ";") + "\n")
	}
	return b.String()
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func TestResultsStations(t *testing.T) {
	tests := []struct{ id, want string }{
		{"19-5", "75119|5|19-5"},
		{"1-1", "75101|1|1-1"},
		{"01-05", "75101|5|01-05"},
		{"20-100", "75120|100|20-100"},
		{"75056_1905", "75119|5|75056_1905"},
		{"75056_0101", "75101|1|75056_0101"},
		{"69123_0901", "69389|1|69123_0901"},
		{"01001_0001", "01001|1|01001_0001"},
		{"2A004_136a", "2A004|136A|2A004_136a"},
		{"75119_0005", "75119|5|75119_0005"},
		{"21-5", "the station is not one: as 19-5 or 75056_1905"},
		{"0-5", "the station is not one: as 19-5 or 75056_1905"},
		{"19", "the station is not one: as 19-5 or 75056_1905"},
		{"19-5-6", "the station is not one: as 19-5 or 75056_1905"},
		{"75056_2101", "the station is not one: as 19-5 or 75056_1905"},
		{"75056_5", "the station is not one: as 19-5 or 75056_1905"},
		{"", "no station"},
	}
	for _, test := range tests {
		got := decode(t, "results", resultsOf(resultRow{station: test.id}), engine.SourceSpec{})
		if len(got.rows) == 0 {
			wantCounts(t, test.id, got.report.Reasons, "2: "+test.want)
		} else if !strings.HasPrefix(got.rows[0], "2|"+test.want+"|") {
			t.Errorf("%s: %s, want %s", test.id, got.rows[0], test.want)
		}
	}
}

func TestResultsStationBesideItsNumbers(t *testing.T) {
	content := "id_bvote;num_arrond;num_bureau;scrutin;annee;tour;nb_inscr;votes;candidate\n" +
		"19-5;19.0;5.0;P;2017;1;10;1;x\n" +
		";19;05;P;2017;1;10;1;x\n" +
		"75056_1905;19;05;P;2017;1;10;1;x\n" +
		"69123_0901;09;01;P;2017;1;10;1;x\n" + // not of Paris: the numbers say something else
		"19-5;19;6;P;2017;1;10;1;x\n" +
		"75056_1905;18;05;P;2017;1;10;1;x\n"
	got := decode(t, "results", content, engine.SourceSpec{})
	const rest = "|P 2017|∅|1|10|∅|∅|∅|∅|x|X|∅|1"
	got.wantRows(t, "2|75119|5|19-5"+rest, "3|75119|5|19-5"+rest, "4|75119|5|75056_1905"+rest, "5|69389|1|69123_0901"+rest)
	wantCounts(t, "rejected", got.report.Reasons, "6, 7: the station's id is not that of its arrondissement and number")
}

// The dates of the source are often missing, and sometimes of another election.
func TestResultsDates(t *testing.T) {
	rows := resultsOf(
		resultRow{station: "1-1", date: "2017-05-07"},
		resultRow{station: "1-2", date: ""},
		resultRow{station: "1-3", date: "2007-05-02"},
		resultRow{station: "1-4", date: "2017-05-08"}, // a Monday
		resultRow{station: "1-5", date: "2017-05-07T00:00:00+02:00"},
		resultRow{station: "1-6", date: "2017-05-06"}, // overseas votes on Saturday
		resultRow{station: "1-7", date: "07/05/2017"},
		resultRow{station: "1-8", date: "2017-02-30"},
	)
	var dates []string
	got := decode(t, "results", rows, engine.SourceSpec{})
	for _, row := range got.rows {
		dates = append(dates, strings.Split(row, "|")[5])
	}
	if got, want := strings.Join(dates, " "), "2017-05-07 ∅ ∅ ∅ 2017-05-07 2017-05-06 ∅ ∅"; got != want {
		t.Errorf("dates %s, want %s", got, want)
	}
	wantCounts(t, "repaired", got.report.Repaired, "4, 5, 8, 9: the date is not a polling day of the year: left out")

	got = decode(t, "results", rows, engine.SourceSpec{Date: "2017-05-07", Name: "Élection présidentielle"})
	for _, row := range got.rows {
		if !strings.Contains(row, "|Élection présidentielle|2017-05-07|2|") {
			t.Errorf("%s: want the name and the date of the place file", row)
		}
	}
	wantCounts(t, "repaired", got.report.Repaired)
}

func TestResultsCounts(t *testing.T) {
	content := resultsOf(
		resultRow{station: "1-1", voters: "800.0", blank: "10.0", null: "4.0", blankNull: "14.0"},
		resultRow{station: "1-2", voters: "800", blankNull: "14"},
		resultRow{station: "1-3", voters: "800", blank: "10", null: "4"},
		resultRow{station: "1-4", voters: "800", blank: "10", blankNull: "14"},
		resultRow{station: "1-5", voters: "800", blank: "10", null: "4", blankNull: "15"},
		resultRow{station: "1-6", registered: "1 000", votes: "1\u202f000"},
		resultRow{station: "1-7", voters: "nd", blankNull: "-"},
		resultRow{station: "1-16", round: "0"},
		resultRow{station: "1-17", round: "premier"},
		resultRow{station: "1-18", year: "17"},
		resultRow{station: "1-19", candidate: "_"},
		resultRow{station: "1-20", candidate: "Abstention"},
		resultRow{station: "1-21", round: "1.0", year: "2017.0"},
	)
	got := decode(t, "results", content, engine.SourceSpec{})
	got.wantRows(t,
		"2|75101|1|1-1|Présidentielle 2017|∅|2|1000|800|10|4|∅|x|X|∅|5",
		"3|75101|2|1-2|Présidentielle 2017|∅|2|1000|800|∅|∅|14|x|X|∅|5",
		"4|75101|3|1-3|Présidentielle 2017|∅|2|1000|800|10|4|∅|x|X|∅|5",
		"5|75101|4|1-4|Présidentielle 2017|∅|2|1000|800|10|∅|14|x|X|∅|5",
		"6|75101|5|1-5|Présidentielle 2017|∅|2|1000|800|10|4|∅|x|X|∅|5",
		"7|75101|6|1-6|Présidentielle 2017|∅|2|1000|∅|∅|∅|∅|x|X|∅|1000",
		"8|75101|7|1-7|Présidentielle 2017|∅|2|1000|∅|∅|∅|∅|x|X|∅|5",
		"14|75101|21|1-21|Présidentielle 2017|∅|1|1000|∅|∅|∅|∅|x|X|∅|5",
	)
	wantCounts(t, "rejected", got.report.Reasons,
		"9, 10: the round is not one",
		"11: the year is not one",
		"12: no candidate",
		"13: the candidate's name is one that is kept for abstention, blank and null votes",
	)
	wantCounts(t, "repaired", got.report.Repaired, "6: blank and null votes are not the sum the file gives: the two were kept")
}

// A count that cannot be read ends the reading: without the row its candidate's votes would be taken for those of nobody.
func TestResultsCountsThatCannotBeRead(t *testing.T) {
	const correct, missing = ": correct the count, or download the file again", ": put the count in, or download the file again"
	for _, c := range []struct {
		row  resultRow
		want string
	}{
		{resultRow{votes: "-5"}, "votes: a negative count" + correct},
		{resultRow{votes: "2.5"}, "votes: a fraction where a whole number is due" + correct},
		{resultRow{votes: "ns"}, "no votes" + missing},
		{resultRow{votes: "dix"}, "votes: not a number" + correct},
		{resultRow{registered: "-"}, "no registered voters" + missing},
		{resultRow{registered: "1000.5"}, "registered voters: a fraction where a whole number is due" + correct},
		{resultRow{voters: "-1"}, "voters: a negative count" + correct},
		{resultRow{blank: "0.5"}, "blank votes: a fraction where a whole number is due" + correct},
	} {
		c.row.station = "1-8"
		decode(t, "results", resultsOf(resultRow{station: "1-7"}, c.row), engine.SourceSpec{}).wantError(t, "published line 3: "+c.want)
	}
	decode(t, "results", "id_bvote;scrutin;annee;tour;nb_inscr;votes;candidate\n19-5;P;2017;1;10;1;x\n19-5;P;2017;1\n", engine.SourceSpec{}).
		wantError(t, "published line 3: the row has fewer fields than the header: correct the row, or download the file again")
}

// A name in the place file must not hide that a file has two elections.
func TestResultsOfTwoElectionsUnderOneName(t *testing.T) {
	rows := resultsOf(resultRow{station: "1-1", year: "2017"}, resultRow{station: "1-2", year: "2022"})
	decode(t, "results", rows, engine.SourceSpec{Name: "Élection présidentielle"}).
		wantError(t, "published line 3: the election is Présidentielle 2022 where the rows before are of Présidentielle 2017: give each election a file and a contest of its own")
}

func TestResultsMissingColumn(t *testing.T) {
	// The wide layout of the city has a column per candidate.
	decode(t, "results", "ID_BVOTE;SCRUTIN;ANNEE;TOUR;NB_INSCR;NB_VOTANT;IMAGINAIRE Anne\n1-1;P;2017;1;10;9;8\n", engine.SourceSpec{}).
		wantError(t, "published line 1: there is no column votes (accepted spellings: votes, voix): check that this is the file of the dataset named, and not another's")
}

func FuzzResults(f *testing.F) {
	fuzz(f, "results", resultsFile, resultsOf(resultRow{station: "1-1", date: "2017-05-07", voters: "8", blank: "1", null: "1", blankNull: "3"}))
}

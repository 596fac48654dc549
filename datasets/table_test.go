package datasets

import (
	"os"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/arpent/arpent/engine"
)

// A city that nobody wrote a decoder for: its streets, doors, areas, results and census, each with its own names of columns.
func TestTableKinds(t *testing.T) {
	tests := []struct {
		name    string
		spec    engine.SourceSpec
		content string
		want    []string
	}{
		{"addresses by columns",
			engine.SourceSpec{Kind: engine.KindAddresses, Commune: "GDA", Columns: map[string]string{"number": "Nr", "street": "Ulica", "lon": "X", "lat": "Y", "households": "Mieszkania"}},
			"X;Y;Ulica;Nr;Mieszkania;Uwagi\n18.65;54.35;Długa;12A;3,5;x\n18.65;54.35;Długa;;1;\n;;Długa;1;1;\n",
			[]string{"2|published/2|12|a|Długa|GDA||18.65|54.35|3.5"}},
		{"addresses by points, in metres",
			engine.SourceSpec{Kind: engine.KindAddresses, CRS: "25832", Columns: map[string]string{"number": "hsnr", "street": "str", "address_id": "oid"}},
			collection(feature(`"oid":"A1","hsnr":"5 b","str":"Gasse"`, `{"type":"Point","coordinates":[500000,0]}`)),
			[]string{"1|A1|5|b|Gasse|||9|0|∅"}},
		{"streets",
			engine.SourceSpec{Kind: engine.KindStreets, Commune: "GDA", Columns: map[string]string{"street": "nazwa"}},
			collection(feature(`"nazwa":"Długa"`, eastward)),
			[]string{"1|1|Długa|GDA|LINESTRING(-71.1 42.37,-71.099 42.37)"}},
		{"areas",
			engine.SourceSpec{Kind: engine.KindAreas, Commune: "GDA", Country: "pl", Columns: map[string]string{"precinct": "obwod", "registered": "upr"}},
			collection(feature(`"obwod":"012","upr":1500`, square)),
			[]string{"1|GDA|12|012||1500|" + squareWKT}},
		{"areas of France",
			engine.SourceSpec{Kind: engine.KindAreas, Country: "fr", Columns: map[string]string{"precinct": "bureau"}},
			collection(feature(`"bureau":"75056_1905"`, square)),
			[]string{"1|75119|5|75056_1905||∅|" + squareWKT}},
		{"results, a row for each choice",
			engine.SourceSpec{Kind: engine.KindResults, Commune: "GDA", Country: "pl", Name: "Rada 2024", Columns: map[string]string{"precinct": "obwod", "choice": "lista", "votes": "glosy", "voters": "karty"}},
			"lista,obwod,glosy,karty\nKW A,12,100,250\nKW B,012,\"150\",250\n",
			[]string{"2|GDA|12|12|Rada 2024|∅|1|∅|250|∅|∅|∅|kw_a|KW A|∅|100", "3|GDA|12|012|Rada 2024|∅|1|∅|250|∅|∅|∅|kw_b|KW B|∅|150"}},
		{"results, a column for each choice",
			engine.SourceSpec{Kind: engine.KindResults, Commune: "GDA", Country: "pl", Contest: "rada", Columns: map[string]string{"precinct": "obwod", "votes of KW B": "b", "votes of KW A": "a", "registered": "upr"}},
			"obwod,a,b,upr\n12,100,150,400\n",
			[]string{"2|GDA|12|12|rada|∅|1|400|∅|∅|∅|∅|kw_a|KW A|∅|100", "2|GDA|12|12|rada|∅|1|400|∅|∅|∅|∅|kw_b|KW B|∅|150"}},
		{"register",
			engine.SourceSpec{Kind: engine.KindRegister, Commune: "GDA", Country: "pl", Columns: map[string]string{"precinct": "obwod", "lon": "x", "lat": "y", "doors": "n"}},
			"obwod,x,y,n\n12,18.65,54.35,3\n",
			[]string{"2||house|18.65|54.35|GDA|12|12|3"}},
		{"districts by their shapes",
			engine.SourceSpec{Kind: engine.KindDistricts, Set: "ward", Columns: map[string]string{"district": "nr", "name": "nazwa"}},
			collection(feature(`"nr":3,"nazwa":"Wrzeszcz"`, square)),
			[]string{"1|3|Wrzeszcz|∅|∅|" + squareWKT}},
		{"districts by precinct, in a file that has shapes of precincts too",
			engine.SourceSpec{Kind: engine.KindDistricts, Set: "constituency", Country: "fr", Division: "2022", Columns: map[string]string{"district": "codeCirconscription", "commune": "codeCommune", "precinct": "numeroBureauVote"}},
			collection(feature(`"codeCirconscription":"3104","codeCommune":"31555","numeroBureauVote":"0012"`, square)),
			[]string{"1|3104||31555|12|∅"}},
		{"districts by precinct, of results",
			engine.SourceSpec{Kind: engine.KindDistricts, Set: "constituency", Country: "fr", Division: "2017", Columns: map[string]string{"district": "num_circ", "precinct": "id_bvote"}},
			"id_bvote,num_circ,votes\n5-18,2,23\n5-19,,23\nx,2,23\n",
			[]string{"2|2||75105|18|∅"}},
		{"districts by commune",
			engine.SourceSpec{Kind: engine.KindDistricts, Set: "epci", Country: "fr", Columns: map[string]string{"district": "siren", "name": "nom", "commune": "insee"}},
			"insee,siren,nom\n1004,240100883,Plaine\n2A004,242010056,Pays\n75056,200054781,Paris\n123456,1,x\n",
			[]string{"2|240100883|Plaine|01004|∅|∅", "3|242010056|Pays|2A004|∅|∅", "4|200054781|Paris|75056|∅|∅"}},
		{"districts by commune, elsewhere than in France",
			engine.SourceSpec{Kind: engine.KindDistricts, Set: "county", Country: "us", Columns: map[string]string{"district": "county", "commune": "town"}},
			"town,county\nCambridge,017\n,017\n",
			[]string{"2|017||Cambridge|∅|∅"}},
		{"census areas",
			engine.SourceSpec{Kind: engine.KindCensusAreas, Columns: map[string]string{"census_area": "GEOID20", "commune": "COUNTYFP20"}},
			collection(feature(`"GEOID20":"250173521022012","COUNTYFP20":"017"`, square)),
			[]string{"1|250173521022012||017||" + squareWKT}},
		{"census, a column for each variable",
			engine.SourceSpec{Kind: engine.KindCensus, Columns: map[string]string{"census_area": "block", "population": "P1", "households": "H1"}},
			"block,P1,H1\n250173521022012,12,5\n250173521022013,NA,6\n",
			[]string{"2|250173521022012|households|5", "2|250173521022012|population|12", "3|250173521022013|households|6", "3|250173521022013|population|∅"}},
		{"census, a row for each figure",
			engine.SourceSpec{Kind: engine.KindCensus, Columns: map[string]string{"census_area": "block", "variable": "what", "value": "n"}},
			"block,what,n\n250173521022012,Median Age,31.5\n",
			[]string{"2|250173521022012|median_age|31.5"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.spec.Path = "published"
			decode(t, "table", test.content, test.spec).wantRows(t, test.want...)
			if test.content[0] != '{' {
				delimiter := string(test.content[strings.IndexAny(test.content, ";,")])
				if got := decode(t, "table", shuffledColumns(test.content, delimiter, 5), test.spec); strings.Join(got.rows, "\n") != strings.Join(test.want, "\n") {
					t.Errorf("shuffled: %q, %v", got.rows, got.err)
				}
			}
		})
	}
}

func TestTableMapping(t *testing.T) {
	for _, test := range []struct {
		spec engine.SourceSpec
		want string
	}{
		{engine.SourceSpec{}, `dataset table needs kind: addresses, streets, areas, register, results, districts, census-areas or census, not ""`},
		{engine.SourceSpec{Kind: engine.KindCanvass}, `dataset table needs kind: addresses, streets, areas, register, results, districts, census-areas or census, not "canvass"`},
		{engine.SourceSpec{Kind: engine.KindAddresses, Columns: map[string]string{"number": "n"}}, "columns: street of addresses is missing: write street: and the name of the column in the file"},
		{engine.SourceSpec{Kind: engine.KindDistricts, Columns: map[string]string{"name": "n"}}, "columns: district of districts is missing: write district: and the name of the column in the file"},
		{engine.SourceSpec{Kind: engine.KindStreets, Columns: map[string]string{"phone": "tel"}}, "columns: phone is none of streets: they are street, street_id, commune"},
		{engine.SourceSpec{Kind: engine.KindResults, Columns: map[string]string{"precinct": "p", "choice": "c"}}, `published: results need choice: and votes:, or a column for each choice as "votes of NAME", under columns: in the place file`},
		{engine.SourceSpec{Kind: engine.KindStreets, Columns: map[string]string{"street": "name"}}, "published line 1: there is no column name (accepted spellings: name): check that this is the file of the dataset named, and not another's"},
	} {
		path := t.TempDir() + "/published"
		if err := os.WriteFile(path, []byte("p,c,n\n1,2,3\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := table.Open(path, test.spec)
		if err == nil {
			report := &engine.FileReport{}
			err = s.Read(t.Context(), engine.Reading{Allocator: memory.DefaultAllocator, Report: report, Emit: func(arrow.RecordBatch) error { return nil }})
		}
		if err == nil || strings.ReplaceAll(err.Error(), path, "published") != test.want {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
	if _, err := ban.Open(t.TempDir()+"/absent", engine.SourceSpec{Kind: engine.KindAddresses}); err == nil {
		t.Error("dataset ban takes a kind")
	}
}

func FuzzDistricts(f *testing.F) {
	fuzzSpec(f, "table", engine.SourceSpec{Kind: engine.KindDistricts, Set: "ward", Country: "fr", Columns: map[string]string{"district": "d", "commune": "c", "precinct": "p"}},
		"d,c,p\n2,75056,0518\n", collection(feature(`"d":"2","c":"31555","p":"1"`, square)))
}

func FuzzTable(f *testing.F) {
	fuzzSpec(f, "table", engine.SourceSpec{Kind: engine.KindAddresses, Columns: map[string]string{"number": "Nr", "street": "Ulica", "lon": "X", "lat": "Y"}}, "X;Y;Ulica;Nr\n18.65;54.35;Długa;12A\n")
}

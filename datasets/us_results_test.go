package datasets

import (
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
)

const openElectionsFile = `town,ward,precinct,office,district,party,candidate,votes
Cambridge,3,2A,President,,Democratic,"Joseph R. Biden, Jr.",712
Cambridge,03,02A,President,,Republican,Donald J. Trump,56
Cambridge,3,2A,President,,,All Others,17
Cambridge,3,2A,President,,,Blanks,3
Cambridge,3,2A,President,,,Total Votes Cast,788
Cambridge,3,2A,U.S. House,5th,Democratic,Katherine M. Clark,704
Somerville,3,2,President,,Democratic,"Joseph R. Biden, Jr.",900
TOTALS,,,President,,Democratic,"Joseph R. Biden, Jr.",2382202
Cambridge,,1-1,President,,Democratic,"Joseph R. Biden, Jr.","1,404"
Cambridge,,1-1,President,,Working Families,"Joseph R. Biden, Jr.",6
Cambridge,10,1,President,,Democratic,"Joseph R. Biden, Jr.",*
Cambridge,10,1,President,,Republican,Donald J. Trump,4
`

func TestOpenElections(t *testing.T) {
	spec := engine.SourceSpec{Commune: "Cambridge", Election: "President", Date: "2020-11-03"}
	for _, content := range []string{openElectionsFile, shuffledColumns(openElectionsFile, ",", 7)} {
		got := decode(t, "openelections", content, spec)
		got.wantRows(t,
			"2|Cambridge|3-2A|3-2A|President|2020-11-03|1|∅|788|3|∅|∅|joseph_r_biden_jr|Joseph R. Biden, Jr.|Democratic|712",
			"3|Cambridge|3-2A|3-2A|President|2020-11-03|1|∅|788|3|∅|∅|donald_j_trump|Donald J. Trump|Republican|56",
			"4|Cambridge|3-2A|3-2A|President|2020-11-03|1|∅|788|3|∅|∅|all_others|All Others|∅|17",
			"10|Cambridge|1-1|1-1|President|2020-11-03|1|∅|∅|∅|∅|∅|joseph_r_biden_jr|Joseph R. Biden, Jr.|Democratic|1410",
		)
		wantCounts(t, "passed", got.report.Passed, "7: of another election", "8, 9: of another town or county")
		wantCounts(t, "repaired", got.report.Repaired, "11: a candidate has several rows in the precinct: the votes are added")
		wantCounts(t, "rejected", got.report.Reasons, "12: the votes are withheld", "13: another figure of the precinct is withheld: the whole precinct is left out")
	}

	// The office with its district, and without: both find it.
	for _, election := range []string{"U.S. House", "U.S. House 5th", "u.s. house 5TH"} {
		got := decode(t, "openelections", openElectionsFile, engine.SourceSpec{Commune: "cambridge", Election: election})
		if len(got.rows) != 1 || !strings.Contains(got.rows[0], "|katherine_m_clark|") {
			t.Errorf("%s: %q, %v", election, got.rows, got.err)
		}
	}
}

func TestOpenElectionsAsksWhichElection(t *testing.T) {
	decode(t, "openelections", openElectionsFile, engine.SourceSpec{Commune: "Cambridge"}).
		wantError(t, "published: the file has several elections: give election: one of President, U.S. House")
	decode(t, "openelections", openElectionsFile, engine.SourceSpec{Election: "Mayor"}).
		wantError(t, "published: the election Mayor is not in the file: give election: one of President, U.S. House")
	one := "county,precinct,office,district,party,candidate,votes\nAdams,0001,Sheriff,,REP,A. Smith,10\nAdams,0001,Registered Voters,,,,99\nAdams,0001,Ballots Cast,,,,12\n"
	decode(t, "openelections", one, engine.SourceSpec{}).
		wantRows(t, "2|Adams|1|0001|Sheriff|∅|1|99|12|∅|∅|∅|a_smith|A. Smith|REP|10")
	wards := "county,ward,precinct,office,candidate,votes\nAdams,City of Adams Ward 1,,Sheriff,A. Smith,10\n"
	decode(t, "openelections", wards, engine.SourceSpec{}).
		wantRows(t, "2|Adams|CITY OF ADAMS WARD 1|City of Adams Ward 1|Sheriff|∅|1|∅|∅|∅|∅|∅|a_smith|A. Smith|∅|10")
	// A precinct that is in two districts has two totals, and two candidates.
	parts := "town,precinct,office,district,candidate,votes\nHere,1,House,1st,A,10\nHere,1,House,1st,Total Votes Cast,12\nHere,1,House,2nd,A,20\nHere,1,House,2nd,Total Votes Cast,25\n"
	decode(t, "openelections", parts, engine.SourceSpec{}).
		wantRows(t, "2|Here|1|1|House|∅|1|∅|37|∅|∅|∅|a|A|∅|30")
}

const medslFile = `precinct,office,party_detailed,party_simplified,mode,votes,county_name,county_fips,jurisdiction_name,jurisdiction_fips,candidate,district,dataverse,year,stage,state,special,writein,state_po,state_fips,state_cen,state_ic,date,readme_check
PCT 001,US PRESIDENT,DEMOCRAT,DEMOCRAT,ELECTION DAY,40,AUTAUGA,1001,AUTAUGA,1001,JOSEPH R BIDEN,,PRESIDENT,2020,GEN,ALABAMA,FALSE,FALSE,AL,1,63,41,2020-11-03,FALSE
PCT 001,US PRESIDENT,DEMOCRAT,DEMOCRAT,ABSENTEE,25,AUTAUGA,1001,AUTAUGA,1001,JOSEPH R BIDEN,,PRESIDENT,2020,GEN,ALABAMA,FALSE,FALSE,AL,1,63,41,2020-11-03,FALSE
PCT 001,US PRESIDENT,DEMOCRAT,DEMOCRAT,TOTAL,65,AUTAUGA,1001,AUTAUGA,1001,JOSEPH R BIDEN,,PRESIDENT,2020,GEN,ALABAMA,FALSE,FALSE,AL,1,63,41,2020-11-03,FALSE
PCT 001,US PRESIDENT,REPUBLICAN,REPUBLICAN,TOTAL,71,AUTAUGA,1001,AUTAUGA,1001,DONALD J TRUMP,,PRESIDENT,2020,GEN,ALABAMA,FALSE,FALSE,AL,1,63,41,2020-11-03,FALSE
PCT 001,US SENATE,REPUBLICAN,REPUBLICAN,TOTAL,70,AUTAUGA,1001,AUTAUGA,1001,TOMMY TUBERVILLE,,SENATE,2020,GEN,ALABAMA,FALSE,FALSE,AL,1,63,41,2020-11-03,FALSE
PCT 001,US PRESIDENT,REPUBLICAN,REPUBLICAN,TOTAL,9,BALDWIN,1003,BALDWIN,1003,DONALD J TRUMP,,PRESIDENT,2020,GEN,ALABAMA,FALSE,FALSE,AL,1,63,41,2020-11-03,FALSE
PCT 001,US PRESIDENT,,,TOTAL,4,AUTAUGA,1001,AUTAUGA,1001,UNDERVOTES,,PRESIDENT,2020,GEN,ALABAMA,FALSE,FALSE,AL,1,63,41,2020-11-03,FALSE
`

func TestMEDSL(t *testing.T) {
	for _, content := range []string{medslFile, shuffledColumns(medslFile, ",", 3)} {
		got := decode(t, "medsl", content, engine.SourceSpec{Election: "US PRESIDENT"})
		got.wantRows(t,
			"2|01001|1|PCT 001|US PRESIDENT|∅|1|∅|∅|4|∅|∅|joseph_r_biden|Joseph R Biden|DEMOCRAT|65",
			"5|01001|1|PCT 001|US PRESIDENT|∅|1|∅|∅|4|∅|∅|donald_j_trump|Donald J Trump|REPUBLICAN|71",
			"7|01003|1|PCT 001|US PRESIDENT|∅|1|∅|∅|∅|∅|∅|donald_j_trump|Donald J Trump|REPUBLICAN|9",
		)
		wantCounts(t, "passed", got.report.Passed, "6: of another election")
	}
	got := decode(t, "medsl", medslFile, engine.SourceSpec{Election: "US PRESIDENT", Commune: "01003"})
	if len(got.rows) != 1 {
		t.Errorf("%q, %v", got.rows, got.err)
	}
}

// What is no candidate's is counted as candidates' votes are: by how it was cast, and the whole beside.
func TestMEDSLCountsOfModes(t *testing.T) {
	content := "precinct,office,party_detailed,mode,votes,county_fips,candidate\n"
	for _, row := range []string{
		"BALLOTS CAST,,TOTAL,110,1001,BALLOTS CAST", "BALLOTS CAST,,ELECTION DAY,70,1001,BALLOTS CAST", "BALLOTS CAST,,TOTAL,110,1001,BALLOTS CAST",
		"BALLOTS CAST,,ABSENTEE,40,1001,BALLOTS CAST", "REGISTERED VOTERS,,TOTAL,200,1001,REGISTERED VOTERS", "REGISTERED VOTERS,,TOTAL,200,1001,REGISTERED VOTERS",
		"US PRESIDENT,DEMOCRAT,TOTAL,104,1001,A", "US PRESIDENT,,ELECTION DAY,3,1001,UNDERVOTES", "US PRESIDENT,,ABSENTEE,2,1001,UNDERVOTES",
		"US PRESIDENT,,TOTAL,5,1001,UNDERVOTES", "US PRESIDENT,,TOTAL,1,1001,OVERVOTES",
	} {
		content += "1," + row + "\n"
	}
	decode(t, "medsl", content, engine.SourceSpec{Election: "US PRESIDENT"}).
		wantRows(t, "8|01001|1|1|US PRESIDENT|∅|1|200|110|5|1|∅|a|A|DEMOCRAT|104")
}

// Precincts of two towns of a county are not one, though they have one number.
func TestTownsOfACounty(t *testing.T) {
	decode(t, "medsl", "precinct,office,votes,county_fips,jurisdiction_name,candidate\n1,US PRESIDENT,5,25017,CAMBRIDGE,A\n1,US PRESIDENT,6,25017,SOMERVILLE,A\n", engine.SourceSpec{}).
		wantError(t, "published line 3: precinct 1 is of SOMERVILLE, and on line 2 of CAMBRIDGE: give commune: one of the two")
	for _, code := range []string{"0900104720", "900104720", "900104720.0"} {
		got := decode(t, "medsl", "precinct,office,votes,county_fips,jurisdiction_fips,state_fips,candidate\n1,US PRESIDENT,5,9001,"+code+",9,A\n1,US PRESIDENT,6,9001,900108070,9,A\n", engine.SourceSpec{Commune: "0900104720"})
		got.wantRows(t, "2|0900104720|1|1|US PRESIDENT|∅|1|∅|∅|∅|∅|∅|a|A|∅|5")
	}
	towns := "county,town,precinct,office,candidate,votes\nMiddlesex,Here,1,President,A,5\nMiddlesex,There,1,President,A,6\n"
	decode(t, "openelections", towns, engine.SourceSpec{Commune: "Middlesex"}).
		wantError(t, "published line 3: precinct 1 is of There, and on line 2 of Here: give commune: one of the two")
	if got := decode(t, "openelections", towns, engine.SourceSpec{}); got.err != nil || len(got.rows) != 2 {
		t.Errorf("%q, %v", got.rows, got.err)
	}
}

func TestCountyCode(t *testing.T) {
	for _, test := range []struct{ county, state, want string }{
		{"1001", "1", "01001"}, {"25017", "25", "25017"}, {"17", "25", "25017"}, {"017", "25", "25017"}, {"1001.0", "1.0", "01001"}, {"", "25", ""}, {"Adams", "", "Adams"},
	} {
		if got := countyCode(test.county, test.state); got != test.want {
			t.Errorf("%s, %s is %s, want %s", test.county, test.state, got, test.want)
		}
	}
}

var vestFile = collection(
	feature(`"STATEFP20":"25","COUNTYFP20":"017","VTDST20":"000123","NAME20":"Cambridge City Ward 3 Precinct 2","G20PREDBID":712,"G20PRERTRU":56.4,"G20USSDMAR":700,"geometry_note":"x"`, square),
	feature(`"STATEFP20":"25","COUNTYFP20":"021","VTDST20":"000123","G20PREDBID":1,"G20PRERTRU":2,"G20USSDMAR":3`, square),
)

func TestVEST(t *testing.T) {
	got := decode(t, "vest", vestFile, engine.SourceSpec{Election: "G20PRE", Commune: "25017", Name: "President 2020"})
	got.wantRows(t,
		"1|25017|123|000123|President 2020|∅|1|∅|∅|∅|∅|∅|d_bid|Bid|D|712",
		"1|25017|123|000123|President 2020|∅|1|∅|∅|∅|∅|∅|r_tru|Tru|R|56",
	)
	wantCounts(t, "passed", got.report.Passed, "2: of another county")
	wantCounts(t, "repaired", got.report.Repaired, "1: votes are fractions: rounded")
	decode(t, "vest", vestFile, engine.SourceSpec{}).wantError(t, "published: give election: one of G20PRE, G20USS")
	decode(t, "vest-areas", vestFile, engine.SourceSpec{}).
		wantRows(t, "1|25017|123|000123||∅|"+squareWKT, "2|25021|123|000123||∅|"+squareWKT)
}

func TestUSPrecincts(t *testing.T) {
	content := collection(
		feature(`"Sort":10,"Ward":"3","PrecinctSubPrecinct":"2A","WardPrecinctSubPrecinct":"3-2A"`, square),
		feature(`"WardPrecinct":"03-02"`, square),
		feature(`"WARD":"10","PRECINCT":"1","REGISTERED":1200`, square),
		feature(`"Sort":10`, square),
	)
	got := decode(t, "us-precincts", content, engine.SourceSpec{Commune: "Cambridge"})
	got.wantRows(t, "1|Cambridge|3-2A|3-2A||∅|"+squareWKT, "2|Cambridge|3-2|3-2||∅|"+squareWKT, "3|Cambridge|10-1|10-1||1200|"+squareWKT)
	wantCounts(t, "rejected", got.report.Reasons, "4: no precinct: expected a column WardPrecinct, or Ward and Precinct")
}

func FuzzOpenElections(f *testing.F) { fuzz(f, "openelections", openElectionsFile) }
func FuzzMEDSL(f *testing.F)         { fuzz(f, "medsl", medslFile) }
func FuzzVEST(f *testing.F)          { fuzz(f, "vest", vestFile) }
func FuzzVESTAreas(f *testing.F)     { fuzz(f, "vest-areas", vestFile) }
func FuzzUSPrecincts(f *testing.F) {
	fuzz(f, "us-precincts", collection(feature(`"Ward":"3","Precinct":"2A"`, square)))
}

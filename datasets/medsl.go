package datasets

import (
	"strings"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var medsl = Dataset{
	Name:        "medsl",
	Kind:        engine.KindResults,
	Country:     "us",
	Title:       "MIT Election Data and Science Lab: results by precinct of the United States, a file per state",
	Publisher:   "MIT Election Data and Science Lab",
	Licence:     "MIT",
	Attribution: "MIT Election Data and Science Lab",
	Address:     "https://github.com/MEDSL",
	decode:      decodeMEDSL,
}

const (
	medslPrecinct = iota
	medslOffice
	medslDistrict
	medslParty
	medslMode
	medslVotes
	medslCounty
	medslCountyCode
	medslJurisdiction
	medslJurisdictionCode
	medslStateCode
	medslCandidate
	medslStage
	medslSpecial
)

var medslColumns = []format.Column{
	medslPrecinct:         {Names: []string{"precinct"}},
	medslOffice:           {Names: []string{"office"}},
	medslDistrict:         {Names: []string{"district"}, Optional: true},
	medslParty:            {Names: []string{"party_detailed", "party_simplified", "party"}, Optional: true},
	medslMode:             {Names: []string{"mode"}, Optional: true},
	medslVotes:            {Names: []string{"votes"}},
	medslCounty:           {Names: []string{"county_name", "county"}, Optional: true},
	medslCountyCode:       {Names: []string{"county_fips"}},
	medslJurisdiction:     {Names: []string{"jurisdiction_name", "jurisdiction"}, Optional: true},
	medslJurisdictionCode: {Names: []string{"jurisdiction_fips"}, Optional: true},
	medslStateCode:        {Names: []string{"state_fips"}, Optional: true},
	medslCandidate:        {Names: []string{"candidate"}},
	medslStage:            {Names: []string{"stage"}, Optional: true},
	medslSpecial:          {Names: []string{"special"}, Optional: true},
}

// decodeMEDSL reads one office (election: US PRESIDENT, or with its district US HOUSE 05; a special election has SPECIAL after
// it) of the county or jurisdiction that commune: gives by code or name. Names of precincts repeat across counties: without a
// commune: the county's code is it. round: 2 reads runoffs.
func decodeMEDSL(file *format.File, d decoding) (records, takeRecord, error) {
	rows, err := format.NewRows(file, d.spec.Layer)
	if err != nil {
		return nil, nil, err
	}
	at, err := rows.Columns(medslColumns...)
	if err != nil {
		return nil, nil, err
	}
	b := newBallots(d, capitals)
	field := func(column int) string { return string(rows.Field(at[column])) }
	stage := "GEN"
	if d.spec.Round == 2 {
		stage = "RUNOFF"
	}
	place := fold(string(d.spec.Commune))
	return rows, func(line int64) (string, error) {
		county := countyCode(field(medslCountyCode), field(medslStateCode))
		commune := county
		if place != "" {
			commune = string(d.spec.Commune)
			if !sameFIPS(county, commune) && !sameFIPS(field(medslJurisdictionCode), commune) && b.fold(field(medslCounty)) != place && b.fold(field(medslJurisdiction)) != place {
				d.report.Pass(line, "of another county or jurisdiction")
				return "", nil
			}
		}
		if s := strings.ToUpper(field(medslStage)); s != "" && !strings.HasPrefix(s, stage) {
			d.report.Pass(line, "of another stage: a primary or a runoff")
			return "", nil
		}
		office := field(medslOffice)
		if strings.EqualFold(field(medslSpecial), "TRUE") {
			office += " SPECIAL"
		}
		v := b.votesOf(field(medslCandidate), field(medslParty), field(medslDistrict), line)
		if !b.ofPrecinct(&v, office) && !b.asks(office, office+" "+field(medslDistrict)) {
			d.report.Pass(line, "of another election")
			return "", nil
		}
		station := b.station("", field(medslPrecinct))
		if station == "" || b.isTotal(field(medslPrecinct)) {
			return "the precinct has no usable name", nil
		}
		mode := field(medslMode)
		v.whole = mode == "" || strings.EqualFold(mode, "TOTAL")
		p, err := b.at(commune, station, field(medslPrecinct), field(medslJurisdiction), line)
		if err != nil {
			return "", err
		}
		return b.take(p, rows.Field(at[medslVotes]), v)
	}, nil
}

// sameFIPS compares codes, of which files drop the first zero: towns of Connecticut are 0900104720 and 900104720.
func sameFIPS(a, b string) bool {
	return strings.TrimLeft(strings.TrimSuffix(a, ".0"), "0") == strings.TrimLeft(strings.TrimSuffix(b, ".0"), "0")
}

// countyCode gives the five digits of a county: the two of the state and three, of which files drop the first or those of the state.
func countyCode(county, state string) string {
	county, state = strings.TrimSuffix(county, ".0"), strings.TrimSuffix(state, ".0")
	if county == "" || strings.Trim(county, "0123456789") != "" {
		return county
	}
	if len(state) == 1 {
		state = "0" + state
	}
	switch {
	case len(county) <= 3 && len(state) == 2:
		return state + strings.Repeat("0", 3-len(county)) + county
	case len(county) == 4:
		return "0" + county
	}
	return county
}

package datasets

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var vest = Dataset{
	Name:        "vest",
	Kind:        engine.KindResults,
	Country:     "us",
	Title:       "Voting and Election Science Team: results by precinct of the United States, on the shapes of the precincts",
	Publisher:   "Voting and Election Science Team",
	Licence:     "see-publisher",
	Attribution: "Voting and Election Science Team",
	Address:     "https://dataverse.harvard.edu/dataverse/electionscience",
	decode:      decodeVEST,
}

var vestAreas = Dataset{
	Name:        "vest-areas",
	Kind:        engine.KindAreas,
	Country:     "us",
	Title:       "Voting and Election Science Team: the precincts of a state of the United States",
	Publisher:   "Voting and Election Science Team",
	Licence:     "see-publisher",
	Attribution: "Voting and Election Science Team",
	Address:     "https://dataverse.harvard.edu/dataverse/electionscience",
	decode:      decodeVESTAreas,
}

// Columns that name a precinct; states differ.
var vestColumns = []format.Column{
	{Names: []string{"VTDST20", "VTDST10", "VTDST", "PRECINCT", "PRECINCTID", "PREC_ID", "PCTKEY", "PCT_KEY", "UNIQUE_ID", "SRPREC_KEY", "GEOID20", "GEOID10", "GEOID", "NAME20", "NAME10", "NAME"}},
	{Names: []string{"COUNTYFP20", "COUNTYFP10", "COUNTYFP", "CNTY_FIPS", "COUNTYFIPS", "FIPS"}, Optional: true},
	{Names: []string{"STATEFP20", "STATEFP10", "STATEFP"}, Optional: true},
	{Names: []string{"COUNTY", "COUNTYNAME", "CTY_NAME"}, Optional: true},
}

// vestChoice is a column of votes: the election, as G20PRE or G20H01; the party; three letters of the name.
var vestChoice = regexp.MustCompile(`^([gprsc][0-9]{2}(?:[a-z]{3}|[a-z]{1,2}[0-9]{1,3}))([a-z])([a-z'0-9]{1,4})$`)

// vestPrecinct reads the county and the precinct of a record; ok is false for one of another county than commune: gives.
func vestPrecinct(rows format.Rows, at []int, d decoding) (commune, station, code string, ok bool, err error) {
	code = string(rows.Field(at[0]))
	commune = countyCode(string(rows.Field(at[1])), string(rows.Field(at[2])))
	if commune == "" {
		commune = string(rows.Field(at[3]))
	}
	if asked := string(d.spec.Commune); asked != "" {
		if commune != "" && commune != asked && fold(string(rows.Field(at[3]))) != fold(asked) {
			return "", "", "", false, nil
		}
		commune = asked
	}
	station, err = engine.LocalPrecinct("", code)
	return commune, station, code, true, err
}

// decodeVEST reads the columns of one election, which election: gives by what their names begin with: G20PRE. Votes that were spread
// over precincts, as absentee ballots, may be fractions: they are rounded.
func decodeVEST(file *format.File, d decoding) (records, takeRecord, error) {
	rows, err := format.NewRows(file, d.spec.Layer)
	if err != nil {
		return nil, nil, err
	}
	at, err := rows.Columns(vestColumns...)
	if err != nil {
		return nil, nil, err
	}
	election := strings.ToLower(strings.TrimSpace(d.spec.Election))
	var elections []string
	type column struct {
		place            int
		id, name, family string
	}
	var choices []column
	for _, key := range rows.Keys() {
		m := vestChoice.FindStringSubmatch(key)
		if m == nil {
			continue
		}
		if name := strings.ToUpper(m[1]); !slices.Contains(elections, name) {
			elections = append(elections, name)
		}
		if m[1] == election {
			found, err := rows.Columns(format.Column{Names: []string{key}})
			if err != nil {
				return nil, nil, err
			}
			choices = append(choices, column{found[0], m[2] + "_" + m[3], capitals(m[3]), strings.ToUpper(m[2])})
		}
	}
	if len(elections) == 0 {
		return nil, nil, fmt.Errorf("%s: no column is one of votes, as G20PREDBID: check that this is the file of the dataset named, and not another's", file.Name())
	}
	if len(choices) == 0 {
		return nil, nil, needs{"election", fmt.Sprintf("%s: give election: one of %s", file.Name(), strings.Join(elections[:min(len(elections), 20)], ", "))}
	}
	out, round := newResultRows(d), max(d.spec.Round, 1)
	name := d.spec.Name
	if name == "" {
		name = strings.ToUpper(election)
	}
	votes := make([]int64, len(choices))
	return rows, func(line int64) (string, error) {
		commune, station, code, ok, err := vestPrecinct(rows, at, d)
		switch {
		case !ok:
			d.report.Pass(line, "of another county")
			return "", nil
		case err != nil:
			return "the precinct has no usable name", nil
		}
		rounded := false
		for i, c := range choices {
			v, given, err := format.Float(rows.Field(c.place), format.Point)
			if !given || err != nil {
				return "", badCount("votes", given, err)
			}
			if v < 0 || v > math.MaxInt32 {
				return "", fmt.Errorf("votes: %v is no number of votes: correct the count, or download the file again", v)
			}
			votes[i] = int64(math.RoundToEven(v))
			rounded = rounded || float64(votes[i]) != v
		}
		if rounded {
			d.report.Repair(line, "votes are fractions: rounded")
		}
		for i, c := range choices {
			out.append(line, result{
				commune: []byte(commune), station: []byte(station), code: []byte(code), election: []byte(name), date: []byte(d.spec.Date), round: int32(round),
				counts: uncounted, choice: []byte(c.id), name: []byte(c.name), family: []byte(c.family), votes: votes[i],
			})
		}
		return "", nil
	}, nil
}

func decodeVESTAreas(file *format.File, d decoding) (records, takeRecord, error) {
	areas, at, err := newAreas(file, d, vestColumns)
	if err != nil {
		return nil, nil, err
	}
	if !slices.ContainsFunc(areas.rows.Keys(), vestChoice.MatchString) {
		return nil, nil, fmt.Errorf("%s: no column is one of votes, as G20PREDBID: dataset us-precincts reads precincts without", file.Name())
	}
	return areas.rows, func(line int64) (string, error) {
		commune, station, code, ok, err := vestPrecinct(areas.rows, at, d)
		switch {
		case !ok:
			d.report.Pass(line, "of another county")
			return "", nil
		case err != nil:
			return "the precinct has no usable name", nil
		}
		return areas.append(line, area{key: engine.PrecinctKey{Commune: commune, Station: station}, code: code})
	}, nil
}

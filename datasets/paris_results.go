package datasets

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var parisResults = Dataset{
	Name:        "paris-results",
	Kind:        engine.KindResults,
	Country:     "fr",
	Title:       "Results by polling station of Paris, a file per election and round with a column for each candidate",
	Publisher:   "Ville de Paris",
	Licence:     "ODbL-1.0",
	Attribution: "Ville de Paris, opendata.paris.fr",
	Address:     "https://opendata.paris.fr/explore/?q=elections",
	decode:      decodeParisResults,
}

var parisResultsColumns = []format.Column{
	{Names: []string{"ID_BVOTE"}, Optional: true},
	{Names: []string{"NUM_ARROND"}, Optional: true},
	{Names: []string{"NUM_BUREAU"}, Optional: true},
	{Names: []string{"SCRUTIN"}, Optional: true},
	{Names: []string{"ANNEE"}, Optional: true},
	{Names: []string{"TOUR"}, Optional: true},
	{Names: []string{"DATE"}, Optional: true},
	{Names: []string{"NB_INSCR"}},
	{Names: []string{"NB_VOTANT"}, Optional: true},
	{Names: []string{"NB_BL", "NB_BLANC"}, Optional: true},
	{Names: []string{"NB_NUL"}, Optional: true},
	{Names: []string{"NB_BL_NUL"}, Optional: true},
	{Names: []string{"NB_EXPRIM"}},
}

// parisOther are columns that are neither counts of the station nor candidates, in the files of all years. Others that are named as
// counts and numbers (NUM_SECTEUR, NB_PROCURATION, PCT_VOIX) are none either.
var parisOther = []string{
	"num_circ", "num_quartier", "nb_procu", "nb_emarg", "nb_emargement", "objectid", "geo_shape", "geo_point_2d", "geom", "geom_x_y", "geometry", "st_area_shape", "st_perimeter_shape", "shape_area", "shape_len", "id", "recordid",
}

var parisCount = regexp.MustCompile(`^(?:nb|num|pct|taux|geo)[_ ]|%`)

// parisColumn is a candidate's column.
type parisColumn struct {
	place    int
	key      string
	id, name []byte
}

// textOrShare tells a value that cannot be a count that went wrong.
func textOrShare(value []byte) bool {
	if format.Absent(value) {
		return false
	}
	_, _, notShare := format.Float(value, format.PointOrComma)
	_, _, notCount := format.Whole(value)
	if notShare != nil {
		return value[0] < '0' || value[0] > '9'
	}
	return notCount != nil && value[0] != '-' && !grouped.Match(value)
}

// grouped is a number that may be one of thousands: 1.234.
var grouped = regexp.MustCompile(`^[0-9]{1,3}([.,][0-9]{3})+$`)

// decodeParisResults takes every column that is not known, and is not text or shares in the first row, as a candidate. They are named
// after people, each file in its own way: MACRON Emmanuel, emmanuel_macron, debouzy_louis_1.
func decodeParisResults(file *format.File, d decoding) (records, takeRecord, error) {
	rows, err := format.NewRows(file, d.spec.Layer)
	if err != nil {
		return nil, nil, err
	}
	at, err := rows.Columns(parisResultsColumns...)
	if err != nil {
		return nil, nil, err
	}
	candidates, err := parisCandidates(rows)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", file.Name(), err)
	}
	out, contest := newResultRows(d), contestOf(d)
	first := true
	return rows, func(line int64) (string, error) {
		if first {
			first = false
			candidates = slices.DeleteFunc(candidates, func(c parisColumn) bool {
				if !textOrShare(rows.Field(c.place)) {
					return false
				}
				d.report.Ignore(c.key)
				return true
			})
		}
		field := func(column int) []byte { return rows.Field(at[column]) }
		id := string(field(0))
		key, reason := stationKey(id, string(field(1)), string(field(2)))
		if reason != "" {
			return reason, nil
		}
		if id == "" {
			id = parisStationCode(key)
		}
		row := contest
		row.commune, row.station, row.code, row.counts = []byte(key.Commune), []byte(key.Station), []byte(id), uncounted
		if d.spec.Name == "" && len(field(3)) > 0 {
			row.election = fmt.Appendf(nil, "%s %s", field(3), strings.TrimSuffix(string(field(4)), ".0"))
		}
		if round, given, err := format.Whole(field(5)); given && err == nil && round >= 1 && round <= 9 {
			row.round = int32(round)
		}
		if year, given, err := format.Whole(field(4)); len(row.date) == 0 && given && err == nil && pollingDay(field(6), year) {
			row.date = field(6)[:len("2006-01-02")]
		}
		for i, count := range []*int64{&row.counts.registered, &row.counts.voters, &row.counts.blank, &row.counts.null, &row.counts.blankNull} {
			value, given, err := format.Whole(field(7 + i))
			if err != nil || !given && i == 0 {
				return "", badCount(parisResultsColumns[7+i].Names[0], given, err)
			}
			if given {
				*count = value
			}
		}
		if row.counts.blank >= 0 && row.counts.null >= 0 {
			row.counts.blankNull = absent
		}
		for _, c := range candidates {
			votes, given, err := format.Whole(rows.Field(c.place))
			if err != nil {
				return "", badCount("votes of "+string(c.name), given, err)
			}
			if !given {
				continue // not on this station's ballot
			}
			row.choice, row.name, row.votes = c.id, c.name, votes
			out.append(line, row)
		}
		return "", nil
	}, nil
}

func parisCandidates(rows format.Rows) ([]parisColumn, error) {
	known := slices.Clone(parisOther)
	for _, c := range parisResultsColumns {
		for _, name := range c.Names {
			known = append(known, format.Key(name))
		}
	}
	if slices.Contains(rows.Keys(), "candidate") || slices.Contains(rows.Keys(), "candidat") {
		return nil, errors.New("rows are of a candidate each: take dataset: results")
	}
	var candidates []parisColumn
	for _, key := range rows.Keys() {
		if key == "" || slices.Contains(known, key) || parisCount.MatchString(key) {
			continue
		}
		found, err := rows.Columns(format.Column{Names: []string{key}, Optional: true})
		if err != nil {
			return nil, err
		}
		if found[0] < 0 {
			continue // of parts or bytes
		}
		id := choiceID(key)
		if id == "" || engine.IsReserved(id) {
			continue
		}
		candidates = append(candidates, parisColumn{found[0], key, []byte(id), []byte(candidateName(key, "", ""))})
	}
	if len(candidates) == 0 {
		return nil, errors.New("no column is a candidate's: check that this is the file of the dataset named, and not another's")
	}
	return candidates, nil
}

package datasets

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var aggregated = Dataset{
	Name:        "aggregated",
	Kind:        engine.KindResults,
	Country:     "fr",
	Title:       "Results by polling station of all elections of France since 1999 in one file (candidats_results, with general_results beside)",
	Publisher:   "Ministère de l'Intérieur, Etalab",
	Licence:     "etalab-2.0",
	Attribution: "Ministère de l'Intérieur; data.gouv.fr",
	Address:     "https://www.data.gouv.fr/fr/datasets/donnees-des-elections-agregees/",
	beside:      generalResults,
	decode:      decodeAggregated,
}

// Columns that both files have. The precinct is id_brut_miom, or in three parts.
var aggregatedKey = []format.Column{
	{Names: []string{"id_election"}},
	{Names: []string{"id_brut_miom"}, Optional: true},
	{Names: []string{"Code du département", "code_departement", "Code département"}, Optional: true},
	{Names: []string{"Code de la commune", "code_commune", "Code commune"}, Optional: true},
	{Names: []string{"Code du b.vote", "code_bv", "Code BV"}, Optional: true},
}

var candidatsColumns = []format.Column{
	{Names: []string{"Voix"}},
	{Names: []string{"Nom"}, Optional: true},
	{Names: []string{"Prénom"}, Optional: true},
	{Names: []string{"Nuance"}, Optional: true},
	{Names: []string{"Libellé Etendu Liste", "libelle_etendu_liste"}, Optional: true},
	{Names: []string{"Libellé Abrégé Liste", "libelle_abrege_liste"}, Optional: true},
	{Names: []string{"Binôme"}, Optional: true},
	{Names: []string{"Nom Tête de Liste", "nom_tete_de_liste"}, Optional: true},
	{Names: []string{"Liste"}, Optional: true},
}

var generalColumns = []format.Column{
	{Names: []string{"Inscrits"}},
	{Names: []string{"Votants"}, Optional: true},
	{Names: []string{"Abstentions"}, Optional: true},
	{Names: []string{"Blancs"}, Optional: true},
	{Names: []string{"Nuls"}, Optional: true},
}

// generalResults is the file of the stations' counts beside the one of candidates; empty for a file of another name.
func generalResults(name string) string {
	if !strings.Contains(name, "candidats") {
		return ""
	}
	return strings.Replace(name, "candidats", "general", 1)
}

// aggregatedReader takes the rows of one election.
type aggregatedReader struct {
	decoding
	wanted    string
	elections map[string]bool // met, for messages
	found     bool
	unread    bool // general_results is there, and of which election its counts are due is not known
	stations  map[string]stationText
	scratch   []byte
}

// decodeAggregated reads one election (election: 2022_pres_t1), in CSV or Parquet, with columns as the files of the Ministry name
// them or in lower case. Registered voters are in general_results: without that file shares are of the votes.
func decodeAggregated(file *format.File, d decoding) (records, takeRecord, error) {
	r := &aggregatedReader{decoding: d, wanted: strings.ToLower(strings.TrimSpace(d.spec.Election)), elections: map[string]bool{}, stations: map[string]stationText{}}
	rows, err := format.NewRows(file, d.spec.Layer)
	if err != nil {
		return nil, nil, err
	}
	key, err := rows.Columns(aggregatedKey...)
	if err != nil {
		return nil, nil, err
	}
	at, err := rows.Columns(candidatsColumns...)
	if err != nil {
		return nil, nil, err
	}
	general, err := r.readGeneral(file.Name())
	if err != nil {
		return nil, nil, err
	}
	switch {
	case r.unread:
		d.report.Layout = "candidats_results with general_results beside it, which is not read without election:"
	case general == nil:
		d.report.Layout = "candidats_results alone: general_results is not beside it, so registered voters and blank votes are not known"
	default:
		d.report.Layout = "candidats_results with general_results beside it"
	}
	d.whenRead(r.mustHaveFound)
	out, choices, contest := newResultRows(d), frenchChoices{known: map[string]ballotChoice{}}, contestOf(d)
	if strings.HasSuffix(r.wanted, "_t2") {
		contest.round = 2
	}
	return rows, func(line int64) (string, error) {
		if !r.asks(rows.Field(key[0])) {
			d.report.Pass(line, "of another election")
			return "", nil
		}
		place := r.station(rows, key)
		if place.reason != "" {
			return place.reason, nil
		}
		votes, given, err := format.Whole(rows.Field(at[0]))
		if !given || err != nil {
			return "", badCount("votes", given, err)
		}
		name := rows.Field(at[1])
		if len(name) == 0 && len(rows.Field(at[4])) == 0 && len(rows.Field(at[5])) == 0 && len(rows.Field(at[8])) == 0 {
			name = rows.Field(at[7])
		}
		list := rows.Field(at[4])
		if len(list) == 0 {
			list = rows.Field(at[8])
		}
		choice := choices.get(frenchChoice{
			name: name, firstName: rows.Field(at[2]), nuance: rows.Field(at[3]), list: list, short: rows.Field(at[5]), pair: rows.Field(at[6]),
		})
		if choice.reason != "" {
			return "", errors.New(choice.reason + ": correct the row, or download the file again")
		}
		row := contest
		row.commune, row.station, row.code, row.counts = place.commune, place.station, place.code, uncounted
		if general != nil {
			counts, known := general[string(place.commune)+"_"+string(place.station)]
			if !known {
				return "", fmt.Errorf("precinct %s is not in general_results: download both files again", place.code)
			}
			row.counts = counts
		}
		row.choice, row.name, row.family, row.votes = choice.id, choice.name, rows.Field(at[3]), votes
		out.append(line, row)
		return "", nil
	}, nil
}

func (r *aggregatedReader) asks(election []byte) bool {
	if len(r.elections) < officeLimit && !r.elections[string(election)] {
		r.elections[strings.ToLower(string(election))] = true
	}
	if r.wanted == "" {
		return len(r.elections) == 1
	}
	wanted := strings.EqualFold(r.wanted, string(election))
	r.found = r.found || wanted
	return wanted
}

func (r *aggregatedReader) mustHaveFound() error {
	if r.found || r.wanted == "" && len(r.elections) == 1 && !r.unread {
		return nil
	}
	var list []string
	for election := range r.elections {
		list = append(list, election)
	}
	slices.Sort(list)
	what := "the file has several elections"
	switch {
	case r.wanted != "":
		what = "the election " + r.wanted + " is not in the file"
	case len(list) == 1:
		what = "general_results beside the file is read for an election only"
	}
	more := ""
	if len(list) > 60 {
		list, more = list[:60], " and more"
	}
	return needs{"election", fmt.Sprintf("%s: give election: one of %s%s", what, strings.Join(list, ", "), more)}
}

// station is the precinct of a row: overseas codes of id_brut_miom are those of the year.
func (r *aggregatedReader) station(rows format.Rows, key []int) stationText {
	id := rows.Field(key[1])
	r.scratch = append(r.scratch[:0], id...)
	if len(id) == 0 {
		for _, part := range key[2:] {
			r.scratch = append(append(r.scratch, rows.Field(part)...), 0)
		}
	}
	if known, ok := r.stations[string(r.scratch)]; ok {
		return known
	}
	var s stationText
	if len(id) == 0 {
		s = ministryStation(string(rows.Field(key[2])), string(rows.Field(key[3])), string(rows.Field(key[4])))
	} else if k, err := engine.ParsePrecinctID(string(id)); err != nil {
		s.reason = reasonStation
	} else {
		s = stationText{[]byte(k.Commune), []byte(k.Station), []byte(string(id)), ""}
	}
	remember(r.stations, r.scratch, s)
	return s
}

// readGeneral reads the counts of the election's stations from the file beside; nil where there is none. The election has to be
// known: of a file with several, none is read before it is.
func (r *aggregatedReader) readGeneral(path string) (map[string]precinctCounts, error) {
	name := generalResults(filepath.Base(path))
	if name == "" {
		return nil, nil
	}
	beside := filepath.Join(filepath.Dir(path), name)
	if r.wanted == "" {
		_, err := os.Stat(beside)
		r.unread = err == nil
		return nil, nil
	}
	file, err := format.Open(beside)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	r.opened(file.DiskPath())
	rows, err := format.NewRows(file, "")
	if err != nil {
		return nil, err
	}
	key, err := rows.Columns(aggregatedKey...)
	if err != nil {
		return nil, err
	}
	at, err := rows.Columns(generalColumns...)
	if err != nil {
		return nil, err
	}
	general := map[string]precinctCounts{}
	for {
		more, err := rows.Next()
		if err != nil || !more {
			return general, err
		}
		if fault, _ := rows.Condition(); fault != "" || !strings.EqualFold(r.wanted, string(rows.Field(key[0]))) {
			continue
		}
		place := r.station(rows, key)
		if place.reason != "" {
			continue
		}
		counts, err := generalCounts(rows, at)
		if err != nil {
			return nil, fmt.Errorf("%s %s %d: %w", beside, rows.Noun(), rows.Line(), err)
		}
		general[string(place.commune)+"_"+string(place.station)] = counts
	}
}

func generalCounts(rows format.Rows, at []int) (precinctCounts, error) {
	counts := uncounted
	abstentions := int64(absent)
	for i, count := range []*int64{&counts.registered, &counts.voters, &abstentions, &counts.blank, &counts.null} {
		value, given, err := format.Whole(rows.Field(at[i]))
		if err != nil {
			return counts, badCount(generalColumns[i].Names[0], given, err)
		}
		if given {
			*count = value
		}
	}
	if counts.voters < 0 && abstentions >= 0 && counts.registered >= abstentions {
		counts.voters = counts.registered - abstentions
	}
	return counts, nil
}

package datasets

import (
	"bytes"
	"fmt"
	"math"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var results = Dataset{
	Name:        "results",
	Kind:        engine.KindResults,
	Country:     "fr",
	Title:       "Results by polling station, a row per station and candidate, as prepared from the open data of Paris",
	Publisher:   "Ministère de l'Intérieur, Ville de Paris",
	Licence:     "ODbL-1.0",
	Attribution: "Ministère de l'Intérieur; Ville de Paris, opendata.paris.fr",
	Address:     "https://opendata.paris.fr/explore/?q=elections",
	decode:      decodeResults,
}

const (
	resultStation = iota
	resultElection
	resultYear
	resultRound
	resultDate
	resultArrondissement
	resultNumber
	resultRegistered
	resultVoters
	resultBlank
	resultNull
	resultBlankNull
	resultVotes
	resultCandidate
	resultName
	resultFirstName
	resultFamily
)

var resultsColumns = []format.Column{
	resultStation:        {Names: []string{"id_bvote"}},
	resultElection:       {Names: []string{"scrutin"}},
	resultYear:           {Names: []string{"annee"}},
	resultRound:          {Names: []string{"tour"}},
	resultDate:           {Names: []string{"date"}, Optional: true},
	resultArrondissement: {Names: []string{"num_arrond"}, Optional: true},
	resultNumber:         {Names: []string{"num_bureau"}, Optional: true},
	resultRegistered:     {Names: []string{"nb_inscr"}},
	resultVoters:         {Names: []string{"nb_votant"}, Optional: true},
	resultBlank:          {Names: []string{"nb_bl", "nb_blanc"}, Optional: true},
	resultNull:           {Names: []string{"nb_nul"}, Optional: true},
	resultBlankNull:      {Names: []string{"nb_bl_nul"}, Optional: true},
	resultVotes:          {Names: []string{"votes", "voix"}},
	resultCandidate:      {Names: []string{"candidate", "candidat"}},
	resultName:           {Names: []string{"nom"}, Optional: true},
	resultFirstName:      {Names: []string{"prenom"}, Optional: true},
	resultFamily:         {Names: []string{"nuance"}, Optional: true},
}

// decodeResults reads the long layout: each row repeats what is counted for its station. Rows come in any order. Counts are
// written as decimals (1582.0); one that cannot be read is an error of the whole file. Voters, blank and null are absent where the source has none; blank_null is given only where
// blank and null are not given apart.
func decodeResults(file *format.File, d decoding) (records, takeRecord, error) {
	table, err := format.NewRows(file, d.spec.Layer)
	if err != nil {
		return nil, nil, err
	}
	at, err := table.Columns(resultsColumns...)
	if err != nil {
		return nil, nil, err
	}
	r := resultsReader{decoding: d, table: table, at: at, stations: map[string]stationText{}, choices: map[string]choiceText{}, contests: map[string]contestText{}}
	r.out = newResultRows(d)
	return table, r.take, nil
}

// resultsReader takes the rows of a results file. Texts that repeat are worked out once.
type resultsReader struct {
	decoding
	table format.Rows
	at    []int

	stations map[string]stationText
	choices  map[string]choiceText
	contests map[string]contestText
	election string // and its year, where the place file names them all alike
	scratch  []byte
	out      *resultRows
}

// What is worked out for a station, a candidate and an election; reason says why rows with it are left out.
type (
	stationText struct {
		commune, station, code []byte
		reason                 string
	}
	choiceText struct {
		id, name []byte
		reason   string
	}
	contestText struct {
		election, date []byte
		round          int32
		reason, repair string
	}
)

// Bounds of what is worked out once: beyond, it is forgotten and worked out again.
const (
	remembered    = 1 << 17 // texts: France has 70,000 precincts
	rememberedLen = 1 << 9  // bytes of each
)

func (r *resultsReader) take(line int64) (string, error) {
	station := r.station()
	choice := r.choice()
	contest := r.contest()
	for _, reason := range []string{station.reason, contest.reason, choice.reason} {
		if reason != "" {
			return reason, nil
		}
	}
	if err := r.sameElection(); err != nil {
		return "", err
	}
	registered, given, err := format.Whole(r.field(resultRegistered))
	if !given || err != nil {
		return "", badCount("registered voters", given, err)
	}
	votes, given, err := format.Whole(r.field(resultVotes))
	if !given || err != nil {
		return "", badCount("votes", given, err)
	}
	var counts [4]int64 // voters, blank, null, blank and null; -1 where absent
	for i, column := range [4]int{resultVoters, resultBlank, resultNull, resultBlankNull} {
		if counts[i], given, err = format.Whole(r.field(column)); err != nil {
			return "", badCount([4]string{"voters", "blank votes", "null votes", "blank and null votes"}[i], given, err)
		} else if !given {
			counts[i] = -1
		}
	}
	if apart := counts[1] >= 0 && counts[2] >= 0; apart {
		if counts[3] >= 0 && counts[1]+counts[2] != counts[3] {
			r.report.Repair(line, "blank and null votes are not the sum the file gives: the two were kept")
		}
		counts[3] = -1
	}
	if contest.repair != "" {
		r.report.Repair(line, contest.repair)
	}
	r.out.append(line, result{
		commune: station.commune, station: station.station, code: station.code, election: contest.election, date: contest.date, round: contest.round,
		counts: precinctCounts{registered, counts[0], counts[1], counts[2], counts[3]},
		choice: choice.id, name: choice.name, family: r.field(resultFamily), votes: votes,
	})
	return "", nil
}

func (r *resultsReader) field(column int) []byte { return r.table.Field(r.at[column]) }

// key joins the texts of columns, for looking up what was worked out for them. It is good until the next call.
func (r *resultsReader) key(columns ...int) []byte {
	r.scratch = r.scratch[:0]
	for _, c := range columns {
		r.scratch = append(append(r.scratch, r.field(c)...), 0)
	}
	return r.scratch
}

func (r *resultsReader) station() stationText {
	key := r.key(resultStation, resultArrondissement, resultNumber)
	if s, ok := r.stations[string(key)]; ok {
		return s
	}
	id := string(r.field(resultStation))
	precinct, reason := stationKey(id, string(r.field(resultArrondissement)), string(r.field(resultNumber)))
	if id == "" && reason == "" {
		id = parisStationCode(precinct)
	}
	s := stationText{[]byte(precinct.Commune), []byte(precinct.Station), []byte(id), reason}
	remember(r.stations, key, s)
	return s
}

func (r *resultsReader) choice() choiceText {
	key := r.key(resultCandidate, resultName, resultFirstName)
	if c, ok := r.choices[string(key)]; ok {
		return c
	}
	candidate, name, firstName := string(r.field(resultCandidate)), string(r.field(resultName)), string(r.field(resultFirstName))
	id := choiceID(candidate)
	if id == "" {
		id = choiceID(name + " " + firstName)
	}
	c := choiceText{id: []byte(id), name: []byte(candidateName(candidate, name, firstName))}
	switch {
	case id == "":
		c.reason = "no candidate"
	case engine.IsReserved(id):
		c.reason = "the candidate's name is one that is kept for abstention, blank and null votes"
	}
	remember(r.choices, key, c)
	return c
}

func (r *resultsReader) contest() contestText {
	key := r.key(resultElection, resultYear, resultRound, resultDate)
	if c, ok := r.contests[string(key)]; ok {
		return c
	}
	c := r.readContest()
	remember(r.contests, key, c)
	return c
}

func (r *resultsReader) readContest() (c contestText) {
	year, given, err := format.Whole(r.field(resultYear))
	if !given || err != nil || year < 1000 || year > 9999 {
		c.reason = "the year is not one"
		return c
	}
	round, given, err := format.Whole(r.field(resultRound))
	if !given || err != nil || round < 1 || round > math.MaxInt8 {
		c.reason = "the round is not one"
		return c
	}
	c.round = int32(round)
	election := r.field(resultElection)
	switch {
	case r.spec.Name != "":
		c.election = []byte(r.spec.Name)
	case len(election) == 0:
		c.reason = "no election"
		return c
	default:
		c.election = fmt.Appendf(nil, "%s %d", election, year)
	}
	published := r.field(resultDate)
	switch {
	case r.spec.Date != "":
		c.date = []byte(r.spec.Date)
	case pollingDay(published, year):
		c.date = bytes.Clone(published[:len(time.DateOnly)])
	case len(published) > 0:
		c.repair = "the date is not a polling day of the year: left out"
	}
	return c
}

// sameElection refuses a second election where all go by the name that the place file gives.
func (r *resultsReader) sameElection() error {
	if r.spec.Name == "" {
		return nil
	}
	name, year := r.field(resultElection), r.field(resultYear)
	if r.election == "" {
		r.election = string(name) + " " + string(year)
	}
	if now := len(name); len(r.election) != now+1+len(year) || r.election[:now] != string(name) || r.election[now+1:] != string(year) {
		return fmt.Errorf("the election is %s %s where the rows before are of %s: give each election a file and a contest of its own", name, year, r.election)
	}
	return nil
}

// pollingDay tells whether a date, as YYYY-MM-DD with or without a time, can be that of an election of a year. The dates of
// this source are not to be trusted: France votes on Sundays, overseas and abroad on Saturdays too.
func pollingDay(date []byte, year int64) bool {
	if len(date) < len(time.DateOnly) {
		return false
	}
	day, err := time.Parse(time.DateOnly, string(date[:len(time.DateOnly)]))
	return err == nil && int64(day.Year()) == year && (day.Weekday() == time.Sunday || day.Weekday() == time.Saturday)
}

func remember[V any](known map[string]V, key []byte, value V) {
	if len(key) > rememberedLen {
		return
	}
	if len(known) >= remembered {
		clear(known)
	}
	known[string(key)] = value
}

// badCount says what is wrong with a count. It is no reason to leave the row out: the votes of a candidate would go with it and be
// taken for those of nobody.
func badCount(what string, given bool, err error) error {
	if !given {
		return fmt.Errorf("no %s: put the count in, or download the file again", what)
	}
	return fmt.Errorf("%s: %w: correct the count, or download the file again", what, err)
}

func appendCount(column *array.Int64Builder, count int64) {
	if count < 0 {
		column.AppendNull()
		return
	}
	column.Append(count)
}

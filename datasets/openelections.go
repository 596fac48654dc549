package datasets

import (
	"bytes"
	"strings"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var openElections = Dataset{
	Name:        "openelections",
	Kind:        engine.KindResults,
	Country:     "us",
	Title:       "OpenElections: results by precinct of the United States, a file per state and election",
	Publisher:   "OpenElections",
	Licence:     "MIT",
	Attribution: "OpenElections",
	Address:     "https://github.com/openelections",
	decode:      decodeOpenElections,
}

const (
	openCounty = iota
	openTown
	openWard
	openPrecinct
	openOffice
	openDistrict
	openParty
	openCandidate
	openVotes
)

var openElectionsColumns = []format.Column{
	openCounty:    {Names: []string{"county", "parish"}, Optional: true},
	openTown:      {Names: []string{"town", "city", "municipality", "jurisdiction"}, Optional: true},
	openWard:      {Names: []string{"ward"}, Optional: true},
	openPrecinct:  {Names: []string{"precinct"}},
	openOffice:    {Names: []string{"office"}},
	openDistrict:  {Names: []string{"district"}, Optional: true},
	openParty:     {Names: []string{"party"}, Optional: true},
	openCandidate: {Names: []string{"candidate"}},
	openVotes:     {Names: []string{"votes", "total", "total_votes"}},
}

// What rows count that are not the votes of a candidate, by the folded name. "All others" and "write-ins" are choices: votes for somebody.
const (
	pseudoNone = iota
	pseudoBallots
	pseudoRegistered
	pseudoBlank
	pseudoNull
)

var pseudoCandidates = map[string]int{
	"total_votes_cast": pseudoBallots, "total_votes": pseudoBallots, "total": pseudoBallots, "totals": pseudoBallots, "total_ballots_cast": pseudoBallots,
	"ballots_cast": pseudoBallots, "ballots_cast_total": pseudoBallots, "total_ballots": pseudoBallots, "votes_cast": pseudoBallots, "times_counted": pseudoBallots,
	"registered_voters": pseudoRegistered, "registered_voters_total": pseudoRegistered, "registered": pseudoRegistered, "total_registered_voters": pseudoRegistered,
	"blanks": pseudoBlank, "blank": pseudoBlank, "blank_votes": pseudoBlank, "blank_ballots": pseudoBlank, "ballots_cast_blank": pseudoBlank,
	"under_votes": pseudoBlank, "undervotes": pseudoBlank, "under_vote": pseudoBlank, "undervote": pseudoBlank,
	"over_votes": pseudoNull, "overvotes": pseudoNull, "over_vote": pseudoNull, "overvote": pseudoNull, "rejected": pseudoNull, "spoiled": pseudoNull, "void": pseudoNull,
}

// decodeOpenElections reads one office (election: President, or with its district State House 26th Middlesex) of the town or county
// that commune: names, of all where it names none.
func decodeOpenElections(file *format.File, d decoding) (records, takeRecord, error) {
	rows, err := format.NewRows(file, d.spec.Layer)
	if err != nil {
		return nil, nil, err
	}
	at, err := rows.Columns(openElectionsColumns...)
	if err != nil {
		return nil, nil, err
	}
	b := newBallots(d, func(name string) string { return name })
	field := func(column int) string { return string(rows.Field(at[column])) }
	place := fold(string(d.spec.Commune))
	return rows, func(line int64) (string, error) {
		town, county := field(openTown), field(openCounty)
		if place != "" && b.fold(town) != place && b.fold(county) != place {
			d.report.Pass(line, "of another town or county")
			return "", nil
		}
		precinct := field(openPrecinct)
		if b.isTotal(town) || b.isTotal(precinct) || b.isTotal(county) || precinct == "" && field(openWard) == "" {
			d.report.Pass(line, "a total of other rows")
			return "", nil
		}
		commune := string(d.spec.Commune)
		if commune == "" {
			commune = town
			if commune == "" {
				commune = county
			}
		}
		office := field(openOffice)
		v := b.votesOf(field(openCandidate), field(openParty), field(openDistrict), line)
		if !b.ofPrecinct(&v, office) && !b.asks(office, office+" "+field(openDistrict)) {
			d.report.Pass(line, "of another election")
			return "", nil
		}
		ward := field(openWard)
		if precinct == "" { // wards are the precincts, as in Wisconsin
			ward, precinct = "", ward
		}
		station := b.station(ward, precinct)
		if station == "" {
			return "the precinct has no usable name", nil
		}
		code := precinct
		if ward != "" {
			code = ward + "-" + precinct
		}
		v.whole = v.once
		p, err := b.at(commune, station, code, town, line)
		if err != nil {
			return "", err
		}
		return b.take(p, rows.Field(at[openVotes]), v)
	}, nil
}

// votesOf is a row of votes for a candidate, or of what its name says that it counts.
func (b *ballots) votesOf(candidate, family, district string, line int64) ballotVotes {
	b.scratch = append(append(append(append(append(b.scratch[:0], candidate...), 0), family...), 0), district...)
	v, known := b.choices[string(b.scratch)]
	if !known {
		v = newBallotVotes(candidate, b.shown(candidate), family, district)
		remember(b.choices, b.scratch, v)
	}
	v.line = line
	return v
}

func newBallotVotes(candidate, name, family, district string) ballotVotes {
	v := ballotVotes{id: choiceOf(candidate), name: name, family: family, kind: pseudoCandidates[fold(candidate)]}
	v.once = v.kind == pseudoBallots || v.kind == pseudoRegistered
	if v.kind != pseudoNone {
		v.id = "\x00" + v.id + "\x00" + district // no candidate's
	}
	return v
}

// ofPrecinct tells of an office that is none, but a count of the precinct for all offices: the row is of that count.
func (b *ballots) ofPrecinct(v *ballotVotes, office string) bool {
	kind := pseudoCandidates[b.fold(office)]
	if kind != pseudoBallots && kind != pseudoRegistered {
		return false
	}
	v.kind, v.once, v.id, v.name = kind, true, "\x00\x00"+choiceOf(office), "\x00"+office
	return true
}

// take adds a figure to its precinct.
func (b *ballots) take(p *ballotPrecinct, figure []byte, v ballotVotes) (reason string, err error) {
	if thousands.Match(figure) {
		figure = bytes.ReplaceAll(figure, []byte(","), nil)
	}
	votes, given, err := format.Whole(figure)
	if text := string(figure); text == "*" || strings.EqualFold(text, "x") {
		p.withheld = true // too few to be told
		return "the votes are withheld", nil
	}
	if v.kind == pseudoNone && v.id == "" {
		return "no candidate", nil
	}
	if !given || err != nil {
		return "", badCount("votes", given, err)
	}
	v.votes = votes
	if p.add(v) && v.kind == pseudoNone {
		b.report.Repair(v.line, "a candidate has several rows in the precinct: the votes are added")
	}
	return "", nil
}

func (b *ballots) isTotal(name string) bool {
	switch b.fold(name) {
	case "total", "totals", "county_total", "town_total", "state_total", "grand_total", "statewide":
		return true
	}
	return false
}

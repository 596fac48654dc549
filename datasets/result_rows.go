package datasets

import (
	"github.com/apache/arrow-go/v18/arrow/array"
)

// result is the votes of a choice in a precinct as a dataset gives them. Texts are not kept; counts that the source does not have
// are absent.
type result struct {
	commune, station, code []byte // canonical, canonical, as published
	election, date         []byte // date: empty where unknown
	round                  int32
	counts                 precinctCounts
	choice, name, family   []byte // family: empty where the source gives none
	votes                  int64
}

// precinctCounts are what is counted of a precinct as a whole.
type precinctCounts struct{ registered, voters, blank, null, blankNull int64 }

// absent is a count that a source does not have.
const absent = -1

// uncounted are the counts of a source that has none.
var uncounted = precinctCounts{absent, absent, absent, absent, absent}

// resultRows appends rows of engine.KindResults.
type resultRows struct {
	lines, registered, voters, blank, null, blankNull, votes *array.Int64Builder
	rounds                                                   *array.Int32Builder
	communes, stations, codes, elections, dates              texts
	choices, names, families                                 texts
}

func newResultRows(d decoding) *resultRows {
	return &resultRows{
		lines: d.out.ints("line"), registered: d.out.ints("registered"), voters: d.out.ints("voters"), blank: d.out.ints("blank"),
		null: d.out.ints("null"), blankNull: d.out.ints("blank_null"), votes: d.out.ints("votes"), rounds: d.out.int32s("round"),
		communes: d.out.texts("commune"), stations: d.out.texts("station"), codes: d.out.texts("code"), elections: d.out.texts("election"),
		dates: d.out.texts("date"), choices: d.out.texts("choice"), names: d.out.texts("choice_name"), families: d.out.texts("family"),
	}
}

func (r *resultRows) append(line int64, row result) {
	r.lines.Append(line)
	r.communes.append(row.commune)
	r.stations.append(row.station)
	r.codes.append(row.code)
	r.elections.append(row.election)
	r.dates.appendOptional(row.date)
	r.rounds.Append(row.round)
	appendCount(r.registered, row.counts.registered)
	appendCount(r.voters, row.counts.voters)
	appendCount(r.blank, row.counts.blank)
	appendCount(r.null, row.counts.null)
	appendCount(r.blankNull, row.counts.blankNull)
	r.choices.append(row.choice)
	r.names.append(row.name)
	r.families.appendOptional(row.family)
	r.votes.Append(row.votes)
}

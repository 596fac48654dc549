package datasets

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var ministry2014 = Dataset{
	Name:        "ministry-2014",
	Kind:        engine.KindResults,
	Country:     "fr",
	Title:       "Results by polling station of France until 2014, as the Ministry publishes them: no header, both rounds in a file",
	Publisher:   "Ministère de l'Intérieur",
	Licence:     "etalab-2.0",
	Attribution: "Ministère de l'Intérieur",
	Address:     "https://www.data.gouv.fr/fr/pages/donnees-des-elections/",
	decode:      decodeMinistry2014,
}

// The fields of the family of files, by how many there are. Those of parliament have constituency and canton after the commune.
var fieldsOf2014 = map[int][]string{
	13: {"round", "department", "commune", "commune_name", "station", "registered", "voters", "valid", "number", "name", "first_name", "family", "votes"},
	15: {"round", "department", "commune", "commune_name", "constituency", "canton", "station", "registered", "voters", "valid", "number", "name", "first_name", "family", "votes"},
}

// decodeMinistry2014 reads a row for each station and candidate, below a block of comments. Blank and null votes are one figure,
// which the file does not give: voters less valid votes.
func decodeMinistry2014(file *format.File, d decoding) (records, takeRecord, error) {
	width := widthBelowComments(file.Head(), "--")
	fields, ok := fieldsOf2014[width]
	if !ok {
		return nil, nil, fmt.Errorf("%s: rows have %d fields, and 13 or 15 are due (round; department; commune; name; [constituency; canton;] station; ...; votes): check that this is the file of the dataset named, and not another's",
			file.Name(), width)
	}
	d.report.Layout = fmt.Sprintf("of 2014 and before: %d fields without a header", width)
	table, err := format.NewShapedTable(file, format.TableShape{Columns: fields, Comment: "--"})
	if err != nil {
		return nil, nil, err
	}
	at := map[string]int{}
	for _, name := range []string{"round", "department", "commune", "station", "registered", "voters", "valid", "name", "first_name", "family", "votes"} {
		found, err := table.Columns(format.Column{Names: []string{name}})
		if err != nil {
			return nil, nil, err
		}
		at[name] = found[0]
	}
	round, department, commune, station := at["round"], at["department"], at["commune"], at["station"]
	registered, voters, valid, votesAt := at["registered"], at["voters"], at["valid"], at["votes"]
	name, firstName, family := at["name"], at["first_name"], at["family"]
	rounds, out := newRoundChooser(d), newResultRows(d)
	choices, stations := frenchChoices{known: map[string]ballotChoice{}}, map[string]stationText{}
	contest := contestOf(d)
	var scratch []byte
	return table, func(line int64) (string, error) {
		n, wanted, ok := rounds.asks(table.Field(round))
		switch {
		case !ok:
			return "the round is not one", nil
		case !wanted:
			d.report.Pass(line, "of another round")
			return "", nil
		}
		scratch = append(append(append(append(append(scratch[:0], table.Field(department)...), 0), table.Field(commune)...), 0), table.Field(station)...)
		place, known := stations[string(scratch)]
		if !known {
			place = ministryStation(string(table.Field(department)), string(table.Field(commune)), string(table.Field(station)))
			remember(stations, scratch, place)
		}
		if place.reason != "" {
			return place.reason, nil
		}
		choice := choices.get(frenchChoice{name: table.Field(name), firstName: table.Field(firstName), nuance: table.Field(family)})
		if choice.reason != "" {
			return "", errors.New(choice.reason + ": correct the row, or download the file again")
		}
		var counts [4]int64
		for i, column := range [4]int{registered, voters, valid, votesAt} {
			value, given, err := format.Whole(table.Field(column))
			if !given || err != nil {
				return "", badCount([4]string{"registered voters", "voters", "valid votes", "votes"}[i], given, err)
			}
			counts[i] = value
		}
		row := contest
		row.round = int32(n)
		row.commune, row.station, row.code = place.commune, place.station, place.code
		row.counts = precinctCounts{counts[0], counts[1], absent, absent, absent}
		if counts[1] >= counts[2] {
			row.counts.blankNull = counts[1] - counts[2]
		}
		row.choice, row.name, row.family, row.votes = choice.id, choice.name, table.Field(family), counts[3]
		out.append(line, row)
		return "", nil
	}, nil
}

// widthBelowComments is how many fields the first row has that is no comment; 0 without one.
func widthBelowComments(head []byte, comment string) int {
	for _, line := range bytes.Split(head, []byte{'\n'}) {
		line = bytes.TrimRight(bytes.TrimSpace(bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))), "\r")
		if len(line) == 0 || bytes.HasPrefix(line, []byte(comment)) {
			continue
		}
		fields := bytes.Count(line, []byte{';'}) + 1
		if line[len(line)-1] == ';' {
			fields--
		}
		return fields
	}
	return 0
}

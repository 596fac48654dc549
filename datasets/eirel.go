package datasets

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var eirel = Dataset{
	Name:        "eirel",
	Kind:        engine.KindResults,
	Country:     "fr",
	Title:       "Results by polling station as town halls upload them to the Ministry (EIREL): no header, lists by number",
	Publisher:   "the commune",
	Licence:     "see-publisher",
	Attribution: "the commune's results",
	Address:     "https://www.data.gouv.fr/fr/pages/donnees-des-elections/",
	decode:      decodeEIREL,
}

// The fields before the pairs of a list's number and its votes.
const (
	eirelRow = iota
	eirelElection
	eirelYear
	eirelRound
	eirelDepartment
	eirelCommune
	eirelStation
	eirelMark // I
	eirelRegistered
	eirelAbstentions
	eirelVoters
	eirelSigned
	eirelBlank
	eirelNull
	eirelValid
	eirelLists
	eirelFields
)

// decodeEIREL reads rows of a station. A list is its number on the ballot paper: its name is not in the file.
func decodeEIREL(file *format.File, d decoding) (records, takeRecord, error) {
	names := make([]string, eirelFields)
	for i := range names {
		names[i] = "field " + strconv.Itoa(i+1)
	}
	table, err := format.NewShapedTable(file, format.TableShape{Columns: names, Ragged: true})
	if err != nil {
		return nil, nil, err
	}
	if width := widthBelowComments(file.Head(), "\x00"); width < eirelFields+2 || (width-eirelFields)%2 != 0 {
		return nil, nil, fmt.Errorf("%s: rows have %d fields, and 16 with a pair for each list are due: check that this is the file of the dataset named, and not another's", file.Name(), width)
	}
	d.report.Layout = "town-hall upload: no header, lists by number"
	rounds, out, contest := newRoundChooser(d), newResultRows(d), contestOf(d)
	return &eirelRows{table}, func(line int64) (string, error) {
		n, wanted, ok := rounds.asks(table.Field(eirelRound))
		switch {
		case !ok || string(table.Field(eirelMark)) != "I":
			return "the row is not one of a station", nil
		case !wanted:
			d.report.Pass(line, "of another round")
			return "", nil
		}
		place := ministryStation(string(table.Field(eirelDepartment)), string(table.Field(eirelCommune)), string(table.Field(eirelStation)))
		if place.reason != "" {
			return place.reason, nil
		}
		row := contest
		row.round = int32(n)
		if len(row.election) == 0 {
			row.election = fmt.Appendf(nil, "%s %s", table.Field(eirelElection), table.Field(eirelYear))
		}
		row.commune, row.station, row.code, row.counts = place.commune, place.station, place.code, uncounted
		for _, c := range []struct {
			column int
			count  *int64
			what   string
		}{
			{eirelRegistered, &row.counts.registered, "registered voters"}, {eirelVoters, &row.counts.voters, "voters"},
			{eirelBlank, &row.counts.blank, "blank votes"}, {eirelNull, &row.counts.null, "null votes"},
		} {
			value, given, err := format.Whole(table.Field(c.column))
			if !given || err != nil {
				return "", badCount(c.what, given, err)
			}
			*c.count = value
		}
		lists, given, err := format.Whole(table.Field(eirelLists))
		width := table.Width()
		for width > eirelFields && len(table.Field(width-1)) == 0 {
			width--
		}
		switch pairs := int64(width-eirelFields) / 2; {
		case !given || err != nil || lists > pairs:
			return "", errors.New("the number of lists: there are fewer: correct the count, or download the file again")
		case lists < int64(width-eirelFields+1)/2:
			return "", errors.New("the number of lists: there are more: correct the count, or download the file again")
		}
		for i := range int(lists) {
			number, given, err := format.Whole(table.Field(eirelFields + 2*i))
			if !given || err != nil {
				return "", badCount("the number of a list", given, err)
			}
			votes, given, err := format.Whole(table.Field(eirelFields + 2*i + 1))
			if !given || err != nil {
				return "", badCount("votes", given, err)
			}
			row.choice, row.name, row.votes = fmt.Appendf(nil, "liste_%d", number), fmt.Appendf(nil, "Liste %d", number), votes
			out.append(line, row)
		}
		return "", nil
	}, nil
}

// eirelRows has no columns whose names say anything.
type eirelRows struct{ *format.Table }

// Unread is empty: all that is not read is a sum of what is.
func (e *eirelRows) Unread() []string { return nil }

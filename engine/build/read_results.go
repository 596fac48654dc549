package build

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/arpent/arpent/engine"
)

// takeResults groups the rows of a contest by precinct. Rows of one precinct need not follow one another.
func (r *reader) takeResults(in engine.Input, file int32, rows engine.Rows) error {
	if n := len(r.contests); n == 0 || r.contests[n-1].file != file {
		r.contests = append(r.contests, contestRows{
			spec: in.Spec, file: file, provisional: noPlace, index: map[engine.PrecinctKey]int{}, choices: map[string]choiceRow{},
		})
	}
	c := &r.contests[len(r.contests)-1]
	lines, communes, stations, codes := rows.Ints("line"), rows.Texts("commune"), rows.Texts("station"), rows.Texts("code")
	elections, dates, rounds := rows.Texts("election"), rows.Texts("date"), rows.Int32s("round")
	registered, voters, blank := rows.Ints("registered"), rows.Ints("voters"), rows.Ints("blank")
	null, blankNull := rows.Ints("null"), rows.Ints("blank_null")
	choices, names, families, votes := rows.Texts("choice"), rows.Texts("choice_name"), rows.Texts("family"), rows.Ints("votes")
	for i := range rows.Len() {
		line := lines.Value(i)
		if !r.inScope(in, communes.Value(i)) {
			r.pass(file, line, passCommune)
			continue
		}
		if c.election == "" {
			c.election, c.round = r.texts.keep(elections.Value(i)), rounds.Value(i)
		}
		if elections.Value(i) != c.election || rounds.Value(i) != c.round {
			return fmt.Errorf("build: %s: contest %s is %s, round %d, and this row is of %s, round %d: give each election and each round a file and a contest of its own",
				r.row(fileRow{file, line}), in.Spec.Contest, c.election, c.round, elections.Value(i), rounds.Value(i))
		}
		if c.date == "" && !dates.IsNull(i) {
			c.date = r.texts.keep(dates.Value(i))
		}
		row := stationRow{
			key:        r.key(communes.Value(i), stations.Value(i)),
			code:       r.texts.keep(codes.Value(i)),
			line:       line,
			registered: orAbsent(registered, i),
			voters:     orAbsent(voters, i), blank: orAbsent(blank, i), null: orAbsent(null, i), blankNull: orAbsent(blankNull, i),
		}
		at, ok := c.index[row.key]
		if !ok {
			at = len(c.stations)
			c.index[row.key] = at
			c.stations = append(c.stations, row)
		}
		station := &c.stations[at]
		if station.registered != row.registered || station.voters != row.voters || station.blank != row.blank || station.null != row.null || station.blankNull != row.blankNull {
			return fmt.Errorf("build: %s: precinct %s has other registered voters, voters, blank or null than on %s %d: correct the one that is wrong", r.row(fileRow{file, line}), row.code, r.files[file].report.Word(), station.line)
		}
		choice := r.texts.keep(choices.Value(i))
		for _, v := range station.votes {
			if v.choice == choice {
				return r.twice("precinct "+row.code+", choice", choice, fileRow{file, v.line}, fileRow{file, line})
			}
		}
		station.votes = append(station.votes, choiceVotes{choice, votes.Value(i), line})
		if known := c.choices[choice]; known.name == "" {
			known.name = r.texts.keep(names.Value(i))
			if !families.IsNull(i) {
				known.family = r.texts.keep(families.Value(i))
			}
			c.choices[choice] = known
		}
	}
	return nil
}

func orAbsent(column *array.Int64, i int) int64 {
	if column.IsNull(i) {
		return -1
	}
	return column.Value(i)
}

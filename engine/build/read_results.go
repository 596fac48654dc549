package build

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/arpent/arpent/engine"
)

// takeResults groups the rows of a contest by precinct. Rows of one precinct need not follow one another.
func (r *reader) takeResults(in engine.Input, report *engine.FileReport, rows engine.Rows) error {
	if n := len(r.contests); n == 0 || r.contests[n-1].spec.Contest != in.Spec.Contest {
		r.contests = append(r.contests, contestRows{
			spec: in.Spec, report: report, index: map[engine.PrecinctKey]int{}, choices: map[string]choiceRow{},
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
		if c.election == "" {
			c.election, c.round = r.texts.keep(elections.Value(i)), rounds.Value(i)
		}
		if c.date == "" && !dates.IsNull(i) {
			c.date = r.texts.keep(dates.Value(i))
		}
		row := stationRow{
			key:        engine.PrecinctKey{Commune: r.texts.keep(communes.Value(i)), Station: r.texts.keep(stations.Value(i))},
			code:       r.texts.keep(codes.Value(i)),
			line:       line,
			registered: registered.Value(i),
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
			return fmt.Errorf("build: %s line %d: precinct %s has other registered voters, voters, blank or null than on line %d: correct the one that is wrong", in.Path, line, row.code, station.line)
		}
		choice := r.texts.keep(choices.Value(i))
		for _, v := range station.votes {
			if v.choice == choice {
				return twice(in, "precinct "+row.code+", choice", choice, v.line, line)
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

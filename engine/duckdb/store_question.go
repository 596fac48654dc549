//go:build duckdb_arrow

package duckdb

import (
	"fmt"
	"strings"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// A statement is SQL and the values that are bound to it. Numbers may stand in the SQL; a text of somebody else never does.
type statement struct {
	sql  string
	args []any
}

// bind takes a value and gives what stands for it in the SQL.
func (s *statement) bind(value any) string {
	s.args = append(s.args, value)
	return fmt.Sprintf("$%d", len(s.args))
}

// among is the condition that a column has one of the values, true where there are none. kind is their type in DuckDB.
func among[T any](s *statement, column, kind string, values []T) string {
	if len(values) == 0 {
		return "true"
	}
	return fmt.Sprintf("%s IN (SELECT unnest(%s::%s[]))", column, s.bind(values), kind)
}

// rollupColumns are the columns of the answer to a question, after those it is grouped by.
var rollupColumns = []column[engine.RollupRow]{
	{"sum(attempts)", "BIGINT", func(r *engine.RollupRow) any { return &r.Attempts }},
	{"sum(contacts)", "BIGINT", func(r *engine.RollupRow) any { return &r.Contacts }},
	{"sum(refusals)", "BIGINT", func(r *engine.RollupRow) any { return &r.Refusals }},
	{"sum(not_home)", "BIGINT", func(r *engine.RollupRow) any { return &r.NotHome }},
	{"count(*) FILTER (door IS NOT NULL AND attempts > 0)", "BIGINT", func(r *engine.RollupRow) any { return &r.Doors }},
	{"sum(answers)", "BIGINT", func(r *engine.RollupRow) any { return &r.Answers }},
	{"count(*) FILTER (door IS NOT NULL AND answers > 0)", "BIGINT", func(r *engine.RollupRow) any { return &r.Households }},
	{"sum(support0)", "BIGINT", func(r *engine.RollupRow) any { return &r.Support[0] }},
	{"sum(support1)", "BIGINT", func(r *engine.RollupRow) any { return &r.Support[1] }},
	{"sum(support2)", "BIGINT", func(r *engine.RollupRow) any { return &r.Support[2] }},
	{"sum(support3)", "BIGINT", func(r *engine.RollupRow) any { return &r.Support[3] }},
	{"sum(support4)", "BIGINT", func(r *engine.RollupRow) any { return &r.Support[4] }},
	{"sum(actions)", "BIGINT", func(r *engine.RollupRow) any { return &r.Actions }},
	{"sum(material)", "BIGINT", func(r *engine.RollupRow) any { return &r.Material }},
}

// perDoor counts the entries of one door in one group. Different doors are then rows that are counted, which is twice as fast as
// counting distinct ones two times.
const perDoor = `
	count(*) FILTER (attempt) AS attempts,
	count(*) FILTER (attempt AND result = 'contact') AS contacts,
	count(*) FILTER (attempt AND result = 'refused') AS refusals,
	count(*) FILTER (attempt AND result = 'not_home') AS not_home,
	count(*) FILTER (answer) AS answers,
	count(*) FILTER (answer AND support = -2) AS support0,
	count(*) FILTER (answer AND support = -1) AS support1,
	count(*) FILTER (answer AND support = 0) AS support2,
	count(*) FILTER (answer AND support = 1) AS support3,
	count(*) FILTER (answer AND support = 2) AS support4,
	count(*) FILTER (kind = 'action') AS actions,
	coalesce(sum("count") FILTER (kind = 'action'), 0) AS material`

// A grouping is what a dimension groups by: an expression over an entry, and where it goes.
func grouping(by engine.Dimension, resolution int) column[engine.RollupRow] {
	switch by {
	case engine.ByCell:
		return column[engine.RollupRow]{parentCell(resolution), "BIGINT", func(r *engine.RollupRow) any { return &r.Cell }}
	case engine.BySegment:
		return column[engine.RollupRow]{"segment", "BIGINT", func(r *engine.RollupRow) any { return &r.Segment }}
	case engine.ByPrecinct:
		return column[engine.RollupRow]{"precinct", "BIGINT", func(r *engine.RollupRow) any { return &r.Precinct }}
	case engine.ByDay:
		return column[engine.RollupRow]{"day", "INTEGER", func(r *engine.RollupRow) any { return &r.Day }}
	default: // the question was checked
		return column[engine.RollupRow]{"team", "VARCHAR", func(r *engine.RollupRow) any { return &r.Team }}
	}
}

// parentCell is geo.Cell.Parent in SQL, for the cells of entries, all finer than what is asked for.
func parentCell(resolution int) string {
	const anyResolution = int64(0xf) << 52
	child := int64(1)<<(3*(geo.MaxCellResolution-resolution)) - 1
	return fmt.Sprintf("CASE WHEN cell = 0 THEN 0 ELSE (cell & %d) | %d END", ^anyResolution, int64(resolution)<<52|child)
}

// rollupStatement asks DuckDB a question that was checked, and says what the columns of the answer are.
func rollupStatement(q *engine.Question) (statement, []column[engine.RollupRow]) {
	var s statement
	var answer []column[engine.RollupRow]
	var inner, outer []string
	for i, by := range q.By {
		g := grouping(by, q.Resolution)
		answer = append(answer, g)
		inner = append(inner, fmt.Sprintf("%s AS g%d", g.name, i))
		outer = append(outer, fmt.Sprintf("g%d", i))
	}
	answer = append(answer, rollupColumns...)

	groups := strings.Join(outer, ", ")
	selected := append([]string{}, outer...)
	for _, c := range rollupColumns {
		selected = append(selected, fmt.Sprintf("(%s)::%s", c.name, c.kind))
	}
	s.sql = `WITH latest AS (
			SELECT position, arg_max(effect, settled_at) AS effect FROM log.settlements GROUP BY position
		), counted AS (
			SELECT ` + strings.Join(append(inner, "door, kind, result, support", `"count"`), ", ") + `,
				kind = 'attempt' AS attempt,
				kind = 'attempt' AND support <> ` + fmt.Sprint(engine.NotSaid) + ` AND coalesce(effect, 'counts') = 'counts' AS answer
			FROM log.entries LEFT JOIN latest USING (position)
			WHERE position <= (SELECT settled_to FROM log.state) AND coalesce(effect, 'counts') <> 'nothing' AND ` + asked(&s, q) + `
		), doors AS (
			SELECT ` + strings.Join(append(append([]string{}, outer...), "door"), ", ") + "," + perDoor + `
			FROM counted GROUP BY ALL
		)
		SELECT ` + strings.Join(selected, ", ") + " FROM doors"
	if groups != "" {
		s.sql += " GROUP BY " + groups + " ORDER BY " + groups
	} else {
		s.sql += " HAVING count(*) > 0"
	}
	return s, answer
}

// asked is the condition of the entries that a question is about.
func asked(s *statement, q *engine.Question) string {
	conditions := []string{
		"campaign = " + s.bind(q.Campaign),
		among(s, "segment", "BIGINT", q.Segments),
		among(s, "precinct", "BIGINT", q.Precincts),
		among(s, "team", "VARCHAR", q.Teams),
	}
	if q.Cell != 0 {
		// The entries' cells are of two resolutions, and the descendants of a cell are one range in each.
		lo11, hi11 := geo.Cell(q.Cell).Range(11)
		lo12, hi12 := geo.Cell(q.Cell).Range(12)
		conditions = append(conditions, fmt.Sprintf("(cell BETWEEN %d AND %d OR cell BETWEEN %d AND %d)", lo11, hi11, lo12, hi12))
	}
	if q.FromDay != 0 {
		conditions = append(conditions, fmt.Sprintf("day >= %d", q.FromDay))
	}
	if q.ToDay != 0 {
		conditions = append(conditions, fmt.Sprintf("day <= %d", q.ToDay))
	}
	return strings.Join(conditions, " AND ")
}

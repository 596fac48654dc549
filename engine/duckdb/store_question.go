//go:build duckdb_arrow

package duckdb

import (
	"fmt"
	"maps"
	"math"
	"slices"
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

// rollupColumns are what is counted of a group, over the entries that count.
var rollupColumns = []column[engine.RollupRow]{
	{"count(*) FILTER (attempt)", "BIGINT", func(r *engine.RollupRow) any { return &r.Attempts }},
	{"count(*) FILTER (attempt AND result = 'contact')", "BIGINT", func(r *engine.RollupRow) any { return &r.Contacts }},
	{"count(*) FILTER (attempt AND result = 'refused')", "BIGINT", func(r *engine.RollupRow) any { return &r.Refusals }},
	{"count(*) FILTER (attempt AND result = 'not_home')", "BIGINT", func(r *engine.RollupRow) any { return &r.NotHome }},
	{"count(DISTINCT door) FILTER (attempt)", "BIGINT", func(r *engine.RollupRow) any { return &r.Doors }},
	{"count(*) FILTER (kind = 'action')", "BIGINT", func(r *engine.RollupRow) any { return &r.Actions }},
	{`coalesce(sum("count") FILTER (kind = 'action'), 0)`, "BIGINT", func(r *engine.RollupRow) any { return &r.Material }},
}

// answerColumns are what is counted of the attempts whose answer counts.
var answerColumns = []column[engine.RollupRow]{
	{"count(*) FILTER (answer)", "BIGINT", func(r *engine.RollupRow) any { return &r.Answers }},
	{"count(DISTINCT door) FILTER (answer)", "BIGINT", func(r *engine.RollupRow) any { return &r.Households }},
	{"count(*) FILTER (answer AND support = -2)", "BIGINT", func(r *engine.RollupRow) any { return &r.Support[0] }},
	{"count(*) FILTER (answer AND support = -1)", "BIGINT", func(r *engine.RollupRow) any { return &r.Support[1] }},
	{"count(*) FILTER (answer AND support = 0)", "BIGINT", func(r *engine.RollupRow) any { return &r.Support[2] }},
	{"count(*) FILTER (answer AND support = 1)", "BIGINT", func(r *engine.RollupRow) any { return &r.Support[3] }},
	{"count(*) FILTER (answer AND support = 2)", "BIGINT", func(r *engine.RollupRow) any { return &r.Support[4] }},
}

// grouping is what a dimension groups by: an expression over an entry, and where it goes.
func grouping(by engine.Dimension, resolution int) column[engine.RollupRow] {
	switch by {
	case engine.ByCell:
		return column[engine.RollupRow]{parentCell(resolution), "BIGINT", func(r *engine.RollupRow) any { return &r.Cell }}
	case engine.BySegment:
		return column[engine.RollupRow]{"street", "BIGINT", func(r *engine.RollupRow) any { return &r.Segment }}
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
	var groupings, groups, selected []string
	var columns []column[engine.RollupRow]
	for i, by := range q.By {
		g := grouping(by, q.Resolution)
		columns = append(columns, g)
		groups = append(groups, fmt.Sprintf("g%d", i))
		groupings = append(groupings, fmt.Sprintf("%s AS g%d, ", g.name, i))
	}
	selected = append(selected, groups...)
	counted := rollupColumns
	if q.Answers {
		counted = slices.Concat(counted, answerColumns)
	}
	for _, c := range counted {
		columns = append(columns, c)
		selected = append(selected, fmt.Sprintf("(%s)::%s", c.name, c.kind))
	}
	to := int64(math.MaxInt64)
	if q.To != 0 {
		to = q.To
	}
	s.sql = fmt.Sprintf(`WITH latest AS (
			SELECT position, arg_max(effect, settled_at) AS effect FROM log.settlements WHERE settled_at <= %d GROUP BY position
		), counted AS (
			SELECT %s kind, result, support, door, "count",
				kind = 'attempt' AS attempt,
				kind = 'attempt' AND support <> %d AND coalesce(effect, 'counts') = 'counts' AS answer
			FROM %s LEFT JOIN latest USING (position)
			WHERE position <= (SELECT least(settled_to, %d) FROM log.state) AND coalesce(effect, 'counts') <> 'nothing' AND %s
		)
		SELECT %s FROM counted`, to, strings.Join(groupings, ""), engine.NotSaid, entriesByStreet(&s, q), to, asked(&s, q), strings.Join(selected, ", "))
	if len(groups) == 0 {
		s.sql += " HAVING count(*) > 0"
	} else {
		s.sql += " GROUP BY " + strings.Join(groups, ", ") + " ORDER BY " + strings.Join(groups, ", ")
	}
	return s, columns
}

// entriesByStreet is the log with one column more: the segment that the question counts an entry under.
func entriesByStreet(s *statement, q *engine.Question) string {
	if len(q.Joined) == 0 || len(q.Segments) == 0 && !slices.Contains(q.By, engine.BySegment) {
		return "(SELECT *, segment AS street FROM log.entries)"
	}
	joined := slices.Sorted(maps.Keys(q.Joined))
	under := make([]int64, len(joined))
	for i, id := range joined {
		under[i] = q.Joined[id]
	}
	return fmt.Sprintf(`(SELECT entries.*, coalesce(under, segment) AS street FROM log.entries
				LEFT JOIN (SELECT unnest(%s::BIGINT[]) AS joined, unnest(%s::BIGINT[]) AS under) ON segment = joined)`, s.bind(joined), s.bind(under))
}

// asked is the condition of the entries that a question is about.
func asked(s *statement, q *engine.Question) string {
	conditions := []string{
		"campaign = " + s.bind(q.Campaign),
		among(s, "street", "BIGINT", q.Segments),
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

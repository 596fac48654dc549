package clickhouse

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// A counted is a column of a roll-up: its SQL, and where its value goes.
type counted struct {
	sql   string
	field func(*engine.RollupRow) any
}

// Whether an entry is an attempt, and whether its answer counts.
const (
	isAttempt = "kind = 'attempt'"
	isAction  = "kind = 'action'"
	noDoor    = "toUUID('00000000-0000-0000-0000-000000000000')"
)

var isAnswer = fmt.Sprintf("kind = 'attempt' AND support <> %d AND holds IN ('', 'counts')", engine.NotSaid)

// rollupColumns are what is counted of a group, over the entries that count. Different doors are told apart exactly.
var rollupColumns = []counted{
	{"countIf(" + isAttempt + ")", func(r *engine.RollupRow) any { return &r.Attempts }},
	{"countIf(" + isAttempt + " AND result = 'contact')", func(r *engine.RollupRow) any { return &r.Contacts }},
	{"countIf(" + isAttempt + " AND result = 'refused')", func(r *engine.RollupRow) any { return &r.Refusals }},
	{"countIf(" + isAttempt + " AND result = 'not_home')", func(r *engine.RollupRow) any { return &r.NotHome }},
	{"uniqExactIf(door, " + isAttempt + " AND door <> " + noDoor + ")", func(r *engine.RollupRow) any { return &r.Doors }},
	{"countIf(" + isAction + ")", func(r *engine.RollupRow) any { return &r.Actions }},
	{"sumIf(toInt64(`count`), " + isAction + ")", func(r *engine.RollupRow) any { return &r.Material }},
}

// answerColumns are what is counted of the attempts whose answer counts.
func answerColumns() []counted {
	columns := []counted{
		{"countIf(" + isAnswer + ")", func(r *engine.RollupRow) any { return &r.Answers }},
		{"uniqExactIf(door, " + isAnswer + " AND door <> " + noDoor + ")", func(r *engine.RollupRow) any { return &r.Households }},
	}
	for i := range 5 {
		columns = append(columns, counted{fmt.Sprintf("countIf(%s AND support = %d)", isAnswer, i-2), func(r *engine.RollupRow) any { return &r.Support[i] }})
	}
	return columns
}

// grouping is what a roll-up is grouped by, with the type that the row has it in.
func grouping(q *engine.Question, by engine.Dimension) counted {
	switch by {
	case engine.ByCell:
		return counted{parentCell(q.Resolution), func(r *engine.RollupRow) any { return &r.Cell }}
	case engine.BySegment:
		return counted{street(q), func(r *engine.RollupRow) any { return &r.Segment }}
	case engine.ByPrecinct:
		return counted{"precinct", func(r *engine.RollupRow) any { return &r.Precinct }}
	case engine.ByDay:
		return counted{"day", func(r *engine.RollupRow) any { return &r.Day }}
	default: // the question was checked
		return counted{"team", func(r *engine.RollupRow) any { return &r.Team }}
	}
}

// parentCell is geo.Cell.Parent in SQL, for the cells of entries, all finer than what is asked for.
func parentCell(resolution int) string {
	const anyResolution = int64(0xf) << 52
	finer := int64(1)<<(3*(geo.MaxCellResolution-resolution)) - 1
	return fmt.Sprintf("if(cell = 0, 0, bitOr(bitAnd(cell, %d), %d))", ^anyResolution, int64(resolution)<<52|finer)
}

// street is the segment that a question counts an entry under.
func street(q *engine.Question) string {
	if len(q.Joined) == 0 {
		return "segment"
	}
	joined := slices.Sorted(maps.Keys(q.Joined))
	under := make([]int64, len(joined))
	for i, id := range joined {
		under[i] = q.Joined[id]
	}
	// The casts keep short lists of small numbers from being of a smaller type than the segment.
	return fmt.Sprintf("transform(segment, CAST([%s], 'Array(Int64)'), CAST([%s], 'Array(Int64)'), segment)", numbers(joined), numbers(under))
}

// rollupQuery asks a question that was checked of a state of the log, and says what the columns of the answer are.
func (o *options) rollupQuery(now *state, question *engine.Question) (query, []counted) {
	// Otherwise each shard sends the doors of each group, so that no door is counted on two.
	q := query{apart: slices.Contains(question.By, engine.ByCell) && question.Resolution >= shardResolution}
	var columns []counted
	var selected, groups []string
	for i, by := range question.By {
		g := grouping(question, by)
		columns = append(columns, g)
		selected = append(selected, fmt.Sprintf("%s AS g%d", g.sql, i))
		groups = append(groups, fmt.Sprintf("g%d", i))
	}
	counts := rollupColumns
	if question.Answers {
		counts = slices.Concat(counts, answerColumns())
	}
	for _, c := range counts {
		columns = append(columns, c)
		selected = append(selected, "toInt64("+c.sql+")")
	}
	to := now.SettledTo
	if question.To != 0 {
		to = min(to, question.To)
	}
	campaign := q.bind(question.Campaign)
	settled := "campaign = " + campaign
	if question.To != 0 {
		settled += fmt.Sprintf(" AND (settled_at <= %d OR settled_at = %d)", question.To, int64(erasedAt))
	}
	q.sql = fmt.Sprintf("SELECT %s FROM %s AS entries LEFT JOIN %s USING (position) WHERE %s AND position <= %d AND holds NOT IN ('nothing', '%s') AND %s",
		strings.Join(selected, ", "), o.table("entries"), o.latestSettlements(now, settled), now.visible(), to, erased, asked(&q, campaign, question))
	if len(groups) == 0 {
		q.sql += " HAVING count() > 0"
	} else {
		q.sql += " GROUP BY " + strings.Join(groups, ", ") + " ORDER BY " + strings.Join(groups, ", ")
	}
	return q, columns
}

// latestSettlements are the latest settlements of the entries of a shard, on that shard: they lie beside their entries. Where there is none, holds is "" in the join
// and since 0.
func (o *options) latestSettlements(now *state, which string) string {
	return fmt.Sprintf("(SELECT position, argMax(effect, settled_at) AS holds, max(settled_at) AS since FROM %s WHERE %s AND %s GROUP BY position) AS latest",
		o.local("settlements"), now.visible(), which)
}

// asked is the condition of the entries that a question is about.
func asked(q *query, campaign string, question *engine.Question) string {
	conditions := []string{"campaign = " + campaign}
	if len(question.Segments) > 0 {
		conditions = append(conditions, fmt.Sprintf("%s IN (%s)", street(question), numbers(question.Segments)))
	}
	if len(question.Precincts) > 0 {
		conditions = append(conditions, fmt.Sprintf("precinct IN (%s)", numbers(question.Precincts)))
	}
	if len(question.Teams) > 0 {
		var teams []string
		for _, team := range question.Teams {
			teams = append(teams, q.bind(team))
		}
		conditions = append(conditions, "team IN ("+strings.Join(teams, ", ")+")")
	}
	if question.Cell != 0 {
		// The entries' cells are of two resolutions, and the descendants of a cell are one range in each.
		lo11, hi11 := geo.Cell(question.Cell).Range(11)
		lo12, hi12 := geo.Cell(question.Cell).Range(12)
		conditions = append(conditions, fmt.Sprintf("(cell BETWEEN %d AND %d OR cell BETWEEN %d AND %d)", lo11, hi11, lo12, hi12))
	}
	if question.FromDay != 0 {
		conditions = append(conditions, fmt.Sprintf("day >= %d", question.FromDay))
	}
	if question.ToDay != 0 {
		conditions = append(conditions, fmt.Sprintf("day <= %d", question.ToDay))
	}
	return strings.Join(conditions, " AND ")
}

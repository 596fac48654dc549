package clickhouse

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

var identityNames = []string{"position", "campaign", "id", "replaces", "body", "quarantine"}

// selectedColumns are the columns of an entry that a selection gives.
func selectedColumns(selection *engine.Selection) []engine.EntryColumn {
	columns := engine.EntryColumns()
	if selection.Identities {
		columns = slices.DeleteFunc(columns, func(c engine.EntryColumn) bool { return !slices.Contains(identityNames, c.Name) })
	}
	return columns
}

// replayQuery asks for what is selected in a window of positions, or of revisions: after < x <= to. Beside the columns it gives the effect and when it was
// settled.
func (o *options) replayQuery(now *state, selection *engine.Selection, after, to int64, limit int) (query, []engine.EntryColumn) {
	var q query
	columns := selectedColumns(selection)
	var names []string
	for _, c := range columns {
		names = append(names, quoted(c.Name))
	}
	campaign := q.bind(selection.Campaign)
	window := func(column string) string { return fmt.Sprintf("%s > %d AND %s <= %d", column, after, column, to) }
	settled, order := "campaign = "+campaign, "position"
	inWindow := window("position")
	if selection.Changed {
		// What was settled in the window may lie before it; what lies in it may have been settled later, and is in a later window then.
		changed := fmt.Sprintf("position IN (SELECT position FROM %s WHERE campaign = %s AND %s)", o.local("settlements"), campaign, window("settled_at"))
		settled += fmt.Sprintf(" AND (%s OR %s)", inWindow, changed)
		order = "greatest(position, since)"
		inWindow = fmt.Sprintf("(%s OR %s) AND %s", inWindow, changed, window(order))
		order += ", position"
	} else {
		settled += " AND " + inWindow
	}
	q.sql = fmt.Sprintf("SELECT %s, holds, since FROM %s AS entries LEFT JOIN %s USING (position) WHERE campaign = %s AND %s AND %s AND holds <> '%s' AND %s ORDER BY %s",
		strings.Join(names, ", "), o.table("entries"), o.latestSettlements(now, settled), campaign, now.visible(), inWindow, erased, selected(&q, selection), order)
	if limit > 0 {
		q.sql += fmt.Sprintf(" LIMIT %d", limit)
	}
	return q, columns
}

// selected is the condition that an entry is selected, but for its campaign and its position in the log.
func selected(q *query, selection *engine.Selection) string {
	conditions := []string{"1"}
	number := func(column string, value int64) {
		if value != 0 {
			conditions = append(conditions, fmt.Sprintf("%s = %d", column, value))
		}
	}
	number("precinct", selection.Precinct)
	number("segment", selection.Segment)
	number("day", int64(selection.Day))
	private := func(column string, value uuid.UUID) {
		if value != uuid.Nil {
			q.private = true
			conditions = append(conditions, fmt.Sprintf("%s = '%s'", column, value))
		}
	}
	private("door", uuid.UUID(selection.Door))
	private("canvasser", uuid.UUID(selection.Canvasser))
	if len(selection.IDs) > 0 {
		q.private = true
		named := []string{}
		for _, id := range selection.IDs {
			if id != uuid.Nil { // what replaces nothing is not named by it
				named = append(named, "'"+id.String()+"'")
			}
		}
		if len(named) == 0 {
			conditions = append(conditions, "0")
		} else {
			list := strings.Join(named, ", ")
			conditions = append(conditions, fmt.Sprintf("(id IN (%s) OR replaces IN (%s))", list, list))
		}
	}
	if len(selection.Positions) > 0 {
		conditions = append(conditions, fmt.Sprintf("position IN (%s)", numbers(selection.Positions)))
	}
	if !selection.Expired.IsZero() {
		conditions = append(conditions, fmt.Sprintf("expires <= fromUnixTimestamp64Micro(%d, 'UTC')", selection.Expired.UnixMicro()))
	}
	if selection.Quarantined {
		conditions = append(conditions, "quarantine <> ''")
	}
	return strings.Join(conditions, " AND ")
}

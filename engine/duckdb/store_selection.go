//go:build duckdb_arrow

package duckdb

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

var identityNames = []string{"position", "campaign", "id", "replaces", "body", "quarantine"}

// selectedColumns are the columns of an entry that a selection gives.
func selectedColumns(s *engine.Selection) []column[engine.Kept] {
	var all []column[engine.Kept]
	for _, c := range entryColumns {
		if s.Identities && !slices.Contains(identityNames, c.name) {
			continue
		}
		all = append(all, column[engine.Kept]{c.name, c.kind, func(k *engine.Kept) any { return c.field(&k.Entry) }})
	}
	return all
}

// A window is a range of positions, or of revisions, that is read at once: after < x <= to.
type window struct{ after, to int64 }

// windowSize bounds what of a log is in memory at once, about 50 MB.
const windowSize = 1 << 16

// windows cuts what is selected of a log that has come to last. A selection of few entries is read in one go.
func windows(s *engine.Selection, last int64) []window {
	after, to := max(s.After, 0), last
	if s.To != 0 {
		to = min(to, s.To)
	}
	size := int64(windowSize)
	if len(s.IDs)+len(s.Positions) > 0 || s.Door != (engine.Key{}) || s.Canvasser != (engine.Key{}) {
		size = max(to-after, 1)
	}
	var all []window
	for ; after < to; after += size {
		all = append(all, window{after, min(after+size, to)})
	}
	return all
}

// selectStatement asks for the entries of a window that are selected and, where it is one of revisions, for those that were settled in it.
func selectStatement(sel *engine.Selection, w window) statement {
	var s statement
	conditions := selected(&s, sel)
	var names []string
	for _, c := range selectedColumns(sel) {
		names = append(names, fmt.Sprintf("%q", c.name))
	}
	entries := "SELECT " + strings.Join(names, ", ") + " FROM log.entries WHERE " + conditions
	s.sql = fmt.Sprintf("%s AND position > %d AND position <= %d", entries, w.after, w.to)
	if sel.Changed {
		settled := fmt.Sprintf("SELECT position FROM log.settlements WHERE settled_at > %d AND settled_at <= %d", w.after, w.to)
		s.sql += fmt.Sprintf(" UNION ALL %s AND position <= %d AND %s", entries, w.after, at(settled))
	}
	return s
}

// fewEntries are named one by one when their settlements are looked up; of more, all between the first and the last are read.
const fewEntries = 1_000

// latestStatement asks for the latest settlement of each of the entries, of which there are some.
func latestStatement(entries []engine.Kept) statement {
	var s statement
	positions := make([]int64, len(entries))
	for i := range entries {
		positions[i] = entries[i].Position
	}
	among := fmt.Sprintf("position BETWEEN %d AND %d", slices.Min(positions), slices.Max(positions))
	if len(entries) <= fewEntries {
		among += fmt.Sprintf(" AND position IN (SELECT unnest(%s::BIGINT[]))", s.bind(positions))
	}
	s.sql = "SELECT position, max(settled_at), arg_max(effect, settled_at) FROM log.settlements WHERE " + among + " GROUP BY position"
	return s
}

// at is the condition that an entry is at one of the positions of a query. They are looked for in the one column, and DuckDB then fetches
// the rows by their number: three times as fast as reading all columns for a few entries that are far apart.
func at(positions string) string {
	return "rowid IN (SELECT rowid FROM log.entries WHERE position IN (" + positions + "))"
}

// selected is the condition that an entry is selected, but for its position.
func selected(s *statement, sel *engine.Selection) string {
	conditions := []string{"campaign = " + s.bind(sel.Campaign)}
	if len(sel.Positions) > 0 {
		conditions = append(conditions, at(fmt.Sprintf("SELECT unnest(%s::BIGINT[])", s.bind(sel.Positions))))
	}
	number := func(column string, value int64) {
		if value != 0 {
			conditions = append(conditions, fmt.Sprintf("%s = %d", column, value))
		}
	}
	number("precinct", sel.Precinct)
	number("segment", sel.Segment)
	number("day", int64(sel.Day))
	if len(sel.IDs) > 0 {
		var ids []string
		for _, id := range sel.IDs {
			ids = append(ids, id.String())
		}
		either := fmt.Sprintf("(SELECT unnest(%s::VARCHAR[])::UUID)", s.bind(ids))
		conditions = append(conditions, "(id IN "+either+" OR replaces IN "+either+")")
	}
	if sel.Door != (engine.Key{}) {
		conditions = append(conditions, "door = "+s.bind(uuid.UUID(sel.Door).String())+"::UUID")
	}
	if sel.Canvasser != (engine.Key{}) {
		conditions = append(conditions, "canvasser = "+s.bind(stored(&sel.Canvasser))+"::BLOB")
	}
	if !sel.Expired.IsZero() {
		conditions = append(conditions, "expires <= "+s.bind(sel.Expired.UTC())+"::TIMESTAMP")
	}
	if sel.Quarantined {
		conditions = append(conditions, "quarantine <> ''")
	}
	return strings.Join(conditions, " AND ")
}

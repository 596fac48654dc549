//go:build duckdb_arrow

package duckdb

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// keptColumns are what follows the columns of the entry in an answer to a selection.
var keptColumns = []column[engine.Kept]{
	{"effect", "VARCHAR", func(k *engine.Kept) any { return (*string)(&k.Effect) }},
	{"revision", "BIGINT", func(k *engine.Kept) any { return &k.Revision }},
}

var identityNames = []string{"position", "campaign", "id", "replaces", "body", "quarantine"}

// selectedColumns are the columns of an answer to a selection.
func selectedColumns(s *engine.Selection) []column[engine.Kept] {
	var all []column[engine.Kept]
	for _, c := range entryColumns {
		if s.Identities && !slices.Contains(identityNames, c.name) {
			continue
		}
		all = append(all, column[engine.Kept]{c.name, c.kind, func(k *engine.Kept) any { return c.field(&k.Entry) }})
	}
	return append(all, keptColumns...)
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

// selectStatement asks for the selected entries of a window, in any order. Those after settledTo are not settled.
func selectStatement(sel *engine.Selection, w window, settledTo int64) statement {
	var s statement
	conditions := selected(&s, sel)
	var names []string
	for _, c := range selectedColumns(sel) {
		names = append(names, fmt.Sprintf("%q", c.name))
	}
	entry := strings.Join(names[:len(names)-len(keptColumns)], ", ")

	chosen := fmt.Sprintf("SELECT %s FROM log.entries WHERE position > %d AND position <= %d AND %s", entry, w.after, w.to, conditions)
	within := "true"
	if sel.Changed {
		// A revision in the window is an entry's own position or that of a settlement; one that has a later settlement is in a later window.
		settled := fmt.Sprintf("SELECT position FROM log.settlements WHERE settled_at > %d AND settled_at <= %d", w.after, w.to)
		chosen += fmt.Sprintf(" UNION ALL SELECT %s FROM log.entries WHERE position <= %d AND %s AND %s", entry, w.after, at(settled), conditions)
		within = fmt.Sprintf("revision <= %d", w.to)
	}
	s.sql = fmt.Sprintf(`WITH chosen AS MATERIALIZED (%s),
		latest AS (
			SELECT position, max(settled_at) AS settled_at, arg_max(effect, settled_at) AS effect
			FROM log.settlements WHERE position IN (SELECT position FROM chosen) GROUP BY position
		), kept AS (
			SELECT chosen.*, CASE WHEN position > %d THEN '' ELSE coalesce(effect, 'counts') END AS effect,
				greatest(position, coalesce(settled_at, 0)) AS revision
			FROM chosen LEFT JOIN latest USING (position)
		)
		SELECT %s FROM kept WHERE %s`, chosen, settledTo, strings.Join(names, ", "), within)
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

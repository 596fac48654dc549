package api

import (
	"slices"
	"time"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/disclose"
)

// rollupRow is a row of counts as it may leave: what is about answers is only there where enough households answered.
type rollupRow struct {
	engine.RollupRow
	Epoch int64 // in which it was published; 0: it is live
	// Untold says why nothing is told of answers, where that does not depend on them.
	Untold engine.Reason
	// OneSided says that nearly all of few households said the same, so that what each of them said would be known.
	OneSided bool
}

// Why a row tells nothing of answers, beside the reasons of units.
const (
	reasonGrain    engine.Reason = "grain"      // it is of days or teams
	reasonNotThere engine.Reason = "not_loaded" // the contest of the campaign is not in the snapshot that is served
)

// told tells whether the row's answers may be told.
func (r *rollupRow) told() bool { return r.Untold == engine.ReasonNone && r.Households >= disclose.K }

func (r *rollupRow) state() engine.State {
	if r.reason() == engine.ReasonNone {
		return engine.Published
	}
	return engine.Suppressed
}

func (r *rollupRow) reason() engine.Reason {
	switch {
	case r.Untold != engine.ReasonNone:
		return r.Untold
	case r.Households < disclose.K:
		return engine.ReasonK
	case r.OneSided:
		return engine.ReasonDominance
	}
	return engine.ReasonNone
}

// columnKind is how a column is written.
type columnKind int

const (
	idColumn    columnKind = iota
	cellColumn             // 15 hex digits, in Arrow the number
	dayColumn              // a date
	textColumn             // a code, or nothing
	countColumn            // how many
)

// rollupColumn is a column of a roll-up, the same in JSON, CSV and Arrow.
type rollupColumn struct {
	name    string
	kind    columnKind
	answers bool // it is about answers: null where they may not be told
	support bool // it says for whom they were: null too where they are one-sided
	number  func(*rollupRow) int64
	text    func(*rollupRow) string
}

// dimensionColumns are the columns that a roll-up can be grouped by.
var dimensionColumns = map[engine.Dimension]rollupColumn{
	engine.ByCell:     {name: "cell", kind: cellColumn, number: func(r *rollupRow) int64 { return r.Cell }},
	engine.BySegment:  {name: "segment_id", kind: idColumn, number: func(r *rollupRow) int64 { return r.Segment }},
	engine.ByPrecinct: {name: "precinct_id", kind: idColumn, number: func(r *rollupRow) int64 { return r.Precinct }},
	engine.ByDay:      {name: "day", kind: dayColumn, number: func(r *rollupRow) int64 { return int64(r.Day) }},
	engine.ByTeam:     {name: "team", kind: textColumn, text: func(r *rollupRow) string { return r.Team }},
}

// rollupColumns lists the columns of a roll-up.
func rollupColumns(by []engine.Dimension, published bool) []rollupColumn {
	var columns []rollupColumn
	for _, dimension := range by {
		columns = append(columns, dimensionColumns[dimension])
	}
	if published {
		columns = append(columns, rollupColumn{name: "epoch", kind: countColumn, number: func(r *rollupRow) int64 { return r.Epoch }})
	}
	count := func(name string, answers bool, number func(*rollupRow) int64) {
		columns = append(columns, rollupColumn{name: name, kind: countColumn, answers: answers, number: number})
	}
	count("attempts", false, func(r *rollupRow) int64 { return r.Attempts })
	count("contacts", false, func(r *rollupRow) int64 { return r.Contacts })
	count("refusals", false, func(r *rollupRow) int64 { return r.Refusals })
	count("not_home", false, func(r *rollupRow) int64 { return r.NotHome })
	count("doors", false, func(r *rollupRow) int64 { return r.Doors })
	count("actions", false, func(r *rollupRow) int64 { return r.Actions })
	count("material", false, func(r *rollupRow) int64 { return r.Material })
	columns = append(columns,
		rollupColumn{name: "state", kind: textColumn, text: func(r *rollupRow) string { return string(r.state()) }},
		rollupColumn{name: "reason", kind: textColumn, text: func(r *rollupRow) string { return string(r.reason()) }})
	count("households", true, func(r *rollupRow) int64 { return r.Households })
	if published {
		count("answers", true, func(r *rollupRow) int64 { return r.Answers })
	}
	for i, name := range []string{"support_minus2", "support_minus1", "support_0", "support_plus1", "support_plus2"} {
		columns = append(columns, rollupColumn{
			name: name, kind: countColumn, answers: true, support: true, number: func(r *rollupRow) int64 { return r.Support[i] },
		})
	}
	return columns
}

// isNull tells whether a column has nothing to say of a row.
func (c *rollupColumn) isNull(r *rollupRow) bool {
	return c.answers && !r.told() || c.support && r.OneSided || c.kind == textColumn && c.text(r) == ""
}

// date writes days since 1970-01-01.
func date(days int64) string {
	return time.Unix(days*24*60*60, 0).UTC().Format(time.DateOnly)
}

// dimensions reads what a roll-up is grouped by, in the order of engine.Dimensions, which is the order of its rows.
func dimensions(by []string) []engine.Dimension {
	var found []engine.Dimension
	for _, dimension := range engine.Dimensions() {
		if slices.Contains(by, string(dimension)) {
			found = append(found, dimension)
		}
	}
	return found
}

package storetest

import (
	"slices"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// some draws up to two of what there is.
func some[T any](t *rapid.T, of []T, label string) []T {
	return rapid.SliceOfN(rapid.SampledFrom(of), 0, 2).Draw(t, label)
}

// sometimes does something once in six times. Each field restricts that rarely: with most of them nothing would be left to compare.
func sometimes(t *rapid.T, do func()) {
	if rapid.IntRange(0, 5).Draw(t, "restricts?") == 0 {
		do()
	}
}

// AnyQuestion draws a question about the history of a campaign, whose positions are those after first and up to last.
func AnyQuestion(t *rapid.T, campaign string, first, last int64) engine.Question {
	q := engine.Question{
		Campaign:   campaign,
		By:         rapid.Permutation(engine.Dimensions()).Draw(t, "by")[:rapid.IntRange(0, 3).Draw(t, "dimensions")],
		Resolution: rapid.IntRange(3, 11).Draw(t, "resolution"),
		Answers:    rapid.Bool().Draw(t, "answers?"),
	}
	if rapid.Bool().Draw(t, "joined?") {
		q.Joined = rapid.MapOfN(rapid.SampledFrom(segments), rapid.SampledFrom(segments), 0, 2).Draw(t, "joined")
	}
	for _, restrict := range []func(){
		func() { q.Segments = some(t, segments, "segments") },
		func() { q.Precincts = some(t, precincts, "precincts") },
		func() { q.Teams = some(t, append(slices.Clone(teams), `'); DROP TABLE entries; --`), "teams") },
		func() {
			cell := geo.Cell(rapid.SampledFrom(cells[1:]).Draw(t, "cell"))
			q.Cell = int64(cell.Parent(rapid.IntRange(0, 11).Draw(t, "resolution of the cell")))
		},
		func() { q.FromDay = rapid.SampledFrom(days).Draw(t, "from") },
		func() { q.ToDay = rapid.SampledFrom(days).Draw(t, "to") },
		func() { q.To = aPosition(t, first, last, "as it was at") },
	} {
		sometimes(t, restrict)
	}
	return q
}

// aPosition draws a position of a history, the one before it, or the one after it. It is drawn as a distance, so that the same draws give
// the same history wherever it begins: rapid tries what failed once more, after it.
func aPosition(t *rapid.T, first, last int64, label string) int64 {
	return max(1, first+rapid.Int64Range(0, last-first+1).Draw(t, label))
}

// AnySelection draws a selection of the history of a campaign, likewise.
func AnySelection(t *rapid.T, campaign string, first, last int64) engine.Selection {
	s := engine.Selection{
		Campaign:    campaign,
		Quarantined: rapid.IntRange(0, 3).Draw(t, "quarantined?") == 0,
		Changed:     rapid.Bool().Draw(t, "changed?"),
		Identities:  rapid.IntRange(0, 3).Draw(t, "identities?") == 0,
		Limit:       rapid.IntRange(0, 4).Draw(t, "limit"),
	}
	for _, restrict := range []func(){
		func() { s.After = aPosition(t, first, last, "after") },
		func() { s.To = aPosition(t, first, last, "to") },
		func() { s.Precinct = rapid.SampledFrom(precincts).Draw(t, "precinct") },
		func() { s.Segment = rapid.SampledFrom(segments).Draw(t, "segment") },
		func() { s.Day = rapid.SampledFrom(days).Draw(t, "day") },
		func() { s.IDs = []uuid.UUID{anID(t, "id"), uuid.Nil, anID(t, "another id")} },
		func() {
			for range rapid.IntRange(1, 9).Draw(t, "positions") {
				s.Positions = append(s.Positions, aPosition(t, first, last, "position"))
			}
		},
		func() { s.Door = key(t, "door") },
		func() { s.Canvasser = key(t, "canvasser") },
		func() { s.Expired = anInstant(t, "expired") },
	} {
		sometimes(t, restrict)
	}
	return s
}

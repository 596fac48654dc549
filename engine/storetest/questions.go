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

func aQuestion(t *rapid.T, campaign string, last int64) engine.Question {
	q := engine.Question{
		Campaign:   campaign,
		By:         rapid.Permutation(engine.Dimensions()).Draw(t, "by")[:rapid.IntRange(0, 3).Draw(t, "dimensions")],
		Resolution: rapid.IntRange(3, 11).Draw(t, "resolution"),
		Answers:    rapid.Bool().Draw(t, "answers?"),
	}
	if rapid.Bool().Draw(t, "segments?") {
		q.Segments = some(t, segments, "segments")
	}
	if rapid.Bool().Draw(t, "joined?") {
		q.Joined = rapid.MapOfN(rapid.SampledFrom(segments), rapid.SampledFrom(segments), 0, 2).Draw(t, "joined")
	}
	if rapid.Bool().Draw(t, "precincts?") {
		q.Precincts = some(t, precincts, "precincts")
	}
	if rapid.Bool().Draw(t, "teams?") {
		q.Teams = some(t, append(slices.Clone(teams), `'); DROP TABLE entries; --`), "teams")
	}
	if rapid.Bool().Draw(t, "cell?") {
		cell := geo.Cell(rapid.SampledFrom(cells[1:]).Draw(t, "cell"))
		q.Cell = int64(cell.Parent(rapid.IntRange(0, 11).Draw(t, "resolution of the cell")))
	}
	if rapid.Bool().Draw(t, "from?") {
		q.FromDay = rapid.SampledFrom(days).Draw(t, "from")
	}
	if rapid.Bool().Draw(t, "to?") {
		q.ToDay = rapid.SampledFrom(days).Draw(t, "to")
	}
	if rapid.Bool().Draw(t, "as it was?") {
		q.To = rapid.Int64Range(1, last+1).Draw(t, "as it was at")
	}
	return q
}

func aSelection(t *rapid.T, campaign string, last int64) engine.Selection {
	s := engine.Selection{
		Campaign:    campaign,
		Quarantined: rapid.IntRange(0, 3).Draw(t, "quarantined?") == 0,
		Changed:     rapid.Bool().Draw(t, "changed?"),
		Identities:  rapid.IntRange(0, 3).Draw(t, "identities?") == 0,
		Limit:       rapid.IntRange(0, 4).Draw(t, "limit"),
	}
	// Each field restricts one selection of four: with all of them nothing would be left to compare.
	for _, restrict := range []func(){
		func() { s.After = rapid.Int64Range(0, last).Draw(t, "after") },
		func() { s.To = rapid.Int64Range(1, last+1).Draw(t, "to") },
		func() { s.Precinct = rapid.SampledFrom(precincts).Draw(t, "precinct") },
		func() { s.Segment = rapid.SampledFrom(segments).Draw(t, "segment") },
		func() { s.Day = rapid.SampledFrom(days).Draw(t, "day") },
		func() { s.IDs = []uuid.UUID{anID(t, "id"), uuid.Nil, anID(t, "another id")} },
		func() { s.Positions = rapid.SliceOfN(rapid.Int64Range(1, last+1), 1, 9).Draw(t, "positions") },
		func() { s.Door = key(t, "door") },
		func() { s.Canvasser = key(t, "canvasser") },
		func() { s.Expired = anInstant(t, "expired") },
	} {
		if rapid.IntRange(0, 3).Draw(t, "restricts?") == 0 {
			restrict()
		}
	}
	return s
}

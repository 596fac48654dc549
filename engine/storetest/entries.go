package storetest

import (
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// Few places, days, teams and doors, so that groups have several entries and doors come again.
var (
	segments  = []int64{0, 1, 7_000_000_001, 1<<53 - 1}
	precincts = []int64{0, 11, 1<<53 - 2}
	days      = []int32{-1, 20_783, 20_784, 20_799}
	teams     = []string{"", "north", "north-2", "south"}
	cells     = placeCells()
	noon      = time.Date(2026, 11, 26, 12, 0, 0, 123456000, time.UTC)
)

// placeCells are cells of both resolutions that entries have: in three places of Paris, one on the other side of the Earth, one around a
// pentagon of the grid, and none.
func placeCells() []int64 {
	all := []int64{0, 0x8b0800000000fff} // the first child, eleven times, of base cell 4, a pentagon
	for _, at := range [][2]float64{{2.3522, 48.8566}, {2.3525, 48.8567}, {2.2950, 48.8738}, {-176.56, -43.95}} {
		for _, resolution := range []int{11, 12} {
			cell, err := geo.CellAt(at[0], at[1], resolution)
			if err != nil {
				panic(err) // a constant of this file
			}
			all = append(all, int64(cell))
		}
	}
	return all
}

// key draws one of few keys, the zero key among them. The high bits are set in some: no store may take them for a sign.
func key(t *rapid.T, label string) engine.Key {
	n := rapid.IntRange(0, 5).Draw(t, label)
	if n == 0 {
		return engine.Key{}
	}
	return engine.Key{0: byte(n * 51), 7: byte(n), 8: 0xff, 15: byte(n)}
}

func anInstant(t *rapid.T, label string) time.Time {
	if rapid.IntRange(0, 3).Draw(t, label+"?") == 0 {
		return time.Time{}
	}
	return noon.Add(time.Duration(rapid.Int64Range(-1<<40, 1<<40).Draw(t, label)) * time.Microsecond)
}

// anEntry draws an entry without position and campaign. It need not make sense: a store keeps what it is given.
func anEntry(t *rapid.T) engine.Entry {
	e := engine.Entry{
		Arrived:     noon.Add(time.Duration(rapid.Int64Range(0, 1<<40).Draw(t, "arrived")) * time.Microsecond),
		ID:          anID(t, "id"),
		Kind:        rapid.SampledFrom(engine.ReturnKinds()).Draw(t, "kind"),
		Body:        key(t, "body"),
		Happened:    noon.Add(time.Duration(rapid.Int64Range(-1<<45, 1<<40).Draw(t, "happened")) * time.Microsecond),
		Day:         rapid.SampledFrom(days).Draw(t, "day"),
		Team:        rapid.SampledFrom(teams).Draw(t, "team"),
		Canvasser:   key(t, "canvasser"),
		Door:        key(t, "door"),
		Segment:     rapid.SampledFrom(segments).Draw(t, "segment"),
		Precinct:    rapid.SampledFrom(precincts).Draw(t, "precinct"),
		Cell:        rapid.SampledFrom(cells).Draw(t, "cell"),
		AccuracyM:   rapid.SampledFrom([]float64{0, 4.5, 500, 1.0 / 3}).Draw(t, "accuracy"),
		Support:     engine.NotSaid,
		Turnout:     engine.NotSaid,
		Consent:     rapid.SampledFrom(engine.Consents()).Draw(t, "consent"),
		ConsentText: rapid.SampledFrom([]string{"", "v3"}).Draw(t, "consent text"),
		ConsentAt:   anInstant(t, "consent at"),
		Purpose:     rapid.SampledFrom(engine.Purposes()).Draw(t, "purpose"),
		Expires:     anInstant(t, "expires"),
		AddressID:   rapid.SampledFrom([]string{"", "75118_1234_00012", "75118_1234_00012_bis"}).Draw(t, "address"),
	}
	if rapid.Bool().Draw(t, "replaces?") {
		e.Replaces = anID(t, "replaces")
	}
	if rapid.IntRange(0, 4).Draw(t, "quarantined?") == 0 {
		e.Quarantine = rapid.SampledFrom(engine.Quarantines()).Draw(t, "quarantine")
	}
	switch e.Kind {
	case engine.Attempt:
		e.Result = rapid.SampledFrom(engine.CanvassResults()[:4]).Draw(t, "result")
		e.Script = rapid.SampledFrom([]string{"", "v1", "v2"}).Draw(t, "script")
		e.Issues = rapid.SampledFrom([]uint64{0, 1, 1<<63 | 5}).Draw(t, "issues")
		if rapid.Bool().Draw(t, "answered?") {
			e.Support = rapid.Int8Range(-2, 2).Draw(t, "support")
			e.Turnout = rapid.SampledFrom([]int8{engine.NotSaid, -2, 2}).Draw(t, "turnout")
		}
	case engine.Action:
		e.Action = rapid.SampledFrom(engine.Actions()).Draw(t, "action")
		e.Count = rapid.Int32Range(0, 100_000).Draw(t, "count")
	}
	return e
}

// anID draws one of few ids, so that some are copies and some are replaced.
func anID(t *rapid.T, label string) uuid.UUID {
	n := rapid.IntRange(1, 9).Draw(t, label)
	return uuid.UUID{0: byte(n * 28), 6: 0x40, 8: 0x80, 15: byte(n)}
}

// attempt is an attempt at a door where somebody was met and said something, for tests that need entries and not their variety.
func attempt(position int64, campaign string) engine.Entry {
	return engine.Entry{
		Position: position, Campaign: campaign, Arrived: noon.Add(time.Duration(position) * time.Second),
		ID: numberedID(position), Kind: engine.Attempt, Body: numberedKey(position), Happened: noon, Day: 20_783, Team: "north",
		Canvasser: numberedKey(1), Door: numberedKey(position), Segment: 1, Precinct: 11, Cell: cells[2],
		Result: engine.ResultContact, Support: 2, Turnout: 1, Consent: engine.ConsentNone, Purpose: "canvass",
		Expires: noon.AddDate(0, 6, 0),
	}
}

func numberedID(n int64) uuid.UUID {
	id := uuid.UUID(numberedKey(n))
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id
}

// numberedKey spreads a number over all bytes, so that keys look like hashes and are told apart in files.
func numberedKey(n int64) (k engine.Key) {
	x := uint64(n) + 1
	for i := range k {
		x ^= x >> 31
		x *= 0x9e3779b97f4a7c15
		k[i] = byte(x >> 56)
	}
	return k
}

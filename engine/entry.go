package engine

import (
	"time"

	"github.com/google/uuid"
)

// Entry is a return as the log keeps it: placed, without canvasser, door and, unless the person consented, address. Of what the client
// sent only hashes are left of these, keyed per campaign: whoever has not the key cannot try addresses until one fits.
type Entry struct {
	// Position orders the entries of a store: it ascends, begins at 1, and is never given twice. The one writer of the store gives it.
	Position int64
	Campaign string
	Arrived  time.Time // UTC, microseconds

	ID       uuid.UUID
	Kind     ReturnKind
	Replaces uuid.UUID // zero: none
	Body     Key       // of all that was sent: the same for copies of a return, another for another body under its id

	Happened  time.Time // UTC, microseconds
	Day       int32     // of Happened where it happened, days since 1970-01-01
	Team      string
	Canvasser Key // zero: not said
	Door      Key // of the address and door, or of the segment and door; zero: nothing tells doors apart

	AddressID string // "" without consent
	Segment   int64  // that it was published under then; 0: a withdrawal
	Precinct  int64
	Cell      int64   // resolution 12 with consent, else resolution 11 of the middle of the segment
	AccuracyM float64 // of a point, 0: not said or not a point

	Result  string // "" where it is not an attempt
	Support int8   // NotSaid, or -2 .. +2
	Turnout int8   // NotSaid, or -2 .. +2
	Issues  uint64 // bit i is Issues()[i]
	Script  string

	Action string // "" where it is not an action
	Count  int32

	Consent     string
	ConsentText string
	ConsentAt   time.Time // zero: no consent
	Purpose     string
	Expires     time.Time

	Quarantine Quarantine // "" where it counts
}

// NotSaid stands for an answer that was not given. It is not the middle of the scale.
const NotSaid int8 = -128

// Answered tells whether somebody said whom they support.
func (e *Entry) Answered() bool { return e.Support != NotSaid }

// Key is a hash keyed per campaign: of a door, of a canvasser, of a body. It says only that two are the same.
type Key [16]byte

// Quarantine is why an entry waits for somebody to look at it. It is kept, seen, and does not count until it is released.
type Quarantine string

// The reasons of a quarantine.
const (
	InFuture     Quarantine = "in_future"     // it happened after it arrived
	ClockOff     Quarantine = "clock_off"     // it happened before the campaign began: the client's clock is wrong
	UnknownPlace Quarantine = "unknown_place" // the snapshot has no such address or segment, or nothing near the point
	OutsideTurf  Quarantine = "outside_turf"  // not in the turfs of the campaign, or not in those of the token
	UnknownTeam  Quarantine = "unknown_team"  // the campaign has named its teams, and this is none of them
)

// Quarantines lists the reasons.
func Quarantines() []Quarantine {
	return []Quarantine{InFuture, ClockOff, UnknownPlace, OutsideTurf, UnknownTeam}
}

// Effect is what an entry counts for, once all entries are folded.
type Effect string

// The effects.
const (
	Counts      Effect = "counts"
	AttemptOnly Effect = "attempt_only" // its answers are in conflict with another's: the attempt counts, what was said does not
	Nothing     Effect = "nothing"      // a copy, corrected, withdrawn, in quarantine or a withdrawal
)

// Settlement says what an entry counts for. The latest of an entry holds; an entry without one counts.
type Settlement struct {
	Position int64 // of the entry
	At       int64 // orders the settlements of an entry; the writer gives it, from the sequence of positions
	Effect   Effect
}

// Change is what became of an entry in a commit.
type Change struct {
	Entry  *Entry
	Before Effect // "" where the entry is new
	After  Effect // "" where it was erased
}

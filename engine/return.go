package engine

import (
	"time"

	"github.com/google/uuid"
)

// Return is what somebody at the doors sends: one attempt at one door, one action in a place, or the withdrawal of what was sent
// before. It has no name, no free text and nothing that could hold one: every word is of a closed list or a short code.
type Return struct {
	ID       uuid.UUID // made by the client; the same id again is the same return
	Kind     ReturnKind
	Replaces uuid.UUID // the return that this one corrects or withdraws; the zero id: none

	Happened time.Time // by the client's clock, with its offset
	Team     string    // a short code, see IsCode
	// Canvasser is a pseudonym that the client keeps, a short code. It is never stored: the log keeps a hash keyed per campaign.
	Canvasser string

	Location Location

	// Of an attempt.
	Result  string // one of CanvassResults
	Support *int   // -2 strong opposition .. +2 strong support; nil: not said
	Turnout *int   // -2 certain not to vote .. +2 certain to; nil: not said
	Issues  []string
	Script  string // version of the questions, a short code

	// Of an action.
	Action string // one of Actions
	Count  int    // how many: leaflets, posters, people at a meeting

	Consent     string    // one of Consents; "" is none
	ConsentText string    // version of the text that was agreed to, a short code
	ConsentAt   time.Time // zero: when it happened
	Purpose     string    // one of Purposes; "" is the first
	Expires     time.Time // zero: when the campaign's returns do
}

// ReturnKind is what a return is.
type ReturnKind string

// The kinds of returns.
const (
	Attempt    ReturnKind = "attempt"    // one try at one door
	Action     ReturnKind = "action"     // something done in a place: leafleting, a market
	Withdrawal ReturnKind = "withdrawal" // the return it replaces does not count any more
)

// ReturnKinds lists the kinds of returns.
func ReturnKinds() []ReturnKind { return []ReturnKind{Attempt, Action, Withdrawal} }

// Location says where something happened, in one of three ways: an address of the register, a segment, or a point.
type Location struct {
	AddressID string  // of the address register, as 75118_1234_00012
	Segment   int64   // any of the snapshot
	Lon, Lat  float64 // WGS84 degrees; both 0: no point
	AccuracyM float64 // of the point, metres; 0: not said

	// Door tells the doors of one address or segment apart: floor and side, or a flat, as "3-left". It is never stored: it goes into
	// the keyed hash of the door, and nowhere else.
	Door string
}

// Located is where a location is in the snapshot that is served.
type Located struct {
	AddressID string // "" where the location is no address
	Segment   int64  // the id that it is published under
	// Precinct is that of the address where the part of the segment in it has K households, the threshold of publication, else that of the
	// segment's largest part: it never tells more than the segment does.
	Precinct    int64
	Cell        int64 // of resolution 12, of the address or the point
	SegmentCell int64 // of resolution 11, of the middle of the segment: what is kept without consent
	Lon, Lat    float64
}

// CanvassResults are what can come of an attempt at a door.
func CanvassResults() []string {
	return []string{
		ResultContact, "not_home", ResultRefused, "moved", "deceased", "inaccessible", "language", "callback", "wrong_address",
		"do_not_contact", "literature", "other",
	}
}

// Results that are counted by themselves.
const (
	ResultContact = "contact"  // somebody was met and talked
	ResultRefused = "refused"  // somebody was met and did not want to
	ResultNotHome = "not_home" // nobody answered
)

// Actions are what is done in a place and at no door.
func Actions() []string {
	return []string{"leafleting", "market", "posters", "flat_meeting", "street_meeting", "station", "other"}
}

// Issues are what people may be said to care about: what is not in the list is not recorded.
func Issues() []string {
	return []string{
		"housing", "cost_of_living", "jobs", "health", "education", "childcare", "safety", "transport", "parking", "cleanliness",
		"environment", "energy", "taxes", "pensions", "immigration", "democracy", "shops", "culture", "sport", "disability",
	}
}

// Consents are what the person at the door agreed to, with the least first. Without one the place is kept at segment grain.
func Consents() []string {
	return []string{ConsentNone, ConsentStored, ConsentRecontact, ConsentWithdrawn}
}

// The consents.
const (
	ConsentNone      = "none"
	ConsentStored    = "stored"    // the address may be kept with the answer
	ConsentRecontact = "recontact" // and used to come again
	ConsentWithdrawn = "withdrawn" // what was kept of the door before is erased
)

// Purposes are what returns are kept for.
func Purposes() []string { return []string{"canvass", "survey", "turnout"} }

// longestCode bounds what is a code and not a text.
const longestCode = 32

// IsCode tells whether a text is a short code: 1 to 32 of a-z, 0-9, dash and underscore, and not beginning with a dash. Teams, pseudonyms,
// scripts and campaigns are codes, so that no sentence, number of a phone with its signs, or address of mail can stand there.
func IsCode(text string) bool {
	if text == "" || len(text) > longestCode || text[0] == '-' {
		return false
	}
	for i := range len(text) {
		c := text[i]
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return true
}

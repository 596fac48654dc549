package field

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// Bounds of what a return may say.
const (
	maxAccuracyM = 500
	maxCount     = 100_000
	answerRange  = 2 // support and turnout are -2 to +2
	maxAddress   = 64
	maxSegment   = 1<<53 - 1 // what JSON holds exactly
	firstYear    = 1970
	lastYear     = 2199
)

// check says what of a return is wrong by itself: whether it is placed, in time and in a turf is for accept to say.
func check(r *engine.Return) *Fault {
	for _, rule := range []func(*engine.Return) *Fault{checkIdentity, checkBelongs, checkCodes, checkLocation, checkAttempt, checkAction, checkConsent, checkTimes} {
		if fault := rule(r); fault != nil {
			return fault
		}
	}
	return nil
}

func checkIdentity(r *engine.Return) *Fault {
	switch {
	case r.ID == uuid.Nil:
		return &Fault{"id", "every return has an id, a UUID that the client makes"}
	case !slices.Contains(engine.ReturnKinds(), r.Kind):
		return &Fault{"kind", "kind is one of " + words(engine.ReturnKinds())}
	case r.Replaces == r.ID:
		return &Fault{"replaces", "a return cannot replace itself: a correction has an id of its own"}
	case r.Kind == engine.Withdrawal && r.Replaces == uuid.Nil:
		return &Fault{"replaces", "a withdrawal names the return that it takes back"}
	}
	return nil
}

// kindsOf says of which kinds of returns a field is; those not named here are of all.
var kindsOf = map[string][]engine.ReturnKind{
	"team": {engine.Attempt, engine.Action}, "canvasser": {engine.Attempt, engine.Action}, "location": {engine.Attempt, engine.Action},
	"purpose": {engine.Attempt, engine.Action}, "expires_at": {engine.Attempt, engine.Action},
	"result": {engine.Attempt}, "support": {engine.Attempt}, "turnout": {engine.Attempt}, "issues": {engine.Attempt}, "script": {engine.Attempt},
	"consent": {engine.Attempt}, "consent_text": {engine.Attempt}, "consent_at": {engine.Attempt},
	"action": {engine.Action}, "count": {engine.Action},
}

// belongs says whether a field may be in a return of a kind.
func belongs(field string, kind engine.ReturnKind) *Fault {
	if kinds, some := kindsOf[field]; some && !slices.Contains(kinds, kind) {
		return &Fault{field, fmt.Sprintf("%s is of %s only", field, words(kinds))}
	}
	return nil
}

// checkBelongs finds what a return of another kind would have.
func checkBelongs(r *engine.Return) *Fault {
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"team", r.Team != ""}, {"canvasser", r.Canvasser != ""}, {"location", r.Location != (engine.Location{})},
		{"purpose", r.Purpose != ""}, {"expires_at", !r.Expires.IsZero()},
		{"result", r.Result != ""}, {"support", r.Support != nil}, {"turnout", r.Turnout != nil}, {"issues", len(r.Issues) > 0}, {"script", r.Script != ""},
		{"consent", r.Consent != ""}, {"consent_text", r.ConsentText != ""}, {"consent_at", !r.ConsentAt.IsZero()},
		{"action", r.Action != ""}, {"count", r.Count != 0},
	} {
		if f.set {
			if fault := belongs(f.name, r.Kind); fault != nil {
				return fault
			}
		}
	}
	return nil
}

func checkCodes(r *engine.Return) *Fault {
	if r.Kind != engine.Withdrawal && r.Team == "" {
		return &Fault{"team", "every attempt and action has a team"}
	}
	for _, f := range []struct{ name, code string }{
		{"team", r.Team}, {"canvasser", r.Canvasser}, {"location.door", r.Location.Door}, {"script", r.Script}, {"consent_text", r.ConsentText},
	} {
		if f.code != "" && !engine.IsCode(f.code) {
			return &Fault{f.name, "a code is 1 to 32 of a-z, 0-9, - and _, and does not begin with -"}
		}
	}
	if r.Purpose != "" && !slices.Contains(engine.Purposes(), r.Purpose) {
		return &Fault{"purpose", "purpose is one of " + words(engine.Purposes())}
	}
	return nil
}

// checkLocation wants one of an address, a segment and a point.
func checkLocation(r *engine.Return) *Fault {
	at := r.Location
	point := at.Lon != 0 || at.Lat != 0
	given := 0
	for _, there := range []bool{at.AddressID != "", at.Segment != 0, point} {
		if there {
			given++
		}
	}
	switch {
	case r.Kind == engine.Withdrawal:
		return nil
	case given != 1:
		return &Fault{"location", "a location is one of address_id, segment_id, or lon and lat"}
	case at.AddressID != "" && !isAddress(at.AddressID):
		return &Fault{"location.address_id", "an address id is 1 to 64 of letters, digits, -, _, . and :"}
	case at.Segment < 0 || at.Segment > maxSegment:
		return &Fault{"location.segment_id", "a segment id is positive and below 2^53"}
	case !(math.Abs(at.Lon) <= 180): // written so that NaN fails
		return &Fault{"location.lon", "lon is -180 to 180 degrees"}
	case !(math.Abs(at.Lat) <= 90):
		return &Fault{"location.lat", "lat is -90 to 90 degrees"}
	case !(at.AccuracyM >= 0 && at.AccuracyM <= maxAccuracyM):
		return &Fault{"location.accuracy_m", fmt.Sprintf("accuracy_m is 0 to %d metres: a point less sure than that has no street", maxAccuracyM)}
	case !point && at.AccuracyM != 0:
		return &Fault{"location.accuracy_m", "accuracy_m is of a point only"}
	}
	return nil
}

func isAddress(id string) bool {
	return len(id) <= maxAddress && strings.IndexFunc(id, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' || c == ':')
	}) < 0
}

func checkAttempt(r *engine.Return) *Fault {
	if r.Kind != engine.Attempt {
		return nil
	}
	if !slices.Contains(engine.CanvassResults(), r.Result) {
		return &Fault{"result", "result is one of " + words(engine.CanvassResults())}
	}
	for _, f := range []struct {
		name   string
		answer *int
	}{{"support", r.Support}, {"turnout", r.Turnout}} {
		if f.answer != nil && (*f.answer < -answerRange || *f.answer > answerRange) {
			return &Fault{f.name, fmt.Sprintf("%s is -%d to %d, or left out where nobody said", f.name, answerRange, answerRange)}
		}
		if f.answer != nil && r.Result != engine.ResultContact {
			return &Fault{f.name, f.name + " is of a contact only"}
		}
	}
	if len(r.Issues) > 0 && r.Result != engine.ResultContact {
		return &Fault{"issues", "issues are of a contact only"}
	}
	for i, issue := range r.Issues {
		if !slices.Contains(engine.Issues(), issue) {
			return &Fault{fmt.Sprintf("issues[%d]", i), "an issue is one of " + words(engine.Issues())}
		}
		if slices.Contains(r.Issues[:i], issue) {
			return &Fault{fmt.Sprintf("issues[%d]", i), "every issue stands once"}
		}
	}
	return nil
}

func checkAction(r *engine.Return) *Fault {
	switch {
	case r.Kind != engine.Action:
		return nil
	case !slices.Contains(engine.Actions(), r.Action):
		return &Fault{"action", "action is one of " + words(engine.Actions())}
	case r.Count < 0 || r.Count > maxCount:
		return &Fault{"count", fmt.Sprintf("count is 0 to %d", maxCount)}
	}
	return nil
}

func checkConsent(r *engine.Return) *Fault {
	given := r.Consent == engine.ConsentStored || r.Consent == engine.ConsentRecontact
	switch {
	case r.Consent != "" && !slices.Contains(engine.Consents(), r.Consent):
		return &Fault{"consent", "consent is one of " + words(engine.Consents())}
	case given && r.ConsentText == "":
		return &Fault{"consent_text", "who agrees, agrees to a text: its version is missing"}
	case !given && r.ConsentText != "":
		return &Fault{"consent_text", "consent_text is of stored and recontact only"}
	case !given && !r.ConsentAt.IsZero():
		return &Fault{"consent_at", "consent_at is of stored and recontact only"}
	case r.Consent == engine.ConsentWithdrawn && (r.Support != nil || r.Turnout != nil || len(r.Issues) > 0):
		return &Fault{"consent", "who withdraws consent gives no answers"}
	}
	return nil
}

func checkTimes(r *engine.Return) *Fault {
	if r.Happened.IsZero() {
		return &Fault{"happened_at", "every return says when it happened"}
	}
	for _, f := range []struct {
		name string
		at   time.Time
	}{{"happened_at", r.Happened}, {"consent_at", r.ConsentAt}, {"expires_at", r.Expires}} {
		if !f.at.IsZero() && (f.at.UTC().Year() < firstYear || f.at.UTC().Year() > lastYear) {
			return &Fault{f.name, fmt.Sprintf("%s is in a year from %d to %d", f.name, firstYear, lastYear)}
		}
	}
	return nil
}

// words lists words for people.
func words[W ~string](list []W) string {
	var text []string
	for _, w := range list {
		text = append(text, string(w))
	}
	return strings.Join(text, ", ")
}

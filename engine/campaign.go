package engine

import "time"

// Campaign is one campaign of a workspace. Its returns, keys, tokens and turfs are its own: none sees another's.
type Campaign struct {
	ID      string    `json:"campaign"` // a code, see IsCode
	Contest string    `json:"contest"`  // the last result that its field returns are compared with
	Choice  string    `json:"choice"`   // its own candidate or list in that contest
	Begins  time.Time `json:"begins"`   // what happened before is a clock that is wrong
	// Election is the day of the vote, a date as YYYY-MM-DD. What is kept for it expires KeepDays after.
	Election string   `json:"election"`
	KeepDays int      `json:"keep_days"`
	Teams    []string `json:"teams,omitempty"` // codes; none: any code is a team
}

// DefaultKeepDays is how long returns are kept after the election: until its result can no longer be appealed against.
const DefaultKeepDays = 30

// Expires is when the campaign's returns do: the end of the day, UTC, KeepDays after the election. It is zero where the campaign has no
// election date.
func (c Campaign) Expires() time.Time {
	day, err := time.Parse(time.DateOnly, c.Election)
	if err != nil {
		return time.Time{}
	}
	return day.AddDate(0, 0, c.KeepDays+1)
}

// Scope is what a token may do, in its campaign and nowhere else.
type Scope string

// The scopes.
const (
	ReadOpen      Scope = "read:open"      // what everybody may see
	ReadAggregate Scope = "read:aggregate" // what the field has said, as it was last published
	FieldWrite    Scope = "field:write"    // send returns
	FieldRead     Scope = "field:read"     // the staff's view; every read is logged
	RunJobs       Scope = "jobs"
	Administer    Scope = "admin" // release, erase, purge, turfs, tokens
)

// Scopes lists the scopes.
func Scopes() []Scope {
	return []Scope{ReadOpen, ReadAggregate, FieldWrite, FieldRead, RunJobs, Administer}
}

package field

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// ErrCursor is returned where a cursor is not one that this log has given for the campaign.
var ErrCursor = errors.New("field: not a cursor of this campaign")

// ErrCampaign is returned where there is no such campaign, or its key is destroyed.
var ErrCampaign = errors.New("field: no such campaign")

// ErrClosed is returned once the log is closed.
var ErrClosed = errors.New("field: the log is closed")

// ChangePage is what has changed since a cursor.
type ChangePage struct {
	Items []ChangeItem
	Next  string // come back with it
}

// ChangeItem is a return that came, or counts for something else now. It has no door, address, canvasser or answer.
type ChangeItem struct {
	Cursor     string    `json:"-"` // right after this item
	ID         uuid.UUID // zero where it was erased
	ErasedHash string    // of an erased return: SHA-256 of campaign, a zero byte and the id's 16 bytes, in hex
	Kind       engine.ReturnKind
	Replaces   uuid.UUID
	Effect     engine.Effect // "" where it was erased
	Day        int32
	Arrived    time.Time // of an erased return: when it was
	Team       string
	Segment    int64
	Precinct   int64
	Result     string
	Action     string
	Count      int32
	Quarantine engine.Quarantine
}

// Changes gives what has changed after a cursor, oldest first; "" is from the beginning.
func (l *Log) Changes(ctx context.Context, campaign, cursor string, limit int) (ChangePage, error) {
	return ChangePage{}, nil
}

// Wait returns when there is something after the cursor.
func (l *Log) Wait(ctx context.Context, campaign, cursor string) error { return nil }

// QuarantinePage lists returns in quarantine.
type QuarantinePage struct {
	Items []ChangeItem
	Next  string // "" where there are no more
}

// Quarantined lists the returns that wait for somebody to release them, oldest first.
func (l *Log) Quarantined(ctx context.Context, campaign, cursor string, limit int) (QuarantinePage, error) {
	return QuarantinePage{}, nil
}

// Release lets quarantined returns count, and says how many entries it has released.
func (l *Log) Release(ctx context.Context, campaign string, ids []uuid.UUID) (int, error) {
	return 0, nil
}

// ConflictPage lists conflicts.
type ConflictPage struct {
	Items []Conflict
	Next  string // "" where there are no more
}

// Conflict is a pair of returns of which only one can be true. What was said is not in it.
type Conflict struct {
	One, Other ConflictSide
	Differ     []string // names of the fields that differ
}

// ConflictSide is one of a pair.
type ConflictSide struct {
	ID       uuid.UUID
	Replaces uuid.UUID
	Kind     engine.ReturnKind
	Segment  int64
	Team     string
	Happened time.Time
	Arrived  time.Time
}

// Conflicts lists the pairs that somebody must look at, oldest first.
func (l *Log) Conflicts(ctx context.Context, campaign, cursor string, limit int) (ConflictPage, error) {
	return ConflictPage{}, nil
}

// Rollup counts what is settled, see engine.Store.
func (l *Log) Rollup(ctx context.Context, question engine.Question, each func(*engine.RollupRow) error) error {
	return nil
}

// Precinct gives the entries of a precinct that count, or count as attempts.
func (l *Log) Precinct(ctx context.Context, campaign string, precinct int64, each func([]engine.Kept) error) error {
	return nil
}

// Subject is whom an erasure is about: one of the three.
type Subject struct {
	Record    uuid.UUID
	Door      engine.Location // AddressID or Segment, with Door
	Canvasser string          // a pseudonym
}

// Receipt proves an erasure. It is in the chain of the audit log.
type Receipt struct {
	Kind     string    `json:"kind"` // erasure, consent, purge
	Campaign string    `json:"campaign"`
	Subject  string    `json:"subject"` // record, door, canvasser, expired
	Asked    string    `json:"asked"`   // keyed hash of what was asked, in hex
	Erased   int       `json:"erased"`  // entries
	Time     time.Time `json:"time"`
	Position int64     `json:"position"` // of the log
	Previous string    `json:"previous"` // hash of the line before
	Hash     string    `json:"hash"`
	// KeyMayGo says that nothing of the campaign is left and its time has passed, so that its key may be destroyed.
	KeyMayGo bool `json:"key_may_go,omitempty"`
}

// Erase removes all that is held of a subject.
func (l *Log) Erase(ctx context.Context, campaign string, subject Subject) (Receipt, error) {
	return Receipt{}, nil
}

// Purge removes what has expired.
func (l *Log) Purge(ctx context.Context, campaign string, now time.Time) (Receipt, error) {
	return Receipt{}, nil
}

// Held gives what is held of a subject.
func (l *Log) Held(ctx context.Context, campaign string, subject Subject) ([]engine.Kept, error) {
	return nil, nil
}

// Read is a read below the public grain.
type Read struct {
	Campaign string
	Token    string // its id
	Route    string // what was asked, as the pattern of a route; never its values
	Grain    string // segment, precinct, return ...
	Rows     int
}

// Record writes that something was read.
func (l *Log) Record(read Read) error { return nil }

// AuditLine is a line of the audit log.
type AuditLine struct {
	Number   int64     `json:"n"`
	Time     time.Time `json:"time"`
	Campaign string    `json:"campaign"`
	Token    string    `json:"token,omitempty"`
	Route    string    `json:"route,omitempty"`
	Grain    string    `json:"grain,omitempty"`
	Rows     int       `json:"rows,omitempty"`
	Receipt  *Receipt  `json:"receipt,omitempty"`
	Previous string    `json:"previous"`
	Hash     string    `json:"hash"`
}

// Audit gives the lines of a campaign after a line number, oldest first.
func (l *Log) Audit(ctx context.Context, campaign string, after int64, limit int) ([]AuditLine, error) {
	return nil, nil
}

// PublishedPrecinct is what everybody may see of a precinct.
type PublishedPrecinct struct {
	Epoch int64
	engine.RollupRow
}

// Published gives what everybody may see, by precinct, ascending.
func (l *Log) Published(campaign string) []PublishedPrecinct { return nil }

// Coverage counts doors, attempts, contacts and refusals by segment and team.
func (l *Log) Coverage(ctx context.Context, campaign string, each func(*engine.RollupRow) error) error {
	return nil
}

// Flag is something about a canvasser's returns that somebody should look at. It drops nothing.
type Flag struct {
	Canvasser string // the hash, shortened
	Team      string
	Kind      string
	Day       int32
	Count     int
	Why       string
}

// Flags looks at all returns of a campaign.
func (l *Log) Flags(ctx context.Context, campaign string) ([]Flag, error) { return nil, nil }

// Status says how far the log has come.
type LogStatus struct {
	Last, SettledTo, Entries int64
	Loaded                   bool
	Conflicts                int // of all campaigns
}

// Health says how far the log has come.
func (l *Log) Health(ctx context.Context) (LogStatus, error) { return LogStatus{}, nil }

// Verify folds all entries of a campaign again and compares with what is in the store.
func (l *Log) Verify(ctx context.Context, campaign string) error { return nil }

package engine

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
)

// Store keeps the log of field returns. It is the one seam between the engine and a database, and engine/storetest is its contract as
// tests.
//
// It keeps a bag: copies, conflicts, corrections and quarantined entries are all in it, and no index keeps any out. What of it counts is
// decided by the fold of engine/field, which settles entries in the commit that brings them. One writer (engine/field) calls Commit and
// Erase, one at a time; Rollup, Replay, Settlements and Health may be called from any goroutine, also meanwhile, and see whole commits.
//
// No method takes or gives SQL. All take a campaign, but for Health: nothing of another campaign is ever in an answer.
// An error that wraps ErrStoreDamaged means that what is on the disk is not what was written; one that wraps ErrStoreUnavailable that the store cannot
// answer now. No answer is of a part of the log.
type Store interface {
	// Commit makes a batch durable, as a whole or not at all. A nil error is the only acknowledgement there is: the batch then survives
	// the death of the process and is in every later answer. After any error nothing of the batch is in the store, now or later, and
	// the next Commit works as if it had not been tried, or fails too.
	Commit(ctx context.Context, batch Batch) error

	// Rollup counts the settled entries that the question asks for, in the order of its groups, ascending. It calls each once for
	// every group that has an entry; each must not keep the row. An error of each ends it and is returned.
	Rollup(ctx context.Context, question Question, each func(*RollupRow) error) error

	// Replay gives the entries that are selected, in the order of their positions. each must not keep the slice or what it points to.
	// An error of each ends it and is returned.
	Replay(ctx context.Context, selection Selection, each func([]Kept) error) error

	// Settlements gives the settlements of a campaign's entries with after < At <= to, of each entry all and not the latest alone, in the order of
	// At and then of Position: what the log as it was (Question.To) is told from. One of no entry says nothing and is left out. each must not
	// keep the slice. An error of each ends it and is returned.
	Settlements(ctx context.Context, campaign string, after, to int64, each func([]Settlement) error) error

	// Erase removes entries and their settlements for good: when it returns nil, no file of the store holds their bytes, nor does one
	// that the store leaves behind. It may take as long as writing the whole store anew, and appends wait for it. What is not
	// there is not an error. The batch is committed with it, as by Commit.
	Erase(ctx context.Context, campaign string, positions []int64, batch Batch) error

	// Health says how far the store has come. It reads little: a store of ten million entries answers in milliseconds.
	Health(ctx context.Context) (StoreHealth, error)

	Close() error
}

// ErrStoreDamaged is returned where what is on the disk is not what was written.
var ErrStoreDamaged = errors.New("engine: the field log is damaged")

// ErrStoreUnavailable is returned where a store that is elsewhere cannot be reached as a whole, or not in time. The same may be asked again later.
var ErrStoreUnavailable = errors.New("engine: the field log cannot be reached")

// ErrErasureOwed is returned by an Erase that was committed and did not end: what was erased counts no more, the batch does, and bytes may be left. The next
// Erase deletes them; one of nothing that returns nil says that it has.
var ErrErasureOwed = errors.New("engine: what was erased counts no more, and is not deleted yet")

// Batch is what one commit writes.
type Batch struct {
	Entries     []Entry
	Settlements []Settlement
	// SettledTo says that all entries up to this position are settled: those without a settlement count. 0 leaves it where it was.
	SettledTo int64
}

// Kept is an entry and what it counts for. Where it is not settled yet, its effect is "".
type Kept struct {
	Entry
	Effect Effect
	// Revision is the position of the entry, or the highest At of its settlements where that is higher.
	Revision int64
}

// StoreHealth is how far a store has come.
type StoreHealth struct {
	Last      int64 // the highest position ever given, of an entry or a settlement; 0: none
	SettledTo int64
	Entries   int64 // about, where exact is slow
}

// Selection says which entries of a campaign are replayed. Zero fields do not restrict.
type Selection struct {
	Campaign  string // mandatory
	After, To int64  // positions After+1 .. To; To 0: all
	Limit     int    // entries
	Precinct  int64
	Segment   int64
	Day       int32
	IDs       []uuid.UUID // any of these, or that replaces any of these
	Positions []int64
	Door      Key
	Canvasser Key
	Expired   time.Time // that expire at or before this
	// Quarantined: only entries with a reason of quarantine, also those released.
	Quarantined bool
	// Changed makes After, To and the order go by Kept.Revision: entries come when they, or what they count for, have changed.
	Changed bool
	// Identities leaves all but Position, Campaign, ID, Replaces, Body and Quarantine out of the entries: ten million of them are read
	// in seconds.
	Identities bool
}

// Dimension is what a roll-up groups by.
type Dimension string

// The dimensions.
const (
	ByCell     Dimension = "cell" // the H3 parent at Question.Resolution
	BySegment  Dimension = "segment"
	ByPrecinct Dimension = "precinct"
	ByDay      Dimension = "day"
	ByTeam     Dimension = "team"
)

// Dimensions lists what a roll-up can be grouped by.
func Dimensions() []Dimension { return []Dimension{ByCell, BySegment, ByPrecinct, ByDay, ByTeam} }

// Question asks for counts of the settled entries of a campaign. Zero fields do not restrict; no group is one row of all.
type Question struct {
	Campaign   string      // mandatory
	By         []Dimension // each at most once
	Resolution int         // of cells, 3 to 11

	Segments  []int64 // any of these
	Precincts []int64 // any of these
	Cell      int64   // entries in this cell of any resolution up to 11; 0: all
	Teams     []string
	FromDay   int32 // days since 1970-01-01; 0: from the first
	ToDay     int32 // this day included; 0: to the last

	// Joined gives segments the id that they are asked for and counted under, where that is another's.
	Joined map[int64]int64

	To int64 // as it was when the log was settled up to this position, but for what was erased since; 0: as it is

	Answers bool // also what was answered, which takes half as long again
}

// RollupRow has the counts of a group. The fields that it is not grouped by are zero.
type RollupRow struct {
	Cell     int64
	Segment  int64
	Precinct int64
	Day      int32
	Team     string

	Attempts int64 // at doors
	Contacts int64
	Refusals int64
	NotHome  int64
	Doors    int64 // different doors that were tried, where doors are told apart
	Answers  int64 // attempts with an answer about support; with Question.Answers, as are the next two
	// Households is how many different doors answered about support: what k is held against.
	Households int64
	Support    [5]int64 // answers of -2, -1, 0, +1, +2
	Actions    int64
	Material   int64 // the sum of the actions' counts
}

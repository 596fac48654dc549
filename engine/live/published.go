package live

import (
	"errors"
	"fmt"
	"strings"

	"github.com/arpent/arpent/engine"
)

// Contest is a contest of the snapshot and the choices on its ballots.
type Contest struct {
	ID       string
	Name     string
	Date     string // YYYY-MM-DD, or ""
	Round    int
	Division string
	Base     string // engine.BaseRegistered, or engine.BaseBallots: then "registered" everywhere is of ballots
	Choices  []Choice
	Placed   bool // some of its voters are counted in a street; else it has numbers of precincts and what they add up to alone
}

// Choice is a candidate, a list or a reserved choice (see engine.IsReserved).
type Choice struct {
	ID     string
	Name   string
	Family string // political label, or ""
	Colour string // #rrggbb
	Votes  int64  // over the whole place, or Hidden
}

// Hidden stands for a total that is withheld.
const Hidden = -1

// Layer is a set of features that tiles are made of.
type Layer struct {
	Name    string // segments, cells, precincts, or a set of districts
	Title   string
	Unit    engine.Unit
	MinZoom int
	MaxZoom int
}

// Layers lists the layers that every city has, and a field its own of: see City.Layers.
func Layers() []Layer {
	return []Layer{
		{"segments", "Street segments", engine.UnitSegment, 12, 16},
		{"cells", "H3 cells", engine.UnitCell, 4, 16},
		{"precincts", "Precincts", engine.UnitPrecinct, 6, 16},
	}
}

// Query names what a tile shows. The zero value is the first contest, its leading choice and the share. A measure takes some of choice,
// against and since, and is asked for with no other; see Measure.
type Query struct {
	Contest string
	Choice  string
	Measure string
	Against string
	Since   string
}

// Tile is an encoded vector tile.
type Tile struct {
	Data     []byte // Mapbox vector tile, not compressed; nil when no feature touches the tile
	Features int
}

// Number is an estimate with its intervals. Share is of the registered voters: the estimate before rounding where that gives nothing
// away, else Votes by registered voters. The intervals bound the realised share of the unit.
type Number struct {
	Votes  int64
	Share  float64
	Low90  float64
	Low50  float64
	High50 float64
	High90 float64
}

// ScoreQuery chooses what a score has. The zero value asks for every contest, each with its own defaults.
type ScoreQuery struct {
	Contest string // only this one
	Against string // a choice of the contest, which its margins are over; "" as for a Query
	Since   string // a contest that its changes are counted from; "" as for a Query
}

// Score is what is published of one unit.
type Score struct {
	Unit       engine.Unit
	ID         int64
	Name       string  // street, precinct code, commune or district name, or the cell as 15 hex digits
	Set, Code  string  // of a district
	Joined     []int64 // the other segments of a street that stand under this id, ascending
	State      engine.State
	Reason     engine.Reason
	Households float64        // 0 when suppressed or withheld
	Contests   []ContestScore // none when suppressed
}

// ContestScore is a unit's numbers in one contest; the votes of its choices sum to Registered.
type ContestScore struct {
	Contest      string
	Registered   int64
	ModelledOnly bool // no result is known of its precincts: nobody is counted, and the shares are predicted from those around
	Choices      []ChoiceScore
	Measures     []MeasureScore // those that belong to no choice
}

// ChoiceScore is a unit's number for one choice.
type ChoiceScore struct {
	Choice string
	Number
	Measures []MeasureScore // all but the share, which is the number itself
}

// MeasureScore is a measure of a unit.
type MeasureScore struct {
	Measure string
	Estimate
	Against string // the choice or contest that it is made with, where the measure takes one
	Since   string
}

// Explanation says where a unit's numbers in a contest came from.
type Explanation struct {
	Score
	Contest        string
	Method         string  // how the numbers were made, in words
	Model          string  // the algorithm that made them, see engine.Algorithm
	Addresses      int64   // placed in the unit
	HouseholdsFrom []Tally // those addresses by where their households come from, see engine.DescribeHouseholds
	Parts          []Part  // the precincts the unit's voters are registered in
	PartsHidden    bool    // a part has too few households: the parts are named without numbers
	Sources        []SourceUse
}

// Part is a unit's share of one precinct.
type Part struct {
	Precinct   int64
	Code       string
	Weight     float64      // share of the precinct's households that live in the unit; 0 when hidden, or when those are withheld
	Registered int64        // of the precinct's registered voters, those placed in the unit; 0 when hidden
	Official   ContestScore // the precinct's official result
	Lines      []int64      // of the results file that the official result stands on

	Provisional bool // the official result is that of the contest's provisional file
}

// Tally is a number under a name.
type Tally struct {
	Name  string
	Count int64
}

// SourceUse is an input file the numbers rest on.
type SourceUse struct {
	Dataset, Publisher, Licence, Path, SHA256 string
	Rows                                      int64
}

// Errors of a question. Each is wrapped with what was asked and what there is.
var (
	ErrNotFound = errors.New("live: not found")    // no such unit
	ErrQuery    = errors.New("live: unknown name") // no such layer, contest, choice or measure, or no such measure of these; see QueryError and MeasureError
)

// QueryError names the parameter that is wrong. It matches ErrQuery.
type QueryError struct {
	Parameter string // layer, contest, choice, measure, against, since, unit
	Value     string
	Known     []string
}

func (e *QueryError) Error() string {
	return fmt.Sprintf("live: there is no %s %q: known are %s", e.Parameter, e.Value, strings.Join(e.Known, ", "))
}

// Is makes errors.Is(err, ErrQuery) true.
func (e *QueryError) Is(target error) bool { return target == ErrQuery }

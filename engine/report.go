package engine

import (
	"cmp"
	"slices"
	"sort"
)

// Report is what report.json holds: what was read, what was left out and why, and how well things met.
type Report struct {
	Place       string              `json:"place"`
	Files       []*FileReport       `json:"files"`
	Placing     PlacingReport       `json:"placing"`
	Divisions   []DivisionReport    `json:"divisions"`
	Contests    []ContestReport     `json:"contests"`
	Crosswalks  []CrosswalkReport   `json:"crosswalks,omitempty"`
	Districts   []DistrictReport    `json:"districts,omitempty"`
	Publication []PublicationReport `json:"publication"`
	Licences    []LicenceReport     `json:"licences"`
	Apart       []string            `json:"licences_apart,omitempty"` // which sources must stay apart, a sentence each
}

// FileReport counts the rows of one source. Reject, Repair and Ignore are for one goroutine.
type FileReport struct {
	Dataset  string     `json:"dataset"`
	Path     string     `json:"path"`
	Layout   string     `json:"layout,omitempty"`     // which of the dataset's layouts it is, and of which years, in words
	Counted  string     `json:"counted_in,omitempty"` // what Lines number: line, feature, row, way, node
	Rows     int64      `json:"rows"`                 // rows read, the rejected ones included
	Rejected int64      `json:"rejected"`             // rows left out
	Reasons  []RowCount `json:"reasons,omitempty"`
	Repaired []RowCount `json:"repaired,omitempty"` // rows kept after a repair that the format allows
	Passed   []RowCount `json:"passed,omitempty"`   // rows that are right and not asked for: other communes, other elections
	Ignored  []string   `json:"ignored_columns,omitempty"`
	Personal int64      `json:"personal_columns,omitempty"` // columns about persons, which were dropped unread and unnamed
	Expected []Expected `json:"expected,omitempty"`         // what the place file expects of the rows, and what was found
}

// RowCount counts the rows of one reason and keeps the first five lines.
type RowCount struct {
	Reason string  `json:"reason"`
	Count  int64   `json:"count"`
	Lines  []int64 `json:"lines"`
}

func count(list []RowCount, line int64, reason string) []RowCount {
	for i := range list {
		if list[i].Reason == reason {
			list[i].Count++
			if len(list[i].Lines) < 5 {
				list[i].Lines = append(list[i].Lines, line)
			}
			return list
		}
	}
	return append(list, RowCount{reason, 1, []int64{line}})
}

// Reject counts a row that is left out. Keep reasons few: no values in them.
func (f *FileReport) Reject(line int64, reason string) {
	f.Rejected++
	f.Reasons = count(f.Reasons, line, reason)
}

// Pass counts a row that is right and was not asked for.
func (f *FileReport) Pass(line int64, reason string) {
	f.Passed = count(f.Passed, line, reason)
}

// Add takes over the rows that another report has passed.
func (f *FileReport) Add(other FileReport) {
	for _, passed := range other.Passed {
		for i, line := range passed.Lines {
			f.Passed = count(f.Passed, line, passed.Reason)
			if i == 0 {
				at := slices.IndexFunc(f.Passed, func(c RowCount) bool { return c.Reason == passed.Reason })
				f.Passed[at].Count += passed.Count - int64(len(passed.Lines))
			}
		}
	}
}

// Word is what a row of the file is called in messages.
func (f *FileReport) Word() string { return cmp.Or(f.Counted, "line") }

// Repair counts a row that is kept after a repair.
func (f *FileReport) Repair(line int64, reason string) {
	f.Repaired = count(f.Repaired, line, reason)
}

// Ignore names columns that were there and not read.
func (f *FileReport) Ignore(columns ...string) {
	f.Ignored = append(f.Ignored, columns...)
	sort.Strings(f.Ignored)
}

// PlacingReport says how addresses met streets and census areas.
type PlacingReport struct {
	Streets            int64    `json:"streets"`
	Segments           int64    `json:"segments"`
	LengthKM           float64  `json:"length_km"`
	Addresses          int64    `json:"addresses"`
	ByName             int64    `json:"segment_by_name"`
	ByNearest          int64    `json:"segment_by_nearest"`
	MaxSegmentOffM     float64  `json:"max_segment_off_m"`
	InCensusArea       int64    `json:"in_census_area"`
	Households         float64  `json:"households"`
	HouseholdsFrom     []Tally  `json:"households_from"`              // addresses by where their households come from
	CensusWithoutArea  int64    `json:"census_without_area"`          // areas with figures that no source has the shape of
	AreasWithoutCensus int64    `json:"areas_without_census"`         // shapes that no source has figures of
	StaleAddresses     int64    `json:"stale_addresses,omitempty"`    // with over five times the households per door of their precinct's median
	StaleCensus        []string `json:"stale_census_areas,omitempty"` // the census areas that say so: of another year than the addresses?
	CensusRates        []Tally  `json:"census_rates,omitempty"`       // figures that shares are learnt from, with the addresses of which each is not known
}

// Tally is a count under a name.
type Tally struct {
	Name  string `json:"name"`
	Count int64  `json:"count"`
}

// DivisionReport says how addresses met the precincts of one division.
type DivisionReport struct {
	Division  string          `json:"division"`
	Precincts int64           `json:"precincts"`
	WithArea  int64           `json:"with_area"`
	ByTable   int64           `json:"placed_by_table,omitempty"` // by their own rows of the register
	ByArea    int64           `json:"placed_by_area"`
	ByStreet  int64           `json:"placed_by_street,omitempty"` // by the register's rows of their street
	ByNearest int64           `json:"placed_by_nearest"`          // by the nearest area or point of the register
	InSeveral int64           `json:"in_several_areas"`           // addresses shared by several precincts
	Unplaced  int64           `json:"unplaced"`                   // further from every area and point than the limit
	MaxOffM   float64         `json:"max_off_m"`
	NoAddress []string        `json:"precincts_without_address,omitempty"`
	Guessed   []string        `json:"precincts_guessed,omitempty"` // with more than 5 % of their addresses by street or as the nearest to them: their streets' weights count as less sure
	Joined    []string        `json:"joined_to_whole,omitempty"`   // parts of precincts without results: their areas are those of the whole
	Register  *RegisterReport `json:"register,omitempty"`

	// Communes that are one precinct: its total says nothing of its streets, which only the precincts around tell apart.
	OnePrecinct      int64    `json:"communes_of_one_precinct,omitempty"`
	OnePrecinctFirst []string `json:"communes_of_one_precinct_first,omitempty"` // the codes of the first of them
}

// RegisterReport says how a division's register of voters' addresses met the addresses, both ways.
type RegisterReport struct {
	Rows             int64   `json:"rows"`
	Doors            int64   `json:"doors"` // addresses of voters that the rows stand for
	Precincts        int64   `json:"precincts"`
	Points           int64   `json:"points"` // different addresses or positions
	PointsInSeveral  int64   `json:"points_in_several_precincts"`
	MatchedRows      int64   `json:"matched_rows"` // that an address of the place took its precinct from
	MatchedDoors     int64   `json:"matched_doors"`
	UnmatchedRows    int64   `json:"unmatched_rows"` // of a house that is not among the addresses
	UnmatchedLines   []int64 `json:"unmatched_lines,omitempty"`
	CoarseRows       int64   `json:"coarse_rows"`       // of a whole street, locality or commune
	AddressesWithout int64   `json:"addresses_without"` // addresses of the place that are not in the register
	// Where a division has areas too: addresses with both, and those of them whose area is among their precincts of the register.
	AreaCompared int64 `json:"area_compared,omitempty"`
	AreaAgrees   int64 `json:"table_agrees_with_area,omitempty"`
}

// CrosswalkReport says how well the precincts of one division go into those of another, by the addresses placed in both.
type CrosswalkReport struct {
	From              string   `json:"from"`
	To                string   `json:"to"`
	Precincts         int64    `json:"precincts"`
	Whole             int64    `json:"whole"`                       // that have 99 % of their households in one precinct of the other
	MeanLargestPart   float64  `json:"mean_largest_part"`           // of a precinct's households, the mean over the precincts that have an address in both
	NowhereElse       int64    `json:"nowhere_else"`                // precincts without an address in the other division; their votes stay without a place
	HouseholdsWithout float64  `json:"households_without"`          // at addresses without a precinct in one of the two or both
	SameNumberApart   []string `json:"same_number_apart,omitempty"` // precincts whose number is in both and whose ground is less than half the same
}

// DistrictReport says how the precincts of one division went into the districts of a set.
type DistrictReport struct {
	Set       string   `json:"set"`
	Division  string   `json:"division"`
	Districts int64    `json:"districts"` // that have a precinct of the division
	Precincts int64    `json:"precincts"` // of the division
	Inside    int64    `json:"inside"`    // those of them that are in a district
	Outside   []string `json:"outside,omitempty"`
	Cut       []string `json:"cut,omitempty"`      // precincts with households beyond the border of their district: each is counted in it as a whole
	Tied      []string `json:"tied,omitempty"`     // precincts of which two districts have as much; they are in the one whose code comes first
	MostCut   float64  `json:"most_cut,omitempty"` // the largest part of a precinct's households that is beyond the border
}

// LicenceReport lists the files under a licence.
type LicenceReport struct {
	Licence    string   `json:"licence"`
	ShareAlike bool     `json:"share_alike"` // what is derived may only be passed on under the same licence
	Files      []string `json:"files"`
}

// ContestReport compares a contest's rows with its precincts and with the identities that should hold.
type ContestReport struct {
	Contest        string   `json:"contest"`
	Division       string   `json:"division"`
	Base           string   `json:"base,omitempty"` // "ballots" where the source counts no registered voters: then they stand for them
	Precincts      int64    `json:"precincts"`
	Matched        int64    `json:"matched"`                   // precincts of the contest that have an area or stand in a register
	NoArea         []string `json:"no_area,omitempty"`         // results with neither
	Joined         []string `json:"joined_to_whole,omitempty"` // parts of precincts without an area: their votes are those of the whole
	NoResult       []string `json:"no_result,omitempty"`       // areas and precincts of the register without a result, in communes that voted
	Plurinominal   int64    `json:"plurinominal,omitempty"`    // precincts left out as their voters mark several names
	InCommunes     []string `json:"plurinominal_communes,omitempty"`
	ModelledOnly   []string `json:"modelled_only,omitempty"`  // precincts with addresses and without voters or a result: their shares are predicted from those around, and nobody is counted
	NoBallot       []string `json:"no_ballot,omitempty"`      // precincts with registered voters where no ballot is counted: all are taken for abstention, as published, and nothing is learnt from it
	FlatPrecincts  []string `json:"flat_precincts,omitempty"` // whose streets all have the precinct's own shares, for what the model expects cannot be brought to their result
	Registered     int64    `json:"registered"`
	NonTerritorial int64    `json:"non_territorial"`                // registered voters kept at segment 0
	PartsEmpty     int64    `json:"parts_without_voters,omitempty"` // what a precinct with voters has on a segment without any, as there are too few households: it has no share
	// Precincts whose area states its electors, and the median difference of the registered voters from those, as a part of them.
	ElectorsCompared  int64          `json:"electors_compared,omitempty"`
	ElectorsMedianOff float64        `json:"electors_median_off,omitempty"`
	Disagree          []Disagreement `json:"disagree,omitempty"`
	Sources           *TwoSources    `json:"two_sources,omitempty"` // where results are provisional, or were
	LeftOut           []Disagreement `json:"left_out,omitempty"`    // other precincts that are no partition of their registered voters
	// Backtest merges neighbouring precincts, hands their total down and compares with what each really had.
	Backtest         []Backtest `json:"backtest,omitempty"`
	BallotsMisplaced float64    `json:"ballots_misplaced,omitempty"`      // per cent of the registered voters put in the wrong precinct
	FlatMisplaced    float64    `json:"flat_ballots_misplaced,omitempty"` // the same, had every precinct of a group the group's shares
}

// Disagreement is a precinct whose voters are not the sum of what the source counts.
type Disagreement struct {
	Precinct   string `json:"precinct"`   // as published
	Line       int64  `json:"line"`       // the first of its rows
	Difference int64  `json:"difference"` // voters less blank, null and candidates
	Action     string `json:"action"`

	Provisional bool `json:"provisional,omitempty"` // the line is of the provisional source
}

// TwoSources compares a contest's provisional source with the final one, whose figures are taken precinct by precinct.
type TwoSources struct {
	Provisional    int64      `json:"provisional"`       // precincts whose result is the provisional one, as there is no final one
	InBoth         int64      `json:"in_both"`           // precincts
	PrecinctsApart int64      `json:"precincts_apart"`   // those of them in which a figure differs
	Conflicts      int64      `json:"conflicts"`         // figures that differ
	Largest        []Conflict `json:"largest,omitempty"` // the 20 that differ most
}

// Conflict is a figure of a precinct that two sources of a contest have otherwise.
type Conflict struct {
	Precinct    string `json:"precinct"` // as published
	Figure      string `json:"figure"`   // a choice, registered or voters
	Provisional int64  `json:"provisional"`
	Final       int64  `json:"final"`
}

// Delta is by how much the final figure is more.
func (c Conflict) Delta() int64 { return c.Final - c.Provisional }

// BacktestMerged is about how many neighbouring precincts the backtest of a build merges and takes apart again.
const BacktestMerged = 5

// Backtest is the measured error of one choice when neighbouring precincts are merged and taken apart again.
type Backtest struct {
	Choice  string  `json:"choice"`
	MAE     float64 `json:"mae"`      // points of the registered voters
	FlatMAE float64 `json:"flat_mae"` // the same with the group's share for all
	Cover50 float64 `json:"cover50"`  // per cent
	Cover90 float64 `json:"cover90"`
}

// PublicationReport counts the units of one kind by what may leave.
type PublicationReport struct {
	Unit       string `json:"unit"` // cells with their resolution, as cell 9
	Published  int64  `json:"published"`
	K          int64  `json:"suppressed_k"`
	Complement int64  `json:"suppressed_complement"`
	Earlier    int64  `json:"suppressed_earlier"` // for the sake of the snapshots before
	Empty      int64  `json:"empty"`
	Joined     int64  `json:"joined,omitempty"` // segments that stand under the id of another of their street; they are in none of the other counts

	// Households of those units, each as the division that has the most of it counts them.
	HouseholdsPublished  float64 `json:"households_published"`
	HouseholdsK          float64 `json:"households_suppressed_k"`
	HouseholdsComplement float64 `json:"households_suppressed_complement"`
	HouseholdsEarlier    float64 `json:"households_suppressed_earlier"`
}

// What the votes of a contest are shares of: registered voters, or where the source counts none the ballots, which stand for them.
const (
	BaseRegistered = "registered"
	BaseBallots    = "ballots"
)

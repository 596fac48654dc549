package api

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/geo"
)

// UnitID is a unit's id as it stands in tiles: a cell's 15 hex digits in a string, any other id as a number.
type UnitID struct {
	Unit engine.Unit
	ID   int64
}

// MarshalJSON writes the id.
func (u UnitID) MarshalJSON() ([]byte, error) {
	if u.Unit == engine.UnitCell {
		return json.Marshal(geo.Cell(u.ID).String())
	}
	return json.Marshal(u.ID)
}

// Schema describes the two forms.
func (UnitID) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Description: "As in tiles: a cell's 15 hex digits in a string, any other id as a number",
		OneOf:       []*huma.Schema{{Type: huma.TypeInteger}, {Type: huma.TypeString, Pattern: "^[0-9a-f]{15}$"}},
	}
}

// Score is what is published of one unit.
type Score struct {
	Snapshot   string          `json:"snapshot"`
	Unit       engine.Unit     `json:"unit" enum:"segment,cell,precinct,commune,district"`
	ID         UnitID          `json:"id"`
	Name       string          `json:"name" doc:"Street, precinct code, commune, district, or the cell itself"`
	Set        string          `json:"set,omitempty" doc:"Of a district: the set that it is of, a collection of the same name"`
	Code       string          `json:"code,omitempty" doc:"Of a district: its code, as published"`
	Joined     []int64         `json:"joined,omitempty" nullable:"false" doc:"Of a segment: the other segments of its street that were joined with it, as one of them alone has too few households; each of them has this score, under this id"`
	State      engine.State    `json:"state" enum:"published,suppressed,empty" doc:"Numbers are given of published units only"`
	Reason     *engine.Reason  `json:"reason" nullable:"true" enum:"k,complement,earlier" doc:"Why a unit is suppressed: k, fewer than 11 households; complement, it would give away a neighbour by subtraction; earlier, it would together with what an earlier snapshot published"`
	Households *float64        `json:"households" nullable:"true"`
	Contests   []ContestScores `json:"contests" doc:"Empty unless the unit is published"`
}

// ContestScores are a unit's numbers in one contest.
type ContestScores struct {
	Contest  string                  `json:"contest"`
	Name     string                  `json:"name"`
	N        int64                   `json:"n" doc:"Registered voters; the votes of the choices sum to it"`
	Modelled bool                    `json:"modelled_only,omitempty" doc:"No result is known of its precincts: n and votes are 0, and the shares are predicted from the precincts around"`
	Choices  []ChoiceScore           `json:"choices"`
	Measures map[string]MeasureScore `json:"measures,omitempty" doc:"Those that belong to no choice, such as turnout, by their id in /v1/contests; those that the contest or the unit does not have are left out"`
}

// ChoiceScore is a unit's number for one choice, with its intervals where the method gives them.
type ChoiceScore struct {
	Choice   string                  `json:"choice"`
	Name     string                  `json:"name"`
	Votes    int64                   `json:"votes"`
	Value    *float64                `json:"value" nullable:"true" doc:"Share of the registered voters, 0..1; null where there are none, unless it is modelled only"`
	Low      *float64                `json:"low" nullable:"true" doc:"Low end of the 90 % interval of the share"`
	High     *float64                `json:"high" nullable:"true" doc:"High end of the 90 % interval of the share"`
	Low50    *float64                `json:"low50" nullable:"true" doc:"Low end of the 50 % interval"`
	High50   *float64                `json:"high50" nullable:"true" doc:"High end of the 50 % interval"`
	Measures map[string]MeasureScore `json:"measures,omitempty" doc:"The other measures of the choice, by their id in /v1/contests"`
}

// MeasureScore is a measure of a unit with its intervals.
type MeasureScore struct {
	Value   float64 `json:"value"`
	Low     float64 `json:"low" doc:"Low end of the 90 % interval"`
	High    float64 `json:"high" doc:"High end of the 90 % interval"`
	Low50   float64 `json:"low50" doc:"Low end of the 50 % interval"`
	High50  float64 `json:"high50" doc:"High end of the 50 % interval"`
	Against string  `json:"against,omitempty" doc:"The choice that a margin is over"`
	Since   string  `json:"since,omitempty" doc:"The contest that a change is counted from"`
}

// UnitPath names a unit.
type UnitPath struct {
	Unit engine.Unit `path:"unit" enum:"segment,cell,precinct,commune,district" example:"segment"`
	ID   string      `path:"id" doc:"15 hex digits for a cell, decimal otherwise" example:"1545228139172"`
}

type scoreInput struct {
	UnitPath
	Contest string `query:"contest" doc:"Only this contest; all of them by default"`
	Against string `query:"against" doc:"With a contest: the choice that its margins are over; the strongest other candidate of the whole place by default"`
	Since   string `query:"since" doc:"With a contest: the contest that its changes are counted from, where a choice has one from there; the latest before by default"`
	PinnedQuery
}

type scoreOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         Score
}

func (s *server) registerScores(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "get-score",
		Method:      http.MethodGet,
		Path:        "/v1/scores/{unit}/{id}",
		Summary:     "The numbers of one unit",
		Tags:        []string{"numbers"},
		Errors:      []int{http.StatusNotFound, http.StatusGone, http.StatusUnprocessableEntity, http.StatusServiceUnavailable},
	}, s.getScore)
}

func (s *server) getScore(_ context.Context, in *scoreInput) (*scoreOutput, error) {
	city, err := s.cityAt(in.Snapshot)
	if err != nil {
		return nil, err
	}
	id, err := in.parse()
	if err != nil {
		return nil, err
	}
	score, err := city.Score(in.Unit, id, live.ScoreQuery{Contest: in.Contest, Against: in.Against, Since: in.Since})
	if err != nil {
		return nil, problemFor(err, s.log)
	}
	return &scoreOutput{in.cacheControl(), publishedScore(city, score)}, nil
}

// parse reads the id of the path.
func (p UnitPath) parse() (int64, error) {
	if p.Unit == engine.UnitCell {
		cell, err := geo.ParseCell(p.ID)
		if err != nil {
			return 0, invalid("path.id", p.ID, fmt.Sprintf("%q is not an H3 cell: give its 15 hexadecimal digits", p.ID))
		}
		return int64(cell), nil
	}
	id, err := strconv.ParseInt(p.ID, 10, 64)
	if err != nil || id < 0 || id >= 1<<53 {
		return 0, invalid("path.id", p.ID, fmt.Sprintf("%q is not the id of a %s: give a whole number from 0 to 2^53 - 1", p.ID, p.Unit))
	}
	return id, nil
}

// publishedScore writes a score. Numbers are written of published units only, whatever else the
// score holds.
func publishedScore(city City, score live.Score) Score {
	out := Score{Snapshot: city.Snapshot(), Unit: score.Unit, ID: UnitID{score.Unit, score.ID}, Name: score.Name, Set: score.Set, Code: score.Code, Joined: score.Joined, State: score.State,
		Contests: []ContestScores{}}
	if score.Reason != engine.ReasonNone {
		out.Reason = &score.Reason
	}
	if score.State != engine.Published {
		return out
	}
	if score.Households > 0 {
		out.Households = &score.Households
	}
	for _, numbers := range score.Contests {
		out.Contests = append(out.Contests, contestScores(city, numbers))
	}
	return out
}

func contestScores(city City, numbers live.ContestScore) ContestScores {
	out := ContestScores{Contest: numbers.Contest, N: numbers.Registered, Modelled: numbers.ModelledOnly, Choices: []ChoiceScore{}, Measures: measureScores(numbers.Measures)}
	names := map[string]string{}
	if c, err := findContest(city, numbers.Contest); err == nil {
		out.Name = c.Name
		for _, choice := range c.Choices {
			names[choice.ID] = choice.Name
		}
	}
	// Shares of choices sum to 1, so where there are intervals some high end is above 0.
	intervals := false
	for _, c := range numbers.Choices {
		intervals = intervals || c.High90 > 0
	}
	for _, c := range numbers.Choices {
		choice := ChoiceScore{Choice: c.Choice, Name: names[c.Choice], Votes: c.Votes, Measures: measureScores(c.Measures)}
		if numbers.Registered > 0 || numbers.ModelledOnly {
			choice.Value = &c.Share
		}
		if choice.Value != nil && intervals && !math.IsNaN(c.Low90+c.Low50+c.High50+c.High90) {
			choice.Low, choice.High, choice.Low50, choice.High50 = &c.Low90, &c.High90, &c.Low50, &c.High50
		}
		out.Choices = append(out.Choices, choice)
	}
	return out
}

func measureScores(measures []live.MeasureScore) map[string]MeasureScore {
	out := map[string]MeasureScore{}
	for _, m := range measures {
		out[m.Measure] = MeasureScore{sixDecimals(m.Value), sixDecimals(m.Low90), sixDecimals(m.High90), sixDecimals(m.Low50), sixDecimals(m.High50), m.Against, m.Since}
	}
	return out
}

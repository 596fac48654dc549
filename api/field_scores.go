package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/disclose"
	"github.com/arpent/arpent/engine/live"
)

// FieldScore is what the staff sees of one unit.
type FieldScore struct {
	Snapshot   string                       `json:"snapshot"`
	Unit       engine.Unit                  `json:"unit" enum:"segment,cell,precinct,commune"`
	ID         UnitID                       `json:"id"`
	Name       string                       `json:"name"`
	Addresses  int64                        `json:"addresses"`
	Households float64                      `json:"households" doc:"That live there"`
	Counts     FieldCounts                  `json:"counts"`
	Teams      []TeamCounts                 `json:"teams" doc:"By name; without answers"`
	Support    *[5]int64                    `json:"support" nullable:"true" doc:"Households by their last answer, -2 to +2; null where fewer than 11 answered, and where fewer than 50 did and nearly all said the same"`
	Measures   map[string]FieldMeasureScore `json:"measures" doc:"By their id in /v1/field/measures"`
}

// FieldCounts are counts of returns.
type FieldCounts struct {
	Doors      int64   `json:"doors" doc:"Different doors that were tried, where doors are told apart"`
	Attempts   int64   `json:"attempts"`
	Contacts   int64   `json:"contacts"`
	Refusals   int64   `json:"refusals"`
	NotHome    int64   `json:"not_home"`
	Answers    *int64  `json:"answers" nullable:"true" doc:"Attempts with an answer about support, of the households that are told of; null where those are fewer than 11"`
	Households *int64  `json:"households" nullable:"true" doc:"Different doors that answered about support: those in parts of streets in a precinct where 11 or more did, and what a precinct has beside them where that is 11 or more; null where there are none"`
	LastDay    *string `json:"last_day" nullable:"true" format:"date"`
}

// TeamCounts is what a team did.
type TeamCounts struct {
	Team   string      `json:"team"`
	Counts FieldCounts `json:"counts"`
}

// FieldMeasureScore is a measure of a unit, or why it has none.
type FieldMeasureScore struct {
	State  engine.State   `json:"state" enum:"published,suppressed,empty"`
	Reason *engine.Reason `json:"reason" nullable:"true" enum:"k" doc:"k: fewer than 11 households answered"`
	Value  *float64       `json:"value" nullable:"true"`
	Low    *float64       `json:"low" nullable:"true" doc:"Low end of the 90 % interval"`
	High   *float64       `json:"high" nullable:"true" doc:"High end of the 90 % interval"`
	Low50  *float64       `json:"low50" nullable:"true" doc:"Low end of the 50 % interval"`
	High50 *float64       `json:"high50" nullable:"true" doc:"High end of the 50 % interval"`
	N      *int64         `json:"n" nullable:"true" doc:"Doors tried, or of measures made of answers the households that answered"`
}

type fieldScoreOutput struct{ Body FieldScore }

const fieldScoresRoute = "/v1/field/scores/{unit}/{id}"

func (s *server) registerFieldScores(api huma.API) {
	huma.Register(api, fieldOperation(engine.FieldRead, huma.Operation{
		OperationID: "get-field-score",
		Method:      http.MethodGet,
		Path:        fieldScoresRoute,
		Summary:     "What the field says of one unit, as it is now",
		Errors:      []int{http.StatusNotFound},
	}), s.getFieldScore)
}

// fieldUnitPath names a unit that the field is told of.
type fieldUnitPath struct {
	Unit engine.Unit `path:"unit" enum:"segment,cell,precinct,commune" example:"segment"`
	ID   string      `path:"id" doc:"15 hex digits for a cell, decimal otherwise" example:"1545228139172"`
}

func (s *server) getFieldScore(ctx context.Context, in *fieldUnitPath) (*fieldScoreOutput, error) {
	holder, view, err := s.staffView(ctx)
	if err != nil {
		return nil, err
	}
	city, err := s.city()
	if err != nil {
		return nil, err
	}
	id, err := UnitPath(*in).parse()
	if err != nil {
		return nil, err
	}
	score, err := view.Score(ctx, in.Unit, id)
	if err != nil {
		return nil, problemFor(err, s.log)
	}
	if err := s.audited(holder, fieldScoresRoute, string(in.Unit), 1); err != nil {
		return nil, err
	}
	return &fieldScoreOutput{fieldScore(city.Snapshot(), score)}, nil
}

func fieldScore(snapshot string, score live.FieldScore) FieldScore {
	out := FieldScore{Snapshot: snapshot, Unit: score.Unit, ID: UnitID{score.Unit, score.ID}, Name: score.Name, Addresses: score.Addresses,
		Households: score.Households, Counts: fieldCounts(score.Counts), Teams: []TeamCounts{}, Measures: map[string]FieldMeasureScore{}}
	told := score.Counts.Told >= disclose.K
	if told {
		out.Support = score.Support
	}
	for _, team := range score.Teams {
		counts := fieldCounts(team.Counts)
		counts.Answers, counts.Households = nil, nil
		out.Teams = append(out.Teams, TeamCounts{team.Team, counts})
	}
	answers := map[string]bool{}
	for _, m := range live.FieldMeasures() {
		answers[m.ID] = m.Answers
	}
	for i := range score.Measures {
		m := &score.Measures[i]
		number := FieldMeasureScore{State: m.State, N: &m.N}
		if m.Reason != engine.ReasonNone {
			number.Reason = &m.Reason
		}
		if answers[m.Measure] && !told {
			number.N = nil
		}
		if m.State == engine.Published {
			value := func(x float64) *float64 { x = sixDecimals(x); return &x }
			number.Value, number.Low, number.High, number.Low50, number.High50 = value(m.Value), value(m.Low90), value(m.High90), value(m.Low50), value(m.High50)
		}
		out.Measures[m.Measure] = number
	}
	return out
}

// fieldCounts writes counts; those of answers only of households that may be told of. Whether others answered is not told either.
func fieldCounts(c live.FieldCounts) FieldCounts {
	out := FieldCounts{Doors: c.Doors, Attempts: c.Attempts, Contacts: c.Contacts, Refusals: c.Refusals, NotHome: c.NotHome}
	if c.Told >= disclose.K {
		out.Households, out.Answers = &c.Told, &c.Answers
	}
	if c.LastDay != 0 {
		day := date(int64(c.LastDay))
		out.LastDay = &day
	}
	return out
}

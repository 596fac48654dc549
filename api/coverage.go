package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
)

// Coverage is how far a campaign has come: where it was, and whether whom it met is like those who live there.
type Coverage struct {
	By   string        `json:"by" enum:"segment,precinct,team"`
	All  CoverageRow   `json:"all"`
	Rows []CoverageRow `json:"rows" doc:"Without those where nobody was"`
	Mix  []Mix         `json:"mix" doc:"Of all first, then of each team"`
}

// CoverageRow counts what was done in a segment, in a precinct or by a team. Of a team there are no addresses, households and answers.
type CoverageRow struct {
	ID         int64       `json:"id,omitempty" doc:"Of the segment or the precinct"`
	Name       string      `json:"name" doc:"Of the street, the precinct or the team"`
	Addresses  int64       `json:"addresses,omitempty"`
	Households float64     `json:"households,omitempty" doc:"That live there"`
	Counts     FieldCounts `json:"counts"`
}

// Mix compares the streets of those who were met with all streets of the place, by the last result. It says where a team walked, and
// nothing of what anybody answered.
type Mix struct {
	Team     string   `json:"team" doc:"Empty: all teams"`
	Contacts int64    `json:"contacts" doc:"That it is counted over: those in streets whose shares are published"`
	Own      float64  `json:"own" doc:"Points by which the campaign's choice was stronger in the streets of those met than in the whole place"`
	Turnout  *float64 `json:"turnout" nullable:"true" doc:"The same of turnout; null where the contest does not count abstention"`
}

type coverageInput struct {
	By string `query:"by" enum:"segment,precinct,team" default:"segment"`
}

type coverageOutput struct{ Body Coverage }

const coverageRoute = "/v1/field/coverage"

func (s *server) registerCoverage(api huma.API) {
	huma.Register(api, fieldOperation(engine.FieldRead, huma.Operation{
		OperationID: "get-coverage",
		Method:      http.MethodGet,
		Path:        coverageRoute,
		Summary:     "Where the campaign was, and whether whom it met is like the electorate",
	}), s.getCoverage)
}

func (s *server) getCoverage(ctx context.Context, in *coverageInput) (*coverageOutput, error) {
	holder, view, err := s.staffView(ctx)
	if err != nil {
		return nil, err
	}
	found, err := view.Coverage(ctx, engine.Dimension(in.By))
	if err != nil {
		return nil, problemFor(err, s.log)
	}
	if err := s.audited(holder, coverageRoute, in.By, len(found.Rows)); err != nil {
		return nil, err
	}
	out := Coverage{By: in.By, All: coverageRow(found.All), Rows: make([]CoverageRow, 0, len(found.Rows)), Mix: make([]Mix, 0, len(found.Mix))}
	for _, row := range found.Rows {
		out.Rows = append(out.Rows, coverageRow(row))
	}
	for _, m := range found.Mix {
		mix := Mix{Team: m.Team, Contacts: m.Contacts, Own: sixDecimals(m.Own)}
		if turnout := sixDecimals(m.Turnout); m.HasTurnout {
			mix.Turnout = &turnout
		}
		out.Mix = append(out.Mix, mix)
	}
	return &coverageOutput{out}, nil
}

func coverageRow(row live.CoverageRow) CoverageRow {
	return CoverageRow{row.ID, row.Name, row.Addresses, row.Households, fieldCounts(row.Counts)}
}

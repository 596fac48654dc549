package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
)

// SnapshotBacktest is what the estimates of a snapshot are worth, as measured when it was built.
type SnapshotBacktest struct {
	Snapshot  string             `json:"snapshot"`
	Method    string             `json:"method" doc:"How it is measured, in words"`
	Merged    int                `json:"merged" doc:"About how many neighbouring precincts are merged"`
	Addresses AddressPlacing     `json:"addresses"`
	Divisions []DivisionPlacing  `json:"divisions"`
	Contests  []MeasuredEstimate `json:"contests"`
}

// AddressPlacing is how addresses met streets.
type AddressPlacing struct {
	All       int64 `json:"all"`
	ByName    int64 `json:"by_name" doc:"At a segment that bears the name of their street"`
	ByNearest int64 `json:"by_nearest" doc:"At another, the nearest"`
}

// DivisionPlacing is how addresses met the precincts of a division: how many were placed by what.
type DivisionPlacing struct {
	Division  string `json:"division"`
	Precincts int64  `json:"precincts"`
	ByTable   int64  `json:"by_table" doc:"Addresses placed by their own rows of a register of voters' addresses"`
	ByArea    int64  `json:"by_area" doc:"By the area they lie in"`
	ByStreet  int64  `json:"by_street" doc:"By the register's rows of their street"`
	ByNearest int64  `json:"by_nearest" doc:"By the nearest area, or point of the register"`
	InSeveral int64  `json:"in_several" doc:"In areas of several precincts, which share them"`
	Nowhere   int64  `json:"nowhere" doc:"Farther from every precinct than the limit"`
	Guessed   int64  `json:"precincts_guessed" doc:"Precincts with more than 5 % of their addresses by street or as the nearest: their streets are less sure"`
}

// MeasuredEstimate is how far the estimates of a contest are off where the truth is known.
type MeasuredEstimate struct {
	Contest       string           `json:"contest"`
	Name          string           `json:"name"`
	Division      string           `json:"division"`
	Registered    *int64           `json:"registered" nullable:"true" doc:"Registered voters, or ballots (see /v1/contests); null where a commune is suppressed"`
	Precincts     int64            `json:"precincts" doc:"With results"`
	Disagree      int64            `json:"precincts_disagree" doc:"Precincts whose published figures disagree with one another"`
	Misplaced     *float64         `json:"ballots_misplaced" nullable:"true" doc:"Per cent of the registered voters that are put into the wrong precinct; null where there are too few precincts to measure it"`
	FlatMisplaced *float64         `json:"flat_ballots_misplaced" nullable:"true" doc:"The same, had every precinct the shares of all that it was merged with"`
	Choices       []MeasuredChoice `json:"choices" doc:"In the order of /v1/contests; none where there are too few precincts"`
}

// MeasuredChoice is the same of a choice.
type MeasuredChoice struct {
	Choice   string  `json:"choice"`
	Name     string  `json:"name"`
	Reserved bool    `json:"reserved" doc:"Not on the ballot: abstention, blank, null and the like"`
	MAE      float64 `json:"mae" doc:"Mean error of a precinct, in points (per cent of the registered voters)"`
	FlatMAE  float64 `json:"flat_mae" doc:"The same, had every precinct the shares of all that it was merged with"`
	Cover50  float64 `json:"cover50" doc:"Per cent of the precincts whose result lies in the 50 % interval"`
	Cover90  float64 `json:"cover90" doc:"Per cent of the precincts whose result lies in the 90 % interval"`
}

// currentName stands for the current snapshot in an address.
const currentName = "current"

type backtestInput struct {
	Snapshot string `path:"snapshot" maxLength:"64" doc:"A snapshot of /v1/snapshots, or current" example:"current"`
}

type backtestOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         SnapshotBacktest
}

func (s *server) registerBacktest(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "get-backtest",
		Method:      http.MethodGet,
		Path:        "/v1/snapshots/{snapshot}/backtest",
		Summary:     "What the estimates of a snapshot are worth, as measured when it was built",
		Description: "Neighbouring precincts are merged and told apart again from nothing but their sum, as a precinct is told apart into streets, and what comes out is compared with their results: " +
			"the error between streets of a precinct, which nobody can measure, is not quite that. Where there are fewer than 11 precincts it is not told. 404: the snapshot was built without a contest.",
		Tags:   []string{"numbers"},
		Errors: []int{http.StatusNotFound, http.StatusGone, http.StatusServiceUnavailable},
	}, s.getBacktest)
}

func (s *server) getBacktest(_ context.Context, in *backtestInput) (*backtestOutput, error) {
	pinned := PinnedQuery{Snapshot: in.Snapshot}
	if in.Snapshot == currentName {
		pinned.Snapshot = ""
	}
	city, err := s.cityAt(pinned.Snapshot)
	if err != nil {
		return nil, err
	}
	told := city.Backtest()
	if len(told.Contests) == 0 {
		return nil, problem(http.StatusNotFound, CodeNotAvailable, "nothing was measured when the snapshot was built: it has no contest")
	}
	out := SnapshotBacktest{
		Snapshot: city.Snapshot(), Merged: told.Merged, Divisions: []DivisionPlacing{}, Contests: []MeasuredEstimate{},
		Method:    fmt.Sprintf("Neighbouring precincts are merged, about %d at a time, their sum is handed down to each again, and what each gets is compared with its own result.", told.Merged),
		Addresses: AddressPlacing{told.Addresses, told.ByName, told.ByNearest},
	}
	for _, d := range told.Divisions {
		out.Divisions = append(out.Divisions, DivisionPlacing{d.Division, d.Precincts, d.ByTable, d.ByArea, d.ByStreet, d.ByNearest, d.InSeveral, d.Nowhere, d.Guessed})
	}
	for _, contest := range city.Contests() {
		for i := range told.Contests {
			if told.Contests[i].Contest == contest.ID {
				out.Contests = append(out.Contests, measured(contest, &told.Contests[i]))
			}
		}
	}
	return &backtestOutput{pinned.cacheControl(), out}, nil
}

func measured(contest live.Contest, told *live.ContestBacktest) MeasuredEstimate {
	m := MeasuredEstimate{
		Contest: contest.ID, Name: contest.Name, Division: contest.Division, Registered: registeredIn(contest),
		Precincts: told.Precincts, Disagree: told.Disagree, Choices: []MeasuredChoice{},
	}
	if told.Measured {
		m.Misplaced, m.FlatMisplaced = &told.Misplaced, &told.FlatMisplaced
	}
	for _, choice := range contest.Choices {
		for _, of := range told.Choices {
			if of.Choice == choice.ID {
				m.Choices = append(m.Choices, MeasuredChoice{choice.ID, choice.Name, engine.IsReserved(choice.ID), of.MAE, of.FlatMAE, of.Cover50, of.Cover90})
			}
		}
	}
	return m
}

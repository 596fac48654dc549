package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
)

// ContestList is what can be asked of a snapshot.
type ContestList struct {
	Snapshot string    `json:"snapshot"`
	Measures []Measure `json:"measures" doc:"The first is the default"`
	Contests []Contest `json:"contests" doc:"The first is the default"`
}

// Measure is a number that tiles and scores show.
type Measure struct {
	ID             string   `json:"id"`
	Name           string   `json:"name"`
	Unit           string   `json:"unit" enum:"fraction 0..1,fraction -1..1,votes,voters,people"`
	Diverging      bool     `json:"diverging" doc:"It goes from negative to positive, with zero in the middle"`
	Parameters     []string `json:"parameters" enum:"choice,against,since" doc:"What it is asked for beside the contest; other parameters are refused"`
	CandidatesOnly bool     `json:"candidates_only" doc:"Its choice is none of the reserved ones"`
	Definition     string   `json:"definition" doc:"What it is and what its interval holds, in words"`
}

// Contest is an election, or one round of it.
type Contest struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Date     *string  `json:"date" nullable:"true" format:"date"`
	Round    int      `json:"round"`
	Division string   `json:"division" doc:"The precincts it was counted in"`
	Base     string   `json:"base" enum:"registered,ballots" doc:"What n counts and values are shares of: registered voters, or the ballots cast where the source counts no registered voters"`
	N        *int64   `json:"n" nullable:"true" doc:"Registered voters, or ballots (see base); null where a commune is suppressed"`
	Placed   bool     `json:"placed" doc:"Streets and cells have numbers of it. false where the division's areas are not loaded: then precincts, communes and districts alone"`
	Measures []string `json:"measures" doc:"The measures it has. Not all do: there is no turnout where nobody counted abstention"`
	Choices  []Choice `json:"choices" doc:"By votes, then the reserved choices; their votes sum to n"`
}

// Choice is a candidate, a list, or a reserved choice such as abstention.
type Choice struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Family   *string  `json:"family" nullable:"true" doc:"Political label"`
	Colour   string   `json:"colour" doc:"#rrggbb"`
	Votes    *int64   `json:"votes" nullable:"true" doc:"Over the whole place; null where a commune is suppressed"`
	Reserved bool     `json:"reserved" doc:"Not on the ballot: abstention, blank, null and the like"`
	Since    []string `json:"since" doc:"The contests that its change can be counted from: those known to be before, the latest leading, then those without a date"`
}

type contestsInput struct{ PinnedQuery }
type contestsOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         ContestList
}

func (s *server) registerContests(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "list-contests",
		Method:      http.MethodGet,
		Path:        "/v1/contests",
		Summary:     "Contests, their choices and the measures",
		Tags:        []string{"numbers"},
		Errors:      []int{http.StatusGone, http.StatusUnprocessableEntity, http.StatusServiceUnavailable},
	}, s.listContests)
}

func (s *server) listContests(_ context.Context, in *contestsInput) (*contestsOutput, error) {
	city, err := s.cityAt(in.Snapshot)
	if err != nil {
		return nil, err
	}
	list := ContestList{Snapshot: city.Snapshot(), Measures: []Measure{}, Contests: []Contest{}}
	for _, m := range live.Measures() {
		list.Measures = append(list.Measures, Measure{m.ID, m.Title, m.Unit, m.Diverging, append([]string{}, m.Parameters...), m.CandidatesOnly, m.Definition})
	}
	contests := city.Contests()
	for at, c := range contests {
		contest := Contest{ID: c.ID, Name: c.Name, Date: given(c.Date), Round: c.Round, Division: c.Division, Base: c.Base, Placed: c.Placed,
			Measures: live.MeasuresOf(contests, at), Choices: []Choice{}}
		contest.N = registeredIn(c)
		for k, choice := range c.Choices {
			out := Choice{ID: choice.ID, Name: choice.Name, Family: given(choice.Family), Colour: choice.Colour, Reserved: engine.IsReserved(choice.ID),
				Since: append([]string{}, live.ChangeSince(contests, at, k)...)}
			if choice.Votes != live.Hidden {
				out.Votes = &choice.Votes
			}
			contest.Choices = append(contest.Choices, out)
		}
		list.Contests = append(list.Contests, contest)
	}
	return &contestsOutput{in.cacheControl(), list}, nil
}

// registeredIn is how many voters a contest has in the whole place, or ballots; nil where a commune is suppressed.
func registeredIn(c live.Contest) *int64 {
	if len(c.Choices) == 0 {
		return nil
	}
	total := int64(0)
	for _, choice := range c.Choices {
		if choice.Votes == live.Hidden {
			return nil
		}
		total += choice.Votes
	}
	return &total
}

// findContest gives the contest of an id, or the first.
func findContest(city City, id string) (live.Contest, error) {
	contests := city.Contests()
	if id == "" && len(contests) > 0 {
		return contests[0], nil
	}
	var known []string
	for _, c := range contests {
		if c.ID == id {
			return c, nil
		}
		known = append(known, c.ID)
	}
	return live.Contest{}, &live.QueryError{Parameter: "contest", Value: id, Known: known}
}

// given is null for a text that is not there.
func given(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

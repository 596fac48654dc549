package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
)

// ScoresQuestion asks for several units at once.
type ScoresQuestion struct {
	Unit    engine.Unit `json:"unit" enum:"segment,cell,precinct,commune,district"`
	IDs     []UnitName  `json:"ids" minItems:"1" maxItems:"1000" doc:"As in tiles: a cell's 15 hex digits in a string, any other id as a number or in a string"`
	Contest string      `json:"contest,omitempty" doc:"Only this contest; all of them by default"`
	Against string      `json:"against,omitempty" doc:"With a contest: the choice that its margins are over, as for one unit"`
	Since   string      `json:"since,omitempty" doc:"With a contest: the contest that its changes are counted from, as for one unit"`

	Snapshot string `json:"snapshot,omitempty" maxLength:"64" doc:"The snapshot to answer from; the current one by default"`
}

// UnitName is the id of a unit as it is sent: a number, or a string.
type UnitName string

// UnmarshalJSON takes a number as it is written.
func (n *UnitName) UnmarshalJSON(content []byte) error {
	text := string(content)
	if len(text) >= 2 && text[0] == '"' {
		text = text[1 : len(text)-1] // ids have nothing that is escaped: what has is no id
	}
	*n = UnitName(text)
	return nil
}

// Schema describes the two forms.
func (UnitName) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{{Type: huma.TypeInteger}, {Type: huma.TypeString}}}
}

// ScoreList has the numbers of several units, and what is wrong with the others.
type ScoreList struct {
	Snapshot string       `json:"snapshot"`
	Scores   []Score      `json:"scores" doc:"In the order asked, without those that cannot be answered"`
	Errors   []ScoreError `json:"errors"`
}

// ScoreError says why a unit has no numbers here.
type ScoreError struct {
	Index  int    `json:"index" doc:"Its place among the ids, from 0"`
	ID     string `json:"id" maxLength:"20" doc:"As it was sent, cut after 20 characters"`
	Code   Code   `json:"code"`
	Detail string `json:"detail"`
}

type scoresInput struct{ Body ScoresQuestion }
type scoresOutput struct{ Body ScoreList }

func (s *server) registerScoreList(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID:   "list-scores",
		RequestBody:   bodyLike(mediaJSON, `{"unit": "segment", "ids": [1545228139172]}`),
		Method:        http.MethodPost,
		Path:          "/v1/scores",
		Summary:       "The numbers of several units",
		Description:   "As many as 1,000; for more there are jobs. A unit that is not there does not keep the others from being answered.",
		Tags:          []string{"numbers"},
		DefaultStatus: http.StatusOK,
		Errors:        []int{http.StatusGone, http.StatusUnprocessableEntity, http.StatusServiceUnavailable},
	}, s.listScores)
}

func (s *server) listScores(_ context.Context, in *scoresInput) (*scoresOutput, error) {
	city, err := s.cityAt(in.Body.Snapshot)
	if err != nil {
		return nil, err
	}
	asked := live.ScoreQuery{Contest: in.Body.Contest, Against: in.Body.Against, Since: in.Body.Since}
	if err := asked.Check(city.Contests()); err != nil {
		return nil, ofBody(problemFor(err, s.log))
	}
	out := &scoresOutput{Body: ScoreList{Snapshot: city.Snapshot(), Scores: []Score{}, Errors: []ScoreError{}}}
	for i, name := range in.Body.IDs {
		id, err := UnitPath{in.Body.Unit, string(name)}.parse()
		if err == nil {
			score, found := city.Score(in.Body.Unit, id, asked)
			if found == nil {
				out.Body.Scores = append(out.Body.Scores, publishedScore(city, score))
				continue
			}
			err = problemFor(found, s.log)
		}
		var p *Problem
		if !errors.As(err, &p) || p.Status >= 500 {
			return nil, err
		}
		out.Body.Errors = append(out.Body.Errors, ScoreError{i, string(name[:min(len(name), 20)]), p.Code, p.Detail})
	}
	return out, nil
}

package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
)

// Explanation says where a unit's numbers in a contest came from.
type Explanation struct {
	Score       Score             `json:"score" doc:"The unit's numbers in the contest"`
	Contest     string            `json:"contest"`
	Method      string            `json:"method" doc:"How the numbers were made, in words"`
	Model       string            `json:"model" doc:"Version of the algorithm that made them"`
	Addresses   *int64            `json:"addresses" nullable:"true" doc:"Addresses in the unit"`
	Households  []HouseholdSource `json:"households_from" doc:"Those addresses by where their households, which are the weights, come from"`
	Parts       []Part            `json:"parts" doc:"The precincts the unit's voters are registered in"`
	PartsHidden bool              `json:"parts_hidden" doc:"A part has too few households, so the parts are named without numbers"`
	Sources     []Source          `json:"sources" doc:"The input files the numbers rest on"`
}

// Part is a unit's share of one precinct.
type Part struct {
	Precinct int64         `json:"precinct"`
	Code     string        `json:"code" doc:"As published"`
	Weight   *float64      `json:"weight" nullable:"true" doc:"Share of the precinct's households that live in the unit, 0..1; null where it is hidden, and in a snapshot of several divisions, where it would give away what lies between their precincts"`
	N        *int64        `json:"n" nullable:"true" doc:"Of the precinct's registered voters, those placed in the unit"`
	Official ContestScores `json:"official" doc:"The precinct's official result"`
	Lines    []int64       `json:"lines" doc:"Lines of the results file that the official result stands on"`

	Provisional bool `json:"provisional,omitempty" doc:"The official result is that of the contest's provisional file, as the final one has none"`
}

// HouseholdSource counts addresses by where their households come from.
type HouseholdSource struct {
	By          string `json:"by" enum:"address,census-households,census,census-people,registered,deserted,none"`
	Description string `json:"description"`
	Addresses   int64  `json:"addresses"`
}

// Source is an input file.
type Source struct {
	Dataset   string `json:"dataset"`
	Publisher string `json:"publisher"`
	Licence   string `json:"licence"`
	Path      string `json:"path" doc:"As the place file names it"`
	SHA256    string `json:"sha256"`
	Rows      int64  `json:"rows"`
}

type explainInput struct {
	UnitPath
	Contest string `query:"contest" doc:"The first contest by default"`
	PinnedQuery
}

type explainOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         Explanation
}

func (s *server) registerExplain(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "explain-score",
		Method:      http.MethodGet,
		Path:        "/v1/explain/{unit}/{id}",
		Summary:     "Where the numbers of one unit came from",
		Tags:        []string{"numbers"},
		Errors:      []int{http.StatusNotFound, http.StatusGone, http.StatusUnprocessableEntity, http.StatusServiceUnavailable},
	}, s.getExplanation)
}

func (s *server) getExplanation(_ context.Context, in *explainInput) (*explainOutput, error) {
	city, err := s.cityAt(in.Snapshot)
	if err != nil {
		return nil, err
	}
	id, err := in.parse()
	if err != nil {
		return nil, err
	}
	contest, err := findContest(city, in.Contest)
	if err != nil {
		return nil, problemFor(err, s.log)
	}
	e, err := city.Explain(in.Unit, id, contest.ID)
	if err != nil {
		return nil, problemFor(err, s.log)
	}
	return &explainOutput{in.cacheControl(), publishedExplanation(city, e)}, nil
}

// publishedExplanation writes an explanation, with the numbers of a part only where the unit is published and no part is hidden.
func publishedExplanation(city City, e live.Explanation) Explanation {
	out := Explanation{Score: publishedScore(city, e.Score), Contest: e.Contest, Method: e.Method, Model: e.Model,
		PartsHidden: e.PartsHidden, Households: []HouseholdSource{}, Parts: []Part{}, Sources: []Source{}}
	published := e.State == engine.Published
	if published {
		out.Addresses = &e.Addresses
		for _, h := range e.HouseholdsFrom {
			out.Households = append(out.Households, HouseholdSource{h.Name, engine.DescribeHouseholds(h.Name), h.Count})
		}
	}
	for _, p := range e.Parts {
		part := Part{Precinct: p.Precinct, Code: p.Code, Official: contestScores(city, p.Official), Lines: append([]int64{}, p.Lines...), Provisional: p.Provisional}
		if published && !e.PartsHidden {
			part.N = &p.Registered
			if p.Weight > 0 {
				part.Weight = &p.Weight
			}
		}
		out.Parts = append(out.Parts, part)
	}
	for _, u := range e.Sources {
		out.Sources = append(out.Sources, Source{u.Dataset, u.Publisher, u.Licence, u.Path, u.SHA256, u.Rows})
	}
	return out
}

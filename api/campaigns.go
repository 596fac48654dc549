package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine"
)

// Campaign is one campaign of the workspace that is served.
type Campaign struct {
	ID       string    `json:"campaign" doc:"A code: 1 to 32 of a-z, 0-9, dash and underscore, not beginning with a dash"`
	Contest  string    `json:"contest" doc:"The last result that its field returns are compared with"`
	Choice   string    `json:"choice" doc:"Its own candidate or list in that contest"`
	Begins   time.Time `json:"begins,omitzero" doc:"What happened before is a clock that is wrong; now where it is left out"`
	Election string    `json:"election" format:"date" doc:"The day of the vote"`
	KeepDays int       `json:"keep_days,omitempty" minimum:"0" doc:"Days that returns are kept after the election; 30 where it is left out"`
	Teams    []string  `json:"teams,omitempty" doc:"Codes of its teams; none: any code is a team"`
}

// CampaignList is the campaigns of the workspace that is served.
type CampaignList struct {
	Campaigns []Campaign `json:"campaigns"`
}

type addCampaignInput struct{ Body Campaign }
type campaignOutput struct{ Body Campaign }
type campaignsOutput struct{ Body CampaignList }

func (s *server) registerCampaigns(api huma.API) {
	const who = "For whoever holds the workspace: `arpent campaign` does it on the machine of the server."
	huma.Register(api, huma.Operation{
		OperationID: "list-campaigns",
		Method:      http.MethodGet,
		Path:        "/v1/campaigns",
		Summary:     "The campaigns of the workspace",
		Description: who,
		Tags:        []string{"administration"},
		Security:    needs(engine.Administer),
		Errors:      []int{http.StatusUnauthorized, http.StatusForbidden},
	}, s.listCampaigns)
	huma.Register(api, huma.Operation{
		OperationID:   "add-campaign",
		RequestBody:   bodyLike(mediaJSON, `{"campaign": "north", "contest": "2026_muni_t1", "choice": "liste_des_jardins", "election": "2032-03-14", "teams": ["east", "west"]}`),
		Method:        http.MethodPost,
		Path:          "/v1/campaigns",
		Summary:       "Add a campaign",
		Description:   who,
		Tags:          []string{"administration"},
		Security:      needs(engine.Administer),
		DefaultStatus: http.StatusCreated,
		Errors:        []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusConflict, http.StatusUnprocessableEntity},
	}, s.addCampaign)
}

func (s *server) listCampaigns(ctx context.Context, _ *struct{}) (*campaignsOutput, error) {
	if err := s.needOperator(ctx); err != nil {
		return nil, err
	}
	list := CampaignList{Campaigns: []Campaign{}}
	for _, c := range s.campaigns.Campaigns() {
		list.Campaigns = append(list.Campaigns, Campaign(c))
	}
	return &campaignsOutput{list}, nil
}

func (s *server) addCampaign(ctx context.Context, in *addCampaignInput) (*campaignOutput, error) {
	if err := s.needOperator(ctx); err != nil {
		return nil, err
	}
	asked := engine.Campaign(in.Body)
	if asked.Begins.IsZero() {
		asked.Begins = time.Now()
	}
	if city := s.current(); city != nil {
		if err := hasChoice(city, asked.Contest, asked.Choice); err != nil {
			return nil, err
		}
	}
	if err := s.campaigns.AddCampaign(asked); err != nil {
		return nil, problemOfAccess(err, s.log)
	}
	kept, _ := s.campaigns.Campaign(asked.ID)
	return &campaignOutput{Campaign(kept)}, nil
}

// hasChoice refuses a contest, or a choice of it, that the snapshot does not have, and lists those it has.
func hasChoice(city City, contest, choice string) error {
	var contests, choices []string
	for _, c := range city.Contests() {
		contests = append(contests, c.ID)
		if c.ID != contest {
			continue
		}
		for _, known := range c.Choices {
			if known.ID == choice {
				return nil
			}
			choices = append(choices, known.ID)
		}
		return unknownName("choice", choices)
	}
	return unknownName("contest", contests)
}

func unknownName(field string, known []string) error {
	detail := fmt.Sprintf("there is no such %s in the snapshot that is served; known: %s", field, strings.Join(known, ", "))
	return problem(http.StatusUnprocessableEntity, CodeUnknownName, detail, &huma.ErrorDetail{Message: detail, Location: "body." + field})
}

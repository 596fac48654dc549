package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/access"
)

// Token is what a token may do. Its secret is not in it.
type Token struct {
	ID       string         `json:"token" doc:"The part of the secret between its two underscores; it is no secret itself"`
	Campaign string         `json:"campaign"`
	Label    string         `json:"label,omitempty"`
	Scopes   []engine.Scope `json:"scopes"`
	Turfs    []string       `json:"turfs,omitempty" doc:"The turfs it is limited to; none: all of the campaign"`
	Created  time.Time      `json:"created"`
	Expires  time.Time      `json:"expires"`
	Revoked  bool           `json:"revoked,omitempty"`
}

// TokenRequest is what a new token is to be.
type TokenRequest struct {
	Scopes  []engine.Scope `json:"scopes" doc:"Some of read:open, read:aggregate, field:write, field:read, jobs, admin"`
	Label   string         `json:"label,omitempty" doc:"A code to know it again by: of a device or a team, never of a person"`
	Turfs   []string       `json:"turfs,omitempty" doc:"Turfs of the campaign that it is limited to; none: all of the campaign"`
	Expires time.Time      `json:"expires,omitzero" doc:"When the campaign's returns expire, where it is left out"`
}

// NewToken is a token with its secret, which is told this once.
type NewToken struct {
	Secret string `json:"secret" doc:"To be sent as Authorization: Bearer SECRET. Only its hash is kept: it cannot be had again"`
	Token
}

// TokenList is the tokens of a campaign, the oldest first.
type TokenList struct {
	Tokens []Token `json:"tokens"`
}

type newTokenInput struct {
	CampaignPath
	Body TokenRequest
}
type newTokenOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         NewToken
}
type tokensOutput struct{ Body TokenList }
type tokenInput struct {
	CampaignPath
	Token string `path:"token" pattern:"^[a-z2-7]{10}$" doc:"Its id, not its secret" example:"k3q7mzt2ab"`
}

func (s *server) registerTokens(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "list-tokens",
		Method:      http.MethodGet,
		Path:        "/v1/campaigns/{campaign}/tokens",
		Summary:     "The tokens of a campaign, without their secrets",
		Tags:        []string{"administration"},
		Security:    needs(engine.Administer),
		Errors:      []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound},
	}, s.listTokens)
	huma.Register(api, huma.Operation{
		OperationID:   "make-token",
		RequestBody:   bodyLike(mediaJSON, `{"scopes": ["field:write"], "label": "phones-east"}`),
		Method:        http.MethodPost,
		Path:          "/v1/campaigns/{campaign}/tokens",
		Summary:       "Make a token of a campaign",
		Tags:          []string{"administration"},
		Security:      needs(engine.Administer),
		DefaultStatus: http.StatusCreated,
		Errors:        []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusUnprocessableEntity},
	}, s.makeToken)
	huma.Register(api, huma.Operation{
		OperationID: "revoke-token",
		Method:      http.MethodDelete,
		Path:        "/v1/campaigns/{campaign}/tokens/{token}",
		Summary:     "Revoke a token, at once and for ever",
		Tags:        []string{"administration"},
		Security:    needs(engine.Administer),
		Errors:      []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound},
	}, s.revokeToken)
}

func (s *server) listTokens(ctx context.Context, in *CampaignPath) (*tokensOutput, error) {
	if _, err := s.needIn(ctx, engine.Administer, in.Campaign); err != nil {
		return nil, err
	}
	list := TokenList{Tokens: []Token{}}
	for _, t := range s.campaigns.Tokens(in.Campaign) {
		list.Tokens = append(list.Tokens, Token(t))
	}
	return &tokensOutput{list}, nil
}

func (s *server) makeToken(ctx context.Context, in *newTokenInput) (*newTokenOutput, error) {
	if _, err := s.needIn(ctx, engine.Administer, in.Campaign); err != nil {
		return nil, err
	}
	secret, token, err := s.campaigns.NewToken(in.Campaign, access.TokenRequest(in.Body), time.Now())
	if err != nil {
		return nil, problemOfAccess(err, s.log)
	}
	return &newTokenOutput{"no-store", NewToken{secret, Token(token)}}, nil
}

func (s *server) revokeToken(ctx context.Context, in *tokenInput) (*struct{}, error) {
	if _, err := s.needIn(ctx, engine.Administer, in.Campaign); err != nil {
		return nil, err
	}
	if err := s.campaigns.Revoke(in.Campaign, in.Token); err != nil {
		return nil, problemOfAccess(err, s.log)
	}
	return nil, nil
}

package main

import (
	"context"
	"net/http"
	"net/url"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/access"
)

// throughServer is the administration through the server that holds the field.
type throughServer struct{ server *runningServer }

const campaignsPath = "/v1/campaigns"

func tokensPath(campaign string) string {
	return campaignsPath + "/" + url.PathEscape(campaign) + "/tokens"
}
func turfsPath(campaign string) string {
	return campaignsPath + "/" + url.PathEscape(campaign) + "/turfs"
}

func (t throughServer) addCampaign(ctx context.Context, c engine.Campaign) error {
	return t.server.call(ctx, http.MethodPost, campaignsPath, api.Campaign(c), nil)
}

func (t throughServer) campaigns(ctx context.Context) ([]engine.Campaign, error) {
	var answer api.CampaignList
	err := t.server.call(ctx, http.MethodGet, campaignsPath, nil, &answer)
	var list []engine.Campaign
	for _, c := range answer.Campaigns {
		list = append(list, engine.Campaign(c))
	}
	return list, err
}

func (t throughServer) newToken(ctx context.Context, campaign string, request access.TokenRequest) (string, access.Token, error) {
	var answer api.NewToken
	err := t.server.call(ctx, http.MethodPost, tokensPath(campaign), api.TokenRequest(request), &answer)
	return answer.Secret, access.Token(answer.Token), err
}

func (t throughServer) tokens(ctx context.Context, campaign string) ([]access.Token, error) {
	var answer api.TokenList
	err := t.server.call(ctx, http.MethodGet, tokensPath(campaign), nil, &answer)
	var list []access.Token
	for _, token := range answer.Tokens {
		list = append(list, access.Token(token))
	}
	return list, err
}

func (t throughServer) revoke(ctx context.Context, campaign, token string) error {
	return t.server.call(ctx, http.MethodDelete, tokensPath(campaign)+"/"+url.PathEscape(token), nil, nil)
}

func (t throughServer) setTurf(ctx context.Context, campaign, turf string, geojson []byte) error {
	return t.server.send(ctx, http.MethodPut, turfsPath(campaign)+"/"+url.PathEscape(turf), "application/geo+json", geojson, nil)
}

func (t throughServer) turfs(ctx context.Context, campaign string) ([]engine.Turf, error) {
	var answer api.TurfCollection
	err := t.server.call(ctx, http.MethodGet, turfsPath(campaign), nil, &answer)
	var list []engine.Turf
	for _, f := range answer.Features {
		list = append(list, engine.NewTurf(f.ID, f.Geometry.Coordinates))
	}
	return list, err
}

func (t throughServer) removeTurf(ctx context.Context, campaign, turf string) error {
	return t.server.call(ctx, http.MethodDelete, turfsPath(campaign)+"/"+url.PathEscape(turf), nil, nil)
}

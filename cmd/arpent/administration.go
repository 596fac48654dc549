package main

import (
	"context"
	"time"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/access"
)

// administration is campaigns, tokens and turfs of the workspace, as the commands see them.
type administration interface {
	addCampaign(context.Context, engine.Campaign) error
	campaigns(context.Context) ([]engine.Campaign, error)

	newToken(ctx context.Context, campaign string, request access.TokenRequest) (secret string, token access.Token, err error)
	tokens(ctx context.Context, campaign string) ([]access.Token, error)
	revoke(ctx context.Context, campaign, token string) error

	setTurf(ctx context.Context, campaign, turf string, geojson []byte) error
	turfs(ctx context.Context, campaign string) ([]engine.Turf, error)
	removeTurf(ctx context.Context, campaign, turf string) error
}

// administer does something with campaigns, tokens or turfs: in the files of the workspace, or through the server that holds it.
func (p *program) administer(ctx context.Context, do func(administration) error) error {
	release, server, err := p.holdField(ctx)
	if err != nil {
		return err
	}
	if server != nil {
		return do(throughServer{server})
	}
	defer release()
	registry, err := access.Open(p.space().StateDir())
	if err != nil {
		return err
	}
	return do(inFiles{registry})
}

// inFiles is the administration by whoever holds the field.
type inFiles struct{ registry *access.Registry }

func (f inFiles) addCampaign(_ context.Context, c engine.Campaign) error {
	return f.registry.AddCampaign(c)
}

func (f inFiles) campaigns(context.Context) ([]engine.Campaign, error) {
	return f.registry.Campaigns(), nil
}

func (f inFiles) newToken(_ context.Context, campaign string, request access.TokenRequest) (string, access.Token, error) {
	return f.registry.NewToken(campaign, request, time.Now())
}

func (f inFiles) tokens(_ context.Context, campaign string) ([]access.Token, error) {
	return f.registry.Tokens(campaign), nil
}

func (f inFiles) revoke(_ context.Context, campaign, token string) error {
	return f.registry.Revoke(campaign, token)
}

func (f inFiles) setTurf(_ context.Context, campaign, turf string, geojson []byte) error {
	return f.registry.SetTurf(campaign, turf, geojson)
}

func (f inFiles) turfs(_ context.Context, campaign string) ([]engine.Turf, error) {
	return f.registry.Turfs(campaign), nil
}

func (f inFiles) removeTurf(_ context.Context, campaign, turf string) error {
	return f.registry.RemoveTurf(campaign, turf)
}

package api

import (
	"time"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/access"
)

// Administration keeps campaigns, tokens and turfs, such as an *access.Registry. What it refuses is an *access.Refusal, what is not
// there access.ErrNotFound, what is there already access.ErrExists.
type Administration interface {
	AddCampaign(engine.Campaign) error
	Campaigns() []engine.Campaign
	Campaign(id string) (engine.Campaign, bool)

	NewToken(campaign string, request access.TokenRequest, now time.Time) (secret string, token access.Token, err error)
	Revoke(campaign, id string) error
	Tokens(campaign string) []access.Token

	SetTurf(campaign, id string, geojson []byte) error
	RemoveTurf(campaign, id string) error
	Turfs(campaign string) []engine.Turf
}

// CampaignPath is the part of an address that names a campaign.
type CampaignPath struct {
	Campaign string `path:"campaign" pattern:"^[a-z0-9_][a-z0-9_-]{0,31}$" doc:"The campaign, a code" example:"demo"`
}

package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine"
)

// WebhookSecret is what the messages of a campaign's jobs are signed with. It is told this once.
type WebhookSecret struct {
	Secret string `json:"secret" doc:"whsec_ and the bytes of the key in base64, as Standard Webhooks has it. It cannot be had again"`
}

type webhookSecretOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         WebhookSecret
}

func (s *server) registerWebhookSecret(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID:   "make-webhook-secret",
		Method:        http.MethodPost,
		Path:          "/v1/campaigns/{campaign}/webhook-secret",
		Summary:       "Make the secret that the campaign's callbacks are signed with",
		Description:   "Another takes the place of the one before at once: messages that are tried again are signed with the new one.",
		Tags:          []string{"administration"},
		Security:      needs(engine.Administer),
		DefaultStatus: http.StatusCreated,
		Errors:        []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusServiceUnavailable},
	}, s.makeWebhookSecret)
}

func (s *server) makeWebhookSecret(ctx context.Context, in *CampaignPath) (*webhookSecretOutput, error) {
	if _, err := s.needIn(ctx, engine.Administer, in.Campaign); err != nil {
		return nil, err
	}
	queue, err := s.queue()
	if err != nil {
		return nil, err
	}
	secret, err := queue.NewSecret(in.Campaign)
	if err != nil {
		return nil, s.jobProblem(err)
	}
	return &webhookSecretOutput{"no-store", WebhookSecret{secret}}, nil
}

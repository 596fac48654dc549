package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine"
)

// FieldStatus says how far the field log has come, over all campaigns.
type FieldStatus struct {
	Last      int64 `json:"last" doc:"The highest position given"`
	SettledTo int64 `json:"settled_to" doc:"All up to here is counted"`
	Entries   int64 `json:"entries" doc:"About"`
	Settled   bool  `json:"settled" doc:"false: the log is still reading what it had when the server started; returns are kept meanwhile, and counted then"`
}

type fieldStatusOutput struct{ Body FieldStatus }

func (s *server) registerFieldStatus(api huma.API) {
	huma.Register(api, fieldOperation(engine.FieldRead, huma.Operation{
		OperationID: "get-field-status",
		Method:      http.MethodGet,
		Path:        "/v1/field/status",
		Summary:     "How far the field log has come",
	}), s.getFieldStatus)
}

func (s *server) getFieldStatus(ctx context.Context, _ *struct{}) (*fieldStatusOutput, error) {
	_, returns, err := s.staff(ctx, engine.FieldRead)
	if err != nil {
		return nil, err
	}
	health, err := returns.Health(ctx)
	if err != nil {
		return nil, s.fieldProblem(ctx, err)
	}
	return &fieldStatusOutput{FieldStatus{health.Last, health.SettledTo, health.Entries, health.Settled}}, nil
}

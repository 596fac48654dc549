package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// QuarantineList is a page of the returns that wait for somebody to look at them.
type QuarantineList struct {
	Items []Change `json:"items" doc:"Oldest first"`
	Next  string   `json:"next" doc:"Come back with it as after; empty where there are no more"`
}

// ReleaseRequest names returns that are to count.
type ReleaseRequest struct {
	IDs []string `json:"ids" minItems:"1" maxItems:"5000" format:"uuid"`
}

// Released says how many entries of the log count now that did not before.
type Released struct {
	Released int `json:"released"`
}

type quarantineOutput struct{ Body QuarantineList }
type releaseInput struct{ Body ReleaseRequest }
type releaseOutput struct{ Body Released }

const quarantineRoute = "/v1/field/quarantine"

func (s *server) registerQuarantine(api huma.API) {
	huma.Register(api, fieldOperation(engine.FieldRead, huma.Operation{
		OperationID: "list-quarantine",
		Method:      http.MethodGet,
		Path:        quarantineRoute,
		Summary:     "Returns that are kept and do not count until they are released",
	}), s.listQuarantine)
	huma.Register(api, fieldOperation(engine.Administer, huma.Operation{
		OperationID: "release-returns",
		RequestBody: bodyLike(mediaJSON, `{"ids": ["6e1f0b9c-6f0f-4a53-9c44-0a4c3f2c9a11"]}`),
		Method:      http.MethodPost,
		Path:        "/v1/field/releases",
		Summary:     "Let quarantined returns count",
		Errors:      []int{http.StatusBadRequest},
	}), s.releaseReturns)
}

func (s *server) listQuarantine(ctx context.Context, in *PageInput) (*quarantineOutput, error) {
	holder, returns, err := s.staff(ctx, engine.FieldRead)
	if err != nil {
		return nil, err
	}
	page, err := returns.Quarantined(ctx, holder.Campaign, in.After, in.Limit)
	if err != nil {
		return nil, s.fieldProblem(ctx, err)
	}
	if err := s.audited(holder, quarantineRoute, "return", len(page.Items)); err != nil {
		return nil, err
	}
	return &quarantineOutput{QuarantineList{changeItems(page.Items), page.Next}}, nil
}

func (s *server) releaseReturns(ctx context.Context, in *releaseInput) (*releaseOutput, error) {
	holder, returns, err := s.staff(ctx, engine.Administer)
	if err != nil {
		return nil, err
	}
	var ids []uuid.UUID
	for _, text := range in.Body.IDs {
		id, err := uuid.Parse(text)
		if err != nil {
			return nil, invalid("body.ids", nil, "give the ids as UUIDs")
		}
		ids = append(ids, id)
	}
	released, err := returns.Release(ctx, holder.Campaign, ids)
	if err != nil {
		return nil, s.fieldProblem(ctx, err)
	}
	return &releaseOutput{Released{released}}, nil
}

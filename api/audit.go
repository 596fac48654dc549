package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine"
)

// AuditList is a page of the audit log of a campaign.
type AuditList struct {
	Lines []AuditLine `json:"lines" doc:"Oldest first. Between two there may be lines of other campaigns, so their hashes do not always follow each other"`
	Next  int64       `json:"next" doc:"Come back with it as after"`
}

// AuditLine is a read below what everybody may see, or a receipt.
type AuditLine struct {
	N        int64     `json:"n"`
	Time     time.Time `json:"time"`
	Token    string    `json:"token,omitempty" doc:"The id of the token that read"`
	Route    string    `json:"route,omitempty" doc:"What was read; never with its values"`
	Grain    string    `json:"grain,omitempty"`
	Rows     int       `json:"rows,omitempty"`
	Receipt  *Receipt  `json:"receipt,omitempty"`
	Previous string    `json:"previous" doc:"Hash of the line before"`
	Hash     string    `json:"hash"`
}

type auditInput struct {
	After int64 `query:"after" minimum:"0" doc:"The number of the last line that is known"`
	Limit int   `query:"limit" minimum:"1" maximum:"5000" default:"1000"`
}

type auditOutput struct{ Body AuditList }

func (s *server) registerAudit(api huma.API) {
	huma.Register(api, fieldOperation(engine.Administer, huma.Operation{
		OperationID: "list-audit",
		Method:      http.MethodGet,
		Path:        "/v1/audit",
		Summary:     "Who read what of the campaign, and what was erased",
	}), s.listAudit)
}

func (s *server) listAudit(ctx context.Context, in *auditInput) (*auditOutput, error) {
	holder, returns, err := s.staff(ctx, engine.Administer)
	if err != nil {
		return nil, err
	}
	lines, err := returns.Audit(ctx, holder.Campaign, in.After, in.Limit)
	if err != nil {
		return nil, s.fieldProblem(ctx, err)
	}
	list := AuditList{Lines: make([]AuditLine, 0, len(lines)), Next: in.After}
	for i := range lines {
		l := &lines[i]
		list.Next = l.Number
		list.Lines = append(list.Lines, AuditLine{N: l.Number, Time: l.Time.UTC(), Token: l.Token, Route: l.Route, Grain: l.Grain, Rows: l.Rows,
			Receipt: (*Receipt)(l.Receipt), Previous: l.Previous, Hash: l.Hash})
	}
	return &auditOutput{list}, nil
}

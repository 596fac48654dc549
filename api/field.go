package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/access"
	"github.com/arpent/arpent/engine/field"
)

// FieldLog is the log of what happens at the doors, such as a *field.Log. All of it is asked for one campaign, that of the token.
type FieldLog interface {
	Append(ctx context.Context, writer field.Writer, submissions []field.Submission) ([]field.Outcome, error)
	Changes(ctx context.Context, campaign, cursor string, limit int) (field.ChangePage, error)
	Wait(ctx context.Context, campaign, cursor string) error
	Quarantined(ctx context.Context, campaign, cursor string, limit int) (field.QuarantinePage, error)
	Release(ctx context.Context, campaign string, ids []uuid.UUID) (int, error)
	Conflicts(ctx context.Context, campaign, cursor string, limit int) (field.ConflictPage, error)
	Rollup(ctx context.Context, question engine.Question, each func(*engine.RollupRow) error) error
	Counted(ctx context.Context, campaign string, precinct int64, each func([]engine.Kept) error) error
	Published(campaign string, epoch int64) []field.PublishedPrecinct
	Flags(ctx context.Context, campaign string) ([]field.Flag, error)
	Erase(ctx context.Context, campaign string, subject field.Subject) (field.Receipt, error)
	Purge(ctx context.Context, campaign string, now time.Time) (field.Receipt, error)
	Held(ctx context.Context, campaign string, subject field.Subject) ([]engine.Kept, error)
	Audit(ctx context.Context, campaign string, after int64, limit int) ([]field.AuditLine, error)
	Record(read field.Read) error
	Health(ctx context.Context) (field.LogStatus, error)
}

func (s *server) registerField(api huma.API) {
	s.registerReturns(api)
	s.registerOSDI(api)
	s.registerChanges(api)
	s.registerTouched(api)
	s.registerQuarantine(api)
	s.registerConflicts(api)
	s.registerFlags(api)
	s.registerFieldMeasures(api)
	s.registerFieldScores(api)
	s.registerCoverage(api)
	s.registerNext(api)
	s.registerRollup(api)
	s.registerErasures(api)
	s.registerHeld(api)
	s.registerFieldExport(api)
	s.registerFieldStatus(api)
	s.registerAudit(api)
}

// returns gives the log, or a problem where the server keeps none.
func (s *server) returns() (FieldLog, error) {
	if s.field == nil {
		return nil, problem(http.StatusNotFound, CodeNotAvailable, "this server keeps no field log")
	}
	return s.field, nil
}

// staff gives the holder of a token with a scope, and the log.
func (s *server) staff(ctx context.Context, scope engine.Scope) (access.Holder, FieldLog, error) {
	holder, err := s.need(ctx, scope)
	if err != nil {
		return access.Holder{}, nil, err
	}
	returns, err := s.returns()
	return holder, returns, err
}

// audited writes into the audit log what the holder is about to read. What cannot be written there is not read.
func (s *server) audited(holder access.Holder, route, grain string, rows int) error {
	if err := s.field.Record(field.Read{Campaign: holder.Campaign, Token: holder.Token, Route: route, Grain: grain, Rows: rows}); err != nil {
		s.log.Error("api: the audit log cannot be written, so nothing is read", "error", err)
		p := problem(http.StatusServiceUnavailable, CodeNotAudited, "every read is logged, and the log cannot be written now: try again later")
		return huma.ErrorWithHeaders(p, http.Header{"Retry-After": {"5"}})
	}
	return nil
}

// fieldProblem turns an error of the log into a Problem. What is not the caller's fault is logged and not told.
func (s *server) fieldProblem(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, field.ErrCursor):
		return invalid("query.after", nil, "this cursor was not given for this campaign: begin again without one")
	case errors.Is(err, field.ErrCampaign):
		return problem(http.StatusForbidden, CodeForbidden, "the campaign is closed: its key is destroyed, or it was removed")
	case errors.Is(err, engine.ErrStoreUnavailable):
		s.log.Error("api: the field log cannot be reached", "error", err)
		p := problem(http.StatusServiceUnavailable, CodeLogUnavailable, "the field log cannot be reached as a whole now, and no answer is made of a part of it: try again shortly")
		return huma.ErrorWithHeaders(p, http.Header{"Retry-After": {"2"}})
	case ctx.Err() != nil, errors.Is(err, field.ErrClosed):
		p := problem(http.StatusServiceUnavailable, CodeNotReady, "the server is stopping: try again shortly")
		return huma.ErrorWithHeaders(p, http.Header{"Retry-After": {"5"}})
	}
	s.log.Error("api: the field log failed", "error", err)
	return internal()
}

// fieldOperation is what the routes of the field have in common.
func fieldOperation(scope engine.Scope, o huma.Operation) huma.Operation {
	o.Tags = []string{"field"}
	o.Security = needs(scope)
	o.Errors = append(o.Errors, http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity, http.StatusServiceUnavailable)
	return o
}

// orAnonymous describes an operation that a token is welcome at and not needed for.
func orAnonymous(security []map[string][]string) []map[string][]string {
	return append([]map[string][]string{{}}, security...)
}

// PageInput asks for a page of a list.
type PageInput struct {
	After string `query:"after" maxLength:"200" doc:"The cursor that the page before gave as next"`
	Limit int    `query:"limit" minimum:"1" maximum:"5000" default:"1000" doc:"How many at most"`
}

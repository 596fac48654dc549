package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sort"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"github.com/arpent/arpent/engine/access"
	"github.com/arpent/arpent/engine/live"
)

// Code tells programs what is wrong; the title and detail of a Problem are for people and may change.
type Code string

// The codes.
const (
	CodeBadRequest       Code = "bad_request"       // the request cannot be read
	CodeInvalidParameter Code = "invalid_parameter" // a parameter is unknown, malformed or out of range
	CodeUnknownName      Code = "unknown_name"      // no such layer, contest, choice, measure or unit; the detail lists the known ones
	CodeNotAvailable     Code = "not_available"     // the measure cannot be made of what was asked; the detail says why and what can be asked
	CodeUnknownUnit      Code = "unknown_unit"      // the snapshot has no unit of this id
	CodeUnknownRoute     Code = "unknown_route"     // no such path
	CodeMethodNotAllowed Code = "method_not_allowed"
	CodeSnapshotGone     Code = "snapshot_not_served" // the snapshot named does not answer, or not any more
	CodeUnauthorized     Code = "unauthorized"        // no token, or one that does not count
	CodeForbidden        Code = "forbidden"           // the token may not do this, or not in this campaign
	CodeTokenInAddress   Code = "token_in_address"    // a token stands in the address, where it can be read by others
	CodeNotFound         Code = "not_found"           // no such campaign, token, turf or job
	CodeExists           Code = "exists"              // there is one of this name already
	CodeTooLarge         Code = "too_large"           // the body has too many bytes or records
	CodeTooMuch          Code = "too_much"            // the question takes too long to be worked on
	CodeTooSlow          Code = "too_slow"            // the body did not come in time
	CodeUnsupported      Code = "unsupported"         // the body is in a form that is not read
	CodeNotAcceptable    Code = "not_acceptable"      // there is no answer in a form that the caller accepts
	CodeKeyReused        Code = "key_reused"          // the Idempotency-Key was sent with another body
	CodeBusy             Code = "busy"                // too much is under way
	CodeRateLimited      Code = "rate_limited"        // the caller asks too often, or too much at once
	CodeQueueFull        Code = "queue_full"          // too many jobs wait, or are kept
	CodeNoResults        Code = "no_results"          // the job has not ended yet, or has failed, or was dismissed
	CodeNotKept          Code = "not_kept"            // the returns, or the job, could not be kept
	CodeNotAudited       Code = "not_audited"         // the read could not be written into the audit log
	CodeLogUnavailable   Code = "log_unavailable"     // the field log is kept elsewhere and cannot be reached as a whole now
	CodeNotReady         Code = "not_ready"           // no snapshot is loaded yet, or not the one that is named
	CodeOwnerUnreachable Code = "owner_unreachable"   // a replica does not reach the server that keeps tokens and returns
	CodeInternal         Code = "internal"            // a fault of the server, which is in its log
)

func codes() []any {
	return []any{CodeBadRequest, CodeInvalidParameter, CodeUnknownName, CodeNotAvailable, CodeUnknownUnit, CodeUnknownRoute, CodeMethodNotAllowed,
		CodeSnapshotGone, CodeUnauthorized, CodeForbidden, CodeTokenInAddress, CodeNotFound, CodeExists, CodeTooLarge, CodeTooMuch,
		CodeTooSlow, CodeUnsupported, CodeNotAcceptable, CodeKeyReused, CodeBusy, CodeRateLimited, CodeQueueFull, CodeNoResults, CodeNotKept, CodeNotAudited, CodeLogUnavailable, CodeNotReady, CodeOwnerUnreachable, CodeInternal}
}

// Schema lists the codes in the OpenAPI document.
func (Code) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Enum: codes(), Description: "What is wrong, for programs"}
}

// Problem is an error as RFC 9457 has it, with a code.
type Problem struct {
	Title  string              `json:"title" doc:"The HTTP status in words"`
	Status int                 `json:"status" doc:"The HTTP status"`
	Code   Code                `json:"code"`
	Detail string              `json:"detail" doc:"What is wrong and what to do, for people"`
	Errors []*huma.ErrorDetail `json:"errors,omitempty" doc:"The parameters that are wrong"`

	RequestID string `json:"request_id,omitempty" doc:"Of a fault of the server: the id by which its log has the request"`
}

func (p *Problem) Error() string  { return p.Detail }
func (p *Problem) GetStatus() int { return p.Status }

// ContentType makes huma write application/problem+json.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

func problem(status int, code Code, detail string, errs ...*huma.ErrorDetail) *Problem {
	return &Problem{Title: http.StatusText(status), Status: status, Code: code, Detail: detail, Errors: errs}
}

// of is the Problem as it answers the request of an id.
func (p *Problem) of(id string) *Problem {
	if p.Status < http.StatusInternalServerError {
		return p
	}
	told := *p // others may be answered with the same
	told.RequestID = id
	return &told
}

// huma offers package variables alone to change the shape of errors and of lists, so they are set once, before any handler exists.
func init() {
	huma.DefaultArrayNullable = false // a list without anything is [], never null
	huma.NewError = func(status int, detail string, errs ...error) huma.StatusError {
		code := CodeBadRequest
		switch {
		case status == http.StatusUnprocessableEntity:
			code = CodeInvalidParameter
		case status == http.StatusRequestEntityTooLarge:
			code = CodeTooLarge
		case status == http.StatusUnsupportedMediaType:
			code = CodeUnsupported
		case status == http.StatusRequestTimeout:
			code = CodeTooSlow
		case status >= 500:
			return internal() // the cause is not for the caller
		}
		p := problem(status, code, detail)
		for _, err := range errs {
			if d, ok := err.(huma.ErrorDetailer); ok {
				p.Errors = append(p.Errors, withoutBody(d.ErrorDetail()))
			}
		}
		inBody := func(e *huma.ErrorDetail) bool { return refusedStatus(e.Location) == http.StatusUnprocessableEntity }
		if status == http.StatusUnprocessableEntity && len(p.Errors) > 0 && !slices.ContainsFunc(p.Errors, inBody) {
			p.Status, p.Title = http.StatusBadRequest, http.StatusText(http.StatusBadRequest)
		}
		sort.SliceStable(p.Errors, func(i, j int) bool { return p.Errors[i].Location < p.Errors[j].Location })
		return p
	}
}

// withoutBody leaves out of a fault what a body had there: it may be anything, also what must not be kept or logged.
func withoutBody(d *huma.ErrorDetail) *huma.ErrorDetail {
	switch {
	case !strings.HasPrefix(d.Location, "body"):
		return d
	case d.Message == validation.MsgUnexpectedProperty: // the location ends with its name
		return &huma.ErrorDetail{Message: "it has a property that is not described", Location: "body"}
	}
	return &huma.ErrorDetail{Message: d.Message, Location: d.Location}
}

func internal() *Problem {
	return problem(http.StatusInternalServerError, CodeInternal, "the server failed; its log says why")
}

func notReady() error {
	p := problem(http.StatusServiceUnavailable, CodeNotReady, "no snapshot is loaded yet: build one, or try again shortly")
	return huma.ErrorWithHeaders(p, http.Header{"Retry-After": {"5"}})
}

func invalid(location string, value any, detail string) *Problem {
	return problem(refusedStatus(location), CodeInvalidParameter, detail,
		&huma.ErrorDetail{Message: detail, Location: location, Value: value})
}

// problemOfAccess turns an error of what keeps campaigns, tokens and turfs into a Problem.
func problemOfAccess(err error, log *slog.Logger) error {
	var refusal *access.Refusal
	detail := strings.TrimPrefix(err.Error(), "access: ")
	switch {
	case errors.As(err, &refusal):
		return problem(http.StatusUnprocessableEntity, CodeInvalidParameter, detail,
			&huma.ErrorDetail{Message: refusal.Why, Location: "body." + refusal.Field})
	case errors.Is(err, access.ErrNotFound):
		return problem(http.StatusNotFound, CodeNotFound, detail)
	case errors.Is(err, access.ErrExists):
		return problem(http.StatusConflict, CodeExists, detail)
	}
	log.Error("api: campaigns, tokens or turfs cannot be kept", "error", err)
	return internal()
}

// problemFor turns an error of the engine into a Problem. What is not the caller's fault is logged and not told.
func problemFor(err error, log *slog.Logger) error {
	var q *live.QueryError
	var m *live.MeasureError
	var item *live.ItemError
	var told *Problem
	switch {
	case errors.As(err, &told):
		return told
	case errors.As(err, &item):
		detail := item.Parameter + ": " + item.Why
		return problem(http.StatusBadRequest, CodeInvalidParameter, detail, &huma.ErrorDetail{Message: item.Why, Location: "query." + item.Parameter})
	case errors.As(err, &q):
		location := "query." + q.Parameter
		if q.Parameter == "layer" || q.Parameter == "unit" {
			location = "path." + q.Parameter
		}
		detail := fmt.Sprintf("there is no %s %q; known: %s", q.Parameter, q.Value, strings.Join(q.Known, ", "))
		return problem(http.StatusBadRequest, CodeUnknownName, detail,
			&huma.ErrorDetail{Message: detail, Location: location, Value: q.Value})
	case errors.As(err, &m):
		detail := fmt.Sprintf("measure %s: %s", m.Measure, m.Why)
		return problem(http.StatusBadRequest, CodeNotAvailable, detail,
			&huma.ErrorDetail{Message: detail, Location: "query." + m.Parameter, Value: m.Value})
	case errors.Is(err, live.ErrNotFound):
		return problem(http.StatusNotFound, CodeUnknownUnit, strings.TrimPrefix(err.Error(), live.ErrNotFound.Error()+": "))
	}
	log.Error("api: the engine failed", "error", err)
	return internal()
}

// writeError writes a Problem with its headers, outside of huma's handlers.
func writeError(w http.ResponseWriter, err error) {
	var headed huma.HeadersError
	if errors.As(err, &headed) {
		maps.Copy(w.Header(), headed.GetHeaders())
	}
	p := internal()
	errors.As(err, &p)
	writeProblem(w, p)
}

// writeProblem is for what happens outside huma.
func writeProblem(w http.ResponseWriter, p *Problem) {
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p.of(w.Header().Get(requestID))) // the caller may have gone
}

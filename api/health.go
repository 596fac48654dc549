package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// Health says that the process answers.
type Health struct {
	Status  string `json:"status" enum:"ok"`
	Version string `json:"version"`
}

// Readiness says that numbers can be asked for.
type Readiness struct {
	Status   string `json:"status" enum:"ready"`
	Snapshot string `json:"snapshot"`
	Owner    string `json:"owner,omitempty" enum:"reachable,unreachable" doc:"Of a replica: whether what is handed to its owner is answered. What is open to everybody is in any case"`
}

type healthOutput struct{ Body Health }
type readinessOutput struct{ Body Readiness }

func (s *server) registerHealth(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "get-health",
		Method:      http.MethodGet,
		Path:        "/healthz",
		Summary:     "Whether the process answers",
		Tags:        []string{"service"},
	}, func(context.Context, *struct{}) (*healthOutput, error) {
		return &healthOutput{Health{"ok", s.version}}, nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "get-readiness",
		Method:      http.MethodGet,
		Path:        "/readyz",
		Summary:     "Whether requests should be sent here: a snapshot is loaded, and the server is not about to stop",
		Tags:        []string{"service"},
		Errors:      []int{http.StatusServiceUnavailable},
	}, func(context.Context, *struct{}) (*readinessOutput, error) {
		select {
		case <-s.draining:
			return nil, huma.ErrorWithHeaders(problem(http.StatusServiceUnavailable, CodeNotReady, "the server is about to stop: ask another"), http.Header{"Retry-After": {"5"}})
		default:
		}
		city, err := s.city()
		if err != nil {
			return nil, err
		}
		return &readinessOutput{Readiness{"ready", city.Snapshot(), s.ownerState()}}, nil
	})
}

// ownerState says how the owner of a replica is; "" where this server is none.
func (s *server) ownerState() string {
	switch {
	case s.owner == nil:
		return ""
	case s.owner.Reachable():
		return "reachable"
	}
	return "unreachable"
}

package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine"
)

// FlagList is what somebody should look at. Nothing of it is left out of the counts.
type FlagList struct {
	Flags []Flag `json:"flags"`
}

// Flag is a canvasser's day that cannot have been as it was sent, or hardly.
type Flag struct {
	Canvasser string `json:"canvasser" doc:"A shortened hash: it tells the flags of one canvasser from another's, and nothing else"`
	Team      string `json:"team"`
	Kind      string `json:"kind"`
	Day       string `json:"day" format:"date"`
	Count     int    `json:"count" doc:"Of returns"`
	Why       string `json:"why" doc:"For people"`
}

type flagsOutput struct{ Body FlagList }

const flagsRoute = "/v1/field/flags"

func (s *server) registerFlags(api huma.API) {
	huma.Register(api, fieldOperation(engine.FieldRead, huma.Operation{
		OperationID: "list-flags",
		Method:      http.MethodGet,
		Path:        flagsRoute,
		Summary:     "Impossible pace, walks without movement, copied answers",
	}), s.listFlags)
}

func (s *server) listFlags(ctx context.Context, _ *struct{}) (*flagsOutput, error) {
	holder, returns, err := s.staff(ctx, engine.FieldRead)
	if err != nil {
		return nil, err
	}
	flags, err := returns.Flags(ctx, holder.Campaign)
	if err != nil {
		return nil, s.fieldProblem(ctx, err)
	}
	if err := s.audited(holder, flagsRoute, "canvasser", len(flags)); err != nil {
		return nil, err
	}
	list := FlagList{Flags: make([]Flag, 0, len(flags))}
	for _, f := range flags {
		list.Flags = append(list.Flags, Flag{f.Canvasser, f.Team, f.Kind, date(int64(f.Day)), f.Count, f.Why})
	}
	return &flagsOutput{list}, nil
}

package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/field"
)

// ConflictList is a page of pairs of returns of which only one can be true.
type ConflictList struct {
	Items []Conflict `json:"items" doc:"Oldest first"`
	Next  string     `json:"next" doc:"Come back with it as after; empty where there are no more"`
}

// Conflict is such a pair. They count as one attempt, and what was said does not count until a correction of both, or a withdrawal, settles it.
type Conflict struct {
	One    ConflictSide `json:"one"`
	Other  ConflictSide `json:"other"`
	Differ []string     `json:"differ" doc:"Names of the fields that differ; what they say is not told"`
}

// ConflictSide is one of the two.
type ConflictSide struct {
	ID         string    `json:"id" format:"uuid"`
	Replaces   string    `json:"replaces,omitempty" format:"uuid"`
	Kind       string    `json:"kind" enum:"attempt,action,withdrawal"`
	SegmentID  int64     `json:"segment_id,omitempty"`
	Team       string    `json:"team,omitempty"`
	HappenedAt time.Time `json:"happened_at"`
	ArrivedAt  time.Time `json:"arrived_at"`
}

type conflictsOutput struct{ Body ConflictList }

const conflictsRoute = "/v1/field/conflicts"

func (s *server) registerConflicts(api huma.API) {
	huma.Register(api, fieldOperation(engine.FieldRead, huma.Operation{
		OperationID: "list-conflicts",
		Method:      http.MethodGet,
		Path:        conflictsRoute,
		Summary:     "Pairs of returns that contradict each other",
	}), s.listConflicts)
}

func (s *server) listConflicts(ctx context.Context, in *PageInput) (*conflictsOutput, error) {
	holder, returns, err := s.staff(ctx, engine.FieldRead)
	if err != nil {
		return nil, err
	}
	page, err := returns.Conflicts(ctx, holder.Campaign, in.After, in.Limit)
	if err != nil {
		return nil, s.fieldProblem(ctx, err)
	}
	if err := s.audited(holder, conflictsRoute, "return", 2*len(page.Items)); err != nil {
		return nil, err
	}
	list := ConflictList{Items: make([]Conflict, 0, len(page.Items)), Next: page.Next}
	for i := range page.Items {
		c := &page.Items[i]
		list.Items = append(list.Items, Conflict{conflictSide(&c.One), conflictSide(&c.Other), append([]string{}, c.Differ...)})
	}
	return &conflictsOutput{list}, nil
}

func conflictSide(c *field.ConflictSide) ConflictSide {
	return ConflictSide{idText(c.ID), idText(c.Replaces), string(c.Kind), c.Segment, c.Team, c.Happened.UTC(), c.Arrived.UTC()}
}

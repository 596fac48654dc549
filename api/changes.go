package api

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/field"
)

// ChangeList is a page of what has changed.
type ChangeList struct {
	Items []Change `json:"items" doc:"Oldest first; a return comes again when what it counts for changes"`
	Next  string   `json:"next" doc:"Come back with it as after"`
}

// Change is a return that came, or that counts for something else now. It has no door, address, canvasser or answer.
type Change struct {
	ID         string `json:"id,omitempty" format:"uuid"`
	Erased     string `json:"erased,omitempty" doc:"Of a return that was erased, in place of its id: the SHA-256 of campaign, a zero byte and the 16 bytes of the id"`
	Kind       string `json:"kind,omitempty" enum:"attempt,action,withdrawal"`
	Replaces   string `json:"replaces,omitempty" format:"uuid"`
	Effect     string `json:"effect,omitempty" enum:"counts,attempt_only,nothing" doc:"What it counts for; attempt_only: its answers are in conflict with another's"`
	Day        string `json:"day,omitempty" format:"date"`
	ArrivedAt  string `json:"arrived_at" format:"date-time" doc:"When it arrived, or was erased"`
	Team       string `json:"team,omitempty"`
	SegmentID  int64  `json:"segment_id,omitempty"`
	PrecinctID int64  `json:"precinct_id,omitempty"`
	Result     string `json:"result,omitempty"`
	Action     string `json:"action,omitempty"`
	Count      int32  `json:"count,omitempty"`
	Quarantine string `json:"quarantine,omitempty" enum:"in_future,clock_off,unknown_place,outside_turf,unknown_team"`
}

type changesInput struct {
	PageInput
	Accept      string `header:"Accept" doc:"text/event-stream, to receive the same as Server-Sent Events as it comes, each with its cursor as id"`
	LastEventID string `header:"Last-Event-ID" maxLength:"200" doc:"The cursor to go on from, for event streams"`
}

// jsonOrEvents describes an answer that comes in one of two forms.
func jsonOrEvents[T any](api huma.API, description string) map[string]*huma.Response {
	return map[string]*huma.Response{"200": {Description: description, Content: map[string]*huma.MediaType{
		mediaJSON:   {Schema: api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[T](), true, "")},
		mediaEvents: {Schema: &huma.Schema{Type: huma.TypeString}},
	}}}
}

const changesRoute = "/v1/field/changes"

func (s *server) registerChanges(api huma.API) {
	huma.Register(api, fieldOperation(engine.FieldRead, huma.Operation{
		OperationID: "list-changes",
		Method:      http.MethodGet,
		Path:        changesRoute,
		Summary:     "What has changed in the field, from any point on",
		Responses:   jsonOrEvents[ChangeList](api, "A page; or events named change, each a Change in JSON"),
	}), s.listChanges)
}

func (s *server) listChanges(ctx context.Context, in *changesInput) (*huma.StreamResponse, error) {
	holder, returns, err := s.staff(ctx, engine.FieldRead)
	if err != nil {
		return nil, err
	}
	events := strings.Contains(in.Accept, mediaEvents)
	cursor := in.After
	if events && in.LastEventID != "" {
		cursor = in.LastEventID
	}
	page, err := returns.Changes(ctx, holder.Campaign, cursor, in.Limit)
	if err != nil {
		return nil, s.fieldProblem(ctx, err)
	}
	if err := s.audited(holder, changesRoute, "return", len(page.Items)); err != nil {
		return nil, err
	}
	if !events {
		return answerJSON(ChangeList{changeItems(page.Items), page.Next})
	}
	return s.stream(func(e *eventStream) error {
		for {
			for i := range page.Items {
				data, err := json.Marshal(change(&page.Items[i]))
				if err != nil {
					return err
				}
				if err := e.send(page.Items[i].Cursor, "change", data); err != nil {
					return err
				}
			}
			cursor = page.Next
			err := e.wait(func(ctx context.Context) error { return returns.Wait(ctx, holder.Campaign, cursor) })
			if err != nil {
				return err
			}
			if page, err = returns.Changes(e, holder.Campaign, cursor, in.Limit); err != nil {
				return err
			}
			if err := s.audited(holder, changesRoute, "return", len(page.Items)); err != nil {
				return err
			}
		}
	})
}

func changeItems(items []field.ChangeItem) []Change {
	out := make([]Change, 0, len(items))
	for i := range items {
		out = append(out, change(&items[i]))
	}
	return out
}

func change(c *field.ChangeItem) Change {
	out := Change{
		ID: idText(c.ID), Erased: c.ErasedHash, Kind: string(c.Kind), Replaces: idText(c.Replaces), Effect: string(c.Effect),
		ArrivedAt: c.Arrived.UTC().Format(time.RFC3339Nano), Team: c.Team, SegmentID: c.Segment, PrecinctID: c.Precinct,
		Result: c.Result, Action: c.Action, Count: c.Count, Quarantine: string(c.Quarantine),
	}
	if c.Day != 0 {
		out.Day = date(int64(c.Day))
	}
	return out
}

// idText writes an id, and none as nothing.
func idText(id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	return id.String()
}

// answerJSON answers with a value, where an operation may also answer with something else.
func answerJSON(value any) (*huma.StreamResponse, error) {
	body, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		c.SetHeader("Content-Type", mediaJSON)
		_, _ = c.BodyWriter().Write(body) // the caller may have gone
	}}, nil
}

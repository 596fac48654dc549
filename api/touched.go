package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine"
)

// Touched says which parts of the staff's map have changed.
type Touched struct {
	Snapshot  string            `json:"snapshot" doc:"The one that is served; where it is another than the map's, the map begins anew"`
	At        time.Time         `json:"at" doc:"When the last of it changed, or was noticed"`
	Precincts []TouchedPrecinct `json:"precincts"`
	Segments  []int64           `json:"segments" nullable:"true" doc:"The segments whose counts have changed, as they stand on the map; null where they are more than 2,000, or not known"`
}

// TouchedPrecinct is a precinct whose numbers have changed.
type TouchedPrecinct struct {
	ID     int64      `json:"id"`
	Bounds [4]float64 `json:"bounds" doc:"West, south, east, north of all that is drawn with its numbers"`
}

type touchedInput struct {
	LastEventID string `header:"Last-Event-ID" maxLength:"20" doc:"The id of the last event that was received; from now on without it"`
}

const (
	touchedRoute = "/v1/field/touched"
	touchedPause = 200 * time.Millisecond // what changes meanwhile comes in one event
)

func (s *server) registerTouched(api huma.API) {
	huma.Register(api, fieldOperation(engine.FieldRead, huma.Operation{
		OperationID: "watch-touched",
		Method:      http.MethodGet,
		Path:        touchedRoute,
		Summary:     "Server-Sent Events for maps: which parts of the staff's tiles have changed",
		Description: "Events named touched, at most five a second, each in JSON with snapshot, at, precincts (id, and bounds: west, south, east, north) and segments. " +
			"The tiles that meet bounds are to be asked for again. segments are the ids of the streets whose counts have changed, as they stand on the map (what was joined under the id of its lead); " +
			"null where they are more than 2,000, or not known because the id that the stream goes on from is of before the server's start. A precinct without any of them has changed in what is estimated.",
		Responses: map[string]*huma.Response{"200": {Description: "The events", Content: map[string]*huma.MediaType{
			mediaEvents: {Schema: &huma.Schema{Type: huma.TypeString}}}}},
	}), s.watchTouched)
}

func (s *server) watchTouched(ctx context.Context, in *touchedInput) (*huma.StreamResponse, error) {
	holder, view, err := s.staffView(ctx)
	if err != nil {
		return nil, err
	}
	after := view.Last()
	if in.LastEventID != "" {
		if after, err = strconv.ParseUint(in.LastEventID, 10, 64); err != nil {
			return nil, invalid("header.Last-Event-ID", nil, "this id is of no event: begin without it")
		}
	}
	if err := s.audited(holder, touchedRoute, "precinct", 0); err != nil {
		return nil, err
	}
	return s.stream(func(e *eventStream) error {
		// The view is that of one snapshot. When another is served the stream ends, and the map begins anew.
		for s.view(holder.Campaign) == view {
			var touched Touched
			err := e.wait(func(ctx context.Context) error {
				found, next, err := view.Wait(ctx, after)
				if err != nil {
					return err
				}
				after = next
				touched.Segments = found.Segments
				for _, p := range found.Precincts {
					b := p.Bound
					touched.Precincts = append(touched.Precincts, TouchedPrecinct{p.ID,
						[4]float64{sixDecimals(b.Min[0]), sixDecimals(b.Min[1]), sixDecimals(b.Max[0]), sixDecimals(b.Max[1])}})
				}
				return nil
			})
			if err != nil {
				return err
			}
			city, err := s.city()
			if err != nil {
				return err
			}
			touched.Snapshot, touched.At = city.Snapshot(), time.Now().UTC()
			data, err := json.Marshal(touched)
			if err != nil {
				return err
			}
			if err := s.audited(holder, touchedRoute, "precinct", len(touched.Precincts)); err != nil {
				return err
			}
			if err := e.send(strconv.FormatUint(after, 10), "touched", data); err != nil {
				return err
			}
			select {
			case <-time.After(touchedPause):
			case <-e.Done():
				return e.Err()
			}
		}
		return nil
	})
}

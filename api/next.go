package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/access"
)

// NextList is the streets to walk next, the best first.
type NextList struct {
	Streets []NextStreet `json:"streets" doc:"Without those whose shares are not published, and those where all doors were tried"`
}

// NextStreet is a street to walk next. Those of one group cannot be told apart: none of them is better than another for certain.
type NextStreet struct {
	SegmentID int64   `json:"segment_id"`
	Name      string  `json:"name"`
	Lon       float64 `json:"lon" doc:"Of its middle"`
	Lat       float64 `json:"lat"`
	Votes     float64 `json:"votes" doc:"What an hour there gains over the strongest other candidate: a scenario"`
	Low       float64 `json:"low" doc:"Low end of the 90 % interval"`
	High      float64 `json:"high" doc:"High end of the 90 % interval"`
	TopFifth  float64 `json:"top_fifth" doc:"Chance of being among the best fifth of the streets that were asked for"`
	Group     int     `json:"group" doc:"From 1; the streets of a group are not distinguishable"`
	Alike     int     `json:"alike" doc:"How many streets the group has"`
	Explore   bool    `json:"explore" doc:"To be walked whatever its rank, so that what knocking does can be measured"`
	DoorsLeft int64   `json:"doors_left"`
	Reason    string  `json:"reason" doc:"For people"`
}

type nextInput struct {
	Turf  string `query:"turf" pattern:"^[a-z0-9_][a-z0-9_-]{0,31}$" doc:"Only streets of this turf; without it those of the turfs of the token, or all"`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"50"`
}

type nextOutput struct{ Body NextList }

const nextRoute = "/v1/field/next"

func (s *server) registerNext(api huma.API) {
	huma.Register(api, fieldOperation(engine.FieldRead, huma.Operation{
		OperationID: "rank-streets",
		Method:      http.MethodGet,
		Path:        nextRoute,
		Summary:     "Where to walk next, and which streets cannot be told apart",
	}), s.rankStreets)
}

func (s *server) rankStreets(ctx context.Context, in *nextInput) (*nextOutput, error) {
	holder, view, err := s.staffView(ctx)
	if err != nil {
		return nil, err
	}
	covers, err := s.ground(holder, in.Turf)
	if err != nil {
		return nil, err
	}
	streets, err := view.Next(ctx, covers, in.Limit)
	if err != nil {
		return nil, problemFor(err, s.log)
	}
	if err := s.audited(holder, nextRoute, "segment", len(streets)); err != nil {
		return nil, err
	}
	list := NextList{Streets: make([]NextStreet, 0, len(streets))}
	for _, n := range streets {
		list.Streets = append(list.Streets, NextStreet{
			SegmentID: n.ID, Name: n.Name, Lon: sixDecimals(n.Lon), Lat: sixDecimals(n.Lat), Votes: sixDecimals(n.Votes.Value), Low: sixDecimals(n.Votes.Low90),
			High: sixDecimals(n.Votes.High90), TopFifth: sixDecimals(n.TopFifth), Group: n.Group, Alike: n.Alike, Explore: n.Explore, DoorsLeft: n.DoorsLeft, Reason: n.Reason,
		})
	}
	return &nextOutput{list}, nil
}

// ground tells what of the place is asked for: a turf, those that the token is limited to, or nil for all.
func (s *server) ground(holder access.Holder, turf string) (func(lon, lat float64) bool, error) {
	var chosen []engine.Turf
	for _, t := range s.campaigns.Turfs(holder.Campaign) {
		mine := len(holder.Turfs) == 0 || slices.Contains(holder.Turfs, t.ID)
		if mine && (turf == "" || turf == t.ID) {
			chosen = append(chosen, t)
		}
	}
	switch {
	case turf == "" && len(holder.Turfs) == 0:
		return nil, nil
	case turf != "" && len(chosen) == 0:
		return nil, invalid("query.turf", turf, fmt.Sprintf("there is no turf %q that the token may see", turf))
	}
	return func(lon, lat float64) bool {
		return slices.ContainsFunc(chosen, func(t engine.Turf) bool { return t.Covers(lon, lat) })
	}, nil
}

package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/access"
	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/geo"
)

// FieldView is what a campaign's returns say of the snapshot that is served, as its staff sees it, such as a *live.Field. It is safe for
// many goroutines. What it does not know is an error as of a City.
type FieldView interface {
	Tile(ctx context.Context, layer string, t geo.Tile, q live.FieldQuery) (live.Tile, error)
	Version(layer string, t geo.Tile) (uint64, error)
	Last() uint64
	Breaks(ctx context.Context, q live.BreaksQuery) (live.Breaks, error)
	Wait(ctx context.Context, after uint64) (live.Touched, uint64, error)
	Score(ctx context.Context, unit engine.Unit, id int64) (live.FieldScore, error)
	Heard(ctx context.Context, question engine.Question) (map[live.HeardPlace]live.Heard, error)
	Coverage(ctx context.Context, by engine.Dimension) (live.FieldCoverage, error)
	Next(ctx context.Context, covers func(lon, lat float64) bool, limit int) ([]live.NextStreet, error)
}

// staffView gives the holder of a token that may see the field, and the view of its campaign.
func (s *server) staffView(ctx context.Context) (access.Holder, FieldView, error) {
	holder, _, err := s.staff(ctx, engine.FieldRead)
	if err != nil {
		return access.Holder{}, nil, err
	}
	if view := s.viewOf(holder.Campaign); view != nil {
		return holder, view, nil
	}
	p := problem(http.StatusServiceUnavailable, CodeNotReady, "the field of the campaign is not loaded yet, or its contest is not in the snapshot that is served")
	return access.Holder{}, nil, huma.ErrorWithHeaders(p, http.Header{"Retry-After": {"5"}})
}

// viewOf gives the view of a campaign; nil where there is none.
func (s *server) viewOf(campaign string) FieldView {
	if s.view == nil {
		return nil
	}
	return s.view(campaign)
}

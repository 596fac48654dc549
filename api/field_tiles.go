package api

import (
	"context"
	"fmt"
	"slices"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
)

// privately keeps an answer to its holder, who asks each time whether it has changed.
const privately = "private, no-cache"

// ofField tells whether what is asked for is the staff's.
func (q TileQuery) ofField() bool {
	return slices.ContainsFunc(live.FieldMeasures(), func(m live.FieldMeasure) bool { return m.ID == q.Measure })
}

// field puts the query to the field. The contest and the choice are the campaign's.
func (q TileQuery) field() (live.FieldQuery, error) {
	for _, p := range []struct{ name, value string }{{"contest", q.Contest}, {"choice", q.Choice}, {"against", q.Against}, {"since", q.Since}} {
		if p.value != "" {
			return live.FieldQuery{}, invalid("query."+p.name, p.value, fmt.Sprintf("the measure %s is of the token's campaign and takes no %s", q.Measure, p.name))
		}
	}
	return live.FieldQuery{Measure: q.Measure}, nil
}

// getFieldTile answers with a tile of the staff's map. A caller that has it is told so before anything is encoded.
func (s *server) getFieldTile(ctx context.Context, key tileKey, in *tileInput) (*tileOutput, error) {
	holder, view, err := s.staffView(ctx)
	if err != nil {
		return nil, err
	}
	query, err := in.field()
	if err == nil && in.Filter != "" {
		err = invalid("query.filter", nil, "the staff's tiles have all units: leave the filter out")
	}
	if err != nil {
		return nil, err
	}
	version, err := view.Version(key.layer, key.tile)
	if err != nil {
		return nil, problemFor(err, s.log)
	}
	key.campaign, key.version = holder.Campaign, version
	// The holder may come with another token, of another campaign, and the address is the same.
	out := &tileOutput{CacheControl: privately, Vary: "Authorization, Cookie, Accept-Encoding", ContentType: mediaMVT}
	held := out.isHeld(in.IfNoneMatch, s.tagOf(key))
	var tile packedTile
	if !held {
		tile, err = s.packed(ctx, key, func() (live.Tile, error) {
			return view.Tile(context.WithoutCancel(ctx), key.layer, key.tile, query) // others may wait for it too
		})
		if err != nil {
			return nil, problemFor(err, s.log)
		}
	}
	if err := s.audited(holder, "/v1/tiles/{layer}/{z}/{x}/{y}", key.layer, tile.features); err != nil {
		return nil, err
	}
	if !held {
		out.fill(tile, in.IfNoneMatch)
	}
	return out, nil
}

// fieldTileJSON tells whether the staff's tiles of a layer may be asked for.
func (s *server) fieldTileJSON(ctx context.Context, in *tileJSONInput) error {
	if _, err := s.need(ctx, engine.FieldRead); err != nil {
		return err
	}
	_, err := in.field()
	if err == nil && in.Filter != "" {
		err = invalid("query.filter", nil, "the staff's tiles have all units: leave the filter out")
	}
	return err
}

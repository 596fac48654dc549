package api

import (
	"context"
	"iter"
	"time"

	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/geo"
)

// seedingShare is how much of the time is spent on tiles that nobody has asked for yet: a quarter of one processor, a tile at a time.
const seedingShare = 4

// lastSeededZoom is the last zoom of which tiles are made that nobody has asked for.
const lastSeededZoom = 16

// SeedTiles makes tiles before anybody asks for them, until ctx ends: at first, and whenever another snapshot is current, up to so many bytes.
// Those come first that were asked for of the snapshot before, then those that a map begins with, from the whole place on inwards.
func (h *Handler) SeedTiles(ctx context.Context, budget int64) {
	const lookEvery = time.Second
	ticks := time.NewTicker(lookEvery)
	defer ticks.Stop()
	before := ""
	for budget > 0 {
		if city := h.server.current(); city != nil && city.Snapshot() != before {
			h.server.seeding.Store(1)
			h.server.seed(ctx, city, before, budget)
			h.server.seeding.Store(0)
			before = city.Snapshot()
		}
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
	}
}

// seed fills the cache with tiles of a snapshot, as long as it is current.
func (s *server) seed(ctx context.Context, city City, before string, budget int64) {
	for key := range s.toSeed(city, before) {
		start := time.Now()
		tile, err := s.tiles.make(ctx, key, func() (packedTile, error) {
			return s.pack(key, func() (live.Tile, error) { return s.encode(ctx, city, key, tileFilter{}) })
		})
		if err == nil && len(tile.body) > 0 { // what was asked of the snapshot before need not be in this one
			s.seeded.Add(1)
			budget -= int64(weightOf(key, tile))
		}
		if current := s.current(); budget <= 0 || current == nil || current.Snapshot() != city.Snapshot() {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After((seedingShare - 1) * time.Since(start)):
		}
	}
}

// toSeed lists tiles of a snapshot, those first that are most wanted.
func (s *server) toSeed(city City, before string) iter.Seq[tileKey] {
	return func(yield func(tileKey) bool) {
		for _, key := range s.tiles.askedOf(before) {
			key.snapshot = city.Snapshot()
			if !yield(key) {
				return
			}
		}
		bound := city.Bound()
		for zoom := range lastSeededZoom + 1 {
			northWest, southEast := geo.TileAt(bound.Min[0], bound.Max[1], uint8(zoom)), geo.TileAt(bound.Max[0], bound.Min[1], uint8(zoom))
			for _, layer := range city.Layers() {
				if zoom < layer.MinZoom {
					continue
				}
				for x := northWest.X; x <= southEast.X; x++ {
					for y := northWest.Y; y <= southEast.Y; y++ {
						if !yield(tileKey{snapshot: city.Snapshot(), layer: layer.Name, tile: geo.Tile{Z: uint8(zoom), X: x, Y: y}, form: "mvt"}) {
							return
						}
					}
				}
			}
		}
	}
}

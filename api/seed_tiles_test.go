package api

import (
	"context"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/geo"
)

// What was asked for of the snapshot before, and what a map begins with, is there before anybody asks for it of the new one.
func TestTilesAreSeededAtAStartAndWithEachSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := newVillage(), newVillage()
		second.snapshot = "5eed4567"
		var current atomic.Pointer[village]
		current.Store(first)
		handler := New(Config{Current: func() City { return current.Load() }, Replaced: func() []City { return []City{first} }, Log: quiet()})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { handler.SeedTiles(ctx, 1<<20); close(ended) }()

		time.Sleep(time.Minute)
		s := handler.server
		of := func(layer string, zoom uint8, snapshot string) bool {
			tile := geo.TileAt(2.35, 48.85, zoom)
			_, there := s.tiles.peek(tileKey{snapshot: snapshot, layer: layer, tile: tile, form: "mvt"})
			return there
		}
		if !of("segments", 12, first.snapshot) || !of("cells", 12, first.snapshot) || s.seeded.Load() < 10 || s.seeding.Load() != 0 {
			t.Fatalf("at the start: %d tiles", s.seeded.Load())
		}
		if s.tiles.misses.Load() != 0 {
			t.Error("seeding counts as asking")
		}
		asked := httptest.NewRequest("GET", "http://map.example"+strings.Replace(someTile, "14/8299/5636", "15/1/2", 1), nil)
		asked.Header.Set("Accept-Encoding", "gzip")
		handler.ServeHTTP(httptest.NewRecorder(), asked)

		current.Store(second)
		time.Sleep(time.Minute)
		wanted := tileKey{snapshot: second.snapshot, layer: "segments", tile: geo.Tile{Z: 15, X: 1, Y: 2}, query: live.Query{Contest: "mayor_t1", Choice: "durand"}, form: "mvt"}
		if _, there := s.tiles.peek(wanted); !there || !of("segments", 12, second.snapshot) || !of("segments", 12, first.snapshot) {
			t.Error("what was asked for before is not there, or the old tiles are gone")
		}
		stop()
		<-ended
	})
}

func TestSeedingKeepsToItsBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		city := newVillage()
		handler := New(Config{Current: func() City { return city }, Log: quiet()})
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		const budget = 20_000
		handler.SeedTiles(ctx, budget)
		if size := handler.server.tiles.kept.WeightedSize(); size < budget/2 || size > budget+2_000 {
			t.Errorf("%d bytes", size)
		}
		handler.SeedTiles(ctx, 0)
	})
}

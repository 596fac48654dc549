package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/arpent/arpent/geo"
)

// tilesAt serves a text as every tile.
func tilesAt(t *testing.T, tile string, asked *atomic.Int64) *site {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.Header.Get("Authorization") != "Bearer secret" {
			http.Error(w, "no token", http.StatusUnauthorized)
			return
		}
		sendTile(w, []byte(tile), strings.Contains(r.Header.Get("Accept-Encoding"), packed))
	}))
	t.Cleanup(server.Close)
	return &site{token: "secret", pids: []int{os.Getpid()}, address: func(t geo.Tile) string { return server.URL + "/" + t.String() }}
}

func TestEachTileIsAskedForOnce(t *testing.T) {
	var count atomic.Int64
	s := tilesAt(t, "tile", &count)
	tiles := make([]geo.Tile, 101)
	got, err := s.ask(t.Context(), tiles, identity, 0)
	if err != nil || count.Load() != 101 || got.rate <= 0 {
		t.Errorf("%d questions for 101 tiles: %+v, %v", count.Load(), got, err)
	}
	count.Store(0)
	if _, err := s.ask(t.Context(), tiles, identity, 20*time.Millisecond); err != nil || count.Load()%101 != 0 {
		t.Errorf("%d questions for 101 tiles, all as often: %v", count.Load(), err)
	}
	s.token = "other"
	if _, err := s.ask(t.Context(), tiles, identity, 0); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("a tile that is refused counts: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.ask(ended, tiles, identity, time.Hour); err == nil {
		t.Error("it went on after Ctrl-C")
	}
}

func TestWhatIsSentIsWhatWasCompared(t *testing.T) {
	var count atomic.Int64
	s := tilesAt(t, "tile", &count)
	tiles, same, other := make([]geo.Tile, 2), [][]byte{[]byte("tile"), []byte("tile")}, [][]byte{[]byte("tile"), []byte("another")}
	for _, coding := range []string{identity, packed} {
		if err := s.check(t.Context(), caller(), tiles, coding, same); err != nil {
			t.Error(err)
		}
		if err := s.check(t.Context(), caller(), tiles, coding, other); err == nil {
			t.Errorf("%s: another tile is taken for the same", coding)
		}
	}
}

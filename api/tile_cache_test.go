package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"unsafe"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/geo"
)

func keyAt(x uint32) tileKey { return tileKey{tile: geo.Tile{Z: 14, X: x}} }

func packedOf(bytes int) func() (packedTile, error) {
	return func() (packedTile, error) { return packedTile{body: make([]byte, bytes)}, nil }
}

func TestTileCacheKeepsToItsBudget(t *testing.T) {
	const budget = 100_000
	c := newTileCache(budget)
	for x := range uint32(500) {
		if _, err := c.get(t.Context(), keyAt(x), packedOf(int(x%7)*500)); err != nil {
			t.Fatal(err)
		}
		if size := c.kept.WeightedSize(); size > budget {
			t.Fatalf("%d bytes after %d tiles", size, x)
		}
	}
	taken := 0
	for key, tile := range c.kept.All() {
		taken += int(weightOf(key, tile))
	}
	if entries := c.kept.EstimatedSize(); taken < budget/2 || uint64(taken) != c.kept.WeightedSize() || c.dropped.Load()+int64(entries) < 350 || c.misses.Load() != 500 {
		t.Errorf("%d bytes of %d tiles, %d dropped, %d misses", taken, entries, c.dropped.Load(), c.misses.Load())
	}
	if _, err := c.get(t.Context(), keyAt(1000), packedOf(2*budget)); err != nil {
		t.Fatal(err)
	}
	if _, there := c.peek(keyAt(1000)); there {
		t.Error("a tile larger than the budget stays")
	}
	nothing := newTileCache(-1)
	for range 2 {
		if _, err := nothing.get(t.Context(), keyAt(1), packedOf(10)); err != nil || nothing.misses.Load() == 0 {
			t.Error(err)
		}
	}
	if nothing.hits.Load() != 0 || nothing.misses.Load() != 2 {
		t.Errorf("a cache of nothing has %d hits", nothing.hits.Load())
	}
}

// A scan of tiles that nobody asks for twice leaves those that are asked for often.
func TestAScanDropsNoTilesThatAreAskedForOften(t *testing.T) {
	c := newTileCache(100 * 1000)
	packed := packedOf(1000 - tileOverhead)
	for range 20 {
		for x := range uint32(50) {
			_, _ = c.get(t.Context(), keyAt(x), packed)
		}
	}
	for x := range uint32(5000) {
		_, _ = c.get(t.Context(), keyAt(10_000+x), packed)
	}
	left := 0
	for x := range uint32(50) {
		if _, there := c.peek(keyAt(x)); there {
			left++
		}
	}
	if left < 45 {
		t.Errorf("%d of 50 tiles are left", left)
	}
}

// Texts of a key are parts of an address, which may be long: what is kept must not hold it.
func TestAKeptTileHoldsNoAddress(t *testing.T) {
	c := newTileCache(1 << 20)
	address := strings.Repeat("x", 1<<16) + "durand"
	key := tileKey{query: live.Query{Choice: address[1<<16:]}}
	if _, err := c.get(t.Context(), key, packedOf(1)); err != nil {
		t.Fatal(err)
	}
	for kept := range c.kept.Keys() {
		if kept.query.Choice != "durand" || unsafe.StringData(kept.query.Choice) == unsafe.StringData(key.query.Choice) {
			t.Error("the key holds the address")
		}
	}
}

// Who goes away while a tile is made gets nothing, and takes nothing from the others who wait.
func TestWhoeverLeavesTakesNothingFromOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newTileCache(1 << 20)
		begun, proceed := make(chan struct{}), make(chan struct{})
		first, leaveFirst := context.WithCancel(t.Context())
		second, leaveSecond := context.WithCancel(t.Context())
		made := 0
		pack := func() (packedTile, error) {
			made++
			close(begun)
			<-proceed
			return packedTile{body: []byte("tile")}, nil
		}
		var all sync.WaitGroup
		results := make([]error, 3)
		for i, ctx := range []context.Context{first, second, t.Context()} {
			all.Go(func() { _, results[i] = c.get(ctx, keyAt(1), pack) })
			if i == 0 {
				<-begun
			}
		}
		synctest.Wait()
		leaveFirst() // it is the one that makes the tile, and goes on
		leaveSecond()
		synctest.Wait()
		close(proceed)
		all.Wait()
		if made != 1 || !errors.Is(results[1], context.Canceled) || results[2] != nil || c.misses.Load() != 1 || c.waits.Load() != 2 {
			t.Errorf("made %d times; %v; %d misses, %d waits", made, results, c.misses.Load(), c.waits.Load())
		}
	})
}

// A fault in making a tile is told to all who wait for it, and to nobody after.
func TestAFaultInATileEndsNothing(t *testing.T) {
	city := newVillage()
	city.tile = func(string, geo.Tile, live.Query) (live.Tile, error) { panic("a bug") }
	server := newTestServer(t, city)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			answer, err := http.Get(server + someTile)
			if err != nil {
				t.Error(err)
				return
			}
			answer.Body.Close()
			if answer.StatusCode != 500 {
				t.Errorf("%d", answer.StatusCode)
			}
		})
	}
	all.Wait()
	city.tile = nil
	if answer, err := http.Get(server + strings.Replace(someTile, "8299", "8300", 1)); err != nil || answer.StatusCode != 200 {
		t.Errorf("afterwards: %v %v", answer, err)
	}
}

// A scanner finds no end of tiles that are empty or cannot be. They fill nothing.
func TestEmptyAndImpossibleTilesFillNothing(t *testing.T) {
	city := newVillage()
	s := newServer(Config{Current: func() City { return city }, Log: quiet()})
	handler := s.handler()
	for x := range 30 {
		for target, want := range map[string]int{
			fmt.Sprintf("/v1/tiles/cells/6/%d/1.mvt", x):    204,
			fmt.Sprintf("/v1/tiles/cells/3/%d/1.mvt", 8+x):  400,
			fmt.Sprintf("/v1/tiles/streets/14/%d/1.mvt", x): 400,
			fmt.Sprintf("/v1/tiles/cells@%d/14/1/1.mvt", x): 410,
		} {
			if answer := ask(t, handler, "GET", target); answer.StatusCode != want {
				t.Fatalf("%s: %d", target, answer.StatusCode)
			}
		}
	}
	if n := s.tiles.kept.EstimatedSize(); n != 0 {
		t.Errorf("%d tiles are kept", n)
	}
}

// Who has a tile is told so though nobody has it ready, from the address alone; and so after a restart.
func TestATileThatIsHeldIsNotMade(t *testing.T) {
	city := newVillage()
	serve := func() http.Handler { return serving(city) }
	tag := ask(t, serve(), "GET", someTile, "Accept-Encoding: gzip").Header.Get("ETag")
	city.encoded.Store(0)
	restarted := serve()
	for ifNoneMatch, want := range map[string]int{tag: 304, "W/" + tag: 304, `"a", "b,c", ` + tag: 304} {
		if answer := ask(t, restarted, "GET", someTile, "Accept-Encoding: gzip", "If-None-Match: "+ifNoneMatch); answer.StatusCode != want || answer.Header.Get("ETag") != tag {
			t.Errorf("%s: %d %v", ifNoneMatch, answer.StatusCode, answer.Header)
		}
	}
	if n := city.encoded.Load(); n != 0 {
		t.Errorf("made %d tiles", n)
	}
	// A tag says nothing of a tile that cannot be, and * nothing of one that is empty.
	s := newServer(Config{Current: func() City { return city }, Version: "1.2.3", Log: quiet()})
	made := s.tagOf(tileKey{snapshot: city.snapshot, layer: "segments", tile: geo.Tile{Z: 14}, query: live.Query{Choice: "nobody"}, form: "mvt", plain: true})
	wantProblem(t, ask(t, restarted, "GET", "/v1/tiles/segments/14/0/0.mvt?choice=nobody", "If-None-Match: "+made), 400, CodeUnknownName, "query.choice")
	if answer := ask(t, restarted, "GET", "/v1/tiles/cells/6/1/1.mvt", "If-None-Match: *"); answer.StatusCode != 204 {
		t.Errorf("an empty tile is held: %d", answer.StatusCode)
	}
	if answer := ask(t, restarted, "GET", someTile, "If-None-Match: *"); answer.StatusCode != 304 {
		t.Errorf("any tile is held: %d", answer.StatusCode)
	}
}

// Whoever asks for tiles as they are does not have them unpacked each time.
func TestPlainTilesAreKeptToo(t *testing.T) {
	city := newVillage()
	s := newServer(Config{Current: func() City { return city }, Log: quiet()})
	handler := s.handler()
	for range 3 {
		for _, coding := range []string{"gzip", "identity"} {
			ask(t, handler, "GET", someTile, "Accept-Encoding: "+coding)
		}
	}
	if made, hits, kept := city.encoded.Load(), s.tiles.hits.Load(), s.tiles.kept.EstimatedSize(); made != 1 || hits != 4 || kept != 2 {
		t.Errorf("made %d, %d hits, %d kept", made, hits, kept)
	}
}

// A return in one precinct leaves the tiles of the others as they are.
func TestOnlyTilesOfATouchedPrecinctExpire(t *testing.T) {
	c := newCampaigns(t)
	elsewhere := strings.Replace(staffTile, "8299", "8300", 1)
	c.views["durand"].apart = func(tile geo.Tile) bool { return tile.X == 8300 }
	tags := map[string]string{}
	get := func(target string) string {
		return ask(t, c.handler, "GET", target, c.as("durand", engine.FieldRead)).Header.Get("ETag")
	}
	for _, target := range []string{staffTile, elsewhere} {
		tags[target] = get(target)
	}
	post(t, c.handler, "POST", returnsPath, strings.NewReader(batchOf(knock(1))), asJSON, c.as("durand", engine.FieldWrite))
	hits := c.server.tiles.hits.Load()
	if get(elsewhere) != tags[elsewhere] || c.server.tiles.hits.Load() != hits+1 {
		t.Error("a tile that no return touches was made again")
	}
	if get(staffTile) == tags[staffTile] || c.server.tiles.hits.Load() != hits+1 {
		t.Error("the tile that a return touches is as it was")
	}
}

package api

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/geo"
)

const someTile = "/v1/tiles/segments/14/8299/5636.mvt?contest=mayor_t1&choice=durand"

func TestTile(t *testing.T) {
	handler := serving(newVillage())
	plain := ask(t, handler, "GET", someTile)
	want := body(t, plain)
	if plain.StatusCode != 200 || plain.Header.Get("Content-Type") != "application/vnd.mapbox-vector-tile" ||
		!bytes.HasPrefix(want, []byte("segments14/8299/5636")) || !bytes.Contains(want, []byte("mayor_t1 durand")) {
		t.Fatalf("%d %v %q", plain.StatusCode, plain.Header, want)
	}
	for _, c := range []struct {
		name, target, accept string
		gzipped              bool
	}{
		{"gzip", someTile, "gzip", true},
		{"as browsers ask", someTile, "gzip, deflate, br, zstd", true},
		{"anything", someTile, "*", true},
		{"not gzip", someTile, "gzip;q=0, br", false},
		{"gzip, not others", someTile, "*;q=0, GZIP; q=0.5", true},
		{"nothing", someTile, "identity", false},
		{".pbf", strings.Replace(someTile, ".mvt", ".pbf", 1), "", false},
		{"pinned", strings.Replace(someTile, "segments", "segments@5eed0123", 1), "gzip", true},
		{"pinned, encoded", strings.Replace(someTile, "segments", "segments%405eed0123", 1), "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer := ask(t, handler, "GET", c.target, "Accept-Encoding: "+c.accept)
			got := body(t, answer)
			if c.gzipped != (answer.Header.Get("Content-Encoding") == "gzip") {
				t.Fatalf("Content-Encoding %q", answer.Header.Get("Content-Encoding"))
			}
			if c.gzipped {
				got = unzip(t, got)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("the tile is %q, want %q", got, want)
			}
			if answer.Header.Get("Vary") != "Accept-Encoding" || answer.Header.Get("Content-Type") != mediaMVT {
				t.Errorf("header %v", answer.Header)
			}
		})
	}
}

func unzip(t *testing.T, b []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func TestTileIsNotSentAgain(t *testing.T) {
	handler := serving(newVillage())
	tagOf := func(encoding string) string {
		tag := ask(t, handler, "GET", someTile, "Accept-Encoding: "+encoding).Header.Get("ETag")
		if !strings.HasPrefix(tag, `"`) || len(tag) < 10 {
			t.Fatalf("ETag %q is not a strong tag", tag)
		}
		return tag
	}
	plain, gzipped := tagOf("identity"), tagOf("gzip")
	if plain == gzipped {
		t.Fatalf("one strong tag, %s, for two encodings", plain)
	}
	for _, c := range []struct {
		name, ifNoneMatch, encoding string
		status                      int
	}{
		{"held", plain, "identity", 304},
		{"held, gzip", gzipped, "gzip", 304},
		{"held in the other encoding", plain, "gzip", 200},
		{"one of several", `"other", W/` + plain, "identity", 304},
		{"any", "*", "gzip", 304},
		{"another", `"other"`, "gzip", 200},
	} {
		answer := ask(t, handler, "GET", someTile, "If-None-Match: "+c.ifNoneMatch, "Accept-Encoding: "+c.encoding)
		if answer.StatusCode != c.status {
			t.Errorf("%s: %d, want %d", c.name, answer.StatusCode, c.status)
		}
		if n := len(body(t, answer)); c.status == 304 && n > 0 {
			t.Errorf("%s: %d bytes in a 304", c.name, n)
		}
		if answer.Header.Get("ETag") == "" || answer.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: header %v", c.name, answer.Header)
		}
	}
}

func TestTileCaching(t *testing.T) {
	handler := serving(newVillage())
	for target, want := range map[string]string{
		"/v1/tiles/cells/14/1/1.mvt":          "no-cache",
		"/v1/tiles/cells@5eed0123/14/1/1.mvt": "public, max-age=31536000, immutable",
		"/v1/tiles/cells@5eed0123/9/1/1.mvt":  "public, max-age=31536000, immutable", // empty
		"/v1/tiles/cells@0ld/14/1/1.mvt":      "no-cache",                            // it may come back
		"/v1/tiles/cells.json":                "no-cache",
		"/v1/tiles/cells@5eed0123.json":       "public, max-age=31536000, immutable",
		"/v1/contests":                        "no-cache",
	} {
		if got := ask(t, handler, "GET", target).Header.Get("Cache-Control"); got != want {
			t.Errorf("%s: Cache-Control %q, want %q", target, got, want)
		}
	}
}

func TestEmptyTileIsNoContent(t *testing.T) {
	answer := ask(t, serving(newVillage()), "GET", "/v1/tiles/cells/3/1/1.mvt")
	if b := body(t, answer); answer.StatusCode != http.StatusNoContent || len(b) != 0 {
		t.Errorf("%d with %d bytes", answer.StatusCode, len(b))
	}
}

func TestHeadOfATile(t *testing.T) {
	server := newTestServer(t, newVillage())
	answer, err := http.Head(server + someTile)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != 200 || answer.Header.Get("ETag") == "" || answer.ContentLength <= 0 {
		t.Errorf("%d, length %d, %v", answer.StatusCode, answer.ContentLength, answer.Header)
	}
}

// A tile is kept under everything that was asked.
func TestEveryQueryHasItsTile(t *testing.T) {
	handler := serving(newVillage())
	for range 2 { // encoded, then from the cache
		tags := map[string]string{}
		for _, query := range []string{"", "measure=margin", "measure=margin&against=martin", "measure=margin&against=abstention", "measure=change&since=mayor_t1", "measure=change&since=mayor_t2"} {
			tag := ask(t, handler, "GET", "/v1/tiles/segments/14/8299/5636.mvt?"+query).Header.Get("ETag")
			if same, seen := tags[tag]; seen {
				t.Errorf("one tile for %q and %q", query, same)
			}
			tags[tag] = query
		}
	}
}

func TestATileIsEncodedOnce(t *testing.T) {
	city := newVillage()
	city.tile = func(string, geo.Tile, live.Query) (live.Tile, error) {
		time.Sleep(20 * time.Millisecond)
		return live.Tile{Data: []byte("tile"), Features: 1}, nil
	}
	handler := serving(city)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { ask(t, handler, "GET", someTile, "Accept-Encoding: gzip") })
	}
	all.Wait()
	ask(t, handler, "GET", someTile)
	if n := city.encoded.Load(); n != 1 {
		t.Errorf("encoded %d times", n)
	}
}

func TestNewSnapshotNewTiles(t *testing.T) {
	old, new := newVillage(), newVillage()
	new.snapshot = "5eed4567"
	new.tile = func(string, geo.Tile, live.Query) (live.Tile, error) {
		return live.Tile{Data: []byte("new"), Features: 1}, nil
	}
	var current City = old
	var replaced []City
	handler := New(Config{Current: func() City { return current }, Replaced: func() []City { return replaced }, Log: quiet()})
	pinned := "/v1/tiles/segments@5eed0123/14/8299/5636.mvt"
	if answer := ask(t, handler, "GET", pinned); answer.StatusCode != 200 {
		t.Fatalf("pinned: %d", answer.StatusCode)
	}
	before := ask(t, handler, "GET", "/v1/tiles/segments/14/8299/5636.mvt").Header.Get("ETag")
	current, replaced = new, []City{old}
	answer := ask(t, handler, "GET", "/v1/tiles/segments/14/8299/5636.mvt", "If-None-Match: "+before)
	if b := body(t, answer); answer.StatusCode != 200 || string(b) != "new" {
		t.Errorf("after the switch: %d %q", answer.StatusCode, b)
	}
	// A replaced snapshot answers to whoever names it, with what it answered before, and is listed.
	answer = ask(t, handler, "GET", pinned)
	if b := body(t, answer); answer.StatusCode != 200 || string(b) == "new" || answer.Header.Get("ETag") != before || answer.Header.Get("Cache-Control") != immutable {
		t.Errorf("pinned to what was replaced: %d %q %v", answer.StatusCode, b, answer.Header)
	}
	described := decode[TileJSON](t, ask(t, handler, "GET", "/v1/tiles/segments@5eed0123.json"))
	if !strings.Contains(described.Tiles[0], "segments@5eed0123/") {
		t.Errorf("the TileJSON of what was replaced lists %s", described.Tiles[0])
	}
	var ids []string
	for _, s := range decode[SnapshotList](t, ask(t, handler, "GET", "/v1/snapshots")).Snapshots {
		ids = append(ids, fmt.Sprint(s.ID, " ", s.Current))
	}
	if !slices.Equal(ids, []string{"5eed4567 true", "5eed0123 false"}) {
		t.Errorf("listed: %v", ids)
	}

	replaced = nil
	p := wantProblem(t, ask(t, handler, "GET", pinned), 410, CodeSnapshotGone, "")
	if !strings.Contains(p.Detail, "5eed4567") {
		t.Errorf("the problem does not name the current snapshot: %s", p.Detail)
	}
}

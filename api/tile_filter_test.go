package api

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb/encoding/mvt"

	"github.com/arpent/arpent/geo"
)

// hamletTiles are those of zoom 12 that have the hamlet together.
func hamletTiles(c *campaigns) (paths []string) {
	bound := c.rows.Bound()
	first, last := geo.TileAt(bound.Min[0], bound.Max[1], 12), geo.TileAt(bound.Max[0], bound.Min[1], 12)
	for x := first.X; x <= last.X; x++ {
		for y := first.Y; y <= last.Y; y++ {
			paths = append(paths, fmt.Sprintf("/v1/tiles/segments/12/%d/%d", x, y))
		}
	}
	return paths
}

func TestTilesAreFilteredAsItemsAre(t *testing.T) {
	c := newCampaignsWithRows(t)
	tileOf := func(filter string) []string {
		t.Helper()
		var ids []string
		for _, path := range hamletTiles(c) {
			answer := ask(t, c.handler, "GET", path+".mvt?"+filter)
			if answer.StatusCode == 204 {
				continue
			}
			layers, err := mvt.Unmarshal(body(t, answer))
			if err != nil || answer.StatusCode != 200 {
				t.Fatalf("%s: %d %v", filter, answer.StatusCode, err)
			}
			for _, f := range layers[0].Features {
				if id := fmt.Sprint(f.Properties["id"]); !slices.Contains(ids, id) {
					ids = append(ids, id)
				}
			}
		}
		slices.Sort(ids)
		return ids
	}
	itemsOf := func(filter string) []string {
		t.Helper()
		var ids []string
		var items struct{ Features []struct{ ID int64 } }
		if err := json.Unmarshal(body(t, ask(t, c.handler, "GET", "/v1/collections/segments/items?"+filter)), &items); err != nil {
			t.Fatal(err)
		}
		for _, f := range items.Features {
			ids = append(ids, fmt.Sprint(f.ID))
		}
		slices.Sort(ids)
		return ids
	}
	all := itemsOf("")
	differ := 0
	for _, text := range []string{
		"n > 20", "n <= 20", "value > 0.3", "NOT value > 0.3", "value IS NULL", "n IS NULL OR n < 1000000", "state = 'suppressed'", "state = 'published' AND value > 0.1", "name LIKE 'Rue%'",
		"S_INTERSECTS(geometry, BBOX(-180, -90, 180, 90))", "n > 1000000",
	} {
		filter := "filter=" + url.QueryEscape(text)
		want := itemsOf(filter)
		if got := tileOf(filter); !slices.Equal(got, want) {
			t.Errorf("%s: the tile has %v, items are %v", text, got, want)
		}
		if len(want) > 0 && len(want) < len(all) {
			differ++
		}
	}
	if differ < 4 {
		t.Errorf("%d filters leave some units out and some not: the test shows little", differ)
	}
}

// A filter is one part of what names a tile, however it is written.
func TestFilteredTilesAreKeptByWhatTheyAskFor(t *testing.T) {
	c := newCampaignsWithRows(t)
	tag := func(query string) string {
		t.Helper()
		answer := ask(t, c.handler, "GET", hamletTiles(c)[0]+".mvt?"+query)
		if answer.StatusCode != 200 {
			t.Fatalf("%s: %d %s", query, answer.StatusCode, body(t, answer))
		}
		return answer.Header.Get("ETag")
	}
	text := tag("filter=" + url.QueryEscape("n  >  5"))
	same := tag("filter=" + url.QueryEscape("n>5"))
	asJSON := tag("filter-lang=cql2-json&filter=" + url.QueryEscape(`{"op": ">", "args": [{"property": "n"}, 5]}`))
	other, none := tag("filter="+url.QueryEscape("n > 6")), tag("")
	if text != same || text != asJSON || text == other || text == none || other == none {
		t.Errorf("tags %s %s %s %s %s", text, same, asJSON, other, none)
	}
	if misses, hits := c.server.tiles.misses.Load(), c.server.tiles.hits.Load(); misses != 3 || hits != 2 {
		t.Errorf("%d misses, %d hits", misses, hits)
	}
	held := ask(t, c.handler, "GET", hamletTiles(c)[0]+".mvt?filter="+url.QueryEscape("n > 5"), "If-None-Match: "+text)
	if held.StatusCode != 304 {
		t.Errorf("held: %d", held.StatusCode)
	}
	for _, ending := range []string{".pbf", ".arrow"} {
		if answer := ask(t, c.handler, "GET", hamletTiles(c)[0]+ending+"?filter="+url.QueryEscape("n > 5")); answer.StatusCode != 200 {
			t.Errorf("%s: %d", ending, answer.StatusCode)
		}
	}
	described := decode[TileJSON](t, ask(t, c.handler, "GET", "/v1/tiles/segments.json?filter="+url.QueryEscape("n > 5")))
	if want := "?filter=n+%3E+5"; !strings.HasSuffix(described.Tiles[0], want) {
		t.Errorf("the TileJSON lists %s, want %s at its end", described.Tiles[0], want)
	}
}

func TestTileFiltersThatCannotBe(t *testing.T) {
	c := newCampaignsWithRows(t)
	for _, path := range []string{hamletTiles(c)[0] + ".mvt", hamletTiles(c)[0] + ".arrow", "/v1/tiles/segments.json", "/v1/tiles/segments/3/1/1.mvt"} {
		for query, location := range map[string]string{
			"filter=n+%3E": "query.filter", "filter=colour+%3D+1": "query.filter", "filter=n": "query.filter", "filter=n+%3E+5&filter-lang=sql": "query.filter-lang",
			"filter=n+%3E+5&filter-crs=EPSG:2154": "query.filter-crs",
		} {
			if path == "/v1/tiles/segments/3/1/1.mvt" && location != "query.filter" {
				continue
			}
			wantProblem(t, ask(t, c.handler, "GET", path+"?"+query), 400, CodeInvalidParameter, location)
		}
		if strings.HasSuffix(path, ".mvt") {
			wantProblem(t, ask(t, c.handler, "GET", path+"?measure=coverage&filter=n+%3E+5", c.as("durand", "field:read")), 400, CodeInvalidParameter, "query.filter")
		}
	}
}

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

// hamletTile is one that has all of the hamlet.
func hamletTile(c *campaigns) string {
	at := c.rows.Bound().Center()
	tile := geo.TileAt(at[0], at[1], 10)
	return "/v1/tiles/segments/10/" + fmt.Sprint(tile.X) + "/" + fmt.Sprint(tile.Y)
}

func TestTilesAreFilteredAsItemsAre(t *testing.T) {
	c := newCampaignsWithRows(t)
	tileOf := func(filter string) []string {
		t.Helper()
		answer := ask(t, c.handler, "GET", hamletTile(c)+".mvt?"+filter)
		if answer.StatusCode == 204 {
			return nil
		}
		layers, err := mvt.Unmarshal(body(t, answer))
		if err != nil || answer.StatusCode != 200 {
			t.Fatalf("%s: %d %v", filter, answer.StatusCode, err)
		}
		var ids []string
		for _, f := range layers[0].Features {
			ids = append(ids, fmt.Sprint(f.Properties["id"]))
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
		answer := ask(t, c.handler, "GET", hamletTile(c)+".mvt?"+query)
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
	held := ask(t, c.handler, "GET", hamletTile(c)+".mvt?filter="+url.QueryEscape("n > 5"), "If-None-Match: "+text)
	if held.StatusCode != 304 {
		t.Errorf("held: %d", held.StatusCode)
	}
	for _, ending := range []string{".pbf", ".arrow"} {
		if answer := ask(t, c.handler, "GET", hamletTile(c)+ending+"?filter="+url.QueryEscape("n > 5")); answer.StatusCode != 200 {
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
	for _, path := range []string{hamletTile(c) + ".mvt", hamletTile(c) + ".arrow", "/v1/tiles/segments.json", "/v1/tiles/segments/3/1/1.mvt"} {
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

package api

import (
	"bytes"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
)

const staffTile = "/v1/tiles/segments/14/8299/5636.mvt?measure=coverage"

func TestStaffTile(t *testing.T) {
	c := newCampaigns(t)
	get := func(campaign string, header ...string) (status int, tag string, tile []byte) {
		t.Helper()
		answer := ask(t, c.handler, "GET", staffTile, append(header, c.as(campaign, engine.FieldRead))...)
		if answer.Header.Get("Cache-Control") != "private, no-cache" || !strings.Contains(strings.Join(answer.Header.Values("Vary"), ","), "Authorization") ||
			!strings.Contains(strings.Join(answer.Header.Values("Vary"), ","), "Accept-Encoding") {
			t.Errorf("header %v", answer.Header)
		}
		return answer.StatusCode, answer.Header.Get("ETag"), body(t, answer)
	}
	status, tag, tile := get("durand")
	if status != 200 || !bytes.Contains(tile, []byte("of durand: 0 returns")) {
		t.Fatalf("%d %q", status, tile)
	}
	if _, _, packed := get("durand", "Accept-Encoding: gzip"); !bytes.Equal(unzip(t, packed), tile) {
		t.Errorf("packed: %q", packed)
	}
	if status, _, again := get("durand", "If-None-Match: "+tag); status != 304 || len(again) > 0 {
		t.Errorf("held already: %d %q", status, again)
	}
	if n := c.views["durand"].encoded; n != 1 {
		t.Errorf("encoded %d times", n)
	}
	// Another campaign has another tile under the same address, also where a browser holds the one.
	if status, other, tile := get("martin", "If-None-Match: "+tag); status != 200 || other == tag || !bytes.Contains(tile, []byte("of martin")) {
		t.Errorf("martin: %d %s %q", status, other, tile)
	}
	post(t, c.handler, "POST", returnsPath, strings.NewReader(batchOf(knock(1))), asJSON, c.as("durand", engine.FieldWrite))
	if status, next, tile := get("durand", "If-None-Match: "+tag); status != 200 || next == tag || !bytes.Contains(tile, []byte("1 returns")) {
		t.Errorf("after a return: %d %s %q", status, next, tile)
	}
}

// What everybody sees does not depend on who asks, nor on what happens in the field.
func TestPublicTilesAreTheSameForAll(t *testing.T) {
	c := newCampaigns(t)
	want := ask(t, serving(newVillage()), "GET", someTile)
	wantBytes := body(t, want)
	for _, header := range [][]string{nil, {c.as("durand", engine.FieldRead)}, {c.as("martin", engine.ReadOpen)}} {
		answer := ask(t, c.handler, "GET", someTile, header...)
		if got := body(t, answer); !bytes.Equal(got, wantBytes) || answer.Header.Get("ETag") != want.Header.Get("ETag") {
			t.Errorf("with %q: %s %q, want %s %q", header, answer.Header.Get("ETag"), got, want.Header.Get("ETag"), wantBytes)
		}
	}
}

func TestWhoMaySeeStaffTiles(t *testing.T) {
	c := newCampaigns(t)
	for _, target := range []string{staffTile, "/v1/tiles/segments.json?measure=coverage", strings.Replace(staffTile, "segments", "segments@5eed0123", 1)} {
		wantProblem(t, ask(t, c.handler, "GET", target), 401, CodeUnauthorized, "")
		for _, scope := range []engine.Scope{engine.ReadOpen, engine.ReadAggregate, engine.FieldWrite, engine.Administer} {
			wantProblem(t, ask(t, c.handler, "GET", target, c.as("durand", scope)), 403, CodeForbidden, "")
		}
		if answer := ask(t, c.handler, "GET", target, c.as("durand", engine.FieldRead)); answer.StatusCode != 200 || strings.Contains(answer.Header.Get("Cache-Control"), "public") {
			t.Errorf("%s: %d %v", target, answer.StatusCode, answer.Header)
		}
	}
	// Without a scope nobody learns more from a faulty address than from a good one.
	wantProblem(t, ask(t, c.handler, "GET", "/v1/tiles/segments/14/8299/5636.mvt?measure=coverage&contest=senate"), 401, CodeUnauthorized, "")
	wantProblem(t, ask(t, c.handler, "GET", "/v1/tiles/streets/14/8299/5636.mvt?measure=coverage", c.as("durand", engine.FieldRead)), 400, CodeUnknownName, "path.layer")
	for _, parameter := range []string{"contest", "choice", "against", "since"} {
		for _, target := range []string{staffTile, "/v1/tiles/segments.json?measure=coverage"} {
			wantProblem(t, ask(t, c.handler, "GET", target+"&"+parameter+"=martin", c.as("durand", engine.FieldRead)), 400, CodeInvalidParameter, "query."+parameter)
		}
	}
	if answer := ask(t, c.handler, "GET", "/v1/tiles/segments/3/1/1.mvt?measure=coverage", c.as("durand", engine.FieldRead)); answer.StatusCode != 204 || answer.Header.Get("ETag") != "" {
		t.Errorf("an empty tile: %d %v", answer.StatusCode, answer.Header)
	}
}

func TestStaffTileJSON(t *testing.T) {
	c := newCampaigns(t)
	got := decode[TileJSON](t, ask(t, c.handler, "GET", "/v1/tiles/segments.json?measure=coverage", c.as("durand", engine.FieldRead)))
	if want := "http://map.example/v1/tiles/segments@5eed0123/{z}/{x}/{y}.mvt?measure=coverage"; len(got.Tiles) != 1 || got.Tiles[0] != want {
		t.Errorf("tiles %v, want %s", got.Tiles, want)
	}
}

func TestFieldMeasures(t *testing.T) {
	c := newCampaigns(t)
	got := decode[FieldMeasureList](t, ask(t, c.handler, "GET", "/v1/field/measures", c.as("durand", engine.FieldRead)))
	if got.Campaign != "durand" || len(got.Measures) != len(live.FieldMeasures()) || got.Measures[0].Definition == "" {
		t.Errorf("%+v", got)
	}
	for _, m := range got.Measures {
		for _, public := range live.Measures() {
			if m.ID == public.ID {
				t.Errorf("%s is a measure of everybody and one of the staff: a tile's address does not tell which", m.ID)
			}
		}
	}
}

func TestFieldScore(t *testing.T) {
	c := newCampaigns(t)
	wantJSON(t, body(t, ask(t, c.handler, "GET", "/v1/field/scores/segment/1", c.as("durand", engine.FieldRead))), `{"snapshot":"5eed0123","unit":"segment","id":1,
		"name":"Rue de l’Église","addresses":12,"households":23.5,
		"counts":{"doors":20,"attempts":31,"contacts":15,"refusals":2,"not_home":14,"answers":13,"households":12,"last_day":"2026-11-26"},
		"teams":[{"team":"team-of-durand","counts":{"doors":0,"attempts":31,"contacts":0,"refusals":0,"not_home":0,"answers":null,"households":null,"last_day":null}}],
		"support":[1,2,3,4,2],"measures":{
		"coverage":{"state":"published","reason":null,"value":0.85,"low":0.85,"high":0.85,"low50":0.85,"high50":0.85,"n":20},
		"support":{"state":"published","reason":null,"value":0.5,"low":0.3,"high":0.7,"low50":0.4,"high50":0.6,"n":12}}}`)
	// Of three households nothing is told but that they were visited.
	raw := body(t, ask(t, c.handler, "GET", "/v1/field/scores/segment/2", c.as("durand", engine.FieldRead)))
	wantJSON(t, raw, `{"snapshot":"5eed0123","unit":"segment","id":2,"name":"Rue de l’Église","addresses":12,"households":23.5,
		"counts":{"doors":20,"attempts":31,"contacts":15,"refusals":2,"not_home":14,"answers":null,"households":null,"last_day":"2026-11-26"},
		"teams":[{"team":"team-of-durand","counts":{"doors":0,"attempts":31,"contacts":0,"refusals":0,"not_home":0,"answers":null,"households":null,"last_day":null}}],
		"support":null,"measures":{
		"coverage":{"state":"published","reason":null,"value":0.85,"low":0.85,"high":0.85,"low50":0.85,"high50":0.85,"n":20},
		"support":{"state":"suppressed","reason":"k","value":null,"low":null,"high":null,"low50":null,"high50":null,"n":null}}}`)
	for target, want := range map[string]int{"segment/99": 404, "house/1": 400, "cell/1": 400, "segment/x": 400} {
		if answer := ask(t, c.handler, "GET", "/v1/field/scores/"+target, c.as("durand", engine.FieldRead)); answer.StatusCode != want {
			t.Errorf("%s: %d, want %d", target, answer.StatusCode, want)
		}
	}
}

func TestCoverage(t *testing.T) {
	c := newCampaigns(t)
	wantJSON(t, body(t, ask(t, c.handler, "GET", "/v1/field/coverage?by=precinct", c.as("durand", engine.FieldRead))), `{"by":"precinct",
		"all":{"name":"Mirabel","addresses":120,"households":230,"counts":{"doors":20,"attempts":31,"contacts":15,"refusals":0,"not_home":0,"answers":null,"households":null,"last_day":null}},
		"rows":[{"id":1,"name":"by precinct of durand","addresses":12,"households":23.5,"counts":{"doors":20,"attempts":31,"contacts":15,"refusals":0,"not_home":0,"answers":null,"households":null,"last_day":null}}],
		"mix":[{"team":"","contacts":15,"own":3.25,"turnout":-1.5},{"team":"north","contacts":9,"own":4,"turnout":null}]}`)
	wantProblem(t, ask(t, c.handler, "GET", "/v1/field/coverage?by=day", c.as("durand", engine.FieldRead)), 400, CodeInvalidParameter, "query.by")
}

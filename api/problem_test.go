package api

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/geo"
)

func TestEveryErrorIsAProblem(t *testing.T) {
	handler := serving(newVillage())
	for _, c := range []struct {
		method, target string
		status         int
		code           Code
		location       string
	}{
		{"GET", "/nowhere", 404, CodeUnknownRoute, ""},
		{"GET", "/v1/tiles/segments", 404, CodeUnknownRoute, ""},
		{"GET", "/v1/tiles/segments.xml", 404, CodeUnknownRoute, ""},
		{"GET", "/v1/tiles/.json", 404, CodeUnknownRoute, ""},
		{"GET", "/v1/tiles/segments/metadata.json", 404, CodeUnknownRoute, ""}, // GDAL asks for it
		{"GET", "/v1/tiles/segments/14/8299/5636.png", 404, CodeUnknownRoute, ""},
		{"GET", "/assets/index.js", 404, CodeUnknownRoute, ""},
		{"POST", "/v1/contests", 405, CodeMethodNotAllowed, ""},
		{"DELETE", "/v1/tiles/segments.json", 405, CodeMethodNotAllowed, ""},
		{"GET", "/v1/contests?limit=3", 400, CodeInvalidParameter, "query.limit"},
		{"GET", "/v1/tiles/streets.json", 400, CodeUnknownName, "path.layer"},
		{"GET", "/v1/tiles/streets/14/8299/5636.mvt", 400, CodeUnknownName, "path.layer"},
		{"GET", "/v1/tiles/segments/14/8299/5636.mvt?choice=nobody", 400, CodeUnknownName, "query.choice"},
		{"GET", "/v1/tiles/segments/14/8299/5636.mvt?colour=red", 400, CodeInvalidParameter, "query.colour"},
		{"GET", "/v1/tiles/segments/14/16384/5636.mvt", 400, CodeInvalidParameter, "path.x"},
		{"GET", "/v1/tiles/segments/14/4294975595/5636.mvt", 400, CodeInvalidParameter, "path.x"}, // 2^32 + 8299
		{"GET", "/v1/tiles/segments/14/8299/4294972932.mvt", 400, CodeInvalidParameter, "path.y"},
		{"GET", "/v1/tiles/segments/270/8299/5636.mvt", 400, CodeInvalidParameter, "path.z"},
		{"GET", "/v1/tiles/segments/14/8299/16384.mvt", 400, CodeInvalidParameter, "path.y"},
		{"GET", "/v1/tiles/segments/25/0/0.mvt", 400, CodeInvalidParameter, "path.z"},
		{"GET", "/v1/tiles/segments/14/-1/0.mvt", 400, CodeInvalidParameter, "path.x"},
		{"GET", "/v1/tiles/segments/14/8299/north.mvt", 400, CodeInvalidParameter, "path.y"},
		{"GET", "/v1/tiles/segments@0ld/14/8299/5636.mvt", 410, CodeSnapshotGone, ""},
		{"GET", "/v1/tiles/segments@.json", 400, CodeInvalidParameter, "path.layer"},
		{"GET", "/v1/tiles/segments.json?contest=senate", 400, CodeUnknownName, "query.contest"},
		{"GET", "/v1/tiles/segments.json?choice=senate", 400, CodeUnknownName, "query.choice"},
		{"GET", "/v1/tiles/segments.json?contest=mayor_t2&choice=durand", 400, CodeUnknownName, "query.choice"},
		{"GET", "/v1/tiles/segments.json?measure=weather", 400, CodeUnknownName, "query.measure"},
		{"GET", "/v1/tiles/segments.json?measure=turnout&contest=mayor_t2", 400, CodeNotAvailable, "query.measure"},
		{"GET", "/v1/tiles/segments.json?measure=change&choice=martin", 400, CodeNotAvailable, "query.measure"},
		{"GET", "/v1/tiles/segments.json?measure=potential&choice=abstention", 400, CodeNotAvailable, "query.choice"},
		{"GET", "/v1/tiles/segments.json?measure=turnout&choice=martin", 400, CodeNotAvailable, "query.choice"},
		{"GET", "/v1/tiles/segments.json?against=martin", 400, CodeNotAvailable, "query.against"},
		{"GET", "/v1/tiles/segments.json?measure=margin&since=mayor_t2", 400, CodeNotAvailable, "query.since"},
		{"GET", "/v1/tiles/segments.json?measure=margin&against=durand&choice=durand", 400, CodeNotAvailable, "query.against"},
		{"GET", "/v1/tiles/segments.json?measure=margin&against=senate", 400, CodeUnknownName, "query.against"},
		{"GET", "/v1/scores/segment/1?measure=margin", 400, CodeInvalidParameter, "query.measure"},
		{"GET", "/v1/scores/house/1", 400, CodeInvalidParameter, "path.unit"},
		{"GET", "/v1/scores/segment/99", 404, CodeUnknownUnit, ""},
		{"GET", "/v1/scores/segment/-1", 400, CodeInvalidParameter, "path.id"},
		{"GET", "/v1/scores/segment/9007199254740992", 400, CodeInvalidParameter, "path.id"}, // 2^53
		{"GET", "/v1/scores/cell/8299", 400, CodeInvalidParameter, "path.id"},
		{"GET", "/v1/scores/cell/fffffffffffffff", 400, CodeInvalidParameter, "path.id"},
		{"GET", "/v1/scores/segment/1?contest=senate", 400, CodeUnknownName, "query.contest"},
		{"GET", "/v1/explain/segment/1?contest=senate", 400, CodeUnknownName, "query.contest"},
		{"GET", "/v1/explain/segment/99", 404, CodeUnknownUnit, ""},
	} {
		t.Run(c.method+c.target, func(t *testing.T) {
			wantProblem(t, ask(t, handler, c.method, c.target), c.status, c.code, c.location)
		})
	}
}

func TestUnknownNameListsTheKnownOnes(t *testing.T) {
	p := wantProblem(t, ask(t, serving(newVillage()), "GET", "/v1/tiles/segments.json?contest=senate"), 400, CodeUnknownName, "query.contest")
	if !strings.Contains(p.Detail, "mayor_t1, mayor_t2") {
		t.Errorf("the detail does not list the contests: %s", p.Detail)
	}
}

func TestMeasureThatIsNotThereSaysWhy(t *testing.T) {
	p := wantProblem(t, ask(t, serving(newVillage()), "GET", "/v1/tiles/segments.json?measure=turnout&contest=mayor_t2"), 400, CodeNotAvailable, "query.measure")
	if p.Detail != "measure turnout: the source of contest mayor_t2 counts ballots, not registered voters, so that nobody knows how many stayed at home: ask for another contest" {
		t.Errorf("detail %q", p.Detail)
	}
}

func TestSeveralFaultsComeInOneOrder(t *testing.T) {
	handler := serving(newVillage())
	for range 20 {
		p := wantProblem(t, ask(t, handler, "GET", "/v1/contests?zoo=1&bar=2&limit=3"), 400, CodeInvalidParameter, "query.bar")
		if len(p.Errors) != 3 || p.Errors[1].Location != "query.limit" || p.Errors[2].Location != "query.zoo" {
			t.Fatalf("faults %+v", p.Errors)
		}
	}
}

func TestMethodNotAllowedSaysWhatIs(t *testing.T) {
	answer := ask(t, serving(newVillage()), "POST", "/v1/contests")
	if got := answer.Header.Get("Allow"); got != "GET, HEAD" {
		t.Errorf("Allow: %q", got)
	}
}

func TestNoSnapshotYet(t *testing.T) {
	handler := serving(nil)
	for _, target := range []string{"/readyz", "/v1/snapshots", "/v1/contests", "/v1/tiles/cells.json", "/v1/tiles/cells/10/5/5.mvt", "/v1/scores/segment/1", "/v1/explain/segment/1"} {
		answer := ask(t, handler, "GET", target)
		wantProblem(t, answer, 503, CodeNotReady, "")
		if answer.Header.Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", target)
		}
	}
	if answer := ask(t, handler, "GET", "/healthz"); answer.StatusCode != 200 {
		t.Errorf("/healthz is %d before a snapshot is loaded", answer.StatusCode)
	}
}

func TestFaultsOfTheServerAreLoggedAndNotTold(t *testing.T) {
	for name, tile := range map[string]func(string, geo.Tile, live.Query) (live.Tile, error){
		"error": func(string, geo.Tile, live.Query) (live.Tile, error) {
			return live.Tile{}, errors.New("secret column missing")
		},
		"panic": func(string, geo.Tile, live.Query) (live.Tile, error) { panic("secret column missing") },
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			city := newVillage()
			city.tile = tile
			handler := New(Config{Current: func() City { return city }, Log: slog.New(slog.NewTextHandler(&log, nil))})
			p := wantProblem(t, ask(t, handler, "GET", "/v1/tiles/cells/10/5/5.mvt"), 500, CodeInternal, "")
			if strings.Contains(p.Detail, "secret") || len(p.Errors) > 0 {
				t.Errorf("the caller is told %+v", p)
			}
			if !strings.Contains(log.String(), "secret column missing") {
				t.Errorf("the log does not say why: %s", &log)
			}
		})
	}
}

func TestRequestsAreLoggedAtDebugLevel(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	handler := New(Config{Current: func() City { return newVillage() }, Log: logger})
	ask(t, handler, "GET", "/v1/scores/segment/99?contest=mayor_t1")
	for _, want := range []string{"level=DEBUG", "method=GET", "path=/v1/scores/segment/99", "query=\"contest=mayor_t1\"", "status=404"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("no %s in %s", want, &log)
		}
	}
	if strings.Contains(log.String(), "192.0.2.1") {
		t.Errorf("the caller's address is in the log: %s", &log)
	}
}

func TestAnyOriginMayReadPublishedValues(t *testing.T) {
	handler := serving(newVillage())
	for target, want := range map[string]string{"/v1/contests": "*", "/v1/scores/segment/99": "*", "/openapi.json": "*", "/": "", "/healthz": ""} {
		if got := ask(t, handler, "GET", target).Header.Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("%s: Access-Control-Allow-Origin is %q, want %q", target, got, want)
		}
	}
	answer := ask(t, handler, "OPTIONS", "/v1/tiles/cells/10/5/5.mvt", "Origin: https://elsewhere.example", "Access-Control-Request-Method: GET")
	if answer.StatusCode != http.StatusNoContent || answer.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("preflight: %d %v", answer.StatusCode, answer.Header)
	}
	for header, wanted := range map[string][]string{
		"Access-Control-Allow-Methods": {"GET", "HEAD", "POST", "PUT", "DELETE"},
		"Access-Control-Allow-Headers": {"Authorization", "Content-Type", "Content-Encoding", "Idempotency-Key", "Last-Event-ID", "If-None-Match"},
	} {
		allowed := strings.Split(answer.Header.Get(header), ", ")
		for _, want := range wanted {
			if !slices.Contains(allowed, want) {
				t.Errorf("%s does not have %s: %v", header, want, allowed)
			}
		}
	}
}

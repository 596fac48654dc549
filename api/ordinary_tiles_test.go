package api

import (
	"bytes"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/engine/livetest"
	"github.com/arpent/arpent/geo"
)

// Ordinary tiles are answered on a way of their own. Both ways must give the same answer to any request.
type bothWays struct {
	t      testing.TB
	token  string     // as a header line
	cookie string     // the value of the header, of who sees the staff's tiles
	tiles  *tileCache // of the short way
	short  http.Handler
	whole  http.Handler
}

// newBothWays makes two servers, and keeps a few tiles in the one with the short way.
func newBothWays(t testing.TB, origins []string) *bothWays {
	c := newCampaigns(t)
	c.rows = livetest.Hamlet(t)
	both := &bothWays{t: t, token: c.as("durand", engine.ReadOpen), cookie: sessionCookie + "=" + c.token["durand"][engine.FieldRead]}
	serve := func(short bool) http.Handler {
		config := c.config()
		config.Origins, config.Metrics = origins, nil
		config.Log = slog.New(slog.DiscardHandler)
		config.Limits = Limits{Requests: 100, Rate: 1e9}
		s := newServer(config)
		if short {
			both.tiles = s.tiles
			return s.handler()
		}
		s.tiles.kept.SetMaximum(1) // nothing is ever kept
		return s.wholeWay()
	}
	both.short, both.whole = serve(true), serve(false)
	for _, target := range []string{someTile, strings.Replace(someTile, ".mvt", ".pbf", 1), "/v1/tiles/cells@5eed0123/14/1/1.mvt", "/v1/tiles/precincts/14/0/1.mvt?measure=turnout"} {
		for _, coding := range []string{"gzip", "identity"} {
			r := httptest.NewRequest("GET", "http://map.example"+target, nil)
			r.Header.Set("Accept-Encoding", coding)
			both.short.ServeHTTP(httptest.NewRecorder(), r)
		}
	}
	return both
}

// ask compares the answers to a request, and gives that of the short way.
func (b *bothWays) ask(method, target string, header http.Header) *httptest.ResponseRecorder {
	b.t.Helper()
	var answers [2]*httptest.ResponseRecorder
	for i, handler := range []http.Handler{b.short, b.whole} {
		r, err := http.NewRequest(method, "http://map.example"+target, nil)
		if err != nil {
			b.t.Skip("no client can write this address")
		}
		r.Host, r.RequestURI, r.RemoteAddr = "map.example", target, "192.0.2.1:1234"
		r.Header = http.Header{}
		maps.Copy(r.Header, header)
		if r.Header.Get(requestID) == "" {
			r.Header.Set(requestID, "the-same")
		}
		answers[i] = httptest.NewRecorder()
		handler.ServeHTTP(answers[i], r)
	}
	short, whole := answers[0], answers[1]
	for _, h := range []http.Header{short.Header(), whole.Header()} {
		for _, ofTime := range []string{remainingHeader, resetHeader} {
			if h.Get(ofTime) != "" {
				h.Set(ofTime, "some")
			}
		}
	}
	if short.Code != whole.Code || !bytes.Equal(short.Body.Bytes(), whole.Body.Bytes()) || written(short.Header()) != written(whole.Header()) {
		b.t.Errorf("%s %s %v\nshort: %d %d bytes\n%s\nwhole: %d %d bytes\n%s", method, target, header,
			short.Code, short.Body.Len(), written(short.Header()), whole.Code, whole.Body.Len(), written(whole.Header()))
	}
	return short
}

func written(h http.Header) string {
	var lines []string
	for name, values := range h {
		lines = append(lines, fmt.Sprintf("%s: %q", name, values))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func TestOrdinaryTilesAreAnsweredAsAnyOther(t *testing.T) {
	for name, origins := range map[string][]string{"for all pages": nil, "for some": {"https://maps.example.org"}} {
		t.Run(name, func(t *testing.T) {
			both := newBothWays(t, origins)
			tag := both.ask("GET", someTile, http.Header{"Accept-Encoding": {"gzip"}}).Header().Get("ETag")
			plainTag := both.ask("GET", someTile, nil).Header().Get("ETag")
			if tag == "" || tag == plainTag {
				t.Fatalf("tags %q and %q", tag, plainTag)
			}
			headers := []http.Header{
				nil,
				{"Accept-Encoding": {"gzip"}},
				{"Accept-Encoding": {"gzip, deflate, br, zstd"}, "Accept": {"*/*"}, "Origin": {"https://maps.example.org"}},
				{"Accept-Encoding": {"gzip"}, "Origin": {"https://elsewhere.example"}},
				{"Accept-Encoding": {"gzip;q=0"}, "Accept": {"application/vnd.mapbox-vector-tile"}},
				{"Accept": {"application/json"}},
				{"Accept": {"*/*;q=0"}},
				{"Accept": {"text/html, */*;q=0.1"}},
				{"If-None-Match": {tag}, "Accept-Encoding": {"gzip"}},
				{"If-None-Match": {tag}},
				{"If-None-Match": {plainTag}},
				{"If-None-Match": {"W/" + plainTag + `, "other"`}},
				{"If-None-Match": {"*"}},
				{"If-None-Match": {`"other"`}, "Accept-Encoding": {"gzip"}},
				{"Authorization": {strings.TrimPrefix(both.token, "Authorization: ")}},
				{"Authorization": {strings.TrimPrefix(both.token, "Authorization: ")}, "If-None-Match": {tag}, "Accept-Encoding": {"gzip"}},
				{"Authorization": {"Bearer arp_unknown"}},
				{"Authorization": {"Basic eDp5"}},
				{"Cookie": {both.cookie}},
				{"Cookie": {both.cookie}, "If-None-Match": {tag}, "Accept-Encoding": {"gzip"}},
				{"Cookie": {both.cookie}, "Sec-Fetch-Site": {"cross-site"}},
				{"Cookie": {both.cookie}, "Authorization": {"Bearer arp_unknown"}},
				{"Cookie": {"arpent_session=arp_unknown"}},
				{"Authorization": {"Bearer " + serverKey}},
				{"Range": {"bytes=0-9"}},
				{requestID: {"mine-1"}},
			}
			for _, method := range []string{"GET", "HEAD", "POST", "OPTIONS"} {
				for _, target := range []string{
					someTile, strings.Replace(someTile, ".mvt", ".pbf", 1), strings.Replace(someTile, ".mvt", ".arrow", 1), strings.Replace(someTile, "segments", "segments@5eed0123", 1),
					strings.Replace(someTile, "segments", "segments%405eed0123", 1), "/v1/tiles/cells@5eed0123/14/1/1.mvt", "/v1/tiles/cells@0ld/14/1/1.mvt", "/v1/tiles/cells@/14/1/1.mvt",
					"/v1/tiles/precincts/14/0/1.mvt?measure=turnout", "/v1/tiles/precincts/14/0/1.mvt?measure=turnout&", "/v1/tiles/precincts/14/0/1.mvt?&measure=turnout",
					"/v1/tiles/precincts/14/00/1.mvt?measure=turnout", "/v1/tiles/precincts/14/0/1.mvt?measure=turnout&measure=turnout", "/v1/tiles/precincts/14/0/1.mvt?measure=turnout&unknown=1",
					"/v1/tiles/precincts/14/0/1.mvt?measure=%74urnout", "/v1/tiles/precincts/14/0/1.mvt?measure=turnout&choice=", "/v1/tiles//14/0/1.mvt", "/v1/tiles/cells/14/1/1.gif",
					strings.Replace(someTile, "14/", "15/", 1), "/v1/tiles/cells/3/4/2.mvt", "/v1/tiles/precincts@5eed0123/12/5/5.pbf?measure=turnout", "/v1/tiles/segments/2/1/1.mvt",
					"/v1/tiles/cells/3/1/1.mvt", "/v1/tiles/cells/3/8/1.mvt", "/v1/tiles/cells/3/1/8.mvt", "/v1/tiles/cells/14/1/1.mvt?measure=loudness", "/v1/tiles/cells/14/1/1.mvt?choice=nobody", "/v1/tiles/cells/25/1/1.mvt", "/v1/tiles/cells/14/1/-1.mvt", "/v1/tiles/streets/14/1/1.mvt",
					someTile + "&measure=coverage",
				} {
					for i, header := range headers {
						if i > 1 && (method == "POST" || method == "OPTIONS") {
							break
						}
						both.ask(method, target, header)
					}
				}
			}
			if hits, misses := both.tiles.hits.Load(), both.tiles.misses.Load(); hits < 200 || misses < 200 {
				t.Errorf("%d tiles were kept and %d made: the test shows little", hits, misses)
			}
		})
	}
}

// What is ordinary does not go the whole way, or the tests of both ways show nothing.
func TestOrdinaryTilesAreNotRouted(t *testing.T) {
	city := newVillage()
	s := newServer(Config{Current: func() City { return city }, Log: quiet()})
	whole := 0
	handler := s.ordinaryTiles(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { whole++ }))
	for _, target := range []string{someTile, strings.Replace(someTile, ".mvt", ".pbf", 1), strings.Replace(someTile, "segments", "segments@5eed0123", 1), someTile} {
		if answer := ask(t, handler, "GET", target, "Accept-Encoding: gzip"); answer.StatusCode != 200 || whole != 0 {
			t.Errorf("%s: %d, %d went the whole way", target, answer.StatusCode, whole)
		}
	}
	if ask(t, handler, "GET", someTile+"&filter=n>5"); whole != 1 {
		t.Error("what is not ordinary was not asked for")
	}
	if hits, misses := s.tiles.hits.Load(), s.tiles.misses.Load(); hits != 3 || misses != 1 {
		t.Errorf("%d hits, %d misses", hits, misses)
	}
}

// A tile that cannot be made is a panic of the whole way, which notes it, counts it, and answers.
func TestAPanicInATileIsAnswered(t *testing.T) {
	city := panickingCity{newVillage()}
	registry := prometheus.NewRegistry()
	handler := New(Config{Current: func() City { return city }, Log: quiet(), Metrics: registry, Limits: Limits{Requests: 2}})
	for range 5 { // more than the limit: each gave back what it took of it
		wantProblem(t, ask(t, handler, "GET", someTile), 500, CodeInternal, "")
	}
	if under := testutil.ToFloat64(handler.server.metrics.underWay); under != 0 {
		t.Errorf("%v requests are under way", under)
	}
}

type panickingCity struct{ City }

func (panickingCity) Tile(string, geo.Tile, live.Query) (live.Tile, error) { panic("no such column") }

// A caller beyond its limits is refused, also where the tile is kept.
func TestLimitsHoldForOrdinaryTiles(t *testing.T) {
	city := newVillage()
	handler := New(Config{Current: func() City { return city }, Log: quiet(), Limits: Limits{RateAnonymous: 0.5}})
	if answer := ask(t, handler, "GET", someTile); answer.StatusCode != 200 || answer.Header.Get(remainingHeader) != "0" {
		t.Fatalf("%d %v", answer.StatusCode, answer.Header)
	}
	answer := ask(t, handler, "GET", someTile)
	wantProblem(t, answer, 429, CodeRateLimited, "")
	if answer.Header.Get("Retry-After") == "" || answer.Header.Get(limitHeader) != "1" {
		t.Errorf("%v", answer.Header)
	}
}

func FuzzOrdinaryTiles(f *testing.F) {
	f.Add("GET", "segments", "14/8299/5636.mvt", "contest=mayor_t1&choice=durand", "gzip", "*/*", "", "")
	f.Add("HEAD", "segments@5eed0123", "14/8299/5636.pbf", "choice=durand&contest=mayor_t1", "", "", "*", "https://maps.example.org")
	f.Add("GET", "precincts", "14/0/1.mvt", "measure=turnout", "*;q=0", "text/*", `W/"x"`, "null")
	f.Add("GET", "cells@5eed0123", "14/01/1.mvt", "measure=%2b;", "gzip;q=x", "*/*;q=0", "\x00", " ")
	both := newBothWays(f, []string{"https://maps.example.org"})
	f.Fuzz(func(t *testing.T, method, layer, tile, query, coding, accept, ifNoneMatch, origin string) {
		header := http.Header{}
		for name, value := range map[string]string{"Accept-Encoding": coding, "Accept": accept, "If-None-Match": ifNoneMatch, "Origin": origin} {
			if value != "" {
				header.Set(name, value)
			}
		}
		one := *both
		one.t = t
		if method != "HEAD" {
			method = "GET"
		}
		one.ask(method, "/v1/tiles/"+layer+"/"+tile+"?"+query, header)
	})
}

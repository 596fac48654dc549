package api

import (
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/access"
	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/geo"
)

// series are those of the metrics that begin with a text.
func series(t *testing.T, c *campaigns, name string) (found []string) {
	t.Helper()
	answer := ask(t, c.handler, "GET", "/metrics", "Authorization: Bearer "+serverKey)
	if answer.StatusCode != 200 || !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/plain") {
		t.Fatalf("%d %v", answer.StatusCode, answer.Header)
	}
	for line := range strings.Lines(string(body(t, answer))) {
		if strings.HasPrefix(line, name) {
			found = append(found, strings.TrimSuffix(line, "\n"))
		}
	}
	return found
}

func TestMetricsCountByRoute(t *testing.T) {
	c := newCampaigns(t)
	ask(t, c.handler, "GET", "/v1/tiles/segments/14/8299/5636.mvt")
	ask(t, c.handler, "GET", "/v1/tiles/cells/14/8299/5636.mvt")
	ask(t, c.handler, "HEAD", "/v1/tiles/cells/14/8299/5636.mvt")
	ask(t, c.handler, "GET", "/v1/scores/segment/1")
	ask(t, c.handler, "GET", "/v1/scores/segment/99")
	ask(t, c.handler, "GET", "/v1/scores/segment/1", "Authorization: Bearer arp_unknown")
	ask(t, c.handler, "GET", "/nowhere/at/all")
	ask(t, c.handler, "GET", "/v1/tiles/cells/14/8299/5636.gif")
	ask(t, c.handler, "GET", "/assets/none.js")
	ask(t, c.handler, "BREW", "/v1/contests")
	post(t, c.handler, "POST", returnsPath, strings.NewReader(batchOf(knock(1), knock(2), knock(3, `,"note":"x"`))), asJSON, c.as("durand", engine.FieldWrite))
	got := strings.Join(append(series(t, c, "arpent_"), series(t, c, "arpent_http_requests_in_flight")...), "\n")
	for _, want := range []string{
		`arpent_http_requests_total{code="200",method="GET",route="/v1/tiles/{layer}/{z}/{x}/{y}.mvt"} 2`,
		`arpent_http_requests_total{code="200",method="GET",route="/v1/scores/{unit}/{id}"} 1`,
		`arpent_http_requests_total{code="404",method="GET",route="/v1/scores/{unit}/{id}"} 1`,
		`arpent_http_requests_total{code="401",method="GET",route="none"} 1`,
		`arpent_http_requests_total{code="404",method="GET",route="none"} 1`,
		`arpent_http_requests_total{code="404",method="GET",route="/v1/tiles/{layer}/{z}/{x}/{y}"} 1`,
		`arpent_http_requests_total{code="404",method="GET",route="/assets/{file}"} 1`,
		`arpent_http_requests_total{code="405",method="other",route="none"} 1`,
		`arpent_http_request_duration_seconds_count{route="/v1/scores/{unit}/{id}"} 2`,
		`arpent_http_refused_total{reason="unauthorized"} 1`,
		`arpent_http_refused_total{reason="rate"} 0`,
		`arpent_field_returns_total{outcome="kept"} 2`,
		`arpent_field_returns_total{outcome="rejected"} 1`,
		`arpent_tile_cache_hits_total 1`,
		`arpent_tile_cache_misses_total 2`,
		`arpent_tile_drawing_hits_total 3`,
		`arpent_tile_drawing_misses_total 2`,
		`arpent_tile_drawing_evictions_total 1`,
		`arpent_tile_drawing_bytes 4096`,
		`arpent_tile_drawing_limit_bytes 65536`,
		`arpent_snapshot_info{id="5eed0123"} 1`,
		`arpent_snapshots_served 1`,
		`arpent_http_requests_in_flight 1`, // itself
	} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %s in\n%s", want, got)
		}
	}
	if problems, err := testutil.GatherAndLint(c.server.registry); err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
}

// A phone that has lost its network while its batch is kept is no fault of the server.
func TestWhoHasGoneIsNoFaultOfTheServer(t *testing.T) {
	for _, gone := range []bool{false, true} {
		city := newVillage()
		ctx, leave := context.WithCancel(t.Context())
		city.tile = func(string, geo.Tile, live.Query) (live.Tile, error) {
			if gone {
				leave()
			}
			return live.Tile{}, errors.New("disk")
		}
		c := newCampaigns(t)
		c.server.current = func() City { return city }
		r := httptest.NewRequestWithContext(ctx, "GET", "http://map.example"+someTile, nil)
		c.handler.ServeHTTP(httptest.NewRecorder(), r)
		leave()
		want := map[bool]string{false: `code="500"`, true: `code="cut"`}[gone]
		if got := strings.Join(series(t, c, "arpent_http_requests_total"), "\n"); !strings.Contains(got, want) {
			t.Errorf("gone %v: %s", gone, got)
		}
	}
}

// No label has what a caller wrote, a token, a campaign or an address.
func TestMetricsNameNobody(t *testing.T) {
	c := newCampaigns(t)
	close(c.stop)
	secret := strings.TrimPrefix(c.as("durand", everything), "Authorization: Bearer ")
	for _, operation := range operations(t, c.handler) {
		try(t, c, operation, c.as("durand", everything))
		try(t, c, operation, "")
	}
	for _, target := range []string{"/" + secret, "/v1/contests?x=" + secret, "/v1/scores/segment/1234567?who=marie", "/v1/campaigns/durand/tokens/" + secret} {
		ask(t, c.handler, "GET", target, c.as("durand", everything))
	}
	ask(t, c.handler, secret, "/v1/contests")
	got := strings.Join(series(t, c, ""), "\n")
	for _, sign := range []string{"arp_", secret[20:], "durand", "martin", "1234567", "marie", "192.0.2.1", "map.example", "segments@"} {
		if strings.Contains(got, sign) {
			t.Errorf("the metrics have %q", sign)
		}
	}
	if access.HoldsSecret(c.log.String()) {
		t.Errorf("the log has a token: %s", c.log)
	}
}

func TestReadyzSaysThatTheServerIsAboutToStop(t *testing.T) {
	draining := make(chan struct{})
	handler := New(Config{Current: func() City { return newVillage() }, Log: quiet(), Draining: draining})
	if answer := ask(t, handler, "GET", "/readyz"); answer.StatusCode != 200 {
		t.Fatalf("%d", answer.StatusCode)
	}
	close(draining)
	wantProblem(t, ask(t, handler, "GET", "/readyz"), 503, CodeNotReady, "")
	for _, target := range []string{"/healthz", "/v1/contests"} {
		if answer := ask(t, handler, "GET", target); answer.StatusCode != 200 {
			t.Errorf("%s: %d", target, answer.StatusCode)
		}
	}
}

// The page on operations has each metric, and no other.
func TestMetricsAreInThePageOnOperations(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	described := map[string]bool{}
	for _, name := range regexp.MustCompile("`(arpent_[a-z_]+)").FindAllStringSubmatch(string(page), -1) {
		if strings.HasPrefix(name[1], "arpent_depot_") || strings.HasPrefix(name[1], "arpent_owner_") {
			continue // of servers with --snapshots and --owner, where they are tested
		}
		described[name[1]] = true
	}
	c := newCampaigns(t)
	post(t, c.handler, "POST", returnsPath, strings.NewReader(batchOf(knock(1))), asJSON, c.as("durand", engine.FieldWrite))
	families, err := c.server.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if !described[family.GetName()] {
			t.Errorf("the page does not have %s", family.GetName())
		}
		delete(described, family.GetName())
	}
	for name := range described {
		t.Errorf("the page has %s, which is not measured", name)
	}
}

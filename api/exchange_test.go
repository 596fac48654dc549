package api

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/geo"
)

func TestRequestIDs(t *testing.T) {
	h := newHouse(t)
	secret := h.token(t, "north", engine.FieldRead)
	for _, c := range []struct {
		what, given string
		kept        bool
	}{
		{"one of a proxy", "7b1d4f0a-91.eu:3_x", true},
		{"the longest", strings.Repeat("a", 64), true},
		{"none", "", false},
		{"too long", strings.Repeat("a", 65), false},
		{"what would break a line", "a\tb", false},
		{"a quote", `a"b`, false},
		{"a letter of another alphabet", "é", false},
		{"a token", secret, false},
	} {
		answer := ask(t, h, "GET", "/healthz", "X-Request-Id: "+c.given)
		got := answer.Header.Get("X-Request-Id")
		if (got == c.given) != c.kept || !safeID.MatchString(got) {
			t.Errorf("%s: %q gives %q", c.what, c.given, got)
		}
		if !strings.Contains(h.log.String(), "id="+got+" ") {
			t.Errorf("%s: the log does not have %q", c.what, got)
		}
	}
	one, other := ask(t, h, "GET", "/healthz").Header.Get("X-Request-Id"), ask(t, h, "GET", "/healthz").Header.Get("X-Request-Id")
	if one == other {
		t.Errorf("two requests are %s", one)
	}
}

// A fault of the server is told with the id, and the log has it also where requests are not logged; a fault of the caller is not.
func TestFaultsOfTheServerNameTheRequest(t *testing.T) {
	for what, tile := range map[string]func(string, geo.Tile, live.Query) (live.Tile, error){
		"an error": func(string, geo.Tile, live.Query) (live.Tile, error) { return live.Tile{}, errors.New("disk") },
		"a panic":  func(string, geo.Tile, live.Query) (live.Tile, error) { panic("disk") },
	} {
		var log bytes.Buffer
		city := newVillage()
		city.tile = tile
		handler := New(Config{Current: func() City { return city }, Log: slog.New(slog.NewTextHandler(&log, nil))})
		p := wantProblem(t, ask(t, handler, "GET", "/v1/tiles/cells/10/5/5.mvt", "X-Request-Id: find-me"), 500, CodeInternal, "")
		if p.RequestID != "find-me" || !strings.Contains(log.String(), "id=find-me") {
			t.Errorf("%s: told %q, logged %s", what, p.RequestID, &log)
		}
	}
	none := New(Config{Current: func() City { return nil }, Log: quiet()})
	if p := wantProblem(t, ask(t, none, "GET", "/v1/contests", "X-Request-Id: find-me"), 503, CodeNotReady, ""); p.RequestID != "find-me" {
		t.Errorf("503 is told with %q", p.RequestID)
	}
	if p := wantProblem(t, ask(t, none, "GET", "/nowhere", "X-Request-Id: find-me"), 404, CodeUnknownRoute, ""); p.RequestID != "" {
		t.Errorf("404 is told with %q", p.RequestID)
	}
}

func TestRequestsAreLoggedAtInfoLevelWhereAskedFor(t *testing.T) {
	for _, asked := range []bool{false, true} {
		var log bytes.Buffer
		handler := New(Config{Current: func() City { return newVillage() }, LogRequests: asked, Log: slog.New(slog.NewJSONHandler(&log, nil))})
		ask(t, handler, "GET", "/v1/scores/segment/1")
		if got := strings.Contains(log.String(), `"route":"/v1/scores/{unit}/{id}"`); got != asked {
			t.Errorf("asked for %v: %s", asked, &log)
		}
	}
}

// Every answer has the headers that keep a browser safe, whatever was asked and whatever came of it.
func TestSafeHeadersAreOnEveryAnswer(t *testing.T) {
	handler := New(Config{Current: func() City { return newVillage() }, Log: quiet(), Limits: Limits{RateAnonymous: 1000}})
	for _, target := range []string{"/", "/assets/none.js", "/v1/contests", "/v1/tiles/segments/14/8299/5636.mvt", "/v1/scores/segment/99", "/v1/scores/segment/1?token=arp_aaaaaaaaaa_aaaaaaaaaaaaaaaaaaaa",
		"/nowhere", "/openapi.json", "/healthz", "/metrics", "/v1/field/changes"} {
		for _, method := range []string{"GET", "HEAD", "POST", "OPTIONS"} {
			r := httptest.NewRequest(method, "https://map.example"+target, nil) // with TLS
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			for name, want := range map[string]string{
				"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Content-Security-Policy": contentPolicy, "Permissions-Policy": pagePermissions,
				"Cross-Origin-Opener-Policy": "same-origin", "Strict-Transport-Security": "max-age=31536000",
			} {
				if got := w.Header().Get(name); got != want {
					t.Errorf("%s %s: %s is %q", method, target, name, got)
				}
			}
			if w.Header().Get(requestID) == "" {
				t.Errorf("%s %s: no id", method, target)
			}
		}
	}
	if got := ask(t, handler, "GET", "/").Header.Get("Strict-Transport-Security"); got != "" {
		t.Errorf("without TLS: Strict-Transport-Security %q", got)
	}
}

// endless is a body that does not end, and counts what was read of it.
type endless struct{ read int64 }

func (e *endless) Read(b []byte) (int, error) {
	e.read += int64(len(b))
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}

// Every operation that takes a body ends to read one that does not end.
func TestEveryBodyIsBounded(t *testing.T) {
	c := newCampaigns(t)
	for operation, request := range operations(t, c.handler) {
		method, target := request.method, request.target
		if method == "GET" {
			continue
		}
		sent := &endless{}
		answer := post(t, c.handler, method, target, io.NopCloser(sent), asJSON, c.as("durand", everything))
		if sent.read > maxBody+1<<20 || answer.StatusCode < 400 && sent.read > 0 {
			t.Errorf("%s: %d after %d bytes", operation, answer.StatusCode, sent.read)
		}
	}
}

package api

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/access"
)

// house is a server of two campaigns, north and south.
type house struct {
	http.Handler
	registry *access.Registry
	key      string
	log      *bytes.Buffer // all it logs, at every level
}

func newHouse(t *testing.T) *house {
	t.Helper()
	registry, err := access.Open(filepath.Join(t.TempDir(), "state"))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"north", "south"} {
		err := registry.AddCampaign(engine.Campaign{ID: id, Contest: "mayor_t1", Choice: "durand", Begins: time.Now(), Election: time.Now().AddDate(0, 1, 0).Format(time.DateOnly)})
		if err != nil {
			t.Fatal(err)
		}
	}
	h := &house{registry: registry, log: &bytes.Buffer{}}
	h.key, _ = access.NewSecret()
	h.Handler = New(Config{
		Current: func() City { return newVillage() }, Access: registry, Administration: registry, ServerKey: h.key, Version: "1.2.3",
		Log: slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	return h
}

func (h *house) token(t *testing.T, campaign string, scopes ...engine.Scope) (secret string) {
	t.Helper()
	secret, _, err := h.registry.NewToken(campaign, access.TokenRequest{Scopes: scopes}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func as(secret string) string { return "Authorization: Bearer " + secret }

// send is ask with a body.
func send(t *testing.T, handler http.Handler, method, target string, content any, header ...string) *http.Response {
	t.Helper()
	raw, isRaw := content.(string)
	if !isRaw {
		encoded, err := json.Marshal(content)
		if err != nil {
			t.Fatal(err)
		}
		raw = string(encoded)
	}
	r := httptest.NewRequest(method, "http://map.example"+target, strings.NewReader(raw))
	r.Header.Set("Content-Type", "application/json")
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w.Result()
}

// describedOperation is an operation of the OpenAPI document.
type describedOperation struct{ method, path string }

// ofNorth lists the operations on a campaign that is named in the address, for north.
func ofNorth(t *testing.T, handler http.Handler) (list []describedOperation) {
	t.Helper()
	example := strings.NewReplacer("{campaign}", "north", "{token}", "aaaaaaaaaa", "{turf}", "east")
	for operation := range operations(t, handler) {
		if method, path, _ := strings.Cut(operation, " "); strings.Contains(path, "{campaign}") {
			list = append(list, describedOperation{method, example.Replace(path)})
		}
	}
	return list
}

// The administrator of another campaign, with all scopes: nothing of north is for it. Who may ask what else is in scopes_test.go.
func TestAdministratorOfAnotherCampaign(t *testing.T) {
	h := newHouse(t)
	list := ofNorth(t, h)
	if len(list) < 5 {
		t.Fatalf("%d operations are described", len(list))
	}
	stranger := as(h.token(t, "south", engine.Scopes()...))
	for _, op := range list {
		wantProblem(t, send(t, h, op.method, op.path, validBody(op), stranger), 403, CodeForbidden, "")
	}
}

// validBody is one that an operation takes, so that it is refused for nothing else.
func validBody(op describedOperation) any {
	if op.method == "POST" && strings.HasSuffix(op.path, "/tokens") {
		return TokenRequest{Scopes: []engine.Scope{engine.ReadOpen}}
	}
	if op.method == "PUT" {
		return square
	}
	return ""
}

func TestAuthorizationHeaders(t *testing.T) {
	h := newHouse(t)
	secret := h.token(t, "north", engine.Administer)
	revoked, token, err := h.registry.NewToken("north", access.TokenRequest{Scopes: engine.Scopes()}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := h.registry.Revoke("north", token.ID); err != nil {
		t.Fatal(err)
	}
	expired, _, err := h.registry.NewToken("north", access.TokenRequest{Scopes: engine.Scopes(), Expires: time.Now().Add(-time.Hour)}, time.Now().Add(-2*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what, header string
		status       int
	}{
		{"a token", "Bearer " + secret, 200},
		{"in lower case", "bearer " + secret, 200},
		{"with more spaces", "Bearer   " + secret + " ", 200},
		{"without the word", secret, 401},
		{"by another scheme", "Basic " + secret, 401},
		{"half", "Bearer " + secret[:30], 401},
		{"with more behind", "Bearer " + secret + "x", 401},
		{"two at once", "Bearer " + secret + ", " + secret, 401},
		{"nothing", "Bearer ", 401},
		{"empty", "", 401},
		{"very long", "Bearer " + strings.Repeat(secret, 10_000), 401},
		{"revoked", "Bearer " + revoked, 401},
		{"expired", "Bearer " + expired, 401},
	} {
		for _, target := range []string{"/v1/campaigns/north/tokens", "/v1/contests"} {
			answer := ask(t, h, "GET", target, "Authorization: "+c.header)
			if answer.StatusCode != c.status {
				t.Errorf("%s: %s is %d, want %d", c.what, target, answer.StatusCode, c.status)
			}
			if got := answer.Header.Get("WWW-Authenticate"); (c.status == 401) != (got == `Bearer realm="arpent", error="invalid_token"`) {
				t.Errorf("%s: WWW-Authenticate %q", c.what, got)
			}
			if got := answer.Header.Get("Cache-Control"); got != "private, no-cache" {
				t.Errorf("%s: %s may be cached for others: %q", c.what, target, got)
			}
			if raw := body(t, answer); access.HoldsSecret(string(raw)) {
				t.Errorf("%s: repeated in %s", c.what, raw)
			}
		}
	}
	twice := httptest.NewRequest("GET", "/v1/contests", nil)
	twice.Header.Add("Authorization", "Bearer "+secret)
	twice.Header.Add("Authorization", "Bearer "+secret)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, twice)
	if w.Code != 401 {
		t.Errorf("two headers are %d", w.Code)
	}
	// What is no part of the API does not look at the header, which may be meant for a proxy before it.
	for _, target := range []string{"/healthz", "/openapi.json", "/"} {
		if answer := ask(t, h, "GET", target, "Authorization: Basic bWFwOm1hcA=="); answer.StatusCode != 200 {
			t.Errorf("%s is %d", target, answer.StatusCode)
		}
	}
	if access.HoldsSecret(h.log.String()) {
		t.Errorf("logged: %s", h.log)
	}
}

// A token in an address is refused wherever it stands, and is in no answer and no log.
func TestTokenInAnAddressIsRefused(t *testing.T) {
	h := newHouse(t)
	secret := h.token(t, "north", engine.Scopes()...)
	random := secret[len(secret)-20:]
	encoded := ""
	for _, c := range []byte(secret) {
		encoded += "%" + strings.ToUpper(string("0123456789abcdef"[c>>4])+string("0123456789abcdef"[c&15]))
	}
	for _, target := range []string{
		"/v1/contests?token=" + secret,
		"/v1/contests?access_token=" + secret,
		"/v1/contests?access_token=anything",
		"/v1/contests?" + secret,
		"/v1/contests?a=b&choice=x" + secret + "x",
		"/v1/contests?token=" + encoded,
		"/v1/contests?token=%zz&x=" + encoded,
		"/v1/tiles/" + secret + ".json",
		"/v1/scores/segment/" + secret,
		"/v1/campaigns/north/tokens/" + secret,
		"/v1/campaigns/" + encoded + "/tokens",
		"/" + secret,
		"//" + secret,
		"/nowhere/" + secret + "?x=1",
		"/?token=" + secret,
		"/assets/" + secret,
	} {
		for _, header := range []string{"X-None: 1", as(secret)} {
			answer := ask(t, h, "GET", target, header)
			wantProblem(t, answer, 400, CodeTokenInAddress, "")
			if got := answer.Header.Get("Cache-Control"); got != "no-store" {
				t.Errorf("%s: Cache-Control %q", target, got)
			}
		}
	}
	// What cannot be decoded is not logged, for a token could be in it.
	ask(t, h, "GET", "/v1/contests?%zz;"+encoded)
	for _, text := range []string{random, encoded[len(encoded)-30:], strings.ToLower(encoded[len(encoded)-30:])} {
		if strings.Contains(h.log.String(), text) {
			t.Errorf("the log has %q: %s", text, h.log)
		}
	}
	if !strings.Contains(h.log.String(), "(a token)") {
		t.Errorf("the requests are not logged at all: %s", h.log)
	}
}

// Whatever is sent in a body is not sent back where it is wrong: it may be anything.
func TestBodiesAreNotRepeated(t *testing.T) {
	h := newHouse(t)
	secret := h.token(t, "north", engine.Administer)
	for _, content := range []string{
		`{"scopes":["` + secret + `"]}`,
		`{"scopes":["read:open"],"label":"` + secret + `"}`,
		`{"scopes":["read:open"],"turfs":["` + secret + `"]}`,
		`{"scopes":"` + secret + `"}`,
		`{"scopes":["read:open"],"` + secret + `":1}`,
		`{"scopes":["read:open"],"expires":"` + secret + `"}`,
		secret,
	} {
		answer := send(t, h, "POST", "/v1/campaigns/north/tokens", content, as(secret))
		if raw := body(t, answer); answer.StatusCode < 400 || answer.StatusCode >= 500 || access.HoldsSecret(string(raw)) {
			t.Errorf("%s: %d %s", content, answer.StatusCode, raw)
		}
	}
	if access.HoldsSecret(h.log.String()) {
		t.Errorf("logged: %s", h.log)
	}
}

// Who may not is refused before the body is read.
func TestBodyOfAStrangerIsNotRead(t *testing.T) {
	h := newHouse(t)
	for _, header := range []string{"X-None: 1", as(h.token(t, "north", engine.FieldWrite))} {
		r := httptest.NewRequest("POST", "/v1/campaigns/north/tokens", mustNotRead{t})
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Set(name, value)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 401 && w.Code != 403 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
}

type mustNotRead struct{ t *testing.T }

func (b mustNotRead) Read([]byte) (int, error) {
	b.t.Error("the body was read")
	return 0, io.EOF
}

// Without an Access, as a page that was built into another program, no token counts.
func TestServerWithoutTokens(t *testing.T) {
	secret, _ := access.NewSecret()
	wantProblem(t, ask(t, serving(newVillage()), "GET", "/v1/contests", as(secret)), 401, CodeUnauthorized, "")
	wantProblem(t, ask(t, serving(newVillage()), "GET", "/v1/contests", as("")), 401, CodeUnauthorized, "")
	wantProblem(t, ask(t, serving(newVillage()), "GET", "/v1/campaigns"), 401, CodeUnauthorized, "")
}

func TestAddressesWithoutATokenPass(t *testing.T) {
	for _, address := range []string{"/v1/contests?choice=sharp_left_2020", "/v1/scores/segment/1?contest=arp_2020", "/?%zz", "/?a=%20b"} {
		u := &url.URL{}
		u.Path, u.RawQuery, _ = strings.Cut(address, "?")
		if tokenInAddress(u) {
			t.Errorf("%s holds a token", address)
		}
	}
}

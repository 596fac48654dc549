package api

import (
	"bufio"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/access"
	"github.com/arpent/arpent/engine/livetest"
)

// cookie gives the header line of a campaign's token with a scope, as a browser sends it that has signed in.
func (c *campaigns) cookie(campaign string, scope engine.Scope) string {
	return "Cookie: " + sessionCookie + "=" + c.token[campaign][scope]
}

func signInBody(token string) string { return `{"token":"` + token + `"}` }

func TestSignIn(t *testing.T) {
	c := newCampaigns(t)
	secret := c.token["durand"][everything]
	answer := post(t, c.handler, "POST", sessionRoute, strings.NewReader(signInBody(" "+secret+`\n`)), asJSON, "Sec-Fetch-Site: same-origin")
	if got, want := answer.Header.Values("Set-Cookie"), "arpent_session="+secret+"; Path=/v1; HttpOnly; SameSite=Strict"; len(got) != 1 || got[0] != want {
		t.Errorf("Set-Cookie %q, want %q", got, want)
	}
	if answer.StatusCode != 200 || answer.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", answer.StatusCode, answer.Header)
	}
	raw := body(t, answer)
	wantJSON(t, raw, `{"campaign":"durand","scopes":["read:open","read:aggregate","field:read"]}`)
	asked := ask(t, c.handler, "GET", sessionRoute, c.cookie("durand", everything))
	wantJSON(t, body(t, asked), string(raw))
	if len(asked.Header.Values("Set-Cookie")) > 0 || asked.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%v", asked.Header)
	}
	for scope, scopes := range map[engine.Scope]string{engine.FieldRead: `["field:read"]`, engine.ReadAggregate: `["read:aggregate"]`} {
		answer := post(t, c.handler, "POST", sessionRoute, strings.NewReader(signInBody(c.token["martin"][scope])), asJSON)
		wantJSON(t, body(t, answer), `{"campaign":"martin","scopes":`+scopes+`}`)
	}
	if access.HoldsSecret(c.log.String()) || access.HoldsSecret(string(raw)) {
		t.Errorf("the token is told or logged: %s %s", raw, c.log)
	}
}

// By https the cookie is sent by https alone. The server knows of it from its connection, or from who runs it, and from no header.
func TestTheCookieIsSecureByHTTPS(t *testing.T) {
	c := newCampaigns(t)
	config := c.config()
	config.Metrics, config.PublicURL = nil, "https://maps.example.org"
	for name, one := range map[string]struct {
		handler http.Handler
		target  string
		header  string
		secure  bool
	}{
		"plain":                           {c.handler, "http://map.example", "X-None: 1", false},
		"plain, and a header that lies":   {c.handler, "http://map.example", "X-Forwarded-Proto: https", false},
		"by TLS":                          {c.handler, "https://map.example", "X-None: 1", true},
		"behind a proxy that has the TLS": {New(config), "http://127.0.0.1", "X-None: 1", true},
	} {
		for _, method := range []string{"POST", "DELETE"} {
			r := httptest.NewRequest(method, one.target+sessionRoute, strings.NewReader(signInBody(c.token["durand"][engine.FieldRead])))
			r.Header.Set("Content-Type", "application/json")
			header, value, _ := strings.Cut(one.header, ": ")
			r.Header.Set(header, value)
			w := httptest.NewRecorder()
			one.handler.ServeHTTP(w, r)
			if got := w.Header().Get("Set-Cookie"); got == "" || strings.Contains(got, "; Secure") != one.secure {
				t.Errorf("%s, %s: %q", name, method, got)
			}
		}
	}
}

func TestWhoMayNotSignIn(t *testing.T) {
	h := newHouse(t)
	right := h.token(t, "north", engine.FieldRead)
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
	stranger, _ := access.NewSecret()
	for what, one := range map[string]struct {
		body, header string
		status       int
		code         Code
	}{
		"nothing":                        {signInBody(""), "", 401, CodeUnauthorized},
		"no token":                       {signInBody("letmein"), "", 401, CodeUnauthorized},
		"a token of nobody":              {signInBody(stranger), "", 401, CodeUnauthorized},
		"one that was revoked":           {signInBody(revoked), "", 401, CodeUnauthorized},
		"one that has expired":           {signInBody(expired), "", 401, CodeUnauthorized},
		"the key of the workspace":       {signInBody(h.key), "", 401, CodeUnauthorized},
		"a phone":                        {signInBody(h.token(t, "north", engine.FieldWrite)), "", 403, CodeForbidden},
		"an administrator who reads not": {signInBody(h.token(t, "north", engine.Administer, engine.RunJobs, engine.ReadOpen)), "", 403, CodeForbidden},
		"a page of another site":         {signInBody(right), "Sec-Fetch-Site: cross-site", 403, CodeForbidden},
		"a page of the same site":        {signInBody(right), "Sec-Fetch-Site: same-site", 403, CodeForbidden},
		"a page in an old browser":       {signInBody(right), "Origin: https://elsewhere.example", 403, CodeForbidden},
		"a form":                         {signInBody(right), "Content-Type: text/plain", 415, CodeUnsupported},
		"too much":                       {signInBody(strings.Repeat(right, 10)), "", 422, CodeInvalidParameter},
		"more than a token":              {`{"token":"` + right + `","` + right + `":1}`, "", 422, CodeInvalidParameter},
	} {
		header := []string{"X-None: 1"}
		if one.header != "" {
			header = []string{one.header}
		}
		answer := send(t, h, "POST", sessionRoute, one.body, header...)
		raw := string(body(t, answer))
		if answer.StatusCode != one.status || !strings.Contains(raw, `"code":"`+string(one.code)+`"`) || len(answer.Header.Values("Set-Cookie")) > 0 || access.HoldsSecret(raw) {
			t.Errorf("%s: %d %v %s", what, answer.StatusCode, answer.Header, raw)
		}
		if got := answer.Header.Get("WWW-Authenticate"); (one.status == 401) != (got == `Bearer realm="arpent", error="invalid_token"`) {
			t.Errorf("%s: WWW-Authenticate %q", what, got)
		}
	}
	if access.HoldsSecret(h.log.String()) {
		t.Errorf("logged: %s", h.log)
	}
	// Whoever signs in from its own page, in an old browser too, may.
	if answer := send(t, h, "POST", sessionRoute, signInBody(right), "Origin: http://map.example"); answer.StatusCode != 200 {
		t.Errorf("%d", answer.StatusCode)
	}
	// A server without tokens has nobody to sign in.
	wantProblem(t, send(t, serving(newVillage()), "POST", sessionRoute, signInBody(right)), 401, CodeUnauthorized, "")
}

func TestSignOut(t *testing.T) {
	c := newCampaigns(t)
	for _, header := range []string{"X-None: 1", c.cookie("durand", everything), "Sec-Fetch-Site: same-origin", "Cookie: " + sessionCookie + "=arp_unknown"} {
		answer := ask(t, c.handler, "DELETE", sessionRoute, header)
		if got := answer.Header.Values("Set-Cookie"); answer.StatusCode != 204 || len(got) != 1 || got[0] != "arpent_session=; Path=/v1; Max-Age=0; HttpOnly; SameSite=Strict" {
			t.Errorf("%s: %d %q", header, answer.StatusCode, got)
		}
	}
	for _, site := range []string{"cross-site", "same-site"} {
		answer := ask(t, c.handler, "DELETE", sessionRoute, c.cookie("durand", everything), "Sec-Fetch-Site: "+site)
		wantProblem(t, answer, 403, CodeForbidden, "")
		if len(answer.Header.Values("Set-Cookie")) > 0 {
			t.Errorf("a page of %s signs people out", site)
		}
	}
}

// A page may ask who is signed in without an error. A cookie of a token that does not count any more is taken back, any other stays.
func TestNobodyIsSignedIn(t *testing.T) {
	c := newCampaigns(t)
	secret := c.token["durand"][everything]
	for what, one := range map[string]struct {
		header []string
		taken  bool
	}{
		"no cookie":              {nil, false},
		"another cookie":         {[]string{"Cookie: theme=dark"}, false},
		"an unknown token":       {[]string{"Cookie: arpent_session=arp_unknown"}, true},
		"nothing":                {[]string{"Cookie: arpent_session="}, true},
		"the key of the server":  {[]string{"Cookie: arpent_session=" + serverKey}, true},
		"a token of a phone":     {[]string{c.cookie("durand", engine.FieldWrite)}, true},
		"twice":                  {[]string{c.cookie("durand", everything) + "; arpent_session=" + c.token["martin"][everything]}, false},
		"from another site":      {[]string{c.cookie("durand", everything), "Sec-Fetch-Site: cross-site"}, false},
		"stale, of another site": {[]string{"Cookie: arpent_session=arp_unknown", "Sec-Fetch-Site: same-site"}, false},
		"beside the header":      {[]string{c.cookie("durand", everything), c.as("martin", everything)}, false},
	} {
		answer := ask(t, c.handler, "GET", sessionRoute, one.header...)
		wantJSON(t, body(t, answer), `{"campaign":null,"scopes":[]}`)
		taken := strings.HasPrefix(answer.Header.Get("Set-Cookie"), "arpent_session=; Path=/v1; Max-Age=0; ")
		if answer.StatusCode != 200 || taken != one.taken || answer.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %v", what, answer.StatusCode, answer.Header)
		}
	}
	for _, beside := range []string{"theme=dark; arpent_session=" + secret, `arpent_session="` + secret + `"; x=y`} {
		if got := decode[Session](t, ask(t, c.handler, "GET", sessionRoute, "Cookie: "+beside)); got.Campaign == nil || *got.Campaign != "durand" {
			t.Errorf("%s: %+v", beside, got)
		}
	}
}

// The cookie of a token with all scopes reads what its three scopes may read, and does nothing else.
func TestWhatACookieMay(t *testing.T) {
	c := newCampaigns(t)
	c.rows = livetest.Hamlet(t)
	close(c.stop)
	described := operations(t, c.handler)
	read, refused := 0, 0
	for _, operation := range slices.Sorted(maps.Keys(described)) {
		if strings.HasSuffix(operation, sessionRoute) {
			continue // tested above
		}
		rule, request := rules[operation], described[operation]
		answer := post(t, c.handler, request.method, request.target, strings.NewReader(request.body), asJSON, c.cookie("durand", everything))
		status, private := answer.StatusCode, answer.Header.Get("Cache-Control") == privately
		varies := slices.Contains(answer.Header.Values("Vary"), "Cookie")
		switch {
		case rule == nil && status >= 400:
			t.Errorf("%s is public: %d", operation, status)
		case request.method != "GET" && rule != nil && status != 401:
			t.Errorf("%s changes something: %d, want 401", operation, status)
		case request.method != "GET" && (private || varies):
			t.Errorf("%s: the cookie counts: %v", operation, answer.Header)
		case request.method == "GET" && slices.ContainsFunc(rule, func(s engine.Scope) bool { return s == engine.FieldRead || s == engine.ReadAggregate }):
			if read++; status != 200 || !varies && !strings.Contains(answer.Header.Get("Content-Type"), "event-stream") {
				t.Errorf("%s: %d %v %s", operation, status, answer.Header, body(t, answer))
			}
		case request.method == "GET" && rule != nil:
			if refused++; status != 403 {
				t.Errorf("%s is for others: %d, want 403", operation, status)
			}
		}
	}
	if read < 10 || refused < 8 {
		t.Errorf("%d operations were read, %d refused: the test looks at nothing", read, refused)
	}
	if kept := c.ledger.kept("durand"); len(kept) > 0 {
		t.Errorf("by cookie %d returns came in", len(kept))
	}
	// A scope that the token does not have, the cookie does not give.
	wantProblem(t, ask(t, c.handler, "GET", "/v1/field/coverage", c.cookie("durand", engine.ReadAggregate)), 403, CodeForbidden, "")
	wantProblem(t, ask(t, c.handler, "GET", staffTile, c.cookie("durand", engine.ReadAggregate)), 403, CodeForbidden, "")
}

// When a cookie counts, and what is left without: what everybody may.
func TestWhenACookieCounts(t *testing.T) {
	c := newCampaigns(t)
	cookie, unknown := c.cookie("durand", engine.FieldRead), "Cookie: "+sessionCookie+"="+strings.Replace(c.token["durand"][engine.FieldRead], "_", "_a", 1)
	for _, one := range []struct {
		what   string
		header []string
		counts bool
	}{
		{"alone", []string{cookie}, true},
		{"of the page", []string{cookie, "Sec-Fetch-Site: same-origin"}, true},
		{"typed in", []string{cookie, "Sec-Fetch-Site: none"}, true},
		{"of another site", []string{cookie, "Sec-Fetch-Site: cross-site"}, false},
		{"of the same site", []string{cookie, "Sec-Fetch-Site: same-site"}, false},
		{"of who knows where", []string{cookie, "Sec-Fetch-Site: "}, false},
		{"unknown", []string{unknown}, false},
		{"twice", []string{cookie + "; " + strings.TrimPrefix(cookie, "Cookie: ")}, false},
		{"of another name", []string{"Cookie: Arpent_Session=" + c.token["durand"][engine.FieldRead]}, false},
	} {
		public, staff := ask(t, c.handler, "GET", "/v1/contests", one.header...), ask(t, c.handler, "GET", "/v1/field/coverage", one.header...)
		if public.StatusCode != 200 || (public.Header.Get("Cache-Control") == privately) != one.counts || slices.Contains(public.Header.Values("Vary"), "Cookie") != one.counts {
			t.Errorf("%s: what is public is %d %v", one.what, public.StatusCode, public.Header)
		}
		if want := map[bool]int{true: 200, false: 401}[one.counts]; staff.StatusCode != want {
			t.Errorf("%s: what is the staff's is %d, want %d", one.what, staff.StatusCode, want)
		}
		if head := ask(t, c.handler, "HEAD", "/v1/field/coverage", one.header...); head.StatusCode != staff.StatusCode {
			t.Errorf("%s: HEAD is %d, GET %d", one.what, head.StatusCode, staff.StatusCode)
		}
	}
	// The header wins: martin's, one that does not count, one of another kind.
	if got := decode[FieldMeasureList](t, ask(t, c.handler, "GET", "/v1/field/measures", cookie, c.as("martin", engine.FieldRead))); got.Campaign != "martin" {
		t.Errorf("the cookie wins: %s", got.Campaign)
	}
	for _, header := range []string{"Authorization: Bearer arp_unknown", "Authorization: Basic eDp5", "Authorization: "} {
		for _, target := range []string{"/v1/contests", "/v1/field/coverage", someTile, staffTile} {
			wantProblem(t, ask(t, c.handler, "GET", target, cookie, header), 401, CodeUnauthorized, "")
		}
	}
	// Nobody acts as the one who holds the workspace.
	wantProblem(t, ask(t, c.handler, "GET", "/v1/field/coverage", "Cookie: "+sessionCookie+"="+serverKey, OperatorCampaign+": durand"), 401, CodeUnauthorized, "")
	if access.HoldsSecret(c.log.String()) {
		t.Errorf("logged: %s", c.log)
	}
}

// A token that is revoked ends what its cookie gives, event streams too.
func TestACookieEndsWithItsToken(t *testing.T) {
	h := newHouse(t)
	secret, token, err := h.registry.NewToken("north", access.TokenRequest{Scopes: engine.Scopes()}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", touchedRoute, nil)
	r.Header.Set("Cookie", sessionCookie+"="+secret)
	server := h.Handler.(*Handler).server
	if err := server.stillHolds(r); err != nil {
		t.Errorf("before: %v", err)
	}
	if err := h.registry.Revoke("north", token.ID); err != nil {
		t.Fatal(err)
	}
	if err := server.stillHolds(r); err == nil {
		t.Error("a stream goes on under a cookie that does not count any more")
	}
	answer := ask(t, h, "GET", sessionRoute, "Cookie: "+sessionCookie+"="+secret)
	if !strings.Contains(answer.Header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("it is not taken back: %v", answer.Header)
	}
	wantProblem(t, ask(t, h, "GET", "/v1/field/coverage", "Cookie: "+sessionCookie+"="+secret), 401, CodeUnauthorized, "")
	if answer := ask(t, h, "GET", "/v1/contests", "Cookie: "+sessionCookie+"="+secret); answer.StatusCode != 200 {
		t.Errorf("what is public is %d", answer.StatusCode)
	}
}

// The staff's map works by cookie: its tiles, and what tells that they have changed. Reads are in the audit log.
func TestTheStaffsMapByCookie(t *testing.T) {
	c := newCampaigns(t)
	cookie := c.cookie("durand", engine.FieldRead)
	c.ledger.reads = nil
	answer := ask(t, c.handler, "GET", staffTile, cookie)
	if b := body(t, answer); answer.StatusCode != 200 || !strings.Contains(string(b), "of durand") {
		t.Fatalf("%d %s", answer.StatusCode, b)
	}
	vary := strings.Join(answer.Header.Values("Vary"), ", ")
	if answer.Header.Get("Cache-Control") != privately || !strings.Contains(vary, "Cookie") || !strings.Contains(vary, "Accept-Encoding") {
		t.Errorf("%v", answer.Header)
	}
	if again := ask(t, c.handler, "GET", staffTile, cookie, "If-None-Match: "+answer.Header.Get("ETag")); again.StatusCode != 304 {
		t.Errorf("held: %d", again.StatusCode)
	}
	if martins := ask(t, c.handler, "GET", staffTile, c.cookie("martin", engine.FieldRead), "If-None-Match: "+answer.Header.Get("ETag")); martins.StatusCode != 200 {
		t.Errorf("martin: %d", martins.StatusCode)
	}
	reads := c.ledger.recorded()
	if len(reads) != 3 || reads[0].Campaign != "durand" || reads[0].Token != strings.Split(c.token["durand"][engine.FieldRead], "_")[1] || reads[2].Campaign != "martin" {
		t.Errorf("the audit log has %+v", reads)
	}
	wantProblem(t, ask(t, c.handler, "GET", staffTile), 401, CodeUnauthorized, "")

	server := httptest.NewServer(c.handler)
	defer server.Close()
	request, err := http.NewRequestWithContext(t.Context(), "GET", server.URL+touchedRoute, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Cookie", strings.TrimPrefix(cookie, "Cookie: "))
	request.Header.Set("Accept", "text/event-stream")
	stream, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	post(t, c.handler, "POST", returnsPath, strings.NewReader(batchOf(knock(1))), asJSON, c.as("durand", engine.FieldWrite))
	lines := bufio.NewScanner(stream.Body)
	for lines.Scan() {
		if data, is := strings.CutPrefix(lines.Text(), "data: "); is {
			var touched Touched
			if err := json.Unmarshal([]byte(data), &touched); err != nil || len(touched.Precincts) == 0 {
				t.Errorf("%v %s", err, data)
			}
			return
		}
	}
	t.Errorf("the stream has no event: %v", lines.Err())
}

// Tiles that everybody sees are the same by cookie, on the same way and as long: no cache has to keep one for each cookie.
func TestPublicTilesByCookie(t *testing.T) {
	c := newCampaigns(t)
	whole := 0
	short := c.server.ordinaryTiles(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { whole++ }))
	for _, target := range []string{someTile, strings.Replace(someTile, "segments", "segments@5eed0123", 1)} {
		plain := ask(t, short, "GET", target, requestID+": the-same")
		for _, cookie := range []string{c.cookie("durand", engine.FieldRead), c.cookie("durand", engine.FieldWrite), "Cookie: arpent_session=arp_unknown", "Cookie: theme=dark"} {
			answer := ask(t, short, "GET", target, cookie, requestID+": the-same")
			if answer.StatusCode != 200 || written(answer.Header) != written(plain.Header) || whole > 0 {
				t.Errorf("%s, %s: %d, %d went the whole way\n%s\nwithout: %s", target, cookie, answer.StatusCode, whole, written(answer.Header), written(plain.Header))
			}
		}
	}
}

// A cookie's requests are counted with those of its token, wherever they come from, and one that does not count with those of its address.
func TestLimitsOfACookie(t *testing.T) {
	c := newCampaigns(t)
	c.server.limits = newLimits(Limits{Rate: 2, RateAnonymous: 1})
	now := noon
	c.server.limits.now = func() time.Time { return now }
	handler := c.server.handler()
	cookie := c.cookie("durand", engine.FieldRead)
	for i, want := range []struct {
		from, target, header string
		status               int
		remaining            string
	}{
		{"192.0.2.7:1", "/v1/contests", cookie, 200, "3"}, {"198.51.100.9:1", someTile, cookie, 200, "2"},
		{"192.0.2.7:1", "/v1/contests", c.as("durand", engine.FieldRead), 200, "1"}, {"192.0.2.7:1", staffTile, cookie, 200, "0"},
		{"192.0.2.8:1", "/v1/contests", cookie, 429, "0"}, {"192.0.2.8:1", someTile, cookie, 429, "0"},
		{"192.0.2.8:1", "/v1/contests", "Cookie: arpent_session=arp_unknown", 200, "1"}, {"192.0.2.8:1", someTile, "Cookie: arpent_session=arp_unknown", 200, "0"},
		{"192.0.2.8:1", "/v1/contests", "X-None: 1", 429, "0"},
	} {
		answer := askFrom(t, handler, want.from, want.target, want.header)
		if answer.StatusCode != want.status || answer.Header.Get(remainingHeader) != want.remaining {
			t.Errorf("request %d, %+v: %d, %v", i, want, answer.StatusCode, answer.Header)
		}
	}
}

// No page of another origin is ever told that it may send a cookie, whether all may read or some.
func TestOtherOriginsGetNoCredentials(t *testing.T) {
	c := newCampaigns(t)
	for _, origins := range [][]string{nil, {"https://maps.example.org"}} {
		config := c.config()
		config.Metrics, config.Origins = nil, origins
		handler := New(config)
		for _, method := range []string{"GET", "OPTIONS", "POST", "DELETE"} {
			for _, target := range []string{sessionRoute, staffTile, someTile, "/v1/contests", "/v1/field/coverage"} {
				answer := ask(t, handler, method, target, "Origin: https://maps.example.org", c.cookie("durand", everything), "Sec-Fetch-Site: cross-site", "Access-Control-Request-Method: GET")
				if got := answer.Header.Get("Access-Control-Allow-Credentials"); got != "" {
					t.Errorf("%s %s: Access-Control-Allow-Credentials is %q", method, target, got)
				}
			}
		}
	}
}

package api

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/arpent/arpent/engine/access"
)

// replicaOf serves the village as a replica of an owner.
func replicaOf(t *testing.T, address string, change func(*Config)) (http.Handler, *Owner) {
	t.Helper()
	owner, err := NewOwner(address, quiet())
	if err != nil {
		t.Fatal(err)
	}
	config := Config{Current: func() City { return newVillage() }, Version: "1.2.3", Log: quiet(), Owner: owner}
	if change != nil {
		change(&config)
	}
	return New(config), owner
}

// Whatever has a token or a cookie goes to the owner, and so does what is not open to everybody: every route of the description, asked both ways.
func TestReplicaKnowsWhatIsTheOwners(t *testing.T) {
	asked := atomic.Int64{}
	owner := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusTeapot)
	}))
	defer owner.Close()
	handler, _ := replicaOf(t, owner.URL, nil)
	ownersAnyway := []string{"/v1/field/", "/v1/rollup", "/v1/audit", "/v1/jobs", "/v1/campaigns", "/v1/session"}
	for name, operation := range operations(t, handler) {
		for _, header := range []string{"", "Authorization: Bearer arp_x", "Authorization: Basic eA==", "Cookie: a=b; arpent_session=arp_x"} {
			asked.Store(0)
			lines := []string{"X-Test: 1"}
			if header != "" {
				lines = append(lines, header)
			}
			answer := ask(t, handler, operation.method, operation.target, lines...)
			want := header != "" && takesTokens(operation.target)
			for _, prefix := range ownersAnyway {
				want = want || strings.HasPrefix(operation.target, prefix)
			}
			if got := asked.Load() == 1; got != want || want && answer.StatusCode != http.StatusTeapot || !want && answer.StatusCode == http.StatusTeapot {
				t.Errorf("%s with %q: the owner is asked: %v, want %v; %s", name, header, got, want, answer.Status)
			}
		}
	}
	for _, one := range []struct{ method, target, header string }{
		{"GET", "/v1/contests?access_token=x", "A: b"}, {"GET", "/", "Authorization: Bearer arp_x"}, {"GET", "/readyz", "Authorization: Bearer arp_x"},
		{"OPTIONS", "/v1/field/returns", "Origin: https://a.example"}, {"BREW", "/v1/contests", "Authorization: Bearer arp_x"},
	} {
		asked.Store(0)
		if answer := ask(t, handler, one.method, one.target, one.header); asked.Load() != 0 {
			t.Errorf("%v is the owner's: %s", one, answer.Status)
		}
	}
	// A replica with what looks like a token that it missed would refuse it.
	if answer := ask(t, handler, "BREW", "/v1/contests", "Authorization: Bearer arp_x"); answer.StatusCode != http.StatusUnauthorized {
		t.Error(answer.Status)
	}
}

// The owner is told who asks and how, whatever the caller says of that; headers of one connection stay there.
func TestWhatTheOwnerIsTold(t *testing.T) {
	var got *http.Request
	var sent string
	owner := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got, sent = r, string(body)
		w.Header().Set("Connection", "X-Hop")
		w.Header().Set("X-Hop", "1")
		w.Header().Set("X-Request-Id", r.Header.Get("X-Request-Id"))
		w.Header().Set("Set-Cookie", "arpent_session=x")
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprint(w, "done")
	}))
	defer owner.Close()
	handler, _ := replicaOf(t, owner.URL, func(c *Config) { c.Proxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")} })
	send := func(from string, secure bool, header ...string) *http.Response {
		t.Helper()
		r := httptest.NewRequest("POST", "http://map.example:8080/v1/field/returns?ids=own&odd=%zz;", strings.NewReader("a batch"))
		r.RemoteAddr = from
		if secure {
			r.TLS = &tls.ConnectionState{}
		}
		for _, line := range append(header, "Authorization: Bearer arp_x", "X-Request-Id: of-the-caller", "Connection: X-Private", "X-Private: 1", "Te: gzip") {
			name, value, _ := strings.Cut(line, ": ")
			r.Header.Add(name, value)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w.Result()
	}
	check := func(what, from, host, scheme string) {
		t.Helper()
		h := got.Header
		if len(h["X-Forwarded-For"]) != 1 || h.Get("X-Forwarded-For") != from || got.Host != host || h.Get("X-Forwarded-Host") != host || h.Get("X-Forwarded-Proto") != scheme || h.Get("Forwarded") != "" {
			t.Errorf("%s: host %s, %v", what, got.Host, h)
		}
	}
	answer := send("198.51.100.7:1234", false, "X-Forwarded-For: 203.0.113.9", "X-Forwarded-Host: evil.example", "X-Forwarded-Proto: https", "Forwarded: for=203.0.113.9")
	check("a caller who lies", "198.51.100.7", "map.example:8080", "http")
	h := answer.Header
	if answer.StatusCode != http.StatusAccepted || h.Get("X-Hop") != "" || len(h["X-Request-Id"]) != 1 || h.Get("X-Request-Id") != "of-the-caller" || h.Get("Set-Cookie") == "" || string(body(t, answer)) != "done" {
		t.Errorf("%s %v", answer.Status, h)
	}
	if got.Header.Get("X-Private") != "" || got.Header.Get("X-Request-Id") != "of-the-caller" || got.Header.Get("Authorization") != "Bearer arp_x" || sent != "a batch" || got.URL.RawQuery != "ids=own&odd=%zz;" {
		t.Errorf("%q %v %q", got.URL.RawQuery, got.Header, sent)
	}
	if answer := send("198.51.100.7:1234", true); answer.Header.Get("Strict-Transport-Security") == "" {
		t.Error("no transport security")
	}
	check("over TLS", "198.51.100.7", "map.example:8080", "https")
	send("192.0.2.1:99", false, "X-Forwarded-For: 203.0.113.9, 198.51.100.8", "X-Forwarded-Host: maps.example.org", "X-Forwarded-Proto: https")
	check("behind a proxy that is trusted", "198.51.100.8", "maps.example.org", "https")
	handler, _ = replicaOf(t, owner.URL, func(c *Config) { c.PublicURL = "https://maps.example.org" })
	send("198.51.100.7:1234", false)
	check("with a public address", "198.51.100.7", "maps.example.org", "https")
}

// An owner that is not there, that takes connections and says nothing, or that is a replica itself: callers are told soon, and the rest goes on.
func TestOwnerThatDoesNotAnswer(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // nobody accepts: the system does
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	for name, address := range map[string]string{"silent": silent.Addr().String(), "gone": gone.Addr().String()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			handler, owner := replicaOf(t, "http://"+address, nil)
			go owner.Watch(t.Context())
			for _, header := range []string{"Authorization: Bearer arp_x", "Cookie: arpent_session=arp_x"} {
				start := time.Now()
				answer := ask(t, handler, "GET", "/v1/contests", header)
				problem := decode[Problem](t, answer)
				if answer.StatusCode != http.StatusServiceUnavailable || problem.Code != CodeOwnerUnreachable || answer.Header.Get("Retry-After") == "" || problem.RequestID == "" ||
					answer.Header.Get("Access-Control-Allow-Origin") != "*" || time.Since(start) > 30*time.Second {
					t.Errorf("after %v: %s %+v %v", time.Since(start), answer.Status, problem, answer.Header)
				}
			}
			if answer := ask(t, handler, "GET", "/v1/contests"); answer.StatusCode != http.StatusOK {
				t.Error(answer.Status)
			}
			wantJSON(t, body(t, ask(t, handler, "GET", "/readyz")), `{"status":"ready","snapshot":"5eed0123","owner":"unreachable"}`)
		})
	}
	t.Run("itself", func(t *testing.T) {
		var handler http.Handler
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
		defer server.Close()
		handler, _ = replicaOf(t, server.URL, nil)
		if answer := ask(t, handler, "GET", "/v1/contests", "Authorization: Bearer arp_x"); answer.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(body(t, answer)), "is a replica itself") {
			t.Error(answer.Status)
		}
	})
}

// Events come one by one through a replica, take no place among its requests, and end when the owner is lost.
func TestEventsThroughAReplica(t *testing.T) {
	next, hold := make(chan string), make(chan struct{})
	owner := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" {
			return
		}
		w.Header().Set("Content-Type", mediaEvents)
		for {
			select {
			case event := <-next:
				fmt.Fprintf(w, "data: %s\n\n", event)
				_ = http.NewResponseController(w).Flush()
			case <-r.Context().Done():
				close(hold)
				return
			}
		}
	}))
	defer owner.Close()
	handler, o := replicaOf(t, owner.URL, func(c *Config) { c.Limits.Requests = 2 })
	server := httptest.NewServer(handler)
	defer server.Close()
	request, err := http.NewRequestWithContext(t.Context(), "GET", server.URL+"/v1/field/touched", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer arp_x")
	go func() { next <- "first" }()
	stream, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	lines := bufio.NewScanner(stream.Body)
	for _, event := range []string{"first", "second"} {
		if event == "second" {
			next <- event
		}
		for lines.Scan() && lines.Text() == "" {
		}
		if lines.Text() != "data: "+event {
			t.Errorf("%q came, want %s", lines.Text(), event)
		}
	}
	for range 3 {
		if answer := ask(t, handler, "GET", "/v1/contests"); answer.StatusCode != http.StatusOK {
			t.Error(answer.Status)
		}
	}
	o.note(false, true)
	for lines.Scan() {
	}
	<-hold
}

// A snapshot that other servers serve already answers here where it is ready, and will soon where it is not.
func TestSnapshotsToCome(t *testing.T) {
	ahead := newVillage()
	ahead.snapshot = "a4ead"
	var prepared City
	handler := New(Config{Current: func() City { return newVillage() }, Version: "1.2.3", Log: quiet(),
		Prepared: func() City { return prepared }, Awaited: func(id string) bool { return id == "a4ead" }})
	for _, target := range []string{"/v1/tiles/segments@a4ead.json", "/v1/tiles/segments@a4ead/14/8296/5636.mvt", "/v1/contests?snapshot=a4ead", "/v1/tiles/segments@a4ead/14/8296/5636.mvt?measure=field_contacts"} {
		prepared = nil
		answer := ask(t, handler, "GET", target)
		if strings.Contains(target, "field_") {
			continue // asked with a token alone
		}
		if problem := decode[Problem](t, answer); answer.StatusCode != http.StatusServiceUnavailable || problem.Code != CodeNotReady || answer.Header.Get("Retry-After") != "1" {
			t.Errorf("%s before: %s %+v", target, answer.Status, problem)
		}
		prepared = ahead
		if answer := ask(t, handler, "GET", target); answer.StatusCode >= http.StatusBadRequest {
			t.Errorf("%s when it is ready: %s", target, answer.Status)
		}
	}
	if answer := ask(t, handler, "GET", "/v1/contests?snapshot=feedfeed"); answer.StatusCode != http.StatusGone {
		t.Error(answer.Status)
	}
	if got := decode[Readiness](t, ask(t, handler, "GET", "/readyz")).Snapshot; got != "5eed0123" {
		t.Error(got)
	}
}

// Whom a limit is for cannot be chosen by a caller: only a proxy that is trusted says it.
func TestCallersBehindProxies(t *testing.T) {
	s := newServer(Config{Current: func() City { return newVillage() }, Log: quiet(), Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::1/128")}})
	for _, c := range []struct{ from, said, want, base string }{
		{"198.51.100.7:1", "203.0.113.9", "198.51.100.7/32", "http://map.example"},
		{"10.0.0.1:1", "", "10.0.0.1/32", "https://maps.example.org"},
		{"10.0.0.1:1", "203.0.113.9", "203.0.113.9/32", "https://maps.example.org"},
		{"10.0.0.1:1", "1.1.1.1, 203.0.113.9, 10.0.0.2", "203.0.113.9/32", "https://maps.example.org"},
		{"10.0.0.1:1", "1.1.1.1, nonsense, 10.0.0.2", "10.0.0.2/32", "https://maps.example.org"},
		{"[2001:db8::1]:1", "2001:db8:7::5", "2001:db8:7::/64", "https://maps.example.org"},
	} {
		r := httptest.NewRequest("GET", "http://map.example/v1/contests", nil)
		r.RemoteAddr = c.from
		r.Header.Set(forwardedHost, "maps.example.org")
		r.Header.Set(forwardedProto, "https")
		if c.said != "" {
			r.Header.Set(forwardedFor, c.said)
		}
		s.forwarded(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if got := callerOf(access.Holder{}, false, r); got.from.String() != c.want || s.baseOf(r) != c.base {
				t.Errorf("%+v: %v, %s", c, got.from, s.baseOf(r))
			}
		})).ServeHTTP(httptest.NewRecorder(), r)
	}
}

// The bounds of a replica hold for what it passes on, and a slow body is the caller's fault.
func TestLimitsOfAReplica(t *testing.T) {
	owner := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	defer owner.Close()
	handler, _ := replicaOf(t, owner.URL, func(c *Config) { c.Limits = Limits{Rate: 1, RateAnonymous: 1} })
	statuses := map[int]int{}
	for range 4 {
		statuses[ask(t, handler, "GET", "/v1/field/status", "Authorization: Bearer arp_x").StatusCode]++
	}
	if statuses[http.StatusOK] != 2 || statuses[http.StatusTooManyRequests] != 2 {
		t.Error(statuses)
	}
	if answer := ask(t, handler, "GET", "/v1/field/status", "Authorization: Bearer arp_y"); answer.StatusCode != http.StatusOK || answer.Header.Get(limitHeader) != "" {
		t.Errorf("another token: %s %v", answer.Status, answer.Header)
	}
	r := httptest.NewRequest("POST", "http://map.example/v1/field/returns", io.MultiReader(strings.NewReader("half"), failing{}))
	r.Header.Set("Authorization", "Bearer arp_z")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if w.Code != http.StatusRequestTimeout {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// failing is a body that does not come.
type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, context.DeadlineExceeded }

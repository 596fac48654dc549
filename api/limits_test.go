package api

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/access"
	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/geo"
)

// askFrom asks from an address of the network.
func askFrom(t *testing.T, handler http.Handler, from, target string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest("GET", "http://map.example"+target, nil)
	r.RemoteAddr = from
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w.Result()
}

func TestRateOfWhoeverAsks(t *testing.T) {
	c := newCampaigns(t)
	c.server.limits = newLimits(Limits{Rate: 2, RateAnonymous: 1})
	now := time.Date(2026, 3, 15, 9, 0, 0, 0, time.UTC)
	c.server.limits.now = func() time.Time { return now }
	handler := c.server.handler()
	const somewhere, sameNetwork, elsewhere = "192.0.2.7:1", "[2001:db8:1:2::7]:1", "198.51.100.9:1"
	token := c.as("durand", engine.FieldRead)

	for i, want := range []struct {
		from      string
		header    string
		status    int
		remaining string
	}{
		{somewhere, "", 200, "1"}, {somewhere, "", 200, "0"}, {somewhere, "", 429, "0"},
		{somewhere, "Authorization: Bearer arp_unknown", 429, "0"}, // who guesses tokens is anonymous
		{elsewhere, "", 200, "1"},
		{elsewhere, "Authorization: Bearer arp_unknown", 401, "0"}, {elsewhere, "Authorization: Bearer arp_unknown", 429, "0"},
		{sameNetwork, "", 200, "1"}, {"[2001:db8:1:2:ffff::1]:1", "", 200, "0"}, {"[2001:db8:1:2::8]:1", "", 429, "0"}, {"[2001:db8:1:3::8]:1", "", 200, "1"},
		{"[::ffff:192.0.2.7]:1", "", 429, "0"},
		// A token has its own, wherever it comes from.
		{somewhere, token, 200, "3"}, {elsewhere, token, 200, "2"}, {somewhere, token, 200, "1"}, {"127.0.0.1:1", token, 200, "0"}, {somewhere, token, 429, "0"},
		{somewhere, c.as("martin", engine.FieldRead), 200, "3"},
		// This machine's own and whoever holds the workspace are not counted.
		{"127.0.0.1:1", "", 200, ""}, {"[::1]:1", "", 200, ""}, {somewhere, "Authorization: Bearer " + serverKey, 200, ""},
	} {
		header := []string{"X-None: 1"}
		if want.header != "" {
			header = []string{want.header}
		}
		answer := askFrom(t, handler, want.from, "/v1/contests", header...)
		if answer.StatusCode != want.status || answer.Header.Get("RateLimit-Remaining") != want.remaining {
			t.Fatalf("request %d, %+v: %d, %v", i, want, answer.StatusCode, answer.Header)
		}
		if want.status == 429 {
			wantProblem(t, answer, 429, CodeRateLimited, "")
		}
		retry := answer.Header.Get("Retry-After")
		if (want.status == 429) != (retry == "1") {
			t.Errorf("request %d: Retry-After %q", i, retry)
		}
	}
	answer := askFrom(t, handler, somewhere, "/v1/contests")
	if h := answer.Header; h.Get("RateLimit-Limit") != "2" || h.Get("RateLimit-Reset") != "2" {
		t.Errorf("%v", h)
	}
	// Health is answered always; and after Retry-After there is one more.
	for range 5 {
		if answer := askFrom(t, handler, somewhere, "/healthz"); answer.StatusCode != 200 || answer.Header.Get("RateLimit-Limit") != "" {
			t.Errorf("/healthz: %d %v", answer.StatusCode, answer.Header)
		}
	}
	now = now.Add(time.Second)
	if answer := askFrom(t, handler, somewhere, "/v1/contests"); answer.StatusCode != 200 {
		t.Errorf("a second later: %d", answer.StatusCode)
	}
	if text := c.log.String(); strings.Contains(text, "192.0.2") || strings.Contains(text, "2001:db8") {
		t.Errorf("the log has who asked: %s", text)
	}
}

// However somebody asks, there are never more answers than the rate allows, and whoever waits as long as told is answered.
func TestRateIsKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		perSecond := rapid.Float64Range(0.1, 500).Draw(t, "rate")
		l := newLimits(Limits{Rate: perSecond})
		began := time.Date(2026, 3, 15, 9, 0, 0, 0, time.UTC)
		now := began
		l.now = func() time.Time { return now }
		answered := 0
		for _, pause := range rapid.SliceOfN(rapid.IntRange(0, 2000), 1, 200).Draw(t, "pauses") {
			now = now.Add(time.Duration(pause) * time.Millisecond)
			h := http.Header{}
			wait := l.take(caller{token: "a"}, h)
			if wait == 0 {
				answered++
			} else {
				now = now.Add(wait + time.Microsecond)
				if l.take(caller{token: "a"}, http.Header{}) > 0 {
					t.Fatalf("waited %v, and refused", wait)
				}
				answered++
			}
			burst, _ := strconv.Atoi(h.Get(limitHeader))
			remaining, _ := strconv.Atoi(h.Get(remainingHeader))
			if most := float64(burst) + perSecond*now.Sub(began).Seconds() + 0.001; float64(answered) > most {
				t.Fatalf("%d answers in %v at %v a second", answered, now.Sub(began), perSecond)
			}
			if remaining < 0 || remaining > burst {
				t.Fatalf("%d of %d remain", remaining, burst)
			}
		}
	})
}

func TestCallersThatAreRememberedAreBounded(t *testing.T) {
	l := newLimits(Limits{Rate: 1})
	for i := range mostCallers + 100 {
		l.take(caller{token: fmt.Sprint(i)}, http.Header{})
		l.take(caller{token: "always"}, http.Header{})
	}
	if len(l.rates) != mostCallers || l.recent.Len() != mostCallers {
		t.Errorf("%d and %d are remembered", len(l.rates), l.recent.Len())
	}
	if l.take(caller{token: "always"}, http.Header{}) == 0 {
		t.Error("who asks all the time was forgotten")
	}
}

// Of what may be under way a caller has half; the others are answered, and what has ended makes room.
func TestRequestsUnderWayAreBounded(t *testing.T) {
	begun, goOn := make(chan bool), make(chan bool)
	city := newVillage()
	city.tile = func(string, geo.Tile, live.Query) (live.Tile, error) {
		begun <- true
		<-goOn
		return live.Tile{}, nil
	}
	s := newServer(Config{Current: func() City { return city }, Log: quiet(), Limits: Limits{Requests: 4}})
	handler := s.handler()
	ended := make(chan int, 10)
	begin := func(from string, x int) {
		go func() {
			r := httptest.NewRequest("GET", fmt.Sprintf("http://map.example/v1/tiles/cells/14/%d/1.mvt", x), nil)
			r.RemoteAddr = from
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			ended <- w.Code
		}()
		<-begun
	}
	begin("192.0.2.1:1", 1)
	begin("192.0.2.1:2", 2)
	wantProblem(t, askFrom(t, handler, "192.0.2.1:3", "/v1/contests"), 429, CodeRateLimited, "")
	begin("192.0.2.2:1", 3)
	begin("192.0.2.2:2", 4)
	answer := askFrom(t, handler, "192.0.2.3:1", "/v1/contests")
	if answer.Header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After %q", answer.Header.Get("Retry-After"))
	}
	wantProblem(t, answer, 503, CodeBusy, "")
	if answer := askFrom(t, handler, "192.0.2.3:1", "/healthz"); answer.StatusCode != 200 {
		t.Errorf("/healthz of a busy server: %d", answer.StatusCode)
	}
	for range 4 {
		goOn <- true
		if status := <-ended; status != 204 {
			t.Errorf("a tile: %d", status)
		}
	}
	if answer := askFrom(t, handler, "192.0.2.1:3", "/v1/contests"); answer.StatusCode != 200 {
		t.Errorf("once there is room: %d", answer.StatusCode)
	}
	if len(s.limits.underWay) != 0 || s.limits.all != 0 {
		t.Errorf("%v, %d are still under way", s.limits.underWay, s.limits.all)
	}
}

// An event stream stays open for hours, and takes nothing of what requests may.
func TestEventStreamsLeaveRoomForRequests(t *testing.T) {
	c := newCampaigns(t)
	c.server.limits = newLimits(Limits{Requests: 2})
	server := httptest.NewServer(c.server.handler())
	t.Cleanup(server.Close)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for range 3 {
		r, err := http.NewRequestWithContext(ctx, "GET", server.URL+"/v1/field/changes", nil)
		if err != nil {
			t.Fatal(err)
		}
		name, value, _ := strings.Cut(c.as("durand", engine.FieldRead), ": ")
		r.Header.Set(name, value)
		r.Header.Set("Accept", mediaEvents)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if _, err := answer.Body.Read(make([]byte, 10)); answer.StatusCode != 200 || err != nil {
			t.Fatalf("%d %v", answer.StatusCode, err)
		}
	}
}

func TestCallers(t *testing.T) {
	r := httptest.NewRequest("GET", "/v1/contests", nil)
	r.RemoteAddr = "@" // of a socket file
	if got := callerOf(access.Holder{}, false, r); !got.local {
		t.Errorf("%+v", got)
	}
	r.RemoteAddr = "[fe80::1%eth0]:1"
	if got := callerOf(access.Holder{}, false, r).from.String(); got != "fe80::/64" {
		t.Errorf("%s", got)
	}
}

package api

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/access"
)

func TestChangesArePaged(t *testing.T) {
	c := newCampaigns(t)
	post(t, c.handler, "POST", returnsPath, strings.NewReader(batchOf(knock(1), knock(2), knock(3))), asJSON, c.as("durand", engine.FieldWrite))
	page := decode[ChangeList](t, ask(t, c.handler, "GET", "/v1/field/changes?limit=2", c.as("durand", engine.FieldRead)))
	if len(page.Items) != 2 || page.Items[0] != (Change{ID: knockID(1).String(), Kind: "attempt", Effect: "counts", Day: "2026-11-26", ArrivedAt: "2026-11-26T12:00:00Z",
		Team: "north", SegmentID: 1, PrecinctID: 501, Result: "contact"}) {
		t.Errorf("%+v", page)
	}
	page = decode[ChangeList](t, ask(t, c.handler, "GET", "/v1/field/changes?limit=2&after="+page.Next, c.as("durand", engine.FieldRead)))
	if len(page.Items) != 1 || page.Items[0].ID != knockID(3).String() {
		t.Errorf("%+v", page)
	}
	last := decode[ChangeList](t, ask(t, c.handler, "GET", "/v1/field/changes?after="+page.Next, c.as("durand", engine.FieldRead)))
	if len(last.Items) != 0 || last.Next != page.Next {
		t.Errorf("where nothing has changed: %+v, want next %s", last, page.Next)
	}
	for _, query := range []string{"after=secret", "limit=0", "limit=5001", "limit=all"} {
		p := wantProblem(t, ask(t, c.handler, "GET", "/v1/field/changes?"+query, c.as("durand", engine.FieldRead)), 400, CodeInvalidParameter, "query."+query[:5])
		if query == "after=secret" && strings.Contains(p.Detail, "secret") {
			t.Errorf("%+v", p)
		}
	}
}

// events is an answer that grows while it is read.
type events struct {
	mu     sync.Mutex
	header http.Header
	status int
	text   strings.Builder
}

func (e *events) Header() http.Header { return e.header }
func (e *events) WriteHeader(status int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.status = status
}
func (e *events) Write(b []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.text.Write(b)
}
func (e *events) Flush() {}
func (e *events) String() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.text.String()
}

// watch opens an event stream; gone is closed when it has ended.
func watch(ctx context.Context, c *campaigns, target string, header ...string) (stream *events, gone chan struct{}) {
	stream, gone = &events{header: http.Header{}}, make(chan struct{})
	r := httptest.NewRequest("GET", target, nil).WithContext(ctx)
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	go func() {
		defer close(gone)
		c.handler.ServeHTTP(stream, r)
	}()
	return stream, gone
}

const asEvents = "Accept: text/event-stream"

func TestChangesAsEvents(t *testing.T) {
	c := newCampaigns(t)
	synctest.Test(t, func(t *testing.T) {
		c.ledger.wake, c.stop = make(chan struct{}), make(chan struct{}) // of this bubble
		c.server.stopping = c.stop
		post := func(n int) {
			post(t, c.handler, "POST", returnsPath, strings.NewReader(batchOf(knock(n))), asJSON, c.as("durand", engine.FieldWrite))
			synctest.Wait()
		}
		post(1)
		stream, gone := watch(t.Context(), c, "/v1/field/changes", asEvents, c.as("durand", engine.FieldRead))
		synctest.Wait()
		one := "id: durand.1\nevent: change\ndata: {\"id\":\"" + knockID(1).String()
		if text := stream.String(); !strings.Contains(text, one) || stream.header.Get("Content-Type") != mediaEvents || !strings.Contains(stream.header.Get("Cache-Control"), "no-store") {
			t.Fatalf("%v %s", stream.header, text)
		}
		post(2)
		if text := stream.String(); !strings.Contains(text, "id: durand.2\n") || strings.Count(text, "\n\n") != 3 {
			t.Errorf("after a return: %s", text)
		}
		time.Sleep(heartbeatTime + time.Second)
		if text := stream.String(); !strings.HasSuffix(text, ": nothing new\n\n") {
			t.Errorf("after a while without any: %s", text)
		}
		resumed, _ := watch(t.Context(), c, "/v1/field/changes", asEvents, c.as("durand", engine.FieldRead), "Last-Event-ID: durand.1")
		synctest.Wait()
		if text := resumed.String(); strings.Contains(text, "durand.1\n") || !strings.Contains(text, "id: durand.2\n") {
			t.Errorf("after the first: %s", text)
		}
		close(c.stop)
		<-gone
		synctest.Wait()
		if n := c.server.streams.open.Load(); n != 0 {
			t.Errorf("%d streams are open after the server has stopped", n)
		}
	})
}

func TestACursorThatIsNoneBeginsNoStream(t *testing.T) {
	c := newCampaigns(t)
	for _, header := range []string{"Last-Event-ID: martin.1", "Last-Event-ID: x"} {
		wantProblem(t, ask(t, c.handler, "GET", "/v1/field/changes", asEvents, header, c.as("durand", engine.FieldRead)), 400, CodeInvalidParameter, "query.after")
	}
}

// A stream ends when its token does not count any more.
func TestARevokedTokenEndsItsStream(t *testing.T) {
	c := newCampaigns(t)
	registry, err := access.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := registry.AddCampaign(engine.Campaign{ID: "durand", Contest: "mayor_t1", Choice: "durand", Begins: noon, Election: "2199-03-15"}); err != nil {
		t.Fatal(err)
	}
	secret, token, err := registry.NewToken("durand", access.TokenRequest{Scopes: []engine.Scope{engine.FieldRead}}, noon)
	if err != nil {
		t.Fatal(err)
	}
	c.server.access = registry
	synctest.Test(t, func(t *testing.T) {
		c.ledger.wake, c.stop = make(chan struct{}), make(chan struct{})
		c.server.stopping = c.stop
		stream, gone := watch(t.Context(), c, "/v1/field/changes", asEvents, "Authorization: Bearer "+secret)
		synctest.Wait()
		if err := registry.Revoke("durand", token.ID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(heartbeatTime + time.Second)
		select {
		case <-gone:
		default:
			t.Errorf("the stream of a revoked token goes on: %s", stream)
			close(c.stop)
		}
	})
}

func TestStreamsAreBounded(t *testing.T) {
	c := newCampaigns(t)
	close(c.stop)
	c.server.streams.open.Store(maxStreams)
	answer := ask(t, c.handler, "GET", "/v1/field/touched", c.as("durand", engine.FieldRead))
	wantProblem(t, answer, 503, CodeBusy, "")
	if answer.Header.Get("Retry-After") == "" || c.server.streams.open.Load() != maxStreams {
		t.Errorf("%v, %d open", answer.Header, c.server.streams.open.Load())
	}
}

// A caller that does not read what it is sent is cut, and holds nothing.
func TestSlowReadersAreCut(t *testing.T) {
	c := newCampaigns(t)
	c.server.streams.pause = 100 * time.Millisecond
	c.ledger.returns["durand"] = make([]engine.Return, 200_000) // more than the system holds for a connection
	server := httptest.NewServer(c.handler)
	defer server.Close()
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	_ = connection.(*net.TCPConn).SetReadBuffer(4096)
	_, _ = io.WriteString(connection, "GET /v1/field/changes HTTP/1.1\r\nHost: map.example\r\n"+asEvents+"\r\n"+c.as("durand", engine.FieldRead)+"\r\n\r\n")
	if _, err := bufio.NewReaderSize(connection, 16).ReadByte(); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(20 * time.Second)
	for c.server.streams.open.Load() > 0 {
		if time.Now().After(deadline) {
			t.Fatal("the stream is still open")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// Maps are told which parts of them have changed, at most five times a second.
func TestTouched(t *testing.T) {
	c := newCampaigns(t)
	synctest.Test(t, func(t *testing.T) {
		c.ledger.wake, c.stop = make(chan struct{}), make(chan struct{})
		c.server.stopping = c.stop
		post := func(n int) {
			post(t, c.handler, "POST", returnsPath, strings.NewReader(batchOf(knock(n))), asJSON, c.as("durand", engine.FieldWrite))
			synctest.Wait()
		}
		post(1)
		stream, gone := watch(t.Context(), c, "/v1/field/touched", c.as("durand", engine.FieldRead))
		synctest.Wait()
		if text := stream.String(); strings.Contains(text, "touched") {
			t.Errorf("what was there before is told: %s", text)
		}
		post(2)
		want := `"precincts":[{"id":501,"bounds":[2.31,48.81,2.32,48.82]}],"segments":[1,5]}`
		if text := stream.String(); !strings.Contains(text, "id: 1002\nevent: touched\ndata: {\"snapshot\":\"5eed0123\",\"at\":") || !strings.Contains(text, want) {
			t.Fatal(text)
		}
		for n := range 20 {
			post(3 + n)
		}
		if text := stream.String(); strings.Count(text, "event: touched") != 1 {
			t.Errorf("told at once: %s", text)
		}
		time.Sleep(time.Second)
		if text := stream.String(); strings.Count(text, "event: touched") != 2 || !strings.Contains(text, "id: 1022\n") {
			t.Errorf("a second later: %s", text)
		}
		resumed, _ := watch(t.Context(), c, "/v1/field/touched", c.as("durand", engine.FieldRead), "Last-Event-ID: 1001")
		synctest.Wait()
		if !strings.Contains(resumed.String(), "id: 1022\n") {
			t.Errorf("after an earlier one: %s", resumed)
		}
		old, _ := watch(t.Context(), c, "/v1/field/touched", c.as("durand", engine.FieldRead), "Last-Event-ID: 999")
		synctest.Wait()
		if !strings.Contains(old.String(), `"segments":null}`) {
			t.Errorf("after one of before: %s", old)
		}
		martin, _ := watch(t.Context(), c, "/v1/field/touched", c.as("martin", engine.FieldRead), "Last-Event-ID: 1000")
		post(30)
		if strings.Contains(martin.String(), "event:") {
			t.Errorf("martin is told of durand's: %s", martin)
		}
		// Another snapshot is served: the map begins anew.
		c.seeing.Lock()
		c.views["durand"] = &sight{ledger: c.ledger, campaign: "durand"}
		c.seeing.Unlock()
		time.Sleep(time.Second)
		post(31)
		time.Sleep(time.Second)
		<-gone
		close(c.stop)
		synctest.Wait()
	})
	wantProblem(t, ask(t, c.handler, "GET", "/v1/field/touched", "Last-Event-ID: last", c.as("durand", engine.FieldRead)), 400, CodeInvalidParameter, "header.Last-Event-ID")
}

func TestNoViewYet(t *testing.T) {
	c := newCampaigns(t)
	delete(c.views, "durand")
	for _, target := range []string{"/v1/field/touched", "/v1/field/coverage", "/v1/field/scores/segment/1", "/v1/tiles/segments/14/8299/5636.mvt?measure=coverage"} {
		if answer := ask(t, c.handler, "GET", target, c.as("durand", engine.FieldRead)); answer.Header.Get("Retry-After") == "" {
			t.Errorf("%s: %d without Retry-After", target, answer.StatusCode)
		} else {
			wantProblem(t, answer, 503, CodeNotReady, "")
		}
	}
}

func TestServerWithoutALog(t *testing.T) {
	c := newCampaigns(t)
	c.server.field = nil
	for _, target := range []string{"/v1/field/changes", "/v1/rollup", "/v1/audit"} {
		wantProblem(t, ask(t, c.handler, "GET", target, c.as("durand", everything)), 404, CodeNotAvailable, "")
	}
}

// The first bytes of a stream come before there is an event, whether or not the caller takes packed answers.
func TestEventStreamsBeginAtOnce(t *testing.T) {
	c := newCampaigns(t)
	server := httptest.NewServer(c.handler)
	defer server.Close()
	defer close(c.stop)
	for _, encoding := range []string{"identity", "gzip"} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		request, err := http.NewRequestWithContext(ctx, "GET", server.URL+"/v1/field/touched", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept-Encoding", encoding)
		name, value, _ := strings.Cut(c.as("durand", engine.FieldRead), ": ")
		request.Header.Set(name, value)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatalf("%s: %v", encoding, err)
		}
		defer answer.Body.Close()
		if answer.StatusCode != 200 || answer.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: %s, %v", encoding, answer.Status, answer.Header)
		}
		if line, err := bufio.NewReader(answer.Body).ReadString('\n'); !strings.HasPrefix(line, ":") {
			t.Errorf("%s: it begins with %q, %v", encoding, line, err)
		}
	}
}

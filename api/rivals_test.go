package api

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/access"
	"github.com/arpent/arpent/engine/jobs"
	"github.com/arpent/arpent/engine/live"
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// rivals are two campaigns in the village, with a token for each scope, and one that has all. No test changes them.
type rivals struct {
	registry *access.Registry
	token    map[string]map[engine.Scope]string
}

// everything stands for a token with all scopes.
const everything engine.Scope = "everything"

var theRivals = sync.OnceValues(func() (*rivals, error) {
	dir, err := os.MkdirTemp("", "rivals")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) // the registry has read it
	registry, err := access.Open(dir)
	if err != nil {
		return nil, err
	}
	r := &rivals{registry, map[string]map[engine.Scope]string{}}
	for _, name := range []string{"durand", "martin"} {
		err := registry.AddCampaign(engine.Campaign{ID: name, Contest: "mayor_t1", Choice: name, Begins: noon.AddDate(0, -1, 0), Election: "2199-03-15"})
		if err != nil {
			return nil, err
		}
		r.token[name] = map[engine.Scope]string{}
		for _, scope := range append(engine.Scopes(), everything) {
			scopes := []engine.Scope{scope}
			if scope == everything {
				scopes = engine.Scopes()
			}
			if r.token[name][scope], _, err = registry.NewToken(name, access.TokenRequest{Scopes: scopes}, noon); err != nil {
				return nil, err
			}
		}
	}
	return r, nil
})

// campaigns are the rivals with a log and a server of their own.
type campaigns struct {
	rows *live.City // that are asked, nil where a test asks for none
	*rivals
	server  *server
	handler http.Handler
	ledger  *ledger
	seeing  sync.Mutex
	views   map[string]*sight
	stop    chan struct{}
	log     *lockedText
	queue   *jobs.Queue
	receive *Webhooks
}

const serverKey = "the key of whoever holds the workspace"

func newCampaigns(t testing.TB) *campaigns {
	t.Helper()
	rivals, err := theRivals()
	if err != nil {
		t.Fatal(err)
	}
	c := &campaigns{rivals: rivals, ledger: newLedger(), views: map[string]*sight{}, stop: make(chan struct{}), log: &lockedText{}}
	for name := range rivals.token {
		c.views[name] = &sight{ledger: c.ledger, campaign: name}
	}
	if c.receive, err = NewWebhooks([]string{"hooks.example"}); err != nil {
		t.Fatal(err)
	}
	c.queue = openJobs(t, jobs.Config{Notifier: c.receive, Log: c.logger()})
	c.server = newServer(c.config())
	c.handler = c.server.handler()
	return c
}

func (c *campaigns) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(c.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// withLog is the same server over another log.
func (c *campaigns) withLog(l FieldLog) http.Handler {
	config := c.config()
	config.Field = l
	return New(config)
}

func (c *campaigns) config() Config {
	return Config{
		Current: func() City { v := newVillage(); v.rows = c.rows; return v }, Version: "1.2.3", Access: c.registry, Administration: c.registry, ServerKey: serverKey, Field: c.ledger,
		View: func(campaign string) FieldView {
			c.seeing.Lock()
			defer c.seeing.Unlock()
			if v := c.views[campaign]; v != nil {
				return v
			}
			return nil
		},
		Jobs: c.queue, Stopping: c.stop, Log: c.logger(),
	}
}

// lockedText is what many goroutines have written.
type lockedText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (w *lockedText) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(b)
}

func (w *lockedText) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// as gives the header line of a campaign's token with a scope.
func (c *campaigns) as(campaign string, scope engine.Scope) string {
	return "Authorization: Bearer " + c.token[campaign][scope]
}

// post sends a request with a body; header lines are written "Name: value".
func post(t testing.TB, handler http.Handler, method, target string, body io.Reader, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, "http://map.example"+target, body)
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w.Result()
}

// knock is an attempt at a door, as a phone sends it. Its id is made of its number.
func knock(n int, extra ...string) string {
	return fmt.Sprintf(`{"id":"%s","kind":"attempt","happened_at":"2026-11-26T11:02:11+01:00","team":"north","location":{"address_id":"75118_1234_%05d","door":"3-left"},"result":"contact","support":2%s}`,
		knockID(n), n, strings.Join(extra, ""))
}

func knockID(n int) uuid.UUID { return uuid.NewSHA1(uuid.NameSpaceOID, []byte(strconv.Itoa(n))) }

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/klauspost/compress/gzip"
	"golang.org/x/sync/errgroup"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/field"
)

// A badNetwork is a server that keeps what it is sent, and seldom says so in time.
type badNetwork struct {
	t      *testing.T
	outbox string

	mu       sync.Mutex
	requests int
	bodies   map[string]string // by id: what came first under it
	others   map[string]int    // by id: how often something else came
	keys     map[string]string // by Idempotency-Key
}

const largest = 5 // returns a batch that it takes

func (n *badNetwork) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	returns := n.read(r)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.requests++
	if len(returns) > largest {
		http.Error(w, `{"title":"too large"}`, http.StatusRequestEntityTooLarge)
		return
	}
	if n.requests%5 == 0 {
		w.WriteHeader(http.StatusServiceUnavailable) // nothing of it was kept
		return
	}
	var written []byte
	if n.requests%4 == 1 {
		var err error
		if written, err = os.ReadFile(n.outbox); err != nil {
			n.t.Error(err)
		}
	}
	var outcomes []string
	for _, raw := range returns {
		var sent struct{ ID string }
		if err := json.Unmarshal(raw, &sent); err != nil || sent.ID == "" {
			n.t.Errorf("not a return: %s", raw)
		}
		if written != nil && !bytes.Contains(written, raw) {
			n.t.Errorf("%s was sent before it was on the phone's disk", sent.ID)
		}
		status := `"kept"`
		switch before, known := n.bodies[sent.ID]; {
		case !known:
			n.bodies[sent.ID] = string(raw)
		case before != string(raw):
			n.others[sent.ID]++
			status = `"kept","reason":"conflict"`
		}
		outcomes = append(outcomes, fmt.Sprintf(`{"id":%q,"status":%s}`, sent.ID, status))
	}
	if n.requests%7 == 0 {
		panic(http.ErrAbortHandler) // all of it was kept, and nobody hears it
	}
	fmt.Fprintf(w, `{"outcomes":[%s]}`, strings.Join(outcomes, ","))
}

func (n *badNetwork) read(r *http.Request) []json.RawMessage {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(body)
		if err != nil {
			n.t.Error(err)
			return nil
		}
		body = unpacked
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return nil // the phone has gone
	}
	if key := r.Header.Get("Idempotency-Key"); key != "" {
		n.mu.Lock()
		if before, used := n.keys[key]; used && before != string(text) {
			n.t.Errorf("the key %s came with another body", key)
		}
		n.keys[key] = string(text)
		n.mu.Unlock()
	}
	if r.Header.Get("Content-Type") == "application/x-ndjson" {
		var list []json.RawMessage
		for line := range strings.Lines(string(text)) {
			list = append(list, json.RawMessage(strings.TrimSpace(line)))
		}
		return list
	}
	var batch struct{ Returns []json.RawMessage }
	if err := json.Unmarshal(text, &batch); err != nil {
		n.t.Errorf("%v: %s", err, text)
	}
	return batch.Returns
}

// Whatever the network does, everything arrives, is acknowledged once in the outbox, and was on the disk before it was sent.
func TestCanvassersOnABadNetwork(t *testing.T) {
	path := filepath.Join(t.TempDir(), "outbox.jsonl")
	network := &badNetwork{t: t, outbox: path, bodies: map[string]string{}, others: map[string]int{}, keys: map[string]string{}}
	server := httptest.NewServer(network)
	defer server.Close()
	client, err := newFieldClient(server.URL, "token", 20, false)
	if err != nil {
		t.Fatal(err)
	}
	box, _, err := openOutbox(path)
	if err != nil {
		t.Fatal(err)
	}
	sim := &simulation{client: client, outbox: box, every: 20 * time.Millisecond, firstWait: time.Millisecond}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	now, for1 := time.Now(), 1
	sim.tally.began, sim.tally.until = now, now.Add(time.Second)
	var walking errgroup.Group
	for n := range 20 {
		c := newCanvasser(sim, n, 1, func() doorVisit {
			return doorVisit{address: "99001_0001_00001", door: "1", team: "team-1", result: "contact", support: &for1}
		}, now)
		walking.Go(func() error { return c.run(ctx, sim.tally.until) })
	}
	if err := walking.Wait(); err != nil {
		t.Fatal(err)
	}
	if err := box.close(); err != nil {
		t.Fatal(err)
	}
	again, left, err := openOutbox(path)
	if err != nil || len(left) != 0 {
		t.Fatalf("%d returns wait at the end, %v", len(left), err)
	}
	if err := again.close(); err != nil {
		t.Fatal(err)
	}
	result := sim.tally.total(20, time.Second)
	if result.Made < 200 || result.Acknowledged != result.Made || result.Unsent != 0 {
		t.Errorf("%+v", result)
	}
	conflicts := 0
	for _, times := range network.others {
		conflicts += min(times, 1)
	}
	if int(result.Made) != len(network.bodies)+conflicts {
		t.Errorf("%d returns were made, %d ids and %d other bodies of them arrived", result.Made, len(network.bodies), conflicts)
	}
	if result.Unanswered == 0 || result.Sent <= result.Made {
		t.Errorf("the network was not bad: %+v", result)
	}
}

// Of many visits some come to what servers have trouble with, and each of these is a return that the protocol knows.
func TestWhatCanvassersSend(t *testing.T) {
	support := 2
	c := newCanvasser(&simulation{every: time.Second}, 0, 1, nil, time.Now())
	count := map[string]int{}
	for range 20_000 {
		returns := c.returnsOf(doorVisit{"99001_0001_00001", "1", -4.5, 45.5, "team-1", "contact", &support, &support}, time.Now())
		for i := range returns {
			decoded, fault := field.Decode(field.Encode(&returns[i]))
			switch {
			case fault != nil && len(returns) == 2 && fault.Field == "support":
				count["mistyped"]++
			case fault != nil:
				t.Fatalf("%+v: %+v", returns[i], fault)
			case decoded.Kind == engine.Withdrawal:
				count["withdrawn"]++
			case decoded.Replaces != uuid.Nil:
				count["corrected"]++
			case i == 1 && decoded.ID == returns[0].ID:
				count["two bodies"]++
			}
		}
		for len(c.held) > 0 {
			count["held back"]++
			c.held = c.held[1:]
		}
	}
	for what, n := range map[string]int{"mistyped": 20, "withdrawn": 100, "corrected": 300, "two bodies": 100, "held back": 400} {
		if count[what] < n/2 || count[what] > 2*n {
			t.Errorf("%s: %d times, not about %d", what, count[what], n)
		}
	}
}

// What the server will never take ends the simulation; it is not repeated for ever.
func TestCanvasserStopsWhereItMayNot(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"title":"Forbidden","detail":"the token does not have the scope field:write"}`)
	}))
	defer server.Close()
	client, err := newFieldClient(server.URL, "token", 1, false)
	if err != nil {
		t.Fatal(err)
	}
	box, _, err := openOutbox(filepath.Join(t.TempDir(), "outbox.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	sim := &simulation{client: client, outbox: box, every: time.Millisecond, firstWait: time.Millisecond}
	c := newCanvasser(sim, 0, 1, func() doorVisit { return doorVisit{address: "a", team: "t", result: "not_home"} }, time.Now())
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := c.run(ctx, time.Now().Add(time.Minute)); err == nil || !strings.Contains(err.Error(), "does not have the scope") {
		t.Errorf("%v", err)
	}
	if err := box.close(); err != nil {
		t.Fatal(err)
	}
}

// A token goes to this machine only, unless somebody says otherwise.
func TestFieldClientStaysOnThisMachine(t *testing.T) {
	for _, c := range []struct {
		url      string
		anywhere bool
		fault    string
	}{
		{"http://127.0.0.1:8080", false, ""},
		{"http://localhost:8080", false, ""},
		{"http://[::1]:8080", false, ""},
		{"http://192.0.2.1:8080", false, "--anywhere"},
		{"https://field.example", false, "--anywhere"},
		{"http://localhost.example", false, "--anywhere"},
		{"https://field.example", true, ""},
		{"ftp://localhost", false, "http://127.0.0.1:8080"},
		{"localhost:8080", false, "http://127.0.0.1:8080"},
		{"http://user:secret@localhost", false, "http://127.0.0.1:8080"},
		{"http://localhost/?token=secret", false, "http://127.0.0.1:8080"},
	} {
		_, err := newFieldClient(c.url, "token", 1, c.anywhere)
		if c.fault == "" && err != nil || c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault)) {
			t.Errorf("%s: %v", c.url, err)
		}
	}
}

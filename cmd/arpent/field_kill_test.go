package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/duckdb"
	"github.com/arpent/arpent/engine/field"
)

// killing is how hard the test is on the server. The variables make it the measurement of benchmarks/RESULTS.md.
type killing struct {
	kills      int           // ARPENT_KILLS
	canvassers int           // ARPENT_CANVASSERS
	rate       float64       // ARPENT_RATE, visits a second
	longest    time.Duration // that a server lives
	starting   time.Duration // about, until it is ready: canvassers walk for as long as servers are killed
	place      string
}

func killingOf(t *testing.T) killing {
	number := func(name string, otherwise int) int {
		if os.Getenv(name) == "" {
			return otherwise
		}
		n, err := strconv.Atoi(os.Getenv(name))
		if err != nil || n < 1 {
			t.Fatalf("%s=%s is not a number", name, os.Getenv(name))
		}
		return n
	}
	k := killing{kills: number("ARPENT_KILLS", 3), canvassers: number("ARPENT_CANVASSERS", 60), rate: float64(number("ARPENT_RATE", 100)), longest: time.Second, starting: time.Second, place: "village"}
	if k.kills > 3 {
		k.longest, k.starting, k.place = 2*time.Second, 2500*time.Millisecond, "city"
	}
	return k
}

// A server that is killed at any moment, inside a commit too, loses no return that it acknowledged and counts none twice. The clients
// have every acknowledgement on their own disk before they count it; ids, bodies and totals are compared afterwards.
func TestKilledServerLosesNothing(t *testing.T) {
	k := killingOf(t)
	f := newFieldPlace(t, k.place)
	server := f.serve(t)
	longest := time.Duration(k.kills+3) * (k.longest + 3*time.Second)
	walking := time.Duration(k.kills) * (k.longest/2 + k.starting)
	sent := filepath.Join(f.dir, "outbox.jsonl")
	ctx, cancel := context.WithTimeout(t.Context(), longest+4*time.Minute)
	defer cancel()
	var said bytes.Buffer
	clients := exec.CommandContext(ctx, "arpent", "simulate", "field", f.city, "--url", f.url(), "--token-file", f.token, "--outbox", sent, "--json", "--verify",
		"--canvassers", strconv.Itoa(k.canvassers), "--rate", fmt.Sprint(k.rate), "--for", walking.String())
	clients.Stderr = &said
	out := &bytes.Buffer{}
	clients.Stdout = out
	if err := clients.Start(); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	var ready []time.Duration
	for range k.kills {
		time.Sleep(time.Duration(random.Int64N(int64(k.longest))))
		server.kill(t)
		began := time.Now()
		server = f.serve(t)
		ready = append(ready, time.Since(began))
	}
	err := clients.Wait()
	server.stop(t)
	if err != nil {
		t.Fatalf("%v: %s%s\nthe server: %s", err, said.String(), out, server.said)
	}

	var result simulated
	if err := json.Unmarshal(out.Bytes(), &result); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	v := result.Verified
	if v.Lost != 0 || v.Twice != 0 || v.Uncounted != 0 || v.Others != 0 || v.Totals == nil || *v.Totals != *v.Expected {
		t.Errorf("the server has %+v, totals %+v, expected %+v", v, v.Totals, v.Expected)
	}
	if result.Unsent != 0 || v.Acknowledged < k.kills*10 || result.Unanswered == 0 {
		t.Errorf("the test did not test: %+v", result)
	}
	different := f.differentBodies(t, sent)
	if len(different) > 0 {
		t.Errorf("%d acknowledged returns have another body in the store: %v", len(different), different[:min(5, len(different))])
	}
	slices.Sort(ready)
	t.Logf("%d kills, %d returns acknowledged (%d batches without an answer): lost %d, twice %d, other bodies %d; start to ready p50 %.0f ms, longest %.0f ms",
		k.kills, v.Acknowledged, result.Unanswered, v.Lost, v.Twice, len(different), quantileMS(ready, 0.5), quantileMS(ready, 1))
}

// fieldPlace is a seeded place in a workspace of its own, with a campaign and a token.
type fieldPlace struct {
	dir, city, workspace string
	token                string // its file
	addr                 string
}

func newFieldPlace(t *testing.T, size string) *fieldPlace {
	t.Helper()
	dir := t.TempDir()
	f := &fieldPlace{dir: dir, city: filepath.Join(dir, "city"), workspace: filepath.Join(dir, "workspace"), token: filepath.Join(dir, "token.txt")}
	f.arpent(t, "city", f.city, "--size", size, "--seed", "7")
	f.arpent(t, "build", filepath.Join(f.city, placeFile))
	f.arpent(t, "campaign", "add", "spring", "--contest", "2026_muni_t1", "--choice", "liste_des_jardins", "--election", time.Now().AddDate(0, 1, 0).Format(time.DateOnly))
	secret := f.arpent(t, "token", "new", "--campaign", "spring", "--scope", "field:write", "--scope", "field:read")
	if err := os.WriteFile(f.token, []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.addr = free.Addr().String()
	free.Close()
	return f
}

func (f *fieldPlace) url() string { return "http://" + f.addr }

// arpent runs a command on the workspace and gives what it prints.
func (f *fieldPlace) arpent(t *testing.T, args ...string) string {
	t.Helper()
	var said bytes.Buffer
	command := exec.CommandContext(t.Context(), "arpent", append(args, "--workspace", f.workspace)...)
	command.Stderr = &said
	out, err := command.Output()
	if err != nil {
		t.Fatalf("arpent %s: %v: %s", strings.Join(args, " "), err, said.String())
	}
	return string(out)
}

// fieldServer is a running server.
type fieldServer struct {
	process *exec.Cmd
	said    *bytes.Buffer
}

// serve starts a server and waits until it takes returns and answers what is published.
func (f *fieldPlace) serve(t *testing.T) *fieldServer {
	t.Helper()
	s := &fieldServer{said: &bytes.Buffer{}}
	s.process = exec.Command("arpent", "serve", "--addr", f.addr, "--workspace", f.workspace)
	s.process.Stdout, s.process.Stderr = s.said, s.said
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.process.Process.Kill() }) // one that has ended is not there
	secret, err := os.ReadFile(f.token)
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if f.answers(secret, http.MethodPost, "/v1/field/returns", `{"returns":[]}`) && f.answers(secret, http.MethodGet, "/v1/contests", "") {
			return s
		}
	}
	s.kill(t)
	t.Fatalf("the server does not come up: %s", s.said)
	return nil
}

func (f *fieldPlace) answers(secret []byte, method, path, body string) bool {
	request, err := http.NewRequest(method, f.url()+path, strings.NewReader(body))
	if err != nil {
		return false
	}
	request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(secret)))
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body) // only the status counts
	return response.StatusCode == http.StatusOK
}

// kill is kill -9.
func (s *fieldServer) kill(t *testing.T) {
	t.Helper()
	if err := s.process.Process.Kill(); err != nil {
		t.Fatalf("the server has ended by itself: %v: %s", err, s.said)
	}
	_ = s.process.Wait() // it was killed
}

// stop is Ctrl-C.
func (s *fieldServer) stop(t *testing.T) {
	t.Helper()
	if err := s.process.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := s.process.Wait(); err != nil {
		t.Errorf("the server ended with %v: %s", err, s.said)
	}
}

// keptBody is what the store keeps of what was sent, as a client can tell it.
type keptBody struct {
	kind             engine.ReturnKind
	replaces         uuid.UUID
	happened         int64
	team, result     string
	support, turnout int8
	issues           uint64
	script           string
	action           string
	count            int32
	consent          string
}

// differentBodies compares what the outbox says was kept with what is in the store, and gives the ids that are not as they were sent.
func (f *fieldPlace) differentBodies(t *testing.T, outbox string) []uuid.UUID {
	t.Helper()
	store, err := duckdb.OpenStore(t.Context(), filepath.Join(f.workspace, "field"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	kept := map[uuid.UUID][]keptBody{}
	err = store.Replay(t.Context(), engine.Selection{Campaign: "spring"}, func(entries []engine.Kept) error {
		for i := range entries {
			e := &entries[i]
			kept[e.ID] = append(kept[e.ID], keptBody{
				e.Kind, e.Replaces, e.Happened.Unix(), e.Team, e.Result, e.Support, e.Turnout, e.Issues, e.Script, e.Action, e.Count, e.Consent,
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.Open(outbox)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	var different []uuid.UUID
	sent := map[int64]json.RawMessage{}
	if _, err := readOutbox(content, func(line outboxLine) {
		if line.Of == 0 {
			sent[line.Number] = slices.Clone(line.Return)
			return
		}
		if line.Status != string(field.Kept) && line.Status != string(field.Quarantined) {
			return
		}
		r, fault := field.Decode(sent[line.Of])
		if fault != nil {
			t.Errorf("return %d was kept and cannot be read: %+v", line.Of, fault)
			return
		}
		if !slices.Contains(kept[r.ID], bodyOf(r)) {
			different = append(different, r.ID)
		}
	}); err != nil {
		t.Fatal(err)
	}
	return different
}

func bodyOf(r engine.Return) keptBody {
	b := keptBody{r.Kind, r.Replaces, r.Happened.Unix(), r.Team, r.Result, engine.NotSaid, engine.NotSaid, 0, r.Script, r.Action, int32(r.Count), cmp.Or(r.Consent, engine.ConsentNone)}
	if r.Support != nil {
		b.support = int8(*r.Support)
	}
	if r.Turnout != nil {
		b.turnout = int8(*r.Turnout)
	}
	for i, issue := range engine.Issues() {
		if slices.Contains(r.Issues, issue) {
			b.issues |= 1 << i
		}
	}
	return b
}

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// replicas are an owner and two replicas of it, with object storage in a folder.
type replicas struct {
	f     *fieldPlace
	depot string // its URL
	token string
	owner *runningProgram
	a, b  *runningProgram
	cache [2]string
}

// servedFor is how long what is replaced answers there, and then goes.
const servedFor = "6s"

func newReplicas(t *testing.T) *replicas {
	t.Helper()
	quickEnds(t)
	r := &replicas{f: newFieldPlace(t, "village")}
	r.depot = "file://" + filepath.Join(r.f.dir, "depot")
	secret, err := os.ReadFile(r.f.token)
	if err != nil {
		t.Fatal(err)
	}
	r.token = strings.TrimSpace(string(secret))
	r.f.arpent(t, "snapshots", "push", r.depot)
	r.cache = [2]string{filepath.Join(r.f.dir, "cache-a"), filepath.Join(r.f.dir, "cache-b")}
	r.startOwner(t)
	r.a, r.b = r.startReplica(t, 0), r.startReplica(t, 1)
	return r
}

func (r *replicas) startOwner(t *testing.T) {
	t.Helper()
	r.owner = startServing(t, r.f.workspace, "--addr", r.f.addr, "--snapshots", r.depot, "--trust-proxy", "127.0.0.1", "--trust-proxy", "::1", "--keep-replaced", servedFor)
	// The log takes returns at once, and knows what comes again when it has read what it has.
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if r.f.answers([]byte(r.token), http.MethodGet, "/v1/field/status", "") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the owner does not come up: %s", r.owner.said)
		}
	}
}

func (r *replicas) startReplica(t *testing.T, n int) *runningProgram {
	t.Helper()
	return startServing(t, r.cache[n], "--snapshots", r.depot, "--owner", r.f.url(), "--keep-replaced", servedFor, "--log-level", "debug")
}

// told is an answer as far as it must be the same everywhere.
type toldByServer struct {
	status      int
	etag, retry string
	body, code  string
}

// ask asks a server as somebody who knows all of them under one name.
func (r *replicas) ask(server *runningProgram, method, path, token, body string) (toldByServer, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, server.url+path, strings.NewReader(body))
	if err != nil {
		return toldByServer{}, err
	}
	request.Host = "maps.example.org"
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return toldByServer{}, err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	told := toldByServer{status: answer.StatusCode, etag: answer.Header.Get("ETag"), retry: answer.Header.Get("Retry-After"), body: string(content)}
	if strings.HasPrefix(answer.Header.Get("Content-Type"), "application/problem+json") {
		var problem api.Problem
		_ = json.Unmarshal(content, &problem) // else it has no code
		told.code = string(problem.Code)
	}
	return told, err
}

// get asks and wants an answer.
func (r *replicas) get(t *testing.T, server *runningProgram, path, token string) toldByServer {
	t.Helper()
	told, err := r.ask(server, http.MethodGet, path, token, "")
	if err != nil || told.status != http.StatusOK {
		t.Fatalf("GET %s: %v %d %.300s: %s", path, err, told.status, told.body, server.said)
	}
	return told
}

func (r *replicas) knock(server *runningProgram, id uuid.UUID, street int64) (toldByServer, error) {
	return r.ask(server, http.MethodPost, "/v1/field/returns", r.token, fmt.Sprintf(
		`{"returns":[{"id": %q, "kind": "attempt", "happened_at": %q, "team": "north", "location": {"segment_id": %d, "door": %q}, "result": "not_home"}]}`,
		id, time.Now().Format(time.RFC3339), street, "d"+id.String()[:6]))
}

// street gives a street of the place, and the path of a tile that it is in.
func (r *replicas) street(t *testing.T) (id int64, tile string) {
	t.Helper()
	rows := strings.Fields(r.get(t, r.a, "/v1/collections/segments/items?f=csv&properties=id&limit=40", "").body)
	id, err := strconv.ParseInt(rows[len(rows)/2], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	var feature struct {
		Geometry struct{ Coordinates json.RawMessage }
	}
	text := r.get(t, r.a, fmt.Sprintf("/v1/collections/segments/items/%d", id), "").body
	if err := json.Unmarshal([]byte(text), &feature); err != nil {
		t.Fatal(err)
	}
	numbers := strings.FieldsFunc(string(feature.Geometry.Coordinates), func(c rune) bool { return strings.ContainsRune("[], \n", c) })
	lon, errLon := strconv.ParseFloat(numbers[0], 64)
	lat, errLat := strconv.ParseFloat(numbers[1], 64)
	if err := errors.Join(errLon, errLat); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	at := geo.TileAt(lon, lat, 14)
	return id, fmt.Sprintf("%d/%d/%d", at.Z, at.X, at.Y)
}

// open are questions that are open to everybody.
func open(tile string, street int64) []string {
	return []string{"/", "/openapi.json", "/v1", "/v1/conformance", "/v1/contests", "/v1/collections", "/v1/collections/segments", "/v1/collections/segments/items?limit=20", "/v1/collections/precincts/items?f=csv",
		"/v1/tiles/segments.json", "/v1/tiles/segments/" + tile + ".mvt", "/v1/tiles/cells/" + tile + ".mvt", "/v1/tiles/segments/" + tile + ".arrow", "/v1/breaks/segments", "/v1/search?q=rue", "/v1/snapshots",
		fmt.Sprintf("/v1/scores/segment/%d", street), fmt.Sprintf("/v1/explain/segment/%d", street), "/v1/field/status", "/v1/jobs", "/v1/nothing", "/v1/tiles/nothing.json", "/metrics"}
}

// same wants the same answers of several servers.
func (r *replicas) same(t *testing.T, paths []string, servers ...*runningProgram) {
	t.Helper()
	for _, path := range paths {
		first, err := r.ask(servers[0], http.MethodGet, path, "", "")
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for i, server := range servers[1:] {
			if got, err := r.ask(server, http.MethodGet, path, "", ""); err != nil || got != first {
				t.Errorf("%s: server %d answers %v %d %q %.200q, the first %d %q %.200q", path, i+1, err, got.status, got.etag, got.body, first.status, first.etag, first.body)
			}
		}
	}
}

// An owner and two replicas are one server to whoever asks, and the loss of one costs what it alone had.
func TestReplicas(t *testing.T) {
	r := newReplicas(t)
	street, tile := r.street(t)

	// What is open is the same everywhere, tags and links too.
	paths := open(tile, street)
	r.same(t, paths, r.owner, r.a, r.b)
	pivot := `{"group": ["commune"], "contest": "2026_muni_t1"}`
	for _, path := range []string{"/v1/query/pivot", "/v1/query/count", "/v1/scores"} {
		first, err := r.ask(r.owner, http.MethodPost, path, "", pivot)
		if err != nil {
			t.Fatal(err)
		}
		for _, server := range []*runningProgram{r.a, r.b} {
			if got, err := r.ask(server, http.MethodPost, path, "", pivot); err != nil || got != first {
				t.Errorf("%s: %+v %v, the owner %+v", path, got, err, first)
			}
		}
	}
	if told := r.get(t, r.b, "/v1/tiles/segments.json", r.token); !strings.Contains(told.body, `"http://maps.example.org/v1/tiles/segments@`) {
		t.Errorf("links of the owner through a replica: %s", told.body)
	}

	// Somebody signs in through one replica and looks through the other; a return comes through the first.
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	page := &http.Client{Jar: jar}
	signedIn, err := page.Post(r.a.url+"/v1/session", "application/json", strings.NewReader(fmt.Sprintf(`{"token": %q}`, r.token)))
	if err != nil || signedIn.StatusCode != http.StatusOK {
		t.Fatalf("%v %v", signedIn, err)
	}
	signedIn.Body.Close()
	var list api.FieldMeasureList
	if err := json.Unmarshal([]byte(r.get(t, r.b, "/v1/field/measures", r.token).body), &list); err != nil {
		t.Fatal(err)
	}
	staffTile := "/v1/tiles/segments/" + tile + ".mvt?measure=" + list.Measures[0].ID
	before := r.get(t, r.b, staffTile, r.token)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.b.url+"/v1/field/touched", nil)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := page.Do(request)
	if err != nil || stream.StatusCode != http.StatusOK {
		t.Fatalf("%v %v", stream, err)
	}
	defer stream.Body.Close()
	lines := bufio.NewScanner(stream.Body)
	lines.Scan() // the stream has begun
	first := uuid.New()
	if told, err := r.knock(r.a, first, street); err != nil || !strings.Contains(told.body, `"kept":1`) {
		t.Fatalf("%v %+v", err, told)
	}
	var touched api.Touched
	for lines.Scan() {
		if data, is := strings.CutPrefix(lines.Text(), "data: "); is {
			if err := json.Unmarshal([]byte(data), &touched); err != nil || !slices.Equal(touched.Segments, []int64{street}) {
				t.Errorf("%v: %s, want street %d", err, data, street)
			}
			break
		}
	}
	if len(touched.Segments) == 0 {
		t.Errorf("no event came: %v", lines.Err())
	}
	cancel()
	after := r.get(t, r.b, staffTile, r.token)
	if after.etag == before.etag || after != r.get(t, r.owner, staffTile, r.token) {
		t.Errorf("the staff's tile was %s and is %s", before.etag, after.etag)
	}
	const rollup = "/v1/rollup?by=team"
	if told := r.get(t, r.b, rollup, r.token); told.body != r.get(t, r.owner, rollup, r.token).body || !strings.Contains(told.body, "north") {
		t.Errorf("counted are %s", told.body)
	}

	// A token that does not count is refused as the owner refuses it.
	if told, err := r.ask(r.a, http.MethodGet, "/v1/contests", r.token+"x", ""); err != nil || told.status != http.StatusUnauthorized {
		t.Errorf("%+v %v", told, err)
	}

	// One replica is killed: the other goes on with the same.
	if err := r.a.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	r.same(t, paths, r.owner, r.b)
	second := uuid.New()
	if told, err := r.knock(r.b, second, street); err != nil || !strings.Contains(told.body, `"kept":1`) {
		t.Fatalf("%v %+v", err, told)
	}

	// The owner is killed: what is open goes on, the rest is refused soon, and all is there when it is back.
	if err := r.owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	anonymous := slices.DeleteFunc(slices.Clone(paths), func(path string) bool { return strings.HasPrefix(path, "/v1/field") || path == "/v1/jobs" })
	r.a = r.startReplica(t, 0) // it needs no owner
	r.same(t, anonymous, r.b, r.a)
	lost := uuid.New()
	for _, ask := range []func() (toldByServer, error){
		func() (toldByServer, error) { return r.ask(r.b, http.MethodGet, "/v1/contests", r.token, "") },
		func() (toldByServer, error) { return r.knock(r.a, lost, street) },
	} {
		start := time.Now()
		told, err := ask()
		if err != nil || told.status != http.StatusServiceUnavailable || told.code != string(api.CodeOwnerUnreachable) || told.retry == "" || time.Since(start) > 5*time.Second {
			t.Errorf("without an owner, after %v: %+v %v", time.Since(start), told, err)
		}
	}
	r.becomes(t, r.b, "/readyz", `"owner":"unreachable"`)
	r.startOwner(t)
	r.becomes(t, r.b, "/readyz", `"owner":"reachable"`)
	if told, err := r.knock(r.a, lost, street); err != nil || !strings.Contains(told.body, `"kept":1`) {
		t.Errorf("sent again: %+v %v", told, err)
	}
	if told := r.get(t, r.b, rollup, r.token); !strings.Contains(told.body, `"attempts":3`) {
		t.Errorf("of three returns %s are counted", told.body)
	}
	for _, id := range []uuid.UUID{first, second, lost} {
		if held := r.f.arpent(t, "held", "--record", id.String()); !strings.Contains(held, id.String()) {
			t.Errorf("%s was acknowledged and is not held", id)
		}
	}

	if said := runArpent(t, "ready", "--workspace", r.cache[1]); !strings.HasPrefix(said, "ready, with snapshot ") {
		t.Errorf("arpent ready of a replica says %s", said)
	}

	// A replica keeps nothing of the field, and its log no token.
	for i, server := range []*runningProgram{r.a, r.b} {
		for _, folder := range []string{"state", "field"} {
			if _, err := os.Stat(filepath.Join(r.cache[i], folder)); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("a replica has the folder %s: %v", folder, err)
			}
		}
		if said := server.said.String(); strings.Contains(said, "arp_") || !strings.Contains(said, "route=(owner)") {
			t.Errorf("the log of a replica: %s", said)
		}
	}
	cached := bytes.Buffer{}
	_ = filepath.WalkDir(r.f.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && (strings.HasPrefix(path, r.cache[0]) || strings.HasPrefix(path, r.cache[1])) {
			content, _ := os.ReadFile(path) // those that are there
			cached.Write(content)
		}
		return nil
	})
	if bytes.Contains(cached.Bytes(), []byte(r.token)) {
		t.Error("a token is in the cache of a replica")
	}
}

// becomes waits until an answer contains a text.
func (r *replicas) becomes(t *testing.T, server *runningProgram, path, text string) {
	t.Helper()
	last := toldByServer{}
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		var err error
		if last, err = r.ask(server, http.MethodGet, path, "", ""); err == nil && strings.Contains(last.body, text) {
			return
		}
	}
	t.Fatalf("%s is %+v, not %s: %s", path, last, text, server.said)
}

// While a snapshot is pushed, whoever asks one replica and then another always has an answer, or is told to come again; what was replaced goes
// from the caches, and what was built stays where it was built.
func TestReplicasGoOverTogether(t *testing.T) {
	r := newReplicas(t)
	_, tile := r.street(t)
	w := engine.Workspace{Dir: r.f.workspace}
	first, err := w.Current()
	if err != nil {
		t.Fatal(err)
	}
	placeFile := filepath.Join(r.f.city, placeFile)
	content, err := os.ReadFile(placeFile)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(content, []byte("name: "))
	if at < 0 {
		t.Fatalf("no name in %s", content)
	}
	if err := os.WriteFile(placeFile, slices.Concat(content[:at+len("name: ")], []byte("New "), content[at+len("name: "):]), 0o644); err != nil {
		t.Fatal(err)
	}
	r.f.arpent(t, "build", placeFile)
	second, err := w.Current()
	if err != nil || second == first {
		t.Fatalf("%s after %s, %v", second, first, err)
	}

	stop := make(chan struct{})
	var asking sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	for range 2 {
		asking.Go(func() {
			servers := []*runningProgram{r.a, r.b, r.owner}
			check := func(server *runningProgram, path string) (toldByServer, bool) {
				told, err := r.ask(server, http.MethodGet, path, "", "")
				mu.Lock()
				defer mu.Unlock()
				statuses[told.status]++
				fine := err == nil && (told.status == http.StatusOK || told.status == http.StatusNoContent)
				if !fine && (err != nil || told.status != http.StatusServiceUnavailable || told.retry == "") {
					t.Errorf("%s: %v %d %s", path, err, told.status, told.body)
				}
				return told, fine
			}
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				case <-time.After(15 * time.Millisecond):
				}
				told, fine := check(servers[i%3], "/v1/tiles/segments.json")
				if !fine {
					continue
				}
				_, id, _ := strings.Cut(told.body, "segments@")
				id, _, _ = strings.Cut(id, "/")
				check(servers[(i+1)%3], "/v1/tiles/segments@"+id+"/"+tile+".mvt")
				check(servers[(i+2)%3], "/v1/tiles/segments@"+id+".json")
				check(servers[(i+1)%2], "/v1/contests?snapshot="+id)
			}
		})
	}
	r.f.arpent(t, "snapshots", "push", r.depot, "--wait", "4s")
	for _, server := range []*runningProgram{r.a, r.b, r.owner} {
		r.becomes(t, server, "/readyz", second)
	}
	time.Sleep(time.Second)
	close(stop)
	asking.Wait()
	if statuses[http.StatusOK] < 100 {
		t.Errorf("the test did not test: %v", statuses)
	}
	t.Logf("answered: %v", statuses)
	for _, server := range []*runningProgram{r.a, r.b} {
		if said := server.said.String(); !strings.Contains(said, "ready for what is next") {
			t.Errorf("a replica was not ready: %s", said)
		}
	}
	for _, cache := range r.cache {
		for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
			entries, err := os.ReadDir(filepath.Join(cache, "snapshots"))
			if err != nil {
				t.Fatal(err)
			}
			names := []string{}
			for _, e := range entries {
				if !strings.HasPrefix(e.Name(), ".") {
					names = append(names, e.Name())
				}
			}
			if slices.Equal(names, []string{second}) {
				break
			}
			if time.Now().After(deadline) {
				t.Errorf("in %s are %v", cache, names)
				break
			}
		}
	}
	if list, err := w.List(); err != nil || len(list) != 2 {
		t.Errorf("the owner has %d snapshots: %v", len(list), err)
	}
	// Back again, which no build is needed for.
	r.f.arpent(t, "snapshots", "push", r.depot, first, "--wait", "3s")
	for _, server := range []*runningProgram{r.a, r.b, r.owner} {
		r.becomes(t, server, "/readyz", first)
	}
	r.same(t, []string{"/v1/contests", "/v1/tiles/segments/" + tile + ".mvt"}, r.owner, r.a, r.b)
}

// What cannot be fetched is logged, the snapshot served so far stays, and it is made good by itself. A start without object storage serves what was
// served last.
func TestServeFromObjectStorage(t *testing.T) {
	quickEnds(t)
	workspace, first, second := villageTwice(t)
	folder := filepath.Join(t.TempDir(), "depot")
	url, cache := "file://"+folder, filepath.Join(t.TempDir(), "cache")
	runArpent(t, "snapshots", "push", url, first, "--workspace", workspace)
	server := startServing(t, cache, "--snapshots", url, "--keep-replaced", "0")
	runArpent(t, "snapshots", "push", url, second, "--no-switch", "--workspace", workspace)
	votes := filepath.Join(folder, "snapshots", second, "votes.parquet")
	good, err := os.ReadFile(votes)
	if err != nil {
		t.Fatal(err)
	}
	is := func(id string) {
		t.Helper()
		for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
			if _, body, err := answer(http.DefaultClient, server.url+"/readyz"); err == nil && strings.Contains(body, id) {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s is not served: %s", id, server.said)
			}
		}
	}
	says := func(text string) {
		t.Helper()
		for deadline := time.Now().Add(30 * time.Second); !strings.Contains(server.said.String(), text); time.Sleep(50 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("it does not say %s: %s", text, server.said)
			}
		}
	}
	is(first)
	says("ready for what is next")
	if err := server.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	// A cold start, with the next one damaged: in the cache and there.
	if err := errors.Join(os.RemoveAll(filepath.Join(cache, "snapshots", second)), os.WriteFile(votes, good[:len(good)/2], 0o644)); err != nil {
		t.Fatal(err)
	}
	server = startServing(t, cache, "--snapshots", url, "--keep-replaced", "0")
	says("snapshots/" + second + "/votes.parquet")
	if err := os.WriteFile(filepath.Join(folder, "current"), []byte(second+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * time.Second)
	is(first)
	if status, body, err := answer(http.DefaultClient, server.url+"/v1/contests?snapshot="+second); status != http.StatusServiceUnavailable || err != nil {
		t.Errorf("what is to come: %d %s %v", status, body, err)
	}
	if err := os.WriteFile(votes, good, 0o644); err != nil {
		t.Fatal(err)
	}
	is(second)
	if err := server.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(folder, "current")); err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	metricsAddr := free.Addr().String()
	free.Close()
	server = startServing(t, cache, "--snapshots", url, "--metrics-addr", metricsAddr)
	is(second)
	says("the snapshot that was served last is served again")
	metrics := func(want ...string) {
		t.Helper()
		text := ""
		for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
			_, text, _ = answer(http.DefaultClient, "http://"+metricsAddr+"/metrics") // asked again where it fails
			if !slices.ContainsFunc(want, func(line string) bool { return !strings.Contains(text, line+"\n") }) {
				return
			}
		}
		t.Errorf("no %v in %s", want, text)
	}
	metrics("arpent_depot_reachable 0", "arpent_depot_behind 0", `arpent_snapshot_info{id="`+second+`"} 1`)
	runArpent(t, "snapshots", "push", url, first, "--wait", "0s", "--workspace", workspace)
	metrics("arpent_depot_reachable 1", "arpent_depot_behind 0", `arpent_depot_snapshot_info{id="`+first+`",is="current"} 1`, `arpent_snapshot_info{id="`+first+`"} 1`)
}

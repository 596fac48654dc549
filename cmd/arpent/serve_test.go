package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine"
)

// runningProgram is `arpent serve` as a process.
type runningProgram struct {
	*exec.Cmd
	url  string
	said *safeText // what it wrote to standard error
	out  chan string
}

// safeText is written by a process and read by a test.
type safeText struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *safeText) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *safeText) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// startServing serves a workspace on a free port, with more flags, and waits until it says where it is.
func startServing(t *testing.T, workspace string, flags ...string) *runningProgram {
	t.Helper()
	s := &runningProgram{said: &safeText{}, out: make(chan string, 1)}
	s.Cmd = exec.Command("arpent", append([]string{"serve", "--addr", "127.0.0.1:0", "--workspace", workspace}, flags...)...)
	s.Stderr = s.said
	out, err := s.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Process.Kill() }) // one that has ended is not there
	lines := bufio.NewReader(out)
	first, err := lines.ReadString('\n')
	_, where, found := strings.Cut(strings.TrimSuffix(first, " (Ctrl-C stops)\n"), " is on ")
	if err != nil || !found {
		t.Fatalf("the server says %q, %v: %s", first, err, s.said)
	}
	s.url = where
	go func() {
		rest, _ := io.ReadAll(lines) // what came until the pipe closed
		s.out <- string(rest)
	}()
	return s
}

// ended waits for the end of the server, and wants that it was a clean one.
func (s *runningProgram) ended(t *testing.T) {
	t.Helper()
	rest := <-s.out
	if err := s.Wait(); err != nil || rest != "stopped\n" {
		t.Errorf("the server ended with %v, and said %q: %s", err, rest, s.said)
	}
}

// answer is the status and body of a GET.
func answer(client *http.Client, url string) (status int, body string, err error) {
	response, err := client.Get(url)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	return response.StatusCode, string(content), err
}

// quickEnds has the race detector not wait a second for stray goroutines at the end of each program.
func quickEnds(t *testing.T) { t.Setenv("GORACE", "atexit_sleep_ms=50") }

// villageTwice builds the village and a second snapshot of it, and gives their ids. The first is current.
func villageTwice(t *testing.T) (workspace, first, second string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "village"))); err != nil {
		t.Fatal(err)
	}
	workspace = filepath.Join(dir, "workspace")
	w := engine.Workspace{Dir: workspace}
	build := func() string {
		runArpent(t, "build", filepath.Join(dir, "village.yaml"), "--workspace", workspace)
		id, err := w.Current()
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	first = build()
	results := filepath.Join(dir, "results.csv")
	content, err := os.ReadFile(results)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(results, bytes.Replace(content, []byte("alpha_anne,80.0"), []byte("alpha_anne,79.0"), 1), 0o644); err != nil {
		t.Fatal(err)
	}
	if second = build(); second == first {
		t.Fatal("the second snapshot is the first")
	}
	if err := w.Switch(first); err != nil {
		t.Fatal(err)
	}
	return workspace, first, second
}

func runArpent(t *testing.T, args ...string) string {
	t.Helper()
	var said bytes.Buffer
	command := exec.CommandContext(t.Context(), "arpent", args...)
	command.Stderr = &said
	out, err := command.Output()
	if err != nil {
		t.Fatalf("arpent %s: %v: %s", strings.Join(args, " "), err, said.String())
	}
	return string(out)
}

// While snapshots are switched there and back no request fails, and what names a snapshot answers with the same bytes.
func TestNoRequestFailsWhileSnapshotsAreSwitched(t *testing.T) {
	quickEnds(t)
	workspace, first, second := villageTwice(t)
	server := startServing(t, workspace)
	described := func(id string) string { return server.url + "/v1/tiles/segments@" + id + ".json" }
	seen := map[string]bool{}
	wants := map[string]string{} // of what never changes
	var mu sync.Mutex
	stop := make(chan struct{})
	var asking sync.WaitGroup
	requests := 0
	check := func(url string, pinned bool) {
		status, body, err := answer(http.DefaultClient, url)
		mu.Lock()
		defer mu.Unlock()
		requests++
		if err != nil || status != http.StatusOK {
			t.Errorf("%s: %d %v: %s", url, status, err, body)
		}
		if want, known := wants[url]; pinned && known && body != want {
			t.Errorf("%s was %s and is %s", url, want, body)
		}
		wants[url] = body
		for _, id := range []string{first, second} {
			if strings.HasSuffix(url, "/readyz") && strings.Contains(body, id) {
				seen[id] = true
			}
		}
	}
	for range 4 {
		asking.Go(func() {
			// As a map does: it asks for the description, and then for what that names, whatever is current then.
			pinned := map[string]bool{}
			for {
				select {
				case <-stop:
					return
				case <-time.After(10 * time.Millisecond):
				}
				check(server.url+"/readyz", false)
				_, body, err := answer(http.DefaultClient, server.url+"/v1/tiles/segments.json")
				var tileJSON api.TileJSON
				if err != nil || json.Unmarshal([]byte(body), &tileJSON) != nil || len(tileJSON.Tiles) != 1 {
					t.Errorf("TileJSON: %v: %s", err, body)
					return
				}
				tile, _, _ := strings.Cut(tileJSON.Tiles[0], "/{z}")
				pinned[tile+".json"] = true
				for url := range pinned {
					check(url, true)
				}
			}
		})
	}
	w := engine.Workspace{Dir: workspace}
	for _, id := range []string{second, first, second} {
		if err := w.Switch(id); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			if _, body, err := answer(http.DefaultClient, server.url+"/readyz"); err == nil && strings.Contains(body, id) {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s is not served: %s", id, server.said)
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	close(stop)
	asking.Wait()
	if !seen[first] || !seen[second] || wants[described(first)] == "" || wants[described(second)] == "" || requests < 100 {
		t.Errorf("%d requests saw %v: the test did not test", requests, seen)
	}
	t.Logf("%d requests, 3 switches", requests)
	if status, body, _ := answer(http.DefaultClient, described("feedfeed")); status != http.StatusGone || !strings.Contains(body, second) {
		t.Errorf("a snapshot that never was: %d %s", status, body)
	}
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	server.ended(t)
}

// From the signal on /readyz sends callers elsewhere while all is answered; then nothing new is taken, streams end, and what is under way is
// answered to its end.
func TestStopLetsAnswersEnd(t *testing.T) {
	quickEnds(t)
	f := newFieldPlace(t, "village")
	secret, err := os.ReadFile(f.token)
	if err != nil {
		t.Fatal(err)
	}
	authorization := "Bearer " + strings.TrimSpace(string(secret))
	server := startServing(t, f.workspace, "--drain", "1s")

	stream, err := http.NewRequestWithContext(t.Context(), "GET", server.url+"/v1/field/changes", nil)
	if err != nil {
		t.Fatal(err)
	}
	stream.Header.Set("Authorization", authorization)
	stream.Header.Set("Accept", "text/event-stream")
	events, err := http.DefaultClient.Do(stream)
	if err != nil {
		t.Fatal(err)
	}
	defer events.Body.Close()
	if _, err := events.Body.Read(make([]byte, 3)); err != nil {
		t.Fatal(err)
	}

	// A phone has sent half of a batch.
	batch := fmt.Sprintf(`{"returns":[{"id":"%s","kind":"attempt","happened_at":"%s","location":{"segment_id":1},"result":"not_home"}]}`, uuid.New(), time.Now().Format(time.RFC3339))
	phone, err := net.Dial("tcp", strings.Replace(strings.TrimPrefix(server.url, "http://"), "localhost", "127.0.0.1", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer phone.Close()
	fmt.Fprintf(phone, "POST /v1/field/returns HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		authorization, len(batch), batch[:20])
	time.Sleep(100 * time.Millisecond) // it is there

	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	alone := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for deadline := time.Now().Add(800 * time.Millisecond); ; time.Sleep(10 * time.Millisecond) {
		status, _, err := answer(alone, server.url+"/readyz")
		if err == nil && status == http.StatusServiceUnavailable {
			break
		}
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("/readyz: %d %v: %s", status, err, server.said)
		}
	}
	if status, body, err := answer(alone, server.url+"/v1/contests"); status != http.StatusOK {
		t.Errorf("while it drains: %d %v %s", status, err, body)
	}
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if _, _, err := answer(alone, server.url+"/healthz"); err != nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("it still takes requests")
		}
	}
	if _, err := io.Copy(io.Discard, events.Body); err != nil {
		t.Errorf("the event stream was cut: %v", err)
	}
	fmt.Fprint(phone, batch[20:])
	kept, err := http.ReadResponse(bufio.NewReader(phone), nil)
	if err != nil {
		t.Fatalf("the batch under way: %v: %s", err, server.said)
	}
	defer kept.Body.Close()
	if body, err := io.ReadAll(kept.Body); err != nil || kept.StatusCode != http.StatusOK || !strings.Contains(string(body), `"outcomes":[`) {
		t.Errorf("the batch under way: %d %v %s", kept.StatusCode, err, body)
	}
	server.ended(t)
}

// With TLS, a listener for metrics and logs as JSON, all said by the environment, the commands of this machine still find the server.
func TestServeAsAService(t *testing.T) {
	quickEnds(t)
	workspace, first, _ := villageTwice(t)
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	trusted := writeCertificate(t, certFile, keyFile, 1)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	metricsAddr := free.Addr().String()
	free.Close()
	for name, value := range map[string]string{
		"TLS_CERT": certFile, "TLS_KEY": keyFile, "METRICS_ADDR": metricsAddr, "LOG_FORMAT": "json", "LOG_REQUESTS": "true", "CORS_ORIGIN": "https://maps.example.org",
	} {
		t.Setenv(servePrefix+name, value)
	}
	server := startServing(t, workspace)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted, ServerName: "localhost"}, ForceAttemptHTTP2: true}}
	request, err := http.NewRequestWithContext(t.Context(), "GET", server.url+"/v1/snapshots", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Request-Id", "of-the-proxy")
	request.Header.Set("Origin", "https://elsewhere.example")
	response, err := client.Do(request)
	if err != nil {
		t.Fatalf("%v: %s", err, server.said)
	}
	response.Body.Close()
	if h := response.Header; !strings.HasPrefix(server.url, "https://") || response.ProtoMajor != 2 || response.StatusCode != http.StatusOK ||
		h.Get("Strict-Transport-Security") == "" || h.Get("X-Request-Id") != "of-the-proxy" || h.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%s: %s %s %v", server.url, response.Proto, response.Status, h)
	}

	if said := runArpent(t, "campaign", "add", "north", "--choice", "alpha_anne", "--election", "2027-04-11", "--workspace", workspace); !strings.Contains(said, "north") {
		t.Errorf("a command while the server has TLS: %s", said)
	}
	token := strings.TrimSpace(runArpent(t, "token", "new", "--scope", "admin", "--workspace", workspace))

	if status, _, err := answer(client, server.url+"/metrics"); status != http.StatusUnauthorized {
		t.Errorf("metrics for everybody: %d %v", status, err)
	}
	status, metrics, err := answer(http.DefaultClient, "http://"+metricsAddr+"/metrics")
	if status != http.StatusOK {
		t.Fatalf("%d %v", status, err)
	}
	for _, want := range []string{`arpent_snapshot_info{id="` + first + `"} 1`, `arpent_http_requests_total{code="200",method="GET",route="/v1/snapshots"} 1`, "go_goroutines ", "process_open_fds "} {
		if !strings.Contains(metrics, want) {
			t.Errorf("no %s in %s", want, metrics)
		}
	}
	if status, _, _ := answer(http.DefaultClient, "http://"+metricsAddr+"/v1/snapshots"); status != http.StatusNotFound {
		t.Errorf("the listener for metrics answers /v1/snapshots: %d", status)
	}

	if err := server.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	server.ended(t)
	for line := range strings.Lines(server.said.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
	}
	if said := server.said.String(); !strings.Contains(said, `"id":"of-the-proxy"`) || strings.Contains(said, token) || strings.Contains(said, "127.0.0.1") || strings.Contains(metrics, "arp_") {
		t.Errorf("the log: %s", said)
	}
}

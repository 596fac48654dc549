package benchmarks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
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
)

// fieldPlace is a seeded city in a workspace of its own, with a campaign, and a server that this process starts and ends.
type fieldPlace struct {
	arpent               string
	dir, city, workspace string
	addr, tokenFile      string
	token, reader        string // of the field, and of what is published
	client               *http.Client
}

const fieldCampaign = "spring"

func newFieldPlace(b *testing.B, size string) *fieldPlace {
	b.Helper()
	dir := b.TempDir()
	f := &fieldPlace{
		arpent: arpentBinary(b), dir: dir, city: filepath.Join(dir, "city"), workspace: filepath.Join(dir, "workspace"), tokenFile: filepath.Join(dir, "token.txt"),
		client: &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 100}},
	}
	f.run(b, "city", f.city, "--size", size, "--seed", "7")
	f.run(b, "build", filepath.Join(f.city, "place.yaml"))
	f.run(b, "campaign", "add", fieldCampaign, "--contest", "2026_muni_t1", "--choice", "liste_des_jardins", "--election", time.Now().AddDate(0, 1, 0).Format(time.DateOnly))
	f.token = strings.TrimSpace(f.run(b, "token", "new", "--campaign", fieldCampaign, "--scope", "field:write", "--scope", "field:read"))
	f.reader = strings.TrimSpace(f.run(b, "token", "new", "--campaign", fieldCampaign, "--scope", "read:aggregate"))
	if err := os.WriteFile(f.tokenFile, []byte(f.token), 0o600); err != nil {
		b.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	f.addr = free.Addr().String()
	free.Close()
	return f
}

// run has the program do something in the workspace and gives what it prints.
func (f *fieldPlace) run(b *testing.B, args ...string) string {
	b.Helper()
	var said bytes.Buffer
	command := exec.Command(f.arpent, append(args, "--workspace", f.workspace)...)
	command.Stderr = &said
	out, err := command.Output()
	if err != nil {
		b.Fatalf("arpent %s: %v: %s", strings.Join(args, " "), err, said.String())
	}
	return string(out)
}

// serve starts the server and waits until it takes returns.
func (f *fieldPlace) serve(b *testing.B) *exec.Cmd {
	b.Helper()
	server, _ := f.serveUntil(b, func() bool {
		posted, err := f.ask(http.MethodPost, "/v1/field/returns", strings.NewReader(`{"returns":[]}`), nil)
		return err == nil && posted.status == http.StatusOK
	})
	return server
}

// serveUntil starts the server and waits until it is ready.
func (f *fieldPlace) serveUntil(b *testing.B, ready func() bool) (server *exec.Cmd, took time.Duration) {
	b.Helper()
	said := &bytes.Buffer{}
	server = exec.Command(f.arpent, "serve", "--addr", f.addr, "--workspace", f.workspace)
	server.Stdout, server.Stderr = said, said
	began := time.Now()
	if err := server.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = server.Process.Kill() }) // one that has ended is not there
	for time.Since(began) < time.Minute {
		if ready() {
			return server, time.Since(began)
		}
		time.Sleep(5 * time.Millisecond)
	}
	_ = server.Process.Kill() // it hangs
	_ = server.Wait()
	b.Fatalf("the server does not come up: %s", said)
	return nil, 0
}

// stop is Ctrl-C.
func stop(b *testing.B, server *exec.Cmd) {
	b.Helper()
	if err := server.Process.Signal(os.Interrupt); err != nil {
		b.Fatal(err)
	}
	if err := server.Wait(); err != nil {
		b.Fatalf("the server: %v", err)
	}
}

// answered is what came of a request.
type answered struct {
	status int
	etag   string
	body   []byte
	took   time.Duration
}

// ask sends a request with the token of the field.
func (f *fieldPlace) ask(method, path string, body io.Reader, header map[string]string) (answered, error) {
	return f.askAs(f.token, method, path, body, header)
}

// askAs sends a request with a token. A header that is "" is not sent.
func (f *fieldPlace) askAs(token, method, path string, body io.Reader, header map[string]string) (answered, error) {
	request, err := http.NewRequest(method, "http://"+f.addr+path, body)
	if err != nil {
		return answered{}, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, value := range header {
		request.Header.Set(name, value)
		if value == "" {
			request.Header.Del(name)
		}
	}
	began := time.Now()
	response, err := f.client.Do(request)
	if err != nil {
		return answered{}, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	return answered{response.StatusCode, response.Header.Get("ETag"), content, time.Since(began)}, err
}

// phones is a folder that is not on the server's disk, where there is one: phones wait for their own.
func phones(b *testing.B) string {
	b.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "arpent-phones-")
	if err != nil {
		return b.TempDir()
	}
	b.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			b.Error(err)
		}
	})
	return dir
}

// simulation starts the reference client; it ends by itself and prints its result as JSON.
func (f *fieldPlace) simulation(b *testing.B, canvassers int, rate float64, lasting time.Duration, more ...string) (wait func() simulated) {
	b.Helper()
	args := append([]string{
		"simulate", "field", f.city, "--url", "http://" + f.addr, "--token-file", f.tokenFile, "--outbox", filepath.Join(phones(b), "outbox.jsonl"), "--json",
		"--canvassers", strconv.Itoa(canvassers), "--rate", fmt.Sprint(rate), "--for", lasting.String(),
	}, more...)
	var out bytes.Buffer
	clients := exec.Command(f.arpent, args...)
	clients.Stdout, clients.Stderr = &out, os.Stderr
	if err := clients.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = clients.Process.Kill() }) // it has ended
	return func() simulated {
		b.Helper()
		var s simulated
		if err := clients.Wait(); err != nil {
			b.Fatalf("simulate field: %v: %s", err, out.String())
		}
		if err := json.Unmarshal(out.Bytes(), &s); err != nil {
			b.Fatalf("%v: %s", err, out.String())
		}
		s.cpu = clients.ProcessState.UserTime() + clients.ProcessState.SystemTime()
		return s
	}
}

// simulated is what the reference client reports, of what is looked at here.
type simulated struct {
	Acknowledged int64   `json:"acknowledged"`
	Unsent       int64   `json:"unsent"`
	Rate         float64 `json:"per_second"`
	P50          float64 `json:"ack_p50_ms"`
	P99          float64 `json:"ack_p99_ms"`
	Worst        float64 `json:"ack_max_ms"`
	Verified     struct{ Lost, Twice, Uncounted int }
	cpu          time.Duration
}

// quantile is that of times, in milliseconds.
func quantile(times []time.Duration, q float64) float64 {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return float64(times[int(q*float64(len(times)-1))]) / float64(time.Millisecond)
}

// fromEnvironment is a number that makes a measurement shorter or harder.
func fromEnvironment(b *testing.B, name string, otherwise int) int {
	b.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		b.Fatalf("%s=%s is not a number above 0", name, text)
	}
	return n
}

// firstAddress is one of the city's, with where it is.
func (f *fieldPlace) firstAddress(b *testing.B) (id string, lon, lat float64) {
	b.Helper()
	var rows []struct {
		ID       string `json:"address_id"`
		Lon, Lat float64
	}
	out := f.run(b, "sql", "--format", "json", "SELECT address_id, lon, lat FROM addresses WHERE households > 3 ORDER BY address_id LIMIT 1")
	if err := json.Unmarshal([]byte(out), &rows); err != nil || len(rows) != 1 {
		b.Fatalf("%v: %s", err, out)
	}
	return rows[0].ID, rows[0].Lon, rows[0].Lat
}

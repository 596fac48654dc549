package main

import (
	"bytes"
	"encoding/csv"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arpent/arpent/engine"
)

// Programs that others wrote read what the demo serves, each in its own way, and find in it what the CSV has.
func TestClients(t *testing.T) {
	d := serveDemo(t)
	t.Run("GDAL reads collections", d.gdalReadsCollections)
	t.Run("GDAL reads tiles", d.gdalReadsTiles)
	t.Run("DuckDB reads GeoParquet", d.duckdbReadsGeoParquet)
	t.Run("DuckDB filters alike", d.duckdbFiltersAlike)
	t.Run("apache-arrow reads rows and tiles", func(t *testing.T) { d.node(t, "test/arrow.mjs") })
	t.Run("MapLibre draws a TileJSON", d.mapLibreDraws)
	t.Run("pmtiles reads a result by ranges", d.pmtilesReadsAResult)
	t.Run("a site of files alone", d.siteOfFilesAlone)
	t.Run("the page of the API", d.pageOfTheAPI)
	t.Run("the commands of docs/api.md", d.commandsOfTheDocs)
	t.Run("refusals are those of the description", d.refusalsAreDescribed)
	t.Run("examples of the description", d.examplesAreAnswered) // the last: some of them erase
}

// demoServer is `arpent demo`.
type demoServer struct {
	workspace string
	url       string
}

var demoIsOn = regexp.MustCompile(`is on http://localhost:(\d+)`)

func serveDemo(t *testing.T) *demoServer {
	t.Helper()
	d := &demoServer{workspace: filepath.Join(t.TempDir(), "workspace")}
	said := &safeBuffer{}
	process := exec.Command("arpent", "demo", "--workspace", d.workspace, "--addr", "127.0.0.1:0")
	process.Stdout, process.Stderr = said, said
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := process.Process.Signal(os.Interrupt); err != nil {
			t.Errorf("the demo has ended by itself: %v: %s", err, said)
		}
		if err := process.Wait(); err != nil {
			t.Errorf("the demo ended with %v: %s", err, said)
		}
	})
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if found := demoIsOn.FindStringSubmatch(said.String()); found != nil {
			d.url = "http://127.0.0.1:" + found[1]
			return d
		}
	}
	t.Fatalf("the demo does not come up: %s", said)
	return nil
}

// safeBuffer is read while a program writes to it.
type safeBuffer struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.String()
}

// get asks for a public address of the server, which must be answered with 200.
func (d *demoServer) get(t *testing.T, target string) []byte {
	t.Helper()
	response, err := http.Get(d.url + target)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s: %s", target, response.Status, body)
	}
	return body
}

// csv gives the rows of a collection by their id, as the CSV has them; query goes behind f=csv.
func (d *demoServer) csv(t *testing.T, collection, query string) map[string]map[string]string {
	t.Helper()
	records, err := csv.NewReader(bytes.NewReader(d.get(t, "/v1/collections/"+collection+"/items?f=csv"+query))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]map[string]string{}
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, name := range records[0] {
			row[name] = record[i]
		}
		rows[row["id"]] = row
	}
	if len(rows) != len(records)-1 {
		t.Fatalf("%s: %d rows have %d ids", collection, len(records)-1, len(rows))
	}
	return rows
}

// command looks for a program, which a Debian package has: where it is missing the test is skipped, or fails where everything must be tested.
func command(t *testing.T, name, debian string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		missing(t, name+" is missing: apt-get install "+debian)
	}
	return path
}

func missing(t *testing.T, how string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(how)
	}
	t.Skip(how)
}

// quietly runs a program that must neither fail nor say anything on its standard error, and gives what it prints.
func quietly(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	var said bytes.Buffer
	process := exec.CommandContext(t.Context(), name, args...)
	process.Stderr = &said
	out, err := process.Output()
	if err != nil || said.Len() > 0 {
		t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, said.String())
	}
	return out
}

// node runs a script of api/web against the server.
func (d *demoServer) node(t *testing.T, script string) []byte {
	t.Helper()
	return runNode(t, script, d.url)
}

// runNode runs a script of the page's tests, which must find nothing wrong.
func runNode(t *testing.T, script string, arguments ...string) []byte {
	t.Helper()
	page := filepath.Join("..", "..", "api", "web")
	if _, err := os.Stat(filepath.Join(page, "node_modules", "pmtiles")); err != nil {
		missing(t, "the libraries of the page's tests are not installed: run `npm ci` in api/web, or `make test`")
	}
	process := exec.CommandContext(t.Context(), "node", append([]string{script}, arguments...)...)
	process.Dir = page
	out, err := process.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return out
}

// browser says where Chromium is.
func browser(t *testing.T) {
	t.Helper()
	if path := os.Getenv("CHROMIUM"); path == "" {
		t.Setenv("CHROMIUM", command(t, "chromium", "chromium"))
	}
}

func (d *demoServer) mapLibreDraws(t *testing.T) {
	browser(t)
	d.node(t, "test/maplibre.mjs")
}

func (d *demoServer) pageOfTheAPI(t *testing.T) {
	browser(t)
	d.node(t, "test/docs.mjs")
}

// serverKey is the secret of whoever holds the workspace.
func (d *demoServer) serverKey(t *testing.T) string {
	t.Helper()
	server, there, err := announced(engine.Workspace{Dir: d.workspace})
	if err != nil || !there {
		t.Fatalf("the server is not announced: %v", err)
	}
	return server.Key
}

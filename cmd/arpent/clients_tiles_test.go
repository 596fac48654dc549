package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arpent/arpent/api"
)

// arpent runs a command about the workspace of the demo.
func (d *demoServer) arpent(t *testing.T, arguments ...string) string {
	t.Helper()
	process := exec.CommandContext(t.Context(), "arpent", append(arguments, "--workspace", d.workspace)...)
	out, err := process.Output()
	if err != nil {
		t.Fatalf("arpent %s: %v", strings.Join(arguments, " "), err)
	}
	return strings.TrimSpace(string(out))
}

// pmtilesReadsAResult reads what a job has made where it is, with a token and by ranges: each tile is that of the API.
func (d *demoServer) pmtilesReadsAResult(t *testing.T) {
	token := d.arpent(t, "token", "new", "--campaign", demoName, "--scope", "jobs")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.url+"/v1/jobs/tiles", strings.NewReader(`{"measure": "turnout", "max_zoom": 14}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var job api.Job
	if err := json.NewDecoder(response.Body).Decode(&job); err != nil || response.StatusCode != http.StatusAccepted {
		t.Fatalf("%s: %v", response.Status, err)
	}
	d.waitForJob(t, d.serverKey(t), job.ID)
	t.Setenv("ARPENT_TOKEN", token)
	var seen struct{ Tiles, Bytes int }
	out := runNode(t, "test/pmtiles.mjs", d.url+"/v1/jobs/"+job.ID+"/results/tiles.pmtiles", d.url, "measure=turnout", "5", "10", "13", "14")
	if err := json.Unmarshal(out, &seen); err != nil || seen.Tiles < 10 || seen.Bytes < 10_000 {
		t.Errorf("%v: %s", err, out)
	}
}

// siteOfFilesAlone publishes a site as docs/static-site.md says, serves its folder as any server of files does, and opens it in a browser.
func (d *demoServer) siteOfFilesAlone(t *testing.T) {
	browser(t)
	site := t.TempDir()
	var versions struct{ Dependencies, DevDependencies map[string]string }
	if err := json.Unmarshal([]byte(fileOf(t, "api", "web", "package.json")), &versions); err != nil {
		t.Fatal(err)
	}
	// The libraries are those of the page, so that nothing is downloaded: of other versions than the site's the browser would miss them.
	for _, library := range []struct{ name, version, file string }{
		{"maplibre-gl", versions.Dependencies["maplibre-gl"], "maplibre-gl.js"}, {"maplibre-gl", versions.Dependencies["maplibre-gl"], "maplibre-gl.css"},
		{"pmtiles", versions.DevDependencies["pmtiles"], "pmtiles.js"},
	} {
		end := filepath.Ext(library.file)
		content := fileOf(t, "api", "web", "node_modules", library.name, "dist", library.file)
		if err := os.WriteFile(filepath.Join(site, strings.TrimSuffix(library.file, end)+"-"+library.version+end), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	publish := exec.CommandContext(t.Context(), "sh", filepath.Join("..", "..", "examples", "static-site", "publish.sh"), site, "Leading list=", "Turnout=--measure turnout --max-zoom 14")
	publish.Env = append(os.Environ(), "ARPENT_WORKSPACE="+d.workspace)
	if out, err := publish.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	server := httptest.NewServer(http.FileServer(http.Dir(site)))
	defer server.Close()
	var seen struct{ Maps, Features, Published, Ranges int }
	out := runNode(t, "test/static_site.mjs", server.URL)
	if err := json.Unmarshal(out, &seen); err != nil || seen.Maps != 2 || seen.Published < 100 || seen.Ranges < 4 {
		t.Errorf("%v: %s", err, out)
	}
}

package main

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/datasets/city"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
)

func TestTilesOfTheSeededCity(t *testing.T) {
	dir := t.TempDir()
	if _, err := city.Generate(t.Context(), city.Params{Seed: 7, Size: city.Village, Dir: dir}); err != nil {
		t.Fatal(err)
	}
	p := &program{workspace: filepath.Join(dir, "ws"), stderr: os.Stderr}
	result, err := p.build(t.Context(), filepath.Join(dir, "place.yaml"), buildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	checkTiles(t, p.space(), result.Report)
}

// published is the report on the units of a kind.
func published(t *testing.T, report *engine.Report, unit engine.Unit) engine.PublicationReport {
	t.Helper()
	at := slices.IndexFunc(report.Publication, func(r engine.PublicationReport) bool { return r.Unit == string(unit) })
	if at < 0 {
		t.Fatalf("nothing is reported of %ss", unit)
	}
	return report.Publication[at]
}

// checkTiles serves the current snapshot and reads every tile of zooms 12 to 16 with Mapbox's own decoder: all decode, none
// names a suppressed number, and every zoom shows every segment, joined ones as one feature, and every precinct with an area.
func checkTiles(t *testing.T, w engine.Workspace, report *engine.Report) {
	t.Helper()
	page := filepath.Join("..", "..", "api", "web")
	if _, err := os.Stat(filepath.Join(page, "node_modules")); err != nil {
		const how = "the tile decoder is not installed: run `npm ci` in api/web, or `make test`"
		if os.Getenv("CI") != "" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	s, err := w.OpenCurrent()
	if err != nil {
		t.Fatal(err)
	}
	current, err := live.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(api.New(api.Config{Current: func() api.City { return current }}))
	defer server.Close()
	node := exec.CommandContext(t.Context(), "node", "test/tiles.mjs", server.URL, "12", "13", "14", "15", "16")
	node.Dir = page
	out, err := node.Output()
	if err != nil {
		said := ""
		if exit, ok := err.(*exec.ExitError); ok {
			said = string(exit.Stderr)
		}
		t.Fatalf("%v: %s", err, said)
	}
	var seen map[string]map[string]struct{ Tiles, Features, Published int64 }
	if err := json.Unmarshal(out, &seen); err != nil {
		t.Fatal(err)
	}
	streets := published(t, report, engine.UnitSegment)
	want := map[string]int64{"segments": report.Placing.Segments - streets.Joined, "precincts": report.Divisions[0].WithArea}
	for layer, features := range want {
		if len(seen[layer]) != 5 {
			t.Errorf("%s: tiles of %d zooms, want 5", layer, len(seen[layer]))
		}
		for zoom, counts := range seen[layer] {
			if counts.Features != features {
				t.Errorf("%s at zoom %s: %d features in all tiles, want %d", layer, zoom, counts.Features, features)
			}
		}
	}
	for zoom, counts := range seen["cells"] {
		if counts.Features == 0 || counts.Published == 0 {
			t.Errorf("cells at zoom %s: %+v", zoom, counts)
		}
	}
}

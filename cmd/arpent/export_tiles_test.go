package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"log"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/paulmach/orb/encoding/mvt"
	"github.com/protomaps/go-pmtiles/pmtiles"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/jobs"
	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/geo"
)

// tileArchive is an archive as go-pmtiles reads it.
type tileArchive struct {
	content  []byte
	header   pmtiles.HeaderV3
	metadata tileMetadata
	tiles    map[geo.Tile][]byte
}

func readArchive(t *testing.T, content []byte) *tileArchive {
	t.Helper()
	a := &tileArchive{content: content, tiles: map[geo.Tile][]byte{}}
	var err error
	if a.header, err = pmtiles.DeserializeHeader(content[:pmtiles.HeaderV3LenBytes]); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(unpacked(t, content[a.header.MetadataOffset:][:a.header.MetadataLength]), &a.metadata); err != nil {
		t.Fatal(err)
	}
	err = pmtiles.IterateEntries(a.header, func(offset, length uint64) ([]byte, error) { return content[offset:][:length], nil }, func(e pmtiles.EntryV3) {
		tile := unpacked(t, content[a.header.TileDataOffset+e.Offset:][:e.Length])
		for i := range uint64(e.RunLength) {
			z, x, y := pmtiles.IDToZxy(e.TileID + i)
			a.tiles[geo.Tile{Z: z, X: x, Y: y}] = tile
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func unpacked(t *testing.T, packed []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// verifiedByItsPublisher is the check of go-pmtiles, which panics on some faults and only tells of others.
func verifiedByItsPublisher(t *testing.T, archive []byte) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "city.pmtiles")
	if err := os.WriteFile(name, archive, 0o600); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if cause := recover(); cause != nil {
			t.Fatalf("verify panics: %v", cause)
		}
	}()
	var said bytes.Buffer
	if err := pmtiles.Verify(log.New(&said, "", 0), name); err != nil || strings.Contains(said.String(), "Invalid") {
		t.Fatalf("verify: %v %s", err, &said)
	}
}

// apiTile is what the API answers everybody with for the layers of a tile, one after the other.
func (a *jobAttack) apiTile(layers []live.Layer, at geo.Tile, query string) (all []byte) {
	a.t.Helper()
	for _, l := range layers {
		w := httptest.NewRecorder()
		a.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://map.example/v1/tiles/"+l.Name+"/"+at.String()+".mvt?"+query, nil))
		if w.Code != http.StatusOK && w.Code != http.StatusNoContent {
			a.t.Fatalf("%s %v: %d %s", l.Name, at, w.Code, w.Body)
		}
		all = append(all, w.Body.Bytes()...)
	}
	return all
}

// An archive tells what the API tells everybody: its tiles are the API's, to the byte, those around them are empty there too, and no feature that
// is not published has a number.
func TestArchivesTellWhatTilesTell(t *testing.T) {
	a := newJobAttack(t)
	for _, asked := range []struct {
		parameters map[string]any
		query      string
		about      map[string]string
	}{
		{map[string]any{"max_zoom": 16, "level": 1}, "", map[string]string{"measure": "share"}},
		{map[string]any{"max_zoom": 14, "level": 1, "measure": "turnout", "contest": a.city.Contests()[1].ID}, "measure=turnout&contest=" + a.city.Contests()[1].ID,
			map[string]string{"measure": "turnout", "contest": a.city.Contests()[1].ID}},
	} {
		archive := readArchive(t, a.do(api.KindTiles, asked.parameters, "").files["tiles.pmtiles"])
		verifiedByItsPublisher(t, archive.content)
		around, states := map[geo.Tile]bool{}, map[string]int{}
		for at, tile := range archive.tiles {
			if want := a.apiTile(a.city.Layers(), at, asked.query); !bytes.Equal(tile, want) {
				t.Fatalf("%v has %d bytes, and the API answers with %d", at, len(tile), len(want))
			}
			for _, d := range [][2]uint32{{1, 0}, {0, 1}, {^uint32(0), 0}, {0, ^uint32(0)}} {
				if beside := (geo.Tile{Z: at.Z, X: at.X + d[0], Y: at.Y + d[1]}); beside.Valid() && archive.tiles[beside] == nil {
					around[beside] = true
				}
			}
			countStates(t, tile, states)
		}
		for at := range around {
			if want := a.apiTile(a.city.Layers(), at, asked.query); len(want) > 0 {
				t.Errorf("%v is not there, and the API answers with %d bytes", at, len(want))
			}
		}
		if len(around) < 50 || len(archive.tiles) < 20 || states["published"] == 0 || states["suppressed"] == 0 || archive.header.MinZoom != 4 {
			t.Errorf("%d tiles, %d around them, features %v, from zoom %d: the test looks at little", len(archive.tiles), len(around), states, archive.header.MinZoom)
		}
		for name, id := range asked.about {
			if archive.metadata.Arpent.About[name] != id {
				t.Errorf("it says that it is about %v, and not of %s %s", archive.metadata.Arpent.About, name, id)
			}
		}
	}
}

// countStates counts the features of a tile by state: only published ones have numbers.
func countStates(t *testing.T, tile []byte, states map[string]int) {
	t.Helper()
	layers, err := mvt.Unmarshal(tile)
	if err != nil {
		t.Fatal(err)
	}
	for _, layer := range layers {
		for _, f := range layer.Features {
			state := f.Properties.MustString("state", "none")
			states[state]++
			for _, number := range []string{"value", "low", "high", "n", "modelled_only"} {
				if _, there := f.Properties[number]; there && state != string(engine.Published) {
					t.Errorf("a feature of %s is %s and has the %s %v", layer.Name, state, number, f.Properties[number])
				}
			}
		}
	}
}

// The metadata has what TileJSON has, and says which snapshot it is of.
func TestArchivesDescribeThemselvesAsTileJSONDoes(t *testing.T) {
	a := newJobAttack(t)
	archive := readArchive(t, a.do(api.KindTiles, map[string]any{"max_zoom": 16, "level": 1}, "").files["tiles.pmtiles"])
	var layers []live.VectorLayer
	for _, l := range a.city.Layers() {
		w := httptest.NewRecorder()
		a.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://map.example/v1/tiles/"+l.Name+".json", nil))
		var described api.TileJSON
		if err := json.Unmarshal(w.Body.Bytes(), &described); err != nil {
			t.Fatal(err)
		}
		layers = append(layers, described.VectorLayers...)
		center := [3]float64{float64(archive.header.CenterLonE7) / 1e7, float64(archive.header.CenterLatE7) / 1e7, float64(archive.header.CenterZoom)}
		for i := range center {
			center[i] -= described.Center[i]
		}
		if described.Attribution != archive.metadata.Attribution || max(math.Abs(center[0]), math.Abs(center[1]), math.Abs(center[2])) > 1e-6 {
			t.Errorf("TileJSON of %s: %+v, the archive has %q and %+v", l.Name, described, archive.metadata.Attribution, archive.header)
		}
		if west := float64(archive.header.MinLonE7) / 1e7; west > described.Bounds[0] || west < described.Bounds[0]-0.1 {
			t.Errorf("it begins at %f in the west, the streets at %f", west, described.Bounds[0])
		}
	}
	m := archive.metadata
	if !reflect.DeepEqual(m.VectorLayers, layers) || m.Arpent.Snapshot != a.city.Snapshot() || m.Arpent.Threshold != 11 || m.Arpent.Resolutions["16"] != 11 || m.Arpent.Resolutions["9"] != 6 ||
		m.Attribution == "" || m.Name == "" || !strings.Contains(m.Description, m.Arpent.Snapshot) {
		t.Errorf("%+v\nand TileJSON %+v", m, layers)
	}
}

// The same snapshot has the same bytes on one core and on two, and the file of every other question another.
func TestArchivesHaveTheSameBytes(t *testing.T) {
	var first []byte
	parameters := `{"max_zoom":15,"level":4}`
	for _, cores := range []int{1, 2} {
		before := runtime.GOMAXPROCS(cores)
		_, files, err := hamletJob(t, api.KindTiles, parameters, "")
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = files["tiles.pmtiles"]
		}
		if len(files) != 1 || !bytes.Equal(files["tiles.pmtiles"], first) || len(first) == 0 {
			t.Errorf("on %d cores it has other bytes, or there is another file: %d files", cores, len(files))
		}
	}
	verifiedByItsPublisher(t, first)
}

// --layers and zooms leave out what is not asked for.
func TestArchivesOfSomeLayers(t *testing.T) {
	_, files, err := hamletJob(t, api.KindTiles, `{"layers":["segments","ward"],"min_zoom":10,"max_zoom":13,"level":1}`, "")
	if err != nil {
		t.Fatal(err)
	}
	archive := readArchive(t, files["tiles.pmtiles"])
	if archive.header.MinZoom != 10 || archive.header.MaxZoom != 13 || len(archive.metadata.VectorLayers) != 2 || archive.metadata.VectorLayers[0].MinZoom != 12 || archive.metadata.VectorLayers[1].MaxZoom != 13 {
		t.Errorf("%+v %+v", archive.header, archive.metadata)
	}
	for at, tile := range archive.tiles {
		layers, err := mvt.Unmarshal(tile)
		if err != nil {
			t.Fatal(err)
		}
		for _, layer := range layers {
			if layer.Name != "ward" && (layer.Name != "segments" || at.Z < 12) {
				t.Errorf("%v has the layer %s", at, layer.Name)
			}
		}
	}
}

// Of an archive that somebody breaks off nothing is left beside.
func TestArchiveBrokenOffLeavesNothing(t *testing.T) {
	a := newJobAttack(t)
	ctx, cancel := context.WithCancel(t.Context())
	units := unitJobs{func(context.Context, string) (*live.City, error) { return a.city, nil }}
	dir := t.TempDir()
	_, err := jobs.Execute(ctx, jobs.Kind{Name: api.KindTiles, Run: units.tiles}, jobs.Task{Kind: api.KindTiles, Snapshot: a.city.Snapshot(), Parameters: []byte(`{"max_zoom":16,"level":1}`)}, "", dir,
		jobs.DefaultMostBytes, func(p jobs.Progress) {
			if p.Done < p.Total {
				cancel()
			}
		})
	if err == nil {
		t.Error("it was broken off, and went on to its end")
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".scratch-*")); err != nil || len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

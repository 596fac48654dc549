package datasets

import (
	"archive/zip"
	"context"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

// endless gives one byte again and again.
type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

// readWithin reads a file as a dataset and gives the error and the heap that was allocated meanwhile, in MB.
func readWithin(t *testing.T, dataset string, file *format.File) (allocated float64, err error) {
	t.Helper()
	d, err := ByName(dataset)
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s := &source{dataset: d, path: "x"}
	err = s.readFile(context.Background(), engine.Reading{Allocator: memory.DefaultAllocator, Report: &engine.FileReport{}, Emit: func(arrow.RecordBatch) error { return nil }}, file)
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc-before.TotalAlloc) / 1e6, err
}

// A line of 2 GB, a million columns, a record without end: each is refused in a sentence after a few megabytes.
func TestHostileSizes(t *testing.T) {
	const twoGB = 2 << 30
	columns := strings.Repeat("column;", 1_000_000) + "\n"
	properties := strings.Repeat(`"property":1,`, 100_000)
	for _, test := range []struct {
		name, dataset string
		content       io.Reader
		want          string
	}{
		{"a line of 2 GB", "ban", io.LimitReader(endless('x'), twoGB), "too long"},
		{"a quoted field of 2 GB", "ban", io.MultiReader(strings.NewReader(banHeader+`1;"`), io.LimitReader(endless('x'), twoGB)), "quote"},
		{"a million columns", "ban", strings.NewReader(columns), "the header cannot be read"},
		{"a million fields in a row", "ministry", io.MultiReader(strings.NewReader(ministryHeader2017), strings.NewReader(columns)), "more fields than"},
		{"a feature of 2 GB", "contours", io.MultiReader(strings.NewReader(`{"type":"FeatureCollection","features":[{"x":"`), io.LimitReader(endless('x'), twoGB)), "too long"},
		{"arrays of 2 GB", "contours", io.MultiReader(strings.NewReader(`{"type":"FeatureCollection","features":[`), io.LimitReader(endless('['), twoGB)), "too long"},
		{"a feature of a hundred thousand properties", "contours", strings.NewReader(`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{` + properties + `"x":1}}]}`), "more than 4096 properties"},
	} {
		t.Run(test.name, func(t *testing.T) {
			file, err := format.NewFile("x", test.content, twoGB)
			if err != nil {
				t.Fatal(err)
			}
			allocated, err := readWithin(t, test.dataset, file)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") || len(err.Error()) > 500 {
				t.Errorf("%.300v, want %q", err, test.want)
			}
			if allocated > 600 {
				t.Errorf("%.0f MB were allocated", allocated)
			}
		})
	}
}

// A polygon of a million vertices is read whole.
func TestMillionVertices(t *testing.T) {
	const vertices = 1_000_000
	ring := make([]byte, 0, 20*vertices)
	for i := range vertices {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / vertices)
		ring = strconv.AppendFloat(append(ring, '['), 2.3+cos/10, 'f', 6, 64)
		ring = append(strconv.AppendFloat(append(ring, ','), 48.8+sin/10, 'f', 6, 64), "],"...)
	}
	path := filepath.Join(t.TempDir(), "areas.geojson")
	content := collection(feature(`"id_bv":"19-5"`, `{"type":"Polygon","coordinates":[[`+string(ring)+`[2.4,48.8]]]}`))
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	var rows, size int64
	report := &engine.FileReport{}
	err := open(t, "paris-secteurs", path, engine.SourceSpec{}).Read(context.Background(), engine.Reading{
		Allocator: memory.DefaultAllocator, Report: report,
		Emit: func(b arrow.RecordBatch) error {
			rows += b.NumRows()
			shapes := engine.NewRows(b).Column("geometry").(*array.Binary)
			size += int64(len(shapes.ValueBytes()))
			return nil
		},
	})
	if err != nil || rows != 1 || report.Rejected != 0 || size < 16*vertices {
		t.Errorf("%d rows, a shape of %d bytes, %v, %v", rows, size, report.Reasons, err)
	}
}

// What packs to a thousandth: as a table it is a line that is too long, in any archive.
func TestZipBomb(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bomb.zip")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(file)
	member, err := w.Create("adresses.csv")
	if err == nil {
		_, err = io.Copy(member, io.LimitReader(endless('0'), 32<<20))
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	got := decodeFile(t, "ban", path, engine.SourceSpec{})
	if got.err == nil || !strings.Contains(got.err.Error(), "too long") {
		t.Errorf("%v", got.err)
	}
}

// Coordinates that are no numbers, or infinitely far, are no positions.
func TestHostileCoordinates(t *testing.T) {
	content := collection(
		feature(`"id_bv":"19-1"`, `{"type":"Polygon","coordinates":[[[1e999,48],[3,48],[3,49],[1e999,48]]]}`),
		feature(`"id_bv":"19-2"`, `{"type":"Polygon","coordinates":[[[1e308,48],[3,48],[3,49],[1e308,48]]]}`),
		feature(`"id_bv":"19-3"`, `{"type":"Polygon","coordinates":[[["NaN",48],[3,48],[3,49],["NaN",48]]]}`),
	)
	got := decode(t, "paris-secteurs", content, engine.SourceSpec{})
	if got.err != nil || len(got.rows) != 0 || got.report.Rejected != 3 {
		t.Errorf("%q, %v, %v", got.rows, got.report.Reasons, got.err)
	}
	table := "id;numero;rep;nom_voie;code_insee;lon;lat\na;1;;Rue Basse;01001;NaN;46.1\nb;1;;Rue Basse;01001;Inf;46.1\nc;1;;Rue Basse;01001;1e400;46.1\n"
	got = decode(t, "ban", table, engine.SourceSpec{})
	if got.err != nil || len(got.rows) != 0 || got.report.Rejected != 3 {
		t.Errorf("%q, %v, %v", got.rows, got.report.Reasons, got.err)
	}
}

package city

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/arpent/arpent/geo"
	"github.com/paulmach/orb"
)

// generated makes each place once for all tests, and gives its folder.
func generated(t testing.TB, size Size, seed uint64) (string, Summary) {
	t.Helper()
	places.Lock()
	defer places.Unlock()
	key := string(size) + strconv.FormatUint(seed, 10)
	if p, ok := places.made[key]; ok {
		return p.dir, p.summary
	}
	dir := filepath.Join(places.root, key)
	summary, err := Generate(context.Background(), Params{Seed: seed, Size: size, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	places.made[key] = place{dir, summary}
	return dir, summary
}

type place struct {
	dir     string
	summary Summary
}

var places struct {
	sync.Mutex
	root string
	made map[string]place
}

func TestMain(m *testing.M) {
	root, err := os.MkdirTemp("", "city")
	if err != nil {
		panic(err)
	}
	places.root, places.made = root, map[string]place{}
	code := m.Run()
	_ = os.RemoveAll(root)
	os.Exit(code)
}

// table reads a CSV file, gzipped or not, as one map for each row.
func table(t testing.TB, path string, comma rune) []map[string]string {
	t.Helper()
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(text(t, path), "\ufeff")))
	r.Comma = comma
	records, err := r.ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	rows := make([]map[string]string, len(records)-1)
	for i, record := range records[1:] {
		rows[i] = map[string]string{}
		for k, column := range records[0] {
			rows[i][column] = record[k]
		}
	}
	return rows
}

func text(t testing.TB, path string) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return string(content)
}

func number(t testing.TB, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func whole(t testing.TB, s string) int {
	t.Helper()
	v := number(t, s)
	if v != float64(int(v)) {
		t.Fatalf("%s is not a whole number", s)
	}
	return int(v)
}

type feature struct {
	Properties map[string]any
	Geometry   struct {
		Type        string
		Coordinates json.RawMessage
	}
}

func features(t testing.TB, path string) []feature {
	t.Helper()
	var collection struct{ Features []feature }
	if err := json.Unmarshal([]byte(text(t, path)), &collection); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return collection.Features
}

func (f feature) polygons(t testing.TB) orb.MultiPolygon {
	t.Helper()
	var m orb.MultiPolygon
	if f.Geometry.Type == "Polygon" {
		m = make(orb.MultiPolygon, 1)
		if err := json.Unmarshal(f.Geometry.Coordinates, &m[0]); err != nil {
			t.Fatal(err)
		}
	} else if err := json.Unmarshal(f.Geometry.Coordinates, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// streetLines reads the lines of a street and projects them to metres.
func streetLines(t testing.TB, row map[string]string) []orb.LineString {
	t.Helper()
	var g struct {
		Type        string
		Coordinates json.RawMessage
	}
	if err := json.Unmarshal([]byte(row["Geometry"]), &g); err != nil {
		t.Fatal(err)
	}
	lines := make([]orb.LineString, 1)
	var err error
	if g.Type == "LineString" {
		err = json.Unmarshal(g.Coordinates, &lines[0])
	} else {
		err = json.Unmarshal(g.Coordinates, &lines)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		for i, p := range line {
			line[i][0], line[i][1] = geo.Lambert93.Forward(p[0], p[1])
		}
	}
	return lines
}

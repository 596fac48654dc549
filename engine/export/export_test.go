package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/geojson"

	"github.com/arpent/arpent/engine"
)

// street is a row of the tests; nil is absent.
type street struct {
	id    int64
	cell  int64
	name  any
	share any
	n     any
	flag  any
	shape orb.Geometry
}

var square = orb.Ring{{2, 48}, {3, 48}, {3, 49}, {2, 48}}

var streets = []street{
	{5201, 0x881fb46751fffff, "Rue de l’Église", 0.25, int64(40), true, orb.LineString{{2.123456789, 48.5}, {2.2, 48.6}}},
	{5202, 0x881fb46751fffff, `Impasse "du Puits", nord`, nil, nil, nil, orb.MultiLineString{{{2, 48}, {3, 49}}, {{4, 50}, {5, 51}}}},
	{5203, 0x881fb46751fffff, "=1+1", 1e-7, int64(math.MaxInt64), false, orb.Polygon{square, square}},
	{5204, 0x881fb46751fffff, nil, 1.0, int64(-3), false, orb.MultiPolygon{{square}, {square, square}}},
	{5205, 0x881fb46751fffff, "tab\there\x01\nand a line", 123456.789, int64(0), false, nil},
}

func schemaOfStreets() *arrow.Schema {
	metadata := arrow.NewMetadata([]string{"arpent:snapshot"}, []string{"5eed"})
	return arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: arrow.PrimitiveTypes.Int64}, engine.CellField("cell"), {Name: "name", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "share", Type: arrow.PrimitiveTypes.Float64, Nullable: true}, {Name: "n", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
		{Name: "flag", Type: arrow.FixedWidthTypes.Boolean, Nullable: true}, engine.GeometryField("geometry"),
	}, &metadata)
}

// written writes the streets in batches of so many rows, in Go's memory where none is given.
func written(t *testing.T, format string, size int, o Options) []byte {
	t.Helper()
	if o.Memory == nil {
		o.Memory = memory.NewGoAllocator()
	}
	mem := memory.NewCheckedAllocator(o.Memory)
	defer mem.AssertSize(t, 0)
	o.Memory = mem
	f, err := FormatByName(format)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w, err := f.Writer(&out, schemaOfStreets(), o)
	if err != nil {
		t.Fatal(err)
	}
	b := array.NewRecordBuilder(mem, schemaOfStreets())
	defer b.Release()
	flush := func() {
		batch := b.NewRecordBatch()
		defer batch.Release()
		if err := w.Write(batch); err != nil {
			t.Fatal(err)
		}
	}
	for i, s := range streets {
		b.Field(0).(*array.Int64Builder).Append(s.id)
		b.Field(1).(*array.Int64Builder).Append(s.cell)
		for c, v := range []any{s.name, s.share, s.n, s.flag} {
			switch v := v.(type) {
			case nil:
				b.Field(2 + c).AppendNull()
			case string:
				b.Field(2 + c).(*array.StringBuilder).Append(v)
			case float64:
				b.Field(2 + c).(*array.Float64Builder).Append(v)
			case int64:
				b.Field(2 + c).(*array.Int64Builder).Append(v)
			case bool:
				b.Field(2 + c).(*array.BooleanBuilder).Append(v)
			}
		}
		if s.shape == nil {
			b.Field(6).AppendNull()
		} else {
			b.Field(6).(*array.BinaryBuilder).Append(wkb.MustMarshal(s.shape))
		}
		if (i+1)%size == 0 {
			flush()
		}
	}
	flush()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// rounded is a geometry as it is written as text.
func rounded(g orb.Geometry) string {
	if g == nil {
		return "null"
	}
	text, _ := json.Marshal(geojson.NewGeometry(g))
	return strings.ReplaceAll(string(text), "2.123456789", "2.1234568")
}

func checkFeature(t *testing.T, i int, content []byte) {
	t.Helper()
	var f struct {
		Type       string
		ID         int64
		Geometry   json.RawMessage
		Properties map[string]any
	}
	if err := json.Unmarshal(content, &f); err != nil {
		t.Fatalf("%s: %v", content, err)
	}
	s := streets[i]
	var want, got any
	_ = json.Unmarshal([]byte(rounded(s.shape)), &want)
	_ = json.Unmarshal(f.Geometry, &got)
	a, _ := json.Marshal(want)
	b, _ := json.Marshal(got)
	if f.Type != "Feature" || f.ID != s.id || !bytes.Equal(a, b) || f.Properties["cell"] != "881fb46751fffff" || f.Properties["name"] != s.name ||
		f.Properties["share"] != s.share || f.Properties["flag"] != s.flag || len(f.Properties) != 5 {
		t.Errorf("feature %s, of %+v", content, s)
	}
}

func TestGeoJSON(t *testing.T) {
	for _, size := range []int{1, 3, 100} {
		content := written(t, "geojson", size, Options{Members: func() []byte { return []byte(`"numberReturned":5`) }})
		var c struct {
			Type           string
			Features       []json.RawMessage
			NumberReturned int
		}
		if err := json.Unmarshal(content, &c); err != nil || c.Type != "FeatureCollection" || len(c.Features) != len(streets) || c.NumberReturned != 5 {
			t.Fatalf("%s: %v", content, err)
		}
		for i, f := range c.Features {
			checkFeature(t, i, f)
		}
	}
	if content := written(t, "geojson", 100, Options{}); !json.Valid(content) {
		t.Errorf("without members: %s", content)
	}
}

func TestNDJSON(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(string(written(t, "ndjson", 2, Options{})), "\n"), "\n")
	if len(lines) != len(streets) {
		t.Fatalf("%d lines", len(lines))
	}
	for i, line := range lines {
		checkFeature(t, i, []byte(line))
	}
}

func TestCSV(t *testing.T) {
	content := written(t, "csv", 2, Options{})
	rows, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]string{
		{"id", "cell", "name", "share", "n", "flag", "geometry"},
		{"5201", "881fb46751fffff", "Rue de l’Église", "0.25", "40", "true", "LINESTRING (2.1234568 48.5,2.2 48.6)"},
		{"5202", "881fb46751fffff", `Impasse "du Puits", nord`, "", "", "", "MULTILINESTRING ((2 48,3 49),(4 50,5 51))"},
		{"5203", "881fb46751fffff", "'=1+1", "1e-07", "9223372036854775807", "false", "POLYGON ((2 48,3 48,3 49,2 48),(2 48,3 48,3 49,2 48))"},
		{"5204", "881fb46751fffff", "", "1", "-3", "false", "MULTIPOLYGON (((2 48,3 48,3 49,2 48)),((2 48,3 48,3 49,2 48),(2 48,3 48,3 49,2 48)))"},
		{"5205", "881fb46751fffff", "tab\there\x01\nand a line", "123456.789", "0", "false", ""},
	} {
		if strings.Join(rows[i], "|") != strings.Join(want, "|") {
			t.Errorf("row %d: %q, should be %q", i, rows[i], want)
		}
	}
}

func TestNoCellIsAFormula(t *testing.T) {
	for _, text := range []string{"=1", "+1", "-1", "@x", "\t=1", "\r=1", "a,b", `a"b`, "a\r\n=1", "plain"} {
		written := string(appendCSVText(nil, text))
		rows, err := csv.NewReader(strings.NewReader(written)).ReadAll()
		if err != nil || len(rows) != 1 || len(rows[0]) != 1 || strings.ContainsRune("=+-@\t\r", rune(rows[0][0][0])) {
			t.Errorf("%q is written as %q, read as %q, %v", text, written, rows, err)
		}
	}
}

func TestArrow(t *testing.T) {
	r, err := ipc.NewReader(bytes.NewReader(written(t, "arrow", 2, Options{})))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	if !r.Schema().Equal(schemaOfStreets()) {
		t.Errorf("schema %v", r.Schema())
	}
	rows := 0
	for r.Next() {
		batch := r.RecordBatch()
		for i, id := range batch.Column(0).(*array.Int64).Int64Values() {
			if id != streets[rows].id || batch.Column(1).(*array.Int64).Value(i) != streets[rows].cell {
				t.Errorf("row %d has id %d", rows, id)
			}
			rows++
		}
	}
	if r.Err() != nil || rows != len(streets) {
		t.Errorf("%d rows, %v", rows, r.Err())
	}
}

func TestParquet(t *testing.T) {
	content := written(t, "parquet", 2, Options{})
	if again := written(t, "parquet", 3, Options{}); !bytes.Equal(content, again) {
		t.Error("the same rows in other batches give other bytes")
	}
	f, err := file.NewParquetReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	var geo struct {
		Version       string
		PrimaryColumn string `json:"primary_column"`
		Columns       map[string]struct {
			Encoding      string
			GeometryTypes []string `json:"geometry_types"`
			Bbox          []float64
			Covering      map[string]map[string][]string
		}
	}
	metadata := f.MetaData().KeyValueMetadata()
	if err := json.Unmarshal([]byte(*metadata.FindValue("geo")), &geo); err != nil {
		t.Fatal(err)
	}
	g := geo.Columns["geometry"]
	if geo.Version != "1.1.0" || geo.PrimaryColumn != "geometry" || g.Encoding != "WKB" || len(g.GeometryTypes) != 4 ||
		len(g.Bbox) != 4 || g.Bbox[0] != 2 || g.Bbox[3] != 51 || g.Covering["bbox"]["xmin"][1] != "xmin" {
		t.Errorf("geo is %+v", geo)
	}
	if *metadata.FindValue("arpent:snapshot") != "5eed" {
		t.Error("the snapshot is not named")
	}
	r, err := pqarrow.NewFileReader(f, pqarrow.ArrowReadProperties{}, memory.NewGoAllocator())
	if err != nil {
		t.Fatal(err)
	}
	table, err := r.ReadTable(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer table.Release()
	if table.NumRows() != int64(len(streets)) || table.NumCols() != 8 || table.Schema().Field(7).Name != "bbox" {
		t.Errorf("%d rows, %v", table.NumRows(), table.Schema())
	}
}

// Every format says how many rows there are when there are none.
func TestNoRows(t *testing.T) {
	for _, f := range Formats() {
		var out bytes.Buffer
		w, err := f.Writer(&out, schemaOfStreets(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if out.Len() == 0 && f.Name != "ndjson" {
			t.Errorf("%s: nothing is written", f.Name)
		}
	}
	if _, err := FormatByName("xlsx"); err == nil || !strings.Contains(err.Error(), "geojson, ndjson, csv, arrow, parquet") {
		t.Errorf("a format that is not there: %v", err)
	}
}

func FuzzGeometry(f *testing.F) {
	for _, s := range streets {
		if s.shape != nil {
			f.Add(wkb.MustMarshal(s.shape))
		}
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		text, err := appendGeoJSON(nil, content)
		if err != nil {
			return
		}
		if !json.Valid(text) && !bytes.Contains(text, []byte("NaN")) && !bytes.Contains(text, []byte("Inf")) {
			t.Errorf("%x gives %s", content, text)
		}
		if _, err := appendWKT(nil, content); err != nil {
			t.Errorf("GeoJSON takes %x, WKT does not: %v", content, err)
		}
	})
}

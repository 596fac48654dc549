package format

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/extensions"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/apache/arrow-go/v18/parquet/schema"
	"github.com/paulmach/orb"

	"github.com/arpent/arpent/geo"
)

// parquetFixture is a column of a fixture: its values in JSON, as Arrow reads them, and as fields.
type parquetFixture struct {
	name string
	kind arrow.DataType
	json []string
	want []string
}

// writeParquet writes columns to a file in memory, in row groups of two rows.
func writeParquet(t testing.TB, columns []parquetFixture, metadata map[string]string, options ...parquet.WriterProperty) []byte {
	t.Helper()
	fields := make([]arrow.Field, len(columns))
	for i, c := range columns {
		fields[i] = arrow.Field{Name: c.name, Type: c.kind, Nullable: !slices.Contains(c.json, "required")}
	}
	rows := make([]string, len(columns[0].json))
	for r := range rows {
		members := make([]string, len(columns))
		for i, c := range columns {
			members[i] = fmt.Sprintf("%q:%s", c.name, c.json[r])
		}
		rows[r] = "{" + strings.Join(members, ",") + "}"
	}
	record, _, err := array.RecordFromJSON(memory.DefaultAllocator, arrow.NewSchema(fields, nil), strings.NewReader("["+strings.Join(rows, ",")+"]"))
	if err != nil {
		t.Fatal(err)
	}
	return writeRecord(t, record, metadata, append(options, parquet.WithMaxRowGroupLength(2))...)
}

func writeRecord(t testing.TB, record arrow.RecordBatch, metadata map[string]string, options ...parquet.WriterProperty) []byte {
	t.Helper()
	var out bytes.Buffer
	writer, err := pqarrow.NewFileWriter(record.Schema(), &out, parquet.NewWriterProperties(options...), pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	for key, value := range metadata {
		if err := writer.AppendKeyValueMetadata(key, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(writer.WriteBuffered(record), writer.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func openParquet(content []byte) (*Parquet, error) {
	return readParquet("fixture.parquet", bytes.NewReader(content), int64(len(content)))
}

// parquetTypes are columns of every kind that has a text, of three rows.
var parquetTypes = []parquetFixture{
	{"code", arrow.BinaryTypes.String, []string{`"01001"`, `" 2A004 "`, `null`}, []string{"01001", "2A004", ""}},
	{"Numéro de Voie", arrow.PrimitiveTypes.Int32, []string{`12`, `null`, `-7`}, []string{"12", "", "-7"}},
	{"large", arrow.PrimitiveTypes.Int64, []string{`9007199254740993`, `0`, `-9223372036854775808`}, []string{"9007199254740993", "0", "-9223372036854775808"}},
	{"unsigned", arrow.PrimitiveTypes.Uint64, []string{`18446744073709551615`, `0`, `null`}, []string{"18446744073709551615", "0", ""}},
	{"byte", arrow.PrimitiveTypes.Uint8, []string{`255`, `0`, `1`}, []string{"255", "0", "1"}},
	{"share", arrow.PrimitiveTypes.Float64, []string{`1053.0`, `0.1`, `2057.93753915075`}, []string{"1053", "0.1", "2057.93753915075"}},
	{"short", arrow.PrimitiveTypes.Float32, []string{`0.1`, `16777216`, `1e-30`}, []string{"0.1", "16777216", "1e-30"}},
	{"population", arrow.PrimitiveTypes.Float64, []string{`67000000`, `1e20`, `null`}, []string{"67000000", "100000000000000000000", ""}},
	{"open", arrow.FixedWidthTypes.Boolean, []string{`true`, `false`, `null`}, []string{"true", "false", ""}},
	{"day", arrow.FixedWidthTypes.Date32, []string{`"2024-06-30"`, `"1936-04-26"`, `null`}, []string{"2024-06-30", "1936-04-26", ""}},
	{"moment", &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}, []string{`"2024-06-30T08:00:00.5Z"`, `"1969-12-31T23:59:59Z"`, `null`}, []string{"2024-06-30T08:00:00.5Z", "1969-12-31T23:59:59Z", ""}},
	{"local", &arrow.TimestampType{Unit: arrow.Millisecond}, []string{`"2024-06-30T08:00:00"`, `null`, `"2024-07-07T20:00:00"`}, []string{"2024-06-30T08:00:00", "", "2024-07-07T20:00:00"}},
	{"hour", arrow.FixedWidthTypes.Time32ms, []string{`"08:30:00"`, `"20:00:00.250"`, `null`}, []string{"08:30:00", "20:00:00.25", ""}},
	{"price", &arrow.Decimal128Type{Precision: 9, Scale: 2}, []string{`"12.50"`, `"-0.05"`, `"7"`}, []string{"12.5", "-0.05", "7"}},
	{"long decimal", &arrow.Decimal128Type{Precision: 30, Scale: 3}, []string{`"-123456789012345678901.125"`, `"0.001"`, `null`}, []string{"-123456789012345678901.125", "0.001", ""}},
	{"party", &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}, []string{`"LREM"`, `"LFI"`, `"LREM"`}, []string{"LREM", "LFI", "LREM"}},
	{"id", extensions.NewUUIDType(), []string{`"f81d4fae-7dec-11d0-a765-00a0c91e6bf6"`, `null`, `"00000000-0000-0000-0000-000000000001"`}, []string{"f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "", "00000000-0000-0000-0000-000000000001"}},
	{"unmarked", arrow.BinaryTypes.Binary, []string{`"MDEwMDE="`, `"/w=="`, `null`}, []string{"01001", "", ""}},
}

func TestParquetFields(t *testing.T) {
	options := map[string][]parquet.WriterProperty{
		"snappy":         {parquet.WithCompression(compress.Codecs.Snappy)},
		"zstd, plain":    {parquet.WithCompression(compress.Codecs.Zstd), parquet.WithDictionaryDefault(false)},
		"gzip, pages v2": {parquet.WithCompression(compress.Codecs.Gzip), parquet.WithDataPageVersion(parquet.DataPageV2)},
		"brotli":         {parquet.WithCompression(compress.Codecs.Brotli)},
		"small pages":    {parquet.WithDataPageSize(1), parquet.WithBatchSize(1)},
	}
	random := rand.New(rand.NewPCG(3, 1))
	for name, written := range options {
		t.Run(name, func(t *testing.T) {
			columns := slices.Clone(parquetTypes)
			random.Shuffle(len(columns), func(i, j int) { columns[i], columns[j] = columns[j], columns[i] })
			p, err := openParquet(writeParquet(t, columns, nil, written...))
			if err != nil {
				t.Fatal(err)
			}
			if keys := p.Keys(); len(keys) != len(columns) || keys[0] != Key(columns[0].name) {
				t.Errorf("the keys are %q", keys)
			}
			random.Shuffle(len(columns), func(i, j int) { columns[i], columns[j] = columns[j], columns[i] })
			wanted := make([]Column, len(columns))
			for i, c := range columns {
				wanted[i] = Column{Names: []string{"other spelling", strings.ToUpper(c.name)}}
			}
			places, err := p.Columns(wanted...)
			if err != nil {
				t.Fatal(err)
			}
			for row := range 3 {
				if more, err := p.Next(); !more || err != nil || p.Line() != int64(row+1) {
					t.Fatalf("row %d: %v, %v, line %d", row, more, err, p.Line())
				}
				for i, c := range columns {
					if got := p.Field(places[i]); string(got) != c.want[row] || c.json[row] == "null" && got != nil {
						t.Errorf("row %d: %s is %q, want %q", row, c.name, got, c.want[row])
					}
				}
			}
			if more, err := p.Next(); more || err != nil {
				t.Errorf("after the last row: %v, %v", more, err)
			}
			if left := p.Unread(); len(left) > 0 {
				t.Errorf("%q were not read", left)
			}
		})
	}
}

func TestParquetColumns(t *testing.T) {
	columns := []parquetFixture{
		{"code", arrow.BinaryTypes.String, []string{`"01001"`}, nil},
		{"tags", arrow.ListOf(arrow.BinaryTypes.String), []string{`["a","b"]`}, nil},
		{"parts", arrow.StructOf(arrow.Field{Name: "code", Type: arrow.BinaryTypes.String, Nullable: true}), []string{`{"code":"inside"}`}, nil},
		{"bbox", arrow.StructOf(arrow.Field{Name: "xmin", Type: arrow.PrimitiveTypes.Float64, Nullable: true}), []string{`{"xmin":1}`}, nil},
		{"hash", &arrow.FixedSizeBinaryType{ByteWidth: 4}, []string{`"AAAAAA=="`}, nil},
		{"votes", arrow.PrimitiveTypes.Int64, []string{`5`}, nil},
	}
	open := func() *Parquet {
		p, err := openParquet(writeParquet(t, columns, nil))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := open()
	places, err := p.Columns(Column{Names: []string{"code"}}, Column{Names: []string{"tags"}, Optional: true}, Column{Names: []string{"absent"}, Optional: true}, Column{Names: []string{"hash"}, Optional: true})
	if err != nil || !slices.Equal(places, []int{0, -1, -1, -1}) {
		t.Fatalf("%v, %v", places, err)
	}
	if more, err := p.Next(); !more || err != nil || string(p.Field(places[0])) != "01001" || p.Field(-1) != nil {
		t.Errorf("%v, %v, %q", more, err, p.Field(places[0]))
	}
	if g, err := p.Geometry(); g != nil || err != nil || !p.CRS().IsZero() {
		t.Errorf("a table without geometry: %v, %v", g, err)
	}
	if left := p.Unread(); !slices.Equal(left, []string{"hash", "parts", "tags", "votes"}) {
		t.Errorf("%q were not read", left)
	}
	for _, needed := range []string{"tags", "parts", "hash", "absent"} {
		if _, err := open().Columns(Column{Names: []string{needed}}); err == nil || !strings.Contains(err.Error(), needed) {
			t.Errorf("the column %s is needed: %v", needed, err)
		}
	}
}

func TestParquetRepairsText(t *testing.T) {
	builder := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{{Name: "rue", Type: arrow.BinaryTypes.String}}, nil))
	builder.Field(0).(*array.StringBuilder).AppendValues([]string{"ch\xe2teau", "château", "\ufffd"}, nil)
	p, err := openParquet(writeRecord(t, builder.NewRecordBatch(), nil))
	if err != nil {
		t.Fatal(err)
	}
	places, err := p.Columns(Column{Names: []string{"rue"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct{ text, repair string }{{"ch\ufffdteau", repairCharacters}, {"château", ""}, {"\ufffd", ""}} {
		if more, err := p.Next(); !more || err != nil {
			t.Fatal(more, err)
		}
		fault, repair := p.Condition()
		if got := string(p.Field(places[0])); got != want.text || fault != "" || repair != want.repair {
			t.Errorf("%q, %q, %q; want %q", got, fault, repair, want)
		}
	}
}

// binaryJSON writes WKB in hexadecimal digits as Arrow reads bytes from JSON.
func binaryJSON(t testing.TB, digits string) string {
	content, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	return `"` + base64.StdEncoding.EncodeToString(content) + `"`
}

func TestGeoParquet(t *testing.T) {
	point := "0101000000" + "0000000000000440" + "0000000000404840" // 2.5 48.5
	bytesColumn := func(name string) parquetFixture {
		return parquetFixture{name, arrow.BinaryTypes.Binary, []string{binaryJSON(t, point), "null"}, nil}
	}
	code := parquetFixture{"code", arrow.BinaryTypes.String, []string{`"a"`, `"b"`}, nil}
	box := parquetFixture{"bounds", arrow.StructOf(arrow.Field{Name: "xmin", Type: arrow.PrimitiveTypes.Float64, Nullable: true}), []string{`{"xmin":2.5}`, "null"}, nil}
	lambert93, err := geo.CRSByCode(2154)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name     string
		columns  []parquetFixture
		metadata string
		crs      geo.CRS
	}{
		{"1.0 without crs", []parquetFixture{code, bytesColumn("shape")}, `{"version":"1.0.0","primary_column":"shape","columns":{"shape":{"encoding":"WKB","geometry_types":["Point"]}}}`, geo.WGS84},
		{"1.1 with a covering", []parquetFixture{bytesColumn("geometry"), box, code},
			`{"version":"1.1.0","primary_column":"geometry","columns":{"geometry":{"encoding":"WKB","geometry_types":[],"covering":{"bbox":{"xmin":["bounds","xmin"]}}}}}`, geo.WGS84},
		{"a crs in PROJJSON", []parquetFixture{bytesColumn("geometry"), code}, `{"primary_column":"geometry","columns":{"geometry":{"encoding":"WKB","crs":{"type":"ProjectedCRS","name":"RGF93 v1 / Lambert-93","id":{"authority":"EPSG","code":2154}}}}}`, lambert93},
		{"the crs is not known", []parquetFixture{bytesColumn("geometry"), code}, `{"version":"1.0.0","primary_column":"geometry","columns":{"geometry":{"encoding":"WKB","crs":null}}}`, geo.CRS{}},
		{"two geometries", []parquetFixture{bytesColumn("geometry"), bytesColumn("centre"), code}, `{"primary_column":"centre","columns":{"geometry":{"encoding":"WKB"},"centre":{"encoding":"WKB"}}}`, geo.WGS84},
		{"no metadata", []parquetFixture{code, bytesColumn("wkb_geometry")}, "", geo.CRS{}},
		{"text", []parquetFixture{code, {"geo_shape", arrow.BinaryTypes.String, []string{`"{\"type\":\"Point\",\"coordinates\":[2.5,48.5]}"`, "null"}, nil}}, "", geo.CRS{}},
		{"WKT", []parquetFixture{{"geom", arrow.BinaryTypes.String, []string{`"POINT Z (2.5 48.5 1)"`, `""`}, nil}, code}, "", geo.CRS{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			metadata := map[string]string{}
			if test.metadata != "" {
				metadata["geo"] = test.metadata
			}
			p, err := openParquet(writeParquet(t, test.columns, metadata))
			if err != nil {
				t.Fatal(err)
			}
			if p.CRS() != test.crs {
				t.Errorf("the system is %v, want %v", p.CRS(), test.crs)
			}
			places, err := p.Columns(Column{Names: []string{"code"}})
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []struct {
				code     string
				geometry orb.Geometry
			}{{"a", orb.Point{2.5, 48.5}}, {"b", nil}} {
				if more, err := p.Next(); !more || err != nil {
					t.Fatal(more, err)
				}
				g, err := p.Geometry()
				if err != nil || g != want.geometry || string(p.Field(places[0])) != want.code {
					t.Errorf("%q at %v, %v; want %v", p.Field(places[0]), g, err, want)
				}
			}
			left := slices.DeleteFunc(p.Unread(), func(name string) bool { return name == "geometry" && test.name == "two geometries" })
			if len(left) > 0 {
				t.Errorf("%q were not read", left)
			}
		})
	}
	for name, metadata := range map[string]string{
		"no such column":    `{"primary_column":"geom","columns":{"geom":{"encoding":"WKB"}}}`,
		"other encoding":    `{"primary_column":"geometry","columns":{"geometry":{"encoding":"multipolygon"}}}`,
		"not JSON":          `{"primary_column":`,
		"not described":     `{"primary_column":"geometry","columns":{}}`,
		"no primary":        `{}`,
		"crs not an object": `{"primary_column":"geometry","columns":{"geometry":{"encoding":"WKB","crs":5}}}`,
	} {
		if _, err := openParquet(writeParquet(t, []parquetFixture{bytesColumn("geometry"), code}, map[string]string{"geo": metadata})); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestParquetGeometryType marks a column as geometry by its type, as writers of 2026 do.
func TestParquetGeometryType(t *testing.T) {
	for crs, want := range map[string]int{"": 4326, "OGC:CRS84": 4326, "srid:2154": 2154, "EPSG:2154": 2154, "projjson:lambert": 2154,
		`{"type":"ProjectedCRS","name":"Lambert-93","id":{"authority":"EPSG","code":2154}}`: 2154} {
		p, err := openParquet(writeGeometryType(t, crs))
		if err != nil {
			t.Fatal(err)
		}
		if p.CRS().Code() != want {
			t.Errorf("%s is read as %v", crs, p.CRS())
		}
		if more, err := p.Next(); !more || err != nil {
			t.Fatal(more, err)
		}
		if g, err := p.Geometry(); err != nil || g != (orb.Point{2.5, 48.5}) {
			t.Errorf("%s: %v, %v", crs, g, err)
		}
	}
	if _, err := openParquet(writeGeometryType(t, "srid:1")); err == nil {
		t.Error("a system that there is not: no error")
	}
}

func writeGeometryType(t *testing.T, crs string) []byte {
	t.Helper()
	node, err := schema.NewPrimitiveNodeLogical("where", parquet.Repetitions.Required, schema.GeometryLogicalType{Crs: crs}, parquet.Types.ByteArray, 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	root, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, schema.FieldList{node}, -1)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	writer := file.NewParquetWriter(&out, root)
	if err := writer.AppendKeyValueMetadata("lambert", `{"type":"ProjectedCRS","name":"Lambert-93","id":{"authority":"EPSG","code":2154}}`); err != nil {
		t.Fatal(err)
	}
	group, err := writer.AppendRowGroupChecked()
	if err != nil {
		t.Fatal(err)
	}
	column, err := group.NextColumn()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := column.(*file.ByteArrayColumnChunkWriter).WriteBatch([]parquet.ByteArray{wkbOf(wkbPoint, 2.5, 48.5)}, nil, nil); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestParquetGeometryAskedForLate(t *testing.T) {
	var shapes, codes []string
	for i := range 50 {
		shapes = append(shapes, fmt.Sprintf(`"POINT (%d 48.5)"`, i))
		codes = append(codes, fmt.Sprintf(`"%05d"`, i))
	}
	p, err := openParquet(writeParquet(t, []parquetFixture{{"geom", arrow.BinaryTypes.String, shapes, nil}, {"code", arrow.BinaryTypes.String, codes, nil}}, nil))
	if err != nil {
		t.Fatal(err)
	}
	for row := range 50 {
		if more, err := p.Next(); !more || err != nil {
			t.Fatal(more, err)
		}
		if row < 31 {
			continue
		}
		if g, err := p.Geometry(); err != nil || g != (orb.Point{float64(row), 48.5}) {
			t.Errorf("row %d: %v, %v", row, g, err)
		}
	}
}

package engine

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
)

func TestTablesAreDescribed(t *testing.T) {
	names := map[string]bool{}
	for _, table := range Tables() {
		if names[table.Name] || table.About == "" {
			t.Errorf("%s: there twice, or nothing is said about it", table.Name)
		}
		names[table.Name] = true
		for _, column := range append(append([]string{}, table.Key...), table.Repeats...) {
			if len(table.Schema.FieldIndices(column)) != 1 {
				t.Errorf("%s: key or dictionary column %s is not a column", table.Name, column)
			}
		}
	}
	for _, kind := range Kinds() {
		if RowSchema(kind) == nil || RowSchema(kind).Field(0).Name != "line" {
			t.Errorf("rows of %s do not begin with their line", kind)
		}
	}
}

// The same rows give the same bytes: fifty times, because the footer differs about once in seven where a dictionary overflows.
func TestTableBytes(t *testing.T) {
	write := func(path string) []byte {
		mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
		defer mem.AssertSize(t, 0)
		w, err := NewTableWriter(path, Votes, mem)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 5000 {
			w.Text(0, fmt.Sprint("contest ", i%3))
			w.Int(1, int64(i*7919))
			w.Text(2, fmt.Sprint("choice ", i%12))
			w.Int(3, int64(i%50))
			if err := w.EndRow(); err != nil {
				t.Fatal(err)
			}
		}
		entry, err := w.Close()
		if err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if entry.Rows != 5000 || entry.Bytes != int64(len(content)) || entry.Name != "votes" {
			t.Errorf("described as %+v, %d bytes", entry, len(content))
		}
		return content
	}
	dir := t.TempDir()
	first := write(filepath.Join(dir, "0.parquet"))
	for i := 1; i < 50; i++ {
		if !bytes.Equal(first, write(filepath.Join(dir, fmt.Sprint(i, ".parquet")))) {
			t.Fatalf("file %d has other bytes", i)
		}
	}
}

func TestGeoParquet(t *testing.T) {
	path := filepath.Join(t.TempDir(), Precincts.File())
	w, err := NewTableWriter(path, Precincts, memory.NewGoAllocator())
	if err != nil {
		t.Fatal(err)
	}
	square := orb.MultiPolygon{{{{2, 48}, {2.5, 48}, {2.5, 49}, {2, 48}}}}
	for i, g := range []orb.Geometry{square, nil} {
		w.Int(0, int64(i+1))
		for c := 1; c <= 5; c++ {
			w.Text(c, "é")
		}
		if err := w.Geometry(g); err != nil {
			t.Fatal(err)
		}
		if err := w.EndRow(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := file.OpenParquetFile(path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var geo struct {
		Version string `json:"version"`
		Primary string `json:"primary_column"`
		Columns map[string]struct {
			Encoding string         `json:"encoding"`
			Types    []string       `json:"geometry_types"`
			Box      []float64      `json:"bbox"`
			Covering map[string]any `json:"covering"`
		} `json:"columns"`
	}
	if err := json.Unmarshal([]byte(*f.MetaData().KeyValueMetadata().FindValue("geo")), &geo); err != nil {
		t.Fatal(err)
	}
	column := geo.Columns["geometry"]
	if geo.Version != "1.1.0" || geo.Primary != "geometry" || column.Encoding != "WKB" || fmt.Sprint(column.Types) != "[MultiPolygon]" ||
		fmt.Sprint(column.Box) != "[2 48 2.5 49]" || column.Covering["bbox"] == nil {
		t.Errorf("geo metadata %+v", geo)
	}
	rows := 0
	err = readTable(context.Background(), path, Precincts, memory.NewGoAllocator(), func(r Rows) error {
		rows += r.Len()
		shapes, boxes := r.Binary("geometry"), r.Column("bbox").(*array.Struct)
		g, err := wkb.Unmarshal(shapes.Value(0))
		if err != nil || !orb.Equal(g, square) || !shapes.IsNull(1) || !boxes.IsNull(1) {
			t.Errorf("geometry %v, %v", g, err)
		}
		if xmax := boxes.Field(2).(*array.Float64).Value(0); xmax != 2.5 {
			t.Errorf("xmax %g", xmax)
		}
		return nil
	})
	if err != nil || rows != 2 {
		t.Errorf("%d rows, %v", rows, err)
	}
}

func TestTableOfOtherColumnsIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.parquet")
	w, err := NewTableWriter(path, Communes, memory.NewGoAllocator())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	never := func(Rows) error { t.Error("rows were given"); return nil }
	if err := readTable(t.Context(), path, Votes, memory.NewGoAllocator(), never); err == nil {
		t.Error("communes were read as votes")
	}
	if err := os.WriteFile(path, []byte("PAR1 not really PAR1"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := readTable(t.Context(), path, Communes, memory.NewGoAllocator(), never); err == nil {
		t.Error("a damaged file was read")
	}
}

// A table whose pages have a changed byte is read or refused, with all its rows or none; the Parquet reader alone panics.
func TestTableWithAChangedByte(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.parquet")
	w, err := NewTableWriter(path, Precincts, memory.NewGoAllocator())
	if err != nil {
		t.Fatal(err)
	}
	for row := range 5 {
		for field, f := range Precincts.Schema.Fields() {
			switch f.Type.Name() {
			case "int64":
				w.Int(field, int64(row))
			case "int32":
				w.Int32(field, int32(row))
			case "float64":
				w.Float(field, float64(row))
			case "utf8":
				w.Text(field, fmt.Sprint(f.Name, row))
			case "binary":
				if err := w.Geometry(orb.Point{2, 48}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := w.EndRow(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	footer := len(content) - 8 - int(binary.LittleEndian.Uint32(content[len(content)-8:]))
	refused := 0
	for at := 0; at < footer; at += 5 { // some hundred, for the time it takes
		for _, change := range []byte{0x01, 0x80, 0xff} {
			content[at] ^= change
			if err := os.WriteFile(path, content, 0o644); err != nil {
				t.Fatal(err)
			}
			content[at] ^= change
			rows := 0
			err := readTable(t.Context(), path, Precincts, memory.NewGoAllocator(), func(r Rows) error {
				rows += r.Len()
				return nil
			})
			if err != nil {
				refused++
			} else if rows != 5 {
				t.Errorf("byte %d: %d rows", at, rows)
			}
		}
	}
	if refused == 0 {
		t.Error("every change was read")
	}
}

func TestTableWriterDoesNotOverwrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.parquet")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := NewTableWriter(path, Communes, memory.NewGoAllocator()); err == nil {
		t.Error("a file that was there is overwritten")
	}
}

// Texts that repeat are listed anew for each row group, whatever comes in the next, and are texts to whoever reads them.
func TestTextsAreListedByRowGroup(t *testing.T) {
	words := table("words", nil, "", []string{"word", "maybe"}, "", column("word", textType), optional("maybe", textType))
	path := filepath.Join(t.TempDir(), words.File())
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	w, err := NewTableWriter(path, words, mem)
	if err != nil {
		t.Fatal(err)
	}
	const rows = 2*batchRows + 1000
	word := func(i int) string { return fmt.Sprintf("%d in group %d", i%7, i/batchRows) }
	maybe := func(i int) string { return []string{"", "a", "b"}[i/5%3] }
	for i := range rows {
		w.Text(0, word(i))
		w.OptionalText(1, maybe(i))
		if err := w.EndRow(); err != nil {
			t.Fatal(err)
		}
	}
	if entry, err := w.Close(); err != nil || entry.Rows != rows {
		t.Fatal(entry, err)
	}
	next := 0
	err = readTable(t.Context(), path, words, mem, func(r Rows) error {
		for i := range r.Len() {
			if got, gap := r.Texts("word").Value(i), r.Texts("maybe").IsNull(i); got != word(next) || r.Texts("maybe").Value(i) != maybe(next) || gap != (maybe(next) == "") {
				t.Fatalf("row %d is %q and %q", next, got, r.Texts("maybe").Value(i))
			}
			next++
		}
		return nil
	})
	if err != nil || next != rows {
		t.Errorf("%d of %d rows, %v", next, rows, err)
	}
	f, err := file.OpenParquetFile(path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.NumRowGroups() != 3 {
		t.Errorf("%d row groups", f.NumRowGroups())
	}
	for g := range f.NumRowGroups() {
		for c := range 2 {
			chunk, err := f.MetaData().RowGroup(g).ColumnChunk(c)
			if err != nil || !chunk.HasDictionaryPage() || chunk.TotalUncompressedSize() > 1<<17 { // each row's own text would take ten times as much
				t.Errorf("group %d, column %d: %d bytes, %v", g, c, chunk.TotalUncompressedSize(), err)
			}
		}
	}
	reader, err := pqarrow.NewFileReader(f, pqarrow.ArrowReadProperties{}, mem)
	if err != nil {
		t.Fatal(err)
	}
	if schema, err := reader.Schema(); err != nil || !arrow.TypeEqual(schema.Field(0).Type, textType) {
		t.Errorf("who reads the file is told of %v, %v", schema, err)
	}
}

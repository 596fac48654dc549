package engine

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"
	"os"
	"slices"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/flight"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
)

// batchRows is how many rows are buffered before they are written, as one row group.
const batchRows = 122880

// TableWriter writes a table as Parquet (GeoParquet 1.1 where it has a geometry), always with the same bytes for the same
// rows. Fill the columns of Rows in schema order, then call EndRow; Close makes the file durable, and must be called. Batches are encoded
// beside the filling of the next.
type TableWriter struct {
	table  Table
	file   *os.File
	buffer *bufio.Writer
	hash   hash.Hash
	bytes  int64
	parq   *pqarrow.FileWriter
	schema *arrow.Schema // of the batches
	rows   *array.RecordBuilder
	lists  []*textList // by column; nil of those whose texts are not listed
	open   int
	total  int64
	hear   func(rows int64)
	types  []string
	box    orb.Bound

	batches chan arrow.RecordBatch // to be encoded, in order
	encoded chan error             // the first error, once the last is; buffered
	broken  atomic.Bool            // an error is there already
}

// NewTableWriter creates the file, which must not exist.
func NewTableWriter(path string, t Table, mem memory.Allocator) (*TableWriter, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, fmt.Errorf("engine: write table %s: %w", t.Name, err)
	}
	w := &TableWriter{table: t, file: file, hash: sha256.New(), hear: func(int64) {}}
	w.build(mem)
	w.box = orb.Bound{Min: orb.Point{math.Inf(1), math.Inf(1)}, Max: orb.Point{math.Inf(-1), math.Inf(-1)}}
	w.buffer = bufio.NewWriterSize(io.MultiWriter(file, w.hash, (*byteCount)(&w.bytes)), 1<<20)

	// Only columns of few values get a dictionary: one that overflows makes the footer differ from run to run.
	options := []parquet.WriterProperty{
		parquet.WithCreatedBy("arpent"), parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCompressionLevel(fastest),
		parquet.WithDictionaryDefault(false), parquet.WithMaxRowGroupLength(batchRows), parquet.WithAllocator(mem),
	}
	for _, c := range t.Repeats {
		options = append(options, parquet.WithDictionaryFor(c, true))
	}
	w.parq, err = pqarrow.NewFileWriter(w.schema, w.buffer, parquet.NewWriterProperties(options...), pqarrow.NewArrowWriterProperties(pqarrow.WithAllocator(mem)))
	if err != nil {
		w.abandon()
		return nil, fmt.Errorf("engine: write table %s: %w", t.Name, err)
	}
	w.batches, w.encoded = make(chan arrow.RecordBatch, 1), make(chan error, 1)
	go w.encode(w.batches)
	return w, nil
}

// build makes what rows are collected in. Texts that repeat are listed, and rows have their numbers: that is how they stand in the file, so that it
// is not looked up again for each row. The schema that the file says it has is that of the table.
func (w *TableWriter) build(mem memory.Allocator) {
	fields := w.table.Schema.Fields()
	collected := slices.Clone(fields)
	w.lists = make([]*textList, len(fields))
	for i, f := range fields {
		if w.table.HasDictionary(f.Name) && f.Type.ID() == arrow.STRING {
			fields[i].Type, collected[i].Type = listedText, listedText.IndexType
			w.lists[i] = newTextList(mem)
		}
	}
	stored := base64.StdEncoding.EncodeToString(flight.SerializeSchema(w.table.Schema, mem))
	about := arrow.NewMetadata([]string{"ARROW:schema"}, []string{stored})
	w.schema = arrow.NewSchema(fields, &about)
	w.rows = array.NewRecordBuilder(mem, arrow.NewSchema(collected, nil))
}

// Hear has a function called now and then with the rows that are written.
func (w *TableWriter) Hear(hear func(rows int64)) { w.hear = hear }

// encode writes the batches that come until there are no more.
func (w *TableWriter) encode(batches <-chan arrow.RecordBatch) {
	var failed error
	for batch := range batches {
		if failed == nil {
			w.parq.NewBufferedRowGroup() // or lists of texts of two batches would meet in one
			if failed = w.parq.WriteBuffered(batch); failed != nil {
				w.broken.Store(true)
			}
		}
		batch.Release()
	}
	w.encoded <- failed
}

type byteCount int64

func (c *byteCount) Write(p []byte) (int, error) { *c += byteCount(len(p)); return len(p), nil }

func (w *TableWriter) Int(column int, v int64) {
	w.rows.Field(column).(*array.Int64Builder).Append(v)
}
func (w *TableWriter) Int32(column int, v int32) {
	w.rows.Field(column).(*array.Int32Builder).Append(v)
}
func (w *TableWriter) Float(column int, v float64) {
	w.rows.Field(column).(*array.Float64Builder).Append(v)
}
func (w *TableWriter) Text(column int, v string) {
	if list := w.lists[column]; list != nil {
		w.rows.Field(column).(*array.Int32Builder).Append(list.code(v))
		return
	}
	w.rows.Field(column).(*array.StringBuilder).Append(v)
}
func (w *TableWriter) Bool(column int, v bool) {
	w.rows.Field(column).(*array.BooleanBuilder).Append(v)
}
func (w *TableWriter) Null(column int) { w.rows.Field(column).AppendNull() }

// OptionalText writes "" as absent.
func (w *TableWriter) OptionalText(column int, v string) {
	if v == "" {
		w.Null(column)
		return
	}
	w.Text(column, v)
}

// Geometry fills the table's geometry and bbox columns, which are its last two; nil is absent.
func (w *TableWriter) Geometry(g orb.Geometry) error {
	column := w.table.Schema.NumFields() - 2
	box := w.rows.Field(column + 1).(*array.StructBuilder)
	if g == nil {
		w.Null(column)
		box.AppendNull()
		return nil
	}
	content, err := wkb.Marshal(g, wkb.DefaultByteOrder)
	if err != nil {
		return fmt.Errorf("engine: write table %s: geometry: %w", w.table.Name, err)
	}
	w.rows.Field(column).(*array.BinaryBuilder).Append(content)
	b := g.Bound()
	box.Append(true)
	for i, v := range []float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]} {
		box.FieldBuilder(i).(*array.Float64Builder).Append(v)
	}
	w.box = w.box.Union(b)
	if kind := g.GeoJSONType(); !slices.Contains(w.types, kind) {
		w.types = append(w.types, kind)
		slices.Sort(w.types)
	}
	return nil
}

// EndRow ends a row whose columns are all filled.
func (w *TableWriter) EndRow() error {
	w.open++
	w.total++
	if w.open < batchRows {
		return nil
	}
	return w.flush()
}

func (w *TableWriter) flush() error {
	w.open = 0
	w.hear(w.total)
	if w.broken.Load() {
		return w.failed(w.ended())
	}
	w.batches <- w.batch()
	return nil
}

// batch takes the rows that are collected.
func (w *TableWriter) batch() arrow.RecordBatch {
	collected := w.rows.NewRecordBatch()
	defer collected.Release()
	columns := slices.Clone(collected.Columns())
	for i, list := range w.lists {
		if list == nil {
			continue
		}
		texts := list.take()
		defer texts.Release()
		columns[i] = array.NewDictionaryArray(listedText, columns[i], texts)
		defer columns[i].Release()
	}
	return array.NewRecordBatch(w.schema, columns, collected.NumRows())
}

// ended waits until all batches are encoded. It gives the first error of them.
func (w *TableWriter) ended() error {
	if w.batches == nil {
		return nil
	}
	close(w.batches)
	w.batches = nil
	return <-w.encoded
}

func (w *TableWriter) failed(err error) error {
	return fmt.Errorf("engine: write table %s: %w", w.table.Name, err)
}

// Close writes what is left, syncs the file and describes it. After an error the file is not to be used.
func (w *TableWriter) Close() (ManifestTable, error) {
	defer w.abandon()
	if w.batches == nil {
		return ManifestTable{}, w.failed(errors.New("it broke off before"))
	}
	if err := w.flush(); err != nil {
		return ManifestTable{}, err
	}
	if err := w.ended(); err != nil {
		return ManifestTable{}, w.failed(err)
	}
	if w.table.Geometry != "" {
		geo, err := GeoMetadata(w.table.Geometry, w.types, w.box)
		if err != nil {
			return ManifestTable{}, w.failed(err)
		}
		if err := w.parq.AppendKeyValueMetadata("geo", geo); err != nil {
			return ManifestTable{}, w.failed(err)
		}
	}
	if err := errors.Join(w.parq.Close(), w.buffer.Flush(), w.file.Sync(), w.file.Close()); err != nil {
		return ManifestTable{}, w.failed(err)
	}
	return ManifestTable{w.table.Name, w.total, w.bytes, hex.EncodeToString(w.hash.Sum(nil))}, nil
}

// abandon lets go of memory and file; after Close it does nothing.
func (w *TableWriter) abandon() {
	_ = w.ended() // said already, or the table is given up
	w.rows.Release()
	for _, list := range w.lists {
		if list != nil {
			list.values.Release()
		}
	}
	w.file.Close() // closed already, or its error said
}

// GeoMetadata is the "geo" entry of https://geoparquet.org/releases/v1.1.0/ for a file with a geometry column and a column bbox of its
// boxes: the types of its geometries, sorted, and the box of all of them. Without types the file has no geometry in any row.
func GeoMetadata(column string, types []string, box orb.Bound) (string, error) {
	type m = map[string]any
	geometry := m{"encoding": "WKB", "geometry_types": append([]string{}, types...)}
	if len(types) > 0 {
		geometry["bbox"] = []float64{box.Min[0], box.Min[1], box.Max[0], box.Max[1]}
		geometry["covering"] = m{"bbox": m{
			"xmin": []string{"bbox", "xmin"}, "ymin": []string{"bbox", "ymin"},
			"xmax": []string{"bbox", "xmax"}, "ymax": []string{"bbox", "ymax"},
		}}
	}
	content, err := json.Marshal(m{"version": "1.1.0", "primary_column": column, "columns": m{column: geometry}})
	return string(content), err
}

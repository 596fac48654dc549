package export

import (
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"github.com/arpent/arpent/engine"
)

// groupRows is how many rows a row group has: what the writer holds in memory.
const groupRows = 1 << 16

// parquetFile writes Parquet with zstd, and GeoParquet 1.1 where there is a geometry, with its boxes beside it.
type parquetFile struct {
	out      *pqarrow.FileWriter
	schema   *arrow.Schema // with the boxes
	geometry int
	memory   memory.Allocator
	box      orb.Bound
	types    []string
}

func newParquet(out io.Writer, schema *arrow.Schema, o Options) (Writer, error) {
	w := &parquetFile{geometry: geometryOf(schema), memory: o.Memory, box: orb.Bound{
		Min: orb.Point{math.Inf(1), math.Inf(1)}, Max: orb.Point{math.Inf(-1), math.Inf(-1)},
	}}
	fields := schema.Fields()
	if w.geometry >= 0 {
		// In a file the geometry is known by the "geo" entry; an Arrow extension beside it confuses readers that know neither.
		fields[w.geometry] = arrow.Field{Name: fields[w.geometry].Name, Type: arrow.BinaryTypes.Binary, Nullable: true}
		fields = append(fields, arrow.Field{Name: "bbox", Type: engine.BoxType, Nullable: true})
	}
	metadata := schema.Metadata()
	w.schema = arrow.NewSchema(fields, nil)
	// No dictionaries: one that overflows makes the footer differ from run to run.
	properties := parquet.NewWriterProperties(parquet.WithCreatedBy("arpent"), parquet.WithCompression(compress.Codecs.Zstd),
		parquet.WithDictionaryDefault(false), parquet.WithMaxRowGroupLength(groupRows), parquet.WithAllocator(o.Memory))
	var err error
	w.out, err = pqarrow.NewFileWriter(w.schema, onlyWriter{out}, properties, pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema(), pqarrow.WithAllocator(o.Memory)))
	if err != nil {
		return nil, fmt.Errorf("export: parquet: %w", err)
	}
	for i, key := range metadata.Keys() {
		if err := w.out.AppendKeyValueMetadata(key, metadata.Values()[i]); err != nil {
			return nil, fmt.Errorf("export: parquet: %w", err)
		}
	}
	return w, nil
}

// onlyWriter keeps the Parquet writer from closing what it writes to.
type onlyWriter struct{ io.Writer }

func (w *parquetFile) Write(batch arrow.RecordBatch) error {
	columns := slices.Clone(batch.Columns())
	if w.geometry >= 0 {
		boxes, err := w.boxes(columns[w.geometry].(*array.Binary))
		if err != nil {
			return err
		}
		defer boxes.Release()
		columns = append(columns, boxes)
	}
	boxed := array.NewRecordBatch(w.schema, columns, batch.NumRows())
	defer boxed.Release()
	return w.out.WriteBuffered(boxed)
}

// boxes gives the bounds of geometries, and notes what the file has of them.
func (w *parquetFile) boxes(shapes *array.Binary) (arrow.Array, error) {
	builder := array.NewStructBuilder(w.memory, engine.BoxType)
	defer builder.Release()
	for i := range shapes.Len() {
		if shapes.IsNull(i) {
			builder.AppendNull()
			continue
		}
		g, err := wkb.Unmarshal(shapes.Value(i))
		if err != nil {
			return nil, fmt.Errorf("export: parquet: geometry: %w", err)
		}
		b := g.Bound()
		builder.Append(true)
		for j, v := range []float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]} {
			builder.FieldBuilder(j).(*array.Float64Builder).Append(v)
		}
		w.box = w.box.Union(b)
		if kind := g.GeoJSONType(); !slices.Contains(w.types, kind) {
			w.types = append(w.types, kind)
			slices.Sort(w.types)
		}
	}
	return builder.NewArray(), nil
}

func (w *parquetFile) Close() error {
	if w.geometry >= 0 {
		geo, err := engine.GeoMetadata(w.schema.Field(w.geometry).Name, w.types, w.box)
		if err == nil {
			err = w.out.AppendKeyValueMetadata("geo", geo)
		}
		if err != nil {
			return fmt.Errorf("export: parquet: %w", err)
		}
	}
	return w.out.Close()
}

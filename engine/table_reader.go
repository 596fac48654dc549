package engine

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// Rows gives the columns of a batch by name, as Go values. It is valid only while the batch is.
type Rows struct {
	batch arrow.RecordBatch
	index map[string]int
}

// NewRows gives access to the columns of a batch that has the schema's columns.
func NewRows(batch arrow.RecordBatch) Rows {
	index := make(map[string]int, batch.NumCols())
	for i, f := range batch.Schema().Fields() {
		index[f.Name] = i
	}
	return Rows{batch, index}
}

// Len is the number of rows.
func (r Rows) Len() int { return int(r.batch.NumRows()) }

// Column gives a column that the schema has. The functions below give it as what the schema says it is.
func (r Rows) Column(name string) arrow.Array { return r.batch.Column(r.index[name]) }

func (r Rows) Ints(name string) *array.Int64     { return r.Column(name).(*array.Int64) }
func (r Rows) Int32s(name string) *array.Int32   { return r.Column(name).(*array.Int32) }
func (r Rows) Floats(name string) *array.Float64 { return r.Column(name).(*array.Float64) }
func (r Rows) Bools(name string) *array.Boolean  { return r.Column(name).(*array.Boolean) }
func (r Rows) Binary(name string) *array.Binary  { return r.Column(name).(*array.Binary) }

// Texts gives a column of texts, whether a batch has each of them or a list of different ones.
func (r Rows) Texts(name string) Texts {
	switch column := r.Column(name).(type) {
	case *array.Dictionary:
		return Texts{column, column.Indices().(*array.Int32).Int32Values(), column.NullN() > 0, column.Dictionary().(*array.String)}
	default:
		return Texts{Array: column, values: column.(*array.String)}
	}
}

// Texts is a column of texts.
type Texts struct {
	arrow.Array
	codes  []int32 // by row: which of values; nil where values has the rows themselves
	gaps   bool    // some rows are absent, and have no code
	values *array.String
}

// listed is how many texts the batch lists; 0 where it has each row's own.
func (t Texts) listed() int {
	if t.codes == nil {
		return 0
	}
	return t.values.Len()
}

// code is the number of a row's text among those that are listed; -1 where it is absent, or none is listed.
func (t Texts) code(row int) int {
	if t.codes == nil || t.gaps && t.IsNull(row) {
		return -1
	}
	return int(t.codes[row])
}

// Value is the text of a row, "" where it is absent. It is valid only while the batch is.
func (t Texts) Value(row int) string {
	switch {
	case t.codes == nil:
		return t.values.Value(row)
	case t.gaps && t.IsNull(row):
		return ""
	}
	return t.values.Value(int(t.codes[row]))
}

// ReadTable calls each with the batches of a table of the snapshot, in key order. A batch is released after each returns.
func (s *Snapshot) ReadTable(ctx context.Context, t Table, mem memory.Allocator, each func(Rows) error) error {
	if err := readTable(ctx, s.Path(t), t, mem, each); err != nil {
		return fmt.Errorf("engine: snapshot %s, table %s: %w", s.Manifest.ID, t.Name, err)
	}
	return nil
}

func readTable(ctx context.Context, path string, t Table, mem memory.Allocator, each func(Rows) error) error {
	var f *file.Reader
	var batches pqarrow.RecordReader
	err := guarded(func() (err error) {
		properties := parquet.NewReaderProperties(mem)
		if f, err = file.OpenParquetFile(path, false, file.WithReadProps(properties)); err != nil {
			return err
		}
		batches, err = openBatches(ctx, f, t, mem)
		return err
	})
	if f != nil {
		defer f.Close()
	}
	if err != nil {
		return err
	}
	defer batches.Release()
	ahead := readAhead(ctx, batches)
	defer ahead.stop()
	rows := int64(0)
	for {
		batch, err := ahead.next()
		switch {
		case err != nil:
			return err
		case batch == nil && rows != f.NumRows():
			return fmt.Errorf("it is damaged (%d of %d rows can be read): build the place again", rows, f.NumRows())
		case batch == nil:
			return nil
		}
		rows += batch.NumRows()
		err = each(NewRows(batch))
		batch.Release()
		if err != nil {
			return err
		}
	}
}

// reading reads batches beside what is done with the one before.
type reading struct {
	cancel  context.CancelFunc
	batches chan arrow.RecordBatch
	err     error // once batches is closed
}

func readAhead(ctx context.Context, from pqarrow.RecordReader) *reading {
	ctx, cancel := context.WithCancel(ctx)
	r := &reading{cancel: cancel, batches: make(chan arrow.RecordBatch, readAheadBatches)}
	go func() {
		defer close(r.batches)
		for {
			if r.err = ctx.Err(); r.err != nil {
				return
			}
			more := false
			if r.err = guarded(func() error {
				more = from.Next()
				return from.Err()
			}); r.err != nil || !more {
				return
			}
			batch := from.RecordBatch()
			batch.Retain()
			select {
			case r.batches <- batch:
			case <-ctx.Done():
				batch.Release()
			}
		}
	}()
	return r
}

// next gives a batch, to be released; nil after the last, or with an error.
func (r *reading) next() (arrow.RecordBatch, error) {
	if batch, ok := <-r.batches; ok {
		return batch, nil
	}
	return nil, r.err
}

// stop waits until nothing is read any more.
func (r *reading) stop() {
	r.cancel()
	for batch := range r.batches {
		batch.Release()
	}
}

// readRows is how many rows are read at a time: few, so that their memory is soon used again.
const readRows = 1 << 13

// readAheadBatches are about a row group: where one begins, most of it is unpacked at once.
const readAheadBatches = 16

func openBatches(ctx context.Context, f *file.Reader, t Table, mem memory.Allocator) (pqarrow.RecordReader, error) {
	properties := pqarrow.ArrowReadProperties{BatchSize: readRows}
	for _, name := range t.Repeats {
		// Many millions of texts are read several times as fast where each batch lists the few there are.
		if at := f.MetaData().Schema.ColumnIndexByName(name); at >= 0 && isText(t.Schema, name) {
			properties.SetReadDict(at, true)
		}
	}
	reader, err := pqarrow.NewFileReader(f, properties, mem)
	if err != nil {
		return nil, err
	}
	schema, err := reader.Schema()
	if err != nil {
		return nil, err
	}
	if !sameColumns(schema, t.Schema) {
		return nil, fmt.Errorf("its columns are not those of this version (%v): build the place again", schema.Fields())
	}
	return reader.GetRecordReader(ctx, nil, nil)
}

// guarded makes an error of a panic: the Parquet reader has some for pages that are not what their headers say.
func guarded(read func() error) (err error) {
	defer func() {
		if found := recover(); found != nil {
			err = fmt.Errorf("it is damaged (%v): build the place again", found)
		}
	}()
	return read()
}

func isText(s *arrow.Schema, name string) bool {
	at := s.FieldIndices(name)
	return len(at) == 1 && s.Field(at[0]).Type.ID() == arrow.STRING
}

// sameColumns tells whether what is read has the columns of a table; texts may come as a list of different ones.
func sameColumns(read, table *arrow.Schema) bool {
	if read.NumFields() != table.NumFields() {
		return false
	}
	for i, f := range read.Fields() {
		kind := f.Type
		if of, ok := kind.(*arrow.DictionaryType); ok {
			kind = of.ValueType
		}
		if f.Name != table.Field(i).Name || !arrow.TypeEqual(kind, table.Field(i).Type) {
			return false
		}
	}
	return true
}

package datasets

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/arpent/arpent/engine"
)

// Batches end at batchRows rows, or earlier at batchBytes bytes of text and geometry, so that memory has a bound.
const (
	batchRows  = 8192
	batchBytes = 8 << 20
)

// batch gathers rows and emits them.
type batch struct {
	schema  *arrow.Schema
	builder *array.RecordBuilder
	send    func(arrow.RecordBatch) error
	bytes   int
}

func newBatch(kind engine.Kind, r engine.Reading) *batch {
	schema := engine.RowSchema(kind)
	return &batch{schema: schema, builder: array.NewRecordBuilder(r.Allocator, schema), send: r.Emit}
}

func (b *batch) release() { b.builder.Release() }

// emitFull emits the rows if there are enough.
func (b *batch) emitFull() error {
	if b.builder.Field(0).Len() < batchRows && b.bytes < batchBytes {
		return nil
	}
	return b.emit()
}

// emit emits the rows, if any.
func (b *batch) emit() error {
	if b.builder.Field(0).Len() == 0 {
		return nil
	}
	rows := b.builder.NewRecordBatch()
	defer rows.Release()
	b.bytes = 0
	return b.send(rows)
}

// column finds the builder of a column. Asking for one that the kind of rows has not, or has with another type, is a mistake
// in a decoder, which its first test shows.
func column[B array.Builder](b *batch, name string) B {
	at := b.schema.FieldIndices(name)
	if len(at) == 0 {
		panic(fmt.Sprintf("datasets: there is no column %s", name))
	}
	return b.builder.Field(at[0]).(B)
}

func (b *batch) ints(name string) *array.Int64Builder   { return column[*array.Int64Builder](b, name) }
func (b *batch) int32s(name string) *array.Int32Builder { return column[*array.Int32Builder](b, name) }
func (b *batch) floats(name string) *array.Float64Builder {
	return column[*array.Float64Builder](b, name)
}

func (b *batch) texts(name string) texts {
	return texts{column[*array.StringBuilder](b, name).BinaryBuilder, &b.bytes}
}

func (b *batch) shapes(name string) texts {
	return texts{column[*array.BinaryBuilder](b, name), &b.bytes}
}

// texts is a column of texts or bytes that counts its size.
type texts struct {
	builder *array.BinaryBuilder
	bytes   *int
}

func (t texts) append(value []byte) {
	*t.bytes += len(value)
	t.builder.Append(value)
}

func (t texts) appendString(value string) {
	*t.bytes += len(value)
	t.builder.AppendString(value)
}

// appendOptional appends an empty text as absent.
func (t texts) appendOptional(value []byte) {
	if len(value) == 0 {
		t.builder.AppendNull()
		return
	}
	t.append(value)
}

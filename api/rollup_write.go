package api

import (
	"bufio"
	"fmt"
	"io"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/export"
	"github.com/arpent/arpent/geo"
)

// rollupWriter writes the rows of a roll-up one at a time, and holds little of them.
type rollupWriter interface {
	write(row *rollupRow) error
	close() error // the end of a whole answer
	release()     // after close, or in its place where the answer broke off
}

// jsonRollup writes {"by": [...], "rows": [...]}.
type jsonRollup struct {
	out     *bufio.Writer
	columns []rollupColumn
	rows    int
	line    []byte
}

func newJSONRollup(out io.Writer, columns []rollupColumn, by []engine.Dimension, audience string) rollupWriter {
	w := &jsonRollup{out: bufio.NewWriter(out), columns: columns}
	head := fmt.Appendf(nil, `{"audience":%q,"by":[`, audience)
	for i, dimension := range by {
		if i > 0 {
			head = append(head, ',')
		}
		head = strconv.AppendQuote(head, string(dimension))
	}
	_, _ = w.out.Write(append(head, `],"rows":[`...)) // an error stays, and Flush gives it
	return w
}

func (w *jsonRollup) write(row *rollupRow) error {
	w.line = w.line[:0]
	if w.rows++; w.rows > 1 {
		w.line = append(w.line, ',')
	}
	w.line = append(w.line, '\n', '{')
	for i := range w.columns {
		c := &w.columns[i]
		if i > 0 {
			w.line = append(w.line, ',')
		}
		w.line = append(strconv.AppendQuote(w.line, c.name), ':')
		switch {
		case c.isNull(row):
			w.line = append(w.line, "null"...)
		case c.kind == idColumn || c.kind == countColumn:
			w.line = strconv.AppendInt(w.line, c.number(row), 10)
		default:
			w.line = strconv.AppendQuote(w.line, c.words(row)) // codes, dates and hex digits: nothing to escape
		}
	}
	w.line = append(w.line, '}')
	_, err := w.out.Write(w.line)
	return err
}

func (w *jsonRollup) close() error {
	_, _ = w.out.WriteString("]}\n")
	return w.out.Flush()
}

func (w *jsonRollup) release() {}

// words writes what is no plain number.
func (c *rollupColumn) words(row *rollupRow) string {
	switch c.kind {
	case cellColumn:
		return geo.Cell(c.number(row)).String()
	case dayColumn:
		return date(c.number(row))
	default:
		return c.text(row)
	}
}

// tableRollup writes CSV or Arrow by batches of columns.
type tableRollup struct {
	out     export.Writer
	columns []rollupColumn
	builder *array.RecordBuilder
	rows    int
}

// batchOfRollup is how many rows are written at once.
const batchOfRollup = 4096

func newTableRollup(format string, out io.Writer, columns []rollupColumn, allocator memory.Allocator) (rollupWriter, error) {
	var fields []arrow.Field
	for _, c := range columns {
		field := arrow.Field{Name: c.name, Type: arrow.PrimitiveTypes.Int64}
		switch c.kind {
		case cellColumn:
			field = engine.CellField(c.name)
		case dayColumn:
			field.Type = arrow.FixedWidthTypes.Date32
		case textColumn:
			field.Type = arrow.BinaryTypes.String
		}
		field.Nullable = c.answers || c.kind == textColumn
		fields = append(fields, field)
	}
	schema := arrow.NewSchema(fields, nil)
	f, err := export.FormatByName(format)
	if err != nil {
		return nil, err
	}
	writer, err := f.Writer(out, schema, export.Options{Memory: allocator})
	if err != nil {
		return nil, err
	}
	return &tableRollup{out: writer, columns: columns, builder: array.NewRecordBuilder(allocator, schema)}, nil
}

func (w *tableRollup) write(row *rollupRow) error {
	for i := range w.columns {
		c := &w.columns[i]
		if c.isNull(row) {
			w.builder.Field(i).AppendNull()
			continue
		}
		switch column := w.builder.Field(i).(type) {
		case *array.Int64Builder:
			column.Append(c.number(row))
		case *array.Date32Builder:
			column.Append(arrow.Date32(c.number(row)))
		case *array.StringBuilder:
			column.Append(c.text(row))
		}
	}
	if w.rows++; w.rows%batchOfRollup == 0 {
		return w.flush()
	}
	return nil
}

func (w *tableRollup) flush() error {
	batch := w.builder.NewRecordBatch()
	defer batch.Release()
	return w.out.Write(batch)
}

func (w *tableRollup) close() error {
	if err := w.flush(); err != nil {
		return err
	}
	return w.out.Close()
}

func (w *tableRollup) release() { w.builder.Release() }

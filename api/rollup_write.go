package api

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/arpent/arpent/engine"
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

// csvRollup writes RFC 4180, with a line of names. No value needs quotes: they are numbers, dates and codes.
type csvRollup struct {
	out     *bufio.Writer
	columns []rollupColumn
	line    []byte
}

func newCSVRollup(out io.Writer, columns []rollupColumn) rollupWriter {
	w := &csvRollup{out: bufio.NewWriter(out), columns: columns}
	var names []string
	for _, c := range columns {
		names = append(names, c.name)
	}
	_, _ = w.out.WriteString(strings.Join(names, ",") + "\r\n") // an error stays, and Flush gives it
	return w
}

func (w *csvRollup) write(row *rollupRow) error {
	w.line = w.line[:0]
	for i := range w.columns {
		c := &w.columns[i]
		if i > 0 {
			w.line = append(w.line, ',')
		}
		switch {
		case c.isNull(row):
		case c.kind == idColumn || c.kind == countColumn:
			w.line = strconv.AppendInt(w.line, c.number(row), 10)
		default:
			w.line = append(w.line, plainCell(c.words(row))...)
		}
	}
	w.line = append(w.line, "\r\n"...)
	_, err := w.out.Write(w.line)
	return err
}

func (w *csvRollup) close() error { return w.out.Flush() }
func (w *csvRollup) release()     {}

// plainCell keeps a text from being a formula where a table is opened in a spreadsheet, and from ending its cell.
func plainCell(text string) string {
	if strings.ContainsAny(text, ",\"\r\n\t") {
		text = strings.NewReplacer(",", " ", `"`, " ", "\r", " ", "\n", " ", "\t", " ").Replace(text)
	}
	if text != "" && strings.ContainsRune("=+-@", rune(text[0])) {
		return "'" + text
	}
	return text
}

// arrowRollup writes an Arrow IPC stream. A stream that broke off has no end mark.
type arrowRollup struct {
	out     *ipc.Writer
	columns []rollupColumn
	builder *array.RecordBuilder
	rows    int
}

// arrowRows is how many rows a record batch has.
const arrowRows = 4096

func newArrowRollup(out io.Writer, columns []rollupColumn, allocator memory.Allocator) rollupWriter {
	var fields []arrow.Field
	for _, c := range columns {
		types := map[columnKind]arrow.DataType{dayColumn: arrow.FixedWidthTypes.Date32, textColumn: arrow.BinaryTypes.String}
		of, ok := types[c.kind]
		if !ok {
			of = arrow.PrimitiveTypes.Int64
		}
		fields = append(fields, arrow.Field{Name: c.name, Type: of, Nullable: c.answers || c.kind == textColumn})
	}
	schema := arrow.NewSchema(fields, nil)
	return &arrowRollup{
		out: ipc.NewWriter(out, ipc.WithSchema(schema), ipc.WithAllocator(allocator)), columns: columns, builder: array.NewRecordBuilder(allocator, schema),
	}
}

func (w *arrowRollup) write(row *rollupRow) error {
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
	if w.rows++; w.rows%arrowRows == 0 {
		return w.flush()
	}
	return nil
}

func (w *arrowRollup) flush() error {
	batch := w.builder.NewRecordBatch()
	defer batch.Release()
	return w.out.Write(batch)
}

func (w *arrowRollup) close() error {
	if err := w.flush(); err != nil { // also without rows, so that the schema is there
		return err
	}
	return w.out.Close()
}

func (w *arrowRollup) release() { w.builder.Release() }

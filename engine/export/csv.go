package export

import (
	"bufio"
	"io"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/arpent/arpent/engine"
)

// csvTable writes RFC 4180 with a line of names. What is absent is an empty cell, a geometry is well-known text.
type csvTable struct {
	out    *bufio.Writer
	schema *arrow.Schema
	line   []byte
	cell   []byte
}

func newCSV(out io.Writer, schema *arrow.Schema, _ Options) (Writer, error) {
	if err := writable(schema); err != nil {
		return nil, err
	}
	w := &csvTable{out: bufio.NewWriterSize(out, 1<<16), schema: schema}
	for i, f := range schema.Fields() {
		if i > 0 {
			w.line = append(w.line, ',')
		}
		w.line = appendCSVText(w.line, f.Name)
	}
	_, _ = w.out.Write(append(w.line, "\r\n"...)) // an error stays, and Flush gives it
	return w, nil
}

func (w *csvTable) Write(batch arrow.RecordBatch) error {
	for row := range int(batch.NumRows()) {
		w.line = w.line[:0]
		for i, column := range batch.Columns() {
			if i > 0 {
				w.line = append(w.line, ',')
			}
			if err := w.append(w.schema.Field(i), column, row); err != nil {
				return err
			}
		}
		if _, err := w.out.Write(append(w.line, "\r\n"...)); err != nil {
			return err
		}
	}
	return nil
}

func (w *csvTable) append(f arrow.Field, column arrow.Array, row int) (err error) {
	if column.IsNull(row) {
		return nil
	}
	switch c := column.(type) {
	case *array.String:
		w.line = appendCSVText(w.line, c.Value(row))
	case *array.Binary:
		if w.cell, err = appendWKT(w.cell[:0], c.Value(row)); err != nil {
			return err
		}
		w.line = append(append(append(w.line, '"'), w.cell...), '"') // it has commas
	case *array.Date32:
		w.line = append(w.line, c.Value(row).ToTime().Format("2006-01-02")...)
	case *array.Int64:
		if engine.IsCell(f) {
			w.line = appendCell(w.line, c.Value(row))
			return nil
		}
		w.line, _ = appendNumber(w.line, column, row)
	default:
		w.line, _ = appendNumber(w.line, column, row)
	}
	return nil
}

// appendCSVText writes a text, in quotes where it needs them. What a spreadsheet would take for a formula gets an apostrophe first: street
// names come from files of anybody.
func appendCSVText(to []byte, text string) []byte {
	if text != "" && strings.IndexByte("=+-@\t\r", text[0]) >= 0 {
		text = "'" + text
	}
	if !strings.ContainsAny(text, ",\"\r\n") {
		return append(to, text...)
	}
	return append(append(append(to, '"'), strings.ReplaceAll(text, `"`, `""`)...), '"')
}

func (w *csvTable) Close() error { return w.out.Flush() }

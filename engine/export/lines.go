package export

import (
	"bufio"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
)

// lines writes each row as an object of its columns, on a line: NDJSON of what is a table and no map.
type lines struct {
	out    *bufio.Writer
	schema *arrow.Schema
	keys   [][]byte // by column, `"name":`
	line   []byte
}

func newLines(out io.Writer, schema *arrow.Schema) (Writer, error) {
	if err := writable(schema); err != nil {
		return nil, err
	}
	if at := geometryOf(schema); at >= 0 {
		return nil, fmt.Errorf("export: column %s is a geometry, which a table has no room for", schema.Field(at).Name)
	}
	return &lines{out: bufio.NewWriterSize(out, 1<<16), schema: schema, keys: jsonKeys(schema)}, nil
}

func (w *lines) Write(batch arrow.RecordBatch) error {
	for row := range int(batch.NumRows()) {
		w.line = append(w.line[:0], '{')
		for i, column := range batch.Columns() {
			if i > 0 {
				w.line = append(w.line, ',')
			}
			w.line = appendJSON(append(w.line, w.keys[i]...), w.schema.Field(i), column, row)
		}
		if _, err := w.out.Write(append(w.line, "}\n"...)); err != nil {
			return err
		}
	}
	return nil
}

func (w *lines) Close() error { return w.out.Flush() }

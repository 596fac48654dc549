package export

import (
	"bufio"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// features writes rows as GeoJSON features (RFC 7946). The column id is their id, the other columns are their properties.
type features struct {
	out      *bufio.Writer
	schema   *arrow.Schema
	geometry int
	id       int
	keys     [][]byte // by column, `"name":`
	line     []byte
}

func newFeatures(out io.Writer, schema *arrow.Schema) (*features, error) {
	if err := writable(schema); err != nil {
		return nil, err
	}
	w := &features{out: bufio.NewWriterSize(out, 1<<16), schema: schema, geometry: geometryOf(schema), id: -1, keys: jsonKeys(schema)}
	for i, f := range schema.Fields() {
		if f.Name == "id" {
			w.id = i
		}
	}
	return w, nil
}

// jsonKeys gives the names of the columns as they stand in an object.
func jsonKeys(schema *arrow.Schema) (keys [][]byte) {
	for _, f := range schema.Fields() {
		keys = append(keys, append(appendJSONText(nil, f.Name), ':'))
	}
	return keys
}

// feature appends the feature of a row to the line.
func (w *features) feature(batch arrow.RecordBatch, row int) (err error) {
	w.line = append(w.line, `{"type":"Feature"`...)
	if w.id >= 0 {
		w.line = appendJSON(append(w.line, `,"id":`...), w.schema.Field(w.id), batch.Column(w.id), row)
	}
	w.line = append(w.line, `,"geometry":`...)
	if w.geometry < 0 || batch.Column(w.geometry).IsNull(row) {
		w.line = append(w.line, "null"...)
	} else if w.line, err = appendGeoJSON(w.line, batch.Column(w.geometry).(*array.Binary).Value(row)); err != nil {
		return err
	}
	w.line = append(w.line, `,"properties":{`...)
	first := true
	for i, column := range batch.Columns() {
		if i == w.geometry || i == w.id {
			continue
		}
		if !first {
			w.line = append(w.line, ',')
		}
		first = false
		w.line = appendJSON(append(w.line, w.keys[i]...), w.schema.Field(i), column, row)
	}
	w.line = append(w.line, "}}"...)
	return nil
}

// geoJSON writes a FeatureCollection.
type geoJSON struct {
	*features
	members func() []byte
	rows    int
}

func newGeoJSON(out io.Writer, schema *arrow.Schema, o Options) (Writer, error) {
	w, err := newFeatures(out, schema)
	if err != nil {
		return nil, err
	}
	_, _ = w.out.WriteString(`{"type":"FeatureCollection","features":[`) // an error stays, and Flush gives it
	return &geoJSON{w, o.Members, 0}, nil
}

func (w *geoJSON) Write(batch arrow.RecordBatch) error {
	for row := range int(batch.NumRows()) {
		w.line = w.line[:0]
		if w.rows > 0 {
			w.line = append(w.line, ',')
		}
		w.rows++
		w.line = append(w.line, '\n')
		if err := w.feature(batch, row); err != nil {
			return err
		}
		if _, err := w.out.Write(w.line); err != nil {
			return err
		}
	}
	return nil
}

func (w *geoJSON) Close() error {
	_, _ = w.out.WriteString("\n]")
	if w.members != nil {
		_, _ = w.out.WriteString(",")
		_, _ = w.out.Write(w.members())
	}
	_, _ = w.out.WriteString("}\n")
	return w.out.Flush()
}

// ndJSON writes a feature on each line.
type ndJSON struct{ *features }

func newNDJSON(out io.Writer, schema *arrow.Schema, o Options) (Writer, error) {
	if o.Table {
		return newLines(out, schema)
	}
	w, err := newFeatures(out, schema)
	if err != nil {
		return nil, err
	}
	return &ndJSON{w}, nil
}

func (w *ndJSON) Write(batch arrow.RecordBatch) error {
	for row := range int(batch.NumRows()) {
		w.line = w.line[:0]
		if err := w.feature(batch, row); err != nil {
			return err
		}
		w.line = append(w.line, '\n')
		if _, err := w.out.Write(w.line); err != nil {
			return err
		}
	}
	return nil
}

func (w *ndJSON) Close() error { return w.out.Flush() }

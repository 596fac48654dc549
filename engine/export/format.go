package export

import (
	"fmt"
	"io"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Format is a way to write rows.
type Format struct {
	Name      string // what it is asked for by, and the suffix of a file
	Title     string
	MediaType string

	// Bare formats have a geometry only where somebody asks for it: tables are not the place for outlines.
	Bare bool

	// Features have an id whatever properties are asked for.
	Features bool

	newWriter func(out io.Writer, schema *arrow.Schema, o Options) (Writer, error)
}

// Formats lists the formats; the first is the default.
func Formats() []Format {
	return []Format{
		{Name: "geojson", Title: "GeoJSON", MediaType: "application/geo+json", Features: true, newWriter: newGeoJSON},
		{Name: "ndjson", Title: "A GeoJSON feature on each line", MediaType: "application/x-ndjson", Features: true, newWriter: newNDJSON},
		{Name: "csv", Title: "CSV", MediaType: "text/csv; charset=utf-8", Bare: true, newWriter: newCSV},
		{Name: "arrow", Title: "Arrow IPC stream", MediaType: "application/vnd.apache.arrow.stream", newWriter: newArrow},
		{Name: "parquet", Title: "GeoParquet", MediaType: "application/vnd.apache.parquet", newWriter: newParquet},
	}
}

// FormatByName finds a format.
func FormatByName(name string) (Format, error) {
	var known []string
	for _, f := range Formats() {
		if f.Name == name {
			return f, nil
		}
		known = append(known, f.Name)
	}
	return Format{}, fmt.Errorf("export: there is no format %q: known are %s", name, strings.Join(known, ", "))
}

// Options are what a writer may be told. The zero value works.
type Options struct {
	Memory memory.Allocator // of Arrow and Parquet; Go's when nil
	// Members gives what a GeoJSON collection says beside its features, as `"numberReturned":10,"links":[]`; it is called once the last
	// feature is written. nil: nothing.
	Members func() []byte
	// Table says that the rows are a table and no map: NDJSON then has an object of the columns on each line, and no feature.
	Table bool
}

// Writer writes batches of the schema it was made for. A writer that is not closed leaves a file that readers know to be cut short, where
// the format allows that.
type Writer interface {
	Write(batch arrow.RecordBatch) error // keeps nothing of the batch
	Close() error                        // ends the file; out stays open
}

// Writer begins a file of the format.
func (f Format) Writer(out io.Writer, schema *arrow.Schema, o Options) (Writer, error) {
	if o.Memory == nil {
		o.Memory = memory.NewGoAllocator()
	}
	return f.newWriter(out, schema, o)
}

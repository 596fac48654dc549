package api

import (
	"fmt"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine/export"
	"github.com/arpent/arpent/engine/live"
)

// KindExport is the kind of job that writes the units of a collection to a file.
const KindExport = "export"

// Export is what an export is asked with: a question, as /v1/query/list takes it, and a form.
type Export struct {
	Question
	Properties []string `json:"properties,omitempty" maxItems:"500"`
	SortBy     []string `json:"sortby,omitempty" maxItems:"8"`
	Sample     int      `json:"sample,omitempty" minimum:"1" doc:"So many of the rows by chance, each as likely as another"`
	Seed       uint64   `json:"seed,omitempty" doc:"Of the sample: the same seed gives the same rows of a snapshot"`
	Geometry   *bool    `json:"geometry,omitempty" doc:"By default all forms but CSV have it"`
	Format     string   `json:"format,omitempty" enum:"geojson,ndjson,csv,arrow,parquet" default:"parquet"`
}

// ExportRows are the rows that an export writes.
type ExportRows struct {
	*live.Items
	Format export.Format
	None   bool // no contest was held at the time that it asks for, so that there is no row
}

// Rows puts the question to a snapshot.
func (e *Export) Rows(city City) (rows ExportRows, err error) {
	if rows.Format, err = export.FormatByName(e.Format); err != nil {
		return rows, err
	}
	if err := unpinned(e.Collection); err != nil {
		return rows, err
	}
	parameters, err := e.items()
	if err != nil {
		return rows, err
	}
	parameters.Properties, parameters.SortBy, parameters.Sample, parameters.Seed = e.Properties, e.SortBy, e.Sample, e.Seed
	parameters.Bare = bareText(e.Geometry)
	query, none, err := parameters.query(city, e.Collection, rows.Format)
	if err != nil {
		return rows, err
	}
	rows.None = none
	rows.Items, err = city.Items(query)
	return rows, err
}

// unpinned refuses a collection that names a snapshot: of a job that stands elsewhere.
func unpinned(collection string) error {
	if name, _, pinned := strings.Cut(collection, "@"); pinned {
		return invalid("query.collection", nil, fmt.Sprintf("ask for %s, and name the snapshot in snapshot", name))
	}
	return nil
}

// ExportRequest asks for an export.
type ExportRequest struct {
	JobOptions
	Export
}

func (r ExportRequest) parameters() any { return r.Export }
func (r ExportRequest) input() jobInput { return nil }

func (r ExportRequest) check(city City) error {
	_, err := r.Rows(city)
	return err
}

func (s *server) registerExports(api huma.API) {
	registerKind[ExportRequest](s, api, KindExport, "Write the units of a collection to a file",
		"The same question as of /items, with all rows of the snapshot that is current now, however many there are. The results are units.FORMAT and publication.json, which says "+
			"how many of the units are published, how many suppressed and why, and whose data it is.", `{"collection": "segments", "filter": "n > 50", "format": "csv"}`)
}

package main

import (
	"path/filepath"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/arpent/arpent/datasets"
	"github.com/arpent/arpent/datasets/city"
	"github.com/arpent/arpent/engine"
)

// Every file of the seeded city is read by the decoder of the published one, and no row is left out or repaired.
func TestSeededCityIsRead(t *testing.T) {
	dir := t.TempDir()
	if _, err := city.Generate(t.Context(), city.Params{Seed: 7, Size: city.Town, Dir: dir}); err != nil {
		t.Fatal(err)
	}
	place, err := engine.ReadPlace(filepath.Join(dir, "place.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]int64{}
	for _, spec := range place.Sources {
		report := readAll(t, place.Locate(spec, ""), spec, func(b arrow.RecordBatch) { rows[spec.Dataset] += b.NumRows() })
		if report.Rejected != 0 || len(report.Repaired) != 0 || len(report.Passed) != 0 || report.Rows == 0 {
			t.Errorf("%s: %+v", spec.Dataset, report)
		}
	}
	if registered := rows["reu-addresses"]; registered < rows["ban"]/2 || registered >= rows["ban"] {
		t.Errorf("%d of %d addresses have registered voters", registered, rows["ban"])
	}
	const figures = 30 // of the 28 columns, I_est_200, and Men again as households
	if cells := rows["grid-200m"]; cells < 100 || rows["grid-200m-figures"] != figures*cells {
		t.Errorf("%d cells and %d figures, want %d of each", cells, rows["grid-200m-figures"], figures)
	}
}

// readAll reads a file with its dataset's decoder.
func readAll(t *testing.T, path string, spec engine.SourceSpec, take func(arrow.RecordBatch)) engine.FileReport {
	t.Helper()
	d, err := datasets.ByName(spec.Dataset)
	if err != nil {
		t.Fatal(err)
	}
	source, err := d.Open(path, spec)
	if err != nil {
		t.Fatal(err)
	}
	var report engine.FileReport
	err = source.Read(t.Context(), engine.Reading{Allocator: memory.DefaultAllocator, Report: &report, Emit: func(b arrow.RecordBatch) error {
		take(b)
		return nil
	}})
	if err != nil {
		t.Fatalf("%s: %v", spec.Dataset, err)
	}
	return report
}

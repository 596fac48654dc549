package main

import (
	"testing"

	"github.com/arpent/arpent/engine"
)

// TestWantedFiles: an archive is fetched once for all that is read from it, and general_results with the file of candidates.
func TestWantedFiles(t *testing.T) {
	place := &engine.Place{File: "toulouse.yaml", Sources: []engine.SourceSpec{
		{Dataset: "iris", Path: "iris.zip/A/IRIS.shp", URL: "https://example.org/iris.zip"},
		{Dataset: "base-ic", Path: "iris.zip/base.csv"},
		{Dataset: "aggregated", Path: "votes/candidats_results.parquet", URL: "https://example.org/elections/candidats_results.parquet"},
		{Dataset: "aggregated", Path: "votes/candidats_results.parquet", URL: "https://example.org/elections/candidats_results.parquet", Round: 2},
		{Dataset: "ban", Path: "adresses-31.csv.gz"},
	}}
	files, err := wantedFiles(place)
	if err != nil {
		t.Fatal(err)
	}
	want := [][2]string{
		{"iris.zip", "https://example.org/iris.zip"},
		{"votes/candidats_results.parquet", "https://example.org/elections/candidats_results.parquet"},
		{"votes/general_results.parquet", "https://example.org/elections/general_results.parquet"},
		{"adresses-31.csv.gz", ""},
	}
	if len(files) != len(want) {
		t.Fatalf("%d files: %+v", len(files), files)
	}
	for i, w := range want {
		if files[i].path != w[0] || files[i].url != w[1] {
			t.Errorf("file %d is %s from %s, want %s from %s", i, files[i].path, files[i].url, w[0], w[1])
		}
	}
	place.Sources[1].URL = "https://example.org/other.zip"
	if _, err := wantedFiles(place); err == nil {
		t.Error("one path has two addresses")
	}
}

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// duckdbReadsGeoParquet reads with the DuckDB that is linked in. The program of the same name is the same.
func (d *demoServer) duckdbReadsGeoParquet(t *testing.T) {
	_, db := openCurrent(t, &program{workspace: d.workspace, stderr: io.Discard})
	for collection, shape := range map[string]string{"segments": "MULTILINESTRING", "cells": "POLYGON", "precincts": "MULTIPOLYGON", "communes": ""} {
		path := filepath.Join(t.TempDir(), collection+".parquet")
		if err := os.WriteFile(path, d.get(t, "/v1/collections/"+collection+"/items?f=parquet"), 0o644); err != nil {
			t.Fatal(err)
		}
		from := fmt.Sprintf("read_parquet('%s')", path)
		var columns []string
		types := map[string]string{}
		for _, column := range query(t, db, "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM "+from+")") {
			types[column[0]] = column[1]
			if column[0] != "geometry" && column[0] != "bbox" {
				columns = append(columns, column[0])
			}
		}
		if types["id"] != "BIGINT" || types["value"] != "DOUBLE" || types["n"] != "BIGINT" || shape != "" && types["geometry"] != "GEOMETRY('OGC:CRS84')" {
			t.Errorf("%s: types %v", collection, types)
		}
		rows := d.csv(t, collection, "")
		id := "id"
		if collection == "cells" {
			id = "format('{:015x}', id)"
		}
		read := query(t, db, "SELECT "+strings.Join(columns, ", ")+", "+id+" FROM "+from)
		if len(read) != len(rows) || len(read) == 0 {
			t.Fatalf("%s: %d rows, want %d", collection, len(read), len(rows))
		}
		for _, values := range read {
			id := values[len(columns)]
			if rows[id] == nil {
				t.Fatalf("%s: %s is not in the CSV", collection, id)
			}
			for i, name := range columns {
				if want := rows[id][name]; name != "id" && values[i] != want {
					t.Fatalf("%s %s: %s is %q, want %q", collection, id, name, values[i], want)
				}
			}
		}
		geo := query(t, db, "SELECT decode(value) FROM parquet_kv_metadata('"+path+"') WHERE decode(key) = 'geo'")
		if shape == "" {
			if len(geo) > 0 {
				t.Errorf("%s have no geometry, and geo metadata: %s", collection, geo)
			}
			continue
		}
		if len(geo) != 1 {
			t.Fatalf("%s: no geo metadata", collection)
		}
		checkGeoMetadata(t, []byte(geo[0][0]), types)
		wrong := query(t, db, fmt.Sprintf(`SELECT count(*) FROM %s WHERE geometry::VARCHAR NOT LIKE '%s%%' OR bbox.xmin > bbox.xmax OR bbox.ymin > bbox.ymax`, from, shape))
		if wrong[0][0] != "0" {
			t.Errorf("%s: %s geometries are no %s, or have no box", collection, wrong[0][0], shape)
		}
	}
}

var geometryTypes = regexp.MustCompile(`^(GeometryCollection|(Multi)?(Point|LineString|Polygon))( Z)?$`)

// checkGeoMetadata holds the metadata to the schema of GeoParquet 1.1 (https://geoparquet.org/releases/v1.1.0/), and to the columns of the file.
func checkGeoMetadata(t *testing.T, content []byte, types map[string]string) {
	t.Helper()
	type column struct {
		Encoding      string
		GeometryTypes []string `json:"geometry_types"`
		CRS           json.RawMessage
		Bbox          []float64
		Covering      struct{ Bbox map[string][]string }
		Edges         *string
		Orientation   *string
	}
	var geo struct {
		Version string
		Primary string `json:"primary_column"`
		Columns map[string]column
	}
	if err := json.Unmarshal(content, &geo); err != nil {
		t.Fatalf("%v: %s", err, content)
	}
	if geo.Version != "1.1.0" || geo.Primary != "geometry" || len(geo.Columns) != 1 {
		t.Errorf("version, primary column or columns: %s", content)
	}
	for name, c := range geo.Columns {
		if _, there := types[name]; !there {
			t.Errorf("there is no column %s", name)
		}
		if c.Encoding != "WKB" || c.GeometryTypes == nil || len(slices.Compact(slices.Sorted(slices.Values(c.GeometryTypes)))) != len(c.GeometryTypes) {
			t.Errorf("encoding or geometry types: %s", content)
		}
		for _, g := range c.GeometryTypes {
			if !geometryTypes.MatchString(g) {
				t.Errorf("geometry type %s", g)
			}
		}
		if c.CRS != nil || c.Edges != nil || c.Orientation != nil { // not there: longitude and latitude, straight, any
			t.Errorf("crs, edges or orientation: %s", content)
		}
		if b := c.Bbox; len(b) != 4 || b[0] >= b[2] || b[1] >= b[3] {
			t.Errorf("bbox %v", c.Bbox)
		}
		for _, side := range []string{"xmin", "ymin", "xmax", "ymax"} {
			path := c.Covering.Bbox[side]
			if len(path) != 2 || path[1] != side || !strings.Contains(types[path[0]], side+" DOUBLE") {
				t.Errorf("covering %s: %v of %v", side, path, types)
			}
		}
	}
}

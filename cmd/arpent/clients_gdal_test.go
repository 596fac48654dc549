package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/maptile"
)

// gdalFeatures reads a source with ogr2ogr, by the id that features have there: the number, else the property.
func gdalFeatures(t *testing.T, args ...string) map[string]*geojson.Feature {
	t.Helper()
	out := quietly(t, command(t, "ogr2ogr", "gdal-bin"), append([]string{"-f", "GeoJSONSeq", "-preserve_fid", "/vsistdout/"}, args...)...)
	features := map[string]*geojson.Feature{}
	for line := range bytes.Lines(out) {
		var whole struct {
			ID         json.Number
			Properties struct{ ID json.RawMessage }
		}
		f, err := geojson.UnmarshalFeature(line)
		if err == nil {
			err = json.Unmarshal(line, &whole)
		}
		if err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		id := whole.ID.String()
		if whole.Properties.ID != nil {
			id = strings.TrimSuffix(strings.Trim(string(whole.Properties.ID), `"`), ".0") // a number is no whole one to GDAL in a folder of tiles
		}
		if features[id] != nil && !strings.HasPrefix(args[0], "MVT:") { // there it is in two tiles
			t.Fatalf("%s is there twice", id)
		}
		features[id] = f
	}
	return features
}

func sameIDs[V, W any](t *testing.T, what string, got map[string]V, want map[string]W) {
	t.Helper()
	if len(want) == 0 {
		t.Fatalf("%s: the test looks at nothing", what)
	}
	if a, b := slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)); !slices.Equal(a, b) {
		t.Errorf("%s: GDAL has %d features, want %d: %.300v, want %.300v", what, len(a), len(b), a, b)
	}
}

// gdalReadsCollections reads over the driver for OGC API Features, in many pages.
func (d *demoServer) gdalReadsCollections(t *testing.T) {
	ogrinfo, source := command(t, "ogrinfo", "gdal-bin"), "OAPIF:"+d.url+"/v1"
	if list := string(quietly(t, ogrinfo, "-q", "-ro", source)); strings.Count(list, "\n") != 6 || !strings.Contains(list, "segments (title: Street segments) (Multi Line String)") {
		t.Errorf("collections: %s", list)
	}
	shapes := map[string]string{"segments": "MultiLineString", "cells": "Polygon", "precincts": "MultiPolygon", "communes": ""}
	for collection, page := range map[string]string{"segments": "100", "cells": "7", "precincts": "3", "communes": "2"} {
		rows := d.csv(t, collection, "")
		features := gdalFeatures(t, source, collection, "-oo", "PAGE_SIZE="+page)
		sameIDs(t, collection, features, rows)
		for id, f := range features {
			for name, value := range f.Properties {
				if got := gdalText(value); got != rows[id][name] {
					t.Fatalf("%s %s: %s is %q, want %q", collection, id, name, got, rows[id][name])
				}
			}
			if shape := shapes[collection]; shape != "" && !strings.HasSuffix(f.Geometry.GeoJSONType(), shape) || shape == "" && f.Geometry != nil {
				t.Fatalf("%s %s: its geometry is %v", collection, id, f.Geometry)
			}
		}
		if summary := string(quietly(t, ogrinfo, "-ro", "-so", source, collection)); !strings.Contains(summary, fmt.Sprintf("Feature Count: %d\n", len(rows))) {
			t.Errorf("%s: want %d features: %s", collection, len(rows), summary)
		}
	}

	sameIDs(t, "-spat", gdalFeatures(t, source, "segments", "-oo", "PAGE_SIZE=50", "-spat", "-3.52", "46.495", "-3.5", "46.505"), d.csv(t, "segments", "&bbox=-3.52,46.495,-3.5,46.505"))
	sameIDs(t, "-where", gdalFeatures(t, source, "segments", "-oo", "PAGE_SIZE=50", "-where", "n > 50 AND state = 'published'"),
		d.csv(t, "segments", "&filter="+url.QueryEscape("n > 50 AND state = 'published'")))
	for id, row := range d.csv(t, "segments", "&sortby=-id&sample=1&seed=3") {
		if one := string(quietly(t, ogrinfo, "-q", "-ro", source, "segments", "-fid", id)); !strings.Contains(one, "OGRFeature(segments):"+id+"\n") || !strings.Contains(one, "name (String) = "+row["name"]+"\n") {
			t.Errorf("-fid %s: %s", id, one)
		}
	}
}

// gdalText writes a value as the CSV has it.
func gdalText(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	}
	return fmt.Sprint(value)
}

// gdalReadsTiles reads a tile, which must be what our tests' decoder reads, and all tiles of a zoom.
func (d *demoServer) gdalReadsTiles(t *testing.T) {
	const path = "/v1/tiles/segments/14/8032/5795.mvt"
	layers, err := mvt.Unmarshal(d.get(t, path))
	if err != nil {
		t.Fatal(err)
	}
	layers.ProjectToWGS84(maptile.New(8032, 5795, 14))
	want := map[string]*geojson.Feature{}
	for _, f := range layers[0].Features {
		want[gdalText(f.Properties["id"])] = f
	}
	got := gdalFeatures(t, "MVT:"+d.url+path, "-oo", "CLIP=NO") // GDAL leaves out what lies in the buffer around a tile, unless told
	sameIDs(t, "a tile", got, want)
	for id, f := range got {
		delete(f.Properties, "mvt_id")
		for name, value := range want[id].Properties {
			number, isNumber := value.(float64)
			read, _ := f.Properties[name].(float64)
			if isNumber && math.Abs(number-read) > 1e-6 || !isNumber && value != f.Properties[name] {
				t.Fatalf("%s: %s is %v, want %v", id, name, f.Properties[name], value)
			}
		}
		if len(f.Properties) != len(want[id].Properties) {
			t.Fatalf("%s has %v, want %v", id, f.Properties, want[id].Properties)
		}
		a, b := points(f.Geometry), points(want[id].Geometry)
		if len(a) != len(b) {
			t.Fatalf("%s has %d points, want %d", id, len(a), len(b))
		}
		for i := range a {
			if math.Abs(a[i][0]-b[i][0]) > 3e-6 || math.Abs(a[i][1]-b[i][1]) > 3e-6 { // half a unit of the tile: orb takes its middle
				t.Fatalf("%s: point %d is %v, want %v", id, i, a[i], b[i])
			}
		}
	}
	for _, layer := range []string{"segments", "precincts"} {
		sameIDs(t, "all tiles of "+layer, gdalFeatures(t, "MVT:"+d.url+"/v1/tiles/"+layer+"/14"), d.csv(t, layer, ""))
	}
}

// points lists those of lines, in their order.
func points(g orb.Geometry) (all []orb.Point) {
	switch g := g.(type) {
	case orb.LineString:
		return g
	case orb.MultiLineString:
		for _, line := range g {
			all = append(all, line...)
		}
	}
	return all
}

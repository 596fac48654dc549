package datasets

import (
	"fmt"
	"testing"

	"github.com/arpent/arpent/datasets/format/osmtest"
	"github.com/arpent/arpent/engine"
)

// osmVillage was cut out of a larger extract: nodes 6 and 7 were left outside.
var osmVillage = osmtest.Block{
	Nodes: []osmtest.Node{
		{ID: 1, Lon: 9.5, Lat: 47.1}, {ID: 2, Lon: 9.51, Lat: 47.1}, {ID: 3, Lon: 9.51, Lat: 47.11}, {ID: 4, Lon: 9.5, Lat: 47.11}, {ID: 5, Lon: 9.52, Lat: 47.1},
		{ID: 8, Lon: 9.501, Lat: 47.101, Tags: []string{"addr:housenumber", "12 Bis", "addr:street", "Im Dorf", "addr:city", "Triesen", "name", "Praxis Dr. Muster", "contact:phone", "+423 000 00 00"}},
		{ID: 9, Lon: 9.502, Lat: 47.101, Tags: []string{"addr:housenumber", "3-5", "addr:place", "Malbun"}},
		{ID: 10, Lon: 9.503, Lat: 47.101, Tags: []string{"addr:housenumber", "Haus Alpenblick", "addr:street", "Im Dorf"}},
		{ID: 11, Lon: 9.504, Lat: 47.101, Tags: []string{"addr:housenumber", "4"}},
		{ID: 12, Lon: 9.504, Lat: 47.101, Tags: []string{"addr:street", "Im Dorf"}},
	},
	Ways: []osmtest.Way{
		{ID: 100, Nodes: []int64{1, 2, 2, 5}, Tags: []string{"highway", "residential", "name", "Im Dorf", "alt_name", "Dorfstrasse"}},
		{ID: 101, Nodes: []int64{1, 2, 3, 4, 1}, Tags: []string{"highway", "pedestrian", "alt_name", "Ring"}},
		{ID: 102, Nodes: []int64{1, 2, 3, 4, 1}, Tags: []string{"highway", "pedestrian", "area", "yes", "name", "Platz"}},
		{ID: 103, Nodes: []int64{1, 2, 6, 3, 4, 7}, Tags: []string{"highway", "tertiary_link", "ref", "L 13"}},
		{ID: 104, Nodes: []int64{6, 1, 7}, Tags: []string{"highway", "residential"}},
		{ID: 105, Nodes: []int64{2, 2}, Tags: []string{"highway", "residential"}},
		{ID: 106, Nodes: []int64{1, 3}, Tags: []string{"highway", "service"}},
		{ID: 107, Nodes: []int64{1, 2, 3, 4, 1}, Tags: []string{"building", "yes", "addr:housenumber", "7", "addr:street", "Im Dorf"}},
		{ID: 108, Nodes: []int64{1, 2, 3}},
		{ID: 109, Nodes: []int64{6, 7}, Tags: []string{"building", "yes", "addr:housenumber", "9", "addr:street", "Im Dorf"}},
		{ID: 110, Nodes: []int64{1, 3}, Tags: []string{"highway", "residential"}},
	},
	Relations: []osmtest.Relation{
		{ID: 100, Ways: []int64{108, 110}, Tags: []string{"type", "multipolygon", "addr:housenumber", "11A", "addr:street", "Im Dorf"}},
		{ID: 101, Ways: []int64{108, 999}, Tags: []string{"type", "multipolygon", "addr:housenumber", "13", "addr:street", "Im Dorf"}},
	},
}

func TestOSM(t *testing.T) {
	for _, how := range []osmtest.Packing{osmtest.Raw, osmtest.Zlib} {
		t.Run(fmt.Sprintf("packing %d", how), func(t *testing.T) {
			got := decode(t, "osm", string(osmtest.Extract(how, osmVillage)), engine.SourceSpec{Commune: "7002"})
			got.wantRows(t,
				"100|way/100|Im Dorf|7002|LINESTRING(9.5 47.1,9.51 47.1,9.52 47.1)",
				"101|way/101|Ring|7002|LINESTRING(9.5 47.1,9.51 47.1,9.51 47.11,9.5 47.11,9.5 47.1)",
				"103|way/103|L 13|7002|MULTILINESTRING((9.5 47.1,9.51 47.1),(9.51 47.11,9.5 47.11))",
				"110|way/110||7002|LINESTRING(9.5 47.1,9.51 47.11)",
			)
			wantCounts(t, "repaired", got.report.Repaired,
				"103, 103, 104, 104: dangling references: a node of a way is not in the extract", "103: a way is broken where nodes are missing: its parts were kept")
			wantCounts(t, "rejected", got.report.Reasons,
				"104: of a way's nodes no two that follow each other are in the extract", "105: the way has no length")
			wantCounts(t, "passed", got.report.Passed, "102, 106: not a walkable street")
			if got.report.Rows != 8 || got.report.Counted != "way" {
				t.Errorf("%d rows, counted in %s", got.report.Rows, got.report.Counted)
			}
		})
	}
}

func TestOSMAddresses(t *testing.T) {
	got := decode(t, "osm-addresses", string(osmtest.Extract(osmtest.Zlib, osmVillage)), engine.SourceSpec{Commune: "7002"})
	got.wantRows(t,
		"8|node/8|12|bis|Im Dorf|7002|Triesen|9.501|47.101|∅",
		"9|node/9|3||Malbun|7002||9.502|47.101|∅",
		"107|way/107|7||Im Dorf|7002||9.505|47.105|∅",
		"100|relation/100|11|a|Im Dorf|7002||9.5064645|47.1035355|∅",
		"101|relation/101|13||Im Dorf|7002||9.5075|47.1025|∅",
	)
	wantCounts(t, "rejected", got.report.Reasons,
		"10: the house number is not a whole number", "11: no street", "109: of a way's nodes no two that follow each other are in the extract")
	wantCounts(t, "repaired", got.report.Repaired, "101: a building is not all in the extract: placed in the middle of what is")
}

// Extracts say themselves in which system they are, and have no layers.
func TestOSMRefuses(t *testing.T) {
	whole := string(osmtest.Extract(osmtest.Zlib, osmVillage))
	for _, dataset := range []string{"osm", "osm-addresses"} {
		decode(t, dataset, whole, engine.SourceSpec{Layer: "roads"}).wantError(t, "published is an OpenStreetMap extract and has no layers: take layer: off the line")
		decode(t, dataset, whole, engine.SourceSpec{CRS: "2154"}).wantError(t, "published: OpenStreetMap extracts are in WGS84 always: take crs: off the line")
		decode(t, dataset, whole[:len(whole)-5], engine.SourceSpec{}).wantError(t, fmt.Sprintf("published byte %d: the file ends early: download it again", len(osmtest.Header("OsmSchema-V0.6", "DenseNodes"))))
		decode(t, dataset, string(osmtest.Extract(osmtest.Zlib)), engine.SourceSpec{}).wantError(t, "published: it has no rows: the file is empty: download it again, or take it out of the place file")
	}
	decode(t, "bdtopo", whole, engine.SourceSpec{}).wantError(t, "published is an OpenStreetMap extract: only the datasets osm and osm-addresses read it")
}

func FuzzOSM(f *testing.F) {
	fuzz(f, "osm", string(osmtest.Extract(osmtest.Raw, osmVillage)), string(osmtest.Extract(osmtest.Zlib, osmVillage)))
}

func FuzzOSMAddresses(f *testing.F) {
	fuzz(f, "osm-addresses", string(osmtest.Extract(osmtest.Raw, osmVillage)))
}

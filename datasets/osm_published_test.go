package datasets

import (
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// Streets of the published extracts, cut as the build cuts them. An independent count by the ids of the nodes alone has 2,637,
// 3,723 and 939 pieces, and so does the report. As many are drawn where all nodes are there; of Paris 75 lack the nodes to be drawn, and
// 860 are, for some of the 500 nodes that the extract lacks are where others would meet.
func TestPublishedOSM(t *testing.T) {
	for _, test := range []struct {
		file                           string
		ways, drawn, pieces            int
		absent, broken, gone, notAsked int64
		layout                         string
	}{
		{"liechtenstein-latest.osm.pbf", 4_660, 1_686, 2_637, 0, 0, 0, 2_974, "2637 segments"},
		{"baltimore.osm.pbf", 3_844, 1_618, 3_723, 0, 0, 0, 2_226, "3723 segments"},
		{"paris_bss.osm.pbf", 1_219, 532, 860, 500, 76, 26, 661, "939 segments, 75 of which cannot be drawn, for their nodes are not in the extract"},
	} {
		t.Run(test.file, func(t *testing.T) {
			got := decodeFile(t, "osm", publishedFile(t, "osm", test.file), engine.SourceSpec{})
			if got.err != nil {
				t.Fatal(got.err)
			}
			wantNumber(t, "ways with the key highway", int(got.report.Rows), test.ways)
			wantNumber(t, "streets", len(got.rows), test.drawn)
			wantNumber(t, "ids", distinct(got.values(1)), test.drawn)
			wantNumber(t, "pieces", cutAtSharedVertices(t, got.rows), test.pieces)
			for _, c := range []struct {
				list   []engine.RowCount
				reason string
				want   int64
			}{
				{got.report.Repaired, repairDangling, test.absent}, {got.report.Repaired, repairBroken, test.broken},
				{got.report.Reasons, reasonDangling, test.gone}, {got.report.Passed, reasonNotWalkable, test.notAsked},
			} {
				wantNumber(t, c.reason, int(countOf(c.list, c.reason)), int(c.want))
			}
			if !strings.HasSuffix(got.report.Layout, "cut into "+test.layout) {
				t.Errorf("layout %q, want %q", got.report.Layout, test.layout)
			}
			wantNumber(t, "rejected", int(got.report.Rejected), int(test.gone))
			found, err := Inspect(t.Context(), publishedFile(t, "osm", test.file), engine.SourceSpec{}, nil)
			if err != nil || found.Matches[0].Dataset != "osm" {
				t.Errorf("inspect takes an extract for %v, %v", found, err)
			}
		})
	}
}

func countOf(list []engine.RowCount, reason string) int64 {
	for _, c := range list {
		if c.Reason == reason {
			return c.Count
		}
	}
	return 0
}

// Every address of the published extracts is in the extract's country or city.
func TestPublishedOSMAddresses(t *testing.T) {
	for _, test := range []struct {
		file            string
		rows, addresses int
		within          orb.Bound
	}{
		{"liechtenstein-latest.osm.pbf", 1_008, 1_001, orb.Bound{Min: orb.Point{9.47, 47.04}, Max: orb.Point{9.64, 47.28}}},
		{"baltimore.osm.pbf", 1_330, 1_322, orb.Bound{Min: orb.Point{-76.8, 39.1}, Max: orb.Point{-76.4, 39.5}}},
		{"paris_bss.osm.pbf", 54, 54, orb.Bound{Min: orb.Point{2.2, 48.8}, Max: orb.Point{2.5, 48.92}}},
	} {
		t.Run(test.file, func(t *testing.T) {
			got := decodeFile(t, "osm-addresses", publishedFile(t, "osm", test.file), engine.SourceSpec{})
			if got.err != nil {
				t.Fatal(got.err)
			}
			wantNumber(t, "without a street", int(countOf(got.report.Reasons, reasonNoStreet)), test.rows-test.addresses)
			wantNumber(t, "elements with a house number", int(got.report.Rows), test.rows)
			wantNumber(t, "addresses", len(got.rows), test.addresses)
			for _, row := range got.rows {
				values := strings.Split(row, "|")
				var lon, lat float64
				if n, err := scan(values[7], values[8], &lon, &lat); n != 2 || err != nil || !test.within.Contains(orb.Point{lon, lat}) {
					t.Errorf("%s is not in %v", row, test.within)
				}
			}
		})
	}
}

// cutAtSharedVertices cuts streets as the build does.
func cutAtSharedVertices(t *testing.T, rows []string) int {
	t.Helper()
	var lines orb.MultiLineString
	var keys []int
	for i, row := range rows {
		shape, err := wkt.Unmarshal(row[strings.LastIndex(row, "|")+1:])
		if err != nil {
			t.Fatal(err)
		}
		parts, _ := collectLines(nil, shape)
		for _, part := range parts {
			lines, keys = append(lines, part), append(keys, i)
		}
	}
	middle := lines.Bound().Center()
	projection := geo.ProjectionAt(middle[0], middle[1])
	var streets []geo.Street
	for i, line := range lines {
		planar := make(orb.LineString, len(line))
		for j, p := range line {
			planar[j][0], planar[j][1] = projection.Forward(p[0], p[1])
		}
		streets = append(streets, geo.Street{Key: keys[i], Line: planar})
	}
	cut, rejected := geo.CutStreets(streets, geo.CutSharedVertices)
	wantNumber(t, "lines that cannot be cut", len(rejected), 0)
	return len(cut)
}

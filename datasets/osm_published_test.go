package datasets

import (
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// Streets of the published extracts, cut where they share a node, against counts of an independent reader of the same files.
func TestPublishedOSM(t *testing.T) {
	for _, test := range []struct {
		file           string
		ways, segments int
	}{
		{"liechtenstein-latest.osm.pbf", 1_686, 2_637},
		{"baltimore.osm.pbf", 1_618, 3_723},
		{"paris_bss.osm.pbf", 558, 939},
	} {
		t.Run(test.file, func(t *testing.T) {
			got := decodeFile(t, "osm", publishedFile(t, "osm", test.file), engine.SourceSpec{})
			if got.err != nil {
				t.Fatal(got.err)
			}
			for _, c := range [][]engine.RowCount{got.report.Reasons, got.report.Repaired, got.report.Passed} {
				t.Logf("%+v", c)
			}
			pieces, short := cutAtSharedVertices(t, got.rows)
			t.Logf("rows %d streets %d pieces %d short %d", got.report.Rows, len(got.rows), pieces, short)
		})
	}
}

// cutAtSharedVertices cuts streets as the build does.
func cutAtSharedVertices(t *testing.T, rows []string) (pieces, short int) {
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
	cut, _ := geo.CutStreets(streets, geo.CutSharedVertices)
	for _, piece := range cut {
		if geo.LineLength(piece.Line) < 0.01 {
			short++
		}
	}
	return len(cut), short
}

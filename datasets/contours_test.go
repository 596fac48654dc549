package datasets

import (
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
)

func TestContours(t *testing.T) {
	content := collection(
		feature(`"codeDepartement":"01","nomDepartement":"Ain","codeCirconscription":"0104","nomCirconscription":"4ème circonscription","codeCommune":"01001","nomCommune":"L'Abergement-Imaginaire","numeroBureauVote":"0001","codeBureauVote":"01001_0001","id_bv":"01001_1"`, square),
		feature(`"codeBureauVote":"75056_1905","nomCommune":"Paris","id_bv":"75056_1905","codeCirco":"7516"`, square),
		feature(`"codeBureauVote":"69123_0801","nomCommune":"Lyon"`, square),
		feature(`"codeBureauVote":"13055_1665","nomCommune":"Marseille"`, square),
		feature(`"codeBureauVote":"2A004_0136A"`, square),
		feature(`"codeBureauVote":"1004_0002"`, square),
	)
	decode(t, "contours", content, engine.SourceSpec{}).wantRows(t,
		"1|01001|1|01001_0001|L'Abergement-Imaginaire, bureau 1|∅|"+squareWKT,
		"2|75119|5|75056_1905|Paris, bureau 5|∅|"+squareWKT,
		"3|69388|1|69123_0801|Lyon, bureau 1|∅|"+squareWKT,
		"4|13216|65|13055_1665|Marseille, bureau 65|∅|"+squareWKT,
		"5|2A004|136A|2A004_0136A|bureau 136A|∅|"+squareWKT,
		"6|01004|2|1004_0002|bureau 2|∅|"+squareWKT,
	)
}

func TestContoursRejects(t *testing.T) {
	content := collection(
		feature(`"codeBureauVote":"01001"`, square),
		feature(`"codeBureauVote":"01001_"`, square),
		feature(`"codeBureauVote":"19-5"`, square),
		feature(`"codeBureauVote":"75056_5"`, square),
		feature(`"id_bv":"01001_1"`, square),
		feature(`"codeBureauVote":"01001_0001"`, "null"),
	)
	got := decode(t, "contours", content, engine.SourceSpec{})
	got.wantRows(t)
	wantCounts(t, "rejected", got.report.Reasons, "1, 2, 3, 4, 5: the station is not one: as 19-5 or 75056_1905", "6: no geometry")
}

func TestContoursTopoJSON(t *testing.T) {
	content := `{"type":"Topology","objects":{"bv":{"type":"GeometryCollection","geometries":[{"type":"Polygon","arcs":[[0]],"properties":{"codeBureauVote":"01001_0001","nomCommune":"Imaginaire"}}]}},"arcs":[[[2,48],[3,48],[3,49],[2,48]]]}`
	got := decode(t, "contours", content, engine.SourceSpec{})
	if len(got.rows) != 1 || !strings.HasPrefix(got.rows[0], "1|01001|1|01001_0001|") || !strings.HasSuffix(got.rows[0], "POLYGON((2 48,3 48,3 49,2 48))") {
		t.Errorf("%q, %v", got.rows, got.err)
	}
}

func FuzzContours(f *testing.F) {
	fuzz(f, "contours", collection(feature(`"codeBureauVote":"01001_0001","nomCommune":"Imaginaire"`, square), feature(`"codeBureauVote":"75056_1905"`, square)))
}

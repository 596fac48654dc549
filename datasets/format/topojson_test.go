package format

import (
	"strings"
	"testing"

	"github.com/paulmach/orb/encoding/wkt"
)

// The example of the specification, section 1.1, quantised.
const topologyExample = `{"type":"Topology","transform":{"scale":[0.0005000500050005,0.00010001000100010001],"translate":[100,0]},
"objects":{"example":{"type":"GeometryCollection","geometries":[
 {"type":"Point","properties":{"prop0":"value0"},"coordinates":[4000,5000]},
 {"type":"LineString","properties":{"prop0":"value0","prop1":0},"arcs":[0]},
 {"type":"Polygon","id":"p","properties":{"prop0":"value0","prop1":{"this":"that"}},"arcs":[[1]]}]}},
"arcs":[[[4000,0],[1999,9999],[2000,-9999],[2000,9999]],[[0,0],[0,9999],[2000,0],[0,-9999],[-2000,0]]]}`

func topologyRows(content, layer string) (keys []string, rows []string, err error) {
	file, err := NewFile("contours.json", strings.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, nil, err
	}
	table, err := NewRows(file, layer)
	if err != nil {
		return nil, nil, err
	}
	for {
		more, err := table.Next()
		if err != nil || !more {
			return table.Keys(), rows, err
		}
		var row []string
		for i := range table.Keys() {
			row = append(row, string(table.Field(i)))
		}
		shape := "!"
		if g, err := table.Geometry(); err == nil && g != nil {
			shape = wkt.MarshalString(g)
		} else if err == nil {
			shape = "null"
		}
		rows = append(rows, strings.Join(append(row, shape), "|"))
	}
}

func TestTopologyOfTheSpecification(t *testing.T) {
	keys, rows, err := topologyRows(topologyExample, "")
	if err != nil || strings.Join(keys, " ") != "prop0 prop1 id" || len(rows) != 3 {
		t.Fatal(keys, rows, err)
	}
	for i, want := range []string{"value0|||POINT(102.000200020002", "value0|0||LINESTRING(102.000200020002", "value0||p|POLYGON((100 0,100 1"} {
		if !strings.HasPrefix(rows[i], want) {
			t.Errorf("object %d is %s, want %s", i+1, rows[i], want)
		}
	}
}

// Two squares that share a border: one has it reversed.
const sharedBorder = `{"type":"Topology","objects":{"a":{"type":"GeometryCollection","geometries":[
 {"type":"Polygon","arcs":[[0,1]],"properties":{"codeBureauVote":"01001_0001"}},
 {"type":"MultiPolygon","arcs":[[[2,-1]]],"properties":{"codeBureauVote":"01001_0002"}},
 {"type":null,"properties":{}},
 {"type":"Polygon","arcs":[[7]],"properties":{"codeBureauVote":"x"}},
 {"type":"Circle","arcs":[[0]],"properties":{"codeBureauVote":"y"}}]}},
"arcs":[[[1,0],[1,1]],[[1,1],[0,1],[0,0],[1,0]],[[1,0],[2,0],[2,1],[1,1]]]}`

func TestTopologySharesBorders(t *testing.T) {
	_, rows, err := topologyRows(sharedBorder, "a")
	want := []string{"01001_0001|POLYGON((1 0,1 1,0 1,0 0,1 0))", "01001_0002|MULTIPOLYGON(((1 0,2 0,2 1,1 1,1 0)))", "|null", "x|!", "y|!"}
	if err != nil || strings.Join(rows, "\n") != strings.Join(want, "\n") {
		t.Errorf("%q, %v", rows, err)
	}
}

func TestTopologyErrors(t *testing.T) {
	for content, want := range map[string]string{
		`{"type":"Topology","arcs":[],"objects":{}}`:                                                                                   "has no objects",
		`{"type":"Topology","arcs":[],"objects":{"a":{"type":"Point"},"b":{"type":"Point"}}}`:                                          "give layer: one of a, b",
		`{"type":"Topology","arcs":[[[1]]],"objects":{"a":{"type":"Point"}}}`:                                                          "without two coordinates",
		`{"type":"Topology","arcs":[[[1e400,1]]],"objects":{}}`:                                                                        "not well-formed TopoJSON",
		`{"type":"Topology","transform":{"scale":[1e308,1],"translate":[1e308,0]},"arcs":[[[10,1]]],"objects":{"a":{"type":"Point"}}}`: "no number",
		`{"type":"Topology","arcs":[`:                                                                                                  "not well-formed TopoJSON",
	} {
		if _, rows, err := topologyRows(content, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %q, %v, want %q", content, rows, err, want)
		}
	}
	if _, _, err := topologyRows(sharedBorder, "b"); err == nil || !strings.Contains(err.Error(), `there is no layer "b": give layer: one of a`) {
		t.Errorf("%v", err)
	}
}

func FuzzTopology(f *testing.F) {
	f.Add(topologyExample)
	f.Add(sharedBorder)
	f.Add(`{"type":"Topology","arcs":[[[0,0],[1,1]]],"objects":{"a":{"type":"LineString","arcs":[0,0,0,-1,-9999999999]}}}`)
	f.Fuzz(func(t *testing.T, content string) {
		_, _, err := topologyRows(content, "")
		if err != nil && err.Error() == "" {
			t.Error("an error without words")
		}
	})
}

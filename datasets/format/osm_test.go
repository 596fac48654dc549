package format

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/paulmach/orb/encoding/wkt"

	"github.com/arpent/arpent/datasets/format/osmtest"
)

// village has a street of four nodes whose third is in no block, a closed way, and a house that is a relation.
var village = osmtest.Block{
	Nodes: []osmtest.Node{
		{ID: 11, Lon: 9.5, Lat: 47.1}, {ID: 12, Lon: 9.5000001, Lat: 47.1}, {ID: 14, Lon: 9.52, Lat: 47.1}, {ID: 15, Lon: 9.53, Lat: 47.1, Tags: []string{"addr:housenumber", "7", "shop", "bakery"}},
		{ID: 1 << 40, Lon: -179.9999999, Lat: -89.9999999}, {ID: 16, Lon: 9.52, Lat: 47.2},
	},
	Ways: []osmtest.Way{
		{ID: 100, Nodes: []int64{11, 12, 13, 14, 15}, Tags: []string{"highway", "residential", "name", "Hauptstrasse"}},
		{ID: 101, Nodes: []int64{14, 15, 15, 16, 14}, Tags: []string{"highway", "living_street", "ref", " K 7 "}},
		{ID: 102, Nodes: []int64{11, 14}, Tags: []string{"highway", "motorway"}},
		{ID: 103, Nodes: []int64{12, 14}},
		{ID: 104, Nodes: []int64{13, 11, 13}, Tags: []string{"highway", "residential"}},
		{ID: 105, Nodes: []int64{1 << 40, 11}, Tags: []string{"highway", "residential", "alt_name", "Weltweg\xff"}},
	},
	Relations: []osmtest.Relation{{ID: 100, Ways: []int64{103, 999}, Tags: []string{"addr:housenumber", "9"}}},
}

func openOSM(content []byte) (*OSM, error) {
	file, err := NewFile("x", bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, err
	}
	return NewOSM(file)
}

// listOSM gives a line for each element: its id, and what is read of it.
func listOSM(o *OSM, selection OSMSelection, columns ...Column) (list []string, err error) {
	rows := newOSMRows(o, selection)
	places, _ := rows.Columns(columns...)
	for {
		more, err := rows.Next()
		if err != nil || !more {
			return list, err
		}
		text := fmt.Sprintf("%s/%d", rows.Kind(), rows.Line())
		for _, place := range places {
			text += fmt.Sprintf(" %q", rows.Field(place))
		}
		fault, _ := rows.Condition()
		shape, err := rows.Geometry()
		switch {
		case err != nil:
			return list, err
		case !rows.Kept():
			text += " not kept"
		case fault != "":
			text += " " + fault
		case shape != nil:
			text += " " + wkt.MarshalString(shape)
		}
		if rows.Missing() > 0 {
			text += fmt.Sprintf(" %d missing", rows.Missing())
		}
		list = append(list, text)
	}
}

var (
	walks  = OSMSelection{Kinds: OSMWay, Key: "highway", Keep: func(tag func(string) string) bool { return tag("highway") != "motorway" }}
	houses = OSMSelection{Kinds: OSMNode | OSMWay | OSMRelation, Key: "addr:housenumber"}

	villageWalks = []string{
		`way/100 "Hauptstrasse" MULTILINESTRING((9.5 47.1,9.5000001 47.1),(9.52 47.1,9.53 47.1)) 1 missing`,
		`way/101 "K 7" LINESTRING(9.52 47.1,9.53 47.1,9.52 47.2,9.52 47.1)`,
		`way/102 "" not kept`,
		`way/104 "" 2 missing`,
		`way/105 "Weltweg` + "\ufffd" + `" LINESTRING(-179.9999999 -89.9999999,9.5 47.1)`,
	}
	villageHouses = []string{`node/15 "" POINT(9.53 47.1)`, `relation/100 "" LINESTRING(9.5000001 47.1,9.52 47.1) 1 missing`}
)

func wantOSM(t *testing.T, content []byte, selection OSMSelection, want []string) {
	t.Helper()
	o, err := openOSM(content)
	if err != nil {
		t.Fatal(err)
	}
	got, err := listOSM(o, selection, Column{Names: []string{"name", "alt_name", "ref"}, Optional: true})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(got, "\n"), strings.Join(want, "\n"); got != want {
		t.Errorf("elements\n%s\nwant\n%s", got, want)
	}
}

func TestOSM(t *testing.T) {
	loose := village
	loose.Nodes, loose.Loose = nil, village.Nodes
	moved := village
	moved.Granularity, moved.LonOffset, moved.LatOffset = 1, 123_456_789, -987_654_321
	nodes, ways, relations := osmtest.Block{Nodes: village.Nodes}, osmtest.Block{Ways: village.Ways}, osmtest.Block{Relations: village.Relations}
	unknown := bytes.Join([][]byte{osmtest.Header("DenseNodes"), osmtest.Blob("Index", osmtest.Raw, []byte("\xff\xff")), osmtest.Extract(osmtest.Zlib, village)[len(osmtest.Header("OsmSchema-V0.6", "DenseNodes")):]}, nil)
	for name, content := range map[string][]byte{
		"raw":                            osmtest.Extract(osmtest.Raw, village),
		"zlib":                           osmtest.Extract(osmtest.Zlib, village),
		"zstd":                           osmtest.Extract(osmtest.Zstd, village),
		"lz4":                            osmtest.Extract(osmtest.LZ4, village),
		"nodes one by one":               osmtest.Extract(osmtest.Zlib, loose),
		"another granularity and offset": osmtest.Extract(osmtest.Zlib, moved),
		"a blob for each kind":           osmtest.Extract(osmtest.Zlib, nodes, ways, relations),
		"ways before nodes":              osmtest.Extract(osmtest.Zlib, ways, osmtest.Block{}, nodes, relations),
		"a blob of another kind":         unknown,
	} {
		t.Run(name, func(t *testing.T) {
			wantOSM(t, content, walks, villageWalks)
			wantOSM(t, content, houses, villageHouses)
		})
	}
	t.Run("relations first", func(t *testing.T) {
		wantOSM(t, osmtest.Extract(osmtest.Zlib, relations, nodes, ways), houses, []string{villageHouses[1], villageHouses[0]})
	})
}

// Nodes that are not in the order of their ids are found all the same.
func TestOSMNodesInAnyOrder(t *testing.T) {
	ids := []int64{9, -4, 1 << 50, 7, 7, 3, 100, 99, 98, 5}
	nodes := newOSMNodes(0)
	nodes.ids = append(nodes.ids, ids...)
	nodes.settle()
	for i, id := range ids {
		nodes.put(id, osmDegrees(i), 1)
		nodes.put(id+1000, -1, -1)
	}
	for i, id := range ids {
		if id == 7 {
			i = 4 // the later one counts
		}
		if p, ok := nodes.position(id); !ok || p[0] != osmDegrees(i).degrees() {
			t.Errorf("node %d is at %v, %v", id, p, ok)
		}
		if _, ok := nodes.position(id + 1000); ok {
			t.Errorf("there is a node %d", id+1000)
		}
	}
}

// Which nodes are shared is known although the ids gathered are thinned out in between, however often a node comes.
func TestOSMSharedNodes(t *testing.T) {
	nodes := newOSMNodes(1 << 21)
	for id := range int64(1 << 20) {
		nodes.ids = append(nodes.ids, id)
		if id%3 == 0 {
			nodes.ids = append(nodes.ids, id, id, id)
		}
		if !nodes.tidy() {
			t.Fatal("too many nodes")
		}
	}
	nodes.ids = append(nodes.ids, 1)
	nodes.settle()
	if len(nodes.ids) != 1<<20 || nodes.tidied == 0 {
		t.Fatalf("%d nodes, %d of them thinned out", len(nodes.ids), nodes.tidied)
	}
	for i, id := range nodes.ids {
		if want := id%3 == 0 || id == 1; nodes.shared[i] != want {
			t.Fatalf("node %d is shared: %t", id, nodes.shared[i])
		}
	}
}

func TestOSMRowsBounds(t *testing.T) {
	long := osmtest.Block{Nodes: village.Nodes, Ways: []osmtest.Way{
		{ID: 1, Nodes: make([]int64, maxOSMRefs+1), Tags: []string{"highway", "residential"}},
		{ID: 2, Nodes: []int64{11, 14}, Tags: []string{"highway", "residential"}},
		{ID: -3, Nodes: []int64{11, 14}, Tags: []string{"highway", "residential"}},
	}}
	wantOSM(t, osmtest.Extract(osmtest.Zlib, long), walks, []string{`way/1 "" it has too many nodes`, `way/2 "" LINESTRING(9.5 47.1,9.52 47.1)`, `way/-3 "" its id is below 1, as editors number what is not in OpenStreetMap yet`})

	nowhere := osmtest.Block{Nodes: []osmtest.Node{{ID: 1, Lon: 180.0000001, Lat: 1, Tags: []string{"addr:housenumber", "1"}}, {ID: 2, Lon: 1, Lat: 90, Tags: []string{"addr:housenumber", "1"}}}}
	wantOSM(t, osmtest.Extract(osmtest.Zlib, nowhere), houses, []string{`node/1 "" it has a position that is not on Earth`, `node/2 "" POINT(1 90)`})

	nodes := newOSMNodes(10)
	for id := range int64(1<<21 + 1) {
		nodes.ids = append(nodes.ids, id)
	}
	if nodes.tidy() {
		t.Error("a file of 10 bytes has two million nodes")
	}
}

func TestOSMRefuses(t *testing.T) {
	whole := osmtest.Extract(osmtest.Zlib, village)
	header := osmtest.Header("OsmSchema-V0.6", "DenseNodes")
	after := func(blob []byte) []byte { return append(bytes.Clone(header), blob...) }
	changed := bytes.Clone(whole)
	changed[len(changed)-40] ^= 0x10
	const damaged, early = "the file is damaged: download it again", "the file ends early: download it again"
	at := fmt.Sprintf("x byte %d: ", len(header))
	tests := []struct {
		name    string
		content []byte
		want    string
		is      error
	}{
		{"a table", []byte("id;name\n1;Hauptstrasse\n"), "x: this is not an OpenStreetMap extract (.osm.pbf): check that this is the file of the dataset named, and not another's", nil},
		{"a history", osmtest.Header("OsmSchema-V0.6", "HistoricalInformation"), "x byte 0: this is a history of OpenStreetMap, with what was deleted: download an extract of one day", nil},
		{"a feature of later days", osmtest.Header("OsmSchema-V0.6", "Splines"), `x byte 0: the extract asks for a feature that is not known here, "Splines": download it from another publisher`, nil},
		{"cut in the middle", whole[:len(whole)-9], at + early, ErrEndsEarly},
		{"cut in a length", whole[:len(header)+3], at + early, ErrEndsEarly},
		{"cut in a header", whole[:len(header)+9], at + early, ErrEndsEarly},
		{"a long header", after([]byte{0, 1, 0, 1, 0}), at + damaged + " (the header of a blob has 65537 bytes)", ErrDamaged},
		{"a length of 4 GiB", after([]byte{0xff, 0xff, 0xff, 0xff, 0}), at + damaged + " (the header of a blob has 4294967295 bytes)", ErrDamaged},
		{"a blob of 1 GiB", after([]byte{0, 0, 0, 6, 0x18, 0x80, 0x80, 0x80, 0x80, 0x04}), at + damaged + " (a blob has 1073741824 bytes)", ErrDamaged},
		{"a blob without a length", after([]byte{0, 0, 0, 2, 0x0a, 0}), at + damaged + " (a blob does not say how long it is)", ErrDamaged},
		{"nothing in a blob", after(osmtest.Frame("OSMData", nil)), at + damaged + " (a blob has no content)", ErrDamaged},
		{"unpacks to 1 GiB", after(osmtest.Frame("OSMData", []byte{0x10, 0x80, 0x80, 0x80, 0x80, 0x04, 0x1a, 0})), at + damaged + " (a blob unpacks to 1073741824 bytes)", ErrDamaged},
		{"does not say what it unpacks to", after(osmtest.Frame("OSMData", []byte{0x1a, 1, 'x'})), at + damaged + " (a blob does not say how long it is unpacked)", ErrDamaged},
		{"lzma", osmtest.Extract(osmtest.LZMA, village), at + "the blobs of the extract are packed with lzma, which is not read here: write it anew with zlib", nil},
		{"bzip2", osmtest.Extract(osmtest.Bzip2, village), at + "the blobs of the extract are packed with bzip2, which is not read here: write it anew with zlib", nil},
		{"a byte changed", changed, "", ErrDamaged},
		{"longer than it says", after(osmtest.Frame("OSMData", append([]byte{0x10, 1}, zlibField("xxxx")...))), at + damaged + " (a blob does not unpack: it is longer than it says)", ErrDamaged},
		{"shorter than it says", after(osmtest.Frame("OSMData", append([]byte{0x10, 9}, zlibField("xxxx")...))), at + damaged + " (a blob does not unpack: unexpected EOF)", ErrDamaged},
		{"a text that is not there", after(osmtest.Blob("OSMData", osmtest.Raw, []byte{0x12, 8, 0x1a, 6, 0x12, 1, 5, 0x1a, 1, 5})), at + damaged + " (a tag is text 5 of 0)", ErrDamaged},
		{"a granularity of none", after(osmtest.Blob("OSMData", osmtest.Raw, []byte{0x88, 1, 0})), at + damaged + " (the granularity is 0)", ErrDamaged},
		{"a list in parts", after(osmtest.Blob("OSMData", osmtest.Raw, []byte{0x12, 6, 0x1a, 4, 0x40, 2, 0x40, 2})), at + damaged + " (a list is written in parts)", ErrDamaged},
		{"fewer latitudes than ids", after(osmtest.Blob("OSMData", osmtest.Raw, []byte{0x12, 5, 0x12, 3, 0x0a, 1, 2})), at + damaged, ErrDamaged},
	}
	for _, test := range tests {
		o, err := openOSM(test.content)
		if err == nil {
			_, err = listOSM(o, OSMSelection{Kinds: OSMNode | OSMWay | OSMRelation, Key: "highway"})
		}
		if err == nil || test.want != "" && err.Error() != test.want || test.is != nil && !errors.Is(err, test.is) {
			t.Errorf("%s: %v, want %s", test.name, err, test.want)
		}
	}
}

// zlibField is a text packed as the field of a blob.
func zlibField(text string) []byte {
	blob := osmtest.Blob("", osmtest.Zlib, []byte(text))
	return blob[bytes.LastIndex(blob, []byte{0x1a}):]
}

func FuzzOSM(f *testing.F) {
	for _, how := range []osmtest.Packing{osmtest.Raw, osmtest.Zlib, osmtest.LZ4, osmtest.Zstd} {
		f.Add(osmtest.Extract(how, village))
	}
	f.Add(osmtest.Extract(osmtest.Raw, osmtest.Block{Loose: village.Nodes, Granularity: 1000, LonOffset: 5}, osmtest.Block{Ways: village.Ways}))
	f.Fuzz(func(t *testing.T, content []byte) {
		o, err := openOSM(content)
		if err != nil {
			return
		}
		for _, selection := range []OSMSelection{walks, houses} {
			first, firstErr := listOSM(o, selection, Column{Names: []string{"name"}})
			again, againErr := listOSM(o, selection, Column{Names: []string{"name"}})
			if fmt.Sprint(first, firstErr) != fmt.Sprint(again, againErr) {
				t.Errorf("%v, %v, then %v, %v", first, firstErr, again, againErr)
			}
		}
	})
}

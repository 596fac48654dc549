package format

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// publishedExtract finds a real extract under ARPENT_DATA, else in shared/data beside the checkout, or skips the test.
func publishedExtract(t testing.TB, name string) string {
	t.Helper()
	folder := os.Getenv("ARPENT_DATA")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "data")
	}
	path := filepath.Join(folder, "osm", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the extract %s is not here: set ARPENT_DATA to the folder of the published data to run this test", name)
	}
	return path
}

// Pieces between shared nodes, counted by the ids of the nodes alone, as the independent count of the same files was made: nodes
// that the extract does not have count there like any other. Ways that are streets are listed here anew, not by the rule of
// package datasets.
func TestPublishedExtracts(t *testing.T) {
	classes := []string{
		"trunk", "primary", "secondary", "tertiary", "unclassified", "residential", "living_street", "pedestrian", "road",
		"trunk_link", "primary_link", "secondary_link", "tertiary_link",
	}
	type counts struct{ nodes, ways, relations, streets, pieces, absent, stacked int }
	for name, want := range map[string]counts{
		"liechtenstein-latest.osm.pbf": {142_832, 15_247, 358, 1_686, 2_637, 0, 0},
		"baltimore.osm.pbf":            {51_385, 7_230, 167, 1_618, 3_723, 0, 0},
		"paris_bss.osm.pbf":            {4_598, 1_289, 17, 558, 939, 500, 0},
	} {
		t.Run(name, func(t *testing.T) {
			file, err := Open(publishedExtract(t, name))
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			extract, err := NewOSM(file)
			if err != nil {
				t.Fatal(err)
			}
			var got counts
			places := map[int64][2]osmDegrees{}
			var streets [][]int64
			pass := extract.Pass(OSMNode | OSMWay | OSMRelation)
			for {
				more, err := pass.Next()
				if err != nil {
					t.Fatal(err)
				}
				if !more {
					break
				}
				switch pass.Kind() {
				case OSMNode:
					got.nodes++
					places[pass.ID()] = [2]osmDegrees{pass.lon, pass.lat}
				case OSMWay:
					got.ways++
					if slices.Contains(classes, pass.tag("highway")) && pass.tag("area") != "yes" && pass.tag("indoor") != "yes" {
						refs, _, err := pass.addRefs(nil)
						if err != nil {
							t.Fatal(err)
						}
						streets = append(streets, refs)
					}
				case OSMRelation:
					got.relations++
				}
			}
			got.streets = len(streets)
			uses := map[int64]int{}
			stacked := map[[2]osmDegrees]int64{}
			for _, refs := range streets {
				for _, id := range refs {
					uses[id]++
					place, ok := places[id]
					if !ok {
						got.absent++
						continue
					}
					if other, ok := stacked[place]; ok && other != id {
						got.stacked++ // joined where they should not be, as coordinates tell it
					}
					stacked[place] = id
				}
			}
			for _, refs := range streets {
				uses[refs[0]]++
				uses[refs[len(refs)-1]]++
			}
			for _, refs := range streets {
				got.pieces++
				for _, id := range refs[1 : len(refs)-1] {
					if uses[id] > 1 {
						got.pieces++
					}
				}
			}
			if got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		})
	}
}

// BenchmarkOSM goes through all elements of an extract.
func BenchmarkOSM(b *testing.B) {
	path := publishedExtract(b, "liechtenstein-latest.osm.pbf")
	for b.Loop() {
		file, err := Open(path)
		if err != nil {
			b.Fatal(err)
		}
		extract, err := NewOSM(file)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(extract.size)
		for pass := extract.Pass(OSMNode | OSMWay | OSMRelation); ; {
			more, err := pass.Next()
			if err != nil {
				b.Fatal(err)
			}
			if !more {
				break
			}
		}
		if err := file.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

package live

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// bare is a city without what is made when it is opened.
func bare(c *City) *City {
	return &City{
		manifest: c.manifest, bound: c.bound, contests: c.contests, contestAt: c.contestAt, levels: c.levels, communeCodes: c.communeCodes, joined: c.joined,
		layers: c.layers, atoms: c.atoms, official: c.official, divisions: c.divisions, sets: c.sets, rows: c.rows, tested: c.tested,
	}
}

// spoiling overwrites what is released, as memory that is used again is.
type spoiling struct{ memory.Allocator }

func (s spoiling) Free(b []byte) {
	for i := range b {
		b[i] = 0xdd
	}
	s.Allocator.Free(b)
}

func TestColumnsHoldNothingOfReleasedBatches(t *testing.T) {
	s := writeHamlet(t, nil)
	want, err := open(t.Context(), s, memory.NewGoAllocator())
	if err != nil {
		t.Fatal(err)
	}
	mem := memory.NewCheckedAllocator(spoiling{memory.NewGoAllocator()})
	defer mem.AssertSize(t, 0)
	got, err := open(t.Context(), s, mem)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := bare(got), bare(want); !reflect.DeepEqual(a, b) {
		t.Errorf("the columns hold what was released:\n%+v\n%+v", a, b)
	}
}

// TestKeptColumns reads kept columns back: every one of them is the same, and so are tiles.
func TestKeptColumns(t *testing.T) {
	s := writeHamlet(t, nil)
	c, err := Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if n, m := reflect.TypeFor[City]().NumField(), 14+6; n != m {
		t.Fatalf("a City has %d fields, and this test knows %d", n, m)
	}
	path := filepath.Join(t.TempDir(), "cache", "city.frozen")
	if _, err := OpenKept(s, path); !errors.Is(err, ErrNotKept) {
		t.Fatalf("where nothing is kept: %v, expected ErrNotKept", err)
	}
	if err := c.Keep(path); err != nil {
		t.Fatal(err)
	}
	kept, err := OpenKept(s, path)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := bare(c), bare(kept); !reflect.DeepEqual(a, b) {
		t.Errorf("kept columns are others:\n%+v\n%+v", a, b)
	}
	found, err := c.Search(t.Context(), "rue", MostFound)
	if again, err2 := kept.Search(t.Context(), "rue", MostFound); err != nil || err2 != nil || len(found) == 0 || !reflect.DeepEqual(again, found) {
		t.Errorf("a search finds %+v, %v, in kept columns %+v, %v", found, err, again, err2)
	}
	for _, of := range c.Layers() {
		for z := of.MinZoom; z <= 16; z += 4 {
			at := geo.TileAt(houses[basse][0], houses[basse][1], uint8(z))
			q := Query{Contest: "t1", Measure: "share", Choice: "moulins"}
			want, err := c.Tile(of.Name, at, q)
			if err != nil {
				t.Fatal(err)
			}
			got, err := kept.Tile(of.Name, at, q)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("tile %v of %s is another one from kept columns (%v)", at, of.Name, err)
			}
		}
	}

	other := &engine.Snapshot{Dir: s.Dir, Manifest: s.Manifest}
	other.Manifest.Tables = append([]engine.ManifestTable{{Name: "estimates", SHA256: "another"}}, s.Manifest.Tables...)
	if _, err := OpenKept(other, path); !errors.Is(err, ErrNotKept) {
		t.Errorf("columns of other tables: %v, expected ErrNotKept", err)
	}

	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{3, 4096 + 100, len(content) / 2, len(content) - 1} {
		damaged := append([]byte(nil), content...)
		damaged[at] ^= 1
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenKept(s, path); !errors.Is(err, ErrNotKept) {
			t.Errorf("byte %d of %d is another one: %v, expected ErrNotKept", at, len(content), err)
		}
	}
}

// TestLargeSnapshot tells the snapshots whose columns are kept.
func TestLargeSnapshot(t *testing.T) {
	for rows, large := range map[int64]bool{0: false, KeepFrom - 1: false, KeepFrom: true} {
		s := &engine.Snapshot{Manifest: engine.Manifest{Tables: []engine.ManifestTable{{Name: "plan", Rows: 1 << 40}, {Name: "estimates", Rows: rows}}}}
		if IsLarge(s) != large {
			t.Errorf("%d rows of estimates: large %v", rows, !large)
		}
	}
	if IsLarge(&engine.Snapshot{}) {
		t.Error("a snapshot without tables is large")
	}
}

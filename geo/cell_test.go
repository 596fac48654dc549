package geo

import (
	"encoding/csv"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	h3 "github.com/uber/h3-go/v4"
	"pgregory.net/rapid"
)

// tuileries is a cell of resolution 8 over the Tuileries in Paris.
const tuileries Cell = 0x881fb46751fffff

func TestCellAt(t *testing.T) {
	for _, test := range []struct {
		place      string
		lon, lat   float64
		resolution int
		want       string
	}{
		{"avenue du Général Lemonnier, Paris", 2.330113, 48.861299, 8, "881fb46751fffff"},
		{"the same, finer", 2.330113, 48.861299, 11, "8b1fb4675142fff"},
		{"the north pole", 0, 90, 0, "8001fffffffffff"},
		{"the north pole by another longitude", 120, 90, 0, "8001fffffffffff"},
	} {
		got, err := CellAt(test.lon, test.lat, test.resolution)
		if err != nil || got.String() != test.want {
			t.Errorf("%s: %v, %v; want %s", test.place, got, err, test.want)
		}
	}
	west, _ := CellAt(-180, -17, 9)
	east, _ := CellAt(180, -17, 9)
	if west != east {
		t.Errorf("one place on the antimeridian is in two cells, %v and %v", west, east)
	}
}

func TestCellAtRefuses(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, test := range []struct {
		lon, lat   float64
		resolution int
		want       error
	}{
		{nan, 48, 9, ErrPosition},
		{2, nan, 9, ErrPosition},
		{inf, 48, 9, ErrPosition},
		{2, -inf, 9, ErrPosition},
		{180.0001, 0, 9, ErrPosition},
		{0, -90.0001, 9, ErrPosition},
		{650852.91, 6862571.27, 9, ErrPosition}, // Lambert-93
		{2, 48, -1, ErrCellResolution},
		{2, 48, 16, ErrCellResolution},
	} {
		if c, err := CellAt(test.lon, test.lat, test.resolution); c != 0 || !errors.Is(err, test.want) {
			t.Errorf("CellAt(%v, %v, %d) = %v, %v; want %v", test.lon, test.lat, test.resolution, c, err, test.want)
		}
	}
}

func TestParseCell(t *testing.T) {
	for _, text := range []string{"881fb46751fffff", "881FB46751FFFFF"} {
		if c, err := ParseCell(text); c != tuileries || err != nil {
			t.Errorf("ParseCell(%q) = %v, %v", text, c, err)
		}
	}
	for _, text := range []string{
		"", "0", "000000000000000",
		"881fb46751ffff", "0881fb46751fffff", "+881fb46751ffff", // 14, 16, a sign
		"881fb46751ffffg", "881fb46751_ffff", "0x81fb46751ffff",
		"881fb4675100000", // digits finer than its resolution are not 7
		"88f5fb46751ffff", // there are only 122 base cells
		"1181fb46751ffff", // a directed edge's mode
		"88091ffffffffff", // the missing child of a pentagon
	} {
		if c, err := ParseCell(text); c != 0 || !errors.Is(err, ErrCell) {
			t.Errorf("ParseCell(%q) = %v, %v; want ErrCell", text, c, err)
		}
	}
	if got := Cell(0).String(); got != "000000000000000" {
		t.Errorf("no cell is written %q", got)
	}
}

func FuzzParseCell(f *testing.F) {
	f.Add("881fb46751fffff")
	f.Add("8009fffffffffff")
	f.Add("ffffffffffffffff")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCell(text)
		if err != nil {
			if c != 0 || !errors.Is(err, ErrCell) {
				t.Fatalf("%v, %v", c, err)
			}
			return
		}
		if again, err := ParseCell(c.String()); again != c || err != nil || c.Resolution() > MaxCellResolution {
			t.Fatalf("%q is %v, which reads back as %v, %v", text, c, again, err)
		}
	})
}

// drawCell draws a cell anywhere on Earth, one time in four a pentagon or one near it.
func drawCell(t *rapid.T, resolution int) Cell {
	lon := rapid.Float64Range(-180, 180).Draw(t, "lon")
	lat := rapid.Float64Range(-90, 90).Draw(t, "lat")
	if rapid.IntRange(0, 3).Draw(t, "pentagon") == 0 {
		pentagons, err := h3.Pentagons(rapid.IntRange(0, resolution).Draw(t, "of resolution"))
		if err != nil {
			t.Fatal(err)
		}
		middle := Cell(rapid.SampledFrom(pentagons).Draw(t, "near")).Center()
		lon, lat = middle.Lon(), middle.Lat()
	}
	c, err := CellAt(lon, lat, resolution)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCellParentIsTheLibrarys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		own := rapid.IntRange(0, MaxCellResolution).Draw(t, "own")
		c := drawCell(t, own)
		if c.Resolution() != own || !c.Valid() {
			t.Fatalf("%v has resolution %d, want %d", c, c.Resolution(), own)
		}
		for resolution := -1; resolution <= MaxCellResolution+1; resolution++ {
			want, err := h3.Cell(c).Parent(resolution)
			if err != nil {
				want = 0
			}
			if got := c.Parent(resolution); got != Cell(want) {
				t.Fatalf("parent of %v at %d is %v, the library says %v", c, resolution, got, want)
			}
		}
	})
	for _, none := range []Cell{0, -1, 1, Cell(math.MaxInt64), Cell(math.MinInt64)} {
		if got := none.Parent(0); got != 0 {
			t.Errorf("%x has the parent %v", uint64(none), got)
		}
		if lo, hi := none.Range(15); lo <= hi {
			t.Errorf("%x has descendants %v to %v", uint64(none), lo, hi)
		}
	}
}

func TestCellRangeHoldsTheChildrenAndNoOtherCell(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		own := rapid.IntRange(0, MaxCellResolution).Draw(t, "own")
		finer := rapid.IntRange(own, min(own+4, MaxCellResolution)).Draw(t, "finer")
		c := drawCell(t, own)
		children, err := h3.Cell(c).Children(finer)
		if err != nil {
			t.Fatal(err)
		}
		first, last := children[0], children[0]
		for _, child := range children {
			first, last = min(first, child), max(last, child)
		}
		lo, hi := c.Range(finer)
		if lo != Cell(first) || hi != Cell(last) {
			t.Fatalf("%v at %d is %v to %v, the library says %v to %v", c, finer, lo, hi, first, last)
		}
		// No stranger between: whatever cell falls in the range has c as its ancestor.
		other := drawCell(t, finer)
		if inside := lo <= other && other <= hi; inside != (other.Parent(own) == c) {
			t.Fatalf("%v in %v to %v is %v, though its parent is %v", other, lo, hi, inside, other.Parent(own))
		}
		if lo, hi := c.Range(own - 1); lo <= hi {
			t.Fatalf("%v has descendants at a coarser resolution, %v to %v", c, lo, hi)
		}
	})
}

func TestCellBoundary(t *testing.T) {
	ring := tuileries.Boundary()
	if len(ring) != 7 || !ring.Closed() || ring.Orientation() != orb.CCW {
		t.Errorf("a hexagon has %d points, closed %v, orientation %v", len(ring), ring.Closed(), ring.Orientation())
	}
	if !planar.RingContains(ring, tuileries.Center()) || !planar.RingContains(ring, orb.Point{2.330113, 48.861299}) {
		t.Errorf("%v holds neither its centre nor its address", ring)
	}
	if Cell(0).Boundary() != nil || !math.IsNaN(Cell(0).Center().Lon()) {
		t.Error("no cell has an outline or a centre")
	}
}

func TestCellBoundaryAcrossTheAntimeridianIsInOnePiece(t *testing.T) {
	for _, lon := range []float64{179.99, -179.99, 180} {
		c, err := CellAt(lon, -16.5, 5) // Fiji; the cell is about 17 km wide
		if err != nil {
			t.Fatal(err)
		}
		b := c.Boundary().Bound()
		if width := b.Right() - b.Left(); width > 0.3 {
			t.Errorf("the cell at %v is %v degrees wide: %v", lon, width, b)
		}
		if b.Left() >= -180 && b.Right() <= 180 {
			t.Errorf("the cell at %v should pass 180 degrees: %v", lon, b)
		}
		if !b.Contains(c.Center()) {
			t.Errorf("the cell at %v has its centre %v outside %v", lon, c.Center(), b)
		}
	}
}

// TestCellAtAgreesWithPublishedAddresses compares 2,000 addresses of Paris with the cells an independent implementation
// of H3 gave them.
func TestCellAtAgreesWithPublishedAddresses(t *testing.T) {
	file, err := os.Open(parisFile(t, "h3_sample.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows := csv.NewReader(file)
	if _, err := rows.Read(); err != nil { // ban_id, lat, lon, h3_r8, h3_r9, h3_r10, h3_r11
		t.Fatal(err)
	}
	count := 0
	for ; ; count++ {
		row, err := rows.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		lat, errLat := strconv.ParseFloat(row[1], 64)
		lon, errLon := strconv.ParseFloat(row[2], 64)
		if errLat != nil || errLon != nil {
			t.Fatalf("row %d: %v", count, row)
		}
		for i, want := range row[3:] {
			c, err := CellAt(lon, lat, 8+i)
			if err != nil || c.String() != want {
				t.Errorf("%s at resolution %d: %v, %v; published %s", row[0], 8+i, c, err, want)
			}
			if parsed, err := ParseCell(want); parsed != c || err != nil {
				t.Errorf("%s reads as %v, %v", want, parsed, err)
			}
		}
	}
	if count < 2000 {
		t.Errorf("%d addresses, want 2,000 or more", count)
	}
}

// parisFile finds a file of the published data on Paris: under ARPENT_DATA, else in shared/data beside the checkout.
func parisFile(t testing.TB, name string) string {
	t.Helper()
	folder := os.Getenv("ARPENT_DATA")
	if folder == "" {
		folder = filepath.Join("..", "..", "shared", "data") // from this package's folder
	}
	path := filepath.Join(folder, "paris", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no %s in %s: set ARPENT_DATA to the folder of the published data to run this test", name, folder)
	}
	return path
}

func BenchmarkCellAt(b *testing.B) {
	for i := range b.N {
		if _, err := CellAt(2.25+float64(i%1000)*1e-4, 48.85, 9); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCellParent(b *testing.B) {
	c := tuileries
	for range b.N {
		if c.Parent(5) == 0 {
			b.Fatal("no parent")
		}
	}
}

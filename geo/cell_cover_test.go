package geo

import (
	"errors"
	"math"
	"sort"
	"testing"

	"github.com/paulmach/orb"
	h3 "github.com/uber/h3-go/v4"
	"pgregory.net/rapid"
)

func covered(ranges []CellRange, c Cell) bool {
	i := sort.Search(len(ranges), func(i int) bool { return ranges[i].Hi >= c })
	return i < len(ranges) && ranges[i].Lo <= c
}

// coveredCells lists the cells of ranges at their resolution, out of those in a coarse cell and its neighbours.
func coveredCells(t *testing.T, ranges []CellRange, near Cell) (cells []Cell) {
	t.Helper()
	ring, err := h3.GridDisk(h3.Cell(near), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, coarse := range ring {
		all, err := coarse.Children(ranges[0].Lo.Resolution())
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range all {
			if covered(ranges, Cell(c)) {
				cells = append(cells, Cell(c))
			}
		}
	}
	return cells
}

func baseCells(t *testing.T) []h3.Cell {
	t.Helper()
	cells, err := h3.Res0Cells()
	if err != nil {
		t.Fatal(err)
	}
	return cells
}

func TestCoverBoundHoldsTheBoundAndARing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		resolution := rapid.IntRange(0, MaxCellResolution).Draw(t, "resolution")
		// From nothing to about thirty cells a side, anywhere, the poles and the antimeridian included.
		step := 30 * 12.6 / math.Pow(7, float64(resolution)/2)
		west := rapid.Float64Range(-190, 190).Draw(t, "west")
		south := rapid.Float64Range(-90, 90).Draw(t, "south")
		b := orb.Bound{
			Min: orb.Point{west, south},
			Max: orb.Point{
				min(west+step*rapid.Float64Range(0, 1).Draw(t, "width"), 540),
				min(south+step*rapid.Float64Range(0, 1).Draw(t, "height"), 90),
			},
		}
		ranges, err := CoverBound(b, resolution, math.MaxInt)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range ranges {
			if r.Lo > r.Hi || !r.Lo.Valid() || !r.Hi.Valid() || r.Lo.Resolution() != resolution || r.Hi.Resolution() != resolution {
				t.Fatalf("range %d is %v to %v at resolution %d", i, r.Lo, r.Hi, resolution)
			}
			if i > 0 && ranges[i-1].Hi >= r.Lo {
				t.Fatalf("ranges %d and %d are not in order", i-1, i)
			}
		}
		for range 20 {
			lon := wrapLongitude(rapid.Float64Range(b.Left(), b.Right()).Draw(t, "lon"))
			lat := rapid.Float64Range(b.Bottom(), b.Top()).Draw(t, "lat")
			c, err := CellAt(lon, lat, resolution)
			if err != nil {
				t.Fatal(err)
			}
			ring, err := h3.GridDisk(h3.Cell(c), 1)
			if err != nil {
				t.Fatal(err)
			}
			for _, neighbour := range ring {
				if !covered(ranges, Cell(neighbour)) {
					t.Fatalf("%v at (%v, %v) is in the bound %v, its neighbour %v is not covered", c, lon, lat, b, neighbour)
				}
			}
			// What has its finest cell in the bound has its parent in the cover.
			finest, err := CellAt(lon, lat, MaxCellResolution)
			if err != nil {
				t.Fatal(err)
			}
			if !covered(ranges, finest.Parent(resolution)) {
				t.Fatalf("%v in the bound %v has its parent %v outside the cover", finest, b, finest.Parent(resolution))
			}
		}
	})
}

func TestCoverBoundIsTight(t *testing.T) {
	// A square of 0.2 by 0.2 degrees at Paris is about 14.7 by 22.2 km: 326 km2, 63 cells of 5.16 km2 on average (the ones
	// here have 4.4 km2). One ring around it and what meets its edges: about 40 more.
	paris := orb.Bound{Min: orb.Point{2.2, 48.75}, Max: orb.Point{2.4, 48.95}}
	ranges, err := CoverBound(paris, 7, 1000)
	if err != nil {
		t.Fatal(err)
	}
	cells := coveredCells(t, ranges, tuileries.Parent(3))
	if len(cells) < 100 || len(cells) > 180 {
		t.Errorf("%d cells", len(cells))
	}
	// None is further than three rings from a cell of the bound.
	inBound, near := make(map[Cell]bool), make(map[h3.Cell]bool)
	for lon := paris.Left(); lon <= paris.Right(); lon += 0.005 {
		for lat := paris.Bottom(); lat <= paris.Top(); lat += 0.005 {
			c, err := CellAt(lon, lat, 7)
			if err != nil {
				t.Fatal(err)
			}
			if inBound[c] {
				continue
			}
			inBound[c] = true
			rings, err := h3.GridDisk(h3.Cell(c), 3)
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range rings {
				near[n] = true
			}
		}
	}
	for _, c := range cells {
		if !near[h3.Cell(c)] {
			t.Errorf("%v is further than three rings away", c)
		}
	}
}

func TestCoverBoundOfTheWorldIsOneRange(t *testing.T) {
	world := orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}
	for resolution, count := range []int{122, 842, 5882, 41162} { // h3geo.org, table of cell counts
		ranges, err := CoverBound(world, resolution, count)
		if err != nil {
			t.Fatal(err)
		}
		if len(ranges) != 1 {
			t.Errorf("resolution %d: %d ranges, want 1", resolution, len(ranges))
		}
		if _, err := CoverBound(world, resolution, count-1); !errors.Is(err, ErrTooManyCells) {
			t.Errorf("resolution %d has %d cells, though %d were enough: %v", resolution, count, count-1, err)
		}
	}
}

func TestCoverBoundRefuses(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	bound := func(west, south, east, north float64) orb.Bound {
		return orb.Bound{Min: orb.Point{west, south}, Max: orb.Point{east, north}}
	}
	for _, test := range []struct {
		bound      orb.Bound
		resolution int
		want       error
	}{
		{bound(2, 48, 3, 49), 16, ErrCellResolution},
		{bound(2, 48, 3, 49), -1, ErrCellResolution},
		{bound(3, 48, 2, 49), 9, ErrBound}, // empty
		{bound(2, 49, 3, 48), 9, ErrBound},
		{bound(2, nan, 3, 49), 9, ErrBound},
		{bound(2, 48, nan, 49), 9, ErrBound},
		{bound(-inf, 48, inf, 49), 9, ErrBound},
		{bound(2, 48, 3, 90.1), 9, ErrBound},
		{bound(643000, 6857000, 662000, 6868000), 9, ErrBound}, // Lambert-93
		{bound(-180, -90, 180, 90), 15, ErrTooManyCells},
		{bound(-5, 42, 8, 51), 12, ErrTooManyCells}, // France
	} {
		if ranges, err := CoverBound(test.bound, test.resolution, 10_000); ranges != nil || !errors.Is(err, test.want) {
			t.Errorf("CoverBound(%v, %d): %d ranges, %v; want %v", test.bound, test.resolution, len(ranges), err, test.want)
		}
	}
}

// TestCellReach measures the constants the cover relies on, over every cell of the coarse resolutions: they are the ones
// in which cells differ in form; from there on each is a seventh of its parent.
func TestCellReach(t *testing.T) {
	angle := func(a, b Cell) float64 {
		p, q := a.Center(), b.Center()
		return h3.GreatCircleDistanceRads(h3.LatLng{Lat: p.Lat(), Lng: p.Lon()}, h3.LatLng{Lat: q.Lat(), Lng: q.Lon()})
	}
	for resolution := 0; resolution <= 3; resolution++ {
		radius := cellRadius0 / math.Pow(7, float64(resolution)/2)
		for _, base := range baseCells(t) {
			cells, err := base.Children(resolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range cells {
				corners, err := h3.CellToBoundary(c)
				if err != nil {
					t.Fatal(err)
				}
				center := Cell(c).Center()
				for _, corner := range corners {
					if d := h3.GreatCircleDistanceRads(h3.LatLng{Lat: center.Lat(), Lng: center.Lon()}, corner); d > radius {
						t.Fatalf("%v has a corner %v radians from its centre, over %v", c, d, radius)
					}
				}
				if isPentagon := h3.Cell(c).IsPentagon(); isPentagon != Cell(c).isPentagon() {
					t.Fatalf("%v is a pentagon: %v", c, isPentagon)
				}
				if resolution == 3 {
					continue
				}
				descendants, err := c.Children(resolution + 2)
				if err != nil {
					t.Fatal(err)
				}
				for _, d := range descendants {
					if d := angle(Cell(c), Cell(d)); d > cellDescendants*radius {
						t.Fatalf("%v has a descendant %v radians from its centre", c, d)
					}
				}
				neighbours, err := h3.GridDisk(c, 1)
				if err != nil {
					t.Fatal(err)
				}
				for _, n := range neighbours {
					if d := angle(Cell(c), Cell(n)) + radius; d > cellTwoRings*radius {
						t.Fatalf("%v has the neighbour %v reaching %v radians from its centre", c, n, d)
					}
				}
			}
		}
	}
}

func BenchmarkCoverBoundOfATile(b *testing.B) {
	bound := TileAt(2.3522, 48.8566, 14).Bound()
	for range b.N {
		if _, err := CoverBound(bound, 10, 100_000); err != nil {
			b.Fatal(err)
		}
	}
}

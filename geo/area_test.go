package geo

import (
	"fmt"
	"math"
	"math/big"
	"math/rand"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"
	"pgregory.net/rapid"
)

func areaOf(t testing.TB, text string) orb.MultiPolygon {
	t.Helper()
	area, err := wkt.UnmarshalMultiPolygon("MULTIPOLYGON (" + text + ")")
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return area
}

func TestContaining(t *testing.T) {
	areas := NewAreas([]orb.MultiPolygon{
		areaOf(t, "((0 0, 10 0, 10 10, 0 10, 0 0))"),
		areaOf(t, "((10 0, 20 0, 20 10, 10 10, 10 0))"),                                 // east of the first
		areaOf(t, "((0 10, 20 10, 20 20, 0 20, 0 10), (4 14, 4 16, 6 16, 6 14, 4 14))"), // north of both, with a hole
		areaOf(t, "((4 14, 6 14, 6 16, 4 16, 4 14)), ((30 0, 40 0, 35 10, 30 0))"),      // in the hole, and far off
		areaOf(t, "((8 2, 12 2, 12 4, 8 4, 8 2))"),                                      // across the first border
		nil,
		{{{{50, 50}, {60, 50}, {math.NaN(), 60}}}},
		{{{{70, 0}, {80, 0}, {80, 10}, {70, 10}}}}, // not closed
	})
	for _, c := range []struct {
		name string
		p    orb.Point
		want []int
	}{
		{"inside", orb.Point{5, 5}, []int{0}},
		{"outside", orb.Point{25, 5}, nil},
		{"far outside", orb.Point{-1e9, 5}, nil},
		{"on the border of two areas: the one in the east", orb.Point{10, 6}, []int{1}},
		{"on the border of two areas: the one in the north", orb.Point{5, 10}, []int{2}},
		{"where three areas meet", orb.Point{10, 10}, []int{2}},
		{"on the outer border in the south west", orb.Point{0, 0}, []int{0}},
		{"on the outer border in the east", orb.Point{20, 5}, nil},
		{"on the outer border in the north", orb.Point{5, 20}, nil},
		{"beside a hole", orb.Point{3, 15}, []int{2}},
		{"in a hole that another area fills", orb.Point{5, 15}, []int{3}},
		{"on the west border of the hole", orb.Point{4, 15}, []int{3}},
		{"on the east border of the hole", orb.Point{6, 15}, []int{2}},
		{"in the second part of an area", orb.Point{35, 5}, []int{3}},
		{"at the height of the tip of a triangle", orb.Point{32, 10}, nil},
		{"in two areas", orb.Point{9, 3}, []int{0, 4}},
		{"in two others", orb.Point{11, 3}, []int{1, 4}},
		{"in an area with a coordinate that is none", orb.Point{55, 51}, nil},
		{"in a ring that is not closed", orb.Point{75, 5}, []int{7}},
		{"not a number", orb.Point{math.NaN(), 5}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := areas.Containing(c.p); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestNearestArea(t *testing.T) {
	areas := NewAreas([]orb.MultiPolygon{
		areaOf(t, "((20 0, 30 0, 30 10, 20 10, 20 0))"),
		areaOf(t, "((0 0, 10 0, 10 10, 0 10, 0 0), (2 2, 2 8, 8 8, 8 2, 2 2))"),
		{{{{12, 0}, {14, 0}, {14, 30}, {12, 30}}}},
		nil,
	})
	for _, c := range []struct {
		name     string
		p        orb.Point
		area     int
		distance float64
	}{
		{"inside", orb.Point{25, 5}, 0, 0},
		{"in a hole: its border", orb.Point{4, 5}, 1, 2},
		{"as near to two: the first", orb.Point{17, 5}, 0, 3},
		{"off a corner", orb.Point{33, -4}, 0, 5},
		{"off the side that closes a ring", orb.Point{11.5, 25}, 2, 0.5},
		{"far off", orb.Point{-1e6, 0}, 1, 1e6},
		{"not a number", orb.Point{0, math.Inf(1)}, -1, math.Inf(1)},
	} {
		if area, distance := areas.Nearest(c.p); area != c.area || distance != c.distance {
			t.Errorf("%s: area %d at %v, want %d at %v", c.name, area, distance, c.area, c.distance)
		}
	}
	if area, distance := NewAreas(nil).Nearest(orb.Point{0, 0}); area != -1 || !math.IsInf(distance, 1) {
		t.Errorf("of no areas: %d at %v", area, distance)
	}
}

// townAreas divides a square of n by n blocks into areas of four corners each, which are moved about and shared, vertex
// by vertex, by the areas that meet there.
func townAreas(n int, corner func(x, y int) orb.Point) []orb.MultiPolygon {
	var areas []orb.MultiPolygon
	for y := range n {
		for x := range n {
			ring := orb.Ring{corner(x, y), corner(x+1, y), corner(x+1, y+1), corner(x, y+1), corner(x, y)}
			areas = append(areas, orb.MultiPolygon{{ring}})
		}
	}
	return areas
}

func TestAPointOfADividedTownIsInExactlyOneArea(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const n, block = 4, 10
		move := rapid.SliceOfN(rapid.IntRange(-4, 4), 2*(n+1)*(n+1), 2*(n+1)*(n+1)).Draw(t, "moves")
		areas := townAreas(n, func(x, y int) orb.Point {
			p := orb.Point{float64(x * block), float64(y * block)}
			if x > 0 && x < n && y > 0 && y < n {
				p[0] += float64(move[2*(y*(n+1)+x)])
				p[1] += float64(move[2*(y*(n+1)+x)+1])
			}
			return p
		})
		index := NewAreas(areas)
		// All whole and half coordinates: many lie on borders and corners.
		for x := 0.0; x < n*block; x += 0.5 {
			for y := 0.0; y < n*block; y += 0.5 {
				p := orb.Point{x, y}
				if in := index.Containing(p); len(in) != 1 {
					t.Fatalf("%v is in %v of %v", p, in, areas)
				}
			}
		}
	})
}

func TestContainingIsThatOfExactArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		coordinate := rapid.OneOf(rapid.Map(rapid.IntRange(0, 8), func(i int) float64 { return float64(i) }), rapid.Float64Range(-2, 10))
		ring := rapid.Map(rapid.SliceOfN(rapid.Custom(func(t *rapid.T) orb.Point {
			return orb.Point{coordinate.Draw(t, "x"), coordinate.Draw(t, "y")}
		}), 1, 7), func(points []orb.Point) orb.Ring { return append(orb.Ring(points), points[0]) })
		polygon := rapid.Map(ring, func(r orb.Ring) orb.Polygon { return orb.Polygon{r} })
		areas := rapid.SliceOfN(rapid.Map(rapid.SliceOfN(polygon, 0, 3), func(m []orb.Polygon) orb.MultiPolygon { return m }), 0, 6).Draw(t, "areas")
		index := NewAreas(areas)
		for range 20 {
			p := orb.Point{coordinate.Draw(t, "px"), coordinate.Draw(t, "py")}
			var want []int
			for i, area := range areas {
				if slowContains(area, p) {
					want = append(want, i)
				}
			}
			if got := index.Containing(p); !slices.Equal(got, want) {
				t.Fatalf("%v is in %v, want %v, of %v", p, got, want, areas)
			}
		}
	})
}

// slowContains moves the point a little to the north and counts, in rational numbers, the borders it meets on its way east.
func slowContains(area orb.MultiPolygon, point orb.Point) bool {
	p := ratOf(point)
	for _, polygon := range area {
		crossings := 0
		for _, ring := range polygon {
			for i := 1; i < len(ring); i++ {
				a, b := ratOf(ring[i-1]), ratOf(ring[i])
				aboveA, aboveB := a[1].Cmp(p[1]) > 0, b[1].Cmp(p[1]) > 0
				if aboveA == aboveB {
					continue
				}
				// x of the border at the height of p; what lies on the border is already past it.
				x := new(big.Rat).Sub(p[1], a[1])
				x.Mul(x, new(big.Rat).Sub(b[0], a[0])).Quo(x, new(big.Rat).Sub(b[1], a[1])).Add(x, a[0])
				if x.Cmp(p[0]) > 0 {
					crossings++
				}
			}
		}
		if crossings%2 == 1 {
			return true
		}
	}
	return false
}

func FuzzAreas(f *testing.F) {
	f.Add(0.0, 0.0, 10.0, 0.0, 10.0, 10.0, 5.0, 2.0)
	f.Add(0.0, 0.0, math.NaN(), 0.0, math.Inf(1), 10.0, 5.0, 2.0)
	f.Add(0.0, 0.0, 1e12, 1e-300, -1e12, 1e12, 5e-324, -1e-9)
	f.Fuzz(func(t *testing.T, ax, ay, bx, by, cx, cy, px, py float64) {
		a, b, c, p := orb.Point{ax, ay}, orb.Point{bx, by}, orb.Point{cx, cy}, orb.Point{px, py}
		areas := NewAreas([]orb.MultiPolygon{{{{a, b, c, a}}}, {{{a, b}}, {{b, c, a}, {}}}, {{}}, {{{c}}}})
		in := areas.Containing(p)
		area, distance := areas.Nearest(p)
		if len(in) > 0 && (area != in[0] || distance != 0) || area < 0 != math.IsInf(distance, 1) || math.IsNaN(distance) {
			t.Errorf("in %v, nearest %d at %v", in, area, distance)
		}
	})
}

// TestAreasOfParis places the addresses of the address base in the areas of the polling stations of 2017.
func TestAreasOfParis(t *testing.T) {
	areas := readParisAreas(t)
	addresses := readParisAddresses(t)
	inDegrees := NewAreas(areas)
	inMetres := make([]orb.MultiPolygon, len(areas))
	for i, area := range areas {
		inMetres[i] = area.Clone()
		for _, polygon := range inMetres[i] {
			for _, ring := range polygon {
				for k, p := range ring {
					ring[k][0], ring[k][1] = Lambert93.Forward(p[0], p[1])
				}
			}
		}
	}
	nearby := NewAreas(inMetres)
	none, two, furthest := 0, 0, 0.0
	for _, a := range addresses {
		switch in := inDegrees.Containing(a.lonLat); {
		case len(in) > 1:
			two++
		case len(in) == 0:
			none++
			_, distance := nearby.Nearest(a.at)
			furthest = max(furthest, distance)
		}
	}
	t.Logf("%d areas; of %d addresses %d lie in none, at most %.1f m from one, and %d in two", len(areas), len(addresses), none, furthest, two)
	// The furthest stand at the far end of the Bois de Vincennes.
	if len(areas) != 896 || none != 2015 || two != 0 || math.Abs(furthest-4080) > 1 {
		t.Errorf("%d areas; %d addresses in none (want 2,015), at most %.1f m from one (want 4,080), %d in two", len(areas), none, furthest, two)
	}
}

// BenchmarkContaining has as many areas as Paris has polling stations, of 40 vertices each.
func BenchmarkContaining(b *testing.B) {
	const n = 30
	random := rand.New(rand.NewSource(3))
	side := map[string][]orb.Point{}
	between := func(x0, y0, x1, y1 int) []orb.Point {
		key := fmt.Sprint(x0, y0, x1, y1)
		if side[key] == nil {
			for k := range 10 {
				part := float64(k) / 10
				p := orb.Point{300 * (float64(x0)*(1-part) + float64(x1)*part), 300 * (float64(y0)*(1-part) + float64(y1)*part)}
				if k > 0 {
					p[0], p[1] = p[0]+20*random.Float64(), p[1]+20*random.Float64()
				}
				side[key] = append(side[key], p)
			}
		}
		return side[key]
	}
	var areas []orb.MultiPolygon
	for y := range n {
		for x := range n {
			ring := slices.Concat(between(x, y, x+1, y), between(x+1, y, x+1, y+1))
			back := slices.Concat(between(x, y, x, y+1), between(x, y+1, x+1, y+1), []orb.Point{{300 * float64(x+1), 300 * float64(y+1)}})
			slices.Reverse(back)
			areas = append(areas, orb.MultiPolygon{{append(ring, back...)}})
		}
	}
	index := NewAreas(areas)
	points := make([]orb.Point, 1<<14)
	for i := range points {
		points[i] = orb.Point{300 * n * random.Float64(), 300 * n * random.Float64()}
	}
	for i := 0; b.Loop(); i++ {
		index.Containing(points[i&(len(points)-1)])
	}
}

package geo

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"pgregory.net/rapid"
)

// Of these tests a metre is 107 steps of the world, as it is at the equator, and the ground begins where longitude and latitude are 0.
const (
	outlineMetre  = 107
	outlineOrigin = 1 << 31
)

// outlined gives the outlines of areas, each made of polygons in metres.
func outlined(t require, areas ...[]orb.Polygon) []Outline {
	t.Helper()
	var coords []uint32
	var ends, of []int32
	var holes []bool
	for a, polygons := range areas {
		for _, polygon := range polygons {
			for i, ring := range polygon {
				for _, p := range ring {
					coords = append(coords, uint32(outlineOrigin+math.Round(p[0]*outlineMetre)), uint32(outlineOrigin+math.Round(p[1]*outlineMetre)))
				}
				ends, of, holes = append(ends, int32(len(coords)/2)), append(of, int32(a)), append(holes, i > 0)
			}
		}
	}
	outlines, err := Frame{}.Outlines(coords, ends, holes, of, len(areas), nil)
	if err != nil {
		t.Fatal(err)
	}
	return outlines
}

type require interface {
	Helper()
	Fatal(...any)
}

// inMetres gives the rings of an outline, each from its lowest vertex on, its inside on the left.
func inMetres(o Outline) (rings []orb.Ring) {
	for _, flat := range o.Rings() {
		var ring orb.Ring
		for v := 0; v < len(flat); v += 2 {
			ring = append(ring, orb.Point{(float64(flat[v]) - outlineOrigin) / outlineMetre, (float64(flat[v+1]) - outlineOrigin) / outlineMetre})
		}
		first := slices.Index(ring, slices.MinFunc(ring, comparePoints))
		ring = append(slices.Concat(ring[first:], ring[:first]), ring[first])
		rings = append(rings, ring)
	}
	return rings
}

func told(o Outline) string {
	var rings []string
	for _, ring := range inMetres(o) {
		var points []string
		for _, p := range ring[:len(ring)-1] {
			points = append(points, fmt.Sprintf("%.0f %.0f", p[0], p[1]))
		}
		rings = append(rings, strings.Join(points, ", "))
	}
	slices.Sort(rings)
	return strings.Join(rings, " / ")
}

func rectangle(x0, y0, x1, y1 float64) orb.Ring {
	return orb.Ring{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}
}

func TestOutlines(t *testing.T) {
	clockwise := slices.Clone(rectangle(500, 0, 1000, 500))
	slices.Reverse(clockwise)
	for _, test := range []struct {
		name  string
		parts []orb.Polygon
		want  string
	}{
		{"nothing", nil, ""},
		{"one square", []orb.Polygon{{rectangle(0, 0, 500, 500)}}, "0 0, 500 0, 500 500, 0 500"},
		{"two squares that share an edge", []orb.Polygon{{rectangle(0, 0, 500, 500)}, {rectangle(500, 0, 1000, 500)}}, "0 0, 1000 0, 1000 500, 0 500"},
		{"the same, drawn the other way round", []orb.Polygon{{rectangle(0, 0, 500, 500)}, {clockwise}}, "0 0, 1000 0, 1000 500, 0 500"},
		{"the same square twice", []orb.Polygon{{rectangle(0, 0, 500, 500)}, {rectangle(0, 0, 500, 500)}}, "0 0, 500 0, 500 500, 0 500"},
		{"a T-junction: one edge is met by two", []orb.Polygon{{rectangle(0, 0, 500, 1000)}, {rectangle(500, 0, 1000, 400)}, {rectangle(500, 400, 1000, 1000)}},
			"0 0, 1000 0, 1000 1000, 0 1000"},
		{"two squares that share a corner", []orb.Polygon{{rectangle(0, 0, 500, 500)}, {rectangle(500, 500, 1000, 1000)}},
			"0 0, 500 0, 500 500, 0 500 / 500 500, 1000 500, 1000 1000, 500 1000"},
		{"squares far from each other", []orb.Polygon{{rectangle(0, 0, 500, 500)}, {rectangle(900, 0, 1400, 500)}},
			"0 0, 500 0, 500 500, 0 500 / 900 0, 1400 0, 1400 500, 900 500"},
		{"a polygon with a hole", []orb.Polygon{{rectangle(0, 0, 1000, 1000), rectangle(300, 300, 700, 700)}},
			"0 0, 1000 0, 1000 1000, 0 1000 / 300 300, 300 700, 700 700, 700 300"},
		{"the hole is filled by another", []orb.Polygon{{rectangle(0, 0, 1000, 1000), rectangle(300, 300, 700, 700)}, {rectangle(300, 300, 700, 700)}},
			"0 0, 1000 0, 1000 1000, 0 1000"},
		{"four rectangles around a place that is none of theirs", []orb.Polygon{
			{rectangle(0, 0, 700, 300)}, {rectangle(700, 0, 1000, 700)}, {rectangle(300, 700, 1000, 1000)}, {rectangle(0, 300, 300, 1000)}},
			"0 0, 1000 0, 1000 1000, 0 1000 / 300 300, 300 700, 700 700, 700 300"},
		{"they lie over each other", []orb.Polygon{{rectangle(0, 0, 600, 500)}, {rectangle(400, 100, 1000, 400)}},
			"0 0, 600 0, 600 100, 1000 100, 1000 400, 600 400, 600 500, 0 500"},
		{"one lies in another", []orb.Polygon{{rectangle(0, 0, 1000, 1000)}, {rectangle(300, 300, 700, 700)}}, "0 0, 1000 0, 1000 1000, 0 1000"},
		{"a gap of 3 m between them", []orb.Polygon{{rectangle(0, 0, 500, 500)}, {rectangle(503, 0, 1000, 500)}}, "0 0, 1000 0, 1000 500, 0 500"},
		{"3 m of both", []orb.Polygon{{rectangle(0, 0, 503, 500)}, {rectangle(500, 0, 1000, 500)}}, "0 0, 1000 0, 1000 500, 0 500"},
		{"a gap of 25 m, as wide as a boulevard", []orb.Polygon{{rectangle(0, 0, 500, 500)}, {rectangle(525, 0, 1000, 500)}}, "0 0, 1000 0, 1000 500, 0 500"},
		{"a gap of 60 m stays", []orb.Polygon{{rectangle(0, 0, 500, 500)}, {rectangle(560, 0, 1000, 500)}},
			"0 0, 500 0, 500 500, 0 500 / 560 0, 1000 0, 1000 500, 560 500"},
		{"an inlet of 25 m is none", []orb.Polygon{{rectangle(0, 0, 1000, 300)}, {rectangle(0, 300, 500, 700)}, {rectangle(525, 300, 1000, 700)}},
			"0 0, 1000 0, 1000 700, 0 700"},
		{"a sliver inside is none", []orb.Polygon{{rectangle(0, 0, 1000, 1000), orb.Ring{{300, 300}, {700, 310}, {700, 330}}}},
			"0 0, 1000 0, 1000 1000, 0 1000"},
		{"a vertex on a straight line is not drawn", []orb.Polygon{{orb.Ring{{0, 0}, {250, 2}, {500, 0}, {500, 500}, {0, 500}}}}, "0 0, 500 0, 500 500, 0 500"},
		{"of what is smaller than a house nothing is drawn", []orb.Polygon{{rectangle(0, 0, 8, 8)}}, ""},
		{"what is alone is drawn, thin as it is", []orb.Polygon{{rectangle(0, 0, 500, 30)}}, "0 0, 500 0, 500 30, 0 30"},
	} {
		o := outlined(t, test.parts)[0]
		if got := told(o); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// Areas that were meant to meet have one border between them, generalised for both.
func TestOutlinesOfNeighbours(t *testing.T) {
	west := orb.Polygon{orb.Ring{{0, 0}, {500, 0}, {507, 100}, {480, 300}, {500, 500}, {0, 500}}}
	east := orb.Polygon{orb.Ring{{502, 0}, {1000, 0}, {1000, 500}, {503, 500}, {482, 300}, {500, 150}}}
	outlines := outlined(t, []orb.Polygon{west}, []orb.Polygon{east})
	if got := told(outlines[0]); got != "0 0, 500 0, 507 100, 480 300, 500 500, 0 500" {
		t.Errorf("west is %s", got)
	}
	if got := told(outlines[1]); got != "480 300, 507 100, 500 0, 1000 0, 1000 500, 500 500" {
		t.Errorf("east is %s", got)
	}
}

// A name stands in the largest part, and not in a hole of it.
func TestOutlinesHaveRoomForAName(t *testing.T) {
	o := outlined(t, []orb.Polygon{{rectangle(0, 0, 400, 400)}, {rectangle(1000, 0, 2000, 1000), rectangle(1100, 200, 1900, 800)}})[0]
	at := orb.Point{(float64(o.Inside[0]) - outlineOrigin) / outlineMetre, (float64(o.Inside[1]) - outlineOrigin) / outlineMetre}
	large := orb.Polygon{append(rectangle(1000, 0, 2000, 1000), orb.Point{1000, 0}), append(rectangle(1100, 200, 1900, 800), orb.Point{1100, 200})}
	if !planar.PolygonContains(large, at) {
		t.Errorf("the name is at %v", at)
	}
}

func TestOutlinesEndWhenAskedTo(t *testing.T) {
	enough := errors.New("enough")
	asked := 0
	square := []uint32{0, 0, 50_000, 0, 50_000, 50_000, 0, 50_000}
	_, err := Frame{}.Outlines(square, []int32{4}, nil, []int32{0}, 1, func() error { asked++; return enough })
	if !errors.Is(err, enough) || asked != 1 {
		t.Errorf("asked %d times: %v", asked, err)
	}
}

// A ring without vertices is nothing, and takes nothing from the others.
func TestOutlinesOfNothing(t *testing.T) {
	square := rectangle(0, 0, 400, 400)
	got, want := outlined(t, []orb.Polygon{{{}}, {square, {}}}, []orb.Polygon{{{}}}), outlined(t, []orb.Polygon{{square}}, nil)
	for i := range want {
		if told(got[i]) != told(want[i]) {
			t.Errorf("%s, want %s", told(got[i]), told(want[i]))
		}
	}
}

// A town is a grid of blocks, each in one of three areas.
type town struct {
	x, y []float64
	of   [][]int // by row and column
}

func drawTown(t *rapid.T) town {
	lines := func(name string) []float64 {
		at := []float64{0}
		for _, size := range rapid.SliceOfN(rapid.IntRange(120, 900), 1, 7).Draw(t, name) {
			at = append(at, at[len(at)-1]+float64(size))
		}
		return at
	}
	a := town{x: lines("columns"), y: lines("rows")}
	for range len(a.y) - 1 {
		a.of = append(a.of, rapid.SliceOfN(rapid.IntRange(0, 2), len(a.x)-1, len(a.x)-1).Draw(t, "areas"))
	}
	return a
}

// parts are the blocks of each area; corner says where one of a block is drawn.
func (a town) parts(corner func(orb.Point) orb.Point) (parts [3][]orb.Polygon) {
	for row, areas := range a.of {
		for column, area := range areas {
			ring := rectangle(a.x[column], a.y[row], a.x[column+1], a.y[row+1])
			for i, p := range ring {
				ring[i] = corner(p)
			}
			parts[area] = append(parts[area], orb.Polygon{ring})
		}
	}
	return parts
}

// What is inside of an outline is as large as the parts together, however many rings it has; the name is inside.
func TestOutlinesAreAsLargeAsTheirParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := drawTown(t).parts(func(p orb.Point) orb.Point { return p })
		for i, o := range outlined(t, parts[:]...) {
			want, got, inside := 0.0, 0.0, false
			name := orb.Point{(float64(o.Inside[0]) - outlineOrigin) / outlineMetre, (float64(o.Inside[1]) - outlineOrigin) / outlineMetre}
			for _, part := range parts[i] {
				closed := append(slices.Clone(part[0]), part[0][0])
				want += planar.Area(closed)
				inside = inside || planar.RingContains(closed, name)
			}
			for _, ring := range inMetres(o) {
				got += planar.Area(ring) // less than nothing of a hole
			}
			if math.Abs(got-want) > 1e-6*want {
				t.Fatalf("area %d has %v m², its parts %v", i, got, want)
			}
			if len(parts[i]) > 0 && !inside {
				t.Fatalf("the name of area %d is outside of it", i)
			}
		}
	})
}

// Where blocks were each drawn by themselves, with gaps and overlaps of a few metres, the outlines are those of blocks that fit, but for these metres.
func TestOutlinesOfWhatDoesNotFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawTown(t)
		exact := a.parts(func(p orb.Point) orb.Point { return p })
		metres := rapid.Float64Range(-3, 3)
		rough := a.parts(func(p orb.Point) orb.Point { return orb.Point{p[0] + metres.Draw(t, "x"), p[1] + metres.Draw(t, "y")} })
		want := outlined(t, exact[:]...)
		for i, o := range outlined(t, rough[:]...) {
			if len(o.Ends) != len(want[i].Ends) {
				t.Fatalf("area %d is %s, want %s", i, told(o), told(want[i]))
			}
			for _, ring := range inMetres(o) {
				for _, p := range ring {
					near := func(lines []float64, v float64) bool {
						return slices.ContainsFunc(lines, func(line float64) bool { return math.Abs(line-v) < 10 })
					}
					if !near(a.x, p[0]) && !near(a.y, p[1]) {
						t.Fatalf("area %d has a vertex at %v, where no block ends", i, p)
					}
				}
			}
		}
	})
}

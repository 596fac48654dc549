package city

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/arpent/arpent/geo"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

// Every address lies in the area of the precinct where its voters vote, and in no other, but for those in a park.
func TestAreasCoverTheAddresses(t *testing.T) {
	for _, size := range []Size{Village, Town} {
		dir, summary := generated(t, size, 1)
		var areas []orb.MultiPolygon
		var codes []string
		for _, f := range features(t, filepath.Join(dir, "areas.geojson")) {
			areas = append(areas, f.polygons(t))
			codes = append(codes, f.Properties["codeBureauVote"].(string))
		}
		index := geo.NewAreas(areas)
		votesIn := map[string]string{}
		for _, row := range table(t, filepath.Join(dir, "truth.csv.gz"), ',') {
			votesIn[row["address_id"]] = row["precinct"]
		}
		outside, wrong := 0, 0
		addresses := table(t, filepath.Join(dir, "addresses.csv.gz"), ';')
		for _, a := range addresses {
			p := orb.Point{number(t, a["lon"]), number(t, a["lat"])}
			switch in := index.Containing(p); {
			case len(in) == 0:
				outside++
				nearest, _ := index.Nearest(p)
				if codes[nearest] != votesIn[a["id"]] {
					wrong++
				}
			case len(in) > 1 || codes[in[0]] != votesIn[a["id"]]:
				wrong++
			}
		}
		if wrong > 0 || outside != summary.OutsideArea || len(codes) != summary.Precincts || float64(outside) > 0.01*float64(len(addresses)) {
			t.Errorf("%s: %d of %d addresses in a wrong area, %d in none (summary: %d)", size, wrong, len(addresses), outside, summary.OutsideArea)
		}
		if size == Town && outside == 0 {
			t.Error("no address lies outside the areas, as some do in every published file")
		}
	}
}

// The areas, without the parks they leave out, tile the ground: their sizes sum to it, and every edge is the edge of a
// neighbour too, vertex by vertex, but for those on the border of the commune.
func TestAreasTileTheGround(t *testing.T) {
	dir, _ := generated(t, City, 1)
	plan := newPlan(1, City)
	type edge struct{ a, b orb.Point }
	for _, test := range []struct{ file, commune string }{{"areas.geojson", "codeCommune"}, {"iris.geojson", "DEPCOM"}} {
		total := 0.0
		commune := map[edge]string{}
		for _, f := range features(t, filepath.Join(dir, test.file)) {
			for _, polygon := range f.polygons(t) {
				outer := polygon[0]
				for i, p := range outer {
					if !geo.LooksProjected(p[0], p[1]) {
						outer[i][0], outer[i][1] = geo.Lambert93.Forward(p[0], p[1])
					}
				}
				for i := 1; i < len(outer); i++ {
					e := edge{outer[i-1], outer[i]}
					if commune[e] != "" {
						t.Fatalf("%s: two areas on the same side of %v", test.file, e)
					}
					commune[e] = f.Properties[test.commune].(string)
				}
				total += ringArea(outer)
			}
		}
		if ground := plan.ground.area(); math.Abs(total/ground-1) > 1e-6 {
			t.Errorf("%s: the areas have %.0f m2, the ground %.0f", test.file, total, ground)
		}
		borders := map[string]convex{}
		for i := range plan.communes {
			borders[communeCode(i)] = plan.territory(i).cell
		}
		for e, code := range commune {
			if commune[edge{e.b, e.a}] != "" {
				continue
			}
			for _, p := range []orb.Point{e.a, e.b, {(e.a[0] + e.b[0]) / 2, (e.a[1] + e.b[1]) / 2}} {
				if depth := borders[code].depth(point{p[0], p[1]}); math.Abs(depth) > 0.02 {
					t.Errorf("%s: an edge of %s without a neighbour, %.2f m inside the commune", test.file, code, depth)
				}
			}
		}
	}
}

func ringArea(ring orb.Ring) float64 {
	area := 0.0
	for i := 1; i < len(ring); i++ {
		a, b := ring[i-1], ring[i]
		area += (a[0]-ring[0][0])*(b[1]-ring[0][1]) - (b[0]-ring[0][0])*(a[1]-ring[0][1])
	}
	return area / 2
}

func TestDivide(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		square := convex{{0, 0}, {1000, 0}, {1000, 1000}, {0, 1000}}
		items := make([]item, rapid.IntRange(40, 400).Draw(t, "items"))
		total := 0.0
		coordinate := rapid.Float64Range(1, 999)
		for i := range items {
			items[i] = item{point{coordinate.Draw(t, "x"), coordinate.Draw(t, "y")}, float64(rapid.IntRange(1, 9).Draw(t, "weight"))}
			total += items[i].weight
		}
		cells := rapid.IntRange(1, 6).Draw(t, "cells")
		d := divide(square, items, cells, nil)
		if len(d.cells) != cells {
			t.Fatalf("%d cells, want %d", len(d.cells), cells)
		}
		area := 0.0
		for _, c := range d.cells {
			area += c.area()
		}
		if math.Abs(area-1e6) > 1e-3 {
			t.Fatalf("the cells have %v m2 of 1,000,000", area)
		}
		for i, c := range d.of {
			if d.cells[c].depth(items[i].at) < -1e-6 {
				t.Fatalf("item %d at %v is %v m outside its cell", i, items[i].at, -d.cells[c].depth(items[i].at))
			}
		}
	})
}

func TestDivideGoesRoundParks(t *testing.T) {
	square := convex{{0, 0}, {2000, 0}, {2000, 2000}, {0, 2000}}
	k := park{centre: point{1000, 1000}, axis: point{1, 0}, a: 150, b: 100}
	var items []item
	for x := 20.0; x < 2000; x += 40 {
		for y := 20.0; y < 2000; y += 40 {
			if !k.contains(point{x, y}, 0) {
				items = append(items, item{point{x, y}, 1})
			}
		}
	}
	inOne := 0
	d := divide(square, items, 8, []park{k})
	weights := make([]float64, len(d.cells))
	for i, c := range d.of {
		weights[c] += items[i].weight
	}
	for i, c := range d.cells {
		if c.covers(k.outline(0)) {
			inOne++
		}
		if mean := float64(len(items)) / 8; math.Abs(weights[i]/mean-1) > 0.3 {
			t.Errorf("cell %d has %.0f of %d items", i, weights[i], len(items))
		}
	}
	if inOne != 1 {
		t.Errorf("the park lies in %d cells, want 1", inOne)
	}
}

// A power diagram leaves no ground to nobody and none to two.
func TestTerritoriesTileTheGround(t *testing.T) {
	for _, size := range []Size{Village, Town, City, Metropolis} {
		p := newPlan(3, size)
		total := 0.0
		for i := range p.communes {
			cell := p.territory(i).cell
			total += cell.area()
			if cell.depth(p.communes[i].centre) < 0.9*p.communes[i].radius && size != Metropolis {
				t.Errorf("%s: the built-up part of commune %d does not fit its territory", size, i)
			}
		}
		if math.Abs(total/p.ground.area()-1) > 1e-9 {
			t.Errorf("%s: the territories have %.0f m2 of %.0f", size, total, p.ground.area())
		}
	}
}

// Every commune lies half in each of the constituencies of its department.
func TestConstituenciesCutCommunes(t *testing.T) {
	dir, summary := generated(t, Town, 1)
	precincts := map[string]map[string]int{} // by commune, by constituency
	for _, f := range features(t, filepath.Join(dir, "areas.geojson")) {
		commune := f.Properties["codeCommune"].(string)
		if precincts[commune] == nil {
			precincts[commune] = map[string]int{}
		}
		precincts[commune][f.Properties["codeCirconscription"].(string)]++
	}
	if len(precincts) != summary.Communes {
		t.Errorf("%d communes, want %d", len(precincts), summary.Communes)
	}
	for commune, of := range precincts {
		first, second := of[commune[:2]+"01"], of[commune[:2]+"02"]
		if len(of) > 2 || first-second < 0 || first-second > 1 {
			t.Errorf("commune %s has %v precincts by constituency", commune, of)
		}
	}
}

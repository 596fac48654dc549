package live

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

func TestLocate(t *testing.T) {
	c := openHamlet(t)
	house := func(of int64, accuracy float64) engine.Location {
		return engine.Location{Lon: houses[of][0], Lat: houses[of][1], AccuracyM: accuracy}
	}
	for _, l := range []struct {
		what     string
		at       engine.Location
		address  string
		segment  int64 // 0: nowhere
		precinct int64
	}{
		{"precinct 2 has 10 households of Rue Haute: that of most stands", engine.Location{AddressID: "a"}, "a", haute, precinct1},
		{"and 15 of Rue Basse", engine.Location{AddressID: "b"}, "b", basse, precinct2},
		{"all 4 of Impasse", engine.Location{AddressID: "c"}, "c", impasse, precinct2},
		{"no such address", engine.Location{AddressID: "aa"}, "", 0, 0},
		{"after the last address", engine.Location{AddressID: "d"}, "", 0, 0},

		{"a segment", engine.Location{Segment: basse}, "", basse, precinct2},
		{"a segment in two precincts", engine.Location{Segment: haute}, "", haute, precinct1},
		{"a segment without households, in the area of precinct 2", engine.Location{Segment: chemin}, "", chemin, precinct2},
		{"no such segment", engine.Location{Segment: 1}, "", 0, 0},

		{"a point at the house of Rue Haute", house(haute, 5), "a", haute, precinct1},
		{"of unknown accuracy", house(haute, 0), "a", haute, precinct1},
		{"too inaccurate for an address, within 90 m of the street", house(haute, 30), "", haute, precinct1},
		{"15 m east of the house", engine.Location{Lon: 2.0012, Lat: 48.001, AccuracyM: 10}, "a", haute, precinct1},
		{"30 m east of the house, 80 m off the street", engine.Location{Lon: 2.0014, Lat: 48.001, AccuracyM: 10}, "", 0, 0},
		{"on the street", engine.Location{Lon: 2.0045, Lat: 48.001, AccuracyM: 10}, "", haute, precinct1},
		{"a farm that is in no register", house(ferme, 400), "", ferme, precinct3},
		{"accurate to 500 m", house(ferme, 500), "", ferme, precinct3},
		{"to no more than 501 m", house(ferme, 501), "", 0, 0},
		{"the sea", engine.Location{Lon: -40, Lat: 10, AccuracyM: 500}, "", 0, 0},
		{"no latitude", engine.Location{Lon: 2, Lat: math.NaN()}, "", 0, 0},
		{"the pole", engine.Location{Lon: 2, Lat: 90}, "", 0, 0},
		{"an accuracy that is no number", engine.Location{Lon: 2.0045, Lat: 48.001, AccuracyM: math.NaN()}, "", 0, 0},
		{"less than no accuracy", engine.Location{Lon: 2.0045, Lat: 48.001, AccuracyM: -1}, "", 0, 0},
		{"nothing", engine.Location{}, "", 0, 0},
	} {
		found, ok := c.Locate("t2", l.at)
		if ok != (l.segment != 0) || found.AddressID != l.address || found.Segment != l.segment || found.Precinct != l.precinct {
			t.Errorf("%s: %+v, %v", l.what, found, ok)
		}
		if !ok {
			continue
		}
		// The middle of a segment is in its own cell, wherever on it the place is.
		middle, _ := c.Locate("t2", engine.Location{Segment: found.Segment})
		if found.SegmentCell != middle.SegmentCell || int64(geo.Cell(middle.Cell).Parent(engine.FinestResolution)) != middle.SegmentCell {
			t.Errorf("%s: the segment's cell is %x, that of its middle %x", l.what, found.SegmentCell, middle.SegmentCell)
		}
		if found.AddressID == "a" && found.Cell != cellOf(t, haute, engine.AddressResolution) {
			t.Errorf("%s: cell %x", l.what, found.Cell)
		}
		if geo.Cell(found.Cell).Resolution() != engine.AddressResolution || geo.Cell(found.SegmentCell).Resolution() != engine.FinestResolution {
			t.Errorf("%s: cells %x, %x", l.what, found.Cell, found.SegmentCell)
		}
	}
	if _, ok := c.Locate("t3", engine.Location{AddressID: "a"}); ok {
		t.Error("there is no contest t3")
	}
}

func TestMiddleOfASegment(t *testing.T) {
	for _, l := range []struct {
		line orb.LineString
		want orb.Point
	}{
		{orb.LineString{{2, 48}, {2.002, 48}}, orb.Point{2.001, 48}},
		{orb.LineString{{2, 48}, {2.001, 48}, {2.004, 48}}, orb.Point{2.002, 48}},
		{orb.LineString{{2, 48}, {2, 48}, {2.002, 48}}, orb.Point{2.001, 48}},
		{orb.LineString{{2, 48}, {2, 48}}, orb.Point{2, 48}},
	} {
		c := &City{layers: map[string]*layer{"segments": newLayer("segments", &level{unit: engine.UnitSegment, ids: []int64{1}})}}
		c.layers["segments"].draft.addLine(0, l.line)
		c.layers["segments"].index()
		if lon, lat := geo.FromWorld(c.middle(0)); math.Abs(lon-l.want[0]) > 1e-7 || math.Abs(lat-l.want[1]) > 1e-7 {
			t.Errorf("%v: %v, %v", l.line, lon, lat)
		}
	}
}

// The nearest segment and the nearest address are those that trying all of them finds, wherever the point is and however far one looks.
func TestNearestIsNearest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lon0, lat0 := rapid.Float64Range(-170, 170).Draw(t, "lon"), rapid.Float64Range(-75, 75).Draw(t, "lat")
		near := func(label string) orb.Point { // within some 500 m
			off := rapid.Float64Range(-0.005, 0.005)
			return orb.Point{lon0 + off.Draw(t, label+" east")/math.Cos(lat0*math.Pi/180), lat0 + off.Draw(t, label+" north")}
		}
		l, r := &level{unit: engine.UnitSegment}, &addressRegister{}
		c := &City{bound: orb.Bound{Min: orb.Point{lon0, lat0}, Max: orb.Point{lon0, lat0}}, layers: map[string]*layer{"segments": newLayer("segments", l)}}
		for i := range rapid.IntRange(0, 150).Draw(t, "segments") {
			l.add(int64(i+1), "", 0)
			c.layers["segments"].draft.addLine(i, orb.LineString{near("from"), near("over"), near("to")})
		}
		c.layers["segments"].index()
		for range rapid.IntRange(0, 50).Draw(t, "addresses") {
			p := near("house")
			x, y := geo.ToWorld(p[0], p[1])
			r.ends, r.x, r.y = append(r.ends, 0), append(r.x, worldUint(x)), append(r.y, worldUint(y))
		}
		r.index()
		p, within, ruler := near("point"), rapid.Float64Range(1, 900).Draw(t, "within"), c.ruler()
		px, py := ruler.Forward(p[0], p[1])

		segment, ok := c.nearestSegment(p[0], p[1], within, func(u int) bool { return u%3 != 1 })
		want, nearest := -1, within
		for u := range l.ids {
			first, _ := c.layers["segments"].parts(int32(u))
			if off := geo.Locate(measuredLine(ruler, c.layers["segments"].part(first)), orb.Point{px, py}).OffM; u%3 != 1 && (off < nearest || want < 0 && off == nearest) {
				want, nearest = u, off
			}
		}
		if ok != (want >= 0) || ok && segment != want {
			t.Fatalf("segment %d (%v), want %d at %v m", segment, ok, want, nearest)
		}
		address, ok := r.nearest(ruler, p[0], p[1], within)
		want, nearest = -1, within
		for i := range r.ends {
			x, y := ruler.Forward(geo.FromWorld(int64(r.x[i]), int64(r.y[i])))
			if off := math.Hypot(x-px, y-py); off < nearest || want < 0 && off == nearest {
				want, nearest = i, off
			}
		}
		if ok != (want >= 0) || ok && address != want {
			t.Fatalf("address %d (%v), want %d at %v m", address, ok, want, nearest)
		}
	})
}

func TestLocateFromManyGoroutines(t *testing.T) {
	c := openHamlet(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if found, ok := c.Locate("t1", engine.Location{AddressID: "b"}); !ok || found.Segment != basse {
				t.Errorf("%+v, %v", found, ok)
			}
		})
	}
	group.Wait()
}

func TestPlacesThatCannotBeRead(t *testing.T) {
	s := writeHamlet(t, nil)
	c, err := Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(s.Dir, engine.Placements.File())
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	if err := c.LoadPlaces(t.Context()); err == nil {
		t.Error("placements are missing")
	}
	if _, ok := c.Locate("t1", engine.Location{AddressID: "a"}); ok {
		t.Error("an address was located without its register")
	}
	if found, ok := c.Locate("t1", engine.Location{Segment: basse}); !ok || found.Precinct != precinct2 {
		t.Errorf("a segment needs no register: %+v", found)
	}
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	if err := c.LoadPlaces(context.Background()); err != nil {
		t.Error(err)
	}
	if _, ok := c.Locate("t1", engine.Location{AddressID: "a"}); !ok {
		t.Error("the register is back")
	}
}

// BenchmarkLocate places addresses and points of the snapshot that ARPENT_SNAPSHOT names.
func BenchmarkLocate(b *testing.B) {
	dir := os.Getenv("ARPENT_SNAPSHOT")
	if dir == "" {
		b.Skip("set ARPENT_SNAPSHOT to the folder of a snapshot")
	}
	s, err := engine.OpenSnapshot(dir)
	if err != nil {
		b.Fatal(err)
	}
	c, err := Open(b.Context(), s)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("load", func(b *testing.B) {
		for b.Loop() {
			if _, err := readRegister(b.Context(), c); err != nil {
				b.Fatal(err)
			}
		}
	})
	r, err := c.addressRegister()
	if err != nil {
		b.Fatal(err)
	}
	contest := c.contests[0].ID
	for _, kind := range []string{"address", "point", "inaccurate point"} {
		b.Run(kind, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				k := i * 7919 % len(r.ends)
				at := engine.Location{AddressID: string(r.id(k))}
				if kind != "address" {
					lon, lat := geo.FromWorld(int64(r.x[k]), int64(r.y[k]))
					at = engine.Location{Lon: lon + 1e-5, Lat: lat, AccuracyM: 10}
				}
				if kind == "inaccurate point" {
					at.AccuracyM = 100
				}
				if _, ok := c.Locate(contest, at); !ok {
					b.Fatalf("address %s is nowhere", r.id(k))
				}
			}
		})
	}
}

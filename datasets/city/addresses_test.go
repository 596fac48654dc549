package city

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/arpent/arpent/geo"
	"github.com/paulmach/orb"
)

func TestAddressesStandAlongTheirStreet(t *testing.T) {
	dir, summary := generated(t, Town, 1)
	lines := map[string][]orb.LineString{}
	for _, row := range table(t, filepath.Join(dir, "streets.csv"), ';') {
		lines[row["C_COINSEE"]+row["L_LONGMIN"]] = streetLines(t, row)
	}
	addresses := table(t, filepath.Join(dir, "addresses.csv.gz"), ';')
	ids := map[string]bool{}
	wrongSide, far, zero, suffixed := 0, 0, 0, 0
	for _, a := range addresses {
		if ids[a["id"]] {
			t.Fatalf("two addresses %s", a["id"])
		}
		ids[a["id"]] = true
		p := orb.Point{number(t, a["x"]), number(t, a["y"])}
		if lon, lat := geo.Lambert93.Inverse(p[0], p[1]); math.Abs(lon-number(t, a["lon"])) > 1e-6 || math.Abs(lat-number(t, a["lat"])) > 1e-6 {
			t.Fatalf("%s: x, y and lon, lat disagree", a["id"])
		}
		if a["rep"] != "" {
			suffixed++
		}
		n := whole(t, a["numero"])
		if n == 0 {
			zero++
			continue
		}
		best := geo.Location{OffM: math.Inf(1)}
		for _, line := range lines[a["code_insee"]+a["nom_voie"]] {
			if at := geo.Locate(line, p); at.OffM < best.OffM {
				best = at
			}
		}
		if best.OffM < 4 || best.OffM > 15.5 {
			far++
		}
		if want := []geo.Side{geo.SideRight, geo.SideLeft}[n%2]; !best.AtEnd && best.Side != want {
			wrongSide++
		}
	}
	n := len(addresses)
	// In a bend the nearest part of a street may be another than the one the door gives on.
	if n != summary.Addresses || wrongSide > n/200 || far > n/50 {
		t.Errorf("%d of %d addresses on the wrong side, %d nearer than 4 m or further than 15.5 m", wrongSide, n, far)
	}
	if zero == 0 || zero > n/100 || suffixed < n/100 || suffixed > n/5 {
		t.Errorf("%d addresses number 0, %d with a suffix, of %d", zero, suffixed, n)
	}
}

// The place lies in the Bay of Biscay, and stays in what decoders take for Lambert-93.
func TestTheGroundIsAtSea(t *testing.T) {
	for _, size := range Sizes() {
		place := country()
		if size != Country {
			place = newPlan(5, size)
		}
		for _, p := range place.ground {
			lon, lat := geo.Lambert93.Inverse(p.x, p.y)
			if !geo.InLambert93(p.x, p.y) || lon < -5.5 || lon > -2.15 || lat < 43.6 || lat > 47 {
				t.Errorf("%s: the ground reaches %.3f, %.3f", size, lon, lat)
			}
		}
	}
}

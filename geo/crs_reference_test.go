package geo

import (
	"math"
	"testing"
)

// Positions and their coordinates by PROJ: from its own table of expected values (test/gie/builtins.gie), and from cs2cs.
func TestProjectionsByPROJ(t *testing.T) {
	transverse := func(ellipsoid Ellipsoid, lon0, scale, x0, y0 float64) Projection {
		p, err := NewTransverseMercator(TransverseParameters{ellipsoid, lon0, 0, scale, x0, y0})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	equator, err := NewEqualArea(GRS80, 0, 0, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	europe, err := NewEqualArea(GRS80, 10, 52, 4321000, 3210000)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name      string
		p         Projection
		lon, lat  float64
		x, y      float64
		tolerance float64 // metres, by the digits that are printed
	}{
		{"tmerc", transverse(GRS80, 0, 1, 0, 0), 2, 1, 222650.796797586, 110642.229411933, 1e-7},
		{"tmerc, south and west", transverse(GRS80, 0, 1, 0, 0), -2, -1, -222650.796797586, -110642.229411933, 1e-7},
		{"tmerc, at the pole", transverse(GRS80, 0, 1, 0, 0), 30, 89.9999, 5.584698978, 10001956.056248082, 1e-6},
		{"utm, zone 30", transverse(GRS80, -3, 0.9996, 500000, 0), 2, 1, 1057002.405491298, 110955.141175949, 1e-7},
		{"utm, zone 30, near", transverse(GRS80, -3, 0.9996, 500000, 0), -2, 1, 611263.812278905, 110547.105696804, 1e-7},
		{"utm, zone 33: Berlin", transverse(GRS80, 15, 0.9996, 500000, 0), 13.393921852111816, 52.5200080871582, 391027.67777461524, 5820089.724404063, 1e-7},
		{"utm, zone 33, 600 km off: Hammerfest", transverse(wgs84, 15, 0.9996, 500000, 0), 31, 70, 1104629.4356366363, 7845845.077685604, 1e-6},
		{"laea, equatorial", equator, 2, 1, 222602.471450095, 110589.827224410, 1e-7},
		{"laea, equatorial, far", equator, 150, 50, 4372597.1888, 10352365.4614, 1e-4},
		{"laea, Europe", europe, 5, 70, 4127824.65822, 5214090.64906, 1e-5},
		{"webmerc", WebMercator{}, -76.640625, 49.921875, -8531595.34908, 6432756.94421, 1e-5},
	} {
		t.Run(test.name, func(t *testing.T) {
			x, y := test.p.Forward(test.lon, test.lat)
			if !(math.Hypot(x-test.x, y-test.y) <= test.tolerance) {
				t.Errorf("%v %v is at %.9f %.9f, want %v %v", test.lon, test.lat, x, y, test.x, test.y)
			}
			lon, lat := test.p.Inverse(test.x, test.y)
			if metre := max(test.tolerance, 2e-6) / 1e5; !(math.Abs(lat-test.lat) <= metre && math.Abs(lon-test.lon)*math.Cos(lat*radiansPerDegree) <= metre) {
				t.Errorf("and back at %.14f %.14f", lon, lat)
			}
		})
	}
}

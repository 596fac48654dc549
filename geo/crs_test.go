package geo

import (
	"errors"
	"math"
	"strings"
	"testing"
)

// The examples of IOGP publication 373-7-2 (EPSG Guidance Note 7 part 2), on the ellipsoids that they are worked out on.
func TestProjectionsOfTheGuidanceNote(t *testing.T) {
	airy := Ellipsoid{6377563.396, 299.32496}
	clarke := Ellipsoid{6378206.4, 294.9786982}
	tm, err := NewTransverseMercator(TransverseParameters{airy, -2, 49, 0.9996013, 400000, -100000})
	if err != nil {
		t.Fatal(err)
	}
	laea, err := NewEqualArea(GRS80, 10, 52, 4321000, 3210000)
	if err != nil {
		t.Fatal(err)
	}
	jamaica, err := NewConic(ConicParameters{Ellipsoid: clarke, Lon0: -77, Lat0: 18, Lat1: 18, Lat2: 18, Scale: 1, X0: 250000, Y0: 150000})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name     string
		p        Projection
		lon, lat float64
		x, y     float64
	}{
		{"9807 transverse Mercator: British National Grid", tm, 0.5, 50.5, 577274.99, 69740.50},
		{"9820 equal area: ETRS89 / LAEA Europe", laea, 5, 50, 3962799.45, 2999718.85},
		{"1024 pseudo-Mercator", WebMercator{}, -(100 + 20.0/60), 24 + 22.0/60 + 54.433/3600, -11169055.58, 2800000.00},
		{"9801 conic, one parallel: Jamaica", jamaica, -(76 + 56.0/60 + 37.26/3600), 17 + 55.0/60 + 55.80/3600, 255966.58, 142493.51},
	} {
		t.Run(test.name, func(t *testing.T) {
			x, y := test.p.Forward(test.lon, test.lat)
			if math.Abs(x-test.x) > 0.006 || math.Abs(y-test.y) > 0.006 {
				t.Errorf("%v %v is at %.3f %.3f, want %.2f %.2f", test.lon, test.lat, x, y, test.x, test.y)
			}
			lon, lat := test.p.Inverse(x, y)
			if math.Abs(lon-test.lon) > 1e-11 || math.Abs(lat-test.lat) > 1e-11 {
				t.Errorf("and back at %.13f %.13f", lon, lat)
			}
		})
	}
}

// known is a code for each way a system is made, with a place inside its area of use.
var known = []struct {
	code     int
	name     string
	lon, lat float64
}{
	{4326, "WGS 84 (EPSG:4326)", 2.35, 48.85},
	{4258, "ETRS89 (EPSG:4258)", 2.35, 48.85},
	{4269, "NAD83 (EPSG:4269)", -71.1, 42.37},
	{5489, "RGAF09 (EPSG:5489)", -61.5, 16.2},
	{2154, "RGF93 / Lambert-93 (EPSG:2154)", 2.35, 48.85},
	{3949, "RGF93 / CC49 (EPSG:3949)", 2.35, 48.85},
	{3035, "ETRS89-extended / LAEA Europe (EPSG:3035)", 2.35, 48.85},
	{3857, "WGS 84 / Pseudo-Mercator (EPSG:3857)", 2.35, 48.85},
	{32631, "WGS 84 / UTM zone 31N (EPSG:32631)", 2.35, 48.85},
	{32740, "WGS 84 / UTM zone 40S (EPSG:32740)", 55.5, -21.1},
	{25832, "ETRS89 / UTM zone 32N (EPSG:25832)", 9.5, 47.1},
	{26919, "NAD83 / UTM zone 19N (EPSG:26919)", -71.1, 42.37},
	{2972, "RGFG95 / UTM zone 22N (EPSG:2972)", -52.3, 4.9},
	{2975, "RGR92 / UTM zone 40S (EPSG:2975)", 55.5, -21.1},
	{5490, "RGAF09 / UTM zone 20N (EPSG:5490)", -61.5, 16.2},
	{4471, "RGM04 / UTM zone 38S (EPSG:4471)", 45.2, -12.8},
	{26986, "NAD83 / Massachusetts Mainland (EPSG:26986)", -71.1, 42.37},
	{2249, "NAD83 / Massachusetts Mainland (ftUS) (EPSG:2249)", -71.1, 42.37},
}

func TestCRSThereAndBack(t *testing.T) {
	for _, k := range known {
		c, err := CRSByCode(k.code)
		if err != nil {
			t.Fatal(err)
		}
		if c.String() != k.name {
			t.Errorf("EPSG:%d is %s, want %s", k.code, c, k.name)
		}
		for _, d := range []struct{ lon, lat float64 }{{0, 0}, {0.3, 0.2}, {-1, 1.5}} {
			x, y := c.Project(k.lon+d.lon, k.lat+d.lat)
			lon, lat := c.Degrees(x, y)
			if math.Abs(lon-k.lon-d.lon) > 1e-9 || math.Abs(lat-k.lat-d.lat) > 1e-9 {
				t.Errorf("%s: %v %v comes back as %v %v", c, k.lon+d.lon, k.lat+d.lat, lon, lat)
			}
			if projected := LooksProjected(x, y); projected == c.Geographic() {
				t.Errorf("%s: %v %v is projected: %v", c, x, y, projected)
			}
		}
	}
}

// Places that are known by definition: origins, central meridians, and the equator.
func TestCRSByDefinition(t *testing.T) {
	for _, test := range []struct {
		code     int
		lon, lat float64
		x, y     float64
	}{
		{2154, 3, 46.5, 700000, 6600000},
		{3942, 3, 42, 1700000, 1200000},
		{3950, 3, 50, 1700000, 9200000},
		{3035, 10, 52, 4321000, 3210000},
		{32631, 3, 0, 500000, 0},
		{32701, -177, 0, 500000, 10000000},
		{2975, 57, 0, 500000, 10000000},
		{5490, -63, 0, 500000, 0},
		{26986, -71.5, 41, 200000, 750000},
		{2249, -71.5, 41, 656166.666667, 2460625}, // 200,000 m and 750,000 m in US survey feet
		{3857, 180, 0, 20037508.342789, 0},
		// The corner of a tile: where the square of the web Mercator ends.
		{3857, 0, 85.051128779806592, 0, 20037508.342789},
	} {
		c, err := CRSByCode(test.code)
		if err != nil {
			t.Fatal(err)
		}
		if x, y := c.Project(test.lon, test.lat); math.Abs(x-test.x) > 1e-5 || math.Abs(y-test.y) > 1e-5 {
			t.Errorf("%s: %v %v is at %.6f %.6f, want %v %v", c, test.lon, test.lat, x, y, test.x, test.y)
		}
	}
}

func TestCRSByName(t *testing.T) {
	for name, code := range map[string]int{
		"2154": 2154, "EPSG:2154": 2154, "epsg:2154": 2154, "urn:ogc:def:crs:EPSG::2154": 2154, "urn:ogc:def:crs:EPSG:9.9.1:3035": 3035,
		"http://www.opengis.net/def/crs/EPSG/0/3857": 3857, "https://www.opengis.net/def/crs/EPSG/0/4326": 4326,
		"http://www.opengis.net/gml/srs/epsg.xml#2154": 2154, "urn:ogc:def:crs:OGC:1.3:CRS84": 4326, "urn:ogc:def:crs:OGC::CRS84": 4326, "OGC:CRS84": 4326,
		"http://www.opengis.net/def/crs/OGC/1.3/CRS84": 4326, "WGS84": 4326, "WGS 84": 4326, "Lambert-93": 2154, "RGF93 / Lambert-93": 2154,
		"EPSG:900913": 3857, "ESRI:102100": 3857,
	} {
		if c, err := CRSByName(name); err != nil || c.Code() != code {
			t.Errorf("%s is %v, %v, want EPSG:%d", name, c, err, code)
		}
	}
	for _, name := range []string{"", "27572", "EPSG:27700", "EPSG:", "Lambert II", "EPSG:99999999999999999999", "-2154", "urn:ogc:def:crs:EPSG::31370"} {
		c, err := CRSByName(name)
		if !errors.Is(err, ErrCRS) || !strings.Contains(err.Error(), "convert the file to EPSG:4326") {
			t.Errorf("%q is %v, %v", name, c, err)
		}
	}
}

func TestZeroCRS(t *testing.T) {
	if !(CRS{}).IsZero() || WGS84.IsZero() || (CRS{}).String() != "" {
		t.Error("the zero CRS is that of a file that declares none")
	}
}

package geo

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"os"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

const usSurveyFoot = 1200.0 / 3937

var clarke1866 = Ellipsoid{SemiMajor: 6378206.4, InverseFlattening: 294.9786982}

func dms(degrees, minutes float64) float64 { return degrees + minutes/60 }

// conicCases: positions and their coordinates by somebody else.
var conicCases = []struct {
	name       string
	projection ConicParameters
	unit       float64 // metres
	lon, lat   float64
	x, y       float64 // in units
	tolerance  float64 // in units
}{
	{
		"IOGP 373-7-2, example of method 9802 (NAD27 / Texas South Central)",
		ConicParameters{Ellipsoid: clarke1866, Lon0: -99, Lat0: dms(27, 50), Lat1: dms(28, 23), Lat2: dms(30, 17), X0: 2000000 * usSurveyFoot},
		usSurveyFoot, -96, 28.5, 2963503.91, 254759.80, 0.01,
	},
	{
		"Snyder 1987, numerical example on page 296",
		ConicParameters{Ellipsoid: clarke1866, Lon0: -96, Lat0: 23, Lat1: 33, Lat2: 45},
		1, -75, 35, 1894410.9, 1564649.5, 0.05,
	},
	{
		"the origin of Lambert-93, by definition", lambert93, 1, 3, 46.5, 700000, 6600000, 1e-8,
	},

	// The rest is by gdaltransform of GDAL 3.6.2, from EPSG:4171 to EPSG:2154 or from +proj=longlat to +proj=lcc, +ellps=GRS80.
	{"Paris", lambert93, 1, 2.3522, 48.8566, 652469.022709136, 6862035.25942008, 1e-6},
	{"Brest", lambert93, 1, -4.4861, 48.3904, 146632.978527516, 6836262.32665594, 1e-6},
	{"Strasbourg", lambert93, 1, 7.7521, 48.5734, 1050362.69535793, 6840899.64718803, 1e-6},
	{"Marseille", lambert93, 1, 5.3698, 43.2965, 892390.221566368, 6247035.2568021, 1e-6},
	{"Bastia", lambert93, 1, 9.4509, 42.6973, 1228644.13776934, 6199127.37001049, 1e-6},
	{"Dunkerque", lambert93, 1, 2.3708, 51.0344, 655765.711572643, 7104476.26909756, 1e-6},
	{"Biarritz", lambert93, 1, -1.5585, 43.4832, 331269.41307847, 6275547.45070256, 1e-6},
	{"the south-west of the area of use", lambert93, 1, -9.8, 41.2, -372419.962454061, 6097963.70428103, 1e-6},
	{
		"Cambridge in Massachusetts, EPSG:26986",
		ConicParameters{Ellipsoid: GRS80, Lon0: -71.5, Lat0: 41, Lat1: dms(41, 43), Lat2: dms(42, 41), X0: 200000, Y0: 750000},
		1, -71.0942, 42.3601, 233429.436615226, 901146.203131755, 1e-6,
	},
	{"Sydney", localCase(151.1, -33.8), 1, 151.2093, -33.8688, 10113.0644085317, -7636.55020752302, 1e-6},
	{"Nairobi, near the equator", localCase(36.8, -1.3), 1, 36.8219, -1.2921, 2437.25808468021, 873.522441773694, 1e-6},
	{"Longyearbyen", localCase(15.6, 78.2), 1, 15.6267, 78.2232, 608.58083381835, 2590.32156338709, 1e-6},
	{"Taveuni, across the antimeridian", localCase(179.9, -16.6), 1, -179.9, -16.5, 21352.6577749151, 11055.6970835843, 1e-6},
}

var lambert93 = ConicParameters{Ellipsoid: GRS80, Lon0: 3, Lat0: 46.5, Lat1: 44, Lat2: 49, X0: 700000, Y0: 6600000}

// localCase writes out what LocalConic does away from the equator and the poles.
func localCase(lon, lat float64) ConicParameters {
	return ConicParameters{Ellipsoid: GRS80, Lon0: lon, Lat0: lat, Lat1: lat - 0.25, Lat2: lat + 0.25}
}

func TestConic(t *testing.T) {
	for _, test := range conicCases {
		projection, err := NewConic(test.projection)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		x, y := projection.Forward(test.lon, test.lat)
		if math.Hypot(x/test.unit-test.x, y/test.unit-test.y) > test.tolerance {
			t.Errorf("%s: %.9f, %.9f; want %.9f, %.9f", test.name, x/test.unit, y/test.unit, test.x, test.y)
		}
		lon, lat := projection.Inverse(test.x*test.unit, test.y*test.unit)
		degree := test.tolerance * test.unit / 20_000 // a degree of longitude is longer than 20 km in all cases
		if math.Abs(wrapLongitude(lon-test.lon)) > degree+1e-9 || math.Abs(lat-test.lat) > degree+1e-9 {
			t.Errorf("%s: back at %.12f, %.12f; want %v, %v", test.name, lon, lat, test.lon, test.lat)
		}
	}
}

func TestLocalConicIsWhatItSays(t *testing.T) {
	for _, test := range []struct {
		place      string
		lon, lat   float64
		want       ConicParameters
		toLon, toY float64
	}{
		{"Sydney", 151.1, -33.8, localCase(151.1, -33.8), 151.2, -33.7},
		{"Quito, where the parallels stay in the south", -78.5, -0.2,
			ConicParameters{Ellipsoid: GRS80, Lon0: -78.5, Lat0: -0.2, Lat1: -0.75, Lat2: -0.25}, -78.4, -0.1},
	} {
		want, err := NewConic(test.want)
		if err != nil {
			t.Fatal(err)
		}
		wantX, wantY := want.Forward(test.toLon, test.toY)
		x, y := LocalConic(test.lon, test.lat).Forward(test.toLon, test.toY)
		if math.Hypot(x-wantX, y-wantY) > 1e-6 {
			t.Errorf("%s: %v, %v; want %v, %v", test.place, x, y, wantX, wantY)
		}
	}
}

// TestLocalConicMeasuresTrue compares short lengths at and around a place with those on the ellipsoid, by its two radii of
// curvature.
func TestLocalConicMeasuresTrue(t *testing.T) {
	for _, lat0 := range []float64{-89.99, -89.5, -60, -33.8, -0.5, -0.1, 0, 0.1, 0.5, 21, 48.85, 69, 89, 89.9, 89.99} {
		projection := LocalConic(-60.5, lat0)
		if x, y := projection.Forward(-60.5, lat0); math.Hypot(x, y) > 1e-6 {
			t.Errorf("the place at %v is at %v, %v", lat0, x, y)
		}
		for _, km := range []float64{0, 10, 25, -25, 100, -100} {
			lat := lat0 + km/111.2
			if math.Abs(lat) >= 90 {
				continue
			}
			f := 1 / GRS80.InverseFlattening
			e2 := f * (2 - f)
			sin, cos := math.Sincos(lat * radiansPerDegree)
			w := 1 - e2*sin*sin
			meridian := GRS80.SemiMajor * (1 - e2) / (w * math.Sqrt(w)) * radiansPerDegree // metres in a degree
			parallel := GRS80.SemiMajor / math.Sqrt(w) * cos * radiansPerDegree

			const d = 1e-4
			x1, y1 := projection.Forward(-60.5, lat-d/2)
			x2, y2 := projection.Forward(-60.5, lat+d/2)
			north := math.Hypot(x2-x1, y2-y1) / (meridian * d)
			x1, y1 = projection.Forward(-60.5, lat)
			x2, y2 = projection.Forward(-60.5+d, lat)
			east := math.Hypot(x2-x1, y2-y1) / (parallel * d)

			limit := 1.0 / 3_000
			switch cone := math.Abs(lat0) >= 0.5 && math.Abs(lat0) <= 89.7; {
			case math.Abs(km) <= 25 && cone:
				limit = 1.0 / 100_000
			case math.Abs(km) <= 25:
				limit = 1.0 / 5_000
			}
			if math.Abs(lat) < 89.99 && (math.Abs(north-1) > limit || math.Abs(east-1) > limit) {
				t.Errorf("%v km from latitude %v: a metre north is %.7f, east %.7f", km, lat0, north, east)
			}
		}
	}
}

func TestConicInverseUndoesForward(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		projection := Lambert93
		lon := rapid.Float64Range(-30, 40).Draw(t, "lon")
		lat := rapid.Float64Range(20, 75).Draw(t, "lat")
		if rapid.Bool().Draw(t, "local") {
			lon = rapid.Float64Range(-180, 180).Draw(t, "place lon")
			lat = rapid.Float64Range(-89.9, 89.9).Draw(t, "place lat")
			projection = LocalConic(lon, lat)
			lon = wrapLongitude(lon + rapid.Float64Range(-2, 2).Draw(t, "further east"))
			lat = min(max(lat+rapid.Float64Range(-2, 2).Draw(t, "further north"), -89.99), 89.99)
		}
		x, y := projection.Forward(lon, lat)
		backLon, backLat := projection.Inverse(x, y)
		// A degree of longitude shrinks towards the pole: what counts is the ground.
		onGround := math.Abs(wrapLongitude(backLon-lon)) * math.Cos(lat*radiansPerDegree)
		if !(onGround < 1e-9) || !(math.Abs(backLat-lat) < 1e-9) {
			t.Fatalf("%v, %v is at %v, %v, which is %v, %v", lon, lat, x, y, backLon, backLat)
		}
	})
}

func TestNewConicRefuses(t *testing.T) {
	for name, change := range map[string]func(*ConicParameters){
		"parallels on both sides of the equator": func(p *ConicParameters) { p.Lat1 = -p.Lat2 },
		"a parallel on the equator":              func(p *ConicParameters) { p.Lat1 = 0 },
		"a parallel at the pole":                 func(p *ConicParameters) { p.Lat2 = 90 },
		"metres for degrees":                     func(p *ConicParameters) { p.Lat0 = 6600000 },
		"not a number":                           func(p *ConicParameters) { p.Lon0 = math.NaN() },
		"no ellipsoid":                           func(p *ConicParameters) { p.Ellipsoid = Ellipsoid{} },
	} {
		p := lambert93
		change(&p)
		if _, err := NewConic(p); !errors.Is(err, ErrConic) {
			t.Errorf("%s: %v, want ErrConic", name, err)
		}
	}
	single := lambert93
	single.Lat1, single.Lat2 = 46.5, 46.5
	almost := lambert93
	almost.Lat1, almost.Lat2 = 46.4999, 46.5001
	one, errOne := NewConic(single)
	two, errTwo := NewConic(almost)
	if errOne != nil || errTwo != nil {
		t.Fatal(errOne, errTwo)
	}
	x1, y1 := one.Forward(2.3522, 48.8566)
	x2, y2 := two.Forward(2.3522, 48.8566)
	if d := math.Hypot(x1-x2, y1-y2); d > 1e-3 {
		t.Errorf("one parallel and two that are almost one differ by %v m", d)
	}
}

func TestProjectionAt(t *testing.T) {
	for _, test := range []struct {
		place    string
		lon, lat float64
		lambert  bool
	}{
		{"Paris", 2.3522, 48.8566, true},
		{"Ajaccio", 8.7369, 41.9192, true},
		{"Saint-Denis de la Réunion", 55.4504, -20.8823, false},
		{"Cayenne", -52.3135, 4.9224, false},
		{"Cambridge, Massachusetts", -71.1097, 42.3736, false},
	} {
		projection := ProjectionAt(test.lon, test.lat)
		if (projection == Projection(Lambert93)) != test.lambert {
			t.Errorf("%s: Lambert-93 %v, want %v", test.place, !test.lambert, test.lambert)
		}
	}
}

func TestLooksProjected(t *testing.T) {
	for _, test := range []struct {
		x, y                 float64
		projected, lambert93 bool
	}{
		{2.3522, 48.8566, false, false},
		{-180, 90, false, false},
		{650852.91, 6862571.27, true, true},
		{600000, 2428000, true, false}, // Lambert II étendu
		{48.8566, 102.3522, true, false},
		{math.NaN(), math.NaN(), false, false},
	} {
		if got := LooksProjected(test.x, test.y); got != test.projected {
			t.Errorf("LooksProjected(%v, %v) = %v", test.x, test.y, got)
		}
		if got := InLambert93(test.x, test.y); got != test.lambert93 {
			t.Errorf("InLambert93(%v, %v) = %v", test.x, test.y, got)
		}
	}
}

// TestLambert93AgreesWithTheAddressBase projects every address of Paris. The file gives metres to the centimetre, computed
// from the degrees beside them: half a centimetre each way is their rounding.
func TestLambert93AgreesWithTheAddressBase(t *testing.T) {
	file, err := os.Open(parisFile(t, "adresses-75.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	text, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	rows := csv.NewReader(text)
	rows.Comma = ';'
	rows.LazyQuotes = true
	rows.ReuseRecord = true
	head, err := rows.Read()
	if err != nil {
		t.Fatal(err)
	}
	column := make(map[string]int)
	for i, name := range head {
		column[name] = i
	}
	count, worst, sum := 0, 0.0, 0.0
	for {
		row, err := rows.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		number := func(name string) float64 {
			v, err := strconv.ParseFloat(row[column[name]], 64)
			if err != nil {
				t.Fatalf("address %d: %s: %v", count+1, name, err)
			}
			return v
		}
		wantX, wantY := number("x"), number("y")
		x, y := Lambert93.Forward(number("lon"), number("lat"))
		off := math.Hypot(x-wantX, y-wantY)
		worst, sum, count = max(worst, off), sum+off, count+1

		lon, lat := Lambert93.Inverse(wantX, wantY)
		if math.Abs(lon-number("lon")) > 1.5e-7 || math.Abs(lat-number("lat")) > 1.5e-7 {
			t.Errorf("%v, %v is %v, %v; published %v, %v", wantX, wantY, lon, lat, number("lon"), number("lat"))
		}
	}
	t.Logf("%d addresses, worst %.2f cm, mean %.2f cm", count, worst*100, sum/float64(count)*100)
	if worst > 0.01 || count < 150_000 {
		t.Errorf("%d addresses, the worst %v m away from its published coordinates", count, worst)
	}
}

func BenchmarkConicForward(b *testing.B) {
	var sum float64
	for i := range b.N {
		x, y := Lambert93.Forward(2.25+float64(i%1000)*1e-4, 48.85)
		sum += x + y
	}
	if sum == 0 {
		b.Fatal("nothing projected")
	}
}

func BenchmarkConicInverse(b *testing.B) {
	var sum float64
	for i := range b.N {
		lon, lat := Lambert93.Inverse(652469+float64(i%1000), 6862035)
		sum += lon + lat
	}
	if sum == 0 {
		b.Fatal("nothing projected")
	}
}

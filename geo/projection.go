package geo

import (
	"errors"
	"fmt"
	"math"
)

const radiansPerDegree = math.Pi / 180

// Projection turns longitude, latitude in degrees into metres east and north on a plane, and back.
type Projection interface {
	Forward(lon, lat float64) (x, y float64)
	Inverse(x, y float64) (lon, lat float64)
}

// ErrConic is wrapped by errors about parameters that make no cone.
var ErrConic = errors.New("geo: no such conic projection")

// Ellipsoid is the figure of the Earth a projection starts from.
type Ellipsoid struct {
	SemiMajor         float64 // metres
	InverseFlattening float64 // 1/f
}

// GRS80 is the ellipsoid of RGF93, ETRS89 and NAD83. WGS 84 differs from it by 0.1 mm at the pole.
var GRS80 = Ellipsoid{SemiMajor: 6378137, InverseFlattening: 298.257222101}

// ConicParameters define a Lambert conformal conic projection with two standard parallels, EPSG method 9802. With the
// two equal it is the one with a single parallel, method 9801.
type ConicParameters struct {
	Ellipsoid  Ellipsoid
	Lon0, Lat0 float64 // origin, degrees
	Lat1, Lat2 float64 // parallels that keep their length, degrees, both on one side of the equator
	Scale      float64 // along those parallels; 0 is 1
	X0, Y0     float64 // coordinates of the origin (false easting and northing), metres
}

// Conic is a Lambert conformal conic projection. The formulas are those of J. P. Snyder, Map Projections: A Working
// Manual (USGS Professional Paper 1395, 1987), pages 107-109, and of IOGP publication 373-7-2 (EPSG Guidance Note 7
// part 2), method 9802. It may be used by several goroutines at once. The zero Conic projects nothing: make one with
// [NewConic] or [LocalConic], or use [Lambert93].
type Conic struct {
	e           float64 // eccentricity
	n           float64 // constant of the cone
	scale       float64 // radius of the equator on the plane: r = scale * t^n, metres
	lon0        float64 // degrees
	x0, apexY   float64 // coordinates of the apex, metres
	geodeticSin [4]float64
}

// Lambert93 is RGF93 / Lambert-93, EPSG:2154, the projection of metropolitan France.
var Lambert93 = newConic(ConicParameters{
	Ellipsoid: GRS80, Lon0: 3, Lat0: 46.5, Lat1: 44, Lat2: 49, X0: 700000, Y0: 6600000,
})

// NewConic makes a projection from its published parameters. The error wraps [ErrConic].
func NewConic(p ConicParameters) (Conic, error) {
	c := newConic(p)
	for _, lat := range []float64{p.Lat0, p.Lat1, p.Lat2} {
		if !(math.Abs(lat) < 90) {
			return Conic{}, fmt.Errorf("%w: latitude %v is not between -90 and 90", ErrConic, lat)
		}
	}
	if p.Lat1*p.Lat2 <= 0 {
		return Conic{}, fmt.Errorf("%w: standard parallels %v and %v are not on one side of the equator", ErrConic, p.Lat1, p.Lat2)
	}
	for _, v := range []float64{c.e, c.n, c.scale, c.lon0, c.x0, c.apexY} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return Conic{}, fmt.Errorf("%w: %+v", ErrConic, p)
		}
	}
	return c, nil
}

// LocalConic is a conic in metres around a place anywhere on Earth, with x = y = 0 at the place and its two standard
// parallels 0.25 degrees to the south and north. Lengths are true within 1 in 100,000 up to 25 km from the place, and
// within 1 in 3,000 up to 100 km.
//
// Nearer to the equator than 0.5 degrees, or to a pole than 0.3, the parallels stay where they are at that distance, so
// that the cone never becomes a cylinder or a plane; lengths are then true within 1 in 5,000 up to 25 km.
func LocalConic(lon0, lat0 float64) Conic {
	middle := math.Copysign(min(max(math.Abs(lat0), 0.5), 89.7), lat0)
	return newConic(ConicParameters{Ellipsoid: GRS80, Lon0: lon0, Lat0: lat0, Lat1: middle - 0.25, Lat2: middle + 0.25})
}

// ProjectionAt returns the projection to measure with around a place: [Lambert93] in its area of use (longitude -9.86
// to 10.38, latitude 41.15 to 51.56, by the EPSG registry), elsewhere the [LocalConic] of the place.
func ProjectionAt(lon, lat float64) Projection {
	if lon >= -9.86 && lon <= 10.38 && lat >= 41.15 && lat <= 51.56 {
		return Lambert93
	}
	return LocalConic(lon, lat)
}

// LooksProjected reports whether a pair cannot be longitude, latitude in degrees because it is too large.
func LooksProjected(x, y float64) bool { return math.Abs(x) > 180 || math.Abs(y) > 90 }

// InLambert93 reports whether a pair can be Lambert-93 metres of metropolitan France.
func InLambert93(x, y float64) bool { return x >= 1e5 && x <= 1.3e6 && y >= 6.0e6 && y <= 7.2e6 }

func newConic(p ConicParameters) Conic {
	f := 1 / p.Ellipsoid.InverseFlattening
	c := Conic{e: math.Sqrt(f * (2 - f)), lon0: p.Lon0, x0: p.X0, geodeticSin: geodeticSeries(f)}
	m1, logT1 := c.parallel(p.Lat1)
	m2, logT2 := c.parallel(p.Lat2)
	if p.Lat1 == p.Lat2 {
		c.n = math.Sin(p.Lat1 * radiansPerDegree)
	} else {
		c.n = (math.Log(m1) - math.Log(m2)) / (logT1 - logT2)
	}
	c.scale = p.Ellipsoid.SemiMajor * m1 / (c.n * math.Exp(c.n*logT1))
	if p.Scale != 0 {
		c.scale *= p.Scale
	}
	c.apexY = p.Y0 + c.radius(p.Lat0)
	return c
}

// Forward projects longitude, latitude in degrees to metres. Longitudes are taken the short way round from the origin.
// The pole away from the apex is infinitely far: near it the answer is finite but huge.
func (c Conic) Forward(lon, lat float64) (x, y float64) {
	r := c.radius(lat)
	sin, cos := math.Sincos(c.n * wrapLongitude(lon-c.lon0) * radiansPerDegree)
	return c.x0 + r*sin, c.apexY - r*cos
}

// Inverse turns metres back into degrees, within 1e-9 degrees (0.1 mm) of what [Conic.Forward] was given.
// Longitudes are -180..180.
func (c Conic) Inverse(x, y float64) (lon, lat float64) {
	dx, dy := x-c.x0, c.apexY-y
	if c.n < 0 {
		dx, dy = -dx, -dy
	}
	lon = wrapLongitude(c.lon0 + math.Atan2(dx, dy)/c.n/radiansPerDegree)
	t := math.Pow(math.Hypot(dx, dy)/math.Abs(c.scale), 1/c.n)
	return lon, c.geodetic(math.Pi/2-2*math.Atan(t)) / radiansPerDegree
}

// radius is the distance from the apex of the cone, on the plane; negative for a cone with its apex in the south.
func (c Conic) radius(lat float64) float64 {
	_, logT := c.parallel(lat)
	return c.scale * math.Exp(c.n*logT)
}

// parallel gives Snyder's m (14-15), the radius of a parallel for a semi-major axis of 1, and the logarithm of his t (15-9).
func (c Conic) parallel(lat float64) (m, logT float64) {
	sin, cos := math.Sincos(lat * radiansPerDegree)
	t := cos / (1 + sin)
	if sin < 0 { // the same, exact near the south pole
		t = (1 - sin) / cos
	}
	return cos / math.Sqrt(1-c.e*c.e*sin*sin), math.Log(t) + c.e*math.Atanh(c.e*sin)
}

// geodetic turns a conformal latitude into a geodetic one, both in radians.
func (c Conic) geodetic(conformal float64) float64 {
	lat := conformal
	for i, a := range c.geodeticSin {
		lat += a * math.Sin(float64(2*(i+1))*conformal)
	}
	return lat
}

// geodeticSeries are the coefficients of sin 2x, sin 4x, sin 6x and sin 8x that lead from the conformal latitude x to the
// geodetic one, in powers of the third flattening: L. Krueger, Konforme Abbildung des Erdellipsoids in der Ebene (1912),
// page 14. What is left out is under 1e-12 radians.
func geodeticSeries(f float64) [4]float64 {
	n := f / (2 - f)
	return [4]float64{
		n * (2 + n*(-2.0/3+n*(-2+n*116/45))),
		n * n * (7.0/3 + n*(-8.0/5-n*227/45)),
		n * n * n * (56.0/15 - n*136/35),
		n * n * n * n * 4279 / 630,
	}
}

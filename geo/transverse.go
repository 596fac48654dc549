package geo

import (
	"errors"
	"fmt"
	"math"
)

// ErrTransverse is wrapped by errors about parameters that make no transverse Mercator projection.
var ErrTransverse = errors.New("geo: no such transverse Mercator projection")

// TransverseMercator is EPSG method 9807, by the series of L. Krueger (1912) that IOGP publication 373-7-2 gives, carried
// to the fifth power of the third flattening as in C. Karney, Transverse Mercator with an accuracy of a few nanometers (2011),
// equations 35 and 36: within a micrometre up to 1,000 km from the central meridian, and a few on the way back. The zero value projects nothing.
type TransverseMercator struct {
	e, radius, k0  float64
	lon0           float64 // degrees
	x0, y0         float64 // of the point on the central meridian where the arc is 0, metres
	there, back    [5]float64
	geodeticSeries [4]float64
}

// TransverseParameters define a transverse Mercator projection.
type TransverseParameters struct {
	Ellipsoid  Ellipsoid
	Lon0, Lat0 float64 // origin, degrees
	Scale      float64 // on the central meridian
	X0, Y0     float64 // coordinates of the origin, metres
}

// NewTransverseMercator makes a projection from its published parameters.
func NewTransverseMercator(p TransverseParameters) (TransverseMercator, error) {
	if !(math.Abs(p.Lat0) <= 90) || !(p.Scale > 0) || math.IsInf(p.Scale, 0) || math.IsNaN(p.Lon0) {
		return TransverseMercator{}, fmt.Errorf("%w: %+v", ErrTransverse, p)
	}
	f := 1 / p.Ellipsoid.InverseFlattening
	n := f / (2 - f)
	t := TransverseMercator{
		e: math.Sqrt(f * (2 - f)), k0: p.Scale, lon0: p.Lon0, x0: p.X0, y0: p.Y0,
		radius: p.Ellipsoid.SemiMajor / (1 + n) * (1 + n*n/4 + n*n*n*n/64),
		there: [5]float64{
			n * (1.0/2 + n*(-2.0/3+n*(5.0/16+n*(41.0/180-n*127/288)))),
			n * n * (13.0/48 + n*(-3.0/5+n*(557.0/1440+n*281/630))),
			n * n * n * (61.0/240 + n*(-103.0/140+n*15061/26880)),
			n * n * n * n * (49561.0/161280 - n*179/168),
			n * n * n * n * n * 34729 / 80640,
		},
		back: [5]float64{
			n * (1.0/2 + n*(-2.0/3+n*(37.0/96+n*(-1.0/360-n*81/512)))),
			n * n * (1.0/48 + n*(1.0/15+n*(-437.0/1440+n*46/105))),
			n * n * n * (17.0/480 + n*(-37.0/840-n*209/4480)),
			n * n * n * n * (4397.0/161280 - n*11/504),
			n * n * n * n * n * 4583 / 161280,
		},
		geodeticSeries: geodeticSeries(f),
	}
	_, arc := t.Forward(p.Lon0, p.Lat0)
	t.y0 -= arc - p.Y0
	return t, nil
}

// Forward projects degrees to metres.
func (t TransverseMercator) Forward(lon, lat float64) (x, y float64) {
	sin, cos := math.Sincos(lat * radiansPerDegree)
	tan := math.Sinh(math.Asinh(sin/cos) - t.e*math.Atanh(t.e*sin)) // of the conformal latitude
	sinLon, cosLon := math.Sincos(wrapLongitude(lon-t.lon0) * radiansPerDegree)
	xi, eta := math.Atan2(tan, cosLon), math.Asinh(sinLon/math.Hypot(tan, cosLon))
	north, east := xi, eta
	for i, h := range t.there {
		k := float64(2 * (i + 1))
		north += h * math.Sin(k*xi) * math.Cosh(k*eta)
		east += h * math.Cos(k*xi) * math.Sinh(k*eta)
	}
	return t.x0 + t.k0*t.radius*east, t.y0 + t.k0*t.radius*north
}

// Inverse turns metres back into degrees.
func (t TransverseMercator) Inverse(x, y float64) (lon, lat float64) {
	east, north := (x-t.x0)/(t.k0*t.radius), (y-t.y0)/(t.k0*t.radius)
	xi, eta := north, east
	for i, h := range t.back {
		k := float64(2 * (i + 1))
		xi -= h * math.Sin(k*north) * math.Cosh(k*east)
		eta -= h * math.Cos(k*north) * math.Sinh(k*east)
	}
	sin, cos := math.Sincos(xi)
	conformal := math.Atan2(sin, math.Hypot(math.Sinh(eta), cos))
	lat = conformal
	for i, a := range t.geodeticSeries {
		lat += a * math.Sin(float64(2*(i+1))*conformal)
	}
	return wrapLongitude(t.lon0 + math.Atan2(math.Sinh(eta), cos)/radiansPerDegree), lat / radiansPerDegree
}

package geo

import (
	"errors"
	"fmt"
	"math"
)

// ErrEqualArea is wrapped by errors about parameters that make no equal-area projection.
var ErrEqualArea = errors.New("geo: no such equal-area projection")

// EqualArea is a Lambert azimuthal equal-area projection of an ellipsoid, EPSG method 9820, in its oblique form: that of
// ETRS89-LAEA Europe. The formulas are those of IOGP publication 373-7-2. The zero EqualArea projects nothing.
type EqualArea struct {
	e, e2, a    float64
	qp, rq, d   float64
	sin1, cos1  float64 // of the authalic latitude of the centre
	lon0        float64 // degrees
	x0, y0      float64 // metres
	seriesTerms [3]float64
}

// NewEqualArea makes a projection around a centre in degrees, with false easting and northing in metres.
func NewEqualArea(ellipsoid Ellipsoid, lon0, lat0, x0, y0 float64) (EqualArea, error) {
	if !(math.Abs(lat0) < 89.9) || math.IsNaN(lon0) {
		return EqualArea{}, fmt.Errorf("%w: a centre at latitude %v", ErrEqualArea, lat0)
	}
	f := 1 / ellipsoid.InverseFlattening
	e2 := f * (2 - f)
	l := EqualArea{e: math.Sqrt(e2), e2: e2, a: ellipsoid.SemiMajor, lon0: lon0, x0: x0, y0: y0}
	l.qp = l.q(1)
	sin := math.Sin(lat0 * radiansPerDegree)
	beta := math.Asin(l.q(sin) / l.qp)
	l.sin1, l.cos1 = math.Sincos(beta)
	l.rq = l.a * math.Sqrt(l.qp/2)
	l.d = l.a * math.Cos(lat0*radiansPerDegree) / math.Sqrt(1-e2*sin*sin) / (l.rq * l.cos1)
	l.seriesTerms = [3]float64{e2/3 + 31*e2*e2/180 + 517*e2*e2*e2/5040, 23*e2*e2/360 + 251*e2*e2*e2/3780, 761 * e2 * e2 * e2 / 45360}
	return l, nil
}

// q is Snyder's (3-12), of the sine of a latitude.
func (l EqualArea) q(sin float64) float64 {
	return (1 - l.e2) * (sin/(1-l.e2*sin*sin) + math.Atanh(l.e*sin)/l.e)
}

// Forward projects degrees to metres. The point opposite the centre has no place.
func (l EqualArea) Forward(lon, lat float64) (x, y float64) {
	sinBeta := min(max(l.q(math.Sin(lat*radiansPerDegree))/l.qp, -1), 1)
	cosBeta := math.Sqrt(1 - sinBeta*sinBeta)
	sin, cos := math.Sincos(wrapLongitude(lon-l.lon0) * radiansPerDegree)
	b := l.rq * math.Sqrt(2/(1+l.sin1*sinBeta+l.cos1*cosBeta*cos))
	return l.x0 + b*l.d*cosBeta*sin, l.y0 + b/l.d*(l.cos1*sinBeta-l.sin1*cosBeta*cos)
}

// Inverse turns metres back into degrees; NaN beyond the edge of the Earth.
func (l EqualArea) Inverse(x, y float64) (lon, lat float64) {
	dx, dy := (x-l.x0)/l.d, (y-l.y0)*l.d
	rho := math.Hypot(dx, dy)
	if rho == 0 {
		return l.lon0, l.latitude(math.Asin(l.sin1))
	}
	sinC, cosC := math.Sincos(2 * math.Asin(rho/(2*l.rq)))
	beta := math.Asin(min(max(cosC*l.sin1+dy*sinC*l.cos1/rho, -1), 1))
	lon = l.lon0 + math.Atan2(dx*sinC, rho*l.cos1*cosC-dy*l.sin1*sinC)/radiansPerDegree
	return wrapLongitude(lon), l.latitude(beta)
}

// latitude turns an authalic latitude in radians into a geodetic one in degrees: a series, then Newton's method.
func (l EqualArea) latitude(beta float64) float64 {
	lat := beta
	for i, a := range l.seriesTerms {
		lat += a * math.Sin(float64(2*(i+1))*beta)
	}
	q := l.qp * math.Sin(beta)
	for range 2 {
		sin, cos := math.Sincos(lat)
		if cos < 1e-6 {
			break
		}
		w := 1 - l.e2*sin*sin
		lat += w * w / (2 * cos * (1 - l.e2)) * (q - l.q(sin))
	}
	return lat / radiansPerDegree
}

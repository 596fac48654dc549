package geo

import "math"

// WebMercator is the projection of web maps, EPSG:3857 (method 1024): a sphere under ellipsoidal coordinates.
type WebMercator struct{}

// Forward projects degrees to metres; the poles are infinitely far: there the answer is finite but huge.
func (WebMercator) Forward(lon, lat float64) (x, y float64) {
	return GRS80.SemiMajor * lon * radiansPerDegree, GRS80.SemiMajor * math.Asinh(math.Tan(lat*radiansPerDegree))
}

// Inverse turns metres back into degrees.
func (WebMercator) Inverse(x, y float64) (lon, lat float64) {
	return x / GRS80.SemiMajor / radiansPerDegree, math.Atan(math.Sinh(y/GRS80.SemiMajor)) / radiansPerDegree
}

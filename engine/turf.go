package engine

import (
	"github.com/paulmach/orb"

	"github.com/arpent/arpent/geo"
)

// Turf is a part of a place that a campaign works in. NewTurf makes it; one that it has not made covers nothing.
type Turf struct {
	ID    string           `json:"turf"` // a code
	Shape orb.MultiPolygon `json:"-"`    // WGS84 degrees, (lon, lat)
	areas *geo.Areas
}

// NewTurf prepares a turf for Covers. The shape must not be changed afterwards.
func NewTurf(id string, shape orb.MultiPolygon) Turf {
	return Turf{id, shape, geo.NewAreas([]orb.MultiPolygon{shape})}
}

// Covers tells whether a point, in degrees, is in the turf. What lies in a hole is not.
func (t Turf) Covers(lon, lat float64) bool {
	return t.areas != nil && len(t.areas.Containing(orb.Point{lon, lat})) > 0
}

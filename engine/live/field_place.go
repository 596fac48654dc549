package live

import (
	"math"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// How far in metres a point may be from where it is placed.
const (
	nearSegmentM    = 50.0  // from a segment, or nearAccuracies times what the point is accurate to
	nearAccuracies  = 3.0   // the uncertainty of a point is a circle that holds it two times in three
	nearAddressM    = 25.0  // from an address; a point that is less accurate than that is at no address
	worstAccuracyM  = 500.0 // what is less accurate is nowhere
	metresOfEquator = 40075016.7
)

// Locate finds where a location is, with the precinct in the division of the contest: an address of the register, a segment, or the segment
// and, where it is sure enough, the address nearest to a point. Segments have the id that they are published under. It is false where the snapshot has no such contest or address,
// or nothing near the point. The precinct is 0 where no street within 5 km has one. Its first call reads the register: see LoadPlaces.
func (c *City) Locate(contest string, at engine.Location) (engine.Located, bool) {
	k, ok := c.contestAt[contest]
	if !ok {
		return engine.Located{}, false
	}
	division := c.contests[k].Division
	switch {
	case at.AddressID != "":
		r, err := c.addressRegister()
		if err != nil {
			return engine.Located{}, false
		}
		i, ok := r.find(at.AddressID)
		if !ok {
			return engine.Located{}, false
		}
		return c.locateAddress(r, i, division)
	case at.Segment != 0:
		u, ok := c.unitLevel(engine.UnitSegment, 0).find(at.Segment)
		if !ok {
			return engine.Located{}, false
		}
		lon, lat := geo.FromWorld(c.ownMiddle(at.Segment, u))
		return c.located(u, c.precinctOf(u, division), c.middleCell(u), lon, lat), true
	}
	return c.locatePoint(at, division)
}

func (c *City) locateAddress(r *addressRegister, i int, division string) (engine.Located, bool) {
	u := int(r.segments[i])
	if u < 0 {
		return engine.Located{}, false
	}
	own, _ := r.precinct(i, division)
	lon, lat := geo.FromWorld(int64(r.x[i]), int64(r.y[i]))
	found := c.located(u, c.precinctTold(u, own, division), r.cells[i], lon, lat)
	found.AddressID = string(r.id(i))
	return found, true
}

// precinctTold is the precinct that may be told of an address: its own where the part of the segment in it has K households, else that of
// the segment.
func (c *City) precinctTold(segment, own int, division string) int {
	precincts, households := c.segmentParts().of(segment)
	for i, b := range precincts {
		if int(b) == own && households[i] >= float64(c.manifest.Parameters.K) {
			return own
		}
	}
	return c.precinctOf(segment, division)
}

// locatePoint places a point at the address that is nearest, else at the nearest segment.
func (c *City) locatePoint(at engine.Location, division string) (engine.Located, bool) {
	// In the negative, so that what is not a number is refused too.
	if !(at.AccuracyM >= 0 && at.AccuracyM <= worstAccuracyM && math.Abs(at.Lon) <= 180 && math.Abs(at.Lat) <= geo.MercatorLatitude) {
		return engine.Located{}, false
	}
	cell, err := geo.CellAt(at.Lon, at.Lat, engine.AddressResolution)
	if err != nil {
		return engine.Located{}, false
	}
	if at.AccuracyM <= nearAddressM {
		r, err := c.addressRegister()
		if err != nil {
			return engine.Located{}, false
		}
		if i, ok := r.nearest(c.ruler(), at.Lon, at.Lat, nearAddressM); ok {
			if found, ok := c.locateAddress(r, i, division); ok {
				return found, true
			}
		}
	}
	u, ok := c.nearestSegment(at.Lon, at.Lat, max(nearSegmentM, nearAccuracies*at.AccuracyM), func(int) bool { return true })
	if !ok {
		return engine.Located{}, false
	}
	return c.located(u, c.precinctOf(u, division), cell, at.Lon, at.Lat), true
}

func (c *City) located(segment, precinct int, cell geo.Cell, lon, lat float64) engine.Located {
	found := engine.Located{
		Segment: c.unitLevel(engine.UnitSegment, 0).ids[segment], Cell: int64(cell),
		SegmentCell: int64(c.middleCell(segment).Parent(engine.FinestResolution)), Lon: lon, Lat: lat,
	}
	if precinct >= 0 {
		found.Precinct = c.unitLevel(engine.UnitPrecinct, 0).ids[precinct]
	}
	return found
}

// ruler is the projection that distances in the place are measured in, as a build does.
func (c *City) ruler() geo.Projection {
	center := c.bound.Center()
	return geo.ProjectionAt(center[0], center[1])
}

// nearestSegment is the nearest of the segments that will do, no farther than a distance in metres; of several as near the first in id
// order. It looks in boxes of twice the size each time: nothing that is near is outside of a small one.
func (c *City) nearestSegment(lon, lat, within float64, will func(segment int) bool) (segment int, ok bool) {
	l, ruler := c.layers["segments"], c.ruler()
	px, py := ruler.Forward(lon, lat)
	var found []int32
	for reach := min(nearSegmentM, within); ; reach = min(2*reach, within) {
		nearest := math.Inf(1)
		found = l.within(boxAround(lon, lat, reach), found[:0])
		for _, u := range found {
			first, end := l.parts(u)
			for part := first; part < end; part++ {
				off := geo.Locate(measuredLine(ruler, l.part(part)), orb.Point{px, py}).OffM
				if (off < nearest || off == nearest && int(u) < segment) && will(int(u)) {
					segment, nearest = int(u), off
				}
			}
		}
		if nearest <= reach {
			return segment, true
		}
		if reach >= within {
			return 0, false
		}
	}
}

func measuredLine(ruler geo.Projection, points positions) orb.LineString {
	line := make(orb.LineString, points.len())
	for i := range line {
		lon, lat := geo.FromWorld(points.at(i))
		x, y := ruler.Forward(lon, lat)
		line[i] = orb.Point{x, y}
	}
	return line
}

// boxAround holds all that is within a distance in metres. It is a little larger: a degree of the ellipsoid is not quite as long as one of
// the sphere, and the scale of the map changes from one edge of the box to the other.
func boxAround(lon, lat, metres float64) geo.WorldBox {
	x, y := geo.ToWorld(lon, lat)
	d := int64(math.Ceil(1.02 * metres * (1 << 32) / (metresOfEquator * math.Cos(lat*math.Pi/180))))
	return geo.WorldBox{MinX: x - d, MinY: y - d, MaxX: x + d, MaxY: y + d}
}

package live

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// segmentParts are the parts of each segment: what it has in one precinct, in all divisions.
type segmentParts struct {
	ends       []int32 // by segment: where its parts end
	precincts  []int32 // by part, ascending within a segment
	households []float64
}

// newSegmentParts adds up the atoms.
func newSegmentParts(c *City) *segmentParts {
	segments := c.unitLevel(engine.UnitSegment, 0)
	type piece struct {
		segment, precinct int32
		households        float64
	}
	var pieces []piece
	for i, id := range c.atoms.segment {
		if u, ok := segments.find(id); ok {
			pieces = append(pieces, piece{int32(u), c.atoms.precinct[i], c.atoms.households[i]})
		}
	}
	slices.SortStableFunc(pieces, func(a, b piece) int {
		return cmp.Or(cmp.Compare(a.segment, b.segment), cmp.Compare(a.precinct, b.precinct))
	})
	p := &segmentParts{ends: make([]int32, len(segments.ids))}
	for i, piece := range pieces {
		if i == 0 || pieces[i-1].segment != piece.segment || pieces[i-1].precinct != piece.precinct {
			p.precincts, p.households = append(p.precincts, piece.precinct), append(p.households, 0)
		}
		p.households[len(p.households)-1] += piece.households
		p.ends[piece.segment] = int32(len(p.precincts))
	}
	for u := 1; u < len(p.ends); u++ {
		p.ends[u] = max(p.ends[u], p.ends[u-1])
	}
	return p
}

// of gives the precincts that a segment has a part in, and the parts' households.
func (p *segmentParts) of(segment int) (precincts []int32, households []float64) {
	start := int32(0)
	if segment > 0 {
		start = p.ends[segment-1]
	}
	return p.precincts[start:p.ends[segment]], p.households[start:p.ends[segment]]
}

// precinctOf is the precinct of a segment in a division: of its largest part; where it has none, of the area that its middle lies in, else
// of the nearest segment that has a part. It is -1 where there is none.
func (c *City) precinctOf(segment int, division string) int {
	if b, ok := c.largestPart(segment, division); ok {
		return b
	}
	x, y := c.middle(segment)
	areas := c.layers["precincts"]
	for _, b := range areas.within(geo.WorldBox{MinX: x, MinY: y, MaxX: x, MaxY: y}, nil) {
		if areas.divisions[b] == division && areas.holds(b, x, y) {
			return int(b)
		}
	}
	lon, lat := geo.FromWorld(x, y)
	nearest, ok := c.nearestSegment(lon, lat, farthestNeighbourM, func(u int) bool {
		_, ok := c.largestPart(u, division)
		return ok
	})
	if !ok {
		return -1
	}
	b, _ := c.largestPart(nearest, division)
	return b
}

// farthestNeighbourM is how far in metres the streets of a precinct may lie from one that nobody lives on.
const farthestNeighbourM = 5000

func (c *City) largestPart(segment int, division string) (precinct int, ok bool) {
	most := -1.0
	precincts, households := c.segmentParts().of(segment)
	for i, b := range precincts {
		if c.layers["precincts"].divisions[b] == division && households[i] > most {
			precinct, ok, most = int(b), true, households[i]
		}
	}
	return precinct, ok
}

// middle is the point half-way along a segment, of a stretch along its lead, in world coordinates.
func (c *City) middle(segment int) (x, y int64) {
	l := c.layers["segments"]
	first, _ := l.parts(int32(segment))
	return middleOf(l.part(first))
}

// ownMiddle is that of the segment itself, which may stand under the id of another.
func (c *City) ownMiddle(id int64, segment int) (x, y int64) {
	l := c.layers["segments"]
	part, _ := l.parts(int32(segment))
	if at, joined := slices.BinarySearch(l.level.others[segment], id); joined {
		part += int32(1 + at) // the lead is drawn first
	}
	return middleOf(l.part(part))
}

func middleOf(points positions) (x, y int64) {
	line := worldLine(points)
	left := geo.LineLength(line) / 2
	for i := 1; i < len(line); i++ {
		length := geo.LineLength(line[i-1 : i+1])
		if left <= length && length > 0 {
			t := left / length
			return int64(line[i-1][0] + t*(line[i][0]-line[i-1][0])), int64(line[i-1][1] + t*(line[i][1]-line[i-1][1]))
		}
		left -= length
	}
	last := line[len(line)-1]
	return int64(last[0]), int64(last[1])
}

func worldLine(points positions) orb.LineString {
	line := make(orb.LineString, points.len())
	for i := range line {
		x, y := points.at(i)
		line[i] = orb.Point{float64(x), float64(y)}
	}
	return line
}

// middleCell is the cell of the middle of a segment, at the resolution of addresses; 0 where there is none.
func (c *City) middleCell(segment int) geo.Cell {
	lon, lat := geo.FromWorld(c.middle(segment))
	cell, err := geo.CellAt(lon, lat, engine.AddressResolution)
	if err != nil {
		return 0 // a pole
	}
	return cell
}

// holds tells whether the area of a feature has a point in it: whether a line from it to the east meets the area's outline an odd
// number of times.
func (l *layer) holds(u int32, x, y int64) bool {
	inside := false
	first, end := l.parts(u)
	for part := first; part < end; part++ {
		ring := l.part(part)
		for i, j := 0, ring.len()-1; i < ring.len(); j, i = i, i+1 {
			ax, ay := ring.at(j)
			bx, by := ring.at(i)
			if (ay > y) != (by > y) && float64(x-ax) < float64(y-ay)/float64(by-ay)*float64(bx-ax) {
				inside = !inside
			}
		}
	}
	return inside
}

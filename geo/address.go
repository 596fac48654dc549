package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// StreetKey names a street for matching. Commune is a code in the caller's own scheme; it stays empty in addresses and
// segments alike where one of the two does not have it.
type StreetKey struct{ Commune, Normal, Loose string }

// NewStreetKey makes the key of a street from its name as published.
func NewStreetKey(commune, name string) StreetKey {
	normal := NormalStreetName(name)
	return StreetKey{commune, normal, LooseStreetName(normal)}
}

// MatchedBy says how an address came to its segment.
type MatchedBy int8

const (
	ByNearest MatchedBy = iota // no segment near enough bears the name of its street: the nearest of all
	ByName                     // the nearest segment that bears the name of its street
)

// String is "nearest" or "name".
func (by MatchedBy) String() string {
	if by == ByName {
		return "name"
	}
	return "nearest"
}

// Match is the place of an address on the network.
type Match struct {
	Segment int // index of the segment; -1 if there is none, or the point cannot be used
	By      MatchedBy
	Number  int // the house number, 0 if it has none
	Location
}

// NamedWithinM is how far in metres an address may lie from a segment that bears the name of its street. Beyond, the
// two are taken for different streets of one name.
const NamedWithinM = 500.0

// Matcher finds the segments of addresses. It does not change once built, and is safe for use from several goroutines.
type Matcher struct {
	network       *Network
	normal, loose *namedSegments
}

// NewMatcher prepares matching to a network. streets names its segments, by index; a segment without a name has an
// empty key.
func NewMatcher(network *Network, streets []StreetKey) *Matcher {
	return &Matcher{
		network,
		newNamedSegments(network, streets, func(street StreetKey) string { return street.Normal }),
		newNamedSegments(network, streets, func(street StreetKey) string { return street.Loose }),
	}
}

// Match finds the segment of the address at p (in the metres of the network): the nearest of those that bear the normal
// name of its street, if one lies within NamedWithinM; else the nearest of those that bear the loose name, within the
// same distance; else the nearest of all. Of several as near it is the one of the lowest index. The side is the
// geometric one: see [Sides].
func (m *Matcher) Match(p orb.Point, number int, street StreetKey) Match {
	nearest := m.network.search(p)
	for _, named := range [...]struct {
		segments *namedSegments
		name     string
	}{{m.normal, street.Normal}, {m.loose, street.Loose}} {
		if s := named.segments.nearest(&nearest, nameInCommune{street.Commune, named.name}); math.Sqrt(s.d2) <= NamedWithinM {
			segment, at := s.found()
			return Match{segment, ByName, number, at}
		}
	}
	segment, at := nearest.found()
	return Match{segment, ByNearest, number, at}
}

// Sides settles the sides of the addresses of a network, given their matches: first count them all, then ask. The geometric side of
// an address stands, except on segments whose addresses show clearly that odd numbers are on one side and even numbers on the
// other. There the parity of the number decides, also for addresses on the line or beyond its end, where geometry says
// nothing.
//
// A segment shows it clearly if, of its addresses matched by name that have a number and a geometric side that is not
// that of an end, two odd ones at least lie on one side, two even ones at least on the other, and nine in ten agree with
// that. Addresses matched only by distance take no part: their numbers are those of another street.
type Sides []parityCount

// parityCount counts the addresses of a segment.
type parityCount struct{ oddLeft, oddRight, evenLeft, evenRight int32 }

// NewSides is for matches to so many segments.
func NewSides(segments int) Sides { return make(Sides, segments) }

// Count takes a match into account, with its geometric side.
func (s Sides) Count(m Match) {
	if !m.numbered() || m.AtEnd {
		return
	}
	c := &s[m.Segment]
	switch odd := m.Number%2 == 1; {
	case m.Side == SideLeft && odd:
		c.oddLeft++
	case m.Side == SideLeft:
		c.evenLeft++
	case m.Side == SideRight && odd:
		c.oddRight++
	case m.Side == SideRight:
		c.evenRight++
	}
}

// Of is the side of an address, given its match with the geometric side, once all are counted.
func (s Sides) Of(m Match) Side {
	if !m.numbered() {
		return m.Side
	}
	side := s[m.Segment].oddSide()
	switch {
	case side == SideOn:
		return m.Side
	case m.Number%2 == 0:
		return side.opposite()
	}
	return side
}

// oddSide is the side of the odd numbers, SideOn where the addresses do not show it clearly.
func (c parityCount) oddSide() Side {
	oddLeft, oddRight := c.oddLeft+c.evenRight, c.oddRight+c.evenLeft
	switch {
	case min(c.oddLeft, c.evenRight) >= 2 && oddLeft >= 9*oddRight:
		return SideLeft
	case min(c.oddRight, c.evenLeft) >= 2 && oddRight >= 9*oddLeft:
		return SideRight
	}
	return SideOn
}

// numbered says that the number of an address belongs to the street of its segment.
func (m Match) numbered() bool { return m.Segment >= 0 && m.By == ByName && m.Number > 0 }

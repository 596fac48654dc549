package geo

import (
	"cmp"
	"math"
	"slices"
	"sort"
)

type nameInCommune struct{ commune, name string }

// namedSegments are the segments of a network by the name they bear. A country has thousands of one name: they are in the order of their west
// ends, so that those near a point are next to one another.
type namedSegments struct {
	network   *Network
	numbers   map[nameInCommune]int32
	nameOf    []int32 // by segment: the number of its name, 0 where it has none
	names     []segmentName
	southwest []namedSegment // by name, from west to east
}

// segmentName is a name, where its segments are in namedSegments.southwest, and how wide and high one of them is at most, from its corner.
type segmentName struct {
	nameInCommune
	first, end    int32
	width, height float64
}

// namedSegment is a segment and the south-west corner of what it takes up, rounded away from it.
type namedSegment struct {
	west, south float32
	segment     int32
}

func newNamedSegments(network *Network, streets []StreetKey, name func(StreetKey) string) *namedSegments {
	s := &namedSegments{
		network: network, numbers: map[nameInCommune]int32{}, nameOf: make([]int32, len(network.firsts)-1), names: make([]segmentName, 1),
	}
	for i := range s.nameOf {
		if i >= len(streets) || len(network.line(i)) == 0 {
			continue
		}
		bears := nameInCommune{streets[i].Commune, name(streets[i])}
		if bears.name == "" {
			continue
		}
		number := s.numbers[bears]
		if number == 0 {
			number = int32(len(s.names))
			s.numbers[bears] = number
			s.names = append(s.names, segmentName{nameInCommune: bears})
		}
		s.nameOf[i] = number
		s.names[number].end++ // how many there are, until the first and the end are known
	}
	all := int32(0)
	for i := range s.names {
		n := &s.names[i]
		n.first, n.end, all = all, all, all+n.end
	}
	s.southwest = make([]namedSegment, all)
	for i, number := range s.nameOf {
		if number == 0 {
			continue
		}
		n, bound := &s.names[number], network.line(i).Bound()
		corner := namedSegment{below(bound.Min[0]), below(bound.Min[1]), int32(i)}
		n.width, n.height = max(n.width, bound.Max[0]-float64(corner.west)), max(n.height, bound.Max[1]-float64(corner.south))
		s.southwest[n.end] = corner
		n.end++
	}
	for _, n := range s.names {
		slices.SortFunc(s.southwest[n.first:n.end], func(a, b namedSegment) int {
			return cmp.Or(cmp.Compare(a.west, b.west), cmp.Compare(a.segment, b.segment))
		})
	}
	return s
}

// below is the greatest float32 that is not above v.
func below(v float64) float32 {
	rounded := float32(v)
	if float64(rounded) > v {
		rounded = math.Nextafter32(rounded, float32(math.Inf(-1)))
	}
	return rounded
}

// nearest searches the segments of a name for the one nearest to a point, up to NamedWithinM from it and a little more. all is
// the search among all segments for the same point, which is over.
func (s *namedSegments) nearest(all *nearestSearch, name nameInCommune) nearestSearch {
	found := nearestSearch{network: s.network, p: all.p, edge: -1, d2: math.Inf(1)}
	if name.name == "" || !(math.Sqrt(all.d2) <= NamedWithinM) {
		return found
	}
	if n := &s.names[s.nameOf[s.network.segmentOf(all.edge)]]; n.nameInCommune == name {
		return *all
	}
	n, p := &s.names[s.numbers[name]], all.p
	segments := s.southwest[n.first:n.end]
	// What is looked for is a little further off than it says, for what coordinates and distances are rounded by.
	slack := 1e-12 * (math.Abs(p[0]) + math.Abs(p[1]) + n.width + n.height + NamedWithinM)
	from := sort.Search(len(segments), func(i int) bool { return p[0]-float64(segments[i].west)-n.width <= NamedWithinM+slack })
	for _, c := range segments[from:] {
		west, south := float64(c.west)-p[0]-slack, float64(c.south)-p[1]-slack
		if west > NamedWithinM {
			break
		}
		dx, dy := max(0, west, -west-n.width-2*slack), max(0, south, -south-n.height-2*slack)
		if dx*dx+dy*dy > min(found.d2, NamedWithinM*NamedWithinM) {
			continue
		}
		for e := s.network.firsts[c.segment]; e < s.network.firsts[c.segment+1]-1; e++ {
			found.try(e)
		}
	}
	return found
}

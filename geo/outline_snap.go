package geo

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// snapper makes one of what is near each other: of all vertices within its reach one point, and an edge that comes as near to a point goes
// through it. What is left are edges between points that are farther from each other, and from edges they are not on.
type snapper struct {
	reach  float64
	side   float64            // of the squares: about half an edge, so that there are few to look in
	points []uint32           // x0, y0, x1, y1 ...
	cells  map[[2]int32]int32 // the last point in each square
	before []int32            // by point: the one before it in the same square, or none
	goOn   func() error
	asked  int
}

const none = -1

func newSnapper(reach float64, goOn func() error) *snapper {
	return &snapper{reach: reach, cells: map[[2]int32]int32{}, goOn: goOn}
}

// ask asks whether to go on.
func (s *snapper) ask() error {
	if s.goOn == nil {
		return nil
	}
	return s.goOn()
}

// askNowAndThen does so where there is much to do, every so many times.
func (s *snapper) askNowAndThen() error {
	if s.asked++; s.asked%4096 != 0 {
		return nil
	}
	return s.ask()
}

// snap gives the rings by points; one that is shorter than the reach has none.
func (s *snapper) snap(coords []uint32, ends []int32) ([][]int32, error) {
	s.side = s.sideFor(coords, ends)
	of := make([]int32, len(coords)/2)
	for v := range of {
		of[v] = s.pointAt(coords[2*v], coords[2*v+1])
		if err := s.askNowAndThen(); err != nil {
			return nil, err
		}
	}
	// Where edges cross there is a point too, so that none cross in the end.
	if err := s.addCrossings(coords, ends); err != nil {
		return nil, err
	}
	rings := make([][]int32, len(ends))
	start := int32(0)
	for r, end := range ends {
		vertices := slices.Compact(slices.Clone(of[start:end]))
		for len(vertices) > 1 && vertices[0] == vertices[len(vertices)-1] {
			vertices = vertices[:len(vertices)-1]
		}
		start = end
		if len(vertices) < 2 {
			continue
		}
		ring := make([]int32, 0, len(vertices))
		for i, from := range vertices {
			to := vertices[(i+1)%len(vertices)]
			ring = append(ring, from)
			first := len(ring)
			ring = s.appendBetween(ring, min(from, to), max(from, to))
			if from > to { // the same points whichever way it goes
				slices.Reverse(ring[first:])
			}
			if err := s.askNowAndThen(); err != nil {
				return nil, err
			}
		}
		rings[r] = ring
	}
	return rings, nil
}

// sideFor is half an edge as it is on average, and no less than the reach.
func (s *snapper) sideFor(coords []uint32, ends []int32) float64 {
	length, start := 0.0, int32(0)
	for _, end := range ends {
		for v := start; v < end-1; v++ {
			length += distance(float64(coords[2*v]), float64(coords[2*v+1]), float64(coords[2*v+2]), float64(coords[2*v+3]))
		}
		start = end
	}
	return max(s.reach, length/float64(len(coords)+1))
}

// addCrossings makes a point where two edges cross.
func (s *snapper) addCrossings(coords []uint32, ends []int32) (err error) {
	n := noder{}
	start := int32(0)
	for r, end := range ends {
		if start == end {
			continue // a ring of nothing
		}
		line := make(orb.LineString, 0, end-start+1)
		for v := range end - start + 1 {
			at := start + v%(end-start)
			line = append(line, orb.Point{float64(coords[2*at]), float64(coords[2*at+1])})
		}
		n.add(r, line)
		start = end
	}
	n.eachPair(func(e, f int) {
		if err != nil {
			return
		}
		err = s.askNowAndThen()
		a, b, c, d := n.vertices[e], n.vertices[e+1], n.vertices[f], n.vertices[f+1]
		if a == c || a == d || b == c || b == d {
			return // most pairs, which have an end in common, or both
		}
		if turn(a, b, c)*turn(a, b, d) < 0 && turn(c, d, a)*turn(c, d, b) < 0 {
			at := crossing(a, b, c, d)
			s.pointAt(uint32(at[0]), uint32(at[1]))
		}
	})
	return err
}

func (s *snapper) cell(x, y float64) [2]int32 {
	return [2]int32{int32(math.Floor(x / s.side)), int32(math.Floor(y / s.side))}
}

// pointAt gives the nearest point within the reach, or a new one.
func (s *snapper) pointAt(x, y uint32) int32 {
	fx, fy := float64(x), float64(y)
	nearest, least := int32(none), s.reach*s.reach
	s.within(s.reach, fx, fy, func(p int32) {
		px, py := s.at(p)
		if d := (px-fx)*(px-fx) + (py-fy)*(py-fy); d < least || d == least && nearest > p {
			nearest, least = p, d
		}
	})
	if nearest == none {
		cell := s.cell(fx, fy)
		nearest = int32(len(s.before))
		s.points = append(s.points, x, y)
		s.before = append(s.before, s.lastIn(cell))
		s.cells[cell] = nearest
	}
	return nearest
}

// within calls each of the points that are no farther than a distance.
func (s *snapper) within(distance, x, y float64, each func(p int32)) {
	low, high := s.cell(x-distance, y-distance), s.cell(x+distance, y+distance)
	for row := low[1]; row <= high[1]; row++ {
		for column := low[0]; column <= high[0]; column++ {
			for p := s.lastIn([2]int32{column, row}); p != none; p = s.before[p] {
				px, py := s.at(p)
				if (px-x)*(px-x)+(py-y)*(py-y) <= distance*distance {
					each(p)
				}
			}
		}
	}
}

func (s *snapper) lastIn(cell [2]int32) int32 {
	if p, there := s.cells[cell]; there {
		return p
	}
	return none
}

// appendBetween appends the points that an edge goes through between its ends. The nearest to it is taken first, and then what is near to the two
// edges that it makes, which are shorter, so that there is an end of it.
func (s *snapper) appendBetween(to []int32, from, until int32) []int32 {
	through := s.nearest(from, until)
	if through == none {
		return to
	}
	for _, half := range [2][2]int32{{from, through}, {through, until}} {
		first := len(to)
		to = s.appendBetween(to, min(half[0], half[1]), max(half[0], half[1]))
		if half[0] > half[1] {
			slices.Reverse(to[first:])
		}
		if half[1] == through {
			to = append(to, through)
		}
	}
	return to
}

// nearest is the point nearest to an edge that is within the reach, and nearer to both ends than these are to each other. A point that stands off
// an end at more than half a right angle is not meant to be on the edge.
func (s *snapper) nearest(from, until int32) int32 {
	ax, ay := s.at(from)
	bx, by := s.at(until)
	dx, dy := bx-ax, by-ay
	length := dx*dx + dy*dy
	found, least := int32(none), s.reach*s.reach
	look := func(cell [2]int32) {
		for p := s.lastIn(cell); p != none; p = s.before[p] {
			if p == from || p == until {
				continue
			}
			x, y := s.at(p)
			x, y = x-ax, y-ay
			near, far := x*x+y*y, (x-dx)*(x-dx)+(y-dy)*(y-dy)
			if near > far {
				near, far = far, near
			}
			t := min(max((x*dx+y*dy)/length, 0), 1)
			d := (x-t*dx)*(x-t*dx) + (y-t*dy)*(y-t*dy)
			if far < length && 2*d < near && (d < least || d == least && found > p) {
				found, least = p, d
			}
		}
	}
	// The squares around the edge, column by column or row by row, whichever are more.
	along, across := 0, 1
	if math.Abs(dy) > math.Abs(dx) {
		along, across = 1, 0
	}
	a, b := [2]float64{ax, ay}, [2]float64{bx, by}
	if a[along] > b[along] {
		a, b = b, a
	}
	slope := (b[across] - a[across]) / (b[along] - a[along])
	for i := math.Floor(a[along]/s.side) - 1; i <= math.Floor(b[along]/s.side)+1; i++ {
		low := a[across] + slope*(min(max(i*s.side, a[along]), b[along])-a[along])
		high := a[across] + slope*(min(max((i+1)*s.side, a[along]), b[along])-a[along])
		if low > high {
			low, high = high, low
		}
		for j := math.Floor(low/s.side) - 1; j <= math.Floor(high/s.side)+1; j++ {
			var cell [2]int32
			cell[along], cell[across] = int32(i), int32(j)
			look(cell)
		}
	}
	return found
}

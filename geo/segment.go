package geo

import (
	"math"
	"math/big"

	"github.com/paulmach/orb"
)

// Side is the side of a line on which a point lies, looking along the line as it was digitised.
type Side int8

const (
	SideOn    Side = iota // on the line, within a centimetre: address files are rounded to that
	SideLeft              // left of the line
	SideRight             // right of the line
)

// String is "on", "left" or "right".
func (s Side) String() string {
	switch s {
	case SideLeft:
		return "left"
	case SideRight:
		return "right"
	}
	return "on"
}

// opposite is the other side; a point on the line stays on it.
func (s Side) opposite() Side {
	switch s {
	case SideLeft:
		return SideRight
	case SideRight:
		return SideLeft
	}
	return SideOn
}

// onLineM is the distance in metres up to which a point counts as on a line.
const onLineM = 0.01

// coordinateLimit bounds what counts as a coordinate. No map system in metres or degrees comes near it,
// and products of two such numbers stay finite.
const coordinateLimit = 1e12

// Location is where a point lies beside a line.
type Location struct {
	AlongM float64 // from the start of the line to its point nearest to the point, in metres: 0 to the length of the line
	OffM   float64 // from the point to the line, in metres; +Inf where there is no line or no point
	Side   Side
	AtEnd  bool // the nearest point is an end of an open line, so that Side says little
}

// LineLength is the planar length of a line, in the units of its coordinates.
func LineLength(line orb.LineString) float64 {
	length := 0.0
	for i := 1; i < len(line); i++ {
		length += edgeLength(line[i-1], line[i])
	}
	return length
}

// Locate finds the point of a line (in metres) nearest to p and says where p lies beside the line. Of several
// nearest points it takes the first along the line. For an empty line, or a point or line with coordinates that are
// not numbers or beyond 1e12, OffM is +Inf.
func Locate(line orb.LineString, p orb.Point) Location {
	if !pointIsUsable(p) || !lineIsUsable(line) {
		return Location{OffM: math.Inf(1)}
	}
	edge, t, d2 := nearestEdge(line, p)
	return locationAt(line, edge, t, d2, p)
}

// nearestEdge is the index of the first edge (from vertex i to i+1) nearest to p, the part of that edge at which the
// nearest point lies (0 to 1), and the squared distance. A line of one vertex has the edge 0, of no length.
func nearestEdge(line orb.LineString, p orb.Point) (edge int, t, d2 float64) {
	if len(line) == 1 {
		_, d2 = nearestOnEdge(line[0], line[0], p)
		return 0, 0, d2
	}
	d2 = math.Inf(1)
	for i := 1; i < len(line); i++ {
		if ti, di := nearestOnEdge(line[i-1], line[i], p); di < d2 {
			edge, t, d2 = i-1, ti, di
		}
	}
	return edge, t, d2
}

// nearestOnEdge is the part of the edge a to b (0 to 1) at which its point nearest to p lies, and the squared distance.
// At 1 the distance is measured to b itself, so that two edges that share a vertex agree on it to the last bit.
func nearestOnEdge(a, b, p orb.Point) (t, d2 float64) {
	dx, dy := b[0]-a[0], b[1]-a[1]
	px, py := p[0]-a[0], p[1]-a[1]
	dot := float64(px*dx) + float64(py*dy)
	if dot > 0 {
		length2 := float64(dx*dx) + float64(dy*dy)
		if dot >= length2 {
			t, px, py = 1, p[0]-b[0], p[1]-b[1]
		} else {
			t = dot / length2
			px, py = px-float64(t*dx), py-float64(t*dy)
		}
	}
	return t, float64(px*px) + float64(py*py)
}

// locationAt describes p beside the line, given the nearest edge, the part t of it and the squared distance.
func locationAt(line orb.LineString, edge int, t, d2 float64, p orb.Point) Location {
	at := Location{AlongM: LineLength(line[:edge+1]), OffM: math.Sqrt(d2)}
	last := len(line) - 1
	if last == 0 {
		at.AtEnd = true
		return at
	}
	at.AlongM += t * edgeLength(line[edge], line[edge+1])
	closed := last > 2 && line[0] == line[last]
	at.AtEnd = !closed && (edge == 0 && t == 0 || edge == last-1 && t == 1)
	if at.OffM <= onLineM {
		return at
	}
	at.Side = sideOf(turn(line[edge], line[edge+1], p))
	if t != 0 && t != 1 || at.AtEnd {
		return at
	}
	// The nearest point is a corner. A point nearest to a corner lies in the wedge outside the bend, whatever
	// the signs against the two edges say where the bend is sharp.
	corner := edge
	if t == 1 {
		corner = (edge + 1) % last
	}
	if bend := turn(line[(corner+last-1)%last], line[corner], line[corner+1]); bend != 0 {
		at.Side = sideOf(-bend)
	}
	return at
}

func sideOf(turn int) Side {
	switch {
	case turn > 0:
		return SideLeft
	case turn < 0:
		return SideRight
	}
	return SideOn
}

func edgeLength(a, b orb.Point) float64 { return math.Hypot(b[0]-a[0], b[1]-a[1]) }

func pointIsUsable(p orb.Point) bool {
	return math.Abs(p[0]) <= coordinateLimit && math.Abs(p[1]) <= coordinateLimit // false for NaN too
}

// lineIsUsable says that a line has a vertex and all its vertices are numbers within the limit.
func lineIsUsable(line orb.LineString) bool {
	for _, p := range line {
		if !pointIsUsable(p) {
			return false
		}
	}
	return len(line) > 0
}

// turn is +1 where c lies left of the directed line from a to b, -1 where it lies right, and 0 where the three are in
// line. The answer is exact: the plain determinant decides where its rounding error cannot change the sign (the bound
// is ccwerrboundA of Shewchuk, "Adaptive precision floating-point arithmetic and fast robust geometric predicates",
// 1997), else whole-number arithmetic. Coordinates have to be finite.
func turn(a, b, c orb.Point) int {
	left := float64((a[0] - c[0]) * (b[1] - c[1]))
	right := float64((a[1] - c[1]) * (b[0] - c[0]))
	det, bound := left-right, 3.3306690738754716e-16*(math.Abs(left)+math.Abs(right))
	switch {
	case det > bound && bound > 0:
		return 1
	case -det > bound && bound > 0:
		return -1
	case a == b || a == c || b == c:
		return 0
	}
	return exactTurn(a, b, c)
}

func exactTurn(a, b, c orb.Point) int {
	minus := func(u, v float64) *big.Rat {
		return new(big.Rat).Sub(new(big.Rat).SetFloat64(u), new(big.Rat).SetFloat64(v))
	}
	left := new(big.Rat).Mul(minus(a[0], c[0]), minus(b[1], c[1]))
	right := new(big.Rat).Mul(minus(a[1], c[1]), minus(b[0], c[0]))
	return left.Cmp(right)
}

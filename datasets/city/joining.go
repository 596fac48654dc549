package city

import (
	"math"
	"slices"
)

// meetOthers leads the open ends of streets on to the next street, where one is near and not too aslant.
func (tr *tracer) meetOthers() {
	edges := newEdgeIndex(tr.terrain.centre, 1.4*tr.terrain.radius)
	for i := range tr.lines {
		tr.lines[i].points = simplify(tr.lines[i].points, 0.7)
		edges.add(i, tr.lines[i].points)
	}
	for i := range tr.lines {
		l := &tr.lines[i]
		switch l.rank {
		case rankStreet, rankAvenue, rankBoulevard, rankQuay:
		default:
			continue
		}
		if l.isClosed() {
			continue
		}
		for range 2 {
			n := len(l.points)
			end := l.points[n-1]
			direction := end.minus(l.points[n-2]).unit()
			reach := 1.15 * blockRatio * tr.terrain.spacing(end)
			if hit, ok := edges.firstHit(i, end, direction, reach); ok && tr.dryBetween(end, hit) {
				l.points = append(l.points, hit.plus(direction.times(1.0)))
				edges.add(i, l.points[n-1:])
			}
			slices.Reverse(l.points)
		}
	}
}

// dryBetween tells whether no river lies between two points.
func (tr *tracer) dryBetween(a, b point) bool {
	for _, s := range resample([]point{a, b}, strideM) {
		if d, _ := tr.terrain.riverDistance(s.at); d < 2 {
			return false
		}
	}
	return true
}

// blindAlleys adds short dead ends into the larger blocks.
func (tr *tracer) blindAlleys() {
	t := tr.terrain
	for i, n := 0, len(tr.lines); i < n; i++ {
		l := &tr.lines[i]
		if l.rank != rankStreet && l.rank != rankRoad && l.rank != rankBoulevard {
			continue
		}
		samples := resample(l.points, strideM)
		for k := 4; k < len(samples)-4; k++ {
			if tr.random.Float64() > 0.022 {
				continue
			}
			s := samples[k]
			side := s.along.left()
			if tr.random.IntN(2) == 0 {
				side = side.times(-1)
			}
			side = turned(side, uniform(tr.random, -0.2, 0.2))
			alley := []point{s.at.minus(side), s.at.plus(side.times(uniform(tr.random, 34, 0.75*t.spacing(s.at))))}
			if alley[0].distance(alley[1]) < 32 || !tr.hasRoom(alley, side) {
				continue
			}
			tr.near.add(resample(alley, strideM))
			tr.lines = append(tr.lines, line{points: alley, rank: rankImpasse})
			k += 10
		}
	}
}

// hasRoom tells whether a blind alley keeps away from every street but the one it leaves.
func (tr *tracer) hasRoom(alley []point, direction point) bool {
	const room = 21
	for _, s := range resample(alley, strideM/2) {
		far := s.at.distance(alley[0])
		if !tr.terrain.buildable(s.at) {
			return false
		}
		if tr.near.any(s.at, room, func(other sample) bool {
			ahead := other.at.minus(alley[0]).dot(direction)
			return far > room+4 || ahead > 12 // beside the start only the street itself is near
		}) {
			return false
		}
	}
	return true
}

// edgeIndex finds which edges of lines a segment crosses.
type edgeIndex struct {
	corner point
	n      int
	cells  [][]edge
}

type edge struct {
	line int
	a, b point
}

const edgeCellM = 60

func newEdgeIndex(centre point, half float64) *edgeIndex {
	n := int(2*half/edgeCellM) + 1
	return &edgeIndex{corner: centre.minus(point{half, half}), n: n, cells: make([][]edge, n*n)}
}

func (x *edgeIndex) column(v float64) int { return min(x.n-1, max(0, int(math.Floor(v/edgeCellM)))) }

func (x *edgeIndex) cellOf(p point) int {
	return x.column(p.y-x.corner.y)*x.n + x.column(p.x-x.corner.x)
}

// cellsOf lists the cells of the box around a segment.
func (x *edgeIndex) cellsOf(a, b point) []int {
	low, high := x.cellOf(point{min(a.x, b.x), min(a.y, b.y)}), x.cellOf(point{max(a.x, b.x), max(a.y, b.y)})
	var cells []int
	for row := low / x.n; row <= high/x.n; row++ {
		for column := low % x.n; column <= high%x.n; column++ {
			cells = append(cells, row*x.n+column)
		}
	}
	return cells
}

func (x *edgeIndex) add(line int, points []point) {
	for i := 1; i < len(points); i++ {
		e := edge{line, points[i-1], points[i]}
		for _, c := range x.cellsOf(e.a, e.b) {
			x.cells[c] = append(x.cells[c], e)
		}
	}
}

// firstHit is the first crossing of a ray with another line; none if that line is met at less than 30 degrees.
func (x *edgeIndex) firstHit(line int, from, direction point, reach float64) (point, bool) {
	to := from.plus(direction.times(reach))
	nearest, sine := math.Inf(1), 0.0
	for _, c := range x.cellsOf(from, to) {
		for _, e := range x.cells[c] {
			if e.line == line {
				continue
			}
			if t, _, ok := crossing(from, to, e.a, e.b); ok && t < nearest {
				nearest, sine = t, math.Abs(direction.cross(e.b.minus(e.a).unit()))
			}
		}
	}
	return between(from, to, min(nearest, 1)), nearest <= 1 && sine > 0.5
}

// crossing gives where two segments cross, as the parts of each; an end counts on the first segment's start and the second's
// start only, so that a line through a vertex is met once.
func crossing(a, b, c, d point) (t, u float64, ok bool) {
	e, f := b.minus(a), d.minus(c)
	det := e.cross(f)
	if det == 0 {
		return 0, 0, false
	}
	w := c.minus(a)
	t, u = w.cross(f)/det, w.cross(e)/det
	return t, u, t >= 0 && t < 1 && u >= 0 && u < 1
}

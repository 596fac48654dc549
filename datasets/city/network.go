package city

import (
	"cmp"
	"math"
	"slices"
)

// junction is where two lines cross.
type junction struct {
	at    point
	lines [2]int
	where [2]float64 // metres along each line
	live  bool       // neither line ends before it
	node  bool       // both lines get a vertex there; otherwise they just cross, as in much published data
}

// network is the lines of a commune with their junctions, trimmed to what hangs together.
type network struct {
	lines     []line
	junctions []junction
	on        [][]int      // by line: its live junctions, in order along it
	reach     [][2]float64 // by line: what is kept of it, in metres along; empty where from >= to
	length    []float64
}

// join finds where the lines cross, takes off ends that hang over, and drops what is not connected.
func join(t *terrain, lines []line) *network {
	n := &network{lines: lines, length: make([]float64, len(lines)), reach: make([][2]float64, len(lines))}
	for i := range lines {
		n.length[i] = lineLength(lines[i].points)
		n.reach[i] = [2]float64{0, n.length[i]}
	}
	n.findJunctions(t)
	n.trim(t)
	n.keepConnected()
	n.trim(t)
	for j := range n.junctions {
		jn := &n.junctions[j]
		for side, l := range jn.lines {
			if jn.where[side] == n.reach[l][0] || jn.where[side] == n.reach[l][1] {
				jn.node = true // a line ends there
			}
		}
		// Of the plain crossings three in four get a vertex, chosen by place.
		jn.node = jn.node || int(math.Abs(jn.at.x*7)+math.Abs(jn.at.y*13))%4 != 0
	}
	return n
}

func (n *network) findJunctions(t *terrain) {
	cell := 1.02 * t.cell.reach(t.centre)
	index := newEdgeIndex(t.centre, min(cell, 2.2*t.radius))
	type placed struct {
		edge
		start float64 // metres along the line
	}
	edges := make([][]placed, len(index.cells))
	for i := range n.lines {
		points, along := n.lines[i].points, 0.0
		for k := 1; k < len(points); k++ {
			e := placed{edge{i, points[k-1], points[k]}, along}
			along += e.a.distance(e.b)
			for _, c := range index.cellsOf(e.a, e.b) {
				edges[c] = append(edges[c], e)
			}
		}
	}
	for c, list := range edges {
		for i, e := range list {
			for _, f := range list[:i] {
				if e.line == f.line {
					continue
				}
				t, u, ok := crossing(e.a, e.b, f.a, f.b)
				if !ok {
					continue
				}
				at := between(e.a, e.b, t)
				if index.cellOf(at) != c {
					continue // found in the cell it lies in
				}
				n.junctions = append(n.junctions, junction{at: at, lines: [2]int{e.line, f.line}, live: true,
					where: [2]float64{e.start + t*e.a.distance(e.b), f.start + u*f.a.distance(f.b)}})
			}
		}
	}
	slices.SortFunc(n.junctions, func(a, b junction) int {
		return cmp.Or(cmp.Compare(a.lines[0], b.lines[0]), cmp.Compare(a.where[0], b.where[0]), cmp.Compare(a.lines[1], b.lines[1]))
	})
}

// trim takes off the ends of lines beyond their last junction where they are short, until nothing changes.
func (n *network) trim(t *terrain) {
	n.sortAlong()
	for changed := true; changed; {
		changed = false
		for i := range n.lines {
			l, reach := &n.lines[i], &n.reach[i]
			if l.isClosed() || reach[0] >= reach[1] {
				continue
			}
			met := n.met(i)
			before := *reach
			if len(met) == 0 {
				*reach = [2]float64{}
			} else {
				if first := met[0]; first-reach[0] < n.loose(t, l, reach[0]) {
					reach[0] = withoutStub(met[0], met[1:], 1)
				}
				slices.Reverse(met)
				if last := met[0]; !l.fixedEnd && reach[1]-last < n.loose(t, l, reach[1]) {
					reach[1] = withoutStub(last, met[1:], -1)
				}
			}
			changed = changed || *reach != before
		}
	}
	for j := range n.junctions {
		n.junctions[j].live = n.isLive(j)
	}
	n.sortAlong()
}

// met lists where a line meets others, in metres along it.
func (n *network) met(line int) []float64 {
	var met []float64
	for _, j := range n.on[line] {
		if n.isLive(j) {
			met = append(met, n.whereOn(j, line))
		}
	}
	return met
}

// withoutStub is the last of the junctions that follow the end of a line within a few metres: a line that ends where two
// others meet ends at one of them.
func withoutStub(end float64, following []float64, sense float64) float64 {
	for _, w := range following {
		if (w-end)*sense > 4 {
			break
		}
		end = w
	}
	return end
}

// loose is how long an end may hang over before it counts as a dead end.
func (n *network) loose(t *terrain, l *line, where float64) float64 {
	switch l.rank {
	case rankImpasse:
		return 25
	case rankRoad, rankParkPath, rankBridge:
		return t.squareRadius() + 20
	case rankStreet:
		return 0.62 * t.spacing(pointAlong(l.points, where))
	}
	return 200
}

func (n *network) isLive(j int) bool {
	jn := &n.junctions[j]
	for side, l := range jn.lines {
		if w := jn.where[side]; n.reach[l][0] >= n.reach[l][1] || w < n.reach[l][0] || w > n.reach[l][1] {
			return false
		}
	}
	return jn.live
}

func (n *network) whereOn(j, line int) float64 {
	if n.junctions[j].lines[0] == line {
		return n.junctions[j].where[0]
	}
	return n.junctions[j].where[1]
}

func (n *network) sortAlong() {
	n.on = make([][]int, len(n.lines))
	for j := range n.junctions {
		if n.junctions[j].live {
			for _, l := range n.junctions[j].lines {
				n.on[l] = append(n.on[l], j)
			}
		}
	}
	for i := range n.on {
		slices.SortFunc(n.on[i], func(a, b int) int {
			return cmp.Or(cmp.Compare(n.whereOn(a, i), n.whereOn(b, i)), cmp.Compare(a, b))
		})
	}
}

// keepConnected drops the lines that the longest connected part does not reach.
func (n *network) keepConnected() {
	parent := make([]int, len(n.lines))
	for i := range parent {
		parent[i] = i
	}
	root := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	for j := range n.junctions {
		if jn := &n.junctions[j]; jn.live {
			parent[root(jn.lines[0])] = root(jn.lines[1])
		}
	}
	total := make([]float64, len(n.lines))
	best := 0
	for i := range n.lines {
		total[root(i)] += n.reach[i][1] - n.reach[i][0]
		if total[root(i)] > total[best] {
			best = root(i)
		}
	}
	for i := range n.lines {
		if root(i) != root(best) {
			n.reach[i] = [2]float64{}
		}
	}
}

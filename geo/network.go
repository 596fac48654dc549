package geo

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// Network finds the segment nearest to a point. Segments are known by their index in the list given to NewNetwork. A
// network does not change once built, and is safe for use from several goroutines.
//
// The edges of all segments stand in a uniform grid, each in every cell it runs through, cell by cell in one array.
// Only cells with an edge are kept: in a hash table for the neighbourhood of a point, in a tree for what is further off.
type Network struct {
	lines    []orb.LineString
	bounds   []orb.Bound // of the lines; a line that is left out has none, so that nothing is near it
	origin   orb.Point   // lower left corner of cell 0, 0
	cellSize float64
	edges    []gridEdge
	starts   []int32     // by cell: its first edge; one more at the end
	tree     [][]gridBox // tree[0] is the cells, in Morton order; above them boxes round treeFanout each
	slots    []int32     // hash table: index of a cell + 1, or 0
}

// gridEdge holds the ends of an edge beside its names, so that a search reads one array only.
type gridEdge struct {
	a, b          orb.Point
	segment, edge int32
}

// gridBox is a rectangle of cells, the last ones included.
type gridBox struct{ minX, minY, maxX, maxY int32 }

const (
	nearRings  = 3  // rings of cells round a point that are searched before the tree is
	treeFanout = 16 // boxes under one box
	// Cells take in what runs by at this part of their size, which is far more than coordinates are rounded by.
	cellSlack = 1.0 / 64
)

// NewNetwork indexes segments in planar metres. It keeps the lines, which must not be changed afterwards. Lines that
// are empty, or hold a coordinate that is not a number or beyond 1e12, keep their index and are never found.
func NewNetwork(lines []orb.LineString) *Network {
	n := &Network{lines: lines, bounds: make([]orb.Bound, len(lines))}
	edges, length, all := 0, 0.0, emptyBound
	for i, line := range lines {
		n.bounds[i] = emptyBound
		if lineIsUsable(line) {
			n.bounds[i] = line.Bound()
			all = all.Union(n.bounds[i])
			edges += max(1, len(line)-1)
			length += LineLength(line)
		}
	}
	if edges == 0 {
		return n
	}
	// A cell as wide as an edge is long on average bounds the entries by a few per edge, whatever the input. The second
	// term keeps cell numbers to 20 bits, and the slack of a cell above the rounding of coordinates.
	reach := max(-all.Min[0], -all.Min[1], all.Max[0], all.Max[1], all.Max[0]-all.Min[0], all.Max[1]-all.Min[1], 1)
	n.origin = all.Min
	n.cellSize = max(length/float64(edges), reach/(1<<20))
	n.fillCells()
	n.growTree()
	n.hashCells()
	return n
}

var emptyBound = orb.Bound{Min: orb.Point{math.Inf(1), math.Inf(1)}, Max: orb.Point{math.Inf(-1), math.Inf(-1)}}

// fillCells writes edges, starts and tree[0].
func (n *Network) fillCells() {
	type entry struct {
		cell          uint64 // Morton number
		segment, edge int32
	}
	var entries []entry
	for i, line := range n.lines {
		if n.bounds[i].IsEmpty() {
			continue
		}
		for e := range max(1, len(line)-1) {
			n.eachCell(line[e], line[min(e+1, len(line)-1)], func(x, y int32) {
				entries = append(entries, entry{spreadBits(x) | spreadBits(y)<<1, int32(i), int32(e)})
			})
		}
	}
	slices.SortStableFunc(entries, func(a, b entry) int {
		if a.cell < b.cell {
			return -1
		} else if a.cell > b.cell {
			return 1
		}
		return 0
	})
	var cells []gridBox
	n.edges = make([]gridEdge, len(entries))
	for i, e := range entries {
		if i == 0 || e.cell != entries[i-1].cell {
			x, y := gatherBits(e.cell), gatherBits(e.cell>>1)
			cells = append(cells, gridBox{x, y, x, y})
			n.starts = append(n.starts, int32(i))
		}
		line := n.lines[e.segment]
		n.edges[i] = gridEdge{line[e.edge], line[min(int(e.edge)+1, len(line)-1)], e.segment, e.edge}
	}
	n.starts = append(n.starts, int32(len(entries)))
	n.tree = [][]gridBox{cells}
}

// eachCell visits the cells that an edge runs through, or comes as near to as the slack: row by row, from where the
// edge enters the row to where it leaves it.
func (n *Network) eachCell(a, b orb.Point, visit func(x, y int32)) {
	slack := n.cellSize * cellSlack
	ax, ay, dx, dy := a[0]-n.origin[0], a[1]-n.origin[1], b[0]-a[0], b[1]-a[1]
	cell := func(v float64) int32 { return int32(max(0, math.Floor(v/n.cellSize))) }
	for y := cell(min(ay, ay+dy) - slack); y <= cell(max(ay, ay+dy)+slack); y++ {
		from, to := 0.0, 1.0
		if dy != 0 {
			enter := (float64(y)*n.cellSize - slack - ay) / dy
			leave := (float64(y+1)*n.cellSize + slack - ay) / dy
			from, to = max(0, min(enter, leave)), min(1, max(enter, leave))
		}
		left, right := ax+from*dx, ax+to*dx
		for x := cell(min(left, right) - slack); x <= cell(max(left, right)+slack); x++ {
			visit(x, y)
		}
	}
}

// growTree puts boxes round the cells, and boxes round those, until one box is left.
func (n *Network) growTree() {
	for len(n.tree[len(n.tree)-1]) > 1 {
		var boxes []gridBox
		for below := range slices.Chunk(n.tree[len(n.tree)-1], treeFanout) {
			box := below[0]
			for _, b := range below[1:] {
				box = gridBox{min(box.minX, b.minX), min(box.minY, b.minY), max(box.maxX, b.maxX), max(box.maxY, b.maxY)}
			}
			boxes = append(boxes, box)
		}
		n.tree = append(n.tree, boxes)
	}
}

// hashCells fills the hash table, at most half full.
func (n *Network) hashCells() {
	size := 1
	for size < 2*len(n.tree[0]) {
		size *= 2
	}
	n.slots = make([]int32, size)
	for i, cell := range n.tree[0] {
		slot := n.slotOf(cell.minX, cell.minY)
		for n.slots[slot] != 0 {
			slot = (slot + 1) & (size - 1)
		}
		n.slots[slot] = int32(i) + 1
	}
}

// slotOf is where the search for a cell in the hash table begins (Fibonacci hashing).
func (n *Network) slotOf(x, y int32) int {
	return int((uint64(x)<<32|uint64(y))*0x9E3779B97F4A7C15>>32) & (len(n.slots) - 1)
}

// spreadBits puts a zero before every bit of a number of 21 bits; gatherBits takes them out again. Two numbers spread
// and interleaved are a Morton number: cells in its order lie near one another.
func spreadBits(v int32) uint64 {
	x := uint64(v)
	x = (x | x<<16) & 0x0000FFFF0000FFFF
	x = (x | x<<8) & 0x00FF00FF00FF00FF
	x = (x | x<<4) & 0x0F0F0F0F0F0F0F0F
	x = (x | x<<2) & 0x3333333333333333
	return (x | x<<1) & 0x5555555555555555
}

func gatherBits(x uint64) int32 {
	x &= 0x5555555555555555
	x = (x | x>>1) & 0x3333333333333333
	x = (x | x>>2) & 0x0F0F0F0F0F0F0F0F
	x = (x | x>>4) & 0x00FF00FF00FF00FF
	x = (x | x>>8) & 0x0000FFFF0000FFFF
	return int32((x | x>>16) & 0xFFFFFFFF)
}

// Nearest is the segment nearest to p and where p lies beside it; of several as near, the one of the lowest index. The
// answer is that of trying every segment. The segment is -1 if there is none, or if p is not a usable point.
func (n *Network) Nearest(p orb.Point) (segment int, at Location) {
	s := nearestSearch{network: n, p: p, x: p[0] - n.origin[0], y: p[1] - n.origin[1], segment: -1, d2: math.Inf(1)}
	if len(n.edges) > 0 && pointIsUsable(p) && !s.near() {
		top := len(n.tree) - 1
		s.descend(top, 0, len(n.tree[top]))
	}
	return s.found()
}

// NearestOf is Nearest among some segments only, given by index in ascending order.
func (n *Network) NearestOf(p orb.Point, segments []int32) (segment int, at Location) {
	s := nearestSearch{network: n, p: p, segment: -1, d2: math.Inf(1)}
	if !pointIsUsable(p) {
		return s.found()
	}
	for _, i := range segments {
		b := n.bounds[i]
		dx, dy := max(0, b.Min[0]-p[0], p[0]-b.Max[0]), max(0, b.Min[1]-p[1], p[1]-b.Max[1])
		if (dx*dx+dy*dy)*(1-1e-9) > s.d2 || b.IsEmpty() { // a little less, for the rounding of the distance to an edge
			continue
		}
		if edge, t, d2 := nearestEdge(n.lines[i], p); d2 < s.d2 {
			s.segment, s.edge, s.t, s.d2 = i, int32(edge), t, d2
		}
	}
	return s.found()
}

// nearestSearch is the search for the edge nearest to a point, with the best so far.
type nearestSearch struct {
	network       *Network
	p             orb.Point
	x, y          float64 // of p, from the origin of the grid
	segment, edge int32
	t, d2         float64
}

func (s *nearestSearch) found() (int, Location) {
	if s.segment < 0 {
		return -1, Location{OffM: math.Inf(1)}
	}
	return int(s.segment), locationAt(s.network.lines[s.segment], int(s.edge), s.t, s.d2, s.p)
}

// near searches the cells round the point, ring by ring, and reports whether nothing further off can be nearer.
func (s *nearestSearch) near() bool {
	n := s.network
	all := n.tree[len(n.tree)-1][0]
	cx, cy := math.Floor(s.x/n.cellSize), math.Floor(s.y/n.cellSize)
	if cx < float64(all.minX)-nearRings || cx > float64(all.maxX)+nearRings ||
		cy < float64(all.minY)-nearRings || cy > float64(all.maxY)+nearRings {
		return false
	}
	x, y := int32(cx), int32(cy)
	// How far the point is from the nearest side of its own cell: a ring of cells round it adds a cell.
	toSide := min(s.x-cx*n.cellSize, (cx+1)*n.cellSize-s.x, s.y-cy*n.cellSize, (cy+1)*n.cellSize-s.y)
	for ring := int32(0); ring <= nearRings; ring++ {
		for dy := -ring; dy <= ring; dy++ {
			step := max(1, 2*ring) // inside rows have the first and the last cell only
			if dy == -ring || dy == ring {
				step = 1
			}
			for dx := -ring; dx <= ring; dx += step {
				s.lookUp(x+dx, y+dy)
			}
		}
		if searched := toSide + (float64(ring)-cellSlack)*n.cellSize; searched > 0 && s.d2 < searched*searched {
			return true
		}
	}
	return false
}

// lookUp searches the cell at x, y if there is one and it is near enough.
func (s *nearestSearch) lookUp(x, y int32) {
	n := s.network
	if s.distance2(gridBox{x, y, x, y}) > s.d2 {
		return
	}
	for slot := n.slotOf(x, y); n.slots[slot] != 0; slot = (slot + 1) & (len(n.slots) - 1) {
		cell := n.slots[slot] - 1
		if box := &n.tree[0][cell]; box.minX == x && box.minY == y {
			s.searchCell(int(cell))
			return
		}
	}
}

func (s *nearestSearch) searchCell(cell int) {
	n := s.network
	edges := n.edges[n.starts[cell]:n.starts[cell+1]]
	for i := range edges {
		e := &edges[i]
		t, d2 := nearestOnEdge(e.a, e.b, s.p)
		if d2 < s.d2 || d2 == s.d2 && (e.segment < s.segment || e.segment == s.segment && e.edge < s.edge) {
			s.segment, s.edge, s.t, s.d2 = e.segment, e.edge, t, d2
		}
	}
}

// distance2 is the squared distance of the point from a box, less the slack: no edge entered in the box is nearer.
func (s *nearestSearch) distance2(b gridBox) float64 {
	size := s.network.cellSize
	dx := max(0, (float64(b.minX)-cellSlack)*size-s.x, s.x-(float64(b.maxX)+1+cellSlack)*size)
	dy := max(0, (float64(b.minY)-cellSlack)*size-s.y, s.y-(float64(b.maxY)+1+cellSlack)*size)
	return dx*dx + dy*dy
}

// descend searches boxes of one level of the tree, the nearest first, and leaves out what cannot be nearer.
func (s *nearestSearch) descend(level, from, to int) {
	boxes := s.network.tree[level]
	var distances [treeFanout]float64
	for i := from; i < to; i++ {
		distances[i-from] = s.distance2(boxes[i])
	}
	for range to - from {
		next := 0
		for i := range to - from {
			if distances[i] < distances[next] {
				next = i
			}
		}
		if distances[next] > s.d2 {
			return
		}
		distances[next] = math.Inf(1)
		if level == 0 {
			s.searchCell(from + next)
			continue
		}
		below := (from + next) * treeFanout
		s.descend(level-1, below, min(below+treeFanout, len(s.network.tree[level-1])))
	}
}

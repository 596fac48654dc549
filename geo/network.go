package geo

import (
	"math"
	"math/bits"
	"slices"

	"github.com/paulmach/orb"
)

// Network finds the segment nearest to a point. Segments are known by their index in the list given to NewNetwork. A
// network does not change once built, and is safe for use from several goroutines.
//
// The vertices of all segments stand in one array. An edge is known by the number of its first vertex, so that of two
// edges the lower number is that of the lower segment, and within one of the edge that comes first. Edges are entered in
// a uniform grid, in every cell they run through, cell by cell in one array. Only cells with an edge are kept, in blocks
// of 8 by 8: a block is found in a hash table, its cells by their bit, and what is further off in a tree over the blocks.
// With segments as streets have them this takes about 95 bytes a segment, its vertices included.
type Network struct {
	vertices orb.LineString
	firsts   []int32   // by segment: its first vertex; one more at the end. A segment that is left out has none
	samples  []int32   // the segment of every sampledEvery-th vertex
	origin   orb.Point // lower left corner of cell 0, 0
	cellSize float64
	blocks   []gridBlock // in Morton order
	slots    []int32     // hash table: index of a block + 1, or 0
	starts   []int32     // by cell that is kept: its first entry; one more at the end
	entries  []int32     // edges
	tree     [][]gridBox // boxes round treeFanout blocks each, boxes round those, and so on to a single one
}

// gridBlock is a square of blockSide by blockSide cells.
type gridBlock struct {
	x, y  int32  // in blocks
	first int32  // of its cells in Network.starts
	kept  uint64 // a bit for each cell in Morton order, set where it has an edge
}

// gridBox is a rectangle of cells, the last ones included.
type gridBox struct{ minX, minY, maxX, maxY int32 }

const (
	blockBits    = 3 // of the column and row of a cell in its block
	blockSide    = 1 << blockBits
	sampledEvery = 16
	nearRings    = 3  // rings of cells round a point that are searched before the tree is
	treeFanout   = 16 // boxes under one box
	// Cells are so many times as wide as an edge is long on average: wider ones have more edges to try, narrower ones are
	// more to look up.
	cellEdges = 2
	// Cells take in what runs by at this part of their size, which is far more than coordinates are rounded by.
	cellSlack = 1.0 / 64
)

// NewNetwork indexes segments in planar metres. It keeps nothing of the list. Lines that are empty, or hold a coordinate
// that is not a number or beyond 1e12, keep their index and are never found.
func NewNetwork(lines []orb.LineString) *Network {
	n := &Network{}
	n.takeVertices(lines)
	if len(n.vertices) == 0 {
		return n
	}
	edges, length := 0, 0.0
	for i := range lines {
		if line := n.line(i); len(line) > 0 {
			edges += len(line) - 1
			length += LineLength(line)
		}
	}
	// A cell as wide as an edge is long on average bounds the entries by a few per edge, whatever the input. The second
	// term keeps cell numbers to 20 bits, and the slack of a cell above the rounding of coordinates.
	all := n.vertices.Bound()
	reach := max(-all.Min[0], -all.Min[1], all.Max[0], all.Max[1], all.Max[0]-all.Min[0], all.Max[1]-all.Min[1], 1)
	n.origin = all.Min
	n.cellSize = max(cellEdges*length/float64(edges), reach/(1<<20))
	n.makeCells()
	n.hashBlocks()
	n.growTree()
	n.fillCells()
	return n
}

// takeVertices writes vertices and firsts. A line of one vertex gets it twice: an edge of no length.
func (n *Network) takeVertices(lines []orb.LineString) {
	n.firsts = make([]int32, len(lines)+1)
	for i, line := range lines {
		n.firsts[i+1] = n.firsts[i]
		if lineIsUsable(line) {
			n.firsts[i+1] += int32(max(2, len(line)))
		}
	}
	n.vertices = make(orb.LineString, 0, n.firsts[len(lines)])
	for i, line := range lines {
		if n.firsts[i] == n.firsts[i+1] {
			continue
		}
		n.vertices = append(n.vertices, line...)
		if len(line) == 1 {
			n.vertices = append(n.vertices, line[0])
		}
		for len(n.samples)*sampledEvery < len(n.vertices) {
			n.samples = append(n.samples, int32(i))
		}
	}
}

// line is the segment of an index; empty where it is left out.
func (n *Network) line(segment int) orb.LineString {
	return n.vertices[n.firsts[segment]:n.firsts[segment+1]]
}

// segmentOf is the segment of an edge.
func (n *Network) segmentOf(edge int32) int {
	segment := n.samples[edge/sampledEvery]
	for n.firsts[segment+1] <= edge {
		segment++
	}
	return int(segment)
}

// eachEntry visits every edge in every cell that it is entered in, edges ascending; cell is a Morton number.
func (n *Network) eachEntry(visit func(cell uint64, edge int32)) {
	for i := range len(n.firsts) - 1 {
		for e := n.firsts[i]; e < n.firsts[i+1]-1; e++ {
			n.eachCell(n.vertices[e], n.vertices[e+1], func(x, y int32) {
				visit(spreadBits(x)|spreadBits(y)<<1, e)
			})
		}
	}
}

// makeCells writes blocks, and makes room in starts.
func (n *Network) makeCells() {
	var cells []uint64
	n.eachEntry(func(cell uint64, _ int32) {
		if len(cells) == 0 || cells[len(cells)-1] != cell { // as often for the next edge of a line
			cells = append(cells, cell)
		}
	})
	slices.Sort(cells)
	cells = slices.Compact(cells)
	n.starts = make([]int32, len(cells)+1)
	for i, cell := range cells {
		if i == 0 || cell>>(2*blockBits) != cells[i-1]>>(2*blockBits) {
			n.blocks = append(n.blocks, gridBlock{x: gatherBits(cell) >> blockBits, y: gatherBits(cell>>1) >> blockBits, first: int32(i)})
		}
		n.blocks[len(n.blocks)-1].kept |= 1 << (cell & (blockSide*blockSide - 1))
	}
	n.blocks = slices.Clip(n.blocks)
}

// fillCells writes starts and entries: in each cell edges stand in ascending order.
func (n *Network) fillCells() {
	each := func(visit func(at int, edge int32)) {
		n.eachEntry(func(cell uint64, edge int32) {
			block := &n.blocks[n.blockAt(gatherBits(cell)>>blockBits, gatherBits(cell>>1)>>blockBits)]
			visit(block.cell(cell&(blockSide*blockSide-1)), edge)
		})
	}
	each(func(at int, _ int32) { n.starts[at]++ })
	end := int32(0)
	for at, count := range n.starts {
		end += count
		n.starts[at] = end
	}
	// Filled from the end of each cell, the last edge first, the ends become the starts.
	n.entries = make([]int32, end)
	each(func(at int, edge int32) {
		n.starts[at]--
		n.entries[n.starts[at]] = edge
	})
	for at := range len(n.starts) - 1 {
		slices.Reverse(n.entries[n.starts[at]:n.starts[at+1]])
	}
}

// cell is the index in starts of the cell of a bit that is set.
func (b *gridBlock) cell(bit uint64) int {
	return int(b.first) + bits.OnesCount64(b.kept&(1<<bit-1))
}

// box is the cells of a block.
func (b *gridBlock) box() gridBox {
	x, y := b.x<<blockBits, b.y<<blockBits
	return gridBox{x, y, x + blockSide - 1, y + blockSide - 1}
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

// growTree puts boxes round the blocks, and boxes round those, until one box is left.
func (n *Network) growTree() {
	for level := 0; level == 0 || n.boxes(level) > 1; level++ {
		below := n.boxes(level)
		boxes := make([]gridBox, 0, (below+treeFanout-1)/treeFanout)
		for from := 0; from < below; from += treeFanout {
			box := n.boxAt(level, from)
			for i := from + 1; i < min(below, from+treeFanout); i++ {
				b := n.boxAt(level, i)
				box = gridBox{min(box.minX, b.minX), min(box.minY, b.minY), max(box.maxX, b.maxX), max(box.maxY, b.maxY)}
			}
			boxes = append(boxes, box)
		}
		n.tree = append(n.tree, boxes)
	}
}

// boxes is how many boxes a level has, and boxAt one of them: blocks on level 0, the tree above.
func (n *Network) boxes(level int) int {
	if level == 0 {
		return len(n.blocks)
	}
	return len(n.tree[level-1])
}

func (n *Network) boxAt(level, i int) gridBox {
	if level == 0 {
		return n.blocks[i].box()
	}
	return n.tree[level-1][i]
}

// hashBlocks fills the hash table, at most half full.
func (n *Network) hashBlocks() {
	size := 1
	for size < 2*len(n.blocks) {
		size *= 2
	}
	n.slots = make([]int32, size)
	for i := range n.blocks {
		slot := n.slotOf(n.blocks[i].x, n.blocks[i].y)
		for n.slots[slot] != 0 {
			slot = (slot + 1) & (size - 1)
		}
		n.slots[slot] = int32(i) + 1
	}
}

// slotOf is where the search for a block in the hash table begins (Fibonacci hashing).
func (n *Network) slotOf(x, y int32) int {
	return int((uint64(x)<<32|uint64(y))*0x9E3779B97F4A7C15>>32) & (len(n.slots) - 1)
}

// blockAt is the index of the block at x, y, -1 where there is none.
func (n *Network) blockAt(x, y int32) int {
	for slot := n.slotOf(x, y); n.slots[slot] != 0; slot = (slot + 1) & (len(n.slots) - 1) {
		if block := &n.blocks[n.slots[slot]-1]; block.x == x && block.y == y {
			return int(n.slots[slot] - 1)
		}
	}
	return -1
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
	s := n.search(p)
	return s.found()
}

// search finds the edge nearest to p.
func (n *Network) search(p orb.Point) nearestSearch {
	s := nearestSearch{network: n, p: p, x: p[0] - n.origin[0], y: p[1] - n.origin[1], edge: -1, d2: math.Inf(1), blockX: -1, blockY: -1, block: -1}
	if len(n.entries) > 0 && pointIsUsable(p) && !s.near() {
		s.descend(len(n.tree), 0, 1)
	}
	return s
}

// nearestSearch is the search for the edge nearest to a point, with the best so far.
type nearestSearch struct {
	network        *Network
	p              orb.Point
	x, y           float64 // of p, from the origin of the grid
	edge           int32   // -1: none
	t, d2          float64
	blockX, blockY int32 // where a block was looked up last
	block          int   // the block there, -1: none
}

func (s *nearestSearch) found() (int, Location) {
	if s.edge < 0 {
		return -1, Location{OffM: math.Inf(1)}
	}
	n := s.network
	segment := n.segmentOf(s.edge)
	return segment, locationAt(n.line(segment), int(s.edge-n.firsts[segment]), s.t, s.d2, s.p)
}

func (s *nearestSearch) try(edge int32) {
	ends := s.network.vertices[edge : edge+2]
	t, d2 := nearestOnEdge(ends[0], ends[1], s.p)
	if d2 < s.d2 || d2 == s.d2 && edge < s.edge {
		s.edge, s.t, s.d2 = edge, t, d2
	}
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
	if s.distance2(gridBox{x, y, x, y}) > s.d2 {
		return
	}
	if bx, by := x>>blockBits, y>>blockBits; bx != s.blockX || by != s.blockY {
		s.block, s.blockX, s.blockY = s.network.blockAt(bx, by), bx, by
	}
	if s.block < 0 {
		return
	}
	block := &s.network.blocks[s.block]
	if bit := spreadBits(x&(blockSide-1)) | spreadBits(y&(blockSide-1))<<1; block.kept>>bit&1 != 0 {
		s.searchCell(block.cell(bit))
	}
}

func (s *nearestSearch) searchCell(cell int) {
	n, x, y, d2 := s.network, s.p[0], s.p[1], s.d2
	for _, edge := range n.entries[n.starts[cell]:n.starts[cell+1]] {
		if !(squaredDistance((*[2]orb.Point)(n.vertices[edge:]), x, y) > d2) {
			s.try(edge)
			d2 = s.d2
		}
	}
}

// squaredDistance is that of nearestOnEdge, with no branch that a processor has to guess. Where products are more than a number
// can hold it may be no number.
func squaredDistance(ends *[2]orb.Point, x, y float64) float64 {
	dx, dy := ends[1][0]-ends[0][0], ends[1][1]-ends[0][1]
	dot := float64((x-ends[0][0])*dx) + float64((y-ends[0][1])*dy)
	length2 := float64(dx*dx) + float64(dy*dy)
	from := 0 // the end that is measured from
	if dot >= length2 {
		from = 1
	}
	t := max(0, dot/length2) * float64(1-from)
	px, py := x-ends[from][0]-float64(t*dx), y-ends[from][1]-float64(t*dy)
	return float64(px*px) + float64(py*py)
}

// searchBlock searches all cells of a block that are near enough.
func (s *nearestSearch) searchBlock(block *gridBlock) {
	cell := int(block.first)
	for kept := block.kept; kept != 0; kept &= kept - 1 {
		bit := uint64(bits.TrailingZeros64(kept))
		x, y := block.x<<blockBits+gatherBits(bit), block.y<<blockBits+gatherBits(bit>>1)
		if s.distance2(gridBox{x, y, x, y}) <= s.d2 {
			s.searchCell(cell)
		}
		cell++
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
	var distances [treeFanout]float64
	for i := from; i < to; i++ {
		distances[i-from] = s.distance2(s.network.boxAt(level, i))
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
			s.searchBlock(&s.network.blocks[from+next])
			continue
		}
		below := (from + next) * treeFanout
		s.descend(level-1, below, min(below+treeFanout, s.network.boxes(level-1)))
	}
}

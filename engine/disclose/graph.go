package disclose

import (
	"cmp"
	"slices"
)

// outside is the node of what lies under no published unit.
const outside = 0

// graph is one division: the blocks of both trees as nodes, the atoms with
// households as edges from their block of cells to their block of areas.
//
// Nodes 1 and on are the cells, then the parts of segments by precinct, then the
// areas. Each stands for its block while it is published; a suppressed one is of
// one block with the node above it. Nodes of a block are of one group, and so are
// the ends of an edge that no leak runs through: no cut under the threshold parts
// them, now or later, for what is known only shrinks.
type graph struct {
	plan  *Plan
	least int64 // the threshold, in grains

	firstPart, firstArea int32
	parent               []int32 // in the tree, outside being the root of both
	households           []int64 // of the unit, for a part those of its whole segment; in grains
	partSize             []int64 // of part firstPart+i, in grains
	segment              []int32 // of part firstPart+i
	partStart            []int32 // parts of segment s are partStart[s] to partStart[s+1]

	open   []bool // published, with households in this division
	groups unions // of nodes that no leak can part

	from, to []int32 // of edges, as first numbered
	capacity []int64 // in grains
	// The edges of a group, as lists, so that joining two is quick.
	outs, ins edgeLists
	// The published units with their block in a group (ups), and with the block
	// above theirs in it (downs: cells and parts; areaDowns: areas).
	ups, downs, areaDowns edgeLists

	search
}

func newGraph(p Place, atoms Atoms, plan *Plan, least int64) *graph {
	g := &graph{plan: plan, least: least, firstPart: int32(1 + len(p.CellParent))}
	partOf := g.makeParts(p, atoms)
	g.firstArea = g.firstPart + int32(len(g.segment))
	nodes := int(g.firstArea) + len(p.AreaParent)

	cells, areas, segments := p.totals(atoms)
	g.parent, g.households = make([]int32, nodes), make([]int64, nodes)
	for c, parent := range p.CellParent {
		g.parent[1+c], g.households[1+c] = 1+parent, cells[c] // None + 1 is outside
	}
	for b, parent := range p.AreaParent {
		node := g.firstArea + int32(b)
		g.parent[node], g.households[node] = g.area(parent), areas[b]
	}
	g.partSize = make([]int64, len(g.segment))
	for a, part := range partOf {
		if part != None {
			g.partSize[part] += grains(atoms.Households[a])
			g.parent[g.firstPart+part] = g.area(atoms.Area[a])
		}
	}
	for part, s := range g.segment {
		g.households[int(g.firstPart)+part] = segments[s]
	}

	g.open, g.groups = make([]bool, nodes), newUnions(nodes)
	for node := int32(1); int(node) < nodes; node++ {
		units, i := g.unit(node)
		size := g.households[node]
		if part := node - g.firstPart; part >= 0 && node < g.firstArea {
			size = g.partSize[part]
		}
		g.open[node] = units.State[i] == Published && size > 0
		if !g.open[node] {
			g.groups.join(node, g.parent[node])
		}
	}

	for a, h := range atoms.Households {
		if n := grains(h); n > 0 {
			to := g.area(atoms.Area[a])
			if partOf[a] != None {
				to = g.firstPart + partOf[a]
			}
			g.from, g.to = append(g.from, 1+atoms.Cell[a]), append(g.to, to)
			g.capacity = append(g.capacity, n)
		}
	}
	g.outs, g.ins = newEdgeLists(nodes, len(g.from)), newEdgeLists(nodes, len(g.from))
	for e := range g.from {
		g.outs.add(g.groups.of(g.from[e]), int32(e))
		g.ins.add(g.groups.of(g.to[e]), int32(e))
	}
	g.ups, g.downs, g.areaDowns = newEdgeLists(nodes, nodes), newEdgeLists(nodes, nodes), newEdgeLists(nodes, nodes)
	for node := int32(1); int(node) < nodes; node++ {
		if !g.open[node] {
			continue
		}
		downs := &g.downs
		if node >= g.firstArea {
			downs = &g.areaDowns
		}
		g.ups.add(g.groups.of(node), node)
		downs.add(g.groups.of(g.parent[node]), node)
	}
	g.search = newSearch(nodes, len(g.from))
	return g
}

// makeParts finds the parts, ordered by segment and precinct, and returns that
// of each atom.
func (g *graph) makeParts(p Place, atoms Atoms) (partOf []int32) {
	order := make([]int32, 0, len(atoms.Segment))
	partOf = make([]int32, len(atoms.Segment))
	for a, s := range atoms.Segment {
		partOf[a] = None
		if s != None {
			order = append(order, int32(a))
		}
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(atoms.Segment[a], atoms.Segment[b]), cmp.Compare(atoms.Area[a], atoms.Area[b]))
	})
	g.partStart = make([]int32, p.Segments+1)
	for i, a := range order {
		if i == 0 || atoms.Segment[a] != atoms.Segment[order[i-1]] || atoms.Area[a] != atoms.Area[order[i-1]] {
			g.segment = append(g.segment, atoms.Segment[a])
			g.partStart[atoms.Segment[a]+1]++
		}
		partOf[a] = int32(len(g.segment) - 1)
	}
	for s := range p.Segments {
		g.partStart[s+1] += g.partStart[s]
	}
	return partOf
}

// area is the node of an area; of None it is outside.
func (g *graph) area(index int32) int32 {
	if index == None {
		return outside
	}
	return g.firstArea + index
}

// unit is where the plan keeps the decision about a node.
func (g *graph) unit(node int32) (Units, int) {
	switch {
	case node < g.firstPart:
		return g.plan.Cells, int(node - 1)
	case node < g.firstArea:
		return g.plan.Segments, int(g.segment[node-g.firstPart])
	default:
		return g.plan.Areas, int(node - g.firstArea)
	}
}

// unite makes one group of those of two nodes.
func (g *graph) unite(a, b int32) {
	if joined, into := g.groups.join(a, b); joined != into {
		for _, lists := range []*edgeLists{&g.outs, &g.ins, &g.ups, &g.downs, &g.areaDowns} {
			lists.join(into, joined)
		}
	}
}

// suppress takes the unit of a node out of what is published: its block, for a
// segment that of each part, becomes one with the block above.
func (g *graph) suppress(node int32) {
	units, i := g.unit(node)
	units.suppress(i, Complement)
	first, last := node, node
	if node >= g.firstPart && node < g.firstArea {
		first, last = g.firstPart+g.partStart[i], g.firstPart+g.partStart[i+1]-1
	}
	for n := first; n <= last; n++ {
		if g.open[n] {
			g.open[n] = false
			g.unite(n, g.parent[n])
		}
	}
}

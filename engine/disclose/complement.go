package disclose

// suppressSmallParts suppresses each segment that has a little in one precinct.
// The parts of a published segment count as published, which gives the attacker
// more than there is, and makes commune, precinct and part a tree. closeLeaks
// would find these too, but after suppressing others in vain.
func (g *graph) suppressSmallParts() {
	for part, size := range g.partSize {
		if node := g.firstPart + int32(part); g.open[node] && size > 0 && size < g.least {
			g.suppress(node)
		}
	}
}

// closeLeaks suppresses units until no set of atoms under the threshold can be
// computed. An edge that no leak runs through stays so, for what is known only
// shrinks: each needs to be looked at once, and can from then on carry as much
// as anyone asks for.
func (g *graph) closeLeaks() {
	for e := range g.capacity {
		for g.capacity[e] < g.least {
			side := g.leakThrough(int32(e))
			if side == nil {
				g.capacity[e] = g.least
				break
			}
			g.suppress(g.smallestAcross(side))
		}
	}
}

// smallestAcross returns the smallest published unit whose block lies on one
// side of a cut and the block above it on the other. There is one: if there
// were none, both trees would lie on one side as a whole.
func (g *graph) smallestAcross(side *wave) int32 {
	smallest := int32(None)
	consider := func(node int32) {
		if smallest == None || g.comesBefore(node, smallest) {
			smallest = node
		}
	}
	for _, node := range side.nodes {
		if node != outside && !g.on(side, g.block(g.parent[node])) {
			consider(node)
		}
		below := append(g.below[:0], node)
		for len(below) > 0 {
			n := below[len(below)-1]
			below = below[:len(below)-1]
			for _, child := range g.children[g.childStart[n]:g.childStart[n+1]] {
				switch {
				case !g.open[child]:
					below = append(below, child)
				case !g.on(side, child):
					consider(child)
				}
			}
		}
		g.below = below
	}
	return smallest
}

// comesBefore orders units by who is suppressed first.
func (g *graph) comesBefore(a, b int32) bool {
	if x, y := a >= g.firstArea, b >= g.firstArea; x != y {
		return y
	}
	if g.households[a] != g.households[b] {
		return g.households[a] < g.households[b]
	}
	return a < b
}

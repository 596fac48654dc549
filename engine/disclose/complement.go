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
// shrinks: each needs to be looked at once, and its ends are of one group from
// then on. So are those of an edge with the threshold or more. Edges between two
// parts of the place that little holds together take long, the longer the less of
// them is in groups: they are left until the others are done.
func (g *graph) closeLeaks(goOn func() error) error {
	var edges []int32
	for e, capacity := range g.capacity {
		if capacity >= g.least {
			g.unite(g.from[e], g.to[e])
		} else {
			edges = append(edges, int32(e))
		}
	}
	for patience := firstPatience; len(edges) > 0; patience *= morePatience {
		left := edges[:0]
		for i, e := range edges {
			if i%askEvery == 0 && goOn != nil {
				if err := goOn(); err != nil {
					return err
				}
			}
			if !g.closeLeaksThrough(e, patience) {
				left = append(left, e)
			}
		}
		edges = left
	}
	return nil
}

// askEvery is after how many edges it is asked whether to go on.
const askEvery = 1 << 12

// How many steps a search may take in the first round, and how many times as many in each that follows.
const (
	firstPatience = 1 << 10
	morePatience  = 1 << 3
)

// closeLeaksThrough suppresses units until no leak runs through an edge. It returns false where a search took more than so many steps.
func (g *graph) closeLeaksThrough(e int32, patience int) bool {
	for g.groups.of(g.from[e]) != g.groups.of(g.to[e]) {
		side, ended := g.leakThrough(e, patience)
		switch {
		case !ended:
			return false
		case side == nil:
			g.unite(g.from[e], g.to[e])
		default:
			g.suppress(g.smallestAcross(side))
		}
	}
	return true
}

// smallestAcross returns the smallest published unit whose block lies on one
// side of a cut and the block above it on the other. There is one: if there
// were none, both trees would lie on one side as a whole.
//
// Areas are looked at only where there is nothing else, for they come last: the
// place as a whole has tens of thousands of communes below it.
func (g *graph) smallestAcross(side *wave) int32 {
	smallest := int32(None)
	across := func(blocks *edgeLists, down bool) {
		for _, group := range side.nodes {
			before := int32(None)
			for node := blocks.first[group]; node != None; node = blocks.next[node] {
				other := node
				if !down {
					other = g.parent[node]
				}
				switch other = g.groups.of(other); {
				case other == group: // suppressed, or no leak can part them
					blocks.drop(group, before, node)
					continue
				case !g.on(side, other) && (smallest == None || g.comesBefore(node, smallest)):
					smallest = node
				}
				before = node
			}
		}
	}
	across(&g.ups, false)
	across(&g.downs, true)
	if smallest == None || smallest >= g.firstArea {
		across(&g.areaDowns, true)
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

package disclose

// search finds how much can flow through a graph between two nodes.
type search struct {
	flow    []int64 // by edge, forward less backward
	touched []int32 // edges with a flow
	path    []int32 // edges of the path found; ^e where it runs backward
	via     []int32 // by group: the edge it was reached by
	mark    []int32 // by group: the wave that reached it last
	waves   int32   // that there were so far
	source  wave
	sink    wave
}

// wave is the groups reached from one end, by the nodes that stand for them: from
// the source along the edges, from the sink against them.
type wave struct {
	along  bool
	mark   int32
	nodes  []int32
	at     int   // the group being left
	outs   bool  // its edges out are being looked at, else those in
	edge   int32 // the next of them
	before int32 // the one before it in the list, or None
}

func newSearch(nodes, edges int) search {
	return search{flow: make([]int64, edges), via: make([]int32, nodes), mark: make([]int32, nodes)}
}

// on tells whether a wave reached a group.
func (g *graph) on(w *wave, node int32) bool { return g.mark[node] == w.mark }

// leakThrough looks for a cut under the threshold that edge e crosses. It
// returns nil when there is none, else one side of the cut, all of whose edges
// leave the source's side. The two waves take turns edge by edge, so that the
// work is that of the smaller side. After so many steps it gives up, and ended is false.
func (g *graph) leakThrough(e int32, patience int) (side *wave, ended bool) {
	source, sink := g.groups.of(g.from[e]), g.groups.of(g.to[e])
	for _, t := range g.touched {
		g.flow[t] = 0
	}
	g.touched = g.touched[:0]
	for flow := int64(0); flow < g.least; {
		g.source.begin(g, source, true)
		g.sink.begin(g, sink, false)
		for {
			if patience--; patience < 0 {
				return nil, false
			}
			met, end := g.step(&g.source, &g.sink)
			if end {
				return g.smaller(&g.source, &g.sink), true
			}
			if met == None {
				if met, end = g.step(&g.sink, &g.source); end {
					return g.smaller(&g.sink, &g.source), true
				}
			}
			if met != None {
				flow += g.augment(met, g.least-flow)
				break
			}
		}
	}
	return nil, true
}

// smaller gives the one of two sides of a leak with fewer nodes: that of a wave that has ended, or that of the other, if it ends soon enough. Each
// is a side of a cut by itself.
func (g *graph) smaller(ended, other *wave) *wave {
	size := g.size(ended)
	for range size {
		if _, end := g.step(other, ended); end {
			if g.size(other) < size {
				return other
			}
			break
		}
	}
	return ended
}

// size counts the nodes that a wave reached.
func (g *graph) size(w *wave) (nodes int) {
	for _, node := range w.nodes {
		nodes += g.groups.size(node)
	}
	return nodes
}

func (w *wave) begin(g *graph, node int32, along bool) {
	g.waves++
	*w = wave{along: along, mark: g.waves, nodes: append(w.nodes[:0], node), outs: true, edge: g.outs.first[node], before: None}
	g.mark[node], g.via[node] = w.mark, None
}

// step lets a wave look at one more edge. It returns the edge where the wave
// met the other, or None, and whether the wave has nowhere to go any more.
func (g *graph) step(w, other *wave) (met int32, end bool) {
	for w.edge == None {
		if w.outs {
			w.outs, w.edge, w.before = false, g.ins.first[w.nodes[w.at]], None
			continue
		}
		if w.at++; w.at == len(w.nodes) {
			return None, true
		}
		w.outs, w.edge, w.before = true, g.outs.first[w.nodes[w.at]], None
	}
	e := w.edge
	from, to := g.groups.of(g.from[e]), g.groups.of(g.to[e])
	node, list := from, &g.ins
	if w.outs {
		node, list = to, &g.outs
	}
	w.edge = list.next[e]
	if from == to {
		list.drop(from, w.before, e)
		return None, false
	}
	w.before = e
	forward := w.outs == w.along // the flow would run with the edge
	if forward && g.flow[e] >= g.capacity[e] || g.on(w, node) {
		return None, false
	}
	if g.on(other, node) {
		return e, false
	}
	g.mark[node], g.via[node] = w.mark, e
	w.nodes = append(w.nodes, node)
	return None, false
}

// augment sends up to wanted along the path through the edge where the waves
// met, and returns how much that was.
func (g *graph) augment(met int32, wanted int64) int64 {
	g.path = g.path[:0]
	from, to := g.groups.of(g.from[met]), g.groups.of(g.to[met])
	if g.on(&g.source, from) {
		g.path = append(g.path, met)
	} else {
		g.path = append(g.path, ^met)
		from, to = to, from
	}
	for node := from; g.via[node] != None; { // back to the source
		e := g.via[node]
		if g.groups.of(g.to[e]) == node {
			g.path, node = append(g.path, e), g.groups.of(g.from[e])
		} else {
			g.path, node = append(g.path, ^e), g.groups.of(g.to[e])
		}
	}
	for node := to; g.via[node] != None; { // on to the sink
		e := g.via[node]
		if g.groups.of(g.from[e]) == node {
			g.path, node = append(g.path, e), g.groups.of(g.to[e])
		} else {
			g.path, node = append(g.path, ^e), g.groups.of(g.from[e])
		}
	}
	for _, e := range g.path {
		if e >= 0 {
			wanted = min(wanted, g.capacity[e]-g.flow[e])
		}
	}
	for _, e := range g.path {
		if e >= 0 {
			g.flow[e] += wanted
			g.touched = append(g.touched, e)
		} else {
			g.flow[^e] -= wanted
			g.touched = append(g.touched, ^e)
		}
	}
	return wanted
}

package disclose

// search finds how much can flow through a graph between two nodes.
type search struct {
	flow    []int64 // by edge, forward less backward
	touched []int32 // edges with a flow
	path    []int32 // edges of the path found; ^e where it runs backward
	via     []int32 // by node: the edge it was reached by
	mark    []int32 // by node: the wave that reached it last
	waves   int32   // that there were so far
	source  wave
	sink    wave
}

// wave is the nodes reached from one end: from the source along the edges, from
// the sink against them.
type wave struct {
	along bool
	mark  int32
	nodes []int32
	at    int   // the node being left
	outs  bool  // its edges out are being looked at, else those in
	edge  int32 // the next of them
}

func newSearch(nodes, edges int) search {
	return search{flow: make([]int64, edges), via: make([]int32, nodes), mark: make([]int32, nodes)}
}

// on tells whether a wave reached a node.
func (g *graph) on(w *wave, node int32) bool { return g.mark[node] == w.mark }

// leakThrough looks for a cut under the threshold that edge e crosses. It
// returns nil when there is none, else one side of the cut, all of whose edges
// leave the source's side. The two waves take turns edge by edge, so that the
// work is that of the smaller side.
func (g *graph) leakThrough(e int32) *wave {
	source, sink := g.block(g.from[e]), g.block(g.to[e])
	if source == sink { // both outside
		return nil
	}
	for _, t := range g.touched {
		g.flow[t] = 0
	}
	g.touched = g.touched[:0]
	for flow := int64(0); flow < g.least; {
		g.source.begin(g, source, true)
		g.sink.begin(g, sink, false)
		for {
			met, end := g.step(&g.source, &g.sink)
			if end {
				return &g.source
			}
			if met == None {
				if met, end = g.step(&g.sink, &g.source); end {
					return &g.sink
				}
			}
			if met != None {
				flow += g.augment(met, g.least-flow)
				break
			}
		}
	}
	return nil
}

func (w *wave) begin(g *graph, node int32, along bool) {
	g.waves++
	*w = wave{along: along, mark: g.waves, nodes: append(w.nodes[:0], node), outs: true, edge: g.outs.first[node]}
	g.mark[node], g.via[node] = w.mark, None
}

// step lets a wave look at one more edge. It returns the edge where the wave
// met the other, or None, and whether the wave has nowhere to go any more.
func (g *graph) step(w, other *wave) (met int32, end bool) {
	for w.edge == None {
		if w.outs {
			w.outs, w.edge = false, g.ins.first[w.nodes[w.at]]
			continue
		}
		if w.at++; w.at == len(w.nodes) {
			return None, true
		}
		w.outs, w.edge = true, g.outs.first[w.nodes[w.at]]
	}
	e := w.edge
	from, to := g.block(g.from[e]), g.block(g.to[e])
	node := from
	if w.outs {
		node = to
		w.edge = g.outs.next[e]
	} else {
		w.edge = g.ins.next[e]
	}
	forward := w.outs == w.along // the flow would run with the edge
	if from == to || forward && g.flow[e] >= g.capacity[e] || g.on(w, node) {
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
	from, to := g.block(g.from[met]), g.block(g.to[met])
	if g.on(&g.source, from) {
		g.path = append(g.path, met)
	} else {
		g.path = append(g.path, ^met)
		from, to = to, from
	}
	for node := from; g.via[node] != None; { // back to the source
		e := g.via[node]
		if g.block(g.to[e]) == node {
			g.path, node = append(g.path, e), g.block(g.from[e])
		} else {
			g.path, node = append(g.path, ^e), g.block(g.to[e])
		}
	}
	for node := to; g.via[node] != None; { // on to the sink
		e := g.via[node]
		if g.block(g.from[e]) == node {
			g.path, node = append(g.path, e), g.block(g.to[e])
		} else {
			g.path, node = append(g.path, ^e), g.block(g.from[e])
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

package disclose

// edgeLists keeps for each group of nodes a list of edges: of flow, by their
// number, or from a node to the one above it, by that node's.
type edgeLists struct {
	first, last []int32 // by the node that stands for the group, None when empty
	next        []int32 // by edge
}

func newEdgeLists(nodes, edges int) edgeLists {
	l := edgeLists{make([]int32, nodes), make([]int32, nodes), make([]int32, edges)}
	for i := range l.first {
		l.first[i], l.last[i] = None, None
	}
	return l
}

func (l *edgeLists) add(node, edge int32) {
	l.next[edge] = None
	if l.first[node] == None {
		l.first[node] = edge
	} else {
		l.next[l.last[node]] = edge
	}
	l.last[node] = edge
}

// join appends the list of one node to that of another and empties it.
func (l *edgeLists) join(to, node int32) {
	if l.first[node] == None {
		return
	}
	if l.first[to] == None {
		l.first[to] = l.first[node]
	} else {
		l.next[l.last[to]] = l.first[node]
	}
	l.last[to] = l.last[node]
	l.first[node], l.last[node] = None, None
}

// drop takes an edge out of the list of a node, given the edge before it there,
// or None.
func (l *edgeLists) drop(node, before, edge int32) {
	if before == None {
		l.first[node] = l.next[edge]
	} else {
		l.next[before] = l.next[edge]
	}
	if l.last[node] == edge {
		l.last[node] = before
	}
}

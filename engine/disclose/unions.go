package disclose

// unions are groups of nodes that only grow (Galler and Fischer 1964). One node
// of each stands for it.
type unions struct {
	above []int32 // towards the node that stands for the group; of that one: less the group's size
}

func newUnions(nodes int) unions {
	u := unions{make([]int32, nodes)}
	for i := range u.above {
		u.above[i] = -1
	}
	return u
}

// of is the node that stands for the group of a node.
func (u *unions) of(node int32) int32 {
	for u.above[node] >= 0 {
		up := u.above[node]
		if u.above[up] >= 0 {
			u.above[node] = u.above[up]
		}
		node = up
	}
	return node
}

// size is how many are in the group that a node stands for.
func (u *unions) size(node int32) int { return int(-u.above[node]) }

// join makes one group of two: what stood for one of them, joined, is now in that
// of the other, into. Of one group they are the same.
func (u *unions) join(a, b int32) (joined, into int32) {
	joined, into = u.of(a), u.of(b)
	if joined == into {
		return joined, into
	}
	if u.above[joined] < u.above[into] { // the smaller into the larger
		joined, into = into, joined
	}
	u.above[into] += u.above[joined]
	u.above[joined] = into
	return joined, into
}

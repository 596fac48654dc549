package format

import (
	"fmt"
	"slices"
	"sort"

	"github.com/paulmach/orb"
)

// osmNodes are the positions of the nodes that the kept ways refer to: 17 bytes for each, and at most twice that while they are
// gathered.
type osmNodes struct {
	ids    []int64 // sorted once they are settled, each once
	shared []bool  // referred to more than once: ways meet there
	tidied int     // so many are
	limit  int     // more different ones cannot be in the file
	lons   []osmDegrees
	lats   []osmDegrees
	cursor int
}

// newOSMNodes bounds the nodes by the size of the file: each takes more than a byte of it, packed or not.
func newOSMNodes(size int64) *osmNodes {
	return &osmNodes{limit: int(max(size, 1<<20))}
}

var errTooManyNodes = fmt.Errorf("%w (its ways have more nodes than it can hold)", ErrDamaged)

// tidy sorts the ids that were gathered, if they are many more than when that was last done; false if there are more than the
// file can hold.
func (n *osmNodes) tidy() bool {
	if len(n.ids) < 2*max(n.tidied, 1<<20) {
		return true
	}
	slices.Sort(n.ids)
	different, kept := 0, n.ids[:0]
	for i, id := range n.ids {
		if i == 0 || id != n.ids[i-1] {
			different++
		}
		if len(kept) < 2 || kept[len(kept)-2] != id { // twice tells that it is shared
			kept = append(kept, id)
		}
	}
	n.ids, n.tidied = kept, len(kept)
	return different <= n.limit
}

// settle ends the gathering.
func (n *osmNodes) settle() {
	slices.Sort(n.ids)
	kept := n.ids[:0]
	for i, id := range n.ids {
		if i > 0 && len(kept) > 0 && id == kept[len(kept)-1] {
			n.shared[len(kept)-1] = true
			continue
		}
		kept, n.shared = append(kept, id), append(n.shared, false)
	}
	n.ids = slices.Clip(kept)
	n.lons, n.lats = make([]osmDegrees, len(n.ids)), make([]osmDegrees, len(n.ids))
	for i := range n.lons {
		n.lons[i] = osmNowhere
	}
}

// find looks an id up from where the last one was, for extracts usually have them in order.
func (n *osmNodes) find(id int64) (at int, ok bool) {
	from, to := n.cursor, n.cursor
	if from > 0 && n.ids[from-1] >= id {
		from = 0
	} else {
		for step := 1; to < len(n.ids) && n.ids[to] < id; step *= 2 {
			from = to + 1
			to += step
		}
		to = min(to, len(n.ids))
	}
	n.cursor = from + sort.Search(to-from, func(i int) bool { return n.ids[from+i] >= id })
	return n.cursor, n.cursor < len(n.ids) && n.ids[n.cursor] == id
}

// put notes where a node is, if it is one of them.
func (n *osmNodes) put(id int64, lon, lat osmDegrees) {
	if at, ok := n.find(id); ok {
		n.lons[at], n.lats[at] = lon, lat
	}
}

// position is where a node is; false for one that the file does not have.
func (n *osmNodes) position(id int64) (orb.Point, bool) {
	at, ok := n.find(id)
	if !ok || n.lons[at] == osmNowhere {
		return orb.Point{}, false
	}
	return orb.Point{n.lons[at].degrees(), n.lats[at].degrees()}, true
}

// pieces counts what a way is cut into where ways meet, and the pieces of them that cannot be drawn: no two nodes that follow each
// other have a position.
func (n *osmNodes) pieces(refs []int64) (all, undrawn int) {
	before, drawn := false, false // the node before has a position; the piece has a line
	for i, id := range refs {
		_, known := n.position(id)
		drawn = drawn || before && known
		before = known
		if at, ok := n.find(id); i > 0 && (i == len(refs)-1 || ok && n.shared[at]) {
			all++
			if !drawn {
				undrawn++
			}
			drawn = false
		}
	}
	return all, undrawn
}

// line gives the parts of a way between nodes that are missing, which it counts. Positions that repeat the one before are left out,
// and parts of one position.
func (n *osmNodes) line(refs []int64) (parts orb.MultiLineString, missing int) {
	var part orb.LineString
	end := func() {
		if len(part) > 1 {
			parts = append(parts, part)
		}
		part = nil
	}
	for _, id := range refs {
		p, ok := n.position(id)
		switch {
		case !ok:
			missing++
			end()
		case len(part) == 0 || part[len(part)-1] != p:
			part = append(part, p)
		}
	}
	end()
	return parts, missing
}

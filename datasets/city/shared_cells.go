package city

import (
	"maps"
	"slices"
)

// sharedCells are cells of the grid on the borders of communes. What they have of each is added up commune by commune, in order,
// and they are published after the last. A cell with too few households gets the means of the natural square that the first
// commune knows.
type sharedCells map[gridSquare]*gridCell

func sharedCellsOf(cells []gridCell) sharedCells {
	shared := sharedCells{}
	for i := range cells {
		if cells[i].shared {
			c := cells[i]
			shared[c.gridSquare] = &c
		}
	}
	return shared
}

// merge adds the cells of later communes.
func (s sharedCells) merge(later sharedCells) sharedCells {
	if s == nil {
		return later
	}
	for at, c := range later {
		if own := s[at]; own != nil {
			own.counted.add(&c.counted)
			own.communes += c.communes
		} else {
			s[at] = c
		}
	}
	return s
}

// inOrder gives the cells from south to north and west to east.
func (s sharedCells) inOrder() []*gridCell {
	cells := make([]*gridCell, 0, len(s))
	for _, at := range slices.SortedFunc(maps.Keys(s), gridSquare.compare) {
		cells = append(cells, s[at])
	}
	return cells
}

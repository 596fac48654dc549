package live

import (
	"math"
	"slices"

	"github.com/arpent/arpent/geo"
)

// boxTree finds the boxes of a sorted list that meet one. Above the boxes stand levels of larger ones, each around treeFan of the level
// below, all in one array: where they stand says what they hold, so that there are no pointers.
type boxTree struct {
	boxes []geo.FrameBox // the list, then level by level up to the one that holds all
	ends  []int          // by level: where it ends in boxes
}

// treeFan is how many boxes share one of the level above.
const treeFan = 16

// newBoxTree takes the boxes in an order in which neighbours lie near each other.
func newBoxTree(boxes []geo.FrameBox) boxTree {
	t := boxTree{boxes: slices.Grow(boxes, len(boxes)/(treeFan-1)+treeFan), ends: []int{len(boxes)}}
	for start, end := 0, len(boxes); end-start > 1; start, end = end, len(t.boxes) {
		for from := start; from < end; from += treeFan {
			around := t.boxes[from]
			for _, b := range t.boxes[from+1 : min(from+treeFan, end)] {
				around = around.Union(b)
			}
			t.boxes = append(t.boxes, around)
		}
		t.ends = append(t.ends, len(t.boxes))
	}
	return t
}

// meeting appends the places in the list of the boxes that meet one, ascending.
func (t *boxTree) meeting(box geo.FrameBox, found []int32) []int32 {
	top := len(t.ends) - 1
	if t.ends[0] == 0 {
		return found
	}
	return t.descend(box, top, 0, 1, found)
}

// descend looks at some boxes of a level and at what they hold.
func (t *boxTree) descend(box geo.FrameBox, level, from, to int, found []int32) []int32 {
	start := 0
	if level > 0 {
		start = t.ends[level-1]
	}
	to = min(to, t.ends[level]-start)
	for i, b := range t.boxes[start+from : start+to] {
		switch {
		case !b.Meets(box):
		case level == 0:
			found = append(found, int32(from+i))
		case box.Holds(b):
			first, end := from+i, from+i+1
			for range level {
				first, end = first*treeFan, end*treeFan
			}
			for place := first; place < min(end, t.ends[0]); place++ {
				found = append(found, int32(place))
			}
		default:
			found = t.descend(box, level-1, (from+i)*treeFan, (from+i+1)*treeFan, found)
		}
	}
	return found
}

// hilbert is how far along a curve through a square of 2^16 by 2^16 a position is; what is near on the curve is near on the ground
// (https://en.wikipedia.org/wiki/Hilbert_curve).
func hilbert(x, y uint32) uint32 {
	d := uint32(0)
	for side := uint32(1 << 15); side > 0; side >>= 1 {
		rx, ry := uint32(0), uint32(0)
		if x&side != 0 {
			rx = 1
		}
		if y&side != 0 {
			ry = 1
		}
		d = d<<2 | (3*rx ^ ry)
		if ry == 0 {
			if rx == 1 {
				x, y = math.MaxUint16-x, math.MaxUint16-y
			}
			x, y = y, x
		}
	}
	return d
}

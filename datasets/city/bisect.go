package city

import (
	"cmp"
	"math"
	"slices"
)

// divided is a polygon cut into cells of about equal weight.
type divided struct {
	cells []convex
	of    []int // by item: its cell
}

// item is something to divide by: a place and what it weighs.
type item struct {
	at     point
	weight float64
}

// divide bisects a convex polygon again and again until it has so many cells of about equal weight. A cut goes through the widest
// gap between items near where it should be, so that they lie clearly on one side, and around the parks.
func divide(whole convex, items []item, cells int, parks []park) divided {
	d := divided{of: make([]int, len(items))}
	order := make([]int, len(items))
	for i := range order {
		order[i] = i
	}
	d.bisect(whole, items, order, cells, parks)
	return d
}

func (d *divided) bisect(whole convex, items []item, members []int, cells int, parks []park) {
	if cells <= 1 || len(members) < 2 {
		for _, i := range members {
			d.of[i] = len(d.cells)
		}
		d.cells = append(d.cells, whole)
		return
	}
	left := cells / 2
	cut := bestCut(items, members, float64(left)/float64(cells), parks)
	var low, high []int
	for _, i := range members {
		if cut.excess(items[i].at) <= 0 {
			low = append(low, i)
		} else {
			high = append(high, i)
		}
	}
	d.bisect(whole.clip(cut), items, low, left, parks)
	d.bisect(whole.clip(cut.opposite()), items, high, cells-left, parks)
}

// bestCut tries a few directions across the long side of the members, and takes the widest gap that leaves about a share of the
// weight behind it and passes through no park. The tolerance grows until there is one.
func bestCut(items []item, members []int, share float64, parks []park) halfPlane {
	long := longSide(items, members)
	type candidate struct {
		cut  halfPlane
		gap  float64
		fits bool
	}
	total := 0.0
	for _, i := range members {
		total += items[i].weight
	}
	type projected struct {
		at     float64
		weight float64
	}
	line := make([]projected, len(members))
	for _, tolerance := range []float64{0.03, 0.08, 0.2, 0.45} {
		best := candidate{gap: -1}
		for _, angle := range []float64{0, 0.3, -0.3, 0.6, -0.6} {
			normal := turned(long, angle)
			for k, i := range members {
				line[k] = projected{normal.dot(items[i].at), items[i].weight}
			}
			slices.SortFunc(line, func(a, b projected) int { return cmp.Compare(a.at, b.at) })
			behind := 0.0
			for k := 0; k+1 < len(line); k++ {
				behind += line[k].weight
				if math.Abs(behind/total-share) > tolerance*min(share, 1-share)+1/float64(len(line)) {
					continue
				}
				c := candidate{cut: halfPlane{normal, (line[k].at + line[k+1].at) / 2}, gap: line[k+1].at - line[k].at}
				c.fits = !cutsPark(c.cut, parks)
				if c.fits && !best.fits || c.fits == best.fits && c.gap > best.gap {
					best = c
				}
			}
		}
		if best.fits || best.gap > 0 && tolerance > 0.4 {
			return best.cut
		}
	}
	return halfPlane{long, long.dot(items[members[len(members)/2]].at)}
}

func cutsPark(cut halfPlane, parks []park) bool {
	for i := range parks {
		k := &parks[i]
		half := math.Hypot(k.a*cut.normal.dot(k.axis), k.b*cut.normal.cross(k.axis))
		if math.Abs(cut.excess(k.centre)) < half+12 {
			return true
		}
	}
	return false
}

// longSide is the direction in which the members are spread most: the first principal axis.
func longSide(items []item, members []int) point {
	var mean point
	sum := 0.0
	for _, i := range members {
		mean = mean.plus(items[i].at.times(items[i].weight))
		sum += items[i].weight
	}
	if sum == 0 {
		return point{1, 0}
	}
	mean = mean.times(1 / sum)
	var xx, xy, yy float64
	for _, i := range members {
		d := items[i].at.minus(mean)
		xx, xy, yy = xx+items[i].weight*d.x*d.x, xy+items[i].weight*d.x*d.y, yy+items[i].weight*d.y*d.y
	}
	return towards(math.Atan2(2*xy, xx-yy) / 2)
}

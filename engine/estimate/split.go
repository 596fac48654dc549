package estimate

import (
	"fmt"
	"slices"
)

// Split hands the whole numbers of one part down to its cells: counts has the
// part's number for each choice, weights the weight of each cell, and dst gets
// the numbers cell by cell, len(weights) x len(counts). Over the cells each
// choice adds up to its count; a cell's numbers add up to its size, which is
// the part's voters by [LargestRemainder]; and each number is less than 1 away
// from size*count/voters. A part must have at least one cell unless all its
// counts are zero.
func (w *Rounder) Split(counts []int64, weights []float64, dst []int64) error {
	if len(dst) != len(weights)*len(counts) {
		return fmt.Errorf("estimate: %d cells x %d choices need as many results, not %d", len(weights), len(counts), len(dst))
	}
	voters := int64(0)
	for k, count := range counts {
		if count < 0 {
			return fmt.Errorf("estimate: choice %d has %d votes", k, count)
		}
		voters += count
	}
	if len(weights) == 1 { // most parts lie in one cell
		copy(dst, counts)
		return nil
	}
	w.sizes, w.keys = apportion(weights, voters, w.sizes, w.keys)
	w.real = slices.Grow(w.real[:0], len(dst))[:len(dst)]
	for c, size := range w.sizes {
		for k, count := range counts {
			at := c*len(counts) + k
			w.real[at] = 0
			if voters > 0 {
				w.real[at] = float64(size) * float64(count) / float64(voters)
			}
		}
	}
	return w.Round(w.real, len(weights), len(counts), w.sizes, counts, dst)
}

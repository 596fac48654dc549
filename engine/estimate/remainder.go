package estimate

import (
	"math"
	"slices"
)

// LargestRemainder fills dst with whole numbers in proportion to weights that
// add up to total exactly, by the method of largest remainders (Hamilton,
// Hare): each gets its share rounded down, and what is left goes one by one to
// the largest fractions, ties to the lower index. Each number is less than 1
// away from its real share.
//
// A weight that is not a finite positive number counts as 0 and gets 0. When no
// weight counts, all are taken as equal. With no weights at all dst is empty,
// whatever the total.
//
// dst is reused when it has room for len(weights), else allocated; the result
// is dst. The sum is exact for every total; the distance of less than 1 holds
// while total*len(weights) stays under 2^52, where float64 still tells whole
// numbers apart.
func LargestRemainder(weights []float64, total int64, dst []int64) []int64 {
	var few [64]uint64 // enough for most precincts: no allocation
	dst, _ = apportion(weights, total, dst, few[:0])
	return dst
}

// apportion is LargestRemainder with the caller's room for sorting.
func apportion(weights []float64, total int64, dst []int64, keys []uint64) ([]int64, []uint64) {
	dst = slices.Grow(dst[:0], len(weights))[:len(weights)]
	keys = keys[:0]

	largest := 0.0
	for _, w := range weights {
		largest = max(largest, usable(w))
	}
	equal := largest == 0
	scale := 1.0
	if largest > 0x1p900 { // the sum, or a weight times the total, would overflow
		scale = 0x1p-600
	}
	sum, lost := 0.0, 0.0 // lost: what the sum dropped (Neumaier 1974)
	for _, w := range weights {
		w = usable(w) * scale
		if equal {
			w = 1
		}
		t := sum + w
		if sum >= w {
			lost += (sum - t) + w
		} else {
			lost += (w - t) + sum
		}
		sum = t
	}
	sum += lost

	left := total
	for i, w := range weights {
		w = usable(w) * scale
		if equal {
			w = 1
		}
		dst[i] = 0
		if w == 0 {
			continue
		}
		share := w * float64(total) / sum
		whole := math.Floor(share)
		dst[i] = int64(whole)
		left -= int64(whole)
		keys = append(keys, largestFirst(share-whole, i))
	}
	if len(keys) == 0 || left == 0 {
		return dst, keys
	}
	slices.Sort(keys)
	// left lies between 0 and len(keys) but for totals beyond float64.
	each, more := left/int64(len(keys)), left%int64(len(keys))
	if more < 0 {
		each, more = each-1, more+int64(len(keys))
	}
	for rank, key := range keys {
		dst[index(key)] += each
		if int64(rank) < more {
			dst[index(key)]++
		}
	}
	return dst, keys
}

// usable is the weight as it counts: 0 unless finite and positive.
func usable(w float64) float64 {
	if w > 0 && w <= math.MaxFloat64 {
		return w
	}
	return 0
}

// largestFirst packs a fraction in [0, 1] and its index into one number, such
// that ascending order is largest fraction first, then lowest index. Fractions
// that differ by less than 2^-32 tie, which keeps noise of the last digits out
// of the order.
func largestFirst(fraction float64, index int) uint64 {
	steps := min(uint64(fraction*(1<<32)), math.MaxUint32)
	return (math.MaxUint32-steps)<<32 | uint64(uint32(index))
}

func index(key uint64) int { return int(uint32(key)) }

package build

import (
	"cmp"
	"runtime"
	"slices"
	"sync"
)

// inOrder gives 0..n-1 in the order of what compare says of two of them, those that are equal ascending; on all processors. Most files are in
// order already.
func inOrder(n int, compare func(a, b int32) int) []int32 {
	order := make([]int32, n)
	sorted := true
	for i := range order {
		order[i] = int32(i)
		sorted = sorted && (i == 0 || compare(int32(i-1), int32(i)) <= 0)
	}
	if sorted {
		return order
	}
	whole := func(a, b int32) int { return cmp.Or(compare(a, b), cmp.Compare(a, b)) }
	size := max(1, (n+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0))
	var sorting sync.WaitGroup
	for start := 0; start < n; start += size {
		sorting.Go(func() { slices.SortFunc(order[start:min(n, start+size)], whole) })
	}
	sorting.Wait()
	for ; size < n; size *= 2 {
		merged := make([]int32, 0, n)
		for start := 0; start < n; start += 2 * size {
			a, b := order[start:min(n, start+size)], order[min(n, start+size):min(n, start+2*size)]
			for len(a) > 0 && len(b) > 0 {
				if whole(a[0], b[0]) < 0 {
					merged, a = append(merged, a[0]), a[1:]
				} else {
					merged, b = append(merged, b[0]), b[1:]
				}
			}
			merged = append(append(merged, a...), b...)
		}
		order = merged
	}
	return order
}

// pick gives the values of a column that are listed.
func pick[T any](column []T, list []int32) []T {
	picked := make([]T, len(list))
	for i, at := range list {
		picked[i] = column[at]
	}
	return picked
}

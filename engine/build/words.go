package build

import (
	"cmp"
	"slices"
)

// words numbers texts that repeat, as names of streets, by their first use.
type words struct {
	number map[string]int32
	list   []string
}

// of gives the number of a text, which may be of a batch that is released.
func (w *words) of(s string) int32 {
	if n, ok := w.number[s]; ok {
		return n
	}
	if w.number == nil {
		w.number = map[string]int32{}
	}
	n, kept := int32(len(w.list)), string(append([]byte(nil), s...))
	w.number[kept], w.list = n, append(w.list, kept)
	return n
}

// appendTo appends the number of a text to a column. Files come street by street: most often it is that of the row before.
func (w *words) appendTo(column []int32, s string) []int32 {
	if n := len(column); n > 0 && w.list[column[n-1]] == s {
		return append(column, column[n-1])
	}
	return append(column, w.of(s))
}

// ranks gives each text's place in the order of all.
func (w *words) ranks() []int32 {
	order := make([]int32, len(w.list))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(w.list[a], w.list[b]) })
	ranks := make([]int32, len(order))
	for rank, i := range order {
		ranks[i] = int32(rank)
	}
	return ranks
}

package build

import (
	"slices"
	"strings"
)

// texts are many texts in one piece of memory. They are never changed, only added to.
type texts struct {
	all  strings.Builder
	ends []int
}

func (t *texts) add(s string) {
	t.all.WriteString(s)
	t.ends = append(t.ends, t.all.Len())
}

// grow makes room for so many more, of the length that those there have.
func (t *texts) grow(n int) {
	if len(t.ends) > 0 {
		t.all.Grow(n * t.all.Len() / len(t.ends))
	}
	t.ends = slices.Grow(t.ends, n)
}

func (t *texts) at(i int32) string {
	start := 0
	if i > 0 {
		start = t.ends[i-1]
	}
	return t.all.String()[start:t.ends[i]]
}

// inOrder gives the texts that are listed.
func (t *texts) inOrder(list []int32) *texts {
	var ordered texts
	ordered.ends = make([]int, 0, len(list))
	size := 0
	for _, i := range list {
		size += len(t.at(i))
	}
	ordered.all.Grow(size)
	for _, i := range list {
		ordered.add(t.at(i))
	}
	return &ordered
}

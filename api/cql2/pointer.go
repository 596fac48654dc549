package cql2

import (
	"strconv"
	"strings"
)

// pointer leads to a value in JSON. It is put into words only where there is a fault: a client can make all of them long. A nil one leads to the whole.
type pointer struct {
	above *pointer
	name  string // of a member of what is above
	index int    // of an element of what is above, else -1
}

func (p *pointer) member(name string) *pointer { return &pointer{p, name, -1} }

func (p *pointer) element(i int) *pointer { return &pointer{p, "", i} }

// String is the JSON pointer (RFC 6901), in which very long names are cut.
func (p *pointer) String() string {
	if p == nil {
		return ""
	}
	step := strconv.Itoa(p.index)
	if p.index < 0 {
		step = strings.NewReplacer("~", "~0", "/", "~1").Replace(cut(p.name))
	}
	return p.above.String() + "/" + step
}

package cql2

import (
	"fmt"
	"strings"
)

// Error says what is wrong with a filter, and where.
type Error struct {
	Offset  int    // of text: how many characters stand before the fault; of JSON: -1
	Pointer string // of JSON: the value at fault, as a JSON pointer (RFC 6901), "" for the whole
	Problem string // what stands there, and what is expected
}

func (e *Error) Error() string {
	switch {
	case e.Offset >= 0:
		return fmt.Sprintf("cql2: at character %d: %s", e.Offset, e.Problem)
	case e.Pointer != "":
		return fmt.Sprintf("cql2: at %s: %s", e.Pointer, e.Problem)
	}
	return "cql2: " + e.Problem
}

// jsonError is the error at a place in JSON.
func jsonError(pointer, format string, args ...any) *Error {
	return &Error{Offset: -1, Pointer: pointer, Problem: fmt.Sprintf(format, args...)}
}

// member is the pointer to a member of the object at a pointer.
func member(pointer, name string) string {
	return pointer + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// element is the pointer to an element of the list at a pointer.
func element(pointer string, i int) string {
	return fmt.Sprintf("%s/%d", pointer, i)
}

// excerpt quotes what a client wrote, cut to a length that a message can have.
func excerpt(s string) string {
	const longest = 40
	for i := range s {
		if i >= longest {
			return fmt.Sprintf("%q...", s[:i])
		}
	}
	return fmt.Sprintf("%q", s)
}

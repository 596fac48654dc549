package cql2

import (
	"fmt"
	"strconv"
)

// Error says what is wrong with a filter, and where.
type Error struct {
	Offset  int    // of text: how many characters stand before the fault; of JSON: -1
	Pointer string // of JSON: the value at fault, as a JSON pointer (RFC 6901) with long names cut, "" for the whole
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
func jsonError(at *pointer, format string, args ...any) *Error {
	return &Error{Offset: -1, Pointer: at.String(), Problem: fmt.Sprintf(format, args...)}
}

// excerpt quotes what a client wrote, as far as a message has room for it.
func excerpt(s string) string { return strconv.Quote(cut(s)) }

// cut shortens what is longer than a message has room for.
func cut(s string) string {
	const longest = 40
	for i := range s {
		if i >= longest {
			return s[:i] + "..."
		}
	}
	return s
}

package access

import (
	"errors"
	"fmt"
)

// Refusal is why something cannot be kept as it was given: the field that is wrong, and what it must be.
type Refusal struct{ Field, Why string }

func (r *Refusal) Error() string { return "access: " + r.Field + ": " + r.Why }

func refuse(field, format string, args ...any) error {
	return &Refusal{field, fmt.Sprintf(format, args...)}
}

// What is asked for is not there, or is there already.
var (
	ErrNotFound = errors.New("access: not found")
	ErrExists   = errors.New("access: it is there already")
)

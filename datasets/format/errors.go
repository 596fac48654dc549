package format

import (
	"errors"
	"fmt"
)

// What can be wrong with a whole file. They come wrapped with the file's name and the line reached.
var (
	ErrEmpty     = errors.New("the file is empty: download it again, or take it out of the place file")
	ErrEndsEarly = errors.New("the file ends early: download it again")
	ErrDamaged   = errors.New("the file is damaged: download it again")
	ErrTooLong   = errors.New("a record is too long")
)

// at says where in a file an error is.
func at(name string, line int64, err error) error {
	return fmt.Errorf("%s line %d: %w", name, line, err)
}

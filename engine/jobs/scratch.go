package jobs

import (
	"fmt"
	"os"
)

// Scratch opens an empty file for what a run has to put aside. It has no name, is no result, and is gone when it is closed, or when whoever
// runs the job is killed.
func (r *Run) Scratch() (*os.File, error) {
	file, err := os.CreateTemp(r.dir, ".scratch-*") // of mode 0600
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	if err := os.Remove(file.Name()); err != nil {
		file.Close() // it is empty
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return file, nil
}

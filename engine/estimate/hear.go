package estimate

import "sync"

// A Hear is told how far long work is, from one goroutine at a time. An error
// that it returns ends the work, which then returns it.
type Hear func(done, total int) error

// steps counts the steps of some work.
type steps struct {
	mu          sync.Mutex
	hear        Hear
	done, total int
	err         error
}

// next tells that one more step is to be done; an error where the work has
// ended.
func (s *steps) next() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil && s.hear != nil {
		s.err = s.hear(s.done, s.total)
	}
	s.done++
	return s.err
}

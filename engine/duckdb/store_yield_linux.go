//go:build duckdb_arrow && linux

package duckdb

import (
	"runtime"
	"syscall"
)

// lowPriority leaves a thread about a tenth of a core that others want too.
const lowPriority = 10

// yielding does something that takes a while on a thread of low priority, so that commits and maps come first. DuckDB has no threads of its
// own here: it works on the one that calls.
func yielding(do func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()                                                       // for good: the thread ends with the goroutine, for its priority cannot be raised again
		_ = syscall.Setpriority(syscall.PRIO_PROCESS, syscall.Gettid(), lowPriority) // where that is not permitted all are equal
		done <- do()
	}()
	return <-done
}

//go:build duckdb_arrow && linux

package duckdb

import (
	"errors"
	"runtime"
	"syscall"
)

// lowPriority leaves a thread about a tenth of a core that others want too.
const lowPriority = 10

// yielding does something that takes a while on a thread of low priority, so that commits and maps come first. DuckDB has no threads of its
// own here: it works on the one that calls.
func yielding(do func() error) (err error) {
	var panicked any
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { panicked = recover() }()
		runtime.LockOSThread()                                                       // for good: the thread ends with the goroutine, for its priority cannot be raised again
		_ = syscall.Setpriority(syscall.PRIO_PROCESS, syscall.Gettid(), lowPriority) // where that is not permitted all are equal
		err = errors.New("duckdb: a reader of rows ended its goroutine")
		err = do()
	}()
	<-done
	if panicked != nil {
		panic(panicked) // of whoever takes the rows: it is the caller's
	}
	return err
}

//go:build duckdb_arrow

package duckdb

import (
	"errors"
	"runtime"
	"testing"
)

// What happens to whoever takes the rows of a roll-up happens to the caller, and to nobody else.
func TestYieldingGivesBackWhatHappened(t *testing.T) {
	broke := errors.New("the line broke")
	if err := yielding(func() error { return broke }); !errors.Is(err, broke) {
		t.Errorf("%v, not that the line broke", err)
	}
	if runtime.GOOS == "linux" { // elsewhere it would be this goroutine
		if err := yielding(func() error { runtime.Goexit(); return nil }); err == nil {
			t.Error("who ended the goroutine has counted all")
		}
	}
	defer func() {
		if found := recover(); found != "a bug" {
			t.Errorf("the panic is %v", found)
		}
	}()
	_ = yielding(func() error { panic("a bug") })
}

package live

import (
	"runtime"
	"runtime/debug"
)

// mostGarbage is what requests may leave behind, in bytes, before the collector runs.
const mostGarbage = 128 << 20

// LimitGarbage bounds the garbage of a process that has cities open, which by Go's default is as much again as they take. It is called
// when one has been opened. A city has few pointers, so that to collect often costs little.
func LimitGarbage() {
	runtime.GC()
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	debug.SetGCPercent(max(1, min(100, int(100*mostGarbage/now.HeapAlloc))))
}

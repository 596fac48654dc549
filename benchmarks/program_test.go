package benchmarks

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// ended is what a program said and took.
type ended struct {
	said      string
	wall, cpu time.Duration
	peakMB    float64 // 0 where the system does not tell it
}

// runToEnd runs a program. Its peak is looked for while it runs: what the system counts of an ended process begins with the memory of that
// which started it, of a benchmark with a country in memory many GB.
func runToEnd(b *testing.B, program *exec.Cmd) ended {
	b.Helper()
	var said bytes.Buffer
	program.Stdout, program.Stderr = &said, &said
	began := time.Now()
	if err := program.Start(); err != nil {
		b.Fatal(err)
	}
	ending := make(chan error, 1)
	go func() { ending <- program.Wait() }()
	peakMB := 0.0
	for {
		select {
		case err := <-ending:
			if err != nil {
				b.Fatalf("%v: %s", err, said.Bytes())
			}
			return ended{said.String(), time.Since(began), program.ProcessState.UserTime() + program.ProcessState.SystemTime(), peakMB}
		case <-time.After(2 * time.Millisecond):
			peakMB = max(peakMB, statusMB(program.Process.Pid, "VmHWM"))
		}
	}
}

// statusMB is a line of /proc about a process in MB: VmRSS, what is resident, or VmHWM, the most there was. It is 0 where there is none.
func statusMB(pid int, line string) (mb float64) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, size, found := strings.Cut(string(status), line+":")
	var kilobytes float64
	if _, err := fmt.Sscan(size, &kilobytes); !found || err != nil {
		return 0
	}
	return kilobytes * 1024 / 1e6
}

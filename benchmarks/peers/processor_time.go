package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"
)

// tick is the unit of times in /proc: a hundredth of a second on every Linux.
const tick = 10 * time.Millisecond

// spentBy is the processor time that processes have used.
func spentBy(pids ...int) (sum time.Duration, err error) {
	for _, pid := range pids {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			return 0, fmt.Errorf("peers: a process that is measured has ended: %w", err)
		}
		spent, err := parseStat(stat)
		if err != nil {
			return 0, fmt.Errorf("peers: /proc/%d/stat: %w", pid, err)
		}
		sum += spent
	}
	return sum, nil
}

// parseStat reads the processor time, user's and system's, out of /proc/PID/stat. The name of the program stands in parentheses and may
// have spaces and parentheses itself.
func parseStat(stat []byte) (time.Duration, error) {
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	const user, system = 11, 12 // counted from the state, the first after the name
	if len(fields) <= system {
		return 0, fmt.Errorf("%d fields after the name of the program: there should be more than %d", len(fields), system)
	}
	var ticks int64
	for _, field := range [][]byte{fields[user], fields[system]} {
		n, err := strconv.ParseInt(string(field), 10, 64)
		if err != nil || n < 0 {
			return 0, fmt.Errorf("%q is no processor time", field)
		}
		ticks += n
	}
	return time.Duration(ticks) * tick, nil
}

// spentHere is the processor time that this process has used.
func spentHere() (time.Duration, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, fmt.Errorf("peers: processor time of this process: %w", err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), nil
}

//go:build unix

package main

import (
	"os/signal"
	"syscall"
)

// A write beyond the limit on file sizes then fails with an error that can be told, instead of ending the program.
func init() { signal.Ignore(syscall.SIGXFSZ) }

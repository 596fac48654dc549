// Command arpent makes street-by-street estimates from open data and serves them as a map. `arpent --help` lists what it does.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(run()) }

func run() int {
	// The first Ctrl-C asks the work to stop; from then on the signals do again what they do by themselves, so a second one
	// ends the program at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)

	// A write beyond the limit on file sizes then fails with an error that can be told, instead of ending the program.
	signal.Ignore(syscall.SIGXFSZ)

	p := &program{stderr: os.Stderr}
	root := p.rootCommand()
	root.SetArgs(os.Args[1:])
	return p.exitCode(ctx, root.ExecuteContext(ctx))
}

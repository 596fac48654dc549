package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/arpent/arpent/engine"
)

// program is what the subcommands share.
type program struct {
	workspace string // --workspace
	store     string // --store
	stderr    io.Writer
	started   bool // the command line was understood
}

// note tells who runs the program something that is no error.
func (p *program) note(text string) {
	fmt.Fprintln(p.stderr, text) // where nobody can be told, the work goes on
}

// Exit codes.
const (
	exitOK          = 0
	exitError       = 1
	exitUsage       = 2   // the command line is wrong
	exitInterrupted = 130 // Ctrl-C, as shells have it: 128 and the number of SIGINT
)

func (p *program) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "arpent",
		Short: "Street-by-street estimates from open data, as a map",
		Long: `Arpent turns open data - streets, addresses, precinct areas, results, census - into street-by-street estimates that add
up to the official results, and serves them as a map.

A place file says what a place is made of; "arpent build" makes a snapshot of it in a workspace, a folder; "arpent serve"
shows the current snapshot.`,
		Example: `  arpent demo                          an invented city on http://localhost:8080, nothing needed
  arpent build examples/paris.yaml     a real place, from published files
  arpent serve                         its map`,
		Args:          knownCommand,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRun: func(*cobra.Command, []string) {
			p.started = true
		},
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.PersistentFlags().StringVar(&p.workspace, "workspace", "./arpent-data", "folder of the snapshots")
	root.PersistentFlags().StringVar(&p.store, "store", os.Getenv(storeVariable), "where the field log is kept, as clickhouse://HOST,HOST/DATABASE (default: in the workspace); also "+storeVariable)
	root.PersistentFlags().Lookup("store").DefValue = "" // what is in the environment may hold a password
	root.AddCommand(
		p.auditCommand(),
		p.buildCommand(),
		p.campaignCommand(),
		p.checkCommand(),
		p.cityCommand(),
		p.datasetsCommand(),
		p.demoCommand(),
		p.eraseCommand(),
		p.exportCommand(),
		p.fetchCommand(),
		p.fieldCommand(),
		p.heldCommand(),
		p.importCommand(),
		p.initCommand(),
		p.inspectCommand(),
		p.purgeCommand(),
		p.readyCommand(),
		p.reportCommand(),
		p.scoreCommand(),
		p.serveCommand(),
		p.simulateCommand(),
		p.snapshotsCommand(),
		p.sqlCommand(),
		p.storeCommand(),
		p.tokenCommand(),
		p.transitionsCommand(),
		p.turfCommand(),
		p.validateCommand(),
		p.versionCommand(),
	)
	return root
}

// knownCommand refuses words that are no command, and says which one may have been meant.
func knownCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	for _, near := range root.SuggestionsFor(args[0]) {
		return fmt.Errorf("there is no command %q: did you mean `%s %s`?", args[0], root.CommandPath(), near)
	}
	return fmt.Errorf("there is no command %q", args[0])
}

func (p *program) space() engine.Workspace { return engine.Workspace{Dir: p.workspace} }

// exitCode says what went wrong, in one line, and gives the code to exit with.
func (p *program) exitCode(ctx context.Context, err error) int {
	switch {
	case err == nil:
		return exitOK
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintln(p.stderr, "arpent: stopped: the current snapshot is unchanged")
		return exitInterrupted
	case !p.started:
		fmt.Fprintf(p.stderr, "arpent: %s (`arpent --help` shows how)\n", sentence(err))
		return exitUsage
	}
	fmt.Fprintf(p.stderr, "arpent: %s\n", sentence(err))
	return exitError
}

var packagePrefix = regexp.MustCompile(`^(access|api|build|city|clickhouse|datasets|depot|disclose|duckdb|engine|estimate|field|format|geo|jobs|live|transfer): `)

// sentence brings an error to one line, without the name of the package it comes from.
func sentence(err error) string {
	return harmless(packagePrefix.ReplaceAllString(strings.Join(strings.Fields(err.Error()), " "), ""))
}

// harmless replaces what would command a terminal: names of files, columns and members of archives may hold it.
func harmless(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/arpent/arpent/engine/build"
)

// compared says what build.Check compares.
const compared = `Compared are
- the files with the manifest;
- each address with its segment, its cell and its precincts;
- the precincts of each district with those there are: each is in one of a set at most;
- the official votes and registered voters of each precinct with their sums over its segments and over its cells;
- each number of each segment, cell (resolutions 3 to 11), precinct and commune with the sum of its atoms, and whether it
  may be published with its households;
- what is published with what the snapshot before suppressed.`

func (p *program) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Compare every sum of the current snapshot; exit 1 on any difference",
		Long: "Recomputes every sum of the current snapshot and prints a line for each that differs. It exits 0 where all hold and 1\nwhere one does not. " +
			compared + "\n\nWhere the workspace has a field log, it folds its entries once more, and follows the chain of the audit log.",
		Example: "  arpent check",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := p.space().OpenCurrent()
			if err != nil {
				return err
			}
			checked, stopped := build.Check(c.Context(), s)
			out := message.NewPrinter(language.English)
			for _, line := range checked.Differences {
				out.Fprintln(c.OutOrStdout(), line)
			}
			if checked.More > 0 {
				out.Fprintf(c.OutOrStdout(), "and %d more\n", checked.More)
			}
			if stopped != nil {
				return stopped
			}
			if found := int64(len(checked.Differences)) + checked.More; found > 0 {
				return fmt.Errorf("snapshot %s of %s: %s differ: build the place again", s.Manifest.ID, s.Manifest.Name,
					out.Sprintf("%d of %d sums", found, checked.Sums))
			}
			_, err = out.Fprintf(c.OutOrStdout(), "snapshot %s of %s: %d sums compared, all hold\n\n%s\n", s.Manifest.ID, s.Manifest.Name, checked.Sums, compared)
			return errors.Join(err, p.checkField(c))
		},
	}
}

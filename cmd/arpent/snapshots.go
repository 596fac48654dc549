package main

import (
	"errors"
	"fmt"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/arpent/arpent/engine"
)

func (p *program) snapshotsCommand() *cobra.Command {
	list := &cobra.Command{
		Use:   "snapshots",
		Short: "List the snapshots of the workspace, switch back, remove, push and fetch",
		Long: `Lists the snapshots of the workspace, newest first. One that another version of Arpent wrote is listed as "rebuild": build
its place again.`,
		Example: `  arpent snapshots
  arpent snapshots switch 0123456789abcdef
  arpent snapshots remove 0123456789abcdef`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return p.listSnapshots(c) },
	}
	list.AddCommand(
		&cobra.Command{
			Use:     "switch ID",
			Short:   "Make a snapshot the current one",
			Long:    "Makes a snapshot the current one. A server that is running goes over to it within a second or two.",
			Example: "  arpent snapshots switch 0123456789abcdef",
			Args:    oneID,
			RunE: func(c *cobra.Command, args []string) error {
				if err := p.changeSnapshot(args[0], p.space().Switch); err != nil {
					return err
				}
				_, err := fmt.Fprintf(c.OutOrStdout(), "%s is the current snapshot\n", args[0])
				return err
			},
		},
		&cobra.Command{
			Use:     "remove ID",
			Short:   "Delete a snapshot that is not the current one",
			Long:    "Deletes a snapshot that is not the current one. It can be built again from the same files. Keep the newest, if it was served: the\nnext build heeds what it published.",
			Example: "  arpent snapshots remove 0123456789abcdef",
			Args:    oneID,
			RunE: func(c *cobra.Command, args []string) error {
				if err := p.changeSnapshot(args[0], p.space().Remove); err != nil {
					return err
				}
				_, err := fmt.Fprintf(c.OutOrStdout(), "%s is removed\n", args[0])
				return err
			},
		},
		p.pushSnapshotCommand(),
		p.fetchSnapshotCommand(),
	)
	return list
}

func oneID(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%s takes the id of one snapshot: `arpent snapshots` lists them", c.CommandPath())
	}
	return nil
}

// changeSnapshot does something with a snapshot that the workspace lists, while no build is at work there.
func (p *program) changeSnapshot(id string, change func(id string) error) error {
	list, err := p.space().List()
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(list, func(l engine.Listed) bool { return l.ID == id }) {
		return fmt.Errorf("there is no snapshot %s in %s: `arpent snapshots` lists them", id, p.workspace)
	}
	release, err := p.space().Hold()
	if err != nil {
		return err
	}
	defer release()
	return change(id)
}

func (p *program) listSnapshots(c *cobra.Command) error {
	list, err := p.space().List()
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return fmt.Errorf("there is no snapshot in %s: run `arpent build PLACE.yaml --workspace %s`", p.workspace, p.workspace)
	}
	out := message.NewPrinter(language.English)
	w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "id\tbuilt\tplace\tMB\tstate")
	for _, l := range list {
		place, megabytes, state := "", "", ""
		switch {
		case l.Snapshot != nil:
			var bytes int64
			for _, t := range l.Snapshot.Manifest.Tables {
				bytes += t.Bytes
			}
			place, megabytes = l.Snapshot.Manifest.Name, out.Sprintf("%.1f", float64(bytes)/1e6)
		case errors.Is(l.Problem, engine.ErrFormat):
			state = "rebuild"
		default:
			state = "damaged: " + sentence(l.Problem)
		}
		if l.Current && state != "" {
			state = "current, " + state
		} else if l.Current {
			state = "current"
		}
		built := ""
		if !l.Built.IsZero() {
			built = l.Built.Format("2006-01-02 15:04:05")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", l.ID, built, place, megabytes, state)
	}
	return w.Flush()
}

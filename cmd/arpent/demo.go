package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

// demoWorkspace is where the demo builds, unless it is told otherwise: beside the real places' snapshots, not among them.
const demoWorkspace = "./arpent-data/demo"

func (p *program) demoCommand() *cobra.Command {
	var which invented
	var addr, dir string
	c := &cobra.Command{
		Use:   "demo",
		Short: "Make an invented city, load it and show its map",
		Long: `Makes an invented city, builds it, and serves its map until Ctrl-C. It needs no data and no network. Unless --workspace
names another, its workspace is ` + demoWorkspace + `, and a real place stays current in its own. The city's files stay in
the workspace, for the next time.`,
		Example: `  arpent demo
  arpent demo --size city --seed 7 --addr 127.0.0.1:8090`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			listener, err := listen(addr) // before the work: a busy port is known at once
			if err != nil {
				return err
			}
			defer listener.Close()
			if !c.Flags().Changed("workspace") {
				p.workspace = demoWorkspace
			}
			if dir == "" {
				dir = filepath.Join(p.workspace, "cities", fmt.Sprintf("%s-%d", which.size.value, which.seed))
			}
			if err := p.demoFiles(c, which, dir); err != nil {
				return err
			}
			before, noneBefore := p.space().OpenCurrent()
			result, err := p.build(c.Context(), filepath.Join(dir, placeFile), "")
			if err != nil {
				return err
			}
			if noneBefore == nil && before.Manifest.ID != result.ID {
				fmt.Fprintf(c.OutOrStdout(), "snapshot %s of %s was current before: `arpent snapshots switch %s --workspace %s` goes back to it\n",
					before.Manifest.ID, before.Manifest.Name, before.Manifest.ID, p.workspace)
			}
			return p.serve(c, listener)
		},
	}
	which.addFlags(c)
	c.Flags().StringVar(&addr, "addr", defaultAddr, "address to listen on, as HOST:PORT")
	c.Flags().StringVar(&dir, "dir", "", "folder of the city's files (default: cities/SIZE-SEED in the workspace)")
	return c
}

// demoFiles makes the city, unless it is there already.
func (p *program) demoFiles(c *cobra.Command, which invented, dir string) error {
	_, err := os.Stat(filepath.Join(dir, placeFile))
	if err == nil {
		fmt.Fprintf(c.OutOrStdout(), "the city in %s is there already\n", dir)
		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look for the city: %w", err)
	}
	summary, err := p.makeCity(c.Context(), which, dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.OutOrStdout(), "%s\n", summary)
	return nil
}

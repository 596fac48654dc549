package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/access"
)

// demoWorkspace is where the demo builds, unless it is told otherwise: beside the real places' snapshots, not among them.
const demoWorkspace = "./arpent-data/demo"

func (p *program) demoCommand() *cobra.Command {
	var which invented
	var dir string
	o := defaultServing()
	c := &cobra.Command{
		Use:   "demo",
		Short: "Make an invented city, load it and show its map",
		Long: `Makes an invented city, builds it, and serves its map until Ctrl-C. It needs no data and no network. Unless --workspace
names another, its workspace is ` + demoWorkspace + `, and a real place stays current in its own. The city's files stay in
the workspace, for the next time. It has a campaign, "demo": it prints a token for its staff, and the command that has canvassers walk.`,
		Example: `  arpent demo
  arpent demo --size city --seed 7 --addr 127.0.0.1:8090`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			listener, err := listen(o.addr) // before the work: a busy port is known at once
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
			result, err := p.build(c.Context(), filepath.Join(dir, placeFile), buildOptions{})
			if err != nil {
				return err
			}
			if noneBefore == nil && before.Manifest.ID != result.ID {
				fmt.Fprintf(c.OutOrStdout(), "snapshot %s of %s was current before: `arpent snapshots switch %s --workspace %s` goes back to it\n",
					before.Manifest.ID, before.Manifest.Name, before.Manifest.ID, p.workspace)
			}
			next, err := p.demoCampaign(c, listener.Addr(), dir)
			if err != nil {
				return err
			}
			return p.serve(c, listener, o, next)
		},
	}
	which.addFlags(c)
	c.Flags().StringVar(&o.addr, "addr", o.addr, "address to listen on, as HOST:PORT")
	c.Flags().StringVar(&dir, "dir", "", "folder of the city's files (default: cities/SIZE-SEED in the workspace)")
	return c
}

// The campaign of the demo, whose phones `arpent simulate field` plays.
const (
	demoName  = "demo"
	demoToken = "token.txt" // in the folder of the city
)

// demoCampaign adds a campaign, unless it is there already, gives the staff a new token for a day, and says what can be done with it.
func (p *program) demoCampaign(c *cobra.Command, listening net.Addr, dir string) (next string, err error) {
	now := time.Now()
	campaign := engine.Campaign{
		ID: demoName, Contest: canvassContest, Choice: canvassList, Begins: now.AddDate(0, 0, -1), Election: now.AddDate(0, 2, 0).Format(time.DateOnly),
		KeepDays: engine.DefaultKeepDays,
	}
	request := access.TokenRequest{Scopes: []engine.Scope{engine.FieldWrite, engine.FieldRead}, Label: "demo", Expires: now.AddDate(0, 0, 1)}
	var secret string
	err = p.administer(c.Context(), func(a administration) error {
		list, err := a.campaigns(c.Context())
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(list, func(one engine.Campaign) bool { return one.ID == demoName }) {
			if err := a.addCampaign(c.Context(), campaign); err != nil {
				return err
			}
		}
		secret, _, err = a.newToken(c.Context(), demoName, request)
		return err
	})
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, demoToken)
	if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep the token: %w", err)
	}
	return fmt.Sprintf(`sign in as staff with %s
then have the streets walked: arpent simulate field %s --token-file %s --url %s
`, secret, dir, file, localURL(listening)), nil
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

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/access"
	"github.com/arpent/arpent/engine/clickhouse"
	"github.com/arpent/arpent/engine/duckdb"
	"github.com/arpent/arpent/engine/transfer"
)

// toWorkspace is what --to says for the workspace itself.
const toWorkspace = "workspace"

func (p *program) storeCopyCommand() *cobra.Command {
	var to string
	var removeSource bool
	c := &cobra.Command{
		Use:   "copy",
		Short: "Copy the field log to another store, compare both, and use that from then on",
		Long: `Copies the field log of the workspace to a cluster of ClickHouse servers, or with "--to workspace" from there back into the workspace.
Stop the server before. Every return and its whole history keeps its place, so that all answers stay what they are. At the end both
stores are read and compared, by counts and by a hash over every column; only then the workspace uses the other.

Whatever interrupts it, the same command goes on where it was. An address with a password is better in ` + storeVariable + ` than on the
command line: without --to, that is where the log is copied to.

What was copied is still in the old store, and whatever is erased from then on is still there too. --remove-source removes the
folder "field" of the workspace once all is compared. Of a cluster nothing is removed: the command says which database to drop.`,
		Example: `  arpent store copy --to clickhouse://ch1,ch2,ch3/arpent
  ` + storeVariable + `=clickhouse://arpent:PASSWORD@ch1,ch2,ch3/arpent arpent store copy --remove-source
  arpent store copy --to workspace --store clickhouse://ch1,ch2,ch3/arpent`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			to := cmp.Or(to, p.store)
			if to == "" {
				return fmt.Errorf("say with --to where the field log is to be copied: an address, as clickhouse://ch1,ch2,ch3/arpent, or %s", toWorkspace)
			}
			m := move{program: p, out: c.OutOrStdout(), to: to, removeSource: removeSource}
			return m.run(c.Context())
		},
	}
	c.Flags().StringVar(&to, "to", "", "where to: an address, as clickhouse://HOST,HOST/DATABASE, or "+toWorkspace+" (default: what --store or "+storeVariable+" says)")
	c.Flags().BoolVar(&removeSource, "remove-source", false, "remove the field log from the workspace once it is compared")
	return c
}

// move is a field log on its way from the store that the workspace uses to another.
type move struct {
	*program
	out          io.Writer
	to           string // as the command line has it
	removeSource bool

	from, name string // of the two stores, without logins; "" for the workspace
	id         string // of the target, where that is a cluster
}

func (m *move) run(ctx context.Context) (err error) {
	if m.to != toWorkspace {
		if m.name, err = clickhouse.Name(m.to); err != nil {
			return err
		}
	}
	release, server, err := m.holdField(ctx)
	if err != nil {
		return err
	}
	if server != nil {
		return fmt.Errorf("the server on %s holds the field log of the workspace %s: stop it, and copy then", server.url, m.workspace)
	}
	defer release()
	if m.from, err = m.rememberedStore(); err != nil {
		return err
	}
	if m.from == m.name {
		return m.there()
	}
	if m.from != "" && m.removeSource {
		return fmt.Errorf("nothing is removed from a cluster: copy without --remove-source, and drop the database of %s then", m.from)
	}
	registry, err := access.Open(m.space().StateDir())
	if err != nil {
		return err
	}
	var campaigns []string
	for _, campaign := range registry.Campaigns() {
		campaigns = append(campaigns, campaign.ID)
	}
	sums, err := m.copy(ctx, campaigns)
	if err != nil {
		return m.remedy(ctx, err)
	}
	if err := m.tell(sums); err != nil {
		return err
	}
	return m.switchOver()
}

// there is for a log that is where it is to be. The command that brought it there may have been interrupted before it removed the source.
func (m *move) there() error {
	where := cmp.Or(m.name, "in the workspace")
	if m.name != "" {
		where = "on " + where
	}
	fmt.Fprintf(m.out, "the field log of the workspace %s is kept %s already\n", m.workspace, where)
	if m.name == "" {
		return nil
	}
	return m.leave()
}

// copy copies and compares. Both stores are closed when it returns.
func (m *move) copy(ctx context.Context, campaigns []string) (sums []transfer.Sum, err error) {
	source, err := m.openSource(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	target, err := m.openTarget(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	progress := newProgress(m.stderr)
	sums, err = transfer.Copy(ctx, source, target, campaigns, progress.Hear)
	if err != nil {
		progress.Stop()
		return nil, err
	}
	progress.Done()
	return sums, nil
}

// openSource opens the store that the workspace uses. Where that is the workspace itself, --store may name the target already.
func (m *move) openSource(ctx context.Context) (engine.Store, error) {
	if m.from != "" {
		return m.openStore(ctx)
	}
	_, err := os.Stat(fieldDir(m.space()))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the workspace %s has no field log yet, and there is nothing to copy: serve it with --store, and it is kept there from the first return", m.workspace)
	}
	if err != nil {
		return nil, err
	}
	return duckdb.OpenStore(ctx, fieldDir(m.space()))
}

func (m *move) openTarget(ctx context.Context) (engine.Store, error) {
	if m.name == "" {
		return duckdb.OpenStore(ctx, fieldDir(m.space()))
	}
	store, err := clickhouse.Open(ctx, m.to, "")
	if err != nil {
		return nil, err
	}
	m.id = store.ID()
	return store, nil
}

// remedy says what to do about a copy that has failed.
func (m *move) remedy(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, transfer.ErrDiffers) && m.name == "":
		return fmt.Errorf("%w. What is in %s is of no use for this copy: remove it, and copy again", err, fieldDir(m.space()))
	case errors.Is(err, transfer.ErrDiffers):
		return fmt.Errorf("%w. Drop the database of %s, or name another in the address, and copy again", err, m.name)
	case ctx.Err() != nil:
		m.note("what is copied stays, and the workspace uses the store that it did: the same command goes on")
		return ctx.Err() // a database has its own words for it
	case errors.Is(err, engine.ErrStoreUnavailable):
		return fmt.Errorf("%w. The same command goes on", err)
	}
	return err
}

// tell prints what was copied.
func (m *move) tell(sums []transfer.Sum) error {
	w := tabwriter.NewWriter(m.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "campaign\treturns\tsettlements\tSHA-256 of both")
	for _, s := range sums {
		fmt.Fprintf(w, "%s\t%d\t%d\t%x\n", s.Campaign, s.Entries, s.Settlements, s.Hash)
	}
	return w.Flush()
}

// switchOver makes the workspace use the other store, and says what is left in the old one.
func (m *move) switchOver() error {
	if m.name != "" {
		if err := m.rememberStore(m.name, m.id); err != nil {
			return err
		}
		fmt.Fprintf(m.out, "the field log of the workspace %s is kept on %s from now on: start the server with --store or %s\n", m.workspace, m.name, storeVariable)
	} else {
		if err := m.forgetStore(); err != nil {
			return err
		}
		fmt.Fprintf(m.out, "the field log of the workspace %s is kept in it from now on: start the server without --store and %s\n", m.workspace, storeVariable)
	}
	if m.from != "" {
		_, err := fmt.Fprintf(m.out, "%s still has all of it, also what is erased from now on: drop its database on every server\n", m.from)
		return err
	}
	return m.leave()
}

// leave removes the log that the workspace has kept itself, or says that it is still there.
func (m *move) leave() error {
	dir := fieldDir(m.space())
	switch _, err := os.Stat(dir); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !m.removeSource:
		_, err := fmt.Fprintf(m.out, "%s still has what was copied, also what is erased from now on: the same command with --remove-source removes it\n", dir)
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove the old field log: %w", err)
	}
	if err := engine.SyncDir(m.workspace); err != nil {
		return err
	}
	_, err := fmt.Fprintf(m.out, "%s is removed\n", dir)
	return err
}

package main

import "github.com/spf13/cobra"

func (p *program) storeCommand() *cobra.Command {
	store := &cobra.Command{
		Use:   "store",
		Short: "Move the field log to another store, or back",
		Long: `The field log of a workspace is kept in the workspace, or on a cluster of ClickHouse servers that --store or ` + storeVariable + ` names. The
workspace remembers which: a log is never split between two.`,
		Example: "  arpent store copy --to clickhouse://ch1,ch2,ch3/arpent",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	store.AddCommand(p.storeCopyCommand())
	return store
}

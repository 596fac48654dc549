package main

import (
	"fmt"
	"net/http"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine/field"
)

func (p *program) auditCommand() *cobra.Command {
	audit := &cobra.Command{
		Use:   "audit",
		Short: "Show who read what of the field, and prove that nothing of it was changed",
		Long: `Every read of the field below what everybody may see, every export, purge and erasure is a line of the audit log. Each line has the hash
of the one before, so that no line can be changed, removed or put elsewhere unseen. Whoever notes the last hash elsewhere can also
tell that none was cut off at the end.`,
		Example: "  arpent audit verify\n  arpent audit show --campaign north",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	audit.AddCommand(p.auditVerifyCommand(), p.auditShowCommand())
	return audit
}

func (p *program) auditVerifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "verify",
		Short: "Follow the chain of hashes; exit 1 where it is broken",
		Long: `Follows the chain of hashes from the first line to the last, and prints how many lines there are and the last hash: note it elsewhere,
and compare it the next time. It exits 1 and names the line where the chain is broken.`,
		Example: "  arpent audit verify",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			head, err := field.VerifyAudit(p.space().StateDir())
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%d lines, the chain is whole; the last hash is %s\n", head.Lines, head.Hash)
			return err
		},
	}
}

func (p *program) auditShowCommand() *cobra.Command {
	var named string
	var asJSON bool
	c := &cobra.Command{
		Use:   "show",
		Short: "List the audit log of a campaign",
		Long:  "Lists the lines of a campaign, oldest first: when, with which token, what was read and how much of it, or the receipt of an erasure.",
		Example: `  arpent audit show
  arpent audit show --campaign north --json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			campaign, err := p.chosenCampaign(c, named)
			if err != nil {
				return err
			}
			lines, err := p.auditLines(c, campaign.ID)
			if err != nil {
				return err
			}
			if asJSON {
				return encodeJSON(c.OutOrStdout(), lines)
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "line\ttime\ttoken\twhat\tgrain\trows\thash")
			for _, l := range lines {
				what, rows := l.Route, l.Rows
				if l.Receipt != nil {
					what, rows = l.Receipt.Kind+" of "+l.Receipt.Subject, l.Receipt.Erased
				}
				fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%d\t%.12s\n", l.N, l.Time.Format(time.RFC3339), l.Token, what, l.Grain, rows, l.Hash)
			}
			return w.Flush()
		},
	}
	addCampaignFlag(c, &named)
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON, with the whole hashes and receipts")
	return c
}

// auditLines reads all pages.
func (p *program) auditLines(c *cobra.Command, campaign string) (lines []api.AuditLine, err error) {
	err = p.askField(c, campaign, func(server *runningServer) error {
		for after := int64(0); ; {
			var page api.AuditList
			if err := server.call(c.Context(), http.MethodGet, "/v1/audit?after="+strconv.FormatInt(after, 10), nil, &page); err != nil {
				return err
			}
			if len(page.Lines) == 0 {
				return nil
			}
			lines, after = append(lines, page.Lines...), page.Next
		}
	})
	return lines, err
}

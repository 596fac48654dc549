package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/arpent/arpent/api"
)

// subjectFlags say whom a command is about.
type subjectFlags struct {
	campaign string
	subject  api.Subject
	asJSON   bool
}

func (s *subjectFlags) add(c *cobra.Command) {
	addCampaignFlag(c, &s.campaign)
	f := c.Flags()
	f.StringVar(&s.subject.Record, "record", "", "the id of a return")
	f.StringVar(&s.subject.AddressID, "address", "", "an address of the register, as 75118_1234_00012")
	f.Int64Var(&s.subject.SegmentID, "segment", 0, "a street between two crossings, with --door")
	f.StringVar(&s.subject.Door, "door", "", "the door of the address or segment, as it was sent")
	f.StringVar(&s.subject.Canvasser, "canvasser", "", "the pseudonym of a canvasser, as it was sent")
	c.MarkFlagsMutuallyExclusive("record", "address", "segment", "canvasser")
	c.MarkFlagsOneRequired("record", "address", "segment", "canvasser")
}

func (p *program) eraseCommand() *cobra.Command {
	var s subjectFlags
	c := &cobra.Command{
		Use:   "erase",
		Short: "Erase all that is held of a return, a door or a canvasser",
		Long: `Erases all that the field log has of one return (with its corrections), of one door, or of one canvasser. When it ends nothing of it
is in any file of the workspace; sent again, it stays out. It prints the receipt, which is in the audit log too.

Counts that depended on it are made again: the staff sees it at once, everybody else when the answers of 11 households have changed.`,
		Example: `  arpent erase --campaign north --address 75118_1234_00012 --door 3-left
  arpent erase --record 6e1f0b9c-6f0f-4a53-9c44-0a4c3f2c9a11
  arpent erase --canvasser c17`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			campaign, err := p.chosenCampaign(c, s.campaign)
			if err != nil {
				return err
			}
			var receipt api.Receipt
			err = p.askField(c, campaign.ID, func(server *runningServer) error {
				return server.call(c.Context(), http.MethodPost, "/v1/field/erasures", s.subject, &receipt)
			})
			if err != nil {
				return err
			}
			return tellReceipt(c.OutOrStdout(), receipt, s.asJSON)
		},
	}
	s.add(c)
	c.Flags().BoolVar(&s.asJSON, "json", false, "the receipt as JSON")
	return c
}

func tellReceipt(w io.Writer, r api.Receipt, asJSON bool) error {
	if asJSON {
		return encodeJSON(w, r)
	}
	text := fmt.Sprintf("%s of campaign %s: %d entries erased\n  of       %s\n  at       %s\n", r.Kind, r.Campaign, r.Erased, r.Subject, r.Time.UTC().Format(time.RFC3339))
	for _, line := range [][2]string{{"asked", r.Asked}, {"receipt", r.Hash}} {
		if line[1] != "" {
			text += fmt.Sprintf("  %-8s %s\n", line[0], line[1])
		}
	}
	if r.KeyMayGo {
		text += "  key      destroyed: the campaign is over, and what hashes are left in receipts can be tied to nothing\n"
	}
	_, err := io.WriteString(w, text)
	return err
}

func (p *program) heldCommand() *cobra.Command {
	var s subjectFlags
	c := &cobra.Command{
		Use:   "held",
		Short: "Export all that is held of a return, a door or a canvasser",
		Long: `Prints as JSON all that the field log has of one return, one door or one canvasser, for whoever asks what is known of them. That it was
read is in the audit log. "arpent erase" takes the same options.`,
		Example: `  arpent held --address 75118_1234_00012 --door 3-left
  arpent held --canvasser c17 --campaign north`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			campaign, err := p.chosenCampaign(c, s.campaign)
			if err != nil {
				return err
			}
			var list api.HeldList
			err = p.askField(c, campaign.ID, func(server *runningServer) error {
				return server.call(c.Context(), http.MethodPost, "/v1/field/held", s.subject, &list)
			})
			if err != nil {
				return err
			}
			return encodeJSON(c.OutOrStdout(), list)
		},
	}
	s.add(c)
	return c
}

func (p *program) purgeCommand() *cobra.Command {
	var named string
	var asJSON bool
	c := &cobra.Command{
		Use:   "purge",
		Short: "Erase the returns that have expired",
		Long: `Erases the returns that have expired: those of a campaign on the day after its election and the days it keeps them, and those that came
with an earlier end. Once nothing is left after that day, the campaign's key is destroyed too: then no hash of a door can be tied to
the door. A running server does the same each day. It prints a receipt for each campaign.`,
		Example: `  arpent purge
  arpent purge --campaign north --json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			campaigns, err := p.campaignsToPurge(c, named)
			if err != nil {
				return err
			}
			for _, campaign := range campaigns {
				var receipt api.Receipt
				err := p.askField(c, campaign, func(server *runningServer) error {
					return server.call(c.Context(), http.MethodPost, "/v1/field/purge", nil, &receipt)
				})
				if err == nil {
					err = tellReceipt(c.OutOrStdout(), receipt, asJSON)
				}
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.Flags().StringVar(&named, "campaign", "", "only this campaign")
	c.Flags().BoolVar(&asJSON, "json", false, "the receipts as JSON")
	return c
}

// campaignsToPurge are the campaigns that can be purged: the one that was named, or all.
func (p *program) campaignsToPurge(c *cobra.Command, named string) (ids []string, err error) {
	if named != "" {
		one, err := p.chosenCampaign(c, named)
		return []string{one.ID}, err
	}
	err = p.administer(c.Context(), func(a administration) error {
		list, err := a.campaigns(c.Context())
		for _, one := range list {
			ids = append(ids, one.ID)
		}
		if len(list) == 0 && err == nil {
			err = errors.New("there is no campaign: nothing is held")
		}
		return err
	})
	return ids, err
}

package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/access"
)

func (p *program) tokenCommand() *cobra.Command {
	token := &cobra.Command{
		Use:   "token",
		Short: "Make, list and revoke the tokens of a campaign",
		Long: `A token lets a phone, a desk or a script use the API for one campaign, as far as its scopes go. Only a hash of it is kept.

` + scopesHelp,
		Example: "  arpent token new --campaign north --scope field:write --label team-east\n  arpent token list\n  arpent token revoke 2f5xq7kdma",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	var campaign string
	list := &cobra.Command{
		Use:     "list",
		Short:   "List tokens, without their secrets",
		Long:    "Lists the tokens of a campaign, or of all campaigns. No secret is kept, so none is shown.",
		Example: "  arpent token list --campaign north",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return p.listTokens(c, campaign) },
	}
	list.Flags().StringVar(&campaign, "campaign", "", "only of this campaign")
	token.AddCommand(p.tokenNewCommand(), list, &cobra.Command{
		Use:     "revoke ID",
		Short:   "Make a token worthless, at once and for ever",
		Long:    "Makes a token worthless, at once and for ever. ID is the part of the token between its two underscores, as `arpent token list` shows it.",
		Example: "  arpent token revoke 2f5xq7kdma",
		Args:    oneArgument("the id of a token, as 2f5xq7kdma: `arpent token list` lists them"),
		RunE:    func(c *cobra.Command, args []string) error { return p.revokeToken(c, args[0]) },
	})
	return token
}

const scopesHelp = `Scopes:
  read:open       what everybody may see
  read:aggregate  what the field has said, as it was last published
  field:write     send returns
  field:read      the staff's view; every read is logged
  jobs            scoring and export jobs
  admin           release, erase, purge, turfs, tokens`

func (p *program) tokenNewCommand() *cobra.Command {
	var campaign, expires string
	var scopes []string
	var request access.TokenRequest
	c := &cobra.Command{
		Use:   "new",
		Short: "Make a token and print it, this once",
		Long: `Makes a token of a campaign. It is printed on standard output, alone, and only this once: it cannot be had again. It ends with
the returns of the campaign, unless --expires says an earlier or later time.

` + scopesHelp,
		Example: `  arpent token new --campaign north --scope field:write --turf east --expires 30d --label team-east
  arpent token new --campaign north --scope field:read,admin >staff.token`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			for _, scope := range scopes {
				request.Scopes = append(request.Scopes, engine.Scope(scope))
			}
			if request.Expires, err = expiry(expires, time.Now()); err != nil {
				return err
			}
			return p.newToken(c, campaign, request)
		},
	}
	flags := c.Flags()
	flags.StringVar(&campaign, "campaign", "", "its campaign (default: the only one)")
	flags.StringSliceVar(&scopes, "scope", nil, "what it may do; several are possible")
	flags.StringSliceVar(&request.Turfs, "turf", nil, "a turf that it is limited to; several are possible (default: all of the campaign)")
	flags.StringVar(&expires, "expires", "", "when it ends: days from now as 30d, or its last day as YYYY-MM-DD")
	flags.StringVar(&request.Label, "label", "", "a code to know it again by: of a device or a team, never of a person")
	return c
}

// longestLife of a token, in days.
const longestLife = 3660

// expiry reads --expires: days from now, or the last day (UTC). It is zero where nothing is asked for.
func expiry(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if number, ok := strings.CutSuffix(text, "d"); ok {
		if days, err := strconv.Atoi(number); err == nil && days > 0 && days <= longestLife {
			return now.AddDate(0, 0, days), nil
		}
	} else if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day.AddDate(0, 0, 1), nil
	}
	return time.Time{}, fmt.Errorf("--expires %q is no time: write it as 30d, at most %dd, or as 2027-04-11", text, longestLife)
}

func (p *program) newToken(c *cobra.Command, campaign string, request access.TokenRequest) error {
	return p.administer(c.Context(), func(a administration) error {
		campaign, err := p.oneCampaign(c.Context(), a, campaign)
		if err != nil {
			return err
		}
		secret, token, err := a.newToken(c.Context(), campaign, request)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.stderr, "token %s of campaign %s may %s until %s; it is shown this once:\n",
			token.ID, campaign, joined(token.Scopes), token.Expires.Local().Format(time.DateTime))
		_, err = fmt.Fprintln(c.OutOrStdout(), secret)
		return err
	})
}

// oneCampaign gives the campaign that was asked for, or the only one there is.
func (p *program) oneCampaign(ctx context.Context, a administration, asked string) (string, error) {
	list, err := a.campaigns(ctx)
	if err != nil {
		return "", err
	}
	if len(list) == 0 {
		return "", fmt.Errorf("there is no campaign in %s: `arpent campaign add` makes one", p.workspace)
	}
	if asked == "" && len(list) > 1 {
		return "", errors.New("there are several campaigns: say with --campaign which; `arpent campaign list` lists them")
	}
	for _, one := range list {
		if asked == "" || one.ID == asked {
			return one.ID, nil
		}
	}
	return "", fmt.Errorf("there is no campaign %q: `arpent campaign list` lists them", asked)
}

func joined(scopes []engine.Scope) string {
	var names []string
	for _, scope := range scopes {
		names = append(names, string(scope))
	}
	return strings.Join(names, ",")
}

// eachToken calls each with the tokens of a campaign, of all campaigns where it is "".
func (p *program) eachToken(ctx context.Context, a administration, campaign string, each func(access.Token)) error {
	campaigns, err := a.campaigns(ctx)
	if err == nil && campaign != "" {
		campaign, err = p.oneCampaign(ctx, a, campaign)
	}
	if err != nil {
		return err
	}
	for _, one := range campaigns {
		if campaign != "" && one.ID != campaign {
			continue
		}
		tokens, err := a.tokens(ctx, one.ID)
		if err != nil {
			return err
		}
		for _, token := range tokens {
			each(token)
		}
	}
	return nil
}

func (p *program) listTokens(c *cobra.Command, campaign string) error {
	return p.administer(c.Context(), func(a administration) error {
		w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "token\tcampaign\tscopes\tturfs\tcreated\texpires\tlabel\tstate")
		err := p.eachToken(c.Context(), a, campaign, func(t access.Token) {
			state := ""
			switch {
			case t.Revoked:
				state = "revoked"
			case !time.Now().Before(t.Expires):
				state = "expired"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", t.ID, t.Campaign, joined(t.Scopes), strings.Join(t.Turfs, ","),
				t.Created.Local().Format(time.DateOnly), t.Expires.Local().Format(time.DateTime), t.Label, state)
		})
		if err != nil {
			return err
		}
		return w.Flush()
	})
}

func (p *program) revokeToken(c *cobra.Command, id string) error {
	if access.HoldsSecret(id) {
		return errors.New("that is the token itself: give only its id, the part between its two underscores")
	}
	return p.administer(c.Context(), func(a administration) error {
		campaign := ""
		err := p.eachToken(c.Context(), a, "", func(t access.Token) {
			if t.ID == id {
				campaign = t.Campaign
			}
		})
		if err != nil {
			return err
		}
		if campaign == "" {
			return fmt.Errorf("there is no token %q: `arpent token list` lists them", id)
		}
		if err := a.revoke(c.Context(), campaign, id); err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.OutOrStdout(), "token %s of campaign %s is revoked\n", id, campaign)
		return err
	})
}

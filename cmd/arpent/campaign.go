package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/spf13/cobra"

	"github.com/arpent/arpent/engine"
)

func (p *program) campaignCommand() *cobra.Command {
	campaign := &cobra.Command{
		Use:   "campaign",
		Short: "Add and list the campaigns of the workspace",
		Long: `A campaign has its own returns from the field, its own key for what is kept of doors, and its own tokens and turfs. It sees
nothing of another campaign.`,
		Example: "  arpent campaign add north --choice durand --election 2027-04-11\n  arpent campaign list",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	campaign.AddCommand(p.campaignAddCommand(), &cobra.Command{
		Use:     "list",
		Short:   "List the campaigns of the workspace",
		Long:    "Lists the campaigns of the workspace, and until when their returns are kept.",
		Example: "  arpent campaign list",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return p.listCampaigns(c) },
	})
	return campaign
}

func (p *program) campaignAddCommand() *cobra.Command {
	var asked engine.Campaign
	var begins string
	add := &cobra.Command{
		Use:   "add ID",
		Short: "Add a campaign",
		Long: `Adds a campaign. ID is a code: 1 to 32 of a-z, 0-9, dash and underscore.

--contest and --choice say which result its returns are compared with, and who of it is its own candidate or list; the contest
is the latest of the current snapshot, unless another is given. What happens at the doors before --begins is taken for a clock
that is wrong. Returns are kept until --keep-days after the --election, and no longer.`,
		Example: `  arpent campaign add north --choice durand --election 2027-04-11
  arpent campaign add north --contest 2022_pres_t1 --choice durand --election 2027-04-11 --begins 2027-01-15 --team east --team west`,
		Args: oneArgument("the id of a campaign, as north"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			asked.ID = args[0]
			if asked.Begins, err = dayOrNow(begins); err != nil {
				return err
			}
			return p.addCampaign(c, asked)
		},
	}
	flags := add.Flags()
	flags.StringVar(&asked.Contest, "contest", "", "the last result that returns are compared with (default: the latest)")
	flags.StringVar(&asked.Choice, "choice", "", "the campaign's own candidate or list in it")
	flags.StringVar(&asked.Election, "election", "", "day of the vote, as YYYY-MM-DD")
	flags.StringVar(&begins, "begins", "", "first day of the campaign, as YYYY-MM-DD (default: now)")
	flags.IntVar(&asked.KeepDays, "keep-days", engine.DefaultKeepDays, "days that returns are kept after the election")
	flags.StringSliceVar(&asked.Teams, "team", nil, "a team, as a code; without any, all codes are teams")
	return add
}

// oneArgument asks for one argument, and says which.
func oneArgument(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != 1 {
			return fmt.Errorf("%s takes %s", c.CommandPath(), what)
		}
		return nil
	}
}

// dayOrNow reads the beginning of a day on this machine, now where it is "".
func dayOrNow(day string) (time.Time, error) {
	if day == "" {
		return time.Now(), nil
	}
	begin, err := time.ParseInLocation(time.DateOnly, day, time.Local)
	if err != nil {
		return time.Time{}, fmt.Errorf("--begins %q is not a day: write it as 2027-01-15", day)
	}
	return begin, nil
}

func (p *program) addCampaign(c *cobra.Command, asked engine.Campaign) error {
	contests, err := p.contests(c.Context())
	if err != nil {
		return err
	}
	if asked.Contest, err = chooseContest(contests, asked.Contest); err != nil {
		return err
	}
	if err := checkChoice(contests, asked.Contest, asked.Choice); err != nil {
		return err
	}
	if err := p.administer(c.Context(), func(a administration) error { return a.addCampaign(c.Context(), asked) }); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "campaign %s is added: its returns are compared with %s in %s, and kept until %s\n",
		asked.ID, asked.Choice, asked.Contest, lastDay(asked.Expires()))
	return err
}

// lastDay is the day that ends at a time.
func lastDay(end time.Time) string { return end.Add(-time.Nanosecond).Format(time.DateOnly) }

func (p *program) listCampaigns(c *cobra.Command) error {
	return p.administer(c.Context(), func(a administration) error {
		list, err := a.campaigns(c.Context())
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return fmt.Errorf("there is no campaign in %s: `arpent campaign add` makes one", p.workspace)
		}
		w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "campaign\tcontest\tchoice\tbegins\telection\tkept until\tteams")
		for _, one := range list {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", one.ID, one.Contest, one.Choice, one.Begins.Local().Format(time.DateOnly), one.Election,
				lastDay(one.Expires()), strings.Join(one.Teams, ","))
		}
		return w.Flush()
	})
}

// contestToChoose is a contest of the current snapshot, with the candidates and lists on its ballot.
type contestToChoose struct {
	id, date string
	round    int32
	choices  []string
}

// contests reads the contests of the current snapshot, the latest first.
func (p *program) contests(ctx context.Context) ([]contestToChoose, error) {
	s, err := p.space().OpenCurrent()
	if err != nil {
		return nil, err
	}
	var list []contestToChoose
	err = s.ReadTable(ctx, engine.Contests, memory.DefaultAllocator, func(rows engine.Rows) error {
		ids, dates, rounds := rows.Texts("contest"), rows.Texts("date"), rows.Int32s("round")
		for i := range rows.Len() {
			one := contestToChoose{id: ids.Value(i), round: rounds.Value(i)}
			if dates.IsValid(i) {
				one.date = dates.Value(i)
			}
			list = append(list, one)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b contestToChoose) int {
		return cmp.Or(cmp.Compare(b.date, a.date), cmp.Compare(b.round, a.round))
	})
	err = s.ReadTable(ctx, engine.Choices, memory.DefaultAllocator, func(rows engine.Rows) error {
		contests, ids := rows.Texts("contest"), rows.Texts("choice")
		for i := range rows.Len() {
			at := slices.IndexFunc(list, func(c contestToChoose) bool { return c.id == contests.Value(i) })
			if at >= 0 && !engine.IsReserved(ids.Value(i)) {
				list[at].choices = append(list[at].choices, ids.Value(i))
			}
		}
		return nil
	})
	return list, err
}

// chooseContest gives the contest that was asked for, or else the latest.
func chooseContest(contests []contestToChoose, asked string) (string, error) {
	if asked == "" && len(contests) > 0 && (contests[0].date != "" || len(contests) == 1) {
		return contests[0].id, nil
	}
	var known []string
	for _, c := range contests {
		if c.id == asked {
			return asked, nil
		}
		known = append(known, c.id)
	}
	if asked == "" {
		return "", fmt.Errorf("the snapshot does not say which contest is the latest: choose one with --contest: %s", strings.Join(known, ", "))
	}
	return "", fmt.Errorf("there is no contest %q in the current snapshot; known: %s", asked, strings.Join(known, ", "))
}

// checkChoice refuses a choice that is not on the ballot. None is taken for granted: a wrong one would show in every number.
func checkChoice(contests []contestToChoose, contest, choice string) error {
	for _, c := range contests {
		if c.id != contest || slices.Contains(c.choices, choice) {
			continue
		}
		if choice == "" {
			return fmt.Errorf("say with --choice which is the campaign's own in contest %s: %s", contest, strings.Join(c.choices, ", "))
		}
		return fmt.Errorf("there is no choice %q in contest %s; known: %s", choice, contest, strings.Join(c.choices, ", "))
	}
	return nil
}

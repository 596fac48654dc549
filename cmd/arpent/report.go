package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/arpent/arpent/engine"
)

func (p *program) reportCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "report",
		Short: "Tell what was read, left out and unmatched in the current snapshot",
		Long: `Tells in words what is in the report of the current snapshot: the files and their rows, those rejected or repaired with
their first lines, those of other communes, what met nothing on either side, what the sources themselves disagree on, how many units may be
published, the measured error of the estimates, and the licences. report.json in the snapshot's folder has the same for programs.`,
		Example: "  arpent report",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := p.space().OpenCurrent()
			if err != nil {
				return err
			}
			report, err := s.Report()
			if err != nil {
				return err
			}
			w := newReportWriter(c)
			w.say("%s, snapshot %s\n", s.Manifest.Name, s.Manifest.ID)
			w.files(report.Files)
			w.placing(report.Placing)
			w.divisions(report.Divisions)
			w.contests(report.Contests, report.Divisions)
			w.crosswalks(report.Crosswalks)
			w.districts(report.Districts)
			w.licences(report.Licences, report.Apart)
			w.publication(report.Publication)
			return w.out.Flush()
		},
	}
}

// reportWriter tells a report in words. It leaves errors to the Flush at the end, as bufio does.
type reportWriter struct {
	out    *bufio.Writer
	groups *message.Printer // writes 1,234
}

func newReportWriter(c *cobra.Command) reportWriter {
	return reportWriter{bufio.NewWriter(c.OutOrStdout()), message.NewPrinter(language.English)}
}

func (w reportWriter) say(format string, values ...any) {
	_, _ = io.WriteString(w.out, harmless(w.groups.Sprintf(format, values...))) // a line that does not reach the terminal
}

func (w reportWriter) files(files []*engine.FileReport) {
	w.say("\nFiles\n")
	for _, f := range files {
		w.say("  %s (%s): %d rows read, %d rejected\n", f.Path, f.Dataset, f.Rows, f.Rejected)
		if f.Layout != "" {
			w.say("    layout: %s\n", f.Layout)
		}
		for _, e := range f.Expected {
			w.say("    as expected: %s\n", e.String())
		}
		for _, r := range f.Reasons {
			w.say("    rejected %d: %s (%s)\n", r.Count, r.Reason, linesOf(f, r))
		}
		for _, r := range f.Repaired {
			w.say("    repaired %d: %s (%s)\n", r.Count, r.Reason, linesOf(f, r))
		}
		for _, r := range f.Passed {
			w.say("    passed over %d: %s (%s)\n", r.Count, r.Reason, linesOf(f, r))
		}
		if f.Personal > 0 {
			w.say("    columns about persons, dropped unread: %d\n", f.Personal)
		}
		if len(f.Ignored) > 0 {
			w.say("    columns not read: %s\n", strings.Join(f.Ignored, ", "))
		}
	}
}

// linesOf names the first rows of a reason: "line 4", "lines 4, 7 and more", "feature 4".
func linesOf(f *engine.FileReport, r engine.RowCount) string {
	word := f.Word()
	numbers := strings.Trim(strings.ReplaceAll(fmt.Sprint(r.Lines), " ", ", "), "[]")
	switch {
	case r.Count == 1:
		return word + " " + numbers
	case r.Count > int64(len(r.Lines)):
		return word + "s " + numbers + " and more"
	}
	return word + "s " + numbers
}

func (w reportWriter) placing(r engine.PlacingReport) {
	w.say("\nStreets and addresses\n")
	w.say("  %d streets, cut into %d segments, %.1f km in all\n", r.Streets, r.Segments, r.LengthKM)
	w.say("  %d addresses: %d placed on a segment of their own street, %d on the nearest segment, at most %.0f m off\n",
		r.Addresses, r.ByName, r.ByNearest, r.MaxSegmentOffM)
	w.say("  %d addresses lie in a census area; %d census areas have figures and no shape, %d a shape and no figures\n",
		r.InCensusArea, r.CensusWithoutArea, r.AreasWithoutCensus)
	w.say("  %.0f households\n", r.Households)
	for _, from := range r.HouseholdsFrom {
		w.say("    at %d addresses from %s\n", from.Count, from.Name)
	}
	if r.StaleAddresses > 0 {
		w.say("    %d addresses have over five times the households of their precinct's median: is the census of another year than the addresses?\n", r.StaleAddresses)
		w.list("census areas that say so", r.StaleCensus)
	}
	if len(r.CensusRates) == 0 {
		w.say("  shares are learnt from places alone: there are no census figures that are shares of a total, or medians\n")
		return
	}
	w.say("  shares are learnt from places and from these census figures; where one is not known that of the commune counts\n")
	for _, rate := range r.CensusRates {
		w.say("    %s: not known at %d addresses\n", rate.Name, rate.Count)
	}
}

func (w reportWriter) divisions(divisions []engine.DivisionReport) {
	w.say("\nPrecincts\n")
	for _, d := range divisions {
		w.say("  division %s: %d precincts, %d of them with an area\n", d.Division, d.Precincts, d.WithArea)
		if d.Register == nil {
			w.say("    addresses: %d inside an area, %d given to the nearest one (at most %.0f m off), %d without a precinct, %d in several areas\n",
				d.ByArea, d.ByNearest, d.MaxOffM, d.Unplaced, d.InSeveral)
		} else {
			w.say("    addresses: %d by their own rows of the register, %d inside an area, %d by the register's rows of their street, %d given to what is nearest (at most %.0f m off), %d without a precinct, %d in several precincts\n",
				d.ByTable, d.ByArea, d.ByStreet, d.ByNearest, d.MaxOffM, d.Unplaced, d.InSeveral)
			w.register(*d.Register)
		}
		w.list("precincts without an address", d.NoAddress)
		w.list("precincts with more than 5 % of their addresses by the register's rows of the street or as the nearest to them, whose streets are less sure", d.Guessed)
		if d.OnePrecinct > 0 {
			w.say("    communes of one precinct, whose streets only the precincts around tell apart: %d (%s)\n", d.OnePrecinct, first(d.OnePrecinctFirst, d.OnePrecinct))
		}
		if len(d.Joined) > 0 {
			w.list("areas of parts of precincts joined to the whole", d.Joined)
		}
	}
}

func (w reportWriter) register(r engine.RegisterReport) {
	w.say("    register: %d rows of %d doors in %d precincts; %d points, %d of them in several precincts\n", r.Rows, r.Doors, r.Precincts, r.Points, r.PointsInSeveral)
	w.say("      %d rows (%d doors) met an address; %d rows of houses met none%s; %d rows are of a street, locality or commune; %d addresses are not in the register\n",
		r.MatchedRows, r.MatchedDoors, r.UnmatchedRows, firstLines(r.UnmatchedLines), r.CoarseRows, r.AddressesWithout)
	if r.AreaCompared > 0 {
		w.say("      of %d addresses in the register and inside an area, %d have the same precinct in both (%.1f %%)\n",
			r.AreaCompared, r.AreaAgrees, 100*float64(r.AreaAgrees)/float64(r.AreaCompared))
	}
}

func firstLines(lines []int64) string {
	if len(lines) == 0 {
		return ""
	}
	return " (the first on " + strings.Trim(strings.ReplaceAll(fmt.Sprint(lines), " ", ", "), "[]") + ")"
}

func (w reportWriter) contests(contests []engine.ContestReport, divisions []engine.DivisionReport) {
	w.say("\nContests\n")
	for _, c := range contests {
		where := "with an area"
		if slices.ContainsFunc(divisions, func(d engine.DivisionReport) bool { return d.Division == c.Division && d.Register != nil }) {
			where = "with an area or in the register"
		}
		w.say("  %s, division %s: results of %d precincts, %d of them %s\n", c.Contest, c.Division, c.Precincts, c.Matched, where)
		if c.Base == engine.BaseBallots {
			w.say("    the source counts no registered voters: shares are of the ballots cast\n")
			w.say("    %d ballots, %d of them without a place on the map\n", c.Registered, c.NonTerritorial)
		} else {
			w.say("    %d registered voters, %d of them without a place on the map\n", c.Registered, c.NonTerritorial)
		}
		if c.ElectorsCompared > 0 {
			w.say("    half of the precincts have registered voters within %.1f %% of the electors that the publisher of the areas states, half are further off (%d compared)\n",
				100*c.ElectorsMedianOff, c.ElectorsCompared)
		}
		w.list("results without an area", c.NoArea)
		w.list("areas without a result", c.NoResult)
		if len(c.Joined) > 0 {
			w.list("parts of precincts counted in the whole", c.Joined)
		}
		if c.Plurinominal > 0 {
			w.list(w.groups.Sprintf("%d precincts left out as their voters mark several names, in communes", c.Plurinominal), c.InCommunes)
		}
		w.sources(c.Sources)
		w.disagreements("precincts left out", c.LeftOut)
		w.disagreements("precincts whose figures disagree", c.Disagree)
		if c.PartsEmpty > 0 {
			w.say("    parts of streets without a registered voter, which have no share: %d\n", c.PartsEmpty)
		}
		if len(c.NoBallot) > 0 {
			w.list("precincts where no ballot is counted, which say nothing of others", c.NoBallot)
		}
		if len(c.ModelledOnly) > 0 {
			w.list("precincts without voters or a result, whose shares are modelled only, from those around", c.ModelledOnly)
		}
		if len(c.FlatPrecincts) > 0 {
			w.list("precincts whose streets all have the precinct's own shares, as the model's cannot be brought to their result", c.FlatPrecincts)
		}
		w.backtest(c)
	}
}

// longestList is how many names a list shows; report.json has them all.
const longestList = 20

func (w reportWriter) list(what string, names []string) {
	switch {
	case len(names) == 0:
		w.say("    %s: none\n", what)
	case len(names) > longestList:
		w.say("    %s: %d (%s and more)\n", what, len(names), strings.Join(names[:longestList], ", "))
	default:
		w.say("    %s: %d (%s)\n", what, len(names), strings.Join(names, ", "))
	}
}

// first writes the first of so many names.
func first(names []string, all int64) string {
	list := strings.Join(names, ", ")
	if all > int64(len(names)) {
		list += " and more"
	}
	return list
}

func (w reportWriter) sources(s *engine.TwoSources) {
	if s == nil {
		return
	}
	w.say("    results of %d precincts are provisional; of %d the final source and the provisional one both have a result, and in %d of them %d figures differ\n",
		s.Provisional, s.InBoth, s.PrecinctsApart, s.Conflicts)
	if len(s.Largest) == 0 {
		return
	}
	t := tabwriter.NewWriter(w.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "      precinct\tfigure\tprovisional\tfinal, which is taken\tdifference")
	for _, c := range s.Largest {
		fmt.Fprintf(t, "      %s\t%s\t%d\t%d\t%+d\n", harmless(c.Precinct), harmless(c.Figure), c.Provisional, c.Final, c.Delta())
	}
	t.Flush()
	if more := s.Conflicts - int64(len(s.Largest)); more > 0 {
		w.say("      and %d that differ less\n", more)
	}
}

func (w reportWriter) disagreements(what string, list []engine.Disagreement) {
	if len(list) == 0 {
		w.say("    %s: none\n", what)
		return
	}
	w.say("    %s: %d (voters less blank, null and candidates)\n", what, len(list))
	for _, d := range list {
		w.say("      %s: %+d, %s\n", d.Precinct, d.Difference, d.Action)
	}
}

func (w reportWriter) backtest(c engine.ContestReport) {
	if len(c.Backtest) == 0 {
		w.say("    too few precincts to measure the error of the estimates\n")
		return
	}
	w.say("    error, measured by merging neighbouring precincts and taking them apart again: %.1f %% of the voters in the wrong precinct (%.1f %% were each given the shares of all)\n", c.BallotsMisplaced, c.FlatMisplaced)
	t := tabwriter.NewWriter(w.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "      choice\tmean error, points\tof the flat share\tin the 50 % interval\tin the 90 % interval")
	for _, b := range c.Backtest {
		fmt.Fprintf(t, "      %s\t%.2f\t%.2f\t%.0f %%\t%.0f %%\n", b.Choice, b.MAE, b.FlatMAE, b.Cover50, b.Cover90)
	}
	t.Flush()
}

func (w reportWriter) crosswalks(crosswalks []engine.CrosswalkReport) {
	if len(crosswalks) == 0 {
		return
	}
	w.say("\nCrosswalks\n")
	for _, c := range crosswalks {
		w.say("  from division %s to %s: of %d precincts %d go whole into one; the largest part of a precinct is %.0f %% of its households in the mean\n",
			c.From, c.To, c.Precincts, c.Whole, 100*c.MeanLargestPart)
		w.say("    %d precincts have no address in the other division; %.0f households have no precinct in one of the two\n", c.NowhereElse, c.HouseholdsWithout)
		w.list("precincts of the same number on other ground", c.SameNumberApart)
	}
}

func (w reportWriter) districts(districts []engine.DistrictReport) {
	if len(districts) == 0 {
		return
	}
	w.say("\nDistricts\n")
	for _, d := range districts {
		if d.Inside == 0 {
			w.say("  %s says nothing of division %s\n", d.Set, d.Division)
			continue
		}
		w.say("  %s: %d districts; of %d precincts of division %s %d are in one\n", d.Set, d.Districts, d.Precincts, d.Division, d.Inside)
		if len(d.Outside) > 0 {
			w.list("precincts in none", d.Outside)
		}
		if len(d.Cut) > 0 {
			w.list("precincts that a border cuts, counted as a whole where most of their households live", d.Cut)
			w.say("    of those at most %.0f %% of the households are counted in a district beyond the border\n", 100*d.MostCut)
		}
		if len(d.Tied) > 0 {
			w.list("precincts of which two districts have as much, counted in the first by code", d.Tied)
		}
	}
}

func (w reportWriter) licences(licences []engine.LicenceReport, apart []string) {
	w.say("\nLicences\n")
	for _, l := range licences {
		alike := ""
		if l.ShareAlike {
			alike = ", share-alike"
		}
		w.say("  %s%s: %s\n", cmp.Or(l.Licence, "none named"), alike, strings.Join(l.Files, ", "))
	}
	for _, sentence := range apart {
		w.say("  %s\n", sentence)
	}
}

func (w reportWriter) publication(units []engine.PublicationReport) {
	w.say("\nPublication\n")
	t := tabwriter.NewWriter(w.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  unit\tpublished\ttoo few households\twould give one away\twould with an earlier snapshot\tjoined to another\tempty\thouseholds published\tin too few\twould give away\twould with an earlier")
	for _, u := range units {
		all, homes := u.Published+u.K+u.Complement+u.Earlier+u.Joined+u.Empty, u.HouseholdsPublished+u.HouseholdsK+u.HouseholdsComplement+u.HouseholdsEarlier
		fmt.Fprintf(t, "  %s", u.Unit)
		for _, n := range []int64{u.Published, u.K, u.Complement, u.Earlier, u.Joined, u.Empty} {
			w.groups.Fprintf(t, "\t%d (%.1f %%)", n, percent(float64(n), float64(all)))
		}
		for _, n := range []float64{u.HouseholdsPublished, u.HouseholdsK, u.HouseholdsComplement, u.HouseholdsEarlier} {
			w.groups.Fprintf(t, "\t%.0f (%.2f %%)", n, percent(n, homes))
		}
		fmt.Fprintln(t)
	}
	t.Flush()
	w.say("  joined: short segments that stand under the id of another of their street; a stretch is counted once, under published or why it is not\n")
}

func percent(part, whole float64) float64 {
	if whole == 0 {
		return 0
	}
	return 100 * part / whole
}

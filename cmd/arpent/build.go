package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/arpent/arpent/datasets"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/build"
	"github.com/arpent/arpent/engine/live"
)

// buildOptions are the flags of build.
type buildOptions struct {
	data              string
	anew, fromScratch bool
	keepAfter         time.Duration
}

// memoryAim is from how much memory on the collector works harder, so that a build takes no more: a country needs half of it at a time.
const memoryAim = 10<<30 + 512<<20

func (p *program) buildCommand() *cobra.Command {
	var how buildOptions
	c := &cobra.Command{
		Use:   "build PLACE.yaml",
		Short: "Make a snapshot of a place from its files, and switch to it",
		Long: `Reads the files that a place file names, estimates street by street, checks that everything adds up, and makes the result
the current snapshot of the workspace. A server that is running goes over to it. If anything fails, and on Ctrl-C, the
current snapshot stays as it was.

A build that was interrupted, by Ctrl-C, a full disk or a machine that went off, goes on after the last stage it had done when it is run again
with the same place file and files, and says so. The snapshot is the same. --from-scratch does everything again.

What may be published is settled so that whoever kept the numbers of the snapshot before learns nothing of fewer than 11
households from both together: a unit that it suppressed, and in which somebody lived, stays suppressed. --anew settles as if there
was none: for a place of which nobody kept the numbers, or where all of them are others now.

A place file:

  place: paris
  sources:
    - {dataset: paris-voie, path: voie.csv}
    - {dataset: ban, path: adresses-75.csv.gz}
    - {dataset: paris-secteurs, path: secteurs-des-bureaux-de-vote_2017.geojson, division: 2017}
    - {dataset: results, path: results/elections-presidentielles-2017-1ertour.csv, contest: 2017_pres_t1, division: 2017}

The datasets:

` + listDatasets(),
		Example: `  arpent build examples/paris.yaml --data ~/paris
  arpent build village.yaml --workspace ./village-data`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("build takes one place file: arpent build examples/paris.yaml")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			began := time.Now()
			if os.Getenv("GOMEMLIMIT") == "" {
				debug.SetMemoryLimit(memoryAim)
			}
			result, err := p.build(c.Context(), args[0], how)
			if err != nil {
				return err
			}
			out := message.NewPrinter(language.English)
			if _, err := out.Fprintf(c.OutOrStdout(), "snapshot %s is current: %d segments, %d addresses, %d contests (%.1f s; `arpent report` tells more)\n",
				result.ID, result.Report.Placing.Segments, result.Report.Placing.Addresses, len(result.Report.Contests), time.Since(began).Seconds()); err != nil {
				return err
			}
			for _, line := range append(heeded(out, result), outOfOrder(out, result.Report)...) {
				if _, err := fmt.Fprintln(c.OutOrStdout(), "  "+line); err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.Flags().StringVar(&how.data, "data", "", "folder that the paths in the place file are relative to (default: the place file's folder)")
	c.Flags().BoolVar(&how.anew, "anew", false, "settle what may be published as if nothing had been published before")
	c.Flags().BoolVar(&how.fromScratch, "from-scratch", false, "do not go on after a build that was interrupted")
	c.Flags().DurationVar(&how.keepAfter, "keep-after", build.KeepAfter, "keep what is done, for the case of an interruption, where so much work could be lost")
	return c
}

// heeded says which snapshot's plan a build has heeded, and what stays suppressed for its sake.
func heeded(out *message.Printer, r build.Result) []string {
	if r.Unread != "" {
		return []string{out.Sprintf("snapshot %s before it is of another format: what it published is not heeded", r.Unread)}
	}
	if r.Before == "" {
		return nil
	}
	units, homes := int64(0), 0.0 // cells nest: their households are not added up
	for _, p := range r.Report.Publication {
		units += p.Earlier
		if p.Unit == string(engine.UnitSegment) {
			homes = p.HouseholdsEarlier
		}
	}
	line := out.Sprintf("for the sake of snapshot %s before it %d units stay suppressed that could be published by themselves (segments of %.0f households)", r.Before, units, homes)
	if units > 0 {
		line += "; where nobody kept its numbers, --anew publishes them"
	}
	return []string{line}
}

// outOfOrder says in a line each what of the sources did not come whole into the snapshot.
func outOfOrder(out *message.Printer, r *engine.Report) []string {
	var lines []string
	for _, f := range r.Files {
		if f.Rejected > 0 {
			lines = append(lines, out.Sprintf("%s: %d of its %d rows are left out (the first: %s, %s)", f.Path, f.Rejected, f.Rows, f.Reasons[0].Reason, linesOf(f, f.Reasons[0])))
		}
	}
	for _, d := range r.Divisions {
		if n := len(d.Guessed); n > 0 {
			lines = append(lines, out.Sprintf("division %s: %d precincts have more than 5 %% of their addresses by street or as the nearest to them: their streets are less sure", d.Division, n))
		}
		if d.OnePrecinct > 0 {
			lines = append(lines, out.Sprintf("division %s: %d communes are one precinct, whose streets only the precincts around tell apart", d.Division, d.OnePrecinct))
		}
	}
	for _, c := range r.Contests {
		if c.Base == engine.BaseBallots {
			lines = append(lines, out.Sprintf("%s: the source counts no registered voters: shares are of the ballots cast", c.Contest))
		}
		if c.Plurinominal > 0 {
			lines = append(lines, out.Sprintf("%s: %d precincts of %d communes are left out, as their voters mark several names", c.Contest, c.Plurinominal, len(c.InCommunes)))
		}
		if n := len(c.LeftOut); n > 0 {
			lines = append(lines, out.Sprintf("%s: %d precincts are left out (the first: %s, %s)", c.Contest, n, c.LeftOut[0].Precinct, c.LeftOut[0].Action))
		}
		if c.NonTerritorial > 0 {
			why := "no area or no address of their precinct is known"
			if c.Matched == 0 {
				why = out.Sprintf("no areas of division %s are loaded", c.Division)
			}
			lines = append(lines, out.Sprintf("%s: %d of %d registered voters have no place on the map: %s", c.Contest, c.NonTerritorial, c.Registered, why))
		}
		if s := c.Sources; s != nil && s.Provisional > 0 {
			lines = append(lines, out.Sprintf("%s: the results of %d precincts are provisional", c.Contest, s.Provisional))
		}
		if s := c.Sources; s != nil && s.Conflicts > 0 {
			most := s.Largest[0]
			lines = append(lines, out.Sprintf("%s: %d figures of %d precincts are others in the provisional source: the final ones are taken (the largest difference: %s, %s, %d became %d)",
				c.Contest, s.Conflicts, s.PrecinctsApart, most.Precinct, most.Figure, most.Provisional, most.Final))
		}
		if n := len(c.NoBallot); n > 0 {
			lines = append(lines, out.Sprintf("%s: no ballot is counted in %d precincts with registered voters: all are taken for abstention (the first: %s)", c.Contest, n, c.NoBallot[0]))
		}
		if n := len(c.ModelledOnly); n > 0 {
			lines = append(lines, out.Sprintf("%s: %d precincts have no voters or no result: their shares are modelled only, from those around, and nobody is counted (the first: %s)", c.Contest, n, c.ModelledOnly[0]))
		}
		if n := len(c.Disagree); n > 0 {
			lines = append(lines, out.Sprintf("%s: the figures of %d precincts disagree (the first: %s, %s)", c.Contest, n, c.Disagree[0].Precinct, c.Disagree[0].Action))
		}
	}
	return lines
}

func listDatasets() string {
	var b strings.Builder
	for _, d := range datasets.All() {
		fmt.Fprintf(&b, "  %-15s %s: %s (%s, %s)\n", d.Name, d.Kind, d.Title, d.Publisher, d.Licence)
	}
	return strings.TrimRight(b.String(), "\n")
}

// build makes the snapshot of a place file and switches to it.
func (p *program) build(ctx context.Context, placeFile string, how buildOptions) (build.Result, error) {
	place, err := engine.ReadPlace(placeFile)
	if err != nil {
		return build.Result{}, err
	}
	inputs, err := openInputs(place, how.data)
	if err != nil {
		return build.Result{}, err
	}
	progress := newProgress(p.stderr)
	result, err := build.Run(ctx, build.Options{
		Place: place, Inputs: inputs, Workspace: p.space(), Parameters: engine.DefaultParameters(), Progress: progress.Hear, Left: progress.Left, Data: how.data, Anew: how.anew,
		KeepAfter: how.keepAfter, FromScratch: how.fromScratch, Note: progress.Say,
	})
	if err != nil {
		progress.Stop()
		return build.Result{}, err
	}
	if err := p.prepare(ctx, result.ID, progress); err != nil {
		progress.Stop()
		return build.Result{}, fmt.Errorf("snapshot %s is built and current, but cannot be opened: %w", result.ID, err)
	}
	progress.Done()
	return result, nil
}

// prepare opens a large snapshot once, so that its columns are kept and a server has it in seconds.
func (p *program) prepare(ctx context.Context, id string, progress *progress) error {
	snapshot, err := engine.OpenSnapshot(p.space().SnapshotDir(id))
	if err != nil || !live.IsLarge(snapshot) {
		return err
	}
	progress.Hear("prepare for serving", 0, 0)
	_, err = readCity(ctx, p.space(), snapshot, live.Open, progress.Say) // whose files were checked just now
	return err
}

// countryOf is the country that tables of the place spell their precincts of: as the place file says, else the first of its datasets that is
// of one. The build refuses two.
func countryOf(place *engine.Place) engine.Code {
	country := place.Country
	for _, spec := range place.Sources {
		if dataset, err := datasets.ByName(spec.Dataset); err == nil && country == "" {
			country = engine.Code(dataset.Country)
		}
	}
	return country
}

// openInputs finds the dataset and the file of every source of a place.
func openInputs(place *engine.Place, data string) ([]engine.Input, error) {
	var inputs []engine.Input
	country := countryOf(place)
	for _, spec := range place.Sources {
		dataset, err := datasets.ByName(spec.Dataset)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", place.Where(spec), err)
		}
		path := place.Locate(spec, data)
		spec.Country = country
		source, err := dataset.Open(path, spec)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", place.Where(spec), err)
		}
		inputs = append(inputs, engine.Input{
			Spec: spec, Kind: dataset.KindOf(spec), Path: path, Source: source, Country: dataset.Country, Crossings: dataset.Crossings,
			Publisher:   cmp.Or(spec.Publisher, place.Publisher, dataset.Publisher),
			Licence:     cmp.Or(spec.Licence, place.Licence, dataset.Licence),
			Attribution: cmp.Or(spec.Attribution, place.Attribution, dataset.Attribution),
		})
	}
	return inputs, nil
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/arpent/arpent/engine/estimate"
)

func (p *program) validateCommand() *cobra.Command {
	method := choice{value: string(estimate.Best), of: []string{string(estimate.Flat), string(estimate.GP), string(estimate.Best)}}
	asJSON := false
	c := &cobra.Command{
		Use:   "validate CASE.csv...",
		Short: "Measure the estimates where the truth is known",
		Long: `Estimates areas whose votes are known from no more than the votes of groups of them, and compares.

A case is a table with a row for each area: unit, group, x and y (metres), area (square metres), pop, the columns cat:...
with its votes by category, which add up to its registered voters, and covariates cov:... already joined to it. The estimate
reads everything but how the votes of a group are split: it has the group's votes and the registered voters of each area.

  ballots misplaced   per cent of the voters counted in the wrong area or category
  error               mean error of an area's share, in points of its registered voters, weighted by them
  in 50, in 90        per cent of the areas whose true share lies in the 50 % and the 90 % interval
  CRPS                mean distance between what was expected, doubt included, and what came true, in points

Methods: flat (every area votes as its group), gp (from places alone), best (covariates as well; the one maps are made with).`,
		Example: `  arpent validate paris2017_k5.csv
  arpent validate *_k5.csv --method flat --json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("validate takes a case or more: arpent validate paris2017_k5.csv")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			progress := newProgress(p.stderr)
			var judged []validatedCase
			for i, path := range args {
				progress.Hear("validate", int64(i), int64(len(args)))
				one, err := readDownscalingCase(path)
				if err != nil {
					progress.Stop()
					return err
				}
				result, err := one.validate(c.Context(), estimate.Method(method.value))
				if err != nil {
					progress.Stop()
					return fmt.Errorf("%s: %w", path, err)
				}
				judged = append(judged, result)
			}
			progress.Done()
			if asJSON {
				out := json.NewEncoder(c.OutOrStdout())
				out.SetIndent("", "  ")
				return out.Encode(judged)
			}
			return tellValidated(c.OutOrStdout(), judged)
		},
	}
	c.Flags().Var(&method, "method", "flat, gp or best")
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

// A validatedCase is what the estimates of a case are worth.
type validatedCase struct {
	Case          string              `json:"case"`
	Method        string              `json:"method"`
	Units         int                 `json:"units"`
	Groups        int                 `json:"groups"`
	Misplaced     float64             `json:"ballots_misplaced"`      // per cent
	FlatMisplaced float64             `json:"flat_ballots_misplaced"` // per cent
	Seconds       float64             `json:"seconds"`
	CRPS          float64             `json:"crps"`    // points
	Cover50       float64             `json:"cover50"` // per cent, mean of the categories
	Cover90       float64             `json:"cover90"`
	Categories    []validatedCategory `json:"categories"`
}

type validatedCategory struct {
	Name    string  `json:"name"`
	MAE     float64 `json:"mae"` // points of the registered voters
	FlatMAE float64 `json:"flat_mae"`
	CRPS    float64 `json:"crps"`
	Cover50 float64 `json:"cover50"` // per cent
	Cover90 float64 `json:"cover90"`
}

func (one *downscalingCase) validate(ctx context.Context, method estimate.Method) (validatedCase, error) {
	began := time.Now()
	estimates, err := estimate.Estimate(one.ground, one.groups, method, func(int, int) error { return ctx.Err() })
	if err != nil {
		return validatedCase{}, err
	}
	seconds := time.Since(began).Seconds()
	score, err := estimates.Score(one.truth)
	if err != nil {
		return validatedCase{}, err
	}
	v := validatedCase{
		Case: one.name, Method: string(method), Units: len(one.ground.X), Groups: len(one.groups.Registered), Seconds: seconds,
		Misplaced: score.Misplaced, FlatMisplaced: score.FlatMisplaced, CRPS: score.CRPS, Cover50: score.Cover50, Cover90: score.Cover90,
	}
	for k, a := range score.Choices {
		v.Categories = append(v.Categories, validatedCategory{one.categories[k], a.MAE, a.FlatMAE, a.CRPS, a.Cover50, a.Cover90})
	}
	return v, nil
}

func tellValidated(w io.Writer, judged []validatedCase) error {
	for i, v := range judged {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s: %.2f %% of the ballots misplaced by %s, %.2f %% by the flat share; %d areas in %d groups, %.2f s\n",
			harmless(v.Case), v.Misplaced, v.Method, v.FlatMisplaced, v.Units, v.Groups, v.Seconds)
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintln(table, "category\terror\tflat\tCRPS\tin 50\tin 90\t")
		for _, c := range v.Categories {
			fmt.Fprintf(table, "%s\t%.2f\t%.2f\t%.2f\t%.1f %%\t%.1f %%\t\n", harmless(c.Name), c.MAE, c.FlatMAE, c.CRPS, c.Cover50, c.Cover90)
		}
		fmt.Fprintf(table, "all\t\t\t%.2f\t%.1f %%\t%.1f %%\t\n", v.CRPS, v.Cover50, v.Cover90)
		if err := table.Flush(); err != nil {
			return err
		}
	}
	return nil
}

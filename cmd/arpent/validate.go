package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/build"
	"github.com/arpent/arpent/engine/estimate"
)

func (p *program) validateCommand() *cobra.Command {
	var which invented
	var data string
	var merge int
	method := choice{value: string(estimate.Best), of: []string{string(estimate.Flat), string(estimate.GP), string(estimate.Best)}}
	asJSON, canvass := false, false
	c := &cobra.Command{
		Use:   "validate CASE.csv... | PLACE.yaml | --city SEED",
		Short: "Measure the estimates where the truth is known",
		Long: `Estimates areas whose votes are known from no more than the votes of groups of them, and compares.

A case is a table with a row for each area: unit, group, x and y (metres), area (square metres), pop, the columns cat:...
with its votes by category, which add up to its registered voters, and covariates cov:... already joined to it. The estimate
reads everything but how the votes of a group are split: it has the group's votes and the registered voters of each area.

  ballots misplaced   per cent of the voters counted in the wrong area or category
  error               mean error of an area's share, in points of its registered voters, weighted by them
  in 50, in 90        per cent of the areas whose true share lies in the 50 % and the 90 % interval
  CRPS                mean distance between what was expected, doubt included, and what came true, in points

A place file is measured likewise, by merging its own neighbouring precincts (--merge so many); nothing is written. With --city
an invented city is made and built, and its streets are compared with the truth that each was drawn from: shares, and how often
the intervals hold what came true, those of the number of registered voters as well. With --canvass its doors are knocked at too, by teams
that are honest, lenient, partial, hostile or make up their answers: how much better, or worse, do they make the streets.

Methods: flat (every area votes as its group), gp (from places alone), best (covariates as well; the one maps are made with).`,
		Example: `  arpent validate paris2017_k5.csv
  arpent validate *_k5.csv --method flat --json
  arpent validate examples/paris.yaml --data FOLDER
  arpent validate --city 1 --size city
  arpent validate --city 1 --canvass`,
		Args: func(c *cobra.Command, args []string) error {
			places := slices.ContainsFunc(args, isPlaceFile)
			switch city := c.Flags().Changed("city"); {
			case city && len(args) > 0:
				return errors.New("validate takes either files or --city SEED")
			case !city && len(args) == 0:
				return errors.New("validate takes a case or more, a place file or --city SEED: arpent validate paris2017_k5.csv")
			case places && len(args) > 1:
				return errors.New("validate takes one place file at a time, and cases apart from it")
			case city && c.Flags().Changed("method"):
				return errors.New("--city measures the method that maps are made with: leave --method out")
			case !city && canvass:
				return errors.New("--canvass is walked in an invented city: give --city SEED as well")
			case !city && c.Flags().Changed("size"):
				return errors.New("--size is of an invented city: give --city SEED as well")
			case !places && (c.Flags().Changed("data") || c.Flags().Changed("merge")):
				return errors.New("--data and --merge go with a place file: arpent validate examples/paris.yaml --data FOLDER")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if canvass {
				judged, err := p.validateCanvass(c.Context(), which)
				if err != nil {
					return err
				}
				if asJSON {
					return encodeJSON(c.OutOrStdout(), judged)
				}
				return tellCanvass(c.OutOrStdout(), judged)
			}
			if c.Flags().Changed("city") {
				cities, err := p.validateCity(c.Context(), which)
				if err != nil {
					return err
				}
				if asJSON {
					return encodeJSON(c.OutOrStdout(), cities)
				}
				return tellCities(c.OutOrStdout(), cities)
			}
			judge := p.validateCases
			if isPlaceFile(args[0]) {
				judge = func(ctx context.Context, paths []string, method estimate.Method) ([]validatedCase, error) {
					return p.validatePlace(ctx, paths[0], data, method, merge)
				}
			}
			judged, err := judge(c.Context(), args, estimate.Method(method.value))
			if err != nil {
				return err
			}
			if asJSON {
				return encodeJSON(c.OutOrStdout(), judged)
			}
			return tellValidated(c.OutOrStdout(), judged)
		},
	}
	c.Flags().Var(&method, "method", "flat, gp or best")
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	c.Flags().StringVar(&data, "data", "", "folder that the paths in the place file are relative to (default: the place file's folder)")
	c.Flags().IntVar(&merge, "merge", 5, "how many neighbouring precincts of a place are merged")
	c.Flags().BoolVar(&canvass, "canvass", false, "walk canvasses through the invented city")
	which.addSize(c)
	c.Flags().Uint64Var(&which.seed, "city", 1, "seed of an invented city")
	return c
}

func isPlaceFile(path string) bool {
	return slices.Contains([]string{".yaml", ".yml"}, strings.ToLower(filepath.Ext(path)))
}

// validateCases measures a method on files of cases.
func (p *program) validateCases(ctx context.Context, paths []string, method estimate.Method) ([]validatedCase, error) {
	progress := newProgress(p.stderr)
	var judged []validatedCase
	for i, path := range paths {
		progress.Hear("validate", int64(i), int64(len(paths)))
		one, err := readDownscalingCase(path)
		if err != nil {
			progress.Stop()
			return nil, err
		}
		result, err := one.validate(ctx, method)
		if err != nil {
			progress.Stop()
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		judged = append(judged, result)
	}
	progress.Done()
	return judged, nil
}

// validatePlace measures a method on the contests of a place file.
func (p *program) validatePlace(ctx context.Context, path, data string, method estimate.Method, merge int) ([]validatedCase, error) {
	if merge < 2 {
		return nil, fmt.Errorf("--merge %d merges nothing: give 2 or more", merge)
	}
	place, err := engine.ReadPlace(path)
	if err != nil {
		return nil, err
	}
	inputs, err := openInputs(place, data)
	if err != nil {
		return nil, err
	}
	progress := newProgress(p.stderr)
	measured, err := build.Measure(ctx, build.Options{Place: place, Inputs: inputs, Parameters: engine.DefaultParameters(), Progress: progress.Hear}, method, merge, "")
	if err != nil {
		progress.Stop()
		return nil, err
	}
	progress.Done()
	return judgedContests(measured, method), nil
}

// judgedContests is what is told of a place, also by a job to whoever has a token for it. It has two decimals, as in the table: all digits of a few dozen
// such questions would be equations about how many live in every precinct and street, of which some are not published.
func judgedContests(measured []build.Measured, method estimate.Method) (judged []validatedCase) {
	for _, m := range measured {
		v := judgedBy(m.Score, m.Choices)
		v.round()
		v.Case, v.Method, v.Seconds = m.Contest, string(method), m.Seconds
		judged = append(judged, v)
	}
	return judged
}

// A validatedCase is what the estimates of a case are worth.
type validatedCase struct {
	Case          string              `json:"case"`
	Method        string              `json:"method"`
	Units         int                 `json:"units"`
	Groups        int                 `json:"groups"`
	Misplaced     float64             `json:"ballots_misplaced"`      // per cent
	FlatMisplaced float64             `json:"flat_ballots_misplaced"` // per cent
	Seconds       float64             `json:"seconds,omitempty"`
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
	v := judgedBy(score, one.categories)
	v.Case, v.Method, v.Seconds = one.name, string(method), seconds
	return v, nil
}

// round leaves two decimals.
func (v *validatedCase) round() {
	numbers := []*float64{&v.Misplaced, &v.FlatMisplaced, &v.CRPS, &v.Cover50, &v.Cover90}
	for i := range v.Categories {
		c := &v.Categories[i]
		numbers = append(numbers, &c.MAE, &c.FlatMAE, &c.CRPS, &c.Cover50, &c.Cover90)
	}
	for _, number := range numbers {
		*number = math.Round(*number*100) / 100
	}
}

func judgedBy(score estimate.Score, names []string) validatedCase {
	v := validatedCase{
		Units: score.Parts, Groups: score.Precincts,
		Misplaced: score.Misplaced, FlatMisplaced: score.FlatMisplaced, CRPS: score.CRPS, Cover50: score.Cover50, Cover90: score.Cover90,
	}
	for k, a := range score.Choices {
		v.Categories = append(v.Categories, validatedCategory{names[k], a.MAE, a.FlatMAE, a.CRPS, a.Cover50, a.Cover90})
	}
	return v
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

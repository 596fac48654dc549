package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/arpent/arpent/datasets/city"
)

// invented says which seeded city to make.
type invented struct {
	size choice
	seed uint64
}

func (i *invented) addFlags(c *cobra.Command) {
	i.addSize(c)
	c.Flags().Uint64Var(&i.seed, "seed", 1, "another number makes another city; the same, the same")
}

func (i *invented) addSize(c *cobra.Command) {
	i.size = choice{value: string(city.Town)}
	for _, size := range city.Sizes() {
		i.size.of = append(i.size.of, string(size))
	}
	c.Flags().Var(&i.size, "size", "village, town, city, metropolis or country")
}

func (p *program) cityCommand() *cobra.Command {
	var which invented
	c := &cobra.Command{
		Use:   "city DIR",
		Short: "Write the files of an invented city, whose truth is known street by street",
		Long: `Writes streets, addresses, areas, results and census of an invented city in the layouts of the published files, a place
file for them, and the truth that estimates can be measured against: every voter was drawn.`,
		Example: `  arpent city ./springfield --size town --seed 7
  arpent build ./springfield/place.yaml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("city takes one folder: arpent city ./springfield")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			summary, err := p.makeCity(c.Context(), which, args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%s\nbuild it with: arpent build %s\n", summary, filepath.Join(args[0], placeFile))
			return err
		},
	}
	which.addFlags(c)
	return c
}

// placeFile is what the seeded city calls its place file; the last of its files to be named.
const placeFile = "place.yaml"

func (p *program) makeCity(ctx context.Context, which invented, dir string) (city.Summary, error) {
	progress := newProgress(p.stderr)
	summary, err := city.Generate(ctx, city.Params{
		Seed: which.seed, Size: city.Size(which.size.value), Dir: dir,
		Progress: func(done, total int64) { progress.Hear("make the "+which.size.value, done, total) },
	})
	if err != nil {
		progress.Stop()
		return city.Summary{}, err
	}
	progress.Done()
	return summary, nil
}

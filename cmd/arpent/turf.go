package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

func (p *program) turfCommand() *cobra.Command {
	var campaign string
	turf := &cobra.Command{
		Use:   "turf",
		Short: "Set, list and remove the turfs of a campaign",
		Long: `A turf is a part of the place that a campaign works in, as polygons. Returns from outside all turfs of the campaign, or outside
those of their token, wait in quarantine. A campaign without turfs works everywhere.`,
		Example: "  arpent turf set --campaign north east east.geojson\n  arpent turf list",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	turf.PersistentFlags().StringVar(&campaign, "campaign", "", "its campaign (default: the only one)")
	turf.AddCommand(
		&cobra.Command{
			Use:   "set NAME FILE.geojson",
			Short: "Add a turf, or give it another shape",
			Long: `Adds a turf, or gives it another shape. NAME is a code. The file is GeoJSON in WGS84 degrees: a Polygon, a MultiPolygon, a
Feature of one, or a FeatureCollection of such; its polygons together are the turf. Properties are not kept.`,
			Example: "  arpent turf set --campaign north east east.geojson",
			Args: func(c *cobra.Command, args []string) error {
				if len(args) != 2 {
					return fmt.Errorf("%s takes a name and a file, as east east.geojson", c.CommandPath())
				}
				return nil
			},
			RunE: func(c *cobra.Command, args []string) error { return p.setTurf(c, campaign, args[0], args[1]) },
		},
		&cobra.Command{
			Use:     "list",
			Short:   "List the turfs of a campaign",
			Long:    "Lists the turfs of a campaign with the box that each lies in, in degrees.",
			Example: "  arpent turf list --campaign north",
			Args:    cobra.NoArgs,
			RunE:    func(c *cobra.Command, _ []string) error { return p.listTurfs(c, campaign) },
		},
		&cobra.Command{
			Use:     "remove NAME",
			Short:   "Remove a turf",
			Long:    "Removes a turf. What tokens that are limited to it send waits in quarantine from then on.",
			Example: "  arpent turf remove --campaign north east",
			Args:    oneArgument("the name of a turf, as east"),
			RunE:    func(c *cobra.Command, args []string) error { return p.removeTurf(c, campaign, args[0]) },
		},
	)
	return turf
}

// mostTurfFile is more than the file of any turf has, so that no other file is read into memory.
const mostTurfFile = 16 << 20

func (p *program) setTurf(c *cobra.Command, campaign, name, path string) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no file %s: check the path", path)
	}
	if err != nil {
		return err
	}
	defer file.Close()
	geojson, err := io.ReadAll(io.LimitReader(file, mostTurfFile))
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return p.administer(c.Context(), func(a administration) error {
		campaign, err := p.oneCampaign(c.Context(), a, campaign)
		if err != nil {
			return err
		}
		if err := a.setTurf(c.Context(), campaign, name, geojson); err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.OutOrStdout(), "turf %s of campaign %s is set\n", name, campaign)
		return err
	})
}

func (p *program) listTurfs(c *cobra.Command, campaign string) error {
	return p.administer(c.Context(), func(a administration) error {
		campaign, err := p.oneCampaign(c.Context(), a, campaign)
		if err != nil {
			return err
		}
		turfs, err := a.turfs(c.Context(), campaign)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "turf\tpolygons\twest\tsouth\teast\tnorth")
		for _, t := range turfs {
			b := t.Shape.Bound()
			fmt.Fprintf(w, "%s\t%d\t%.5f\t%.5f\t%.5f\t%.5f\n", t.ID, len(t.Shape), b.Min[0], b.Min[1], b.Max[0], b.Max[1])
		}
		return w.Flush()
	})
}

func (p *program) removeTurf(c *cobra.Command, campaign, name string) error {
	return p.administer(c.Context(), func(a administration) error {
		campaign, err := p.oneCampaign(c.Context(), a, campaign)
		if err != nil {
			return err
		}
		if err := a.removeTurf(c.Context(), campaign, name); err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.OutOrStdout(), "turf %s of campaign %s is removed\n", name, campaign)
		return err
	})
}

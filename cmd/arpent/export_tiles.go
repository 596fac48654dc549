package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine/jobs"
	"github.com/arpent/arpent/engine/live"
)

// tileOptions are the flags of export tiles.
type tileOptions struct {
	api.Tiles
	snapshot, out string
}

func (p *program) exportTilesCommand() *cobra.Command {
	var o tileOptions
	c := &cobra.Command{
		Use:   "tiles -o FILE.pmtiles",
		Short: "Write the map of a snapshot to one file, for a site without a server",
		Long: `Writes the tiles of all layers that are drawn, streets, cells, precincts and districts, into one archive (PMTiles, version 3). A map
reads it with ranges of bytes from any place where files lie, object storage or a plain web server: docs/static-site.md has the recipe.

The tiles are those that the server answers everybody with: units under 11 households, and those that would give them away, are there
without numbers. An archive shows one measure of one choice; write another file for another. The same snapshot gives the same bytes.`,
		Example: `  arpent export tiles -o city.pmtiles
  arpent export tiles -o turnout.pmtiles --measure turnout
  arpent export tiles -o streets.pmtiles --layers segments,precincts --min-zoom 12`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return p.exportTiles(c, o) },
	}
	f := c.Flags()
	f.StringVarP(&o.out, "output", "o", "", "the file")
	addMeasureFlags(f, measureFlags{&o.Contest, &o.Choice, &o.Measure, &o.Against, &o.Since, &o.snapshot})
	f.StringSliceVar(&o.Layers, "layers", nil, "of the tiles (default: all that are drawn)")
	f.IntVar(&o.MinZoom, "min-zoom", 0, "the first zoom; each layer begins where it does on the server")
	f.IntVar(&o.MaxZoom, "max-zoom", deepestZoom, "the last zoom; maps draw closer from its tiles")
	f.IntVar(&o.Level, "level", 4, "of gzip inside, from 1, fast, to 9, small")
	return c
}

// deepestZoom is that of all layers: closer by, a map draws what it has larger.
const deepestZoom = 16

func (p *program) exportTiles(c *cobra.Command, o tileOptions) error {
	switch {
	case o.out == "":
		return errors.New("say with -o which file to write: arpent export tiles -o city.pmtiles")
	case o.MinZoom < 0 || o.MaxZoom > deepestZoom:
		return fmt.Errorf("--min-zoom %d --max-zoom %d: the map is drawn at zooms 0 to %d, and larger from the last", o.MinZoom, o.MaxZoom, deepestZoom)
	case o.Level < 1 || o.Level > 9:
		return fmt.Errorf("--level %d: gzip has the levels 1 to 9", o.Level)
	}
	done, err := p.runHere(c, o.snapshot, hereJob{
		kind:  func(units unitJobs) jobs.Kind { return jobs.Kind{Name: api.KindTiles, Run: units.tiles} },
		asked: o.Tiles,
		check: func(city *live.City) error { _, err := o.Drawn(city); return err },
		out:   o.out,
	})
	if err != nil {
		return err
	}
	if err := os.Chmod(o.out, 0o644); err != nil { // what everybody may see a web server must be able to read
		return fmt.Errorf("export: %w", err)
	}
	tiles := rowsOf(done)
	_, err = message.NewPrinter(language.English).Fprintf(c.OutOrStdout(), "%d tiles are in %s (%d bytes, sha256 %s)\n", tiles.Rows, o.out, tiles.Bytes, tiles.SHA256)
	return err
}

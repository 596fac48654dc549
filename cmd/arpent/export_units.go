package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine/jobs"
	"github.com/arpent/arpent/engine/live"
)

// unitOptions are the flags of export units.
type unitOptions struct {
	api.Export
	snapshot, filter, out string
	geometry              bool
}

func (p *program) exportUnitsCommand() *cobra.Command {
	var o unitOptions
	c := &cobra.Command{
		Use:   "units -o FILE",
		Short: "Write the units of a snapshot, with their numbers, to a file",
		Long: `Writes streets, cells, precincts or communes of a snapshot with their numbers and intervals, as many as there are, as GeoJSON, NDJSON, CSV, Arrow
or GeoParquet. Units under 11 households, and those that would give them away, are there without numbers and with the reason.

Beside the file stands FILE.publication.json: how many units are published, how many suppressed and why, and whose data it is. Both have the
bytes of a job export of the server: no server is needed.`,
		Example: `  arpent export units -o streets.parquet
  arpent export units -o cells.geojson --collection cells --resolution 9 --filter "n > 100 AND value > 0.3"
  arpent export units -o precincts.csv --collection precincts --properties id,name,2017_pres_t1.*.share --sortby -n`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return p.exportUnits(c, o) },
	}
	f := c.Flags()
	addQuestionFlags(c, &o.Question, &o.snapshot)
	f.StringVarP(&o.out, "output", "o", "", "the file; its name says the format, unless --format does")
	f.StringVar(&o.Format, "format", "", strings.Join(formatNames(), ", "))
	f.StringVar(&o.filter, "filter", "", "a condition in CQL2, as text or as JSON")
	f.Float64SliceVar(&o.Bbox, "bbox", nil, "west,south,east,north in degrees")
	f.StringVar(&o.Datetime, "datetime", "", "a day, or an interval as 2017-01-01/..: the latest contest in it")
	f.StringSliceVar(&o.Properties, "properties", nil, "columns, with * for all choices of a contest")
	f.StringSliceVar(&o.SortBy, "sortby", nil, "columns, a - before one is descending")
	f.IntVar(&o.Sample, "sample", 0, "so many of the units by chance")
	f.Uint64Var(&o.Seed, "seed", 0, "of the sample")
	f.BoolVar(&o.geometry, "geometry", true, "with outlines (default: all formats but CSV)")
	return c
}

func (p *program) exportUnits(c *cobra.Command, o unitOptions) (err error) {
	if o.out == "" {
		return errors.New("say with -o which file to write: arpent export units -o streets.parquet")
	}
	if o.Format, err = formatOfFile(o.Format, o.out); err != nil {
		return err
	}
	if o.Filter, err = filterOf(o.filter); err != nil {
		return err
	}
	if c.Flags().Changed("geometry") {
		o.Geometry = &o.geometry
	}
	done, err := p.runHere(c, o.snapshot, hereJob{
		kind:  func(units unitJobs) jobs.Kind { return jobs.Kind{Name: api.KindExport, Run: units.export} },
		asked: o.Export,
		check: func(city *live.City) error { _, err := o.Rows(city); return err },
		out:   o.out,
	})
	if err != nil {
		return err
	}
	rows := rowsOf(done)
	_, err = message.NewPrinter(language.English).Fprintf(c.OutOrStdout(), "%d %s are in %s (%d bytes, sha256 %s)\nwhat of them is told, and whose data it is, is in %s.%s\n",
		rows.Rows, o.Collection, o.out, rows.Bytes, rows.SHA256, o.out, publicationFile)
	return err
}

// filterOf takes a filter as a body has it: text in a string, JSON as an object.
func filterOf(text string) (api.FilterText, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return nil, nil
	case text[0] != '{':
		quoted, err := json.Marshal(text)
		return api.FilterText(quoted), err
	case !json.Valid([]byte(text)):
		return nil, fmt.Errorf("--filter begins as JSON does, and is none: %.40q", text)
	}
	return api.FilterText(text), nil
}

package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/arpent/arpent/datasets"
	"github.com/arpent/arpent/engine"
)

func (p *program) inspectCommand() *cobra.Command {
	var asJSON bool
	var layer, crs string
	c := &cobra.Command{
		Use:   "inspect FILE",
		Short: "Say what a file is, and which line to write for it in a place file",
		Long: `Tries every dataset on a file and says which it is: layout, container, columns, rows, bounds, and what is wrong with
which lines; then the line for a place file. A path may lead into an archive: iris.zip/IRIS.shp.`,
		Example: `  arpent inspect adresses-75.csv.gz
  arpent inspect bdtopo-031.7z --layer troncon_de_route
  arpent inspect results.csv --json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("inspect takes one file: arpent inspect adresses-75.csv.gz")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			progress := newProgress(p.stderr)
			found, err := datasets.Inspect(c.Context(), args[0], engine.SourceSpec{Path: args[0], Layer: layer, CRS: engine.Code(crs)}, func(done, total int64) {
				progress.Hear("read "+args[0], done, total)
			})
			if err != nil {
				progress.Stop()
				return err
			}
			progress.Done()
			if asJSON {
				return encodeJSON(c.OutOrStdout(), found)
			}
			return tellInspection(c.OutOrStdout(), found)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	c.Flags().StringVar(&layer, "layer", "", "layer of a file that has several")
	c.Flags().StringVar(&crs, "crs", "", "EPSG code of the coordinates, where the file has none or a wrong one")
	return c
}

// tellInspection writes what was found, a line for each thing.
func tellInspection(w io.Writer, found *datasets.Inspection) error {
	out := message.NewPrinter(language.English)
	var b strings.Builder
	line := func(what, format string, args ...any) {
		fmt.Fprintf(&b, "  %-10s %s\n", what, out.Sprintf(format, args...))
	}
	if len(found.Matches) == 0 {
		fmt.Fprintf(&b, "%s is of no dataset known here\n", found.Path)
		line("container", "%s", found.Container)
		if found.Headless {
			line("columns", "without names: the first line is values, and dataset table needs a line of names above it")
		} else {
			line("columns", "%d: %s", len(found.Columns), listed(found.Columns))
		}
		if found.Fault != "" {
			line("fault", "%s", found.Fault)
		}
		line("place file", "- {dataset: table, path: %s, kind: addresses|streets|areas|results|districts|census-areas|census|register, columns: {...}}", datasets.PlaceText(found.Path))
		for _, districts := range found.Districts {
			line("districts", "%s", districts)
		}
		line("", "`arpent datasets` lists what is known; dataset table reads any table or layer")
		_, err := io.WriteString(w, harmless(b.String()))
		return err
	}
	best, err := datasets.ByName(found.Matches[0].Dataset)
	if err != nil {
		return err
	}
	fmt.Fprintf(&b, "%s is %s, dataset %s\n", found.Path, best.Kind, best.Name)
	line("", "%s", best.Title)
	line("published", "%s, %s: %s", best.Publisher, best.Licence, best.Address)
	if found.Report.Layout != "" {
		line("layout", "%s", found.Report.Layout)
	}
	line("container", "%s", found.Container)
	if found.CRS != "" {
		line("crs", "%s", found.CRS)
	}
	if len(found.Columns) > 0 {
		line("columns", "%d: %s", len(found.Columns), listed(found.Columns))
	}
	if n := len(found.Report.Ignored); n > 0 {
		line("not read", "%d: %s", n, listed(found.Report.Ignored))
	}
	if found.Report.Personal > 0 {
		line("dropped", "%d columns about persons, unread", found.Report.Personal)
	}
	line("rows", "%d, of which %d rejected; they make %d rows of %s", found.Rows, found.Report.Rejected, found.Kept, best.Kind)
	if len(found.Bounds) == 4 {
		line("bounds", "%.4f, %.4f to %.4f, %.4f (longitude, latitude)", found.Bounds[0], found.Bounds[1], found.Bounds[2], found.Bounds[3])
	}
	for _, list := range []struct {
		what   string
		counts []engine.RowCount
	}{{"rejected", found.Report.Reasons}, {"repaired", found.Report.Repaired}, {"passed", found.Report.Passed}} {
		for _, r := range list.counts {
			line(list.what, "%d: %s (%s)", r.Count, r.Reason, linesOf(found.Report, r))
		}
	}
	if found.Fault != "" {
		line("fault", "%s", found.Fault)
	}
	line("place file", "%s", found.Matches[0].Line)
	if found.Matches[0].Needs != "" {
		line("", "%s", found.Matches[0].Needs)
	}
	for _, other := range found.Matches[1:] {
		line("or", "%s", other.Line)
	}
	for _, districts := range found.Districts {
		line("districts", "%s", districts)
	}
	_, err = io.WriteString(w, harmless(b.String()))
	return err
}

// listed are names in a row, as far as one looks.
func listed(names []string) string {
	const most = 100
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + " and more"
}

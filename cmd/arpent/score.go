package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine/jobs"
	"github.com/arpent/arpent/engine/live"
)

// scoreOptions are the flags of score.
type scoreOptions struct {
	api.Question
	properties                   []string
	snapshot, input, out, format string
}

func (p *program) scoreCommand() *cobra.Command {
	var o scoreOptions
	c := &cobra.Command{
		Use:   "score --input FILE -o FILE",
		Short: "Give the numbers of a list of streets, cells, precincts or places",
		Long: `Reads a list of units - CSV with a line of names, or NDJSON - and writes the numbers of each as CSV, NDJSON, Arrow or Parquet. A row of the list
names a unit by its id (id), by a place in it (lon, lat), or, of precincts and communes, by its code (code, and commune where codes begin anew
in each). Other columns are refused: take them out, and join what is written by the number of the row.

Rows that cannot be answered are in FILE.errors.ndjson, the others are written. Units under 11 households have a reason and no numbers. The files
have the bytes of a job score of the server: no server is needed.`,
		Example: `  arpent score --input streets.csv -o scores.csv
  arpent score --input doors.ndjson -o scores.parquet --collection cells --resolution 9 --contest 2017_pres_t1 --measure turnout`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return p.score(c, o) },
	}
	f := c.Flags()
	addQuestionFlags(c, &o.Question, &o.snapshot)
	f.StringVar(&o.input, "input", "", "the list: a file that ends with .csv, .ndjson or .jsonl")
	f.StringVarP(&o.out, "output", "o", "", "the file; its name says the format, unless --format does")
	f.StringVar(&o.format, "format", "", "csv, ndjson, arrow, parquet")
	f.StringSliceVar(&o.properties, "properties", nil, "columns, with * for all choices of a contest")
	return c
}

func (p *program) score(c *cobra.Command, o scoreOptions) error {
	if o.input == "" || o.out == "" {
		return errors.New("say what to read and what to write: arpent score --input streets.csv -o scores.csv")
	}
	form, known := map[string]api.ScoreForm{".csv": api.ScoreCSV, ".ndjson": api.ScoreNDJSON, ".jsonl": api.ScoreNDJSON}[strings.ToLower(filepath.Ext(o.input))]
	if !known {
		return fmt.Errorf("--input %s: a list is a file that ends with .csv, .ndjson or .jsonl", o.input)
	}
	format, err := formatOfFile(o.format, o.out)
	if err != nil {
		return err
	}
	list, err := os.Open(o.input)
	if err != nil {
		return fmt.Errorf("--input: %w", err)
	}
	defer list.Close()
	asked := api.ScoreJob{Collection: o.Collection, Resolution: o.Resolution, Contest: o.Contest, Choice: o.Choice, Measure: o.Measure, Against: o.Against, Since: o.Since,
		Properties: o.properties, Format: format}
	done, err := p.runHere(c, o.snapshot, hereJob{
		kind:  func(units unitJobs) jobs.Kind { return jobs.Kind{Name: api.KindScore, Run: units.score} },
		asked: asked,
		check: func(city *live.City) error { _, err := asked.Units(city); return err },
		input: func(path string) (jobs.Input, error) {
			return jobs.WriteInput(path, func(w io.Writer) (int64, error) { return api.KeepScoreRows(w, list, form) })
		},
		out: o.out,
	})
	if err != nil {
		return err
	}
	return tellScored(c.OutOrStdout(), done, o.out)
}

// tellScored says how many rows were answered, and why the others were not.
func tellScored(w io.Writer, done jobs.Outcome, out string) error {
	p := message.NewPrinter(language.English)
	rows := rowsOf(done)
	text := p.Sprintf("%d rows are in %s (%d bytes, sha256 %s)\n", rows.Rows, out, rows.Bytes, rows.SHA256)
	if done.Rejected > 0 {
		text += p.Sprintf("%d rows could not be answered; which, and why, is in %s.%s\n", done.Rejected, out, jobs.ErrorsFile)
		for _, r := range done.Reasons {
			text += p.Sprintf("  %-12s %d\n", r.Code, r.Rows)
		}
	}
	_, err := io.WriteString(w, text)
	return err
}

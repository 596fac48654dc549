package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/arpent/arpent/engine/duckdb"
)

func (p *program) sqlCommand() *cobra.Command {
	format := choice{value: "table", of: []string{"table", "csv", "json"}}
	c := &cobra.Command{
		Use:   `sql "SELECT ..."`,
		Short: "Ask the tables of the current snapshot in SQL",
		Long: `Answers SQL over the tables of the current snapshot, with DuckDB. "SHOW TABLES" lists the tables, "DESCRIBE segments" the
columns of one; docs/snapshot.md describes them all. Geometries are printed as WKT. What it prints has not passed the
publication plan: it is for whoever holds the workspace.`,
		Example: `  arpent sql "SELECT count(*) AS segments, sum(length_m) / 1000 AS km FROM segments"
  arpent sql --format csv "SELECT choice, sum(votes) AS votes FROM results GROUP BY 1 ORDER BY 2 DESC, 1" > votes.csv
  arpent sql --format json "SELECT segment_id, street, geometry FROM segments LIMIT 3"`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New(`sql takes one query: put it in quotes, as "SELECT count(*) FROM segments"`)
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) (err error) {
			s, err := p.space().OpenCurrent()
			if err != nil {
				return err
			}
			db, err := duckdb.OpenSnapshot(c.Context(), s)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, db.Close()) }()
			rows, err := db.Query(c.Context(), args[0])
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, rows.Close()) }()
			return writeRows(c.OutOrStdout(), rows, format.value)
		},
	}
	c.Flags().Var(&format, "format", "table, csv or json")
	return c
}

func writeRows(w io.Writer, rows *duckdb.Rows, format string) error {
	switch format {
	case "csv":
		return writeCSV(w, rows)
	case "json":
		return writeJSON(w, rows)
	}
	return writeTable(w, rows)
}

// choice is a flag that takes one of several words.
type choice struct {
	value string
	of    []string
}

func (c *choice) String() string { return c.value }
func (c *choice) Type() string   { return "word" }

// Set refuses other words.
func (c *choice) Set(text string) error {
	for _, known := range c.of {
		if text == known {
			c.value = text
			return nil
		}
	}
	return fmt.Errorf("choose one of %s", strings.Join(c.of, ", "))
}

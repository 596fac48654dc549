package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/arpent/arpent/datasets"
	"github.com/arpent/arpent/engine"
)

func (p *program) datasetsCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "datasets [NAME]",
		Short: "List the published files that can be read, with publisher, licence and address",
		Long: `Lists the datasets by what their rows are: the name to write in a place file, what it is, who publishes it, under which
licence, and where. With a name it tells all about one. "arpent inspect FILE" says which of them a file is.`,
		Example: `  arpent datasets
  arpent datasets ban
  arpent datasets --json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			list := datasets.All()
			if len(args) == 1 {
				one, err := datasets.ByName(args[0])
				if err != nil {
					return err
				}
				list = []datasets.Dataset{one}
			}
			if asJSON {
				return encodeJSON(c.OutOrStdout(), describeDatasets(list))
			}
			if len(args) == 1 {
				_, err := fmt.Fprintln(c.OutOrStdout(), datasetInFull(list[0]))
				return err
			}
			_, err := fmt.Fprintln(c.OutOrStdout(), datasetsByKind(list))
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

// describedDataset is a dataset as --json gives it.
type describedDataset struct {
	Name        string      `json:"name"`
	Kind        engine.Kind `json:"kind"`
	Title       string      `json:"title"`
	Country     string      `json:"country,omitempty"`
	Publisher   string      `json:"publisher"`
	Licence     string      `json:"licence"`
	Attribution string      `json:"attribution"`
	Address     string      `json:"address"`
}

func describeDatasets(list []datasets.Dataset) []describedDataset {
	described := make([]describedDataset, len(list))
	for i, d := range list {
		described[i] = describedDataset{d.Name, d.Kind, d.Title, d.Country, d.Publisher, d.Licence, d.Attribution, d.Address}
	}
	return described
}

// datasetsByKind is the list as people read it: a heading for each kind, a dataset to a line and its source below.
func datasetsByKind(list []datasets.Dataset) string {
	var b strings.Builder
	for _, kind := range engine.Kinds() {
		first := true
		for _, d := range list {
			if d.Kind != kind {
				continue
			}
			if first {
				fmt.Fprintf(&b, "\n%s\n", kind)
				first = false
			}
			fmt.Fprintf(&b, "  %-18s %s\n  %-18s %s, %s: %s\n", d.Name, d.Title, "", d.Publisher, d.Licence, d.Address)
		}
	}
	return strings.Trim(b.String(), "\n")
}

func datasetInFull(d datasets.Dataset) string {
	return fmt.Sprintf("%s: %s\n  rows         %s\n  publisher    %s\n  licence      %s\n  attribution  %s\n  address      %s\n  place file   - {dataset: %s, path: FILE}",
		d.Name, d.Title, d.Kind, d.Publisher, d.Licence, d.Attribution, d.Address, d.Name)
}

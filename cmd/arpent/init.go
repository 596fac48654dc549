package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"text/template"

	"github.com/spf13/cobra"
)

func (p *program) initCommand() *cobra.Command {
	var commune, file string
	var osm bool
	c := &cobra.Command{
		Use:   "init --commune CODE",
		Short: "Write a place file for a commune of France, with the addresses of its files",
		Long: `Writes a place file for a commune of France by its INSEE code: addresses, streets, electoral register, results and census, each
with the address that "arpent fetch" downloads it from. It is commented: change it as you like. Streets are those of the IGN
(BD TOPO), with --osm those of OpenStreetMap. Paris, Lyon and Marseille have one code each: 75056, 69123, 13055.`,
		Example: `  arpent init --commune 31555          # Toulouse, to commune-31555.yaml
  arpent init --commune 31555 --osm --file toulouse.yaml`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if commune == "" {
				return errors.New("init needs the commune: arpent init --commune 31555")
			}
			files, err := filesOf(commune, osm)
			if err != nil {
				return err
			}
			if file == "" {
				file = "commune-" + files.Commune + ".yaml"
			}
			if err := writePlaceFile(file, files); err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%s is written. Next:\n  arpent fetch %s\n  arpent build %s\n  arpent serve\n", file, file, file)
			return err
		},
	}
	c.Flags().StringVar(&commune, "commune", "", "INSEE code of the commune, as 31555")
	c.Flags().BoolVar(&osm, "osm", false, "streets of OpenStreetMap")
	c.Flags().StringVar(&file, "file", "", "the place file to write (default: commune-CODE.yaml)")
	return c
}

//go:embed init.yaml.tmpl
var placeTemplate string

// writePlaceFile writes a new file; one that is there stays.
func writePlaceFile(name string, files communeFiles) error {
	text, err := template.New("place").Parse(placeTemplate)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already: give another name with --file, or delete it", name)
	}
	if err != nil {
		return err
	}
	return errors.Join(text.Execute(file, files), file.Close())
}

package datasets

import (
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

// Dataset is a kind of published file that can be decoded.
type Dataset struct {
	Name        string      // as place files write it
	Kind        engine.Kind // "" where the place file says it
	Country     string      // of its communes and precincts: fr, us; "" where it may be any
	Crossings   bool        // streets: drawn whole, so that lines that cross meet; else they meet where they share a vertex
	Derived     bool        // rows are made up from something else: addresses from the ranges of streets
	Title       string
	Publisher   string
	Licence     string                   // SPDX-like short name
	Attribution string                   // what the licence asks to be shown
	Address     string                   // where it is published; nothing is fetched from there
	beside      func(name string) string // the name of a file that is read with one of a name, "" without one
	decode      decoder
}

// All lists the datasets, in the order in which they are shown.
func All() []Dataset {
	return []Dataset{
		ban, tigerAddresses, centrelineAddresses, addressBlocks, osmAddresses,
		parisVoie, parisTroncon, bdtopo, tigerEdges, centrelines, osm,
		parisSecteurs, contours, precinctAreas, usPrecincts, vestAreas,
		reuAddresses,
		ministry, ministry2014, eirel, aggregated, parisResults, results, openElections, medsl, vest,
		iris, censusCSP, baseIC, filosofiIRIS, grid200m, grid200mFigures, usBlocks, usBlockCounts,
		van, nationBuilder, ecanvasser, qomon, openField, osdi,
		table,
	}
}

// ByName finds a dataset. The error lists the names there are.
func ByName(name string) (Dataset, error) {
	var names []string
	for _, d := range All() {
		if d.Name == name {
			return d, nil
		}
		names = append(names, d.Name)
	}
	hint := ""
	if near := nearest(name, names); near != "" {
		hint = fmt.Sprintf(", did you mean %s?", near)
	}
	return Dataset{}, fmt.Errorf("there is no dataset %q%s (the datasets are %s)", name, hint, strings.Join(names, ", "))
}

// Open gives the rows of a file of the dataset, described by a line of a place file. The file has to be there; it is opened
// and read by Read.
func (d Dataset) Open(path string, spec engine.SourceSpec) (engine.Source, error) {
	info, err := os.Stat(format.OnDisk(path))
	switch {
	case os.IsNotExist(err):
		return nil, missingFile{path}
	case err != nil:
		return nil, format.ExplainOpen(path, err)
	case info.IsDir():
		return nil, fmt.Errorf("%s is a folder: path: has to give the file of dataset %s", path, d.Name)
	}
	if err := checkMapping(d, spec); err != nil {
		return nil, err
	}
	d.Kind = d.KindOf(spec)
	return &source{dataset: d, spec: spec, path: path}, nil
}

// KindOf says what the rows of a source of the dataset are: the dataset's kind, or for dataset table that of the place file.
func (d Dataset) KindOf(spec engine.SourceSpec) engine.Kind {
	if d.Kind == "" {
		return spec.Kind
	}
	return d.Kind
}

// Beside gives the name, or the address, of the file that belongs to one of the dataset; "" where none does.
func (d Dataset) Beside(name string) string {
	if d.beside == nil {
		return ""
	}
	return d.beside(name)
}

// missingFile is a file that is not there. It is fs.ErrNotExist.
type missingFile struct{ path string }

func (m missingFile) Error() string {
	return fmt.Sprintf("there is no file %s: check path: in the place file, or the folder given with --data", m.path)
}

func (m missingFile) Unwrap() error { return fs.ErrNotExist }

package datasets

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var parisTroncon = Dataset{
	Name:        "paris-troncon",
	Kind:        engine.KindStreets,
	Country:     "fr",
	Title:       "Streets of Paris, cut at their crossings (troncon_voie)",
	Publisher:   "Ville de Paris",
	Licence:     "ODbL-1.0",
	Attribution: "Ville de Paris, opendata.paris.fr",
	Address:     "https://opendata.paris.fr/explore/dataset/troncon_voie/",
	decode:      decodeParisTroncon,
}

var parisTronconColumns = []format.Column{
	{Names: []string{"n_sq_tv"}},
	{Names: []string{"n_sq_vo"}},
	{Names: []string{"c_coinsee"}, Optional: true},
}

// decodeParisTroncon reads pieces of streets. They name their street by its number in the dataset voie, whose file has to lie
// beside: voie.csv, voie.geojson or voie.parquet. A piece of no street, or of one that is not there, has no name.
func decodeParisTroncon(file *format.File, d decoding) (records, takeRecord, error) {
	streets, at, err := newStreets(file, d, parisTronconColumns)
	if err != nil {
		return nil, nil, err
	}
	names, err := voieNames(file, d)
	if err != nil {
		return streets.rows, nil, err
	}
	return streets.rows, func(line int64) (string, error) {
		id, of := streets.rows.Field(at[0]), voieNumber(streets.rows.Field(at[1]))
		if len(id) == 0 {
			return "no id", nil
		}
		name, known := names[of]
		commune, _, ok := code(streets.rows.Field(at[2]), communeWidth)
		if !ok {
			commune = []byte(parisCommune)
		}
		reason, err := streets.append(line, street{id, []byte(name), commune})
		if reason == "" && err == nil && of != "" && !known {
			d.report.Repair(line, "the street of the piece is not in voie: it has no name")
		}
		return reason, err
	}, nil
}

// voieNames reads the names of the streets from the file of voie beside.
func voieNames(file *format.File, d decoding) (map[string]string, error) {
	for _, name := range []string{"voie.csv", "voie.csv.gz", "voie.geojson", "voie.parquet"} {
		path := filepath.Join(filepath.Dir(file.Name()), name)
		beside, err := format.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		defer beside.Close()
		d.opened(beside.DiskPath())
		return readVoieNames(beside)
	}
	return nil, needs{"", file.Name() + ": the names of its streets are in dataset voie: put voie.csv beside it"}
}

// voieNumber is the number of a street, which a program wrote as a decimal where some pieces have none.
func voieNumber(field []byte) string { return strings.TrimSuffix(string(field), ".0") }

func readVoieNames(file *format.File) (map[string]string, error) {
	rows, err := format.NewRows(file, "")
	if err != nil {
		return nil, err
	}
	at, err := rows.Columns(parisVoieColumns[0], parisVoieColumns[1])
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for {
		more, err := rows.Next()
		if err != nil || !more {
			return names, err
		}
		if fault, _ := rows.Condition(); fault == "" {
			names[voieNumber(rows.Field(at[0]))] = string(rows.Field(at[1]))
		}
	}
}

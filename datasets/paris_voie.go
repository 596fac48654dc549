package datasets

import (
	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var parisVoie = Dataset{
	Name:        "paris-voie",
	Kind:        engine.KindStreets,
	Country:     "fr",
	Crossings:   true,
	Title:       "Streets of Paris, a line each",
	Publisher:   "Ville de Paris",
	Licence:     "ODbL-1.0",
	Attribution: "Ville de Paris, opendata.paris.fr",
	Address:     "https://opendata.paris.fr/explore/dataset/voie/",
	decode:      decodeParisVoie,
}

var parisVoieColumns = []format.Column{
	{Names: []string{"N_SQ_VO"}},
	{Names: []string{"L_LONGMIN"}},
	{Names: []string{"C_COINSEE"}},
}

const parisCommune = "75056"

// decodeParisVoie reads the export in any format; in CSV the lines are GeoJSON in a quoted field. A few streets have a commune code that is
// none (510): they are streets of Paris. Border streets may have a neighbour's code.
func decodeParisVoie(file *format.File, d decoding) (records, takeRecord, error) {
	streets, at, err := newStreets(file, d, parisVoieColumns)
	if err != nil {
		return nil, nil, err
	}
	table := streets.rows
	return table, func(line int64) (string, error) {
		id, name := table.Field(at[0]), table.Field(at[1])
		switch {
		case len(id) == 0:
			return "no id", nil
		case len(name) == 0:
			return "no name", nil
		}
		commune, _, ok := code(table.Field(at[2]), communeWidth)
		if !ok {
			commune = []byte(parisCommune)
		}
		reason, err := streets.append(line, street{id, name, commune})
		if reason == "" && err == nil && !ok {
			d.report.Repair(line, "the commune is not an INSEE code: taken as 75056")
		}
		return reason, err
	}, nil
}

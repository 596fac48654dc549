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
	table, err := format.NewRows(file, d.spec.Layer)
	if err != nil {
		return nil, nil, err
	}
	at, err := table.Columns(parisVoieColumns...)
	if err != nil {
		return nil, nil, err
	}
	lines, ids, streets := d.out.ints("line"), d.out.texts("street_id"), d.out.texts("street")
	communes, geometries := d.out.texts("commune"), d.out.shapes("geometry")
	shaper, err := newShaper(d, table)
	if err != nil {
		return nil, nil, err
	}
	return table, func(line int64) (string, error) {
		id, street := table.Field(at[0]), table.Field(at[1])
		switch {
		case len(id) == 0:
			return "no id", nil
		case len(street) == 0:
			return "no name", nil
		}
		g, malformed := table.Geometry()
		shape, reason, err := shaper.line(line, g, malformed)
		if reason != "" || err != nil {
			return reason, err
		}
		commune := table.Field(at[2])
		if full, _, ok := code(commune, communeWidth); ok {
			commune = full
		} else {
			commune = []byte(parisCommune)
			d.report.Repair(line, "the commune is not an INSEE code: taken as 75056")
		}
		lines.Append(line)
		ids.append(id)
		streets.append(street)
		communes.append(commune)
		geometries.append(shape)
		return "", nil
	}, nil
}

package datasets

import (
	"strings"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var iris = Dataset{
	Name:        "iris",
	Kind:        engine.KindCensusAreas,
	Country:     "fr",
	Title:       "Contours IRIS: the areas of the French census",
	Publisher:   "IGN, INSEE",
	Licence:     "etalab-2.0",
	Attribution: "IGN, INSEE: Contours IRIS",
	Address:     "https://geoservices.ign.fr/contoursiris",
	decode:      decodeIRIS,
}

const (
	irisCode = iota
	irisName
	irisType
)

var irisColumns = []format.Column{
	irisCode: {Names: []string{"CODE_IRIS", "DCOMIRIS", "iris_code"}},
	irisName: {Names: []string{"NOM_IRIS", "LIB_IRIS", "iris_name"}, Optional: true},
	irisType: {Names: []string{"TYP_IRIS", "type_iris", "iris_type"}, Optional: true},
}

// irisTypes brings the words of the open-data portals to INSEE's letters.
var irisTypes = map[string]string{
	"iris d'habitat": "H", "iris d'activite": "A", "iris divers": "D", "commune non irisee": "Z", "commune non decoupee en iris": "Z",
}

// decodeIRIS reads GeoJSON, in degrees or in Lambert-93 metres, which editions converted from INSEE's files do not declare. The
// commune is the first five characters of the code.
func decodeIRIS(file *format.File, d decoding) (records, takeRecord, error) {
	rows, err := format.NewRows(file, d.spec.Layer)
	if err != nil {
		return nil, nil, err
	}
	at, err := rows.Columns(irisColumns...)
	if err != nil {
		return nil, nil, err
	}
	shaper, err := newShaper(d, rows)
	if err != nil {
		return nil, nil, err
	}
	lines, codes, names := d.out.ints("line"), d.out.texts("census_area"), d.out.texts("name")
	communes, types, geometries := d.out.texts("commune"), d.out.texts("type"), d.out.shapes("geometry")
	return rows, func(line int64) (string, error) {
		area, repaired, ok := code(rows.Field(at[irisCode]), irisWidth)
		if !ok {
			return reasonIRIS, nil
		}
		g, malformed := rows.Geometry()
		shape, reason, err := shaper.area(line, g, malformed)
		if reason != "" || err != nil {
			return reason, err
		}
		kind := string(rows.Field(at[irisType]))
		if letter, ok := irisTypes[format.Key(strings.ReplaceAll(kind, "’", "'"))]; ok {
			kind = letter
		}
		if repaired {
			d.report.Repair(line, repairZero)
		}
		lines.Append(line)
		codes.append(area)
		names.append(rows.Field(at[irisName]))
		communes.append(area[:communeWidth])
		types.appendString(kind)
		geometries.append(shape)
		return "", nil
	}, nil
}

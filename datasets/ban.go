package datasets

import (
	"bytes"
	"math"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

var ban = Dataset{
	Name:        "ban",
	Kind:        engine.KindAddresses,
	Country:     "fr",
	Title:       "Base Adresse Nationale: the addresses of France, a file per department",
	Publisher:   "DINUM, IGN, ANCT",
	Licence:     "etalab-2.0",
	Attribution: "Base Adresse Nationale",
	Address:     "https://adresse.data.gouv.fr/data/ban/adresses/latest/csv/",
	decode:      decodeBAN,
}

var banColumns = []format.Column{
	{Names: []string{"id"}},
	{Names: []string{"numero"}},
	{Names: []string{"rep"}},
	{Names: []string{"nom_voie"}},
	{Names: []string{"code_insee"}},
	{Names: []string{"nom_commune"}, Optional: true},
	{Names: []string{"lon", "longitude"}},
	{Names: []string{"lat", "latitude"}},
}

// decodeBAN reads the columns of every edition by name; older ones have fewer. Numbers are whole, 0 and the placeholders from
// 5000 on included; suffixes are codes of up to four characters.
func decodeBAN(file *format.File, d decoding) (records, takeRecord, error) {
	table, err := format.NewRows(file, d.spec.Layer)
	if err != nil {
		return nil, nil, err
	}
	at, err := table.Columns(banColumns...)
	if err != nil {
		return nil, nil, err
	}
	addresses := newAddressRows(d)
	return table, func(line int64) (string, error) {
		id := table.Field(at[0])
		if len(id) == 0 {
			return "no id", nil
		}
		number, given, err := format.Whole(table.Field(at[1]))
		if !given {
			return reasonNoNumber, nil
		}
		if err != nil || number > math.MaxInt32 {
			return reasonNumber, nil
		}
		commune, repaired, ok := code(table.Field(at[4]), communeWidth)
		if !ok {
			return reasonCommune, nil
		}
		lon, lat, reason, err := degrees(table.Field(at[6]), table.Field(at[7]))
		if reason != "" || err != nil {
			return reason, err
		}
		suffix := bytes.ToLower(table.Field(at[2]))
		street := streetWithoutNumber(table.Field(at[3]), number, suffix)
		if len(street) == 0 {
			return reasonNoStreet, nil
		}
		if repaired {
			d.report.Repair(line, repairZero)
		}
		addresses.append(line, address{
			id: id, number: int32(number), suffix: suffix, street: street, commune: commune, communeName: table.Field(at[5]), lon: lon, lat: lat,
		})
		return "", nil
	}, nil
}

// degrees reads a position in WGS84. The error is that of a projected file.
func degrees(x, y []byte) (lon, lat float64, reason string, err error) {
	lon, hasLon, errLon := format.Float(x, format.Point)
	lat, hasLat, errLat := format.Float(y, format.Point)
	switch {
	case !hasLon || !hasLat:
		return 0, 0, "no coordinates", nil
	case errLon != nil || errLat != nil:
		return 0, 0, "the coordinates are not numbers", nil
	case geo.LooksProjected(lon, lat):
		return 0, 0, "", errMetres
	}
	return lon, lat, "", nil
}

// streetWithoutNumber drops the house number that some rows carry in the name of the street: "7S1 Place du Carrousel".
func streetWithoutNumber(street []byte, number int64, suffix []byte) []byte {
	if len(suffix) == 0 || len(street) == 0 || street[0] < '0' || street[0] > '9' {
		return street
	}
	return []byte(geo.StripNumberPrefix(string(street), int(number), string(suffix)))
}

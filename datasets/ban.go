package datasets

import (
	"bytes"
	"fmt"
	"math"
	"strings"

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

const (
	banID = iota
	banNumber
	banSuffix
	banStreet
	banCommune
	banCommuneName
	banLon
	banLat
	banX
	banY
)

var banColumns = []format.Column{
	banID:          {Names: []string{"id", "cle_interop"}},
	banNumber:      {Names: []string{"numero"}},
	banSuffix:      {Names: []string{"rep", "suffixe"}},
	banStreet:      {Names: []string{"nom_voie", "voie_nom"}},
	banCommune:     {Names: []string{"code_insee", "commune_insee", "code_commune"}},
	banCommuneName: {Names: []string{"nom_commune", "commune_nom"}, Optional: true},
	banLon:         {Names: []string{"lon", "long", "longitude"}, Optional: true},
	banLat:         {Names: []string{"lat", "latitude"}, Optional: true},
	banX:           {Names: []string{"x"}, Optional: true},
	banY:           {Names: []string{"y"}, Optional: true},
}

// legalCRS is the system of x and y by the beginning of the commune's code; Lambert-93 on the mainland.
var legalCRS = map[string]int{"971": 5490, "972": 5490, "973": 2972, "974": 2975, "975": 4467, "976": 4471, "977": 5490, "978": 5490}

// decodeBAN reads the columns of every edition by name, and those of the files that communes make for it (BAL); older ones have
// fewer. Numbers are whole, 0 and the placeholders from 5000 on included; suffixes are codes of up to four characters. A row
// without longitude and latitude is placed by x and y, which are in the legal projection of its territory.
func decodeBAN(file *format.File, d decoding) (records, takeRecord, error) {
	table, err := format.NewRows(file, d.spec.Layer)
	if err != nil {
		return nil, nil, err
	}
	at, err := table.Columns(banColumns...)
	if err != nil {
		return nil, nil, err
	}
	if at[banLon] < 0 || at[banLat] < 0 {
		if at[banX] < 0 || at[banY] < 0 {
			return nil, nil, fmt.Errorf("%s line 1: there is no column lon (accepted spellings: %s), nor x and y: check that this is the file of the dataset named, and not another's",
				file.Name(), strings.Join(banColumns[banLon].Names, ", "))
		}
	}
	addresses := newAddressRows(d)
	return table, func(line int64) (string, error) {
		id := table.Field(at[banID])
		if len(id) == 0 {
			return "no id", nil
		}
		number, given, err := format.Whole(table.Field(at[banNumber]))
		if !given {
			return reasonNoNumber, nil
		}
		if err != nil || number > math.MaxInt32 {
			return reasonNumber, nil
		}
		commune, repaired, ok := code(table.Field(at[banCommune]), communeWidth)
		if !ok {
			return reasonCommune, nil
		}
		byXY := false
		lon, lat, reason, err := degrees(table.Field(at[banLon]), table.Field(at[banLat]))
		if reason == reasonNoPlace && at[banX] >= 0 {
			lon, lat, reason = legalDegrees(commune, table.Field(at[banX]), table.Field(at[banY]))
			byXY = true
		}
		if reason != "" || err != nil {
			return reason, err
		}
		suffix := bytes.ToLower(table.Field(at[banSuffix]))
		street := streetWithoutNumber(table.Field(at[banStreet]), number, suffix)
		if len(street) == 0 {
			return reasonNoStreet, nil
		}
		if repaired {
			d.report.Repair(line, repairZero)
		}
		if byXY && at[banLon] >= 0 {
			d.report.Repair(line, "no longitude and latitude: placed by x and y")
		}
		addresses.append(line, address{
			id: id, number: int32(number), suffix: suffix, street: street, commune: commune, communeName: table.Field(at[banCommuneName]), lon: lon, lat: lat,
		})
		return "", nil
	}, nil
}

const (
	reasonNoPlace = "no coordinates"
	reasonPlace   = "the coordinates are not numbers"
)

// legalDegrees reads a position in the legal projection of a commune's territory.
func legalDegrees(commune, x, y []byte) (lon, lat float64, reason string) {
	east, hasEast, errEast := format.Float(x, format.PointOrComma)
	north, hasNorth, errNorth := format.Float(y, format.PointOrComma)
	switch {
	case !hasEast || !hasNorth:
		return 0, 0, reasonNoPlace
	case errEast != nil || errNorth != nil:
		return 0, 0, reasonPlace
	}
	code := 2154
	if overseas, ok := legalCRS[string(commune[:3])]; ok {
		code = overseas
	}
	crs, err := geo.CRSByCode(code)
	if err != nil {
		return 0, 0, reasonNoPosition
	}
	if code == 2154 && !geo.InLambert93(east, north) {
		return 0, 0, reasonOutside
	}
	if lon, lat = crs.Degrees(east, north); !(math.Abs(lon) <= 180 && math.Abs(lat) <= 90) {
		return 0, 0, reasonOutside
	}
	return lon, lat, ""
}

// degrees reads a position in WGS84. The error is that of a projected file.
func degrees(x, y []byte) (lon, lat float64, reason string, err error) {
	lon, hasLon, errLon := format.Float(x, format.PointOrComma)
	lat, hasLat, errLat := format.Float(y, format.PointOrComma)
	switch {
	case !hasLon || !hasLat:
		return 0, 0, reasonNoPlace, nil
	case errLon != nil || errLat != nil:
		return 0, 0, reasonPlace, nil
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

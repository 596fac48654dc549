package datasets

import (
	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var reuAddresses = Dataset{
	Name:        "reu-addresses",
	Kind:        engine.KindRegister,
	Country:     "fr",
	Title:       "Bureaux de vote et adresses de leurs électeurs (table-adresses-reu): at which station the voters of an address vote, September 2022",
	Publisher:   "INSEE",
	Licence:     "etalab-2.0",
	Attribution: "INSEE, Répertoire électoral unique",
	Address:     "https://www.data.gouv.fr/fr/datasets/bureaux-de-vote-et-adresses-de-leurs-electeurs/",
	decode:      decodeREUAddresses,
}

const (
	reuStation = iota
	reuAddress
	reuGrain
	reuScore
	reuLon
	reuLat
	reuDoors
)

var reuColumns = []format.Column{
	reuStation: {Names: []string{"id_brut_bv_reu", "id_brut_reu"}},
	reuAddress: {Names: []string{"id", "id_ban"}, Optional: true},
	reuGrain:   {Names: []string{"geo_type"}},
	reuScore:   {Names: []string{"geo_score"}, Optional: true},
	reuLon:     {Names: []string{"longitude", "lon"}},
	reuLat:     {Names: []string{"latitude", "lat"}},
	reuDoors:   {Names: []string{"nb_adresses"}, Optional: true},
}

// reuGrains are the words of the geocoder for what it found.
var reuGrains = map[string]string{"housenumber": "house", "street": "street", "locality": "locality", "municipality": "commune"}

// surePlace is the geocoder's score above which the position of a house is the house's.
const surePlace = 0.7

// decodeREUAddresses reads a row for each address and station, with how many addresses of voters it stands for. The commune is the
// station's; a house of which the geocoder was not sure stands for its street.
func decodeREUAddresses(file *format.File, d decoding) (records, takeRecord, error) {
	rows, err := format.NewRows(file, d.spec.Layer)
	if err != nil {
		return nil, nil, err
	}
	at, err := rows.Columns(reuColumns...)
	if err != nil {
		return nil, nil, err
	}
	lines, ids, grains := d.out.ints("line"), d.out.texts("address_id"), d.out.texts("grain")
	lons, lats := d.out.floats("lon"), d.out.floats("lat")
	communes, stations, codes, doors := d.out.texts("commune"), d.out.texts("station"), d.out.texts("code"), d.out.ints("doors")
	known := map[string]stationText{}
	return rows, func(line int64) (string, error) {
		id := rows.Field(at[reuStation])
		place, ok := known[string(id)]
		if !ok {
			if key, err := engine.ParsePrecinctID(string(id)); err != nil {
				place.reason = reasonStation
			} else {
				place = stationText{[]byte(key.Commune), []byte(key.Station), []byte(string(id)), ""}
			}
			remember(known, id, place)
		}
		if place.reason != "" {
			return place.reason, nil
		}
		grain, ok := reuGrains[string(rows.Field(at[reuGrain]))]
		if !ok {
			return "geo_type is none of housenumber, street, locality and municipality", nil
		}
		count, given, err := format.Whole(rows.Field(at[reuDoors]))
		switch {
		case err != nil:
			return "nb_adresses is not a count", nil
		case !given:
			count = 1
		case count == 0:
			d.report.Pass(line, "it stands for no address of voters (nb_adresses is 0)")
			return "", nil
		}
		score, scored, err := format.Float(rows.Field(at[reuScore]), format.PointOrComma)
		if err != nil {
			return "geo_score is not a number", nil
		}
		lon, lat, reason, err := degrees(rows.Field(at[reuLon]), rows.Field(at[reuLat]))
		if err != nil {
			return "", err
		}
		address := rows.Field(at[reuAddress])
		if reason != "" && len(address) == 0 {
			return reason, nil
		}
		if grain == "house" && scored && score <= surePlace {
			grain = "street" // the house may be another
		}
		lines.Append(line)
		ids.append(address)
		grains.appendString(grain)
		if reason == "" {
			lons.Append(lon)
			lats.Append(lat)
		} else {
			lons.AppendNull()
			lats.AppendNull()
		}
		communes.append(place.commune)
		stations.append(place.station)
		codes.append(place.code)
		doors.Append(count)
		return "", nil
	}, nil
}

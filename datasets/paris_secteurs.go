package datasets

import (
	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var parisSecteurs = Dataset{
	Name:        "paris-secteurs",
	Kind:        engine.KindAreas,
	Country:     "fr",
	Title:       "Areas of the polling stations of Paris, a file per division",
	Publisher:   "Ville de Paris",
	Licence:     "ODbL-1.0",
	Attribution: "Ville de Paris, opendata.paris.fr",
	Address:     "https://opendata.paris.fr/explore/dataset/secteurs-des-bureaux-de-vote/",
	decode:      decodeParisSecteurs,
}

const (
	secteurID = iota
	secteurArrondissement
	secteurNumber
	secteurElectors
)

var parisSecteursColumns = []format.Column{
	secteurID:             {Names: []string{"id_bv", "id_bvote", "code_bv"}},
	secteurArrondissement: {Names: []string{"arrondissement"}, Optional: true},
	secteurNumber:         {Names: []string{"num_bv"}, Optional: true},
	secteurElectors:       {Names: []string{"nbr_elect_f"}, Optional: true},
}

// decodeParisSecteurs reads the GeoJSON export. From 2026 on the numbers are strings.
func decodeParisSecteurs(file *format.File, d decoding) (records, takeRecord, error) {
	areas, at, err := newAreas(file, d, parisSecteursColumns)
	if err != nil {
		return nil, nil, err
	}
	return areas.rows, func(line int64) (string, error) {
		id := areas.text(at[secteurID])
		key, reason := stationKey(id, areas.text(at[secteurArrondissement]), areas.text(at[secteurNumber]))
		if reason != "" {
			return reason, nil
		}
		var err error
		row := area{key: key, code: id, name: parisStationName(key)}
		if id == "" {
			row.code = parisStationCode(key)
		}
		if row.registered, row.counted, err = format.Whole(areas.rows.Field(at[secteurElectors])); err != nil {
			row.counted = false
			row.repair = "the number of electors is not a count: left out"
		}
		return areas.append(line, row)
	}, nil
}

package datasets

import (
	"strings"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var contours = Dataset{
	Name:        "contours",
	Kind:        engine.KindAreas,
	Country:     "fr",
	Title:       "Proposition de contours des bureaux de vote: areas of polling stations for France, division 2022, drawn around the addresses of voters",
	Publisher:   "Etalab, INSEE",
	Licence:     "etalab-2.0",
	Attribution: "data.gouv.fr, d'après INSEE",
	Address:     "https://www.data.gouv.fr/fr/datasets/proposition-de-contours-des-bureaux-de-vote/",
	decode:      decodeContours,
}

const (
	contourCode = iota
	contourCommune
)

// The key is codeBureauVote: id_bv is written in other ways.
var contoursColumns = []format.Column{
	contourCode:    {Names: []string{"codeBureauVote"}},
	contourCommune: {Names: []string{"nomCommune"}, Optional: true},
}

// decodeContours reads the GeoJSON. Stations of Paris, Lyon and Marseille come with the city's code and get the
// arrondissement's. Known faults of the file stay as they are: Troyes, Alès, Belfort, Dieppe and Aurillac are part of the last
// station of the commune before them.
func decodeContours(file *format.File, d decoding) (records, takeRecord, error) {
	areas, at, err := newAreas(file, d, contoursColumns)
	if err != nil {
		return nil, nil, err
	}
	return areas.rows, func(line int64) (string, error) {
		code := areas.text(at[contourCode])
		if !strings.Contains(code, "_") {
			return reasonStation, nil
		}
		key, reason := stationKey(code, "", "")
		if reason != "" {
			return reason, nil
		}
		name := "bureau " + key.Station
		if commune := areas.text(at[contourCommune]); commune != "" {
			name = commune + ", " + name
		}
		return areas.append(line, area{key: key, code: code, name: name})
	}, nil
}

package datasets

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var precinctAreas = Dataset{
	Name:        "precinct-areas",
	Kind:        engine.KindAreas,
	Country:     "fr",
	Title:       "Areas of polling stations as cities of France publish them: Toulouse, Bordeaux, Nantes, Strasbourg, Lyon, Rennes and others",
	Publisher:   "the city",
	Licence:     "see-publisher",
	Attribution: "the city's polling-station areas",
	Address:     "https://www.data.gouv.fr/fr/datasets/?q=bureaux+de+vote",
	decode:      decodePrecinctAreas,
}

const (
	precinctAreaStation = iota
	precinctAreaCommune
	precinctAreaName
	precinctAreaRegistered
)

// Spellings of the cities.
var precinctAreasColumns = []format.Column{
	precinctAreaStation: {Names: []string{
		"uniq_bdv", "numero_bureau", "num_bureau", "id_bureau", "num_bv", "numero_bv", "bvote", "code_bv", "code_bureau", "num_bureau_vote", "numero_bureau_vote", "bureau_vote", "bureau_v", "bureau", "id_bv", "numero", "code", "num_bdv", "bdv",
	}, Optional: true},
	precinctAreaCommune:    {Names: []string{"code_insee_commune", "code_insee", "insee", "depco", "code_commune", "codecommune", "insee_com", "codinsee"}, Optional: true},
	precinctAreaName:       {Names: []string{"nom_bureau", "lieu", "libelle", "nom", "lib_bureau"}, Optional: true},
	precinctAreaRegistered: {Names: []string{"nb_electeurs", "nbr_elect_f", "inscrits", "nb_inscrits"}, Optional: true},
}

// decodePrecinctAreas reads layers with a station and, where they are of several communes, a commune; else commune: says it.
func decodePrecinctAreas(file *format.File, d decoding) (records, takeRecord, error) {
	areas, at, err := newAreas(file, d, precinctAreasColumns)
	if err != nil {
		return nil, nil, err
	}
	found, kept, lacking := false, false, false // a station, a row, nothing but a commune
	// Layers with arrondissements are those of Paris, which have a dataset of their own.
	bureau := slices.ContainsFunc(areas.rows.Keys(), bureauColumn.MatchString) && !slices.Contains(areas.rows.Keys(), "arrondissement")
	d.whenRead(func() error {
		if lacking && !kept {
			return needs{"commune", "no column says the commune: give commune: the INSEE code of the city"}
		}
		if !found {
			return errors.New("no column is the number of a polling station: check that this is the file of the dataset named, and not another's")
		}
		return nil
	})
	return areas.rows, func(line int64) (string, error) {
		code, commune := areas.text(at[precinctAreaStation]), areas.text(at[precinctAreaCommune])
		if commune == "" {
			commune = string(d.spec.Commune)
		}
		if code == "" {
			return "no station", nil
		}
		var key engine.PrecinctKey
		var err error
		switch {
		case strings.Contains(code, "_"):
			key, err = engine.ParsePrecinctID(code)
		case commune == "":
			found = true
			if _, err := engine.ParseStation(code); err == nil && len(code) <= 5 && bureau {
				g, malformed := areas.rows.Geometry()
				_, notArea, err := areas.shaper.area(line, g, malformed)
				lacking = lacking || (notArea == "" || notArea == reasonNoPosition) && err == nil
			}
			return "no commune: give commune: the INSEE code of the city", nil
		default:
			key, err = engine.ParsePrecinctKey(commune, code)
		}
		if err != nil {
			return "the station is not one: as 5, 0005 or 136A", nil
		}
		found = true
		row := area{key: key, code: code, name: areas.text(at[precinctAreaName])}
		if row.registered, row.counted, err = format.Whole(areas.rows.Field(at[precinctAreaRegistered])); err != nil {
			row.counted, row.repair = false, "the number of electors is not a count: left out"
		}
		reason, err := areas.append(line, row)
		kept = kept || reason == "" && err == nil
		return reason, err
	}, nil
}

// bureauColumn is a column that is of polling stations for certain, as code and numero are not.
var bureauColumn = regexp.MustCompile(`bureau|bvote|bd?v$`)

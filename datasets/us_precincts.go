package datasets

import (
	"errors"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var usPrecincts = Dataset{
	Name:        "us-precincts",
	Kind:        engine.KindAreas,
	Country:     "us",
	Title:       "Precincts of a city or county of the United States",
	Publisher:   "the city or county",
	Licence:     "see-publisher",
	Attribution: "the city's or county's precincts",
	Address:     "https://github.com/cambridgegis/cambridgegis_data",
	decode:      decodeUSPrecincts,
}

const (
	usPrecinctCode = iota // ward and precinct in one
	usPrecinctWard
	usPrecinctNumber
	usPrecinctName
	usPrecinctRegistered
)

// The code that names both ward and precinct counts before the two apart, the smaller precinct before the larger.
var usPrecinctColumns = []format.Column{
	usPrecinctCode:       {Names: []string{"WardPrecinctSubPrecinct", "WardPrecinct", "WARD_PRECINCT", "WP_NAME", "WARDPREC", "DISTRICT"}, Optional: true},
	usPrecinctWard:       {Names: []string{"WARD", "WARD_NUM", "WARDID"}, Optional: true},
	usPrecinctNumber:     {Names: []string{"PRECINCT", "PrecinctSubPrecinct", "PRECINCT_NUM", "PRECINCTID", "PREC_NUM", "PCT", "VTDST20", "VTDST", "PRECNAME", "NAME"}, Optional: true},
	usPrecinctName:       {Names: []string{"PRECINCT_NAME", "PRECNAME", "NAME20", "NAME"}, Optional: true},
	usPrecinctRegistered: {Names: []string{"REGISTERED", "REGISTERED_VOTERS", "REG_VOTERS"}, Optional: true},
}

// decodeUSPrecincts reads areas whose precinct is named in one column or by ward and precinct. Such a layer is of one place, and
// commune: says which: results of the place are given the same.
func decodeUSPrecincts(file *format.File, d decoding) (records, takeRecord, error) {
	areas, at, err := newAreas(file, d, usPrecinctColumns)
	if err != nil {
		return nil, nil, err
	}
	commune, found := string(communeOf(d)), false
	d.whenRead(func() error {
		if !found {
			return errors.New("there is no column WardPrecinct, nor Ward and Precinct: check that this is the file of the dataset named, and not another's")
		}
		return nil
	})
	return areas.rows, func(line int64) (string, error) {
		ward, code := "", areas.text(at[usPrecinctCode])
		if code == "" {
			ward, code = areas.text(at[usPrecinctWard]), areas.text(at[usPrecinctNumber])
		}
		station, err := engine.LocalPrecinct(ward, code)
		if err != nil {
			return "no precinct: expected a column WardPrecinct, or Ward and Precinct", nil
		}
		found = true
		row := area{key: engine.PrecinctKey{Commune: commune, Station: station}, code: station, name: areas.text(at[usPrecinctName])}
		if row.registered, row.counted, err = format.Whole(areas.rows.Field(at[usPrecinctRegistered])); err != nil {
			row.counted, row.repair = false, "the number of registered voters is not a count: left out"
		}
		return areas.append(line, row)
	}, nil
}

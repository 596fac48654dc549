package datasets

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var table = Dataset{
	Name:        "table",
	Crossings:   true, // nothing is known of the file: streets that lie across each other uncut would be one segment each
	Title:       "Any table or layer: kind: says what its rows are, columns: which column is what",
	Publisher:   "the publisher of the file",
	Licence:     "see-publisher",
	Attribution: "the publisher of the file",
	Address:     "https://github.com/arpent/arpent/blob/main/docs/place.md",
	decode:      decodeTable,
}

// tableColumns are the columns that a mapping may name, by kind; those with a star are needed. Results take "votes of NAME" besides,
// for files with a column for each choice, and census any name of a variable.
var tableColumns = map[engine.Kind]string{
	engine.KindAddresses:   "number* street* suffix address_id commune commune_name lon lat households",
	engine.KindStreets:     "street street_id commune",
	engine.KindAreas:       "precinct* commune ward name registered",
	engine.KindRegister:    "precinct* commune ward address_id lon lat doors",
	engine.KindResults:     "precinct* commune ward choice choice_name family votes registered voters blank null blank_null",
	engine.KindDistricts:   "district* name precinct ward commune",
	engine.KindCensusAreas: "census_area* name commune type",
	engine.KindCensus:      "census_area* variable value",
}

const votesOf = "votes of "

// mapping finds the columns of a file by the names of a kind's columns.
type mapping struct {
	decoding
	rows   format.Rows
	shaper *shaper
	at     map[string]int
}

// decodeTable reads any container. Each kind has its own takers.
func decodeTable(file *format.File, d decoding) (records, takeRecord, error) {
	rows, err := format.NewRows(file, d.spec.Layer)
	if err != nil {
		return nil, nil, err
	}
	m := mapping{d, rows, nil, map[string]int{}}
	if err := m.find(); err != nil {
		return nil, nil, err
	}
	if m.shaper, err = newShaper(d, rows); err != nil {
		return nil, nil, err
	}
	var take takeRecord
	switch d.spec.Kind {
	case engine.KindAddresses:
		take = m.addresses()
	case engine.KindStreets:
		take, err = m.streets()
	case engine.KindAreas:
		take = m.areas()
	case engine.KindRegister:
		take = m.register()
	case engine.KindResults:
		take, err = m.results()
	case engine.KindDistricts:
		take = m.districts()
	case engine.KindCensusAreas:
		take = m.censusAreas()
	default:
		take, err = m.census()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", file.Name(), err)
	}
	return rows, take, nil
}

// checkMapping tells whether the kind: and columns: of a line of a place file go together.
func checkMapping(d Dataset, spec engine.SourceSpec) error {
	if d.Kind != "" {
		if spec.Kind != "" || len(spec.Columns) > 0 {
			return fmt.Errorf("dataset %s knows its kind and its columns: take kind: and columns: off the line, or use dataset: table", d.Name)
		}
		return nil
	}
	list, ok := tableColumns[spec.Kind]
	if !ok {
		return fmt.Errorf("dataset table needs kind: addresses, streets, areas, register, results, districts, census-areas or census, not %q", spec.Kind)
	}
	known := strings.Fields(list)
	for name := range spec.Columns {
		free := spec.Kind == engine.KindCensus || spec.Kind == engine.KindResults && strings.HasPrefix(name, votesOf)
		if !free && !slices.Contains(known, name) && !slices.Contains(known, name+"*") {
			return fmt.Errorf("columns: %s is none of %s: they are %s", name, spec.Kind, strings.Join(plainNames(known), ", "))
		}
	}
	for _, name := range known {
		if needed, ok := strings.CutSuffix(name, "*"); ok && spec.Columns[needed] == "" {
			return fmt.Errorf("columns: %s of %s is missing: write %s: and the name of the column in the file", needed, spec.Kind, needed)
		}
	}
	return nil
}

func plainNames(known []string) []string {
	names := make([]string, len(known))
	for i, name := range known {
		names[i] = strings.TrimSuffix(name, "*")
	}
	return names
}

// find asks the file for every column of the mapping: each is needed, for the place file names it.
func (m *mapping) find() error {
	for _, name := range m.names() {
		at, err := m.rows.Columns(format.Column{Names: []string{m.spec.Columns[name]}})
		if err != nil {
			return err
		}
		m.at[name] = at[0]
	}
	return nil
}

// names are the columns of the mapping, in an order of their own.
func (m *mapping) names() []string {
	var names []string
	for name := range m.spec.Columns {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (m *mapping) has(name string) bool { _, ok := m.at[name]; return ok }

// field is the value of a column of the mapping; empty where it has none.
func (m *mapping) field(name string) []byte {
	if at, ok := m.at[name]; ok {
		return m.rows.Field(at)
	}
	return nil
}

// number reads a value with a decimal point, or a decimal comma that cannot be one between thousands.
func number(value []byte) (x float64, given bool, err error) {
	x, given, err = format.Float(value, format.Point)
	if err != nil && !thousands.Match(value) {
		x, given, err = format.Float(value, format.PointOrComma)
	}
	return x, given, err
}

// commune is the row's, or that of the place file for all rows.
func (m *mapping) commune() []byte {
	if commune := m.field("commune"); len(commune) > 0 {
		return commune
	}
	return communeOf(m.decoding)
}

// precinct reads the key of the row's precinct. In France a precinct without a commune names it (75056_1905); elsewhere the commune
// is one for all rows, or a column.
func (m *mapping) precinct() (key engine.PrecinctKey, code, reason string) {
	code, commune := string(m.field("precinct")), string(m.commune())
	if m.spec.Country == "fr" && commune == "" {
		key, reason = stationKey(code, "", "")
		return key, code, reason
	}
	if m.spec.Country == "fr" || m.spec.Country == "" {
		if key, err := engine.ParsePrecinctKey(commune, code); err == nil {
			return key, code, ""
		} else if m.spec.Country == "fr" {
			return key, code, "the precinct is not one: as 5, 0005 or 136A"
		}
	}
	station, err := engine.LocalPrecinct(string(m.field("ward")), code)
	if err != nil {
		return key, code, "the precinct has no usable name"
	}
	return engine.PrecinctKey{Commune: commune, Station: station}, code, ""
}

// position is where a row is: by its columns, in the system of the file, else by its geometry.
func (m *mapping) position() (lon, lat float64, reason string) {
	if !m.has("lon") || !m.has("lat") {
		return m.shaper.point(m.rows.Geometry())
	}
	x, hasX, errX := number(m.field("lon"))
	y, hasY, errY := number(m.field("lat"))
	switch {
	case !hasX || !hasY:
		return 0, 0, reasonNoPlace
	case errX != nil || errY != nil:
		return 0, 0, reasonPlace
	}
	return m.shaper.degreesOf(x, y)
}

var errNoChoice = errors.New(`results need choice: and votes:, or a column for each choice as "votes of NAME", under columns: in the place file`)

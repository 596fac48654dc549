package datasets

import (
	"fmt"
	"strings"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

// addresses takes rows with a house number and a street, a position by columns or by their geometry.
func (m *mapping) addresses() takeRecord {
	out := newAddressRows(m.decoding)
	return func(line int64) (string, error) {
		row := address{id: m.field("address_id"), street: m.field("street"), commune: m.commune(), communeName: m.field("commune_name")}
		var reason string
		if row.number, row.suffix, reason = houseNumber(m.field("number")); reason != "" {
			return reason, nil
		}
		if suffix := m.field("suffix"); len(suffix) > 0 {
			row.suffix = suffix
		}
		if len(row.street) == 0 {
			return reasonNoStreet, nil
		}
		if len(row.id) == 0 {
			row.id = fmt.Appendf(nil, "%s/%d", m.spec.Path, line)
		}
		if row.lon, row.lat, reason = m.position(); reason != "" {
			return reason, nil
		}
		var err error
		if row.households, row.counted, err = number(m.field("households")); err != nil || row.households < 0 {
			return "the households are not a number", nil
		}
		out.append(line, row)
		return "", nil
	}
}

func (m *mapping) streets() (takeRecord, error) {
	out, err := newStreetRows(m.decoding, m.rows)
	if err != nil {
		return nil, err
	}
	return func(line int64) (string, error) {
		row := street{id: m.field("street_id"), name: m.field("street"), commune: m.commune()}
		if len(row.id) == 0 {
			row.id = fmt.Appendf(nil, "%d", line)
		}
		return out.append(line, row)
	}, nil
}

func (m *mapping) areas() takeRecord {
	out := newAreaRows(m.decoding, m.rows, m.shaper)
	return func(line int64) (string, error) {
		key, code, reason := m.precinct()
		if reason != "" {
			return reason, nil
		}
		row := area{key: key, code: code, name: string(m.field("name"))}
		var err error
		if row.registered, row.counted, err = format.Whole(m.field("registered")); err != nil {
			row.counted, row.repair = false, "the number of electors is not a count: left out"
		}
		return out.append(line, row)
	}
}

// register takes rows that say in which precinct the voters of an address vote.
func (m *mapping) register() takeRecord {
	lines, ids, grains := m.out.ints("line"), m.out.texts("address_id"), m.out.texts("grain")
	lons, lats := m.out.floats("lon"), m.out.floats("lat")
	communes, stations, codes, doors := m.out.texts("commune"), m.out.texts("station"), m.out.texts("code"), m.out.ints("doors")
	return func(line int64) (string, error) {
		key, code, reason := m.precinct()
		if reason != "" {
			return reason, nil
		}
		count, given, err := format.Whole(m.field("doors"))
		if err != nil || count < 0 {
			return "the number of doors is not a count", nil
		}
		if !given {
			count = 1
		}
		lon, lat, reason := m.position()
		if reason != "" && len(m.field("address_id")) == 0 {
			return reason, nil
		}
		lines.Append(line)
		ids.append(m.field("address_id"))
		grains.appendString("house")
		if reason == "" {
			lons.Append(lon)
			lats.Append(lat)
		} else {
			lons.AppendNull()
			lats.AppendNull()
		}
		communes.appendString(key.Commune)
		stations.appendString(key.Station)
		codes.appendString(code)
		doors.Append(count)
		return "", nil
	}
}

// results takes rows of a precinct and a choice, or of a precinct with a column for each choice.
func (m *mapping) results() (takeRecord, error) {
	type choice struct{ id, name, column string }
	var wide []choice
	for _, name := range m.names() {
		if shown, ok := strings.CutPrefix(name, votesOf); ok {
			wide = append(wide, choice{choiceOf(shown), shown, name})
		}
	}
	if long := m.has("choice") && m.has("votes"); long == (len(wide) > 0) {
		return nil, errNoChoice
	}
	out, round := newResultRows(m.decoding), max(m.spec.Round, 1)
	election := m.spec.Name
	if election == "" {
		election = string(m.spec.Contest)
	}
	return func(line int64) (string, error) {
		key, code, reason := m.precinct()
		if reason != "" {
			return reason, nil
		}
		counts := uncounted
		for name, count := range map[string]*int64{
			"registered": &counts.registered, "voters": &counts.voters, "blank": &counts.blank, "null": &counts.null, "blank_null": &counts.blankNull,
		} {
			value, given, err := format.Whole(m.field(name))
			if err != nil {
				return "", badCount(name, given, err)
			}
			if given {
				*count = value
			}
		}
		row := result{
			commune: []byte(key.Commune), station: []byte(key.Station), code: []byte(code), election: []byte(election), date: []byte(m.spec.Date), round: int32(round), counts: counts,
		}
		if len(wide) == 0 {
			name := string(m.field("choice"))
			if row.choice = []byte(choiceOf(name)); len(row.choice) == 0 {
				return "no candidate", nil
			}
			row.name, row.family = []byte(name), m.field("family")
			if shown := m.field("choice_name"); len(shown) > 0 {
				row.name = shown
			}
			return "", m.vote(out, line, row, "votes")
		}
		for _, c := range wide {
			row.choice, row.name = []byte(c.id), []byte(c.name)
			if err := m.vote(out, line, row, c.column); err != nil {
				return "", err
			}
		}
		return "", nil
	}, nil
}

// vote appends a row with the votes of a column.
func (m *mapping) vote(out *resultRows, line int64, row result, column string) error {
	votes, given, err := format.Whole(m.field(column))
	if !given || err != nil {
		return badCount("votes", given, err)
	}
	row.votes = votes
	out.append(line, row)
	return nil
}

func (m *mapping) censusAreas() takeRecord {
	lines, ids, names := m.out.ints("line"), m.out.texts("census_area"), m.out.texts("name")
	communes, types, shapes := m.out.texts("commune"), m.out.texts("type"), m.out.shapes("geometry")
	return func(line int64) (string, error) {
		id := m.field("census_area")
		if len(id) == 0 {
			return "no census area", nil
		}
		g, malformed := m.rows.Geometry()
		shape, reason, err := m.shaper.area(line, g, malformed)
		if reason != "" || err != nil {
			return reason, err
		}
		lines.Append(line)
		ids.append(id)
		names.append(m.field("name"))
		communes.append(m.commune())
		types.append(m.field("type"))
		shapes.append(shape)
		return "", nil
	}
}

// districts takes rows of a precinct, or of a whole commune, that is in a district; with a column of neither the shapes of districts.
func (m *mapping) districts() takeRecord {
	lines, codes, names := m.out.ints("line"), m.out.texts("district"), m.out.texts("name")
	communes, stations, shapes := m.out.texts("commune"), m.out.texts("station"), m.out.shapes("geometry")
	return func(line int64) (string, error) {
		code := m.field("district")
		if len(code) == 0 {
			return "no district", nil
		}
		var key engine.PrecinctKey
		var shape []byte
		var reason string
		var err error
		switch {
		case m.has("precinct"):
			key, _, reason = m.precinct()
		case m.has("commune"):
			key.Commune, reason = m.wholeCommune()
		default:
			g, malformed := m.rows.Geometry()
			shape, reason, err = m.shaper.area(line, g, malformed)
		}
		if reason != "" || err != nil {
			return reason, err
		}
		if shape != nil {
			communes.appendOptional(nil)
		} else {
			communes.appendString(key.Commune) // which may be empty: precincts elsewhere than in France need no commune
		}
		stations.appendOptional([]byte(key.Station))
		shapes.appendOptional(shape)
		lines.Append(line)
		codes.append(code)
		names.append(m.field("name"))
		return "", nil
	}
}

// wholeCommune reads the row's commune as precincts have it.
func (m *mapping) wholeCommune() (commune, reason string) {
	commune = string(m.field("commune"))
	if commune == "" {
		return "", "no commune"
	}
	if m.spec.Country == "fr" {
		full, err := engine.ParseCommune("", commune)
		if err != nil {
			return "", "the commune is no code as 75056 or 2A004"
		}
		return full, ""
	}
	return commune, ""
}

// census takes rows of a figure (variable and value), or of an area with a column for each variable.
func (m *mapping) census() (takeRecord, error) {
	var variables []string
	for _, name := range m.names() {
		if name != "census_area" && name != "variable" && name != "value" {
			variables = append(variables, name)
		}
	}
	if long := m.has("variable") && m.has("value"); long == (len(variables) > 0) {
		return nil, fmt.Errorf("census needs variable: and value:, or a column for each variable, under columns: in the place file")
	}
	lines, areas := m.out.ints("line"), m.out.texts("census_area")
	names, values := m.out.texts("variable"), m.out.floats("value")
	figure := func(line int64, name string, value []byte) (reason string) {
		v, given, err := number(value)
		if err != nil {
			return "the figure of " + name + ": " + err.Error()
		}
		lines.Append(line)
		areas.append(m.field("census_area"))
		names.appendString(name)
		if given {
			values.Append(v)
		} else {
			values.AppendNull()
		}
		return ""
	}
	return func(line int64) (string, error) {
		if len(m.field("census_area")) == 0 {
			return "no census area", nil
		}
		if len(variables) == 0 {
			name := choiceID(string(m.field("variable")))
			if name == "" {
				return "no variable", nil
			}
			return figure(line, name, m.field("value")), nil
		}
		for _, name := range variables {
			if _, _, err := number(m.field(name)); err != nil {
				return "the figure of " + name + ": " + err.Error(), nil // before any of them is a row
			}
		}
		for _, name := range variables {
			if reason := figure(line, name, m.field(name)); reason != "" {
				return reason, nil
			}
		}
		return "", nil
	}, nil
}

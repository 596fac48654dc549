package datasets

import (
	"bytes"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var centrelines = Dataset{
	Name:        "centrelines",
	Kind:        engine.KindStreets,
	Title:       "Street centrelines of a city, a line per block, as Cambridge (Massachusetts) publishes them",
	Publisher:   "the city",
	Licence:     "see-publisher",
	Attribution: "the city's street centrelines",
	Address:     "https://github.com/cambridgegis/cambridgegis_data",
	decode:      decodeCentrelines,
}

var centrelineAddresses = Dataset{
	Name:        "centreline-addresses",
	Kind:        engine.KindAddresses,
	Derived:     true,
	Title:       "Addresses from the address ranges of a city's street centrelines",
	Publisher:   "the city",
	Licence:     "see-publisher",
	Attribution: "the city's street centrelines",
	Address:     "https://github.com/cambridgegis/cambridgegis_data",
	decode:      decodeCentrelineAddresses,
}

// Spellings that cities of the United States use for the same columns.
var (
	centrelineID     = format.Column{Names: []string{"ID", "SEGMENT_ID", "SEGMENTID", "SEG_ID", "SEGID", "CNN", "STREETSEGID", "OBJECTID", "FID"}}
	centrelineStreet = format.Column{Names: []string{"Street", "FULLNAME", "FULL_NAME", "ST_NAME", "STREETNAME", "STREET_NAME", "LABEL", "NAME"}}
	centrelineRanges = []format.Column{
		{Names: []string{"L_From", "L_F_ADD", "LFROMADD", "LFROMHN", "LF_ADDR", "LEFTFROM", "L_ADD_FROM", "FROMADDR_L", "LF_FADD"}},
		{Names: []string{"L_To", "L_T_ADD", "LTOADD", "LTOHN", "LT_ADDR", "LEFTTO", "L_ADD_TO", "TOADDR_L", "LF_TOADD"}},
		{Names: []string{"R_From", "R_F_ADD", "RFROMADD", "RFROMHN", "RF_ADDR", "RIGHTFROM", "R_ADD_FROM", "FROMADDR_R", "RT_FADD"}},
		{Names: []string{"R_To", "R_T_ADD", "RTOADD", "RTOHN", "RT_ADDR", "RIGHTTO", "R_ADD_TO", "TOADDR_R", "RT_TOADD"}},
	}
)

// decodeCentrelines reads every line, named or not: a city lists the streets it maintains, and people live on them. MTFCC, where a
// file has it, leaves out what nobody can walk along.
func decodeCentrelines(file *format.File, d decoding) (records, takeRecord, error) {
	streets, at, err := newStreets(file, d, []format.Column{centrelineID, optional(centrelineStreet), {Names: []string{"MTFCC"}, Optional: true}})
	if err != nil {
		return nil, nil, err
	}
	commune := communeOf(d)
	return streets.rows, func(line int64) (string, error) {
		id := streets.rows.Field(at[0])
		if len(id) == 0 {
			return "no id", nil
		}
		if class := streets.rows.Field(at[2]); len(class) > 0 && !walkableMTFCC(class) {
			d.report.Pass(line, reasonNotWalkable)
			return "", nil
		}
		return streets.append(line, street{id, streets.rows.Field(at[1]), commune})
	}, nil
}

func decodeCentrelineAddresses(file *format.File, d decoding) (records, takeRecord, error) {
	r, at, err := newRangeReader(file, d, append([]format.Column{centrelineID, centrelineStreet}, centrelineRanges...))
	if err != nil {
		return nil, nil, err
	}
	return r.rows, r.takeRanges(at, communeOf(d)), nil
}

// takeRanges takes records whose columns are an id, a street and the four ends of the ranges.
func (r *rangeReader) takeRanges(at []int, commune []byte) takeRecord {
	return func(line int64) (string, error) {
		id, name := r.rows.Field(at[0]), r.rows.Field(at[1])
		switch {
		case len(id) == 0:
			return "no id", nil
		case len(name) == 0:
			return reasonNoStreet, nil
		}
		var sides []side
		wrong := ""
		for i, left := range []bool{true, false} {
			s, given, reason := readSide(r.rows.Field(at[2+2*i]), r.rows.Field(at[3+2*i]), left, [2]string{"/L", "/R"}[i])
			if reason != "" {
				wrong = reason
			}
			if given {
				sides = append(sides, s)
			}
		}
		switch {
		case len(sides) == 0 && wrong != "":
			return wrong, nil
		case len(sides) > 0 && wrong != "":
			r.report.Repair(line, wrong+": the side is left out")
		}
		if len(sides) == 0 {
			r.report.Pass(line, reasonNoRange)
			return "", nil
		}
		return r.append(line, sides, address{id: bytes.Clone(id), street: name, commune: commune})
	}
}

func optional(c format.Column) format.Column {
	c.Optional = true
	return c
}

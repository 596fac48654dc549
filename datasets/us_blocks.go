package datasets

import (
	"bytes"
	"errors"
	"regexp"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var usBlocks = Dataset{
	Name:        "us-blocks",
	Kind:        engine.KindCensusAreas,
	Country:     "us",
	Title:       "Census blocks (or block groups, tracts) of the United States, as TIGER/Line tabblock20",
	Publisher:   "U.S. Census Bureau",
	Licence:     "public-domain",
	Attribution: "U.S. Census Bureau, TIGER/Line",
	Address:     "https://www2.census.gov/geo/tiger/",
	decode:      decodeUSBlocks,
}

var usBlockCounts = Dataset{
	Name:        "us-block-counts",
	Kind:        engine.KindCensus,
	Country:     "us",
	Title:       "Counts of people and homes by census block of the United States, from tabblock20, a table by GEOID or the geographic header of P.L. 94-171",
	Publisher:   "U.S. Census Bureau",
	Licence:     "public-domain",
	Attribution: "U.S. Census Bureau",
	Address:     "https://www.census.gov/programs-surveys/decennial-census/about/rdo.html",
	decode:      decodeUSBlockCounts,
}

var blockColumns = []format.Column{
	{Names: []string{"GEOID20", "GEOID10", "GEOID", "GEOCODE", "GEO_ID"}},
	{Names: []string{"NAME20", "NAME10", "NAME"}, Optional: true},
}

const reasonBlock = "the GEOID is not one: as 250173521022012"

// blockGEOID is the digits of a block (15), block group (12) or tract (11): tables write 1000000US250173521022012.
func blockGEOID(text []byte) (geoid []byte, repaired bool, reason string) {
	if at := bytes.Index(text, []byte("US")); at >= 0 {
		text = text[at+2:]
	}
	if n := len(text); n == 14 || n == 10 { // Alabama to Connecticut without their zero
		text, repaired = append([]byte{'0'}, text...), true
	}
	switch len(text) {
	case 15, 12, 11:
		if len(bytes.Trim(text, "0123456789")) == 0 {
			return text, repaired, ""
		}
	}
	return nil, false, reasonBlock
}

// decodeUSBlocks reads areas with a GEOID. The commune is the county, or the one that the place file gives.
func decodeUSBlocks(file *format.File, d decoding) (records, takeRecord, error) {
	rows, err := format.NewRows(file, d.spec.Layer)
	if err != nil {
		return nil, nil, err
	}
	at, err := rows.Columns(blockColumns...)
	if err != nil {
		return nil, nil, err
	}
	shaper, err := newShaper(d, rows)
	if err != nil {
		return nil, nil, err
	}
	lines, ids, names := d.out.ints("line"), d.out.texts("census_area"), d.out.texts("name")
	communes, types, shapes := d.out.texts("commune"), d.out.texts("type"), d.out.shapes("geometry")
	return rows, func(line int64) (string, error) {
		id, repaired, reason := blockGEOID(rows.Field(at[0]))
		if reason != "" {
			return reason, nil
		}
		g, malformed := rows.Geometry()
		shape, reason, err := shaper.area(line, g, malformed)
		if reason != "" || err != nil {
			return reason, err
		}
		if repaired {
			d.report.Repair(line, repairZero)
		}
		commune := communeOf(d)
		if len(commune) == 0 {
			commune = id[:5]
		}
		lines.Append(line)
		ids.append(id)
		names.append(rows.Field(at[1]))
		communes.append(commune)
		types.appendString(map[int]string{15: "block", 12: "block group", 11: "tract"}[len(id)])
		shapes.append(shape)
		return "", nil
	}, nil
}

// blockFigure are columns of counts: of tabblock20, and of the tables of Public Law 94-171 and of the Demographic and Housing
// Characteristics, as P1_001N.
var blockFigure = regexp.MustCompile(`^(?:(pop20|pop10|pop100)|(housing20|housing10|hu100)|([ph][0-9]{1,2}_[0-9]{3}n))$`)

// decodeUSBlockCounts reads people as pop, homes as housing, and any table's figures under their own names; H1_002N, homes that are
// lived in, are the households, else homes are.
func decodeUSBlockCounts(file *format.File, d decoding) (records, takeRecord, error) {
	if bytes.HasPrefix(file.Head(), redistrictingFile) {
		return decodeBlockHeader(file, d)
	}
	rows, err := format.NewRows(file, d.spec.Layer)
	if err != nil {
		return nil, nil, err
	}
	at, err := rows.Columns(blockColumns[:1]...)
	if err != nil {
		return nil, nil, err
	}
	var variables []variable
	occupied, homes := -1, -1
	for _, key := range rows.Keys() {
		m := blockFigure.FindStringSubmatch(key)
		if m == nil {
			continue
		}
		found, err := rows.Columns(format.Column{Names: []string{key}})
		if err != nil {
			return nil, nil, err
		}
		name := m[3]
		switch {
		case m[1] != "":
			name = "pop"
		case m[2] != "":
			name, homes = "housing", found[0]
		case key == "p1_001n":
			name = "pop"
		case key == "h1_001n":
			name, homes = "housing", found[0]
		case key == "h1_002n":
			occupied = found[0]
		}
		variables = append(variables, variable{found[0], name})
	}
	if occupied >= 0 {
		homes = occupied
	}
	if len(variables) == 0 {
		return nil, nil, errors.New(file.Name() + " has no column of counts (POP20, HOUSING20, P1_001N, H1_001N ...): check that this is the file of the dataset named, and not another's")
	}
	if homes >= 0 {
		variables = append(variables, variable{homes, "households"})
	}
	return rows, decodeFigures(rows, at[0], blockGEOID, variables, format.Point, d), nil
}

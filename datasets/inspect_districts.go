package datasets

import (
	"fmt"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

// districtColumns are columns that name a district, as publishers spell them, with what such a set is called.
var districtColumns = []struct{ set, codes, names string }{
	{"constituency", "codecirconscription code_circonscription id_circo code_circo num_circ circonscription circo", "nomcirconscription nom_circonscription nom_circo libelle"},
	{"canton", "codecanton code_canton cantcode", "nomcanton nom_canton"},
	{"congressional_district", "cd119fp cd118fp cd116fp", "namelsad20 namelsad"},
	{"state_senate", "sldust", "namelsad20 namelsad"},
	{"state_house", "sldlst", "namelsad20 namelsad"},
	{"ward", "ward ward_id wardcode wd24cd wd23cd", "ward_name wd24nm wd23nm"},
}

// precinctColumns are columns that name a precinct of France by itself or in its commune, communeColumns a commune.
var (
	precinctColumns = []struct{ commune, precinct string }{{"codecommune", "numerobureauvote"}, {"codecommune", "codebureauvote"}, {"", "id_bvote"}, {"code_commune", "code_bv"}}
	communeColumns  = []string{"insee", "code_insee", "codgeo", "codecommune", "code_commune"}
)

// drawsAreas tells whether the first record of a file is an area.
func drawsAreas(rows format.Rows) bool {
	switch g, err := rows.Geometry(); g.(type) {
	case orb.Polygon, orb.MultiPolygon:
		return err == nil
	}
	return false
}

// districtLines are the lines of a place file that would read districts from a file: by precinct or by commune, where it has columns of those,
// else by shape. A layer of areas of no known dataset is one of districts as likely as not.
func (i *Inspection) districtLines(path string, spec engine.SourceSpec) (lines []string) {
	find := func(spellings ...string) string {
		for _, spelling := range spellings {
			at := slices.IndexFunc(i.Columns, func(c string) bool { return strings.EqualFold(c, spelling) })
			if spelling != "" && at >= 0 {
				return i.Columns[at]
			}
		}
		return ""
	}
	by, division := i.membership(find)
	if by == "" && !i.areas {
		return nil
	}
	write := func(set, columns string) {
		line := fmt.Sprintf("- {dataset: table, path: %s, kind: districts, set: %s", PlaceText(path), set)
		if spec.Layer != "" {
			line += ", layer: " + PlaceText(spec.Layer)
		}
		if spec.CRS != "" {
			line += ", crs: " + string(spec.CRS)
		}
		if division {
			line += ", division: YEAR"
		}
		lines = append(lines, line+", columns: {"+columns+"}}")
	}
	for _, d := range districtColumns {
		code := find(strings.Fields(d.codes)...)
		if code == "" {
			continue
		}
		columns := "district: " + PlaceText(code)
		if name := find(strings.Fields(d.names)...); name != "" {
			columns += ", name: " + PlaceText(name)
		}
		write(d.set, columns+by)
	}
	if lines == nil && len(i.Matches) == 0 && i.areas {
		write("NAME", "district: ..., name: ...")
	}
	return lines
}

// membership writes the columns that say what is in a district; "" where a file has none.
func (i *Inspection) membership(find func(...string) string) (columns string, division bool) {
	for _, c := range precinctColumns {
		commune, precinct := find(c.commune), find(c.precinct)
		if precinct == "" || c.commune != "" && commune == "" {
			continue
		}
		if commune != "" {
			columns = ", commune: " + PlaceText(commune)
		}
		return columns + ", precinct: " + PlaceText(precinct), true
	}
	if commune := find(communeColumns...); commune != "" && !i.areas {
		return ", commune: " + PlaceText(commune), false
	}
	return "", false
}

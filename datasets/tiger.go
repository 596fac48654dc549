package datasets

import (
	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var tigerEdges = Dataset{
	Name:        "tiger-edges",
	Kind:        engine.KindStreets,
	Country:     "us",
	Title:       "TIGER/Line edges: the streets of a county of the United States",
	Publisher:   "U.S. Census Bureau",
	Licence:     "public-domain",
	Attribution: "U.S. Census Bureau, TIGER/Line",
	Address:     "https://www2.census.gov/geo/tiger/",
	decode:      decodeTigerEdges,
}

var tigerAddresses = Dataset{
	Name:        "tiger-addresses",
	Kind:        engine.KindAddresses,
	Country:     "us",
	Derived:     true,
	Title:       "TIGER/Line addrfeat: addresses from the address ranges of a county of the United States",
	Publisher:   "U.S. Census Bureau",
	Licence:     "public-domain",
	Attribution: "U.S. Census Bureau, TIGER/Line",
	Address:     "https://www2.census.gov/geo/tiger/",
	decode:      decodeTigerAddresses,
}

var tigerLineID = format.Column{Names: []string{"TLID"}}

// decodeTigerEdges keeps the edges that are walkable streets. Rivers, boundaries and railways are edges too.
func decodeTigerEdges(file *format.File, d decoding) (records, takeRecord, error) {
	streets, at, err := newStreets(file, d, []format.Column{
		tigerLineID, {Names: []string{"MTFCC"}}, {Names: []string{"FULLNAME"}, Optional: true}, {Names: []string{"ROADFLG"}, Optional: true},
	})
	if err != nil {
		return nil, nil, err
	}
	commune := communeOf(d)
	return streets.rows, func(line int64) (string, error) {
		id := streets.rows.Field(at[0])
		switch {
		case len(id) == 0:
			return "no TLID", nil
		case !walkableMTFCC(streets.rows.Field(at[1])):
			d.report.Pass(line, reasonNotWalkable)
			return "", nil
		}
		return streets.append(line, street{id, streets.rows.Field(at[2]), commune})
	}, nil
}

// decodeTigerAddresses reads ranges: a row for each pair of them that an edge has, so that one side may be there twice.
func decodeTigerAddresses(file *format.File, d decoding) (records, takeRecord, error) {
	columns := append([]format.Column{tigerLineID, {Names: []string{"FULLNAME"}}}, centrelineRanges...)
	r, at, err := newRangeReader(file, d, append(columns, format.Column{Names: []string{"EDGE_MTFCC", "MTFCC"}, Optional: true}))
	if err != nil {
		return nil, nil, err
	}
	take := r.takeRanges(at, communeOf(d))
	return r.rows, func(line int64) (string, error) {
		if class := r.rows.Field(at[6]); len(class) > 0 && !walkableMTFCC(class) {
			r.report.Pass(line, reasonNotWalkable)
			return "", nil
		}
		return take(line)
	}, nil
}

package datasets

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var osmAddresses = Dataset{
	Name:        "osm-addresses",
	Kind:        engine.KindAddresses,
	Title:       "OpenStreetMap: the addresses of an extract (.osm.pbf)",
	Publisher:   "OpenStreetMap contributors",
	Licence:     "ODbL-1.0",
	Attribution: "© OpenStreetMap contributors",
	Address:     "https://download.geofabrik.de/",
	decode:      decodeOSMAddresses,
}

// osmAddressColumns are all the tags that are read. Names, telephone numbers and operators of what is at an address are not.
var osmAddressColumns = []format.Column{
	{Names: []string{"addr:housenumber"}},
	{Names: []string{"addr:street", "addr:place"}, Optional: true}, // places that have numbers and no streets
	{Names: []string{"addr:city"}, Optional: true},
}

// decodeOSMAddresses reads the elements with a house number: nodes, and buildings drawn as ways or, where they have courtyards, as
// relations of ways, which are placed at their middle. One that lists several numbers stands at the first. Rows count as the ids
// of the elements; of the commune the file has a name at best.
func decodeOSMAddresses(file *format.File, d decoding) (records, takeRecord, error) {
	rows, err := openOSM(file, d, format.OSMSelection{Kinds: format.OSMNode | format.OSMWay | format.OSMRelation, Key: "addr:housenumber"})
	if err != nil {
		return nil, nil, err
	}
	at, err := rows.Columns(osmAddressColumns...)
	if err != nil {
		return nil, nil, err
	}
	addresses := newAddressRows(d)
	d.report.Layout = "OpenStreetMap extract; rows are its elements with the key addr:housenumber, by their ids"
	return rows, func(line int64) (string, error) {
		number, suffix, reason := houseNumber(rows.Field(at[0]))
		if reason != "" {
			return reason, nil
		}
		name := rows.Field(at[1])
		if len(name) == 0 {
			return reasonNoStreet, nil
		}
		shape, err := rows.Geometry()
		if err != nil {
			return "", err
		}
		middle, ok := middleOf(shape)
		if !ok {
			return reasonDangling, nil
		}
		if rows.Missing() > 0 {
			d.report.Repair(line, "a building is not all in the extract: placed in the middle of what is")
		}
		addresses.append(line, address{
			id: osmID(rows), number: number, suffix: suffix, street: name, commune: communeOf(d), communeName: rows.Field(at[2]),
			lon: middle[0], lat: middle[1],
		})
		return "", nil
	}, nil
}

// middleOf is the centre of gravity of a closed line's area, or of lines by their lengths, to the 1e-7 degrees in which OpenStreetMap
// keeps positions; false for nothing.
func middleOf(shape orb.Geometry) (orb.Point, bool) {
	switch g := shape.(type) {
	case nil:
		return orb.Point{}, false
	case orb.Point:
		return g, true
	case orb.LineString:
		if len(g) > 3 && g[0] == g[len(g)-1] {
			if middle, area := planar.CentroidArea(orb.Polygon{orb.Ring(g)}); area != 0 && g.Bound().Contains(middle) {
				return rounded(middle), true
			}
		}
	}
	middle, _ := planar.CentroidArea(shape)
	return rounded(middle), shape.Bound().Contains(middle)
}

func rounded(p orb.Point) orb.Point {
	return orb.Point{math.Round(p[0]*1e7) / 1e7, math.Round(p[1]*1e7) / 1e7}
}

package datasets

import (
	"errors"
	"fmt"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var osm = Dataset{
	Name:        "osm",
	Kind:        engine.KindStreets,
	Title:       "OpenStreetMap: the streets of an extract (.osm.pbf)",
	Publisher:   "OpenStreetMap contributors",
	Licence:     "ODbL-1.0",
	Attribution: "© OpenStreetMap contributors",
	Address:     "https://download.geofabrik.de/",
	decode:      decodeOSM,
}

// osmNames is the name of a street: the one on its signs, or else another; a road without a name has its number.
var osmNames = format.Column{Names: []string{"name", "alt_name", "official_name", "ref"}, Optional: true}

// Repairs of ways whose nodes are not all in the extract, as where it was cut out of a larger one. The first counts nodes, the
// second ways.
const (
	repairDangling = "dangling references: a node of a way is not in the extract"
	repairBroken   = "a way is broken where nodes are missing: its parts were kept"
	reasonDangling = "of a way's nodes no two that follow each other are in the extract"
	reasonOnePlace = "the way has no length"
)

// decodeOSM reads the ways that are walkable streets. Ways with the key highway count as rows; other ways are not of the theme.
// The file does not say the commune.
func decodeOSM(file *format.File, d decoding) (records, takeRecord, error) {
	rows, err := openOSM(file, d, format.OSMSelection{Kinds: format.OSMWay, Key: "highway", Keep: walkableHighway})
	if err != nil {
		return nil, nil, err
	}
	at, err := rows.Columns(osmNames)
	if err != nil {
		return nil, nil, err
	}
	streets, err := newStreetRows(d, rows)
	if err != nil {
		return nil, nil, err
	}
	d.report.Layout = "OpenStreetMap extract; rows are its ways with the key highway"
	var pieces, undrawn int
	d.whenRead(func() error {
		d.report.Layout += fmt.Sprintf("; where streets meet they are cut into %d segments", pieces)
		if undrawn > 0 {
			d.report.Layout += fmt.Sprintf(", %d of which cannot be drawn, for their nodes are not in the extract", undrawn)
		}
		return nil
	})
	return rows, func(line int64) (string, error) {
		if !rows.Kept() {
			d.report.Pass(line, reasonNotWalkable)
			return "", nil
		}
		more, lost := rows.Pieces()
		pieces, undrawn = pieces+more, undrawn+lost
		for range rows.Missing() {
			d.report.Repair(line, repairDangling)
		}
		shape, err := rows.Geometry()
		if shape == nil && err == nil {
			if rows.Missing() > 0 {
				return reasonDangling, nil
			}
			return reasonOnePlace, nil
		}
		if rows.Missing() > 0 {
			d.report.Repair(line, repairBroken)
		}
		row := street{id: osmID(rows), name: rows.Field(at[0]), commune: communeOf(d)}
		return streets.appendLine(line, row, shape, err)
	}, nil
}

// openOSM opens an extract, for which a place file has nothing to say of layers and coordinates.
func openOSM(file *format.File, d decoding, selection format.OSMSelection) (*format.OSMRows, error) {
	switch {
	case d.spec.Layer != "":
		return nil, fmt.Errorf("%s is an OpenStreetMap extract and has no layers: take layer: off the line", file.Name())
	case d.spec.CRS != "":
		return nil, fmt.Errorf("%s: %w", file.Name(), errOSMCRS)
	}
	return format.NewOSMRows(file, selection)
}

var errOSMCRS = errors.New("OpenStreetMap extracts are in WGS84 always: take crs: off the line")

// osmID names an element as OpenStreetMap does: way/123.
func osmID(rows *format.OSMRows) []byte { return fmt.Appendf(nil, "%s/%d", rows.Kind(), rows.Line()) }

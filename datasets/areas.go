package datasets

import (
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

// area is a precinct's area as a dataset gives it.
type area struct {
	key        engine.PrecinctKey
	code       string // as published
	name       string
	registered int64
	counted    bool   // registered is known
	repair     string // counted if the row is kept
}

// areas appends rows of engine.KindAreas, with the geometries of a file's records.
type areas struct {
	rows                      format.Rows
	shaper                    *shaper
	lines, registered         *array.Int64Builder
	communes, stations, codes texts
	names, geometries         texts
}

// newAreas begins to read a file of areas in any container; at are the places of the columns.
func newAreas(file *format.File, d decoding, columns []format.Column) (a *areas, at []int, err error) {
	rows, err := format.NewRows(file, d.spec.Layer)
	if err != nil {
		return nil, nil, err
	}
	if at, err = rows.Columns(columns...); err != nil {
		return nil, nil, err
	}
	shaper, err := newShaper(d, rows)
	if err != nil {
		return nil, nil, err
	}
	return newAreaRows(d, rows, shaper), at, nil
}

// newAreaRows is for rows whose columns were asked for already.
func newAreaRows(d decoding, rows format.Rows, shaper *shaper) *areas {
	return &areas{
		rows: rows, shaper: shaper,
		lines: d.out.ints("line"), registered: d.out.ints("registered"),
		communes: d.out.texts("commune"), stations: d.out.texts("station"), codes: d.out.texts("code"),
		names: d.out.texts("name"), geometries: d.out.shapes("geometry"),
	}
}

// text is a field of the current record.
func (a *areas) text(place int) string { return string(a.rows.Field(place)) }

func (a *areas) append(line int64, row area) (reason string, err error) {
	g, malformed := a.rows.Geometry()
	shape, reason, err := a.shaper.area(line, g, malformed)
	if reason != "" || err != nil {
		return reason, err
	}
	if row.repair != "" {
		a.shaper.report.Repair(line, row.repair)
	}
	a.lines.Append(line)
	a.communes.appendString(row.key.Commune)
	a.stations.appendString(row.key.Station)
	a.codes.appendString(row.code)
	a.names.appendString(row.name)
	if row.counted {
		a.registered.Append(row.registered)
	} else {
		a.registered.AppendNull()
	}
	a.geometries.append(shape)
	return "", nil
}

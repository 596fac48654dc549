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

// areas appends rows of engine.KindAreas, with the geometries of features.
type areas struct {
	shaper                    *shaper
	lines, registered         *array.Int64Builder
	communes, stations, codes texts
	names, geometries         texts
}

func newAreas(d decoding, position positioner) *areas {
	return &areas{
		shaper: &shaper{report: d.report, position: position},
		lines:  d.out.ints("line"), registered: d.out.ints("registered"),
		communes: d.out.texts("commune"), stations: d.out.texts("station"), codes: d.out.texts("code"),
		names: d.out.texts("name"), geometries: d.out.shapes("geometry"),
	}
}

func (a *areas) append(line int64, row area, features *format.Features) (reason string, err error) {
	g, malformed := features.Geometry()
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

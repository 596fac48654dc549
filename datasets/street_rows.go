package datasets

import (
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/paulmach/orb"

	"github.com/arpent/arpent/datasets/format"
)

// street is a line of a street as a dataset gives it. Texts are not kept.
type street struct {
	id, name, commune []byte
}

// streetRows appends rows of engine.KindStreets.
type streetRows struct {
	rows                 format.Rows
	shaper               *shaper
	lines                *array.Int64Builder
	ids, names, communes texts
	geometries           texts
}

// newStreets begins to read a file of streets in any container; at are the places of the columns.
func newStreets(file *format.File, d decoding, columns []format.Column) (s *streetRows, at []int, err error) {
	rows, err := format.NewRows(file, d.spec.Layer)
	if err != nil {
		return nil, nil, err
	}
	if at, err = rows.Columns(columns...); err != nil {
		return nil, nil, err
	}
	s, err = newStreetRows(d, rows)
	return s, at, err
}

// newStreetRows is for rows whose columns were asked for already.
func newStreetRows(d decoding, rows format.Rows) (*streetRows, error) {
	shaper, err := newShaper(d, rows)
	if err != nil {
		return nil, err
	}
	return &streetRows{
		rows: rows, shaper: shaper, lines: d.out.ints("line"), ids: d.out.texts("street_id"), names: d.out.texts("street"),
		communes: d.out.texts("commune"), geometries: d.out.shapes("geometry"),
	}, nil
}

// append adds the street with the geometry of the current record.
func (s *streetRows) append(line int64, row street) (reason string, err error) {
	g, malformed := s.rows.Geometry()
	return s.appendLine(line, row, g, malformed)
}

func (s *streetRows) appendLine(line int64, row street, g orb.Geometry, malformed error) (reason string, err error) {
	shape, reason, err := s.shaper.line(line, g, malformed)
	if reason != "" || err != nil {
		return reason, err
	}
	s.lines.Append(line)
	s.ids.append(row.id)
	s.names.append(row.name)
	s.communes.append(row.commune)
	s.geometries.append(shape)
	return "", nil
}

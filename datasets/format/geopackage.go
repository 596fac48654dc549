package format

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/geo"
)

// GeoPackage reads a layer of a GeoPackage row by row. Columns are those asked for; generated columns are not read. It is Rows.
type GeoPackage struct {
	name    string
	layer   string
	file    *geoPackage
	columns []string
	keys    []string
	taken   []bool

	rows   *sql.Rows
	row    int64
	done   bool
	slots  []int // of the columns among the values read, -1 for those not asked for
	values []any
	text   [][]byte // what Field made of the values
	repair bool

	geometry int // the column, -1 for none
	shape    sql.RawBytes
	crs      geo.CRS
}

func newGeoPackage(file *File, layer string) (Rows, error) {
	path, err := file.Unpacked()
	if err != nil {
		return nil, err
	}
	g, err := readGeoPackage(file.Name(), path, layer)
	if err != nil {
		return nil, err
	}
	file.closers = append(file.closers, g)
	return g, nil
}

func readGeoPackage(name, path, layer string) (*GeoPackage, error) {
	file, err := openGeoPackage(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	g := &GeoPackage{name: name, file: file, geometry: -1}
	if err := g.open(layer); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", name, err), file.Close())
	}
	return g, nil
}

// open chooses the layer and names its columns.
func (g *GeoPackage) open(asked string) error {
	layers, err := g.file.layers()
	if err != nil {
		return err
	}
	layer, err := choose(layers, asked)
	if err != nil {
		return err
	}
	g.layer = layer.Name
	if g.columns, err = g.file.columns(layer.Name); err != nil {
		return err
	}
	for _, name := range g.columns {
		g.keys = append(g.keys, Key(name))
		g.slots = append(g.slots, -1)
	}
	g.taken = make([]bool, len(g.columns))
	if !layer.Geometry {
		return nil
	}
	var column string
	if column, g.crs, err = g.file.geometry(layer.Name); err != nil {
		return err
	}
	for i, name := range g.columns {
		if strings.EqualFold(name, column) {
			g.geometry, g.taken[i] = i, true
		}
	}
	if g.geometry < 0 {
		return fmt.Errorf("the layer %s has no column %q, which gpkg_geometry_columns names as its geometry", layer.Name, column)
	}
	return nil
}

// Keys are the names of the columns in the order of the table, as Key gives them.
func (g *GeoPackage) Keys() []string { return g.keys }

// Columns asks for columns, before the first Next; -1 for an optional one that is not there.
func (g *GeoPackage) Columns(wanted ...Column) ([]int, error) {
	places, err := resolve(g.keys, wanted)
	if err != nil {
		return nil, fmt.Errorf("%s layer %s: %w", g.name, g.layer, err)
	}
	for _, place := range places {
		if place < 0 {
			continue
		}
		g.taken[place] = true
		if g.slots[place] < 0 && place != g.geometry {
			g.slots[place] = len(g.values)
			g.values, g.text = append(g.values, nil), append(g.text, nil)
		}
	}
	return places, nil
}

// Next goes to the next row. It gives false at the end, and closes the file there.
func (g *GeoPackage) Next() (bool, error) {
	if g.done {
		return false, nil
	}
	if g.rows == nil {
		if err := g.query(); err != nil {
			return false, g.finish(err)
		}
	}
	if !g.rows.Next() {
		return false, g.finish(g.rows.Err())
	}
	g.row++
	if err := g.take(); err != nil {
		return false, g.finish(err)
	}
	return true, nil
}

// query begins to read the columns asked for. A plus before a column takes its declared type off, by which the driver would make
// times and truth values of it; NOT INDEXED reads the table itself.
func (g *GeoPackage) query() error {
	names := make([]string, len(g.values), len(g.values)+1)
	for i, slot := range g.slots {
		if slot >= 0 {
			names[slot] = "+" + quoted(g.columns[i])
		}
	}
	switch {
	case g.geometry >= 0:
		names = append(names, "+"+quoted(g.columns[g.geometry]))
	case len(names) == 0:
		names = append(names, "NULL")
	}
	var err error
	g.rows, err = g.file.connection.QueryContext(context.Background(), "SELECT "+strings.Join(names, ", ")+" FROM "+quoted(g.layer)+" NOT INDEXED")
	return err
}

// quoted writes a name of a table or column as SQL has it.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// take reads the values of the row.
func (g *GeoPackage) take() error {
	into := make([]any, len(g.values), len(g.values)+1)
	for i := range g.values {
		into[i] = &g.values[i]
	}
	if g.geometry >= 0 || len(into) == 0 {
		into = append(into, &g.shape)
	}
	if err := g.rows.Scan(into...); err != nil {
		return err
	}
	g.repair = false
	for i, v := range g.values {
		g.text[i] = g.write(g.text[i][:0], v)
	}
	return nil
}

// write gives a value as text. Bytes that are no text have none.
func (g *GeoPackage) write(dst []byte, value any) []byte {
	switch v := value.(type) {
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case float64:
		return appendFloat(dst, v, 64)
	case string:
		if !utf8.ValidString(v) {
			g.repair = true
			v = strings.ToValidUTF8(v, "\ufffd")
		}
		return append(dst, v...)
	case []byte:
		if utf8.Valid(v) {
			return append(dst, v...)
		}
	}
	return dst
}

// finish closes the file at the end or at an error, which it says the row of.
func (g *GeoPackage) finish(err error) error {
	g.done = true
	if err != nil {
		err = fmt.Errorf("%s layer %s row %d: %w", g.name, g.layer, g.row+1, sqliteError(err))
	}
	if g.rows != nil {
		err = errors.Join(err, g.rows.Close())
	}
	return errors.Join(err, g.file.Close())
}

// Field is the text of a value: numbers as short as they are exact, dates as the file writes them; nil where the place is -1 or
// the value absent. It is good until Next.
func (g *GeoPackage) Field(place int) []byte {
	if place < 0 || g.slots[place] < 0 || g.values[g.slots[place]] == nil {
		return nil
	}
	return trim(g.text[g.slots[place]])
}

// Geometry is the geometry of the row, nil if it has none.
func (g *GeoPackage) Geometry() (orb.Geometry, error) {
	if g.geometry < 0 {
		return nil, nil
	}
	return parseGeoPackage(g.shape)
}

// CRS is the system that the file declares for the layer.
func (g *GeoPackage) CRS() geo.CRS { return g.crs }

// Noun is what Line numbers.
func (g *GeoPackage) Noun() string { return "row" }

// Line is the number of the row in the order of the table, from 1.
func (g *GeoPackage) Line() int64 { return g.row }

// Condition says what was put right in the row.
func (g *GeoPackage) Condition() (fault, repair string) {
	if g.repair {
		repair = repairCharacters
	}
	return "", repair
}

// Unread lists the columns that were not asked for. The geometry is none of them.
func (g *GeoPackage) Unread() []string { return unread(g.columns, g.taken) }

// Close ends the reading and closes the file.
func (g *GeoPackage) Close() error {
	if g.done {
		return nil // Next has closed it
	}
	g.done = true
	var err error
	if g.rows != nil {
		err = g.rows.Close() // or closing the connection would wait for it
	}
	return errors.Join(err, g.file.Close())
}

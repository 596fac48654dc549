package format

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"

	"github.com/arpent/arpent/geo"
)

// geoPackageLayer is a table of a GeoPackage, with geometry or without.
type geoPackageLayer struct {
	Name     string
	Geometry bool
}

// Bounds of what is read of a GeoPackage: by name the limits of SQLite (sqlite3_limit).
var sqliteLimits = []struct{ id, value int }{
	{0, maxGeometry}, // SQLITE_LIMIT_LENGTH: bytes of a value or a row
	{1, 1 << 20},     // SQLITE_LIMIT_SQL_LENGTH
	{2, maxFields},   // SQLITE_LIMIT_COLUMN
	{3, 100},         // SQLITE_LIMIT_EXPR_DEPTH
	{4, 3},           // SQLITE_LIMIT_COMPOUND_SELECT
	{5, 100_000},     // SQLITE_LIMIT_VDBE_OP
	{6, 8},           // SQLITE_LIMIT_FUNCTION_ARG
	{7, 0},           // SQLITE_LIMIT_ATTACHED
	{8, 50},          // SQLITE_LIMIT_LIKE_PATTERN_LENGTH
	{9, 10},          // SQLITE_LIMIT_VARIABLE_NUMBER
	{10, 1},          // SQLITE_LIMIT_TRIGGER_DEPTH
	{11, 0},          // SQLITE_LIMIT_WORKER_THREADS
}

const (
	maxLayers   = 1000
	maxNameText = 1000 // bytes of the name of a layer or a column
	maxSRSText  = 1 << 20
)

// geoPackage is a GeoPackage that is open. Only its own tables and tables that its contents list are read, and no views, so that
// nothing of what a hostile file defines is run.
type geoPackage struct {
	database   *sql.DB
	connection *sql.Conn
}

// openGeoPackage opens the file at a path for reading, as one that nothing changes.
func openGeoPackage(path string) (*geoPackage, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/...
	}
	address := url.URL{Scheme: "file", Path: path, RawQuery: "mode=ro&immutable=1"}
	database, err := sql.Open("sqlite", address.String())
	if err != nil {
		return nil, err
	}
	g := &geoPackage{database: database}
	if err := g.restrict(); err != nil {
		return nil, errors.Join(sqliteError(err), g.Close())
	}
	return g, nil
}

// restrict bounds the connection as SQLite advises for files of strangers (sqlite.org/security.html).
func (g *geoPackage) restrict() (err error) {
	ctx := context.Background()
	if g.connection, err = g.database.Conn(ctx); err != nil {
		return err
	}
	for _, limit := range sqliteLimits {
		if _, err := sqlite.Limit(g.connection, limit.id, limit.value); err != nil {
			return err
		}
	}
	for _, pragma := range []string{"trusted_schema=OFF", "query_only=ON", "cell_size_check=ON", "mmap_size=0", "temp_store=MEMORY"} {
		if _, err := g.connection.ExecContext(ctx, "PRAGMA "+pragma); err != nil {
			return err
		}
	}
	return nil
}

// Close closes the file.
func (g *geoPackage) Close() error {
	if g.connection != nil {
		return errors.Join(g.connection.Close(), g.database.Close())
	}
	return g.database.Close()
}

// sqliteError says of what SQLite found wrong whether the file is damaged.
func sqliteError(err error) error {
	var found *sqlite.Error
	if errors.As(err, &found) {
		switch found.Code() & 0xff {
		case 11, 26: // SQLITE_CORRUPT, SQLITE_NOTADB
			return fmt.Errorf("%w (%v)", ErrDamaged, err)
		}
	}
	return err
}

// checkTable refuses what is not a table of rows: views and virtual tables would run what the file says.
func (g *geoPackage) checkTable(name string) error {
	var page int64
	var definition string
	err := g.connection.QueryRowContext(context.Background(),
		"SELECT rootpage, substr(sql, 1, 20) FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE", name).Scan(&page, &definition)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("there is no table %.100q in it", name)
	case err != nil:
		return sqliteError(err)
	case page <= 0 || !strings.HasPrefix(strings.ToUpper(strings.Join(strings.Fields(definition), " ")), "CREATE TABLE"):
		return fmt.Errorf("%.100q is not a table", name)
	}
	return nil
}

// layers lists the tables with features or attributes in the order of their names.
func (g *geoPackage) layers() ([]geoPackageLayer, error) {
	switch err := g.checkTable("gpkg_contents"); {
	case errors.Is(err, ErrDamaged):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("this is SQLite and no GeoPackage: %w", err)
	}
	rows, err := g.connection.QueryContext(context.Background(), `SELECT CAST(table_name AS TEXT), data_type = 'features' FROM gpkg_contents NOT INDEXED
		WHERE data_type IN ('features', 'attributes', 'aspatial') AND length(table_name) <= ? ORDER BY table_name LIMIT ?`, maxNameText, maxLayers)
	if err != nil {
		return nil, sqliteError(err)
	}
	var list []geoPackageLayer
	for rows.Next() {
		var layer geoPackageLayer
		if err := rows.Scan(&layer.Name, &layer.Geometry); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		list = append(list, layer)
	}
	return list, errors.Join(sqliteError(rows.Err()), rows.Close())
}

// choose finds the layer asked for; where none is, the only one with features, else the only one.
func choose(layers []geoPackageLayer, asked string) (geoPackageLayer, error) {
	var names []string
	var features []geoPackageLayer
	for _, layer := range layers {
		if layer.Name == asked {
			return layer, nil
		}
		names = append(names, layer.Name)
		if layer.Geometry {
			features = append(features, layer)
		}
	}
	switch {
	case len(layers) == 0:
		return geoPackageLayer{}, errors.New("it has no layers")
	case asked != "":
		for i, name := range names {
			if Key(name) == Key(asked) {
				return layers[i], nil
			}
		}
		return geoPackageLayer{}, fmt.Errorf("there is no layer %.100q in it, only %s", asked, listed(names))
	case len(features) == 1:
		return features[0], nil
	case len(layers) == 1:
		return layers[0], nil
	}
	return geoPackageLayer{}, fmt.Errorf("it has several layers: give layer: one of %s", listed(names))
}

// listed joins names for a message, the first twenty of them.
func listed(names []string) string {
	const most = 20
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// columns lists the columns of a table in order, without generated ones.
func (g *geoPackage) columns(table string) ([]string, error) {
	if err := g.checkTable(table); err != nil {
		return nil, err
	}
	rows, err := g.connection.QueryContext(context.Background(), "SELECT name FROM pragma_table_info(?) ORDER BY cid", table)
	if err != nil {
		return nil, sqliteError(err)
	}
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		names = append(names, name)
	}
	return names, errors.Join(sqliteError(rows.Err()), rows.Close())
}

// geometry finds the column of geometry of a table and its system: the zero one where the file says that it is not known.
func (g *geoPackage) geometry(table string) (column string, crs geo.CRS, err error) {
	if err := g.checkTable("gpkg_geometry_columns"); err != nil {
		return "", geo.CRS{}, err
	}
	var srs int64
	err = g.connection.QueryRowContext(context.Background(),
		"SELECT substr(column_name, 1, ?), srs_id FROM gpkg_geometry_columns NOT INDEXED WHERE table_name = ? COLLATE NOCASE", maxNameText, table).Scan(&column, &srs)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", geo.CRS{}, fmt.Errorf("the layer %s has no column of geometry in gpkg_geometry_columns", table)
	case err != nil:
		return "", geo.CRS{}, sqliteError(err)
	}
	if crs, err = g.crs(srs); err != nil {
		return "", geo.CRS{}, fmt.Errorf("the system of the coordinates of the layer %s: %w", table, err)
	}
	return column, crs, nil
}

// crs reads a system of the file by its number there. 0 and -1 are those that are not known.
func (g *geoPackage) crs(srs int64) (geo.CRS, error) {
	if srs == 0 || srs == -1 {
		return geo.CRS{}, nil
	}
	if err := g.checkTable("gpkg_spatial_ref_sys"); err != nil {
		return geo.CRS{}, err
	}
	var organization, definition string
	var code int64
	err := g.connection.QueryRowContext(context.Background(),
		"SELECT substr(organization, 1, ?), organization_coordsys_id, substr(definition, 1, ?) FROM gpkg_spatial_ref_sys NOT INDEXED WHERE srs_id = ?",
		maxNameText, maxSRSText, srs).Scan(&organization, &code, &definition)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return geo.CRS{}, fmt.Errorf("there is no %d in gpkg_spatial_ref_sys", srs)
	case err != nil:
		return geo.CRS{}, sqliteError(err)
	}
	if strings.EqualFold(organization, "EPSG") {
		crs, err := geo.CRSByCode(int(code))
		if err == nil || definition == "" || strings.EqualFold(definition, "undefined") {
			return crs, err
		}
	}
	return geo.CRSByWKT(definition)
}

//go:build duckdb_arrow

package duckdb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	driverlib "github.com/duckdb/duckdb-go/v2"
	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/arpent/arpent/engine"
)

// DB is a DuckDB in memory with a view for each table of one snapshot. It may be used by several goroutines.
type DB struct {
	connector *driverlib.Connector
}

// Version is the version of DuckDB that is linked in, as v1.5.6.
func Version() string { return mapping.LibraryVersion() }

// settings keep DuckDB to what is linked in: nothing is downloaded because a query names it.
const settings = ":memory:?autoinstall_known_extensions=false&autoload_known_extensions=false"

// OpenSnapshot makes a view of each of engine.Tables, named as the table, over the snapshot's files. Geometry columns have
// DuckDB's type GEOMETRY.
func OpenSnapshot(ctx context.Context, s *engine.Snapshot) (*DB, error) {
	connector, err := driverlib.NewConnector(settings, nil)
	if err != nil {
		return nil, fmt.Errorf("duckdb: start: %w", err)
	}
	db := &DB{connector}
	if err := db.createViews(ctx, s); err != nil {
		return nil, errors.Join(err, connector.Close())
	}
	return db, nil
}

func (db *DB) createViews(ctx context.Context, s *engine.Snapshot) error {
	conn, err := db.connector.Connect(ctx)
	if err != nil {
		return fmt.Errorf("duckdb: connect: %w", err)
	}
	defer conn.Close()
	for _, t := range engine.Tables() {
		// A path with * or [ in it would be a pattern; between brackets each stands for itself.
		path := globEscape.Replace(filepath.ToSlash(filepath.Join(s.Dir, t.File())))
		view := fmt.Sprintf(`CREATE VIEW "%s" AS FROM read_parquet('%s')`, t.Name, strings.ReplaceAll(path, "'", "''"))
		if err := execute(ctx, conn, view); err != nil {
			return fmt.Errorf("duckdb: open table %s of snapshot %s: %w", t.Name, s.Manifest.ID, err)
		}
	}
	return nil
}

var globEscape = strings.NewReplacer("*", "[*]", "?", "[?]", "[", "[[]")

func execute(ctx context.Context, conn driver.Conn, query string) error {
	_, err := conn.(driver.ExecerContext).ExecContext(ctx, query, nil)
	if err != nil {
		return queryError(err)
	}
	return nil
}

// Close ends the database. Rows still open are closed first by whoever opened them.
func (db *DB) Close() error { return db.connector.Close() }

// queryError brings DuckDB's message, which draws the query over several lines, to one line.
func queryError(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	text, _, _ := strings.Cut(err.Error(), "\n\nLINE ")
	return errors.New(strings.Join(strings.Fields(text), " "))
}

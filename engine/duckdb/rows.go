//go:build duckdb_arrow

package duckdb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	driverlib "github.com/duckdb/duckdb-go/v2"
)

// Rows is the answer to a query, batch by batch. It is for one goroutine; Close lets go of its memory.
//
//	for rows.Next() {
//		for row := range rows.Len() { ... rows.Text(column, row) ... }
//	}
//	err = rows.Err()
type Rows struct {
	conn   driver.Conn
	reader array.RecordReader
	batch  arrow.RecordBatch
}

// Query answers SQL; of several statements, the last. Errors are DuckDB's, on one line.
func (db *DB) Query(ctx context.Context, sql string) (*Rows, error) {
	if strings.Trim(sql, " \t\r\n;") == "" {
		return nil, errors.New(`duckdb: the query is empty: give one, as "SELECT count(*) FROM segments"`)
	}
	conn, err := db.connector.Connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("duckdb: connect: %w", err)
	}
	reader, err := query(ctx, conn, sql)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("duckdb: %w", err), conn.Close())
	}
	return &Rows{conn: conn, reader: reader}, nil
}

func query(ctx context.Context, conn driver.Conn, sql string) (array.RecordReader, error) {
	// A geometry read from GeoParquet has a reference system, and DuckDB looks that up in the open transaction, when it
	// describes the result as Arrow: the statement's own transaction is over by then.
	if err := execute(ctx, conn, "BEGIN TRANSACTION"); err != nil {
		return nil, err
	}
	arrows, err := driverlib.NewArrowFromConn(conn)
	if err != nil {
		return nil, err
	}
	reader, err := arrows.QueryContext(ctx, sql)
	if err != nil {
		return nil, queryError(err)
	}
	return reader, nil
}

// Columns gives the names of the columns.
func (r *Rows) Columns() []string {
	names := make([]string, r.reader.Schema().NumFields())
	for i, f := range r.reader.Schema().Fields() {
		names[i] = f.Name
	}
	return names
}

// IsNumber tells whether a column holds numbers.
func (r *Rows) IsNumber(column int) bool {
	t := r.reader.Schema().Field(column).Type.ID()
	return arrow.IsInteger(t) || arrow.IsFloating(t) || arrow.IsDecimal(t)
}

// Next goes on to the next batch.
func (r *Rows) Next() bool {
	if !r.reader.Next() {
		r.batch = nil
		return false
	}
	r.batch = r.reader.RecordBatch()
	return true
}

// Len is the number of rows of the batch.
func (r *Rows) Len() int { return int(r.batch.NumRows()) }

// Text gives a value of the batch as text, and false where it is NULL. Numbers have all their digits, geometries are WKT,
// dates and times ISO 8601, blobs hexadecimal, lists and structs JSON.
func (r *Rows) Text(column, row int) (string, bool) {
	values := r.batch.Column(column)
	if values.IsNull(row) {
		return "", false
	}
	return valueText(r.batch.Schema().Field(column), values, row), true
}

// AppendJSON appends a value of the batch as JSON. Numbers have all their digits, also beyond the 53 bits that JavaScript
// keeps; what JSON has no word for (NaN, a geometry) is a string.
func (r *Rows) AppendJSON(to []byte, column, row int) []byte {
	return appendJSON(to, r.batch.Schema().Field(column), r.batch.Column(column), row)
}

// Err is what ended Next early.
func (r *Rows) Err() error {
	if err := r.reader.Err(); err != nil {
		return fmt.Errorf("duckdb: %w", queryError(err))
	}
	return nil
}

// Close releases what is left of the answer.
func (r *Rows) Close() error {
	r.reader.Release()
	if err := r.conn.Close(); err != nil {
		return fmt.Errorf("duckdb: close: %w", err)
	}
	return nil
}

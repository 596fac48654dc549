//go:build duckdb_arrow

package duckdb

import (
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	driverlib "github.com/duckdb/duckdb-go/v2"
	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// A column is one of the columns of a table of the store, and where its value is in a row as Go has it. What is not said - a zero key, id or
// time - is NULL.
type column[Row any] struct {
	name  string
	kind  string // DuckDB's type
	field func(*Row) any
}

// entryColumns and settlementColumns are the engine's, as DuckDB keeps them.
var (
	entryColumns      = columnsOfEntries()
	settlementColumns = columnsOfSettlements()
)

func columnsOfEntries() (all []column[engine.Entry]) {
	for _, c := range engine.EntryColumns() {
		if c.Name == "canvasser" {
			all = append(all, column[engine.Entry]{c.Name, "BLOB", c.Field}) // few make many entries: in a dictionary, as codes are
			continue
		}
		all = append(all, columnOf(c.Name, c.Field))
	}
	return all
}

func columnsOfSettlements() (all []column[engine.Settlement]) {
	for _, c := range engine.SettlementColumns() {
		all = append(all, columnOf(c.Name, c.Field))
	}
	return all
}

// columnOf gives a column the type that goes with its field. Ids and keys are UUIDs: 16 bytes that are compared as one number. Codes are
// texts, which DuckDB keeps as numbers in a dictionary.
func columnOf[Row any](name string, field func(*Row) any) column[Row] {
	switch f := field(new(Row)).(type) {
	case *int64:
		return column[Row]{name, "BIGINT", field}
	case *int32:
		return column[Row]{name, "INTEGER", field}
	case *int8:
		return column[Row]{name, "TINYINT", field}
	case *uint64:
		return column[Row]{name, "UBIGINT", field}
	case *float64:
		return column[Row]{name, "DOUBLE", field}
	case *string:
		return column[Row]{name, "VARCHAR", field}
	case *time.Time:
		return column[Row]{name, "TIMESTAMP", field}
	case *uuid.UUID:
		return column[Row]{name, "UUID", field}
	case *engine.Key:
		return column[Row]{name, "UUID", func(r *Row) any { return (*uuid.UUID)(field(r).(*engine.Key)) }}
	default:
		panic(fmt.Sprintf("duckdb: no column holds a %T", f)) // the engine's list has none, as its test says
	}
}

// definition gives the columns as CREATE TABLE takes them.
func definition[Row any](columns []column[Row]) string {
	var parts []string
	for _, c := range columns {
		parts = append(parts, fmt.Sprintf("%q %s", c.name, c.kind))
	}
	return strings.Join(parts, ", ")
}

// appendBatch appends what is in a batch to the tables of a database.
func appendBatch(conn driver.Conn, database string, batch *engine.Batch) error {
	if err := appendRows(conn, database, "entries", entryColumns, batch.Entries); err != nil {
		return err
	}
	return appendRows(conn, database, "settlements", settlementColumns, batch.Settlements)
}

// appendRows appends rows to a table, in the transaction of the connection if it has one.
func appendRows[Row any](conn driver.Conn, database, table string, columns []column[Row], rows []Row) error {
	if len(rows) == 0 {
		return nil
	}
	appender, err := driverlib.NewAppender(conn, database, "main", table)
	if err != nil {
		return err
	}
	values := make([]driver.Value, len(columns))
	for i := range rows {
		for c := range columns {
			values[c] = stored(columns[c].field(&rows[i]))
		}
		if err := appender.AppendRow(values...); err != nil {
			appender.Close() // its transaction is rolled back
			return err
		}
	}
	return appender.Close()
}

// stored gives a value as the appender takes it.
func stored(field any) driver.Value {
	switch v := field.(type) {
	case *int64:
		return *v
	case *int32:
		return *v
	case *int8:
		return *v
	case *uint64:
		return *v
	case *float64:
		return *v
	case *string:
		return *v
	case *time.Time:
		if !v.IsZero() {
			return *v
		}
	case *uuid.UUID:
		if *v != uuid.Nil {
			return driverlib.UUID(*v)
		}
	case *engine.Key:
		if *v != (engine.Key{}) {
			return slices.Clone(v[:]) // C may not be given a pointer into a row, which has pointers of its own
		}
	}
	return nil
}

// texts gives a copy of each text that Arrow holds: Arrow's own is in memory that goes with its batch. There are few different codes.
type texts map[string]string

func (t texts) own(text string) string {
	if own, ok := t[text]; ok {
		return own
	}
	if len(t) == 1<<12 { // addresses, not codes
		clear(t)
	}
	own := strings.Clone(text)
	t[own] = own
	return own
}

// load puts the values of an Arrow column into their field of each row; the rows are zero before.
func load[Row any](values arrow.Array, field func(*Row) any, rows []Row, own texts) error {
	for i := range rows {
		if values.IsNull(i) {
			continue
		}
		switch to := field(&rows[i]).(type) {
		case *int64:
			*to = values.(*array.Int64).Value(i)
		case *int32:
			*to = values.(*array.Int32).Value(i)
		case *int8:
			*to = values.(*array.Int8).Value(i)
		case *uint64:
			*to = values.(*array.Uint64).Value(i)
		case *float64:
			*to = values.(*array.Float64).Value(i)
		case *string:
			*to = own.own(values.(*array.String).Value(i))
		case *time.Time:
			*to = time.UnixMicro(int64(values.(*array.Timestamp).Value(i))).UTC()
		case *uuid.UUID:
			copy(to[:], values.(*array.FixedSizeBinary).Value(i))
		case *engine.Key:
			copy(to[:], values.(*array.Binary).Value(i))
		default:
			return fmt.Errorf("duckdb: no value of a store is a %T", to)
		}
	}
	return nil
}

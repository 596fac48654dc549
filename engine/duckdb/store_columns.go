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

// entryColumns are the columns of an entry. Ids and keys are UUIDs: 16 bytes that are compared as one number. Codes are texts, which
// DuckDB keeps as numbers in a dictionary. The canvasser is a text of bytes for that reason: few make many entries.
var entryColumns = []column[engine.Entry]{
	{"position", "BIGINT", func(e *engine.Entry) any { return &e.Position }},
	{"campaign", "VARCHAR", func(e *engine.Entry) any { return &e.Campaign }},
	{"arrived", "TIMESTAMP", func(e *engine.Entry) any { return &e.Arrived }},
	{"id", "UUID", func(e *engine.Entry) any { return &e.ID }},
	{"kind", "VARCHAR", func(e *engine.Entry) any { return (*string)(&e.Kind) }},
	{"replaces", "UUID", func(e *engine.Entry) any { return &e.Replaces }},
	{"body", "UUID", func(e *engine.Entry) any { return (*uuid.UUID)(&e.Body) }},
	{"happened", "TIMESTAMP", func(e *engine.Entry) any { return &e.Happened }},
	{"day", "INTEGER", func(e *engine.Entry) any { return &e.Day }},
	{"team", "VARCHAR", func(e *engine.Entry) any { return &e.Team }},
	{"canvasser", "BLOB", func(e *engine.Entry) any { return &e.Canvasser }},
	{"door", "UUID", func(e *engine.Entry) any { return (*uuid.UUID)(&e.Door) }},
	{"address_id", "VARCHAR", func(e *engine.Entry) any { return &e.AddressID }},
	{"segment", "BIGINT", func(e *engine.Entry) any { return &e.Segment }},
	{"precinct", "BIGINT", func(e *engine.Entry) any { return &e.Precinct }},
	{"cell", "BIGINT", func(e *engine.Entry) any { return &e.Cell }},
	{"accuracy_m", "DOUBLE", func(e *engine.Entry) any { return &e.AccuracyM }},
	{"result", "VARCHAR", func(e *engine.Entry) any { return &e.Result }},
	{"support", "TINYINT", func(e *engine.Entry) any { return &e.Support }},
	{"turnout", "TINYINT", func(e *engine.Entry) any { return &e.Turnout }},
	{"issues", "UBIGINT", func(e *engine.Entry) any { return &e.Issues }},
	{"script", "VARCHAR", func(e *engine.Entry) any { return &e.Script }},
	{"action", "VARCHAR", func(e *engine.Entry) any { return &e.Action }},
	{"count", "INTEGER", func(e *engine.Entry) any { return &e.Count }},
	{"consent", "VARCHAR", func(e *engine.Entry) any { return &e.Consent }},
	{"consent_text", "VARCHAR", func(e *engine.Entry) any { return &e.ConsentText }},
	{"consent_at", "TIMESTAMP", func(e *engine.Entry) any { return &e.ConsentAt }},
	{"purpose", "VARCHAR", func(e *engine.Entry) any { return &e.Purpose }},
	{"expires", "TIMESTAMP", func(e *engine.Entry) any { return &e.Expires }},
	{"quarantine", "VARCHAR", func(e *engine.Entry) any { return (*string)(&e.Quarantine) }},
}

var settlementColumns = []column[engine.Settlement]{
	{"position", "BIGINT", func(s *engine.Settlement) any { return &s.Position }},
	{"settled_at", "BIGINT", func(s *engine.Settlement) any { return &s.At }},
	{"effect", "VARCHAR", func(s *engine.Settlement) any { return (*string)(&s.Effect) }},
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

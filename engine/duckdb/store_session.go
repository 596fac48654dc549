//go:build duckdb_arrow

package duckdb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/array"
	driverlib "github.com/duckdb/duckdb-go/v2"

	"github.com/arpent/arpent/engine"
)

// logName and freshName are what the log and the one that will take its place are called in SQL.
const (
	logName   = "log"
	freshName = "fresh"
)

// storeSettings bound what DuckDB takes of the machine, which it shares with the server, and keep it from loading anything. Ids come as
// bytes and not as text.
const storeSettings = ":memory:?autoinstall_known_extensions=false&autoload_known_extensions=false&allow_community_extensions=false" +
	"&memory_limit=2GB&threads=1&arrow_lossless_conversion=true"

// rowGroups keeps groups of rows about as long as the write-ahead log: moving it writes the last group anew as a whole, which of DuckDB's
// 122,880 rows takes up to a second.
const rowGroups = "ROW_GROUP_SIZE 16384"

// storeFormat is raised when an older arpent could not read the log any more.
const storeFormat = 1

// A session is the log opened in DuckDB. A DuckDB in memory attaches it: so the path may have any characters, and nothing is shared with
// another session of the same file.
type session struct{ connector *driverlib.Connector }

// startDuckDB starts one that reaches the files of the store and no others.
func startDuckDB(ctx context.Context, files storeFiles) (*session, error) {
	connector, err := driverlib.NewConnector(storeSettings, nil)
	if err != nil {
		return nil, fmt.Errorf("duckdb: start: %w", err)
	}
	s := &session{connector}
	err = s.connected(ctx, func(conn driver.Conn) error {
		for _, setting := range []string{
			"SET GLOBAL TimeZone = 'UTC'",
			"SET GLOBAL temp_directory = " + quoted(files.spill()),
			"SET GLOBAL allowed_directories = [" + quoted(files.dir) + "]",
			"SET GLOBAL enable_external_access = false",
			"SET GLOBAL checkpoint_threshold = '1TB'", // see moveLog
			"SET GLOBAL max_vacuum_tasks = 0",         // an erasure writes anew: there is never anything to close up
			"PRAGMA disable_checkpoint_on_shutdown",   // a log that is found damaged stays as it is found
			"SET GLOBAL lock_configuration = true",
		} {
			if err := execute(ctx, conn, setting); err != nil {
				return fmt.Errorf("duckdb: %s: %w", setting, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// openSession opens the log, which is there.
func openSession(ctx context.Context, files storeFiles) (*session, error) {
	there, err := exists(files.log())
	if err != nil {
		return nil, fmt.Errorf("duckdb: look for the field log: %w", err)
	}
	if !there {
		return nil, fmt.Errorf("%w: %s is not there, though there was something in it: bring the folder back from a copy, or remove %s to begin anew",
			engine.ErrStoreDamaged, files.log(), files.mark())
	}
	s, err := startDuckDB(ctx, files)
	if err != nil {
		return nil, err
	}
	if err := s.execute(ctx, "ATTACH "+quoted(files.log())+" AS log ("+rowGroups+")"); err != nil {
		return nil, errors.Join(files.explain("open", err), s.close())
	}
	return s, nil
}

// checkpoint moves what is in the write-ahead log into the database. What cannot be moved stays where it is, and is as safe there.
func (s *session) checkpoint(ctx context.Context) error { return s.execute(ctx, "CHECKPOINT log") }

// close ends the session. All its connections are closed: DuckDB keeps the file open as long as there is one.
func (s *session) close() error {
	if err := s.connector.Close(); err != nil {
		return fmt.Errorf("duckdb: close the field log: %w", err)
	}
	return nil
}

func (s *session) execute(ctx context.Context, sql string) error {
	return s.connected(ctx, func(conn driver.Conn) error { return execute(ctx, conn, sql) })
}

// state is the one row that says how far a store has come.
type state struct {
	format    int64
	commit    int64 // how many there were
	last      int64 // the highest position given
	settledTo int64
	entries   int64
}

var stateColumns = []column[state]{
	{"format", "BIGINT", func(s *state) any { return &s.format }},
	{"commit", "BIGINT", func(s *state) any { return &s.commit }},
	{"last", "BIGINT", func(s *state) any { return &s.last }},
	{"settled_to", "BIGINT", func(s *state) any { return &s.settledTo }},
	{"entries", "BIGINT", func(s *state) any { return &s.entries }},
}

// after gives the state once a batch is committed.
func (s state) after(batch *engine.Batch) state {
	s.commit++
	s.entries += int64(len(batch.Entries))
	for i := range batch.Entries {
		s.last = max(s.last, batch.Entries[i].Position)
	}
	for _, settlement := range batch.Settlements {
		s.last = max(s.last, settlement.At)
	}
	if batch.SettledTo != 0 {
		s.settledTo = batch.SettledTo
	}
	return s
}

// state reads how far the store has come.
func (s *session) state(ctx context.Context) (now state, err error) {
	err = s.connected(ctx, func(conn driver.Conn) error {
		now, err = readState(ctx, conn)
		return err
	})
	return now, err
}

func readState(ctx context.Context, conn driver.Conn) (state, error) {
	var rows []state
	query := statement{sql: `SELECT format, "commit", last, settled_to, entries FROM log.state`}
	err := answers(ctx, conn, query, stateColumns, func(batch []state) error {
		rows = append(rows, batch...)
		return nil
	})
	if err != nil {
		return state{}, err
	}
	if len(rows) != 1 || rows[0].format != storeFormat {
		return state{}, errors.New("duckdb: the field log was written by another version of arpent: open it with that one")
	}
	return rows[0], nil
}

// connected calls do with a connection of its own.
func (s *session) connected(ctx context.Context, do func(driver.Conn) error) error {
	conn, err := s.connector.Connect(ctx)
	if err != nil {
		return fmt.Errorf("duckdb: connect: %w", err)
	}
	defer conn.Close()
	return do(conn)
}

// answers runs a query and gives its rows in slices that are used again.
func answers[Row any](ctx context.Context, conn driver.Conn, query statement, columns []column[Row], each func([]Row) error) error {
	arrows, err := driverlib.NewArrowFromConn(conn)
	if err != nil {
		return err
	}
	reader, err := arrows.QueryContext(ctx, query.sql, query.args...)
	if err != nil {
		return queryError(err)
	}
	defer reader.Release()
	rows, own := []Row(nil), texts{}
	for reader.Next() {
		if rows, err = batchRows(reader, columns, rows, own); err != nil {
			return err
		}
		if err := each(rows); err != nil {
			return err
		}
	}
	if err := reader.Err(); err != nil {
		return queryError(err)
	}
	return nil
}

// batchRows gives the rows of the reader's batch, in the memory of those before.
func batchRows[Row any](reader array.RecordReader, columns []column[Row], rows []Row, own texts) ([]Row, error) {
	batch := reader.RecordBatch()
	n := int(batch.NumRows())
	if cap(rows) < n {
		rows = make([]Row, n)
	}
	rows = rows[:n]
	clear(rows)
	for i, c := range columns {
		if err := load(batch.Column(i), c.field, rows, own); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

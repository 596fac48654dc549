//go:build duckdb_arrow

package duckdb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
)

// createStore makes an empty log. It is made beside and switched in, so that no process that dies leaves half of one.
func createStore(ctx context.Context, files storeFiles) error {
	s, err := startDuckDB(ctx, files)
	if err != nil {
		return err
	}
	err = s.connected(ctx, func(conn driver.Conn) error {
		return writeFresh(ctx, conn, files, state{format: storeFormat}, func() error { return nil })
	})
	if err := errors.Join(err, s.close()); err != nil {
		return files.explain("make", err)
	}
	return files.switchIn()
}

// writeFresh makes the database that will take the place of the log, with the rows that fill writes to it, as one closed file.
func writeFresh(ctx context.Context, conn driver.Conn, files storeFiles, now state, fill func() error) error {
	for _, sql := range []string{
		"ATTACH " + quoted(files.fresh()) + " AS fresh (STORAGE_VERSION 'latest', " + rowGroups + ")",
		"CREATE TABLE fresh.entries (" + definition(entryColumns) + ")",
		"CREATE TABLE fresh.settlements (" + definition(settlementColumns) + ")",
		"CREATE TABLE fresh.state (" + definition(stateColumns) + ")",
	} {
		if err := execute(ctx, conn, sql); err != nil {
			return err
		}
	}
	if err := fill(); err != nil {
		return err
	}
	for _, sql := range []string{
		fmt.Sprintf("INSERT INTO fresh.state SELECT %d, %d, %d, %d, count(*) FROM fresh.entries", now.format, now.commit, now.last, now.settledTo),
		"CHECKPOINT fresh",
		"DETACH fresh",
	} {
		if err := execute(ctx, conn, sql); err != nil {
			return err
		}
	}
	return nil
}

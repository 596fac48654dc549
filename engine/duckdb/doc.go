//go:build duckdb_arrow

// Package duckdb answers SQL over the tables of a snapshot with an embedded DuckDB. It is the only place that imports the
// DuckDB driver.
package duckdb

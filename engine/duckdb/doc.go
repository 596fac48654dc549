//go:build duckdb_arrow

// Package duckdb is the embedded database: it answers SQL over the tables of a snapshot ([DB]) and keeps the field log ([Store]). It is the only
// place that imports the DuckDB driver.
package duckdb

//go:build duckdb_arrow && !linux

package duckdb

// yielding does something that takes a while. Only on Linux has a thread a priority of its own.
func yielding(do func() error) error { return do() }

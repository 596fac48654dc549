//go:build !duckdb_arrow

package duckdb

// The driver has its Arrow interface only under a build tag. Without it the compiler shows this sentence and stops.
var _ int = "to build Arpent, run `make build` or add -tags duckdb_arrow"

package clickhouse

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// A table of the store is two in ClickHouse: NAME_local, which holds the rows of a shard, and NAME, which is all shards.
type table struct {
	name    string
	columns string // as CREATE TABLE takes them
	family  string // of engines: MergeTree, or ReplacingMergeTree with its argument
	order   string
	shard   string // the expression that chooses the shard
}

// formats are the steps from one format of the tables to the next, each a list of tables to make or of ALTERs of the local ones and of all. A step may
// be taken again by a writer that did not see it end.
var formats = []func(o *options) []string{
	func(o *options) []string {
		statements := []string{"CREATE DATABASE IF NOT EXISTS " + quoted(o.database)}
		for _, t := range tables() {
			statements = append(statements, t.create(o)...)
		}
		return statements
	},
}

// shardResolution is the resolution of the cells that stay together on a shard.
const shardResolution = 8

// shardOf spreads cells over the shards. The bits of a cell below its resolution's are its base cell and its digits: those of
// the parent are what is left when the finer digits are shifted out, whatever the resolution of the cell.
func shardOf() string {
	finer := 3 * (geo.MaxCellResolution - shardResolution)
	digits := int64(1)<<(7+3*shardResolution) - 1
	return fmt.Sprintf("intHash64(bitAnd(bitShiftRight(cell, %d), %d))", finer, digits)
}

func tables() []table {
	entries := []string{"`commit` Int64 CODEC(Delta, ZSTD(1))"}
	for _, c := range engine.EntryColumns() {
		entries = append(entries, definition(c.Name, c.Field(new(engine.Entry))))
	}
	settlements := []string{"`commit` Int64 CODEC(Delta, ZSTD(1))", definition("campaign", new(string)), definition("cell", new(int64))}
	for _, c := range engine.SettlementColumns() {
		settlements = append(settlements, definition(c.Name, c.Field(new(engine.Settlement))))
	}
	return []table{
		{"entries", strings.Join(entries, ", "), "MergeTree", "(campaign, position)", shardOf()},
		{"settlements", strings.Join(settlements, ", "), "MergeTree", "(campaign, position, settled_at)", shardOf()},
		// The markers are few and all on the first shard. Of each term and writer the last is enough, and must stay: see takeOver.
		{"commits", stateDefinition, "ReplacingMergeTree(`commit`)", "(term, writer)", "0"},
	}
}

// ascending are columns whose values grow from row to row.
var ascending = map[string]bool{"position": true, "arrived": true, "settled_at": true}

// definition gives a column as CREATE TABLE takes it. What is not said is the zero value, but for times, where it is NULL.
func definition(name string, field any) string {
	kind := ""
	switch field.(type) {
	case *int64:
		kind = "Int64"
	case *int32:
		kind = "Int32"
	case *int8:
		kind = "Int8"
	case *uint64:
		kind = "UInt64"
	case *float64:
		kind = "Float64"
	case *string:
		if kind = "LowCardinality(String)"; name == "address_id" { // the one text that has many values
			kind = "String"
		}
	case *time.Time:
		kind = "Nullable(DateTime64(6, 'UTC'))"
	case *uuid.UUID, *engine.Key:
		kind = "UUID"
	default:
		panic(fmt.Sprintf("clickhouse: no column of a store is a %T", field)) // a new kind of field of engine.Entry: its tests come here first
	}
	if ascending[name] {
		return fmt.Sprintf("%s %s CODEC(Delta, ZSTD(1))", quoted(name), kind)
	}
	return fmt.Sprintf("%s %s CODEC(ZSTD(1))", quoted(name), kind)
}

// durable are the settings of a local table. What is inserted or merged is on the disk before it is acknowledged or what it was merged from is
// deleted, files of rows that are gone go at once, and a table of which a part is broken
// does not open rather than without it.
const durable = "fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1, min_compressed_bytes_to_fsync_after_merge = 1, " +
	"min_compressed_bytes_to_fsync_after_fetch = 1, old_parts_lifetime = 0, max_suspicious_broken_parts = 0"

// cleaning lets replicas look for such files each second or two; a table that is not replicated is told to, and has no such setting.
const cleaning = ", cleanup_delay_period = 1, max_cleanup_delay_period = 2, cleanup_delay_period_random_add = 0"

func (t table) create(o *options) []string {
	family, settings := t.family, durable
	if o.replicated {
		name, rest, _ := strings.Cut(family, "(")
		arguments := fmt.Sprintf("'/arpent/%s/{shard}/%s', '{replica}'", o.database, t.name)
		if rest != "" {
			arguments += ", " + strings.TrimSuffix(rest, ")")
		}
		family, settings = "Replicated"+name+"("+arguments+")", settings+cleaning
	}
	return []string{
		fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s (%s) ENGINE = %s ORDER BY %s SETTINGS %s", o.local(t.name), t.columns, family, t.order, settings),
		fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s AS %s ENGINE = Distributed(%s, %s, %s, %s)",
			o.table(t.name), o.local(t.name), quoted(o.cluster), quoted(o.database), quoted(t.name+"_local"), t.shard),
	}
}

// table is the name of a table of all shards, local that of one shard's.
func (o *options) table(name string) string { return quoted(o.database) + "." + quoted(name) }
func (o *options) local(name string) string { return o.table(name + "_local") }

// quoted gives a name as SQL takes it. All are codes, columns or tables: none has a backtick.
func quoted(name string) string { return "`" + name + "`" }

// migrate brings the tables of all replicas from a format to the newest.
func (s *Store) migrate(ctx context.Context, from int64) error {
	for _, step := range formats[from:] {
		for _, statement := range step(&s.options) {
			if err := s.onEachReplica(ctx, func(ctx context.Context, r replica) error { return r.execute(ctx, statement) }); err != nil {
				return fmt.Errorf("clickhouse: make the tables of the store: %w", err)
			}
		}
	}
	return nil
}

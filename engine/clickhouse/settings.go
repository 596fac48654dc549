package clickhouse

import (
	"context"
	"time"

	driverlib "github.com/ClickHouse/clickhouse-go/v2"
)

// whole are the settings under which an answer is whole or an error, whatever the servers' own profiles say.
var whole = driverlib.Settings{
	"skip_unavailable_shards": 0,
	"use_hedged_requests":     0, // a second server asked at once hides which one failed
	// Limits end a query, they never cut its answer short.
	"timeout_overflow_mode":      "throw",
	"read_overflow_mode":         "throw",
	"result_overflow_mode":       "throw",
	"group_by_overflow_mode":     "throw",
	"sort_overflow_mode":         "throw",
	"set_overflow_mode":          "throw",
	"join_overflow_mode":         "throw",
	"distinct_overflow_mode":     "throw",
	"timeout_overflow_mode_leaf": "throw",
	"read_overflow_mode_leaf":    "throw",
	"limit":                      0,
	"offset":                     0,
	"use_query_cache":            0,
	"enable_parallel_replicas":   0,
	// Settlements are joined on the shard of their entries, and groups are counted across shards unless a query says otherwise.
	"prefer_global_in_and_join":                 0,
	"distributed_group_by_no_merge":             0,
	"empty_result_for_aggregation_by_empty_set": 0,
	// What a missing side of a join is, and a count of nothing.
	"join_use_nulls":                                     0,
	"aggregate_functions_null_for_empty":                 0,
	"session_timezone":                                   "UTC",
	"fallback_to_stale_replicas_for_distributed_queries": 0,
	"distributed_foreground_insert":                      1, // an insert is acknowledged by the shards, not by the server that passes it on
	"async_insert":                                       0,
	"max_query_size":                                     64 << 20, // lists of what is erased
	"max_ast_elements":                                   100_000_000,
	"max_expanded_ast_elements":                          100_000_000,
}

// withSettings gives a context in which a query has its limit, on the client's side and on the servers'. A server that another does not hear from gives up
// within the limit too.
func (o *options) withSettings(ctx context.Context, limit time.Duration, more driverlib.Settings) (context.Context, context.CancelFunc) {
	settings := driverlib.Settings{
		"max_execution_time":                      int(limit / time.Second),
		"receive_timeout":                         int(limit / time.Second),
		"send_timeout":                            int(limit / time.Second),
		"connect_timeout_with_failover_ms":        int(dialWithin / time.Millisecond),
		"connect_timeout_with_failover_secure_ms": int(dialWithin / time.Millisecond),
		"handshake_timeout_ms":                    int(dialWithin / time.Millisecond),
	}
	if o.replicated {
		settings["insert_quorum"] = "auto"
		settings["insert_quorum_parallel"] = 0
		settings["select_sequential_consistency"] = 1
	}
	for _, group := range []driverlib.Settings{whole, more} {
		for name, value := range group {
			settings[name] = value
		}
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	return driverlib.Context(ctx, driverlib.WithSettings(settings)), cancel
}

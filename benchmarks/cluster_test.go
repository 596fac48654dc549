//go:build duckdb_arrow && cluster

package benchmarks

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/clickhouse"
	"github.com/arpent/arpent/engine/clickhouse/testbed"
	"github.com/arpent/arpent/engine/duckdb"
)

// BenchmarkCluster loads the same returns into DuckDB, one ClickHouse node and three, and rolls them up for 1, 4 and 16 clients at once, each asking again as soon as it has its
// answer. All stores have to give the same rows. The three nodes are on this machine: they share its cores, so that what is
// measured is what it costs to be spread, not what it gains. Use -benchtime 1x: what is asked is a fixed number of questions.
func BenchmarkCluster(b *testing.B) {
	returns := min(*mostStored, 1_000_000)
	nodes := testbed.Start(b)
	question := engine.Question{Campaign: fieldCampaign, By: []engine.Dimension{engine.ByCell}, Resolution: 9}
	var want []engine.RollupRow
	for _, kept := range []struct {
		name string
		open func() (engine.Store, error)
	}{
		{"duckdb", func() (engine.Store, error) { return duckdb.OpenStore(b.Context(), b.TempDir()) }},
		{"nodes=1", func() (engine.Store, error) {
			return clickhouse.Open(b.Context(), nodes.Address("single", testbed.Single), "")
		}},
		{"nodes=3", func() (engine.Store, error) {
			return clickhouse.Open(b.Context(), nodes.Address("three", testbed.Sharded), "")
		}},
	} {
		store, err := kept.open()
		if err != nil {
			b.Fatal(err)
		}
		b.Run(kept.name+"/load", func(b *testing.B) {
			c, began := newCanvassed(returns, canvassedSegments), time.Now()
			for left := returns; left > 0; left -= 20_000 {
				if err := store.Commit(b.Context(), c.batch(min(left, 20_000))); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(returns)/time.Since(began).Seconds(), "returns/s")
			b.ReportMetric(0, "ns/op")
			time.Sleep(10 * time.Second) // merges go on after a load
		})
		for _, clients := range []int{1, 4, 16} {
			b.Run(fmt.Sprintf("%s/clients=%d", kept.name, clients), func(b *testing.B) {
				times, rows, took := askedBy(b, store, question, clients)
				if want == nil {
					want = rows
				}
				if !slices.Equal(rows, want) {
					b.Errorf("%s gives %d rows, DuckDB %d, or others", kept.name, len(rows), len(want))
				}
				b.ReportMetric(quantileMS(times, 0.50), "p50-ms")
				b.ReportMetric(quantileMS(times, 0.99), "p99-ms")
				b.ReportMetric(float64(len(times))/took.Seconds(), "questions/s")
				b.ReportMetric(0, "ns/op")
			})
		}
		if err := store.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// askedBy has clients ask a question, 60 times together after five that are not counted, and gives how long each took and the rows.
func askedBy(b *testing.B, store engine.Store, question engine.Question, clients int) (times []time.Duration, rows []engine.RollupRow, took time.Duration) {
	b.Helper()
	for range 5 {
		rows = rows[:0]
		rollUp(b, store, question, func(row *engine.RollupRow) { rows = append(rows, *row) })
	}
	const questions = 60
	times = make([]time.Duration, questions)
	var next atomic.Int64
	var work sync.WaitGroup
	began := time.Now()
	for range clients {
		work.Go(func() {
			for n := next.Add(1); n <= questions; n = next.Add(1) {
				asked := time.Now()
				if err := store.Rollup(b.Context(), question, func(*engine.RollupRow) error { return nil }); err != nil {
					b.Error(err)
				}
				times[n-1] = time.Since(asked)
			}
		})
	}
	work.Wait()
	return times, rows, time.Since(began)
}

func quantileMS(times []time.Duration, q float64) float64 {
	sorted := slices.Sorted(slices.Values(times))
	return float64(sorted[min(int(q*float64(len(sorted))), len(sorted)-1)].Microseconds()) / 1000
}

//go:build cluster

package clickhouse

import (
	"math/rand/v2"
	"testing"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/clickhouse/testbed"
)

// BenchmarkBytes says what a return takes on the disks of three shards: three of each door, ids and doors that no compression makes fewer, and one settlement
// for a hundred. Use -benchtime 1x.
func BenchmarkBytes(b *testing.B) {
	const returns, size = 1_000_000, 20_000
	nodes := testbed.Start(b)
	store, err := Open(b.Context(), nodes.Address("bytes", testbed.Sharded), "")
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	r := rand.New(rand.NewPCG(1, 2))
	position := int64(0)
	for range returns / size {
		var batch engine.Batch
		for i := range size {
			position++
			e := knock(b, r.Int64N(returns/3))
			e.Position, e.ID, e.Body = position, uuid.New(), engine.Key(uuid.New())
			batch.Entries = append(batch.Entries, e)
			if i%100 == 0 {
				position++
				batch.Settlements = append(batch.Settlements, engine.Settlement{Position: e.Position, At: position, Effect: engine.Nothing})
			}
		}
		batch.SettledTo = position
		if err := store.Commit(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	sum := uint64(0)
	for _, r := range store.replicas {
		var bytes uint64
		ctx, cancel := store.options.withSettings(b.Context(), store.options.read, nil)
		if err := r.QueryRow(ctx, "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = 'bytes'").Scan(&bytes); err != nil {
			b.Fatal(err)
		}
		cancel()
		sum += bytes
	}
	b.ReportMetric(float64(sum)/returns, "B/return")
	b.ReportMetric(0, "ns/op")
}

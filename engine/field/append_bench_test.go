package field

import (
	"context"
	"encoding/binary"
	"flag"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// fastStore takes commits in 5 ms and keeps nothing.
type fastStore struct{ memoryStore }

func (s *fastStore) Commit(context.Context, engine.Batch) error {
	time.Sleep(5 * time.Millisecond)
	return nil
}

func numbered(n uint64) (id uuid.UUID) {
	binary.BigEndian.PutUint64(id[:], n*0x9e3779b97f4a7c15)
	binary.BigEndian.PutUint64(id[8:], n)
	return id
}

// 2,000 phones send three returns at a time.
func BenchmarkAppendOfTwoThousandCallers(b *testing.B) {
	w := newWorld(b)
	w.close()
	config := w.log.config
	config.Store, config.Observer = &fastStore{}, nil
	log, err := Open(context.Background(), config)
	if err != nil {
		b.Fatal(err)
	}
	var sent, slowest atomic.Int64
	var callers sync.WaitGroup
	b.ResetTimer()
	for range 2000 {
		callers.Go(func() {
			for {
				first := sent.Add(3)
				if first > int64(b.N) {
					return
				}
				var batch []Submission
				for n := range int64(3) {
					r := attempt(1)
					r.ID = numbered(uint64(first + n))
					batch = append(batch, Submission{Return: &r})
				}
				started := time.Now()
				if _, err := log.Append(context.Background(), Writer{Campaign: "blue"}, batch); err != nil {
					b.Error(err)
				}
				took := int64(time.Since(started))
				for before := slowest.Load(); took > before && !slowest.CompareAndSwap(before, took); before = slowest.Load() {
				}
			}
		})
	}
	callers.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "returns/s")
	b.ReportMetric(float64(slowest.Load())/1e6, "slowest-ms")
	if err := log.Close(); err != nil {
		b.Error(err)
	}
}

func BenchmarkAccept(b *testing.B) {
	a := newAcceptor(engine.Campaign{ID: "blue", Election: "2027-01-10", KeepDays: 30}, make([]byte, 32), nil, Writer{}, village{}, noon)
	r := attempt(1)
	for b.Loop() {
		if _, fault := a.accept(&r); fault != nil {
			b.Fatal(fault)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	for b.Loop() {
		if _, fault := Decode([]byte(example)); fault != nil {
			b.Fatal(fault)
		}
	}
}

// ids is how many ids BenchmarkIdentities holds; -ids 10000000 takes a minute.
var ids = flag.Int("ids", 200_000, "ids that the benchmark of identities holds")

// Of a hundred returns one is corrected.
func BenchmarkIdentities(b *testing.B) {
	var bytes float64
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		known := newIdentities()
		var rest []version
		for n := range *ids {
			v := version{id: numbered(uint64(n + 1)), body: uint64(n) << 1, position: int64(n + 1)}
			if n%100 == 99 {
				v.replaces = numbered(uint64(n))
			}
			rest = known.load(v, rest)
		}
		stage := newStage(known)
		for _, v := range rest {
			stage.add(v)
		}
		stage.settle()
		stage.install()
		rest, stage = nil, nil
		runtime.GC()
		runtime.ReadMemStats(&after)
		bytes = float64(after.HeapAlloc - before.HeapAlloc)
		runtime.KeepAlive(known)
	}
	b.ReportMetric(bytes/float64(*ids), "B/id")
}

// What the epochs know of doors: half of the returns have an answer, and all of these are of other doors.
func BenchmarkDoors(b *testing.B) {
	var bytes float64
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		c, none := newCampaignEpochs(), newTombstones("")
		for n := range int64(*ids / 2) {
			entry := engine.Entry{Position: n + 1, Precinct: 1 + n/500, Support: 1}
			id := numbered(uint64(n))
			copy(entry.Door[:], id[:])
			c.count(&entry, "", engine.Counts, none)
		}
		for precinct := range c.doors.precincts {
			c.doors.begin(precinct)
			c.doors.end(precinct, true)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		bytes = float64(after.HeapAlloc - before.HeapAlloc)
		runtime.KeepAlive(c)
	}
	b.ReportMetric(bytes/float64(*ids/2), "B/door")
}

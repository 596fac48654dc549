//go:build duckdb_arrow

package duckdb

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// The largest log of the benchmarks: `go test -bench Store -args -entries 10000000` for the one of the targets.
var largestLog = flag.Int("entries", 1_000_000, "entries of the largest log that is benchmarked")

// A campaign in a city like Paris: 2,000 canvassers in 40 teams, 24,000 streets between crossings in 900 precincts, 60 days. Two doors of
// three do not answer; one entry of fifty is settled as something else than it came.
type walkers struct {
	random   *rand.Rand
	position int64
	segments []int64
	cells    []int64
	began    time.Time
}

func newWalkers() *walkers {
	w := &walkers{random: rand.New(rand.NewPCG(1, 2)), began: time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC)}
	for range 24_000 {
		cell, err := geo.CellAt(2.25+w.random.Float64()/6, 48.82+w.random.Float64()/12, 11)
		if err != nil {
			panic(err)
		}
		w.segments, w.cells = append(w.segments, w.random.Int64N(1<<53)), append(w.cells, int64(cell))
	}
	return w
}

func (w *walkers) key() (k engine.Key) {
	for i := range k {
		k[i] = byte(w.random.Uint32())
	}
	return k
}

func (w *walkers) batch(entries int) engine.Batch {
	var batch engine.Batch
	for range entries {
		w.position++
		segment := w.random.IntN(len(w.segments))
		canvasser := w.random.Uint64N(2_000)
		e := engine.Entry{
			Position: w.position, Campaign: "paris-2026", Kind: engine.Attempt, Body: w.key(), Door: w.key(),
			Arrived: w.began.Add(time.Duration(w.position) * 500 * time.Millisecond), Team: fmt.Sprintf("team-%d", canvasser%40),
			Segment: w.segments[segment], Precinct: w.segments[segment%900], Cell: w.cells[segment],
			Result: "not_home", Support: engine.NotSaid, Turnout: engine.NotSaid, Script: "v3",
			Consent: engine.ConsentNone, Purpose: "canvass", Expires: w.began.AddDate(0, 6, 0),
		}
		id := w.key()
		id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
		e.ID = [16]byte(id)
		copy(e.Canvasser[:], fmt.Sprintf("%016d", canvasser*0x9e3779b9))
		e.Happened = e.Arrived.Add(-time.Duration(w.random.IntN(7_200)) * time.Second)
		e.Day = int32(e.Happened.Unix() / 86_400)
		switch w.random.IntN(6) {
		case 0:
			e.Result, e.Support, e.Turnout = engine.ResultContact, int8(w.random.IntN(5)-2), int8(w.random.IntN(5)-2)
			e.Issues = 1 << w.random.IntN(20)
		case 1:
			e.Result = engine.ResultRefused
		}
		batch.Entries = append(batch.Entries, e)
	}
	for i := range entries / 50 {
		w.position++
		batch.Settlements = append(batch.Settlements, engine.Settlement{
			Position: batch.Entries[i*50].Position, At: w.position, Effect: engine.Nothing,
		})
	}
	batch.SettledTo = w.position
	return batch
}

// filled opens a store with as many entries.
func filled(b *testing.B, entries int) *Store {
	b.Helper()
	store := openStore(b, b.TempDir())
	b.Cleanup(func() {
		if err := store.Close(); err != nil {
			b.Error(err)
		}
	})
	for w := newWalkers(); entries > 0; entries -= 50_000 {
		if err := store.Commit(b.Context(), w.batch(min(entries, 50_000))); err != nil {
			b.Fatal(err)
		}
	}
	return store
}

func BenchmarkStoreCommit(b *testing.B) {
	for _, size := range []int{1, 20, 100, 500} {
		b.Run(fmt.Sprintf("entries=%d", size), func(b *testing.B) {
			store, w := openStore(b, b.TempDir()), newWalkers()
			defer store.Close()
			var longest time.Duration
			for b.Loop() {
				b.StopTimer()
				batch := w.batch(size)
				b.StartTimer()
				began := time.Now()
				if err := store.Commit(b.Context(), batch); err != nil {
					b.Fatal(err)
				}
				longest = max(longest, time.Since(began))
			}
			b.ReportMetric(float64(longest.Microseconds())/1e3, "longest-ms")
		})
	}
}

func BenchmarkStoreRollup(b *testing.B) {
	for _, entries := range []int{100_000, *largestLog} {
		store := filled(b, entries)
		for _, by := range []engine.Dimension{engine.BySegment, engine.ByPrecinct, engine.ByDay, engine.ByCell} {
			question := engine.Question{Campaign: "paris-2026", By: []engine.Dimension{by}, Resolution: 9}
			benchmarkRollup(b, fmt.Sprintf("entries=%d/by=%s", entries, by), store, question)
		}
		one := newWalkers().segments[0]
		benchmarkRollup(b, fmt.Sprintf("entries=%d/one-precinct", entries), store,
			engine.Question{Campaign: "paris-2026", By: []engine.Dimension{engine.BySegment}, Precincts: []int64{one}})
	}
}

func benchmarkRollup(b *testing.B, name string, store *Store, question engine.Question) {
	b.Run(name, func(b *testing.B) {
		rows := 0
		for b.Loop() {
			rows = 0
			if err := store.Rollup(b.Context(), question, func(*engine.RollupRow) error { rows++; return nil }); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(rows), "rows")
	})
}

func BenchmarkStoreReplay(b *testing.B) {
	store := filled(b, *largestLog)
	last := store.done.last
	for _, c := range []struct {
		name      string
		selection engine.Selection
	}{
		{"all", engine.Selection{}},
		{"identities", engine.Selection{Identities: true}},
		{"changed-all", engine.Selection{Changed: true}},
		{"changed-last-1000", engine.Selection{Changed: true, After: last - 1_000, Limit: 1_000}},
		{"precinct", engine.Selection{Precinct: newWalkers().segments[0]}},
		{"one-position", engine.Selection{Positions: []int64{last / 2}}},
		{"one-door", engine.Selection{Door: engine.Key{1}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			c.selection.Campaign = "paris-2026"
			entries := 0
			for b.Loop() {
				entries = 0
				err := store.Replay(b.Context(), c.selection, func(batch []engine.Kept) error { entries += len(batch); return nil })
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(entries), "entries")
		})
	}
}

// BenchmarkStoreOpen opens a store and asks its health, and reports what an entry takes on the disk.
func BenchmarkStoreOpen(b *testing.B) {
	files := filled(b, *largestLog).files
	again := b.TempDir()
	if err := os.CopyFS(again, os.DirFS(files.dir)); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		store := openStore(b, again)
		if _, err := store.Health(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := store.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	info, err := os.Stat(storeFiles{again}.log())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Size())/float64(*largestLog), "bytes/entry")
}

func BenchmarkStoreErase(b *testing.B) {
	store := filled(b, *largestLog)
	position := int64(0)
	for b.Loop() {
		position++
		if err := store.Erase(b.Context(), "paris-2026", []int64{position}, engine.Batch{}); err != nil {
			b.Fatal(err)
		}
	}
}

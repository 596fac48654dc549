//go:build duckdb_arrow

package benchmarks

import (
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/columns"
	"github.com/arpent/arpent/engine/duckdb"
	"github.com/arpent/arpent/geo"
)

var (
	mostReturns = flag.Int("returns", 10_000_000, "returns of the largest log that is rolled up: 100000000 takes 5 GB")
	mostStored  = flag.Int("stored", 10_000_000, "returns of the largest log that is in DuckDB too")
)

// canvassed draws the returns of a campaign: segments in 900 precincts, 40 teams on 60 days, three returns a door; one in a hundred is settled to
// count for nothing.
type canvassed struct {
	r        *rand.Rand
	returns  int
	position int64
	cells    []int64 // by segment
	teams    []string
	began    time.Time
	entries  []engine.Entry // of the last batch
}

const canvassedSegments = 60_000

func newCanvassed(returns, segments int) *canvassed {
	c := &canvassed{r: rand.New(rand.NewPCG(5, 6)), returns: returns, began: time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC)}
	for team := range 40 {
		c.teams = append(c.teams, fmt.Sprintf("team-%d", team))
	}
	for range segments {
		cell, err := geo.CellAt(2.25+c.r.Float64()/6, 48.82+c.r.Float64()/12, engine.FinestResolution)
		if err != nil {
			panic(err) // constants of this file
		}
		c.cells = append(c.cells, int64(cell))
	}
	return c
}

func (c *canvassed) batch(size int) engine.Batch {
	batch := engine.Batch{Entries: c.entries[:0]}
	for range size {
		c.position++
		door := c.r.Uint64N(uint64(c.returns)/3 + 1)
		segment := door % uint64(len(c.cells))
		e := engine.Entry{
			Position: c.position, Campaign: fieldCampaign, Kind: engine.Attempt, Day: 20_727 + int32(60*c.position/int64(c.returns)), Team: c.teams[c.r.IntN(40)],
			Segment: int64(segment) + 1, Precinct: int64(segment%900) + 1, Cell: c.cells[segment], Result: engine.ResultNotHome,
			Support: engine.NotSaid, Turnout: engine.NotSaid, Consent: engine.ConsentNone, Purpose: "canvass",
			Arrived: c.began, Happened: c.began, Expires: c.began.AddDate(0, 6, 0),
		}
		binary.LittleEndian.PutUint64(e.Door[:], (door+1)*0x9E3779B97F4A7C15)
		binary.LittleEndian.PutUint64(e.Door[8:], (door+1)*0xBF58476D1CE4E5B9)
		binary.LittleEndian.PutUint64(e.ID[:], c.r.Uint64())
		binary.LittleEndian.PutUint64(e.ID[8:], uint64(c.position))
		switch c.r.IntN(20) {
		case 0:
			e.Kind, e.Result, e.Action, e.Count = engine.Action, "", "leafleting", int32(c.r.IntN(200))
		case 1, 2, 3, 4:
			e.Result = engine.ResultContact
		case 5:
			e.Result = engine.ResultRefused
		}
		batch.Entries = append(batch.Entries, e)
	}
	for i := 0; i < size; i += 100 {
		c.position++
		batch.Settlements = append(batch.Settlements, engine.Settlement{Position: batch.Entries[i].Position, At: c.position, Effect: engine.Nothing})
	}
	batch.SettledTo, c.entries = c.position, batch.Entries
	return batch
}

// nowhere is a store that keeps nothing, behind columns that are to be measured alone.
type nowhere struct{ engine.Store }

func (nowhere) Health(context.Context) (engine.StoreHealth, error) {
	return engine.StoreHealth{}, nil
}
func (nowhere) Commit(context.Context, engine.Batch) error { return nil }
func (nowhere) Replay(context.Context, engine.Selection, func([]engine.Kept) error) error {
	return nil
}
func (nowhere) Rollup(context.Context, engine.Question, func(*engine.RollupRow) error) error {
	return nil
}
func (nowhere) Close() error { return nil }

// BenchmarkRollup rolls up a log from columns, and from DuckDB where it is not too large. Both have to give the same rows.
func BenchmarkRollup(b *testing.B) {
	for returns := 1_000_000; returns <= *mostReturns; returns *= 10 {
		b.Run(fmt.Sprintf("returns=%d", returns), func(b *testing.B) {
			behind := engine.Store(nowhere{})
			if returns <= *mostStored {
				store, err := duckdb.OpenStore(b.Context(), b.TempDir())
				if err != nil {
					b.Fatal(err)
				}
				behind = store
			}
			held, mb := canvassedColumns(b, behind, returns, canvassedSegments)
			defer held.Close()
			for _, asked := range []struct {
				name     string
				question engine.Question
			}{
				{"segment", engine.Question{By: []engine.Dimension{engine.BySegment}}},
				{"cell", engine.Question{By: []engine.Dimension{engine.ByCell}, Resolution: 9}},
				{"day,team", engine.Question{By: []engine.Dimension{engine.ByDay, engine.ByTeam}}},
				{"segment-of-a-week", engine.Question{By: []engine.Dimension{engine.BySegment}, FromDay: 20_750, ToDay: 20_756}},
			} {
				asked.question.Campaign = fieldCampaign
				b.Run(asked.name+"/columns", func(b *testing.B) {
					perCPUSecond(b, returns, func() { rollUp(b, held, asked.question, func(*engine.RollupRow) {}) })
					b.ReportMetric(mb*1e6/float64(returns), "B/return")
				})
				if returns > *mostStored {
					continue
				}
				b.Run(asked.name+"/duckdb", func(b *testing.B) {
					perCPUSecond(b, returns, func() { rollUp(b, behind, asked.question, func(*engine.RollupRow) {}) })
				})
				var rows, want []engine.RollupRow
				rollUp(b, held, asked.question, func(row *engine.RollupRow) { rows = append(rows, *row) })
				rollUp(b, behind, asked.question, func(row *engine.RollupRow) { want = append(want, *row) })
				if !slices.Equal(rows, want) {
					b.Errorf("by %s the columns give %d rows, DuckDB %d, or others", asked.name, len(rows), len(want))
				}
			}
		})
	}
}

// canvassedColumns puts columns before a store and commits the returns of a campaign to both. It gives the memory that the columns hold too.
func canvassedColumns(b *testing.B, behind engine.Store, returns, segments int) (held *columns.Store, mb float64) {
	b.Helper()
	held, err := columns.New(b.Context(), behind, returns, slog.Default())
	if err != nil {
		b.Fatal(err)
	}
	rollUp(b, held, engine.Question{Campaign: fieldCampaign}, func(*engine.RollupRow) {}) // has the columns read, of which there are none yet
	time.Sleep(100 * time.Millisecond)
	return heldMB(b, func() *columns.Store {
		for c, left := newCanvassed(returns, segments), returns; left > 0; left -= 20_000 {
			if err := held.Commit(b.Context(), c.batch(min(left, 20_000))); err != nil {
				b.Fatal(err)
			}
		}
		return held
	})
}

func rollUp(b *testing.B, store engine.Store, question engine.Question, each func(*engine.RollupRow)) {
	b.Helper()
	if err := store.Rollup(b.Context(), question, func(row *engine.RollupRow) error {
		each(row)
		return nil
	}); err != nil {
		b.Fatal(err)
	}
}

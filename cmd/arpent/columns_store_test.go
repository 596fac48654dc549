package main

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/columns"
	"github.com/arpent/arpent/engine/duckdb"
	"github.com/arpent/arpent/geo"
)

// countedStore counts the roll-ups that it is asked for.
type countedStore struct {
	engine.Store
	rolledUp atomic.Int64
}

func (s *countedStore) Rollup(ctx context.Context, question engine.Question, each func(*engine.RollupRow) error) error {
	s.rolledUp.Add(1)
	return s.Store.Rollup(ctx, question, each)
}

func rolledUp(t *testing.T, store engine.Store, question engine.Question) (rows []engine.RollupRow) {
	t.Helper()
	if err := store.Rollup(t.Context(), question, func(row *engine.RollupRow) error {
		rows = append(rows, *row)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return rows
}

// returnsOfADay draws a commit of returns, some of them actions, and settles some of those before anew.
func returnsOfADay(r *rand.Rand, after int64, day int32) engine.Batch {
	var batch engine.Batch
	at := after
	for range 300 {
		at++
		place := r.Int64N(12)
		cell, _ := geo.CellAt(2.35+float64(place)/200, 48.85, 11+int(place%2)) // constants of this line
		e := engine.Entry{
			Position: at, Campaign: "spring", ID: [16]byte{byte(at), byte(at >> 8), 1}, Kind: engine.Attempt, Day: day, Team: []string{"", "north", "south"}[r.IntN(3)],
			Door: engine.Key{byte(r.IntN(60))}, Segment: place + 1, Precinct: place%3 + 1, Cell: int64(cell), Result: engine.CanvassResults()[r.IntN(4)],
			Support: int8(r.IntN(5) - 2), Turnout: engine.NotSaid, Arrived: time.Unix(1, 0).UTC(), Happened: time.Unix(1, 0).UTC(), Purpose: "canvass",
		}
		if r.IntN(10) == 0 {
			e.Kind, e.Result, e.Support, e.Action, e.Count = engine.Action, "", engine.NotSaid, "leafleting", int32(r.IntN(90))
		}
		batch.Entries = append(batch.Entries, e)
	}
	for range 40 {
		at++
		effect := []engine.Effect{engine.Counts, engine.AttemptOnly, engine.Nothing}[r.IntN(3)]
		batch.Settlements = append(batch.Settlements, engine.Settlement{Position: 1 + r.Int64N(after+300), At: at, Effect: effect})
	}
	batch.SettledTo = at
	return batch
}

// The columns of a server answer what DuckDB answers, after commits, corrections and erasures.
func TestRollUpsOfColumnsAreThoseOfDuckDB(t *testing.T) {
	kept, err := duckdb.OpenStore(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	behind := &countedStore{Store: kept}
	store, err := columns.New(t.Context(), behind, columns.MaxReturns, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	r := rand.New(rand.NewPCG(1, 7))
	cell, _ := geo.CellAt(2.35, 48.85, 7) // constants of this line
	last := int64(0)
	for day := int32(20_783); day < 20_787; day++ {
		batch := returnsOfADay(r, last, day)
		if err := store.Commit(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		last = batch.SettledTo
		if day == 20_785 {
			if err := store.Erase(t.Context(), "spring", []int64{3, 4, 5, 6, 7, 350}, engine.Batch{}); err != nil {
				t.Fatal(err)
			}
		}
		for asked := int64(-1); asked != behind.rolledUp.Load(); time.Sleep(time.Millisecond) { // until the columns are read
			asked = behind.rolledUp.Load()
			rolledUp(t, store, engine.Question{Campaign: "spring"})
		}
		asked := behind.rolledUp.Load()
		for _, q := range []engine.Question{
			{},
			{By: []engine.Dimension{engine.BySegment}},
			{By: []engine.Dimension{engine.ByCell}, Resolution: 9},
			{By: []engine.Dimension{engine.ByTeam, engine.ByCell, engine.ByDay}, Resolution: 11},
			{By: []engine.Dimension{engine.ByPrecinct, engine.BySegment}, Joined: map[int64]int64{1: 2, 4: 2}, Segments: []int64{2, 3}},
			{By: []engine.Dimension{engine.ByDay, engine.ByTeam}, Precincts: []int64{1, 3}, Teams: []string{"south", ""}},
			{By: []engine.Dimension{engine.BySegment}, Cell: int64(cell), FromDay: 20_784, ToDay: 20_785},
		} {
			q.Campaign = "spring"
			if got, want := rolledUp(t, store, q), rolledUp(t, kept, q); !slices.Equal(got, want) {
				t.Errorf("day %d: %+v\nof columns %+v\nof DuckDB  %+v", day, q, got, want)
			}
		}
		if behind.rolledUp.Load() != asked {
			t.Error("the store was asked what the columns hold")
		}
	}
}

package main

import (
	"context"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/duckdb"
	"github.com/arpent/arpent/engine/storetest"
	"github.com/arpent/arpent/engine/transfer"
)

// spread puts so much room between the positions of a history that a copy of it takes several commits.
func spread(batches []engine.Batch) []engine.Batch {
	const room = 6_000
	for b := range batches {
		batch := &batches[b]
		batch.SettledTo *= room
		for i := range batch.Entries {
			batch.Entries[i].Position *= room
		}
		for i := range batch.Settlements {
			batch.Settlements[i].Position *= room
			batch.Settlements[i].At *= room
		}
	}
	return batches
}

// onceFailing takes one commit and fails the next.
type onceFailing struct {
	engine.Store
	commits int
}

var errFullDisk = errors.New("the disk is full")

func (s *onceFailing) Commit(ctx context.Context, batch engine.Batch) error {
	if s.commits++; s.commits > 1 {
		return errFullDisk
	}
	return s.Store.Commit(ctx, batch)
}

func openDuckDB(t *testing.T, dir string) *duckdb.Store {
	t.Helper()
	store, err := duckdb.OpenStore(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

// wantSameAnswers asks two stores the same, also about the log as it was after each of its positions.
func wantSameAnswers(t *testing.T, got, want engine.Store, campaign string, positions []int64, seed int) {
	t.Helper()
	question := rapid.Custom(func(rt *rapid.T) engine.Question { return storetest.AnyQuestion(rt, campaign, 0, 10) }).Example(seed)
	for _, q := range []engine.Question{question, {Campaign: campaign, Answers: true, By: []engine.Dimension{engine.ByTeam, engine.ByDay}}} {
		for _, to := range append(positions, 0) {
			q.To = to
			if got, want := rolledUp(t, got, q), rolledUp(t, want, q); !slices.Equal(got, want) {
				t.Errorf("%+v\ngives %+v\nwant  %+v", q, got, want)
			}
		}
	}
}

// Logs with any history are copied from one DuckDB to another, interrupted at every commit, and answer everything as before.
func TestAnInterruptedCopyOfDuckDBIsWhole(t *testing.T) {
	campaigns := []string{"lyon", "paris"}
	histories := rapid.Custom(func(rt *rapid.T) []engine.Batch { return storetest.AnyBatches(rt, campaigns) })
	for seed := range 6 {
		source, target := openDuckDB(t, t.TempDir()), openDuckDB(t, t.TempDir())
		var positions []int64
		for _, batch := range spread(histories.Example(seed)) {
			if err := source.Commit(t.Context(), batch); err != nil {
				t.Fatal(err)
			}
			positions = append(positions, batch.SettledTo)
			for _, s := range batch.Settlements {
				positions = append(positions, s.At)
			}
			if len(batch.Entries) > 3 {
				if err := source.Erase(t.Context(), batch.Entries[2].Campaign, []int64{batch.Entries[2].Position}, engine.Batch{}); err != nil {
					t.Fatal(err)
				}
			}
		}
		err, tries := errFullDisk, 0
		for ; errors.Is(err, errFullDisk) && tries < 100; tries++ {
			_, err = transfer.Copy(t.Context(), source, &onceFailing{Store: target}, campaigns, func(string, int64, int64) {})
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("history %d: %d positions, copied in %d tries", seed, len(positions), tries)
		for _, campaign := range campaigns {
			wantSameAnswers(t, target, source, campaign, positions, seed)
		}
	}
}

package storetest

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/arpent/arpent/engine"
)

// Memory is the log as a store: the least that passes the contract, so that the contract, and who uses stores, is tested with no database. Its zero value
// is an empty store.
type Memory struct {
	mu      sync.Mutex
	log     Log
	replays int // and readings of settlements
}

// Commit adds a batch.
func (m *Memory) Commit(ctx context.Context, batch engine.Batch) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	m.log.Add(batch)
	return nil
}

// Rollup counts in plain loops.
func (m *Memory) Rollup(ctx context.Context, question engine.Question, each func(*engine.RollupRow) error) error {
	if err := errors.Join(question.Check(), ctx.Err()); err != nil {
		return err
	}
	m.mu.Lock()
	rows := m.log.Rollup(question)
	m.mu.Unlock()
	for i := range rows {
		if err := each(&rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// Replay gives the entries that are selected.
func (m *Memory) Replay(ctx context.Context, selection engine.Selection, each func([]engine.Kept) error) error {
	if selection.Campaign == "" {
		return errors.New("a replay is of one campaign")
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	m.replays++
	all := m.log.Replay(selection)
	m.mu.Unlock()
	for kept := range slices.Chunk(all, 1_000) {
		if err := each(kept); err != nil {
			return err
		}
	}
	return nil
}

// Settlements gives the settlements of a campaign's entries.
func (m *Memory) Settlements(ctx context.Context, campaign string, after, to int64, each func([]engine.Settlement) error) error {
	if campaign == "" {
		return errors.New("settlements are of one campaign")
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	m.replays++
	all := m.log.Settlements(campaign, after, to)
	m.mu.Unlock()
	for some := range slices.Chunk(all, 1_000) {
		if err := each(some); err != nil {
			return err
		}
	}
	return nil
}

// Erase removes entries and commits a batch.
func (m *Memory) Erase(ctx context.Context, campaign string, positions []int64, batch engine.Batch) error {
	if campaign == "" {
		return errors.New("an erasure is in one campaign")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	m.log.Erase(campaign, positions, batch)
	return nil
}

// Health says how far the log has come.
func (m *Memory) Health(ctx context.Context) (engine.StoreHealth, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.log.Health(), ctx.Err()
}

// Close does nothing: the log stays as it is.
func (m *Memory) Close() error { return nil }

package storetest

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/arpent/arpent/engine"
)

// memoryStore is the log as a store: the least that passes the contract, so that the contract is tested with no database.
type memoryStore struct {
	mu      sync.Mutex
	log     Log
	replays int
}

func (m *memoryStore) Commit(ctx context.Context, batch engine.Batch) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	m.log.Add(batch)
	return nil
}

func (m *memoryStore) Rollup(ctx context.Context, question engine.Question, each func(*engine.RollupRow) error) error {
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

func (m *memoryStore) Replay(ctx context.Context, selection engine.Selection, each func([]engine.Kept) error) error {
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

func (m *memoryStore) Erase(ctx context.Context, campaign string, positions []int64, batch engine.Batch) error {
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

func (m *memoryStore) Health(ctx context.Context) (engine.StoreHealth, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.log.Health(), ctx.Err()
}

func (m *memoryStore) Close() error { return nil }

package field

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/storetest"
)

// memoryStore is the log of storetest as a store. It can be slow, fail, and hold the ids back.
type memoryStore struct {
	owes     error // of an erasure that is committed
	erasures int
	mu       sync.RWMutex
	log      storetest.Log
	pause    time.Duration
	fail     error                       // of the next commits and erasures
	held     chan struct{}               // not nil: identities wait until it is closed
	count    func(context.Context) error // not nil: what it takes to count
	commits  int
	torn     atomic.Int32 // of so many readings by position each fails
}

var errFull = errors.New("the disk is full")

func (m *memoryStore) Commit(_ context.Context, batch engine.Batch) error {
	time.Sleep(m.pause)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	m.commits++
	m.log.Add(batch)
	return nil
}

func (m *memoryStore) Rollup(ctx context.Context, question engine.Question, each func(*engine.RollupRow) error) error {
	if m.count != nil {
		if err := m.count(ctx); err != nil {
			return err
		}
	}
	m.mu.RLock()
	rows := m.log.Rollup(question)
	m.mu.RUnlock()
	for i := range rows {
		if err := each(&rows[i]); err != nil {
			return err
		}
	}
	return nil
}

func (m *memoryStore) Replay(ctx context.Context, selection engine.Selection, each func([]engine.Kept) error) error {
	if selection.Identities && m.held != nil {
		select {
		case <-m.held:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if len(selection.Positions) > 0 && m.torn.Add(-1) >= 0 {
		return errFull
	}
	m.mu.RLock()
	kept := m.log.Replay(selection)
	m.mu.RUnlock()
	if len(kept) == 0 {
		return nil
	}
	return each(kept)
}

func (m *memoryStore) Settlements(_ context.Context, campaign string, after, to int64, each func([]engine.Settlement) error) error {
	m.mu.RLock()
	settlements := m.log.Settlements(campaign, after, to)
	m.mu.RUnlock()
	if len(settlements) == 0 {
		return nil
	}
	return each(settlements)
}

func (m *memoryStore) Erase(_ context.Context, campaign string, positions []int64, batch engine.Batch) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	m.log.Erase(campaign, positions, batch)
	m.erasures++
	return m.owes
}

func (m *memoryStore) Health(context.Context) (engine.StoreHealth, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.log.Health(), nil
}

func (m *memoryStore) Close() error { return nil }

func (m *memoryStore) setFailure(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = err
}

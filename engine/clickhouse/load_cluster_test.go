//go:build cluster

package clickhouse

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/storetest"
	"github.com/arpent/arpent/geo"
)

// limits are short in these tests: what a caller waits at most is twice that of a read, and a little.
const (
	limits  = "read=3s&write=3s"
	longest = 2*3*time.Second + time.Second
)

// knock is an attempt at a door of its own, somewhere in Paris, so that the shards have their shares.
func knock(t testing.TB, position int64) engine.Entry {
	t.Helper()
	cell, err := geo.CellAt(2.25+float64(position%37)*0.004, 48.82+float64(position%29)*0.003, 12)
	if err != nil {
		t.Fatal(err)
	}
	door := knockDoor(position)
	at := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC).Add(time.Duration(position) * time.Second)
	return engine.Entry{
		Position: position, Campaign: "paris", Arrived: at, ID: uuid.UUID(door), Kind: engine.Attempt, Body: door, Happened: at, Day: 20_783, Team: "north",
		Door: door, Segment: position%97 + 1, Precinct: position%13 + 1, Cell: int64(cell), Result: engine.ResultContact, Support: int8(position%5 - 2),
		Turnout: engine.NotSaid, Consent: engine.ConsentNone, Purpose: "canvass",
	}
}

// knockDoor is the door of a knock: bytes that no compression makes fewer.
func knockDoor(position int64) engine.Key {
	hash := sha256.Sum256(binary.LittleEndian.AppendUint64(nil, uint64(position)))
	return engine.Key(hash[:16])
}

// onDisk are the first half of a key as ClickHouse has a UUID: as a number of 64 bits, the lowest byte first.
func onDisk(key engine.Key) []byte {
	half := slices.Clone(key[:8])
	slices.Reverse(half)
	return half
}

// batchSize of a load is small and odd, so that a part of a commit is seen.
const batchSize = 7

// load commits batches, one after the other, as the one writer of a store does, and holds what was acknowledged against what readers are told.
type load struct {
	t     *testing.T
	store engine.Store

	position int64
	log      storetest.Log
	slowest  time.Duration

	mu        sync.Mutex
	kept      int                  // batches that were acknowledged
	begun     int                  // and the one that is under way
	histories [][]engine.RollupRow // the answer after so many batches
	refused   int
	answered  int
	failed    int
}

var byPrecinct = engine.Question{Campaign: "paris", By: []engine.Dimension{engine.ByPrecinct}, Answers: true}

func newLoad(t *testing.T, store engine.Store) *load {
	return &load{t: t, store: store, histories: [][]engine.RollupRow{nil}}
}

// commit tries one batch.
func (l *load) commit() error {
	var batch engine.Batch
	for range batchSize {
		l.position++
		batch.Entries = append(batch.Entries, knock(l.t, l.position))
	}
	batch.SettledTo = l.position
	after := l.log
	after.Add(batch)
	answer := after.Rollup(byPrecinct)
	l.mu.Lock()
	l.begun = l.kept + 1
	l.histories = append(l.histories[:l.begun], answer)
	l.mu.Unlock()
	began := time.Now()
	err := l.store.Commit(l.t.Context(), batch)
	l.slowest = max(l.slowest, time.Since(began))
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.begun = l.kept
		l.refused++
		if !errors.Is(err, engine.ErrStoreUnavailable) {
			l.t.Errorf("a commit failed, and not because the store is away: %v", err)
		}
		return err
	}
	l.kept++
	l.log.Add(batch)
	return nil
}

// ask asks once: the answer is that after some number of batches that were kept when it came, or an error.
func (l *load) ask() error {
	l.mu.Lock()
	least := l.kept
	l.mu.Unlock()
	var answer []engine.RollupRow
	began := time.Now()
	err := l.store.Rollup(l.t.Context(), byPrecinct, func(row *engine.RollupRow) error {
		answer = append(answer, *row)
		return nil
	})
	if took := time.Since(began); took > longest {
		l.t.Errorf("a question took %v, and may take %v", took, longest)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.failed++
		if !errors.Is(err, engine.ErrStoreUnavailable) {
			l.t.Errorf("a question failed, and not because the store is away: %v", err)
		}
		return err
	}
	l.answered++
	for n := least; n <= l.begun; n++ {
		if slices.Equal(answer, l.histories[n]) {
			return nil
		}
	}
	l.t.Errorf("an answer is none of those after %d to %d batches: %+v", least, l.begun, answer)
	return nil
}

// begin commits and asks, some times a second, until it is stopped.
func (l *load) begin() (stop func()) {
	var work sync.WaitGroup
	done := make(chan struct{})
	for _, do := range []func() error{l.commit, l.ask, l.ask} {
		work.Go(func() {
			for {
				select {
				case <-done:
					return
				case <-time.After(30 * time.Millisecond):
					_ = do() // it has looked at the error
				}
			}
		})
	}
	return sync.OnceFunc(func() {
		close(done)
		work.Wait()
	})
}

// counts gives what was kept and refused, answered and failed until now.
func (l *load) counts() (kept, refused, answered, failed int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept, l.refused, l.answered, l.failed
}

// wantAll compares everything that is in a store with everything that was acknowledged.
func (l *load) wantAll(store engine.Store) {
	l.t.Helper()
	want := l.log.Replay(engine.Selection{Campaign: "paris"})
	var got []engine.Kept
	err := store.Replay(l.t.Context(), engine.Selection{Campaign: "paris"}, func(kept []engine.Kept) error {
		got = append(got, kept...)
		return nil
	})
	if err != nil {
		l.t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		l.t.Fatalf("the store has %d entries, %d were acknowledged, or they are not the same", len(got), len(want))
	}
}

// eventually does something until it succeeds.
func eventually(t *testing.T, do func() error) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		err := do()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("after 30 s still: %v", err)
		}
	}
}

func open(t *testing.T, address string) *Store {
	t.Helper()
	store, err := Open(t.Context(), address, "")
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

package columns

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/storetest"
)

// memoryStore is the log of storetest as a store.
type memoryStore struct {
	mu      sync.RWMutex
	log     storetest.Log
	asked   int           // roll-ups
	reading chan struct{} // not nil: a replay takes what it gives, and waits until it is closed
	fail    error         // of replays
}

var errNoCampaign = errors.New("of no campaign")

func (m *memoryStore) Commit(ctx context.Context, batch engine.Batch) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if ctx.Err() == nil {
		m.log.Add(batch)
	}
	return ctx.Err()
}

func (m *memoryStore) Rollup(ctx context.Context, question engine.Question, each func(*engine.RollupRow) error) error {
	m.mu.Lock()
	m.asked++
	rows := m.log.Rollup(question)
	m.mu.Unlock()
	for i := range rows {
		if err := each(&rows[i]); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (m *memoryStore) Replay(ctx context.Context, selection engine.Selection, each func([]engine.Kept) error) error {
	if selection.Campaign == "" {
		return errNoCampaign
	}
	m.mu.RLock()
	kept, reading, fail := m.log.Replay(selection), m.reading, m.fail
	m.mu.RUnlock()
	if reading != nil {
		<-reading
	}
	if err := errors.Join(ctx.Err(), fail); err != nil {
		return err
	}
	for some := range slices.Chunk(kept, 1_000) {
		if err := each(some); err != nil {
			return err
		}
	}
	return nil
}

func (m *memoryStore) Settlements(ctx context.Context, campaign string, after, to int64, each func([]engine.Settlement) error) error {
	if campaign == "" {
		return errNoCampaign
	}
	m.mu.RLock()
	settlements := m.log.Settlements(campaign, after, to)
	m.mu.RUnlock()
	if len(settlements) == 0 || ctx.Err() != nil {
		return ctx.Err()
	}
	return each(settlements)
}

func (m *memoryStore) Erase(ctx context.Context, campaign string, positions []int64, batch engine.Batch) error {
	if campaign == "" {
		return errNoCampaign
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if ctx.Err() == nil {
		m.log.Erase(campaign, positions, batch)
	}
	return ctx.Err()
}

func (m *memoryStore) Health(ctx context.Context) (engine.StoreHealth, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.log.Health(), ctx.Err()
}

func (m *memoryStore) Close() error { return nil }

// readStore has its columns read before every question, or before every commit too, so that they have it from there. What of a question is not about
// answers, which are the store's behind, it compares with the columns.
type readStore struct {
	*Store
	t      *testing.T
	before bool // every commit
}

func (s readStore) Commit(ctx context.Context, batch engine.Batch) error {
	if s.before && len(batch.Entries) > 0 {
		s.readNow(ctx, batch.Entries[0].Campaign)
	}
	return s.Store.Commit(ctx, batch)
}

func (s readStore) Rollup(ctx context.Context, question engine.Question, each func(*engine.RollupRow) error) error {
	s.readNow(ctx, question.Campaign)
	if !question.Answers || question.To != 0 {
		return s.Store.Rollup(ctx, question, each)
	}
	var behind []engine.RollupRow
	if err := s.Store.Rollup(ctx, question, func(row *engine.RollupRow) error {
		without := *row
		without.Answers, without.Households, without.Support = 0, 0, [5]int64{}
		behind = append(behind, without)
		return each(row)
	}); err != nil {
		return err
	}
	question.Answers = false
	var rows []engine.RollupRow
	err := s.Store.Rollup(ctx, question, func(row *engine.RollupRow) error {
		rows = append(rows, *row)
		return nil
	})
	if !slices.Equal(rows, behind) {
		s.t.Errorf("%+v\nof the columns %+v\nof the store   %+v", question, rows, behind)
	}
	return err
}

// readNow reads the columns of a campaign unless they are there.
func (s *Store) readNow(ctx context.Context, campaign string) {
	if c := s.begin(campaign); c != nil {
		s.read(ctx, campaign, c) // where it cannot, the store behind answers
	}
}

func openColumns(t *testing.T, behind engine.Store, most int) *Store {
	t.Helper()
	s, err := New(t.Context(), behind, most, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Columns before a store are a store, and count what plain loops count of any history.
func TestStore(t *testing.T) {
	for name, before := range map[string]bool{"read when asked": false, "read before commits": true} {
		t.Run(name, func(t *testing.T) {
			stores := map[string]*memoryStore{}
			storetest.Run(t, func(t *testing.T, dir string) engine.Store {
				if stores[dir] == nil {
					stores[dir] = &memoryStore{}
				}
				return readStore{openColumns(t, stores[dir], MaxReturns), t, before}
			})
		})
	}
}

var bySegment = engine.Question{Campaign: "paris", By: []engine.Dimension{engine.BySegment}}

func attempts(positions ...int64) engine.Batch {
	batch := engine.Batch{}
	for _, p := range positions {
		batch.Entries = append(batch.Entries, engine.Entry{
			Position: p, Campaign: "paris", Kind: engine.Attempt, Result: engine.ResultContact, Segment: p % 2, Door: engine.Key{byte(p)}, Support: engine.NotSaid,
		})
		batch.SettledTo = p
	}
	return batch
}

// ask asks a question, and says whether the store behind was asked.
func ask(t *testing.T, s *Store, question engine.Question) (rows []engine.RollupRow, behind bool) {
	t.Helper()
	m := s.Store.(*memoryStore)
	asked := m.asked
	if err := s.Rollup(t.Context(), question, func(row *engine.RollupRow) error {
		rows = append(rows, *row)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if want := m.log.Rollup(question); !slices.Equal(rows, want) {
		t.Errorf("%+v\ngives %+v\nwant  %+v", question, rows, want)
	}
	return rows, m.asked > asked
}

func commit(t *testing.T, s *Store, batch engine.Batch) {
	t.Helper()
	if err := s.Commit(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
}

// The first question has the columns read; from then on they answer, also of what is committed while they are read and after.
func TestColumnsAreReadAtTheFirstQuestion(t *testing.T) {
	m := &memoryStore{reading: make(chan struct{})}
	m.log.Add(attempts(1, 2, 3))
	s := openColumns(t, m, MaxReturns)
	if _, behind := ask(t, s, bySegment); !behind {
		t.Error("what is not read yet has answered")
	}
	later := attempts(4, 5)
	later.Settlements = []engine.Settlement{{Position: 2, At: 6, Effect: engine.Nothing}}
	commit(t, s, later)
	if _, behind := ask(t, s, bySegment); !behind {
		t.Error("what is not read yet has answered")
	}
	close(m.reading)
	s.work.Wait()
	commit(t, s, attempts(7))
	rows, behind := ask(t, s, bySegment)
	if behind || len(rows) != 2 || rows[0].Doors != 1 || rows[1].Doors != 4 {
		t.Errorf("by the store behind: %v; %+v", behind, rows)
	}
	for _, q := range []engine.Question{{Campaign: "paris", Answers: true}, {Campaign: "paris", To: 3}} {
		if _, behind := ask(t, s, q); !behind {
			t.Errorf("the columns do not hold what %+v asks for", q)
		}
	}
}

// After an erasure nothing of what was erased is held, also where it came while the columns were read.
func TestColumnsAreGivenUpByAnErasure(t *testing.T) {
	for name, whileRead := range map[string]bool{"after": false, "while they are read": true} {
		m := &memoryStore{reading: make(chan struct{})}
		m.log.Add(attempts(1, 2, 3))
		s := openColumns(t, m, MaxReturns)
		ask(t, s, bySegment)
		if !whileRead {
			close(m.reading)
			s.work.Wait()
		}
		if err := s.Erase(t.Context(), "paris", []int64{2}, engine.Batch{}); err != nil {
			t.Fatal(err)
		}
		if whileRead {
			close(m.reading)
			s.work.Wait()
		}
		if len(s.campaigns) != 0 {
			t.Errorf("%s: columns are held", name)
		}
		ask(t, s, bySegment)
		s.work.Wait()
		if rows, behind := ask(t, s, bySegment); behind || len(rows) != 1 {
			t.Errorf("%s: by the store behind: %v; %+v", name, behind, rows)
		}
	}
}

// More returns than may be held are the store's behind, also where they come one by one, and of campaigns it is the largest.
func TestNoMoreIsHeldThanMayBe(t *testing.T) {
	m := &memoryStore{}
	m.log.Add(attempts(1, 2, 3))
	s := openColumns(t, m, 4)
	s.readNow(t.Context(), "lyon")
	s.readNow(t.Context(), "paris")
	commit(t, s, attempts(4))
	if _, behind := ask(t, s, bySegment); behind {
		t.Error("four returns are not held")
	}
	commit(t, s, attempts(5))
	for range 2 {
		if _, behind := ask(t, s, bySegment); !behind {
			t.Error("five returns are held")
		}
		s.work.Wait()
	}
	if _, behind := ask(t, s, engine.Question{Campaign: "lyon"}); behind {
		t.Error("the small campaign is not held")
	}
	if s := openColumns(t, m, 4); s.read(t.Context(), "paris", s.begin("paris")) != nil || !s.campaigns["paris"].refused {
		t.Error("five returns are read")
	}
}

// A store that cannot be read, or has not settled all, is asked itself, and read at the next question.
func TestColumnsThatCannotBeRead(t *testing.T) {
	m := &memoryStore{fail: engine.ErrStoreDamaged}
	m.log.Add(attempts(1, 2, 3))
	s := openColumns(t, m, MaxReturns)
	unsettled := attempts(4)
	unsettled.SettledTo = 0
	for range 2 {
		if _, behind := ask(t, s, bySegment); !behind {
			t.Error("nothing was read, and it answered")
		}
		s.work.Wait()
		m.fail = nil
		m.log.Add(unsettled)
		unsettled = engine.Batch{}
	}
	commit(t, s, engine.Batch{SettledTo: 4})
	ask(t, s, bySegment)
	s.work.Wait()
	if rows, behind := ask(t, s, bySegment); behind || rows[0].Attempts != 2 {
		t.Errorf("by the store behind: %v; %+v", behind, rows)
	}
}

// Where a day and a team of every place would be more counters than there may be, only pairs that are there are counted.
func TestManyGroups(t *testing.T) {
	m := &memoryStore{}
	s := openColumns(t, m, MaxReturns)
	s.readNow(t.Context(), "paris")
	var batch engine.Batch
	for p := range int64(3_000) {
		e := attempts(p + 1).Entries[0]
		e.Segment, e.Day, e.Team = p/2, int32(p/2), []string{"north", "south"}[p%2]
		e.Door = engine.Key{byte(p / 4), byte(p / 4 >> 8), 1} // tried in several segments, on several days, and by two teams
		batch.Entries, batch.SettledTo = append(batch.Entries, e), p+1
	}
	commit(t, s, batch)
	for _, by := range [][]engine.Dimension{{engine.ByDay, engine.BySegment}, {engine.ByTeam, engine.BySegment, engine.ByDay}, {engine.ByTeam}} {
		if _, behind := ask(t, s, engine.Question{Campaign: "paris", By: by, FromDay: 7}); behind {
			t.Errorf("by %v the store behind was asked", by)
		}
	}
}

// What is looked at stays as it was, whatever is committed and settled meanwhile.
func TestAViewStaysAsItWas(t *testing.T) {
	s := openColumns(t, &memoryStore{}, MaxReturns)
	s.readNow(t.Context(), "paris")
	commit(t, s, attempts(1, 2, 3))
	seen, _ := s.look("paris")
	later := attempts(5)
	later.Settlements = []engine.Settlement{{Position: 2, At: 6, Effect: engine.Nothing}}
	commit(t, s, later)
	if err := seen.rollUp(t.Context(), &engine.Question{}, func(row *engine.RollupRow) error {
		if row.Attempts != 3 {
			t.Errorf("%d attempts, and there were 3", row.Attempts)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

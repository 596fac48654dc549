package storetest

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// A fault is what makes a store a bad one: what it does instead of a method of the good one, where that is not nil.
type fault struct {
	name    string
	foundBy string // the test of the contract that does not pass

	commit  func(context.Context, *Memory, engine.Batch) error
	rollup  func(context.Context, *Memory, engine.Question, func(*engine.RollupRow) error) error
	replay  func(context.Context, *Memory, engine.Selection, func([]engine.Kept) error) error
	settled func(context.Context, *Memory, string, int64, int64, func([]engine.Settlement) error) error
	erase   func(context.Context, *Memory, string, []int64, engine.Batch) error
	health  func(*Memory) engine.StoreHealth
	open    func(*Memory)
}

// badStore is a good store with a fault.
type badStore struct {
	*Memory
	fault fault
}

func (s badStore) Commit(ctx context.Context, batch engine.Batch) error {
	if s.fault.commit != nil {
		return s.fault.commit(ctx, s.Memory, batch)
	}
	return s.Memory.Commit(ctx, batch)
}

func (s badStore) Rollup(ctx context.Context, question engine.Question, each func(*engine.RollupRow) error) error {
	if s.fault.rollup != nil {
		return s.fault.rollup(ctx, s.Memory, question, each)
	}
	return s.Memory.Rollup(ctx, question, each)
}

func (s badStore) Replay(ctx context.Context, selection engine.Selection, each func([]engine.Kept) error) error {
	if s.fault.replay != nil {
		return s.fault.replay(ctx, s.Memory, selection, each)
	}
	return s.Memory.Replay(ctx, selection, each)
}

func (s badStore) Settlements(ctx context.Context, campaign string, after, to int64, each func([]engine.Settlement) error) error {
	if s.fault.settled != nil {
		return s.fault.settled(ctx, s.Memory, campaign, after, to, each)
	}
	return s.Memory.Settlements(ctx, campaign, after, to, each)
}

func (s badStore) Erase(ctx context.Context, campaign string, positions []int64, batch engine.Batch) error {
	if s.fault.erase != nil {
		return s.fault.erase(ctx, s.Memory, campaign, positions, batch)
	}
	return s.Memory.Erase(ctx, campaign, positions, batch)
}

func (s badStore) Health(ctx context.Context) (engine.StoreHealth, error) {
	if s.fault.health != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.fault.health(s.Memory), ctx.Err()
	}
	return s.Memory.Health(ctx)
}

// Names of tests that find several faults.
const (
	everyFieldTest  = "every field comes back"
	anyHistoryTest  = "any history answers as counted by hand"
	settlementsTest = "settlements come in the order they were given in"
	doorsTest       = "doors and households are different doors"
	inParentsTest   = "a cell is in its parents"
)

// faults lists bad stores: at least one for each test of the contract, one for each column of an entry, and one for each field of what is asked.
func faults() []fault {
	commitSeen, erasureSeen := untilReplayed(), untilReplayed()
	var left []engine.Settlement // of what was erased
	all := []fault{
		{name: "the last return of a commit is lost", foundBy: everyFieldTest, commit: keeping(loseLast(1))},
		{name: "the last return of a long commit is lost", foundBy: "long logs come whole and in order", commit: keeping(loseLast(2_048))},
		{name: "the first return of a commit is kept twice", foundBy: everyFieldTest, commit: keeping(func(b *engine.Batch) {
			b.Entries = append(b.Entries[:min(1, len(b.Entries))], b.Entries...)
		})},
		{name: "a copy of a return is not kept", foundBy: "copies are all kept", commit: commitNoCopies},
		{name: "the day is the next one", foundBy: everyFieldTest, commit: keepingEach(func(e *engine.Entry) { e.Day++ })},
		{name: "the day is that of UTC", foundBy: everyFieldTest, commit: keepingEach(func(e *engine.Entry) { e.Day = dayIn(time.UTC, e.Happened) })},
		{name: "the day is that of the server", foundBy: anyHistoryTest, commit: keepingEach(func(e *engine.Entry) {
			e.Day = dayIn(time.FixedZone("", 14*3600), e.Happened)
		})},
		{name: "days before 1970 are its first", foundBy: anyHistoryTest, commit: keepingEach(func(e *engine.Entry) { e.Day = max(e.Day, 0) })},
		{name: "times are of milliseconds", foundBy: everyFieldTest, commit: keepingEach(func(e *engine.Entry) {
			e.Happened = e.Happened.Truncate(time.Millisecond)
		})},
		{name: "times are of milliseconds, also in the batch that was given", foundBy: everyFieldTest,
			commit: func(ctx context.Context, good *Memory, batch engine.Batch) error {
				for i := range batch.Entries {
					batch.Entries[i].Happened = batch.Entries[i].Happened.Truncate(time.Millisecond)
				}
				return good.Commit(ctx, batch)
			}},
		{name: "times are those of the server", foundBy: everyFieldTest, commit: keepingEach(func(e *engine.Entry) {
			e.Happened = e.Happened.In(time.FixedZone("", 3600))
		})},
		{name: "numbers are short", foundBy: everyFieldTest, commit: keepingEach(func(e *engine.Entry) { e.AccuracyM = float64(float32(e.AccuracyM)) })},
		{name: "the highest bit is a sign", foundBy: everyFieldTest, commit: keepingEach(func(e *engine.Entry) { e.Issues &= 1<<63 - 1 })},
		{name: "what was not said is the middle", foundBy: everyFieldTest, commit: keepingEach(func(e *engine.Entry) {
			if e.Turnout == engine.NotSaid {
				e.Turnout = 0
			}
		})},
		{name: "the last settlement of a commit is lost", foundBy: "the latest settlement holds", commit: keeping(func(b *engine.Batch) {
			b.Settlements = b.Settlements[:max(0, len(b.Settlements)-1)]
		})},
		{name: "the settlement that comes last holds", foundBy: "the latest settlement holds", commit: keeping(func(b *engine.Batch) {
			for i := range b.Settlements {
				b.Settlements[i].Effect = b.Settlements[len(b.Settlements)-1].Effect
			}
		})},
		{name: "what is committed is settled", foundBy: "what is not settled does not count", commit: keeping(func(b *engine.Batch) {
			if n := len(b.Entries); n > 0 {
				b.SettledTo = b.Entries[n-1].Position
			}
		})},
		{name: "an answer in conflict counts", foundBy: "an answer in conflict is an attempt", commit: keeping(func(b *engine.Batch) {
			for i := range b.Settlements {
				if b.Settlements[i].Effect == engine.AttemptOnly {
					b.Settlements[i].Effect = engine.Counts
				}
			}
		})},
		{name: "a commit that was cancelled is kept", foundBy: "a cancelled context ends the call",
			commit: func(ctx context.Context, good *Memory, batch engine.Batch) error {
				return errors.Join(good.Commit(context.WithoutCancel(ctx), batch), ctx.Err())
			}},
		{name: "half of a commit is seen", foundBy: "readers see whole commits",
			commit: func(ctx context.Context, good *Memory, batch engine.Batch) error {
				half := len(batch.Entries) / 2
				if err := good.Commit(ctx, engine.Batch{Entries: batch.Entries[:half]}); err != nil {
					return err
				}
				commitSeen(good)
				batch.Entries = batch.Entries[half:]
				return good.Commit(ctx, batch)
			}},

		{name: "nothing is a row of zeros", foundBy: "an empty store has nothing", rollup: counting(func(_ engine.Question, rows rollupRows) rollupRows {
			if len(rows) == 0 {
				return make(rollupRows, 1)
			}
			return rows
		})},
		{name: "households are doors", foundBy: doorsTest, rollup: countingEach(func(r *engine.RollupRow) { r.Households = r.Doors })},
		{name: "one door too many", foundBy: doorsTest, rollup: countingEach(func(r *engine.RollupRow) { r.Doors++ })},
		{name: "one door too few", foundBy: doorsTest, rollup: countingEach(func(r *engine.RollupRow) { r.Doors-- })},
		{name: "many doors are counted about", foundBy: "doors are counted exactly, however many", rollup: countingEach(func(r *engine.RollupRow) {
			if r.Doors > 1<<16 {
				r.Doors++
			}
		})},
		{name: "the last group is left out", foundBy: inParentsTest, rollup: counting(func(_ engine.Question, rows rollupRows) rollupRows {
			return rows[:max(1, len(rows)-1)]
		})},
		{name: "what has no team is left out", foundBy: anyHistoryTest, rollup: counting(func(q engine.Question, rows rollupRows) rollupRows {
			return slices.DeleteFunc(rows, func(r engine.RollupRow) bool { return slices.Contains(q.By, engine.ByTeam) && r.Team == "" })
		})},
		{name: "groups come in any order", foundBy: inParentsTest, rollup: counting(func(_ engine.Question, rows rollupRows) rollupRows {
			slices.Reverse(rows)
			return rows
		})},
		{name: "groups are of the next day", foundBy: anyHistoryTest, rollup: counting(func(q engine.Question, rows rollupRows) rollupRows {
			for i := range rows {
				if slices.Contains(q.By, engine.ByDay) {
					rows[i].Day++
				}
			}
			return rows
		})},
		{name: "cells are one size too small", foundBy: inParentsTest, rollup: asking(func(q *engine.Question) { q.Resolution = min(q.Resolution+1, 11) })},
		{name: "joined segments are apart", foundBy: "joined segments are counted under one id", rollup: asking(func(q *engine.Question) { q.Joined = nil })},
		{name: "the log is always as it is", foundBy: "a roll-up is as the log was", rollup: asking(func(q *engine.Question) { q.To = 0 })},
		{name: "a question without sense has no rows", foundBy: "questions without sense are refused",
			rollup: func(ctx context.Context, good *Memory, question engine.Question, each func(*engine.RollupRow) error) error {
				if question.Check() != nil {
					return nil
				}
				return good.Rollup(ctx, question, each)
			}},
		{name: "an error of each is kept back", foundBy: "an error of each ends the reading",
			rollup: func(ctx context.Context, good *Memory, question engine.Question, each func(*engine.RollupRow) error) error {
				stopped := false
				err := good.Rollup(ctx, question, func(row *engine.RollupRow) error {
					err := each(row)
					stopped = err != nil
					return err
				})
				if stopped {
					return nil
				}
				return err
			}},

		{name: "a replay goes on after an error", foundBy: "an error of each ends the reading",
			replay: func(ctx context.Context, good *Memory, selection engine.Selection, each func([]engine.Kept) error) (last error) {
				err := good.Replay(ctx, selection, func(kept []engine.Kept) error {
					for one := range slices.Chunk(kept, 1) {
						if err := each(one); err != nil {
							last = err
						}
					}
					return nil
				})
				if last != nil {
					return last
				}
				return err
			}},
		{name: "who replaces what is asked for comes from any campaign", foundBy: "no campaign sees another", replay: replayAlsoReplacing},
		{name: "the last entry of a long replay is lost", foundBy: "long logs come whole and in order", replay: giving(func(kept []engine.Kept) []engine.Kept {
			if len(kept) > 2_048 {
				return kept[:len(kept)-1]
			}
			return kept
		})},
		{name: "changes come in the order of their entries", foundBy: "changes come in the order of their revisions", replay: giving(func(kept []engine.Kept) []engine.Kept {
			slices.SortFunc(kept, func(a, b engine.Kept) int { return int(a.Position - b.Position) })
			return kept
		})},
		{name: "a revision is the position", foundBy: "the latest settlement holds", replay: giving(func(kept []engine.Kept) []engine.Kept {
			for i := range kept {
				kept[i].Revision = kept[i].Position
			}
			return kept
		})},

		{name: "of the settlements of an entry the latest is given alone", foundBy: settlementsTest, settled: settling(func(all []engine.Settlement) []engine.Settlement {
			latest := map[int64]int64{}
			for _, s := range all {
				latest[s.Position] = s.At
			}
			return slices.DeleteFunc(all, func(s engine.Settlement) bool { return s.At < latest[s.Position] })
		})},
		{name: "settlements come in the order of their entries", foundBy: settlementsTest, settled: settling(func(all []engine.Settlement) []engine.Settlement {
			slices.SortStableFunc(all, func(a, b engine.Settlement) int { return int(a.Position - b.Position) })
			return all
		})},
		{name: "the settlement of the position itself comes after it", foundBy: settlementsTest, settled: settledBetween(func(after, to int64) (int64, int64) {
			return after - 1, to
		})},
		{name: "settlements end before the last", foundBy: settlementsTest, settled: settledBetween(func(after, to int64) (int64, int64) { return after, to - 1 })},
		{name: "settlements have no end", foundBy: anyHistoryTest, settled: settledBetween(func(after, _ int64) (int64, int64) { return after, 1 << 62 })},
		{name: "settlements are of all campaigns", foundBy: "no campaign sees another",
			settled: func(_ context.Context, good *Memory, _ string, after, to int64, each func([]engine.Settlement) error) error {
				good.mu.Lock()
				all := slices.Clone(good.log.settlements)
				good.mu.Unlock()
				return each(slices.DeleteFunc(all, func(s engine.Settlement) bool { return s.At <= after || s.At > to }))
			}},
		{name: "the settlements of what is erased stay", foundBy: "what is erased is gone",
			erase: func(ctx context.Context, good *Memory, campaign string, positions []int64, batch engine.Batch) error {
				for _, s := range good.log.settlements { // one writer
					if slices.Contains(positions, s.Position) {
						left = append(left, s)
					}
				}
				return good.Erase(ctx, campaign, positions, batch)
			},
			settled: settling(func(all []engine.Settlement) []engine.Settlement {
				all = append(all, left...)
				slices.SortFunc(all, func(a, b engine.Settlement) int { return int(a.At - b.At) })
				return all
			})},

		{name: "what is erased stays", foundBy: "what is erased is gone",
			erase: func(ctx context.Context, good *Memory, _ string, _ []int64, batch engine.Batch) error {
				return good.Commit(ctx, batch)
			}},
		{name: "an erasure is in all campaigns", foundBy: "no campaign sees another",
			erase: func(ctx context.Context, good *Memory, campaign string, positions []int64, batch engine.Batch) error {
				for _, other := range []string{"paris", "lyon"} {
					if err := good.Erase(ctx, other, positions, engine.Batch{}); err != nil {
						return err
					}
				}
				return good.Erase(ctx, campaign, positions, batch)
			}},
		{name: "the batch of an erasure is lost", foundBy: "an erasure commits its batch",
			erase: func(ctx context.Context, good *Memory, campaign string, positions []int64, _ engine.Batch) error {
				return good.Erase(ctx, campaign, positions, engine.Batch{})
			}},
		{name: "half of an erasure is seen", foundBy: "readers go on during an erasure",
			erase: func(ctx context.Context, good *Memory, campaign string, positions []int64, batch engine.Batch) error {
				half := len(positions) / 2
				if err := good.Erase(ctx, campaign, positions[:half], engine.Batch{}); err != nil {
					return err
				}
				erasureSeen(good)
				return good.Erase(ctx, campaign, positions[half:], batch)
			}},

		{name: "the last position is that of an entry", foundBy: "the latest settlement holds", health: func(good *Memory) engine.StoreHealth {
			health := good.log.Health()
			health.Last = lastOf(good.log.entries, nil)
			return health
		}},
		{name: "the last position is one of what is left", foundBy: "what is erased is gone", health: func(good *Memory) engine.StoreHealth {
			health := good.log.Health()
			health.Last = lastOf(good.log.entries, good.log.settlements)
			return health
		}},
		{name: "how far it is settled is forgotten at the end", foundBy: "a store opens as it was closed", open: func(good *Memory) { good.log.settledTo = 0 }},
		{name: "the last settlement is forgotten at the end", foundBy: "a store opens as it was closed", open: func(good *Memory) {
			good.log.settlements = good.log.settlements[:max(0, len(good.log.settlements)-1)]
		}},
	}
	for _, c := range engine.EntryColumns() {
		all = append(all, fault{name: "there is no column " + c.Name, foundBy: everyFieldTest, commit: keepingEach(func(e *engine.Entry) {
			reflect.ValueOf(c.Field(e)).Elem().SetZero()
		})})
	}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[engine.Selection]()) {
		all = append(all, fault{name: "a selection has no " + field.Name, foundBy: anyHistoryTest,
			replay: func(ctx context.Context, good *Memory, selection engine.Selection, each func([]engine.Kept) error) error {
				reflect.ValueOf(&selection).Elem().FieldByIndex(field.Index).SetZero()
				return good.Replay(ctx, selection, each)
			}})
	}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[engine.Question]()) {
		all = append(all, fault{name: "a question has no " + field.Name, foundBy: anyHistoryTest, rollup: asking(func(q *engine.Question) {
			reflect.ValueOf(q).Elem().FieldByIndex(field.Index).SetZero()
		})})
	}
	return all
}

type rollupRows []engine.RollupRow

// keeping keeps something else than the batch it is given.
func keeping(change func(*engine.Batch)) func(context.Context, *Memory, engine.Batch) error {
	return func(ctx context.Context, good *Memory, batch engine.Batch) error {
		batch = copied(batch)
		change(&batch)
		return good.Commit(ctx, batch)
	}
}

func keepingEach(change func(*engine.Entry)) func(context.Context, *Memory, engine.Batch) error {
	return keeping(func(b *engine.Batch) {
		for i := range b.Entries {
			change(&b.Entries[i])
		}
	})
}

func loseLast(longerThan int) func(*engine.Batch) {
	return func(b *engine.Batch) {
		if n := len(b.Entries); n > longerThan {
			b.Entries = b.Entries[:n-1]
		}
	}
}

func commitNoCopies(ctx context.Context, good *Memory, batch engine.Batch) error {
	ids := map[uuid.UUID]bool{}
	for i := range good.log.entries { // one writer
		ids[good.log.entries[i].ID] = true
	}
	batch.Entries = slices.DeleteFunc(slices.Clone(batch.Entries), func(e engine.Entry) bool { return ids[e.ID] })
	return good.Commit(ctx, batch)
}

// untilReplayed waits, once, for somebody to read what is there.
func untilReplayed() func(*Memory) {
	var once sync.Once
	replays := func(good *Memory) int {
		good.mu.Lock()
		defer good.mu.Unlock()
		return good.replays
	}
	return func(good *Memory) {
		once.Do(func() {
			before, giveUp := replays(good), time.Now().Add(20*time.Second)
			for replays(good) == before && time.Now().Before(giveUp) {
				time.Sleep(time.Millisecond)
			}
		})
	}
}

func dayIn(zone *time.Location, at time.Time) int32 {
	_, offset := at.In(zone).Zone()
	return int32((at.Unix() + int64(offset)) / 86_400)
}

// asking asks the good store something else.
func asking(change func(*engine.Question)) func(context.Context, *Memory, engine.Question, func(*engine.RollupRow) error) error {
	return func(ctx context.Context, good *Memory, question engine.Question, each func(*engine.RollupRow) error) error {
		change(&question)
		return good.Rollup(ctx, question, each)
	}
}

// counting gives other rows than the good store.
func counting(
	change func(engine.Question, rollupRows) rollupRows,
) func(context.Context, *Memory, engine.Question, func(*engine.RollupRow) error) error {
	return func(ctx context.Context, good *Memory, question engine.Question, each func(*engine.RollupRow) error) error {
		var rows rollupRows
		if err := good.Rollup(ctx, question, func(row *engine.RollupRow) error {
			rows = append(rows, *row)
			return nil
		}); err != nil {
			return err
		}
		for _, row := range change(question, rows) {
			if err := each(&row); err != nil {
				return err
			}
		}
		return nil
	}
}

func countingEach(change func(*engine.RollupRow)) func(context.Context, *Memory, engine.Question, func(*engine.RollupRow) error) error {
	return counting(func(_ engine.Question, rows rollupRows) rollupRows {
		for i := range rows {
			change(&rows[i])
		}
		return rows
	})
}

// giving gives other entries than the good store.
func giving(change func([]engine.Kept) []engine.Kept) func(context.Context, *Memory, engine.Selection, func([]engine.Kept) error) error {
	return func(ctx context.Context, good *Memory, selection engine.Selection, each func([]engine.Kept) error) error {
		var all []engine.Kept
		if err := good.Replay(ctx, selection, func(kept []engine.Kept) error {
			all = append(all, kept...)
			return nil
		}); err != nil {
			return err
		}
		if all = change(all); len(all) > 0 {
			return each(all)
		}
		return nil
	}
}

// settling gives other settlements than the good store.
func settling(
	change func([]engine.Settlement) []engine.Settlement,
) func(context.Context, *Memory, string, int64, int64, func([]engine.Settlement) error) error {
	return func(ctx context.Context, good *Memory, campaign string, after, to int64, each func([]engine.Settlement) error) error {
		return good.Settlements(ctx, campaign, after, to, func(all []engine.Settlement) error { return each(change(all)) })
	}
}

// settledBetween gives those of another range.
func settledBetween(change func(after, to int64) (int64, int64)) func(context.Context, *Memory, string, int64, int64, func([]engine.Settlement) error) error {
	return func(ctx context.Context, good *Memory, campaign string, after, to int64, each func([]engine.Settlement) error) error {
		after, to = change(after, to)
		return good.Settlements(ctx, campaign, after, to, each)
	}
}

// replayAlsoReplacing is "campaign = … AND id IN … OR replaces IN …".
func replayAlsoReplacing(ctx context.Context, good *Memory, selection engine.Selection, each func([]engine.Kept) error) error {
	if err := good.Replay(ctx, selection, each); err != nil {
		return err
	}
	good.mu.Lock()
	var others []engine.Kept
	for _, e := range good.log.entries {
		if e.Campaign != selection.Campaign && slices.Contains(selection.IDs, e.Replaces) {
			others = append(others, engine.Kept{Entry: e})
		}
	}
	good.mu.Unlock()
	if len(others) == 0 {
		return nil
	}
	return each(others)
}

func lastOf(entries []engine.Entry, settlements []engine.Settlement) (last int64) {
	for i := range entries {
		last = max(last, entries[i].Position)
	}
	for _, s := range settlements {
		last = max(last, s.At)
	}
	return last
}

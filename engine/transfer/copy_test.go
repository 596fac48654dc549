package transfer

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/storetest"
)

var campaigns = []string{"lyon", "paris", "quiet"}

// unreliable fails the commit that comes after some.
type unreliable struct {
	engine.Store
	left    int
	commits int
}

var errAway = errors.New("away")

func (u *unreliable) Commit(ctx context.Context, batch engine.Batch) error {
	if u.left--; u.left < 0 {
		return errAway
	}
	u.commits++
	return u.Store.Commit(ctx, batch)
}

// copying copies with small windows, so that a short log has several.
func copying(source, target engine.Store, windowSize int64) ([]Sum, error) {
	return copier{source, target, campaigns, func(string, int64, int64) {}, windowSize}.copy(context.Background())
}

func commitAll(t interface{ Fatal(...any) }, store engine.Store, batches []engine.Batch) {
	for _, batch := range batches {
		if err := store.Commit(context.Background(), batch); err != nil {
			t.Fatal(err)
		}
	}
}

func rolledUp(t interface{ Fatal(...any) }, store engine.Store, question engine.Question) (rows []engine.RollupRow) {
	err := store.Rollup(context.Background(), question, func(row *engine.RollupRow) error {
		rows = append(rows, *row)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func replayed(t interface{ Fatal(...any) }, store engine.Store, selection engine.Selection) (all []engine.Kept) {
	err := store.Replay(context.Background(), selection, func(kept []engine.Kept) error {
		all = append(all, kept...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A copy that is interrupted at every commit, and gone on with each time, answers every question as its source, also as the log was.
func TestAnInterruptedCopyIsWhole(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		source, target := &storetest.Memory{}, &storetest.Memory{}
		commitAll(rt, source, storetest.AnyBatches(rt, campaigns))
		health, _ := source.Health(context.Background())
		if health.Last > 0 && rapid.Bool().Draw(rt, "erase?") {
			erased := rapid.SliceOfN(rapid.Int64Range(1, health.Last), 1, 3).Draw(rt, "erased")
			if err := source.Erase(context.Background(), "paris", erased, engine.Batch{}); err != nil {
				rt.Fatal(err)
			}
		}
		windowSize := rapid.Int64Range(1, 9).Draw(rt, "window")
		sums, err, tries := []Sum(nil), errAway, 0
		for ; errors.Is(err, errAway); tries++ {
			once := &unreliable{Store: target, left: 1}
			sums, err = copying(source, once, windowSize)
			if errors.Is(err, errAway) && once.commits != 1 {
				rt.Fatal("a copy that goes on does not get on")
			}
		}
		if err != nil {
			rt.Fatal(err)
		}
		copied, _ := target.Health(context.Background())
		if copied.SettledTo != health.SettledTo || len(sums) != len(campaigns) {
			rt.Fatalf("settled up to %d, the source to %d; %d sums", copied.SettledTo, health.SettledTo, len(sums))
		}
		for _, campaign := range campaigns {
			for _, selection := range []engine.Selection{{}, {Changed: true}, storetest.AnySelection(rt, campaign, 0, health.Last)} {
				selection.Campaign = campaign
				if got, want := replayed(rt, target, selection), replayed(rt, source, selection); !slices.Equal(got, want) {
					rt.Fatalf("%+v\ngives %+v\nwant  %+v", selection, got, want)
				}
			}
			question := storetest.AnyQuestion(rt, campaign, 0, health.Last)
			for question.To = range health.Last + 2 {
				if got, want := rolledUp(rt, target, question), rolledUp(rt, source, question); !slices.Equal(got, want) {
					rt.Fatalf("%+v\ngives %+v\nwant  %+v", question, got, want)
				}
			}
		}
		// Once more there is nothing to do.
		again := &unreliable{Store: target}
		if once, err := copying(source, again, windowSize); err != nil || !slices.Equal(once, sums) {
			rt.Fatalf("copied once more: %v, %+v, want %+v", err, once, sums)
		}
	})
}

// aLog is the same log each time.
func aLog() []engine.Batch {
	entry := func(position int64, campaign string) engine.Entry {
		return engine.Entry{Position: position, Campaign: campaign, Kind: engine.Attempt, Result: engine.ResultContact, Support: engine.NotSaid, Turnout: engine.NotSaid}
	}
	return []engine.Batch{
		{Entries: []engine.Entry{entry(1, "paris"), entry(2, "lyon")}, SettledTo: 2},
		{
			Entries:     []engine.Entry{entry(3, "paris")},
			Settlements: []engine.Settlement{{Position: 3, At: 3, Effect: engine.Nothing}, {Position: 1, At: 4, Effect: engine.Nothing}},
			SettledTo:   4,
		},
		{Entries: []engine.Entry{entry(5, "paris"), entry(9, "lyon")}, Settlements: []engine.Settlement{{Position: 1, At: 10, Effect: engine.Counts}}, SettledTo: 10},
	}
}

// A target that is no beginning of the source is refused before anything is written to it.
func TestOtherTargetsAreRefused(t *testing.T) {
	ctx := t.Context()
	for _, c := range []struct {
		name   string
		change func(source, target *storetest.Memory) error // after half of a copy
		want   string
	}{
		{"what was copied is erased from the source", func(source, _ *storetest.Memory) error {
			return source.Erase(ctx, "paris", []int64{1}, engine.Batch{})
		}, "of campaign paris it has 2 entries and 2 settlements, where the source has 1 and 1"},
		{"another log", func(_, target *storetest.Memory) error {
			return target.Erase(ctx, "paris", []int64{3}, engine.Batch{})
		}, "of campaign paris it has 1 entries and 1 settlements, where the source has 2 and 2"},
		{"another return", func(_, target *storetest.Memory) error {
			*target = storetest.Memory{}
			other := aLog()
			other[0].Entries[0].Team = "west"
			commitAll(t, target, other[:2])
			return nil
		}, "of campaign paris it has as many entries and settlements, and not the same"},
		{"another settlement", func(_, target *storetest.Memory) error {
			*target = storetest.Memory{}
			other := aLog()
			other[1].Settlements[0].Effect = engine.AttemptOnly
			commitAll(t, target, other[:2])
			return nil
		}, "of campaign paris it has as many entries and settlements, and not the same"},
		{"a campaign that was not named", func(_, target *storetest.Memory) error {
			*target = storetest.Memory{}
			other := aLog()
			other[0].Entries[0].Campaign = "north"
			commitAll(t, target, other[:2])
			return nil
		}, `it has 3 entries, and 2 of the campaigns ["lyon" "paris" "quiet"]`},
		{"a server has written to it", func(_, target *storetest.Memory) error {
			return target.Commit(ctx, engine.Batch{Entries: []engine.Entry{{Position: 11, Campaign: "paris"}}, SettledTo: 11})
		}, "it has come to position 11 and is settled up to 11, the source to 10"},
		{"it is not settled", func(_, target *storetest.Memory) error {
			return target.Commit(ctx, engine.Batch{Entries: []engine.Entry{{Position: 5, Campaign: "paris"}}})
		}, "it has come to position 5 and is settled up to 4, the source to 10"},
	} {
		source, target := &storetest.Memory{}, &storetest.Memory{}
		commitAll(t, source, aLog())
		if _, err := copying(source, &unreliable{Store: target, left: 2}, 2); !errors.Is(err, errAway) {
			t.Fatal(err)
		}
		if err := c.change(source, target); err != nil {
			t.Fatal(err)
		}
		_, err := copying(source, &unreliable{Store: target}, 2) // whose first commit fails
		if !errors.Is(err, ErrDiffers) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// A source that has grown since, or settles what was copied in another way from now on, is copied on.
func TestASourceMayGrow(t *testing.T) {
	source, target := &storetest.Memory{}, &storetest.Memory{}
	commitAll(t, source, aLog()[:2])
	if _, err := copying(source, target, 3); err != nil {
		t.Fatal(err)
	}
	commitAll(t, source, aLog()[2:])
	sums, err := copying(source, target, 3)
	if err != nil || sums[0].Entries != 2 || sums[1].Entries != 3 || sums[1].Settlements != 3 || sums[2].Entries != 0 {
		t.Errorf("%+v, %v", sums, err)
	}
}

func TestSourcesThatCannotBeCopied(t *testing.T) {
	unsettled, stranger := &storetest.Memory{}, &storetest.Memory{}
	commitAll(t, unsettled, append(aLog(), engine.Batch{Entries: []engine.Entry{{Position: 11, Campaign: "paris"}}}))
	commitAll(t, stranger, append(aLog(), engine.Batch{Entries: []engine.Entry{{Position: 11, Campaign: "north"}}, SettledTo: 11}))
	for want, source := range map[string]engine.Store{
		"not settled yet (10 of 11): serve the workspace once": unsettled,
		"has 6 entries, and 5 of the campaigns":                stranger,
	} {
		if _, err := copying(source, &storetest.Memory{}, 4); err == nil || errors.Is(err, ErrDiffers) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// altered gives one thing of the log as it is not.
type altered struct {
	*storetest.Memory
	entry      func(*engine.Kept)
	settlement func(*engine.Settlement)
}

func (a altered) Replay(ctx context.Context, selection engine.Selection, each func([]engine.Kept) error) error {
	return a.Memory.Replay(ctx, selection, func(kept []engine.Kept) error {
		for i := range kept {
			if kept[i].Position == 3 && a.entry != nil {
				a.entry(&kept[i])
			}
		}
		return each(kept)
	})
}

func (a altered) Settlements(ctx context.Context, campaign string, after, to int64, each func([]engine.Settlement) error) error {
	return a.Memory.Settlements(ctx, campaign, after, to, func(all []engine.Settlement) error {
		for i := range all {
			if all[i].At == 4 && a.settlement != nil {
				a.settlement(&all[i])
			}
		}
		return each(all)
	})
}

// Whatever bit of a copy is another, its verification finds it.
func TestAChangedBitIsFound(t *testing.T) {
	entries := map[string]func(*engine.Kept){
		"effect":   func(k *engine.Kept) { k.Effect = engine.Counts },
		"revision": func(k *engine.Kept) { k.Revision++ },
	}
	for _, c := range engine.EntryColumns() {
		entries[c.Name] = func(k *engine.Kept) { change(c.Field(&k.Entry)) }
	}
	var targets []altered
	var names []string
	for name, entry := range entries {
		targets, names = append(targets, altered{entry: entry}), append(names, name)
	}
	for _, c := range engine.SettlementColumns() {
		targets = append(targets, altered{settlement: func(s *engine.Settlement) { change(c.Field(s)) }})
		names = append(names, "settlement's "+c.Name)
	}
	for i, target := range targets {
		source := &storetest.Memory{}
		target.Memory = &storetest.Memory{}
		commitAll(t, source, aLog())
		if _, err := copying(source, target, math.MaxInt32); !errors.Is(err, ErrDiffers) || !strings.Contains(err.Error(), "as many entries and settlements, and not the same") {
			t.Errorf("another %s: %v", names[i], err)
		}
	}
}

func TestACopyEndsWithItsContext(t *testing.T) {
	source := &storetest.Memory{}
	commitAll(t, source, aLog())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Copy(ctx, source, &storetest.Memory{}, campaigns, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want %v", err, context.Canceled)
	}
}

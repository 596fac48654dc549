package field

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/arpent/arpent/engine"
)

// follow reads all changes after a cursor, some at a time, in words.
func (w *world) follow(cursor string, limit int) (words []string, next string) {
	w.t.Helper()
	for {
		page, err := w.log.Changes(context.Background(), "blue", cursor, limit)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, i := range page.Items {
			if i.ErasedHash != "" {
				words = append(words, "erased "+i.ErasedHash)
				continue
			}
			words = append(words, fmt.Sprintf("%d %s", i.ID[0], i.Effect))
		}
		if len(page.Items) < limit {
			return words, page.Next
		}
		cursor = page.Next
	}
}

func TestTheStaffReadsWhatHasChanged(t *testing.T) {
	w := newWorld(t)
	w.total("blue")
	cursor := ""
	hash := hashOfReturn("blue", id(1))
	for _, step := range []struct {
		name string
		do   func()
		want []string
	}{
		{"nothing has come", func() {}, nil},
		{"two returns", func() { w.send(attempt(1), attempt(2)) }, []string{"1 counts", "2 counts"}},
		{"a copy is no change", func() { w.send(attempt(1)) }, nil},
		{"another campaign's return", func() { w.sendAs(Writer{Campaign: "red"}, attempt(3)) }, nil},
		{"a correction changes two", func() { w.send(replacing(attempt(4), 1)) }, []string{"4 counts", "1 nothing"}},
		{"a conflict", func() { w.send(saying(2, -1)) }, nil}, // which of the two stands as an attempt is up to their hashes
		{"an erasure says hashes", func() {
			if _, err := w.log.Erase(context.Background(), "blue", Subject{Record: id(1)}); err != nil {
				t.Fatal(err)
			}
		}, []string{"erased " + hex.EncodeToString(hash[:])}},
	} {
		step.do()
		for _, limit := range []int{1, 2, 100} {
			words, next := w.follow(cursor, limit)
			switch step.name {
			case "a conflict":
				if len(words) != 2 || words[0][:1] != "2" || words[1][:1] != "2" {
					t.Errorf("%s: %v", step.name, words)
				}
			case "an erasure says hashes":
				if len(words) != 2 || !slices.Contains(words, step.want[0]) {
					t.Errorf("%s: %v, not with %v", step.name, words, step.want)
				}
			default:
				if !slices.Equal(words, step.want) {
					t.Errorf("%s, %d at a time: %v, not %v", step.name, limit, words, step.want)
				}
			}
			if limit == 100 {
				cursor = next
			}
		}
	}
	w.reopen()
	w.total("blue")
	if words, _ := w.follow(cursor, 10); len(words) > 0 {
		t.Errorf("after a restart: %v", words)
	}
}

// Whoever follows the changes, with pages of any size between any commits, ends with the effects that the store has.
func TestWhoeverFollowsKnowsTheState(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		defer w.close()
		w.total("blue")
		known, cursor := map[string]engine.Effect{}, ""
		read := func(limit int) int {
			page, err := w.log.Changes(context.Background(), "blue", cursor, limit)
			if err != nil {
				rt.Fatal(err)
			}
			for _, i := range page.Items {
				key := fmt.Sprint(i.ID, i.Effect == engine.Nothing)
				delete(known, fmt.Sprint(i.ID, true))
				known[key] = i.Effect
			}
			cursor = page.Next
			return len(page.Items)
		}
		for range rapid.IntRange(1, 6).Draw(rt, "steps") {
			w.send(rapid.SliceOfN(rapid.Custom(aReturn), 1, 3).Draw(rt, "returns")...)
			read(rapid.IntRange(1, 4).Draw(rt, "limit"))
		}
		for read(3) > 0 {
		}
		if err := w.log.Wait(canceled(), "blue", cursor); !errors.Is(err, context.Canceled) {
			rt.Fatalf("there is more after the end: %v", err)
		}
		last := map[string]bool{}
		page, err := w.log.Changes(context.Background(), "blue", "", 1000)
		if err != nil {
			rt.Fatal(err)
		}
		for _, i := range page.Items {
			last[fmt.Sprint(i.ID, i.Effect, i.Arrived)] = true
		}
		for _, k := range w.kept("blue") {
			if !last[fmt.Sprint(k.ID, k.Effect, k.Arrived)] {
				rt.Fatalf("%s is %q, which nobody was told", k.ID, k.Effect)
			}
		}
	})
}

func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func TestWaitingEndsWithTheNextChange(t *testing.T) {
	w := newWorld(t)
	w.send(attempt(1))
	w.total("blue")
	_, cursor := w.follow("", 10)
	done := make(chan error, 1)
	go func() { done <- w.log.Wait(context.Background(), "blue", cursor) }()
	w.sendAs(Writer{Campaign: "red"}, attempt(2))
	select {
	case err := <-done:
		t.Fatalf("another campaign's return ended it, %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	w.send(attempt(3))
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestCursorsAreNotGuessed(t *testing.T) {
	w := newWorld(t)
	w.send(attempt(1))
	w.total("blue")
	good := makeCursor(ofChanges, "blue", 1)
	for name, cursor := range map[string]string{
		"a number": "1", "garbage": "!!!!", "too long": good + good, "another campaign's": makeCursor(ofChanges, "red", 1),
		"another list's": makeCursor(ofConflicts, "blue", 1), "one of a longer log": makeCursor(ofChanges, "blue", 1<<40),
		"negative": makeCursor(ofChanges, "blue", -1), "changed": "B" + good[1:],
	} {
		if _, err := w.log.Changes(context.Background(), "blue", cursor, 1); !errors.Is(err, ErrCursor) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.log.Changes(context.Background(), "blue", good, 1); err != nil {
		t.Errorf("a cursor that was given: %v", err)
	}
	if _, err := w.log.Changes(context.Background(), "green", "", 1); !errors.Is(err, ErrCampaign) {
		t.Errorf("a campaign that there is not: %v", err)
	}
}

func FuzzCursor(f *testing.F) {
	f.Add(makeCursor(ofChanges, "blue", 7))
	f.Add("")
	f.Fuzz(func(t *testing.T, cursor string) {
		position, err := readCursor(ofChanges, "blue", cursor)
		if err == nil && cursor != "" && makeCursor(ofChanges, "blue", position) != cursor {
			t.Errorf("%q is read as %d", cursor, position)
		}
	})
}

func TestWhatWaitsIsReleasedOnce(t *testing.T) {
	w := newWorld(t)
	stranger := attempt(1)
	stranger.Team = "west"
	w.send(stranger, attempt(2), stranger)
	other := attempt(3)
	other.Location.AddressID = "nowhere"
	w.send(other)
	list := func() (ids []byte) {
		cursor := ""
		for {
			page, err := w.log.Quarantined(context.Background(), "blue", cursor, 1)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range page.Items {
				ids = append(ids, i.ID[0])
			}
			if cursor = page.Next; cursor == "" {
				return ids
			}
		}
	}
	if ids := list(); !slices.Equal(ids, []byte{1, 3}) {
		t.Errorf("%v wait, not 1 and 3", ids)
	}
	for range 2 { // the second time there is nothing to do
		if _, err := w.log.Release(context.Background(), "blue", []uuid.UUID{id(1), id(2), id(99)}); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if ids := list(); !slices.Equal(ids, []byte{3}) {
			t.Errorf("%v wait, not 3", ids)
		}
		if n := w.total("blue").Attempts; n != 2 {
			t.Errorf("%d attempts count, not 2", n)
		}
		w.verify()
		w.reopen() // a release is durable
	}
	if o := w.send(stranger)[0]; o.Status != Quarantined || w.total("blue").Attempts != 2 {
		t.Errorf("sent again it is %+v, and %d attempts count", o, w.total("blue").Attempts)
	}
}

func TestConflictsArePairsWithoutAnswers(t *testing.T) {
	w := newWorld(t)
	w.total("blue") // its ids are read
	moved := replacing(saying(4, 2), 3)
	moved.Location.AddressID = house(103, 1)
	outcomes := w.send(saying(1, 2), saying(1, -2), attempt(2), attempt(3), replacing(saying(5, 2), 3), moved)
	if outcomes[0].Reason != ReasonConflict || outcomes[1].Reason != ReasonConflict || outcomes[2].Reason != "" {
		t.Errorf("outcomes %+v", outcomes)
	}
	list := func(limit int) (all []string) {
		cursor := ""
		for {
			page, err := w.log.Conflicts(context.Background(), "blue", cursor, limit)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range page.Items {
				ids := []byte{c.One.ID[0], c.Other.ID[0]}
				slices.Sort(ids)
				all = append(all, fmt.Sprint(ids, c.Differ))
			}
			if cursor = page.Next; cursor == "" {
				return all
			}
		}
	}
	want := []string{"[1 1] [support]", "[4 5] [location]"}
	for _, limit := range []int{1, 10} {
		if got := list(limit); !slices.Equal(got, want) {
			t.Errorf("conflicts %v, not %v", got, want)
		}
	}
	total := w.total("blue")
	if total.Attempts != 3 || total.Answers != 1 {
		t.Errorf("%d attempts and %d answers count, not 3 and 1", total.Attempts, total.Answers)
	}
	w.reopen()
	w.total("blue")
	if status, err := w.log.Health(context.Background()); err != nil || status.Conflicts != 2 || !status.Settled {
		t.Errorf("health %+v, %v", status, err)
	}
	if o := w.send(replacing(attempt(6), 1), withdrawal(7, 4))[0]; o.Reason != "" {
		t.Errorf("what settles it is %+v", o)
	}
	if got := list(10); len(got) != 0 {
		t.Errorf("settled, and there are %v", got)
	}
	if total := w.total("blue"); total.Answers != 3 {
		t.Errorf("settled, %d answers count, not 3", total.Answers)
	}
	w.verify()
}

// What was answered is told of places alone, by what knows how many households answered where.
func TestRollupsTellNoAnswers(t *testing.T) {
	w := newWorld(t)
	w.send(append(households(1, 12, 1), saying(13, -2))...)
	for _, question := range []engine.Question{{}, {By: []engine.Dimension{engine.ByPrecinct}}, {By: []engine.Dimension{engine.ByPrecinct, engine.ByDay}}} {
		question.Campaign = "blue"
		err := w.log.Rollup(context.Background(), question, func(row *engine.RollupRow) error {
			if row.Attempts != 13 || row.Contacts != 13 || row.Doors != 13 || row.Answers != 0 || row.Households != 0 || row.Support != [5]int64{} {
				t.Errorf("%v: %+v, not 13 contacts at 13 doors and no answers", question.By, row)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// Everything is folded again while returns come, and what counts for something else than it should is found.
func TestVerifyFindsWhatIsWrong(t *testing.T) {
	w := newWorld(t)
	w.send(attempt(1), replacing(attempt(2), 1), attempt(3))
	w.verify()
	w.store.held = make(chan struct{})
	found := make(chan error, 1)
	go func() { found <- w.log.Verify(context.Background(), "blue") }()
	w.send(attempt(4), replacing(attempt(5), 3))
	close(w.store.held)
	if err := <-found; err != nil {
		t.Error(err)
	}
	health, err := w.log.Health(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	wrong := engine.Settlement{Position: 1, At: health.Last + 1, Effect: engine.Counts} // which was corrected
	if err := w.store.Commit(context.Background(), engine.Batch{Settlements: []engine.Settlement{wrong}}); err != nil {
		t.Fatal(err)
	}
	if err := w.log.Verify(context.Background(), "blue"); err == nil || !strings.Contains(err.Error(), "positions [1]") {
		t.Errorf("a wrong settlement gives %v", err)
	}
}

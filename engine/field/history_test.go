package field

import (
	"fmt"
	"math/rand"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/arpent/arpent/engine"
)

// aReturn draws a return of few ids and doors, so that copies, conflicts, corrections, withdrawals and circles come.
func aReturn(t *rapid.T) engine.Return {
	n, of := rapid.IntRange(1, 6).Draw(t, "id"), rapid.IntRange(0, 6).Draw(t, "replaces")
	if of == n {
		of = 0
	}
	if of != 0 && rapid.IntRange(0, 3).Draw(t, "withdraws") == 0 {
		return withdrawal(n, of)
	}
	r := saying(n, rapid.IntRange(-2, 2).Draw(t, "support"))
	r.Location.AddressID = house(rapid.IntRange(101, 104).Draw(t, "street"), rapid.IntRange(1, 2).Draw(t, "house"))
	if of != 0 {
		r.Replaces = id(of)
	}
	if rapid.IntRange(0, 5).Draw(t, "team") == 0 {
		r.Team = "west" // which waits
	}
	return r
}

var bySegmentAndDay = engine.Question{Campaign: "blue", By: []engine.Dimension{engine.BySegment, engine.ByDay, engine.ByTeam}}

// Any order, any batches, any copies and any restarts give the same counts; what was settled on the way is the fold of everything; and
// whoever only listens knows the same.
func TestAnyWayOfArrivingGivesTheSameCounts(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		returns := rapid.SliceOfN(rapid.Custom(aReturn), 1, 10).Draw(rt, "returns")
		straight := newWorld(t)
		defer straight.close()
		for _, r := range returns {
			straight.send(r)
		}
		want := straight.rollup(bySegmentAndDay)

		w := newWorld(t)
		defer w.close()
		sent := slices.Clone(returns)
		for range rapid.IntRange(0, 3).Draw(rt, "copies") {
			sent = append(sent, rapid.SampledFrom(returns).Draw(rt, "copy"))
		}
		rand.New(rand.NewSource(rapid.Int64().Draw(rt, "order"))).Shuffle(len(sent), func(i, j int) { sent[i], sent[j] = sent[j], sent[i] })
		for len(sent) > 0 {
			n := rapid.IntRange(1, len(sent)).Draw(rt, "batch")
			switch rapid.IntRange(0, 3).Draw(rt, "meanwhile") {
			case 0:
				w.reopen()
			case 1: // the server dies while it still reads its log: what it acknowledged is settled by the next one
				w.close()
				w.store.held = make(chan struct{})
				w.open()
				w.send(sent[0])
				w.close()
				w.store.held = nil
				w.open()
			}
			w.send(sent[:n]...)
			sent = sent[n:]
		}
		if got := w.rollup(bySegmentAndDay); fmt.Sprint(got) != fmt.Sprint(want) {
			rt.Fatalf("counts are\n%v\nand were in another order\n%v", got, want)
		}
		w.verify()
		w.agrees(rt)
	})
}

// agrees checks that whoever listens knows what counts. It heard nothing twice and nothing out of order.
func (w *world) agrees(t rapid.TB) {
	w.close()
	standing := w.heard.standing()
	for _, k := range w.kept("blue") {
		if standing[k.Position] != k.Effect {
			t.Fatalf("position %d is %q, and who listened knows %q", k.Position, k.Effect, standing[k.Position])
		}
		delete(standing, k.Position)
	}
	if len(standing) > 0 {
		t.Fatalf("who listened knows of %v, which is not there", standing)
	}
	w.open()
}

func TestCopiesAreNotWrittenAgain(t *testing.T) {
	w := newWorld(t)
	w.total("blue") // its ids are read
	for range 3 {
		w.send(attempt(1), attempt(1), withdrawal(2, 1))
	}
	if n := len(w.kept("blue")); n != 2 {
		t.Errorf("%d entries are kept of two returns", n)
	}
}

func TestTheLogIsReadWhileItTakesReturns(t *testing.T) {
	w := newWorld(t)
	w.send(attempt(1), attempt(2))
	w.close()
	w.store.held = make(chan struct{})
	started := time.Now()
	w.open()
	if w.send(attempt(3), withdrawal(4, 1), attempt(2))[0].Status != Kept {
		t.Error("a return is not kept while the log is read")
	}
	if status, err := w.log.Health(t.Context()); err != nil || status.Settled {
		t.Errorf("health %+v, %v: it cannot be settled", status, err)
	}
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("it took %v until a return was taken", took)
	}
	close(w.store.held)
	if n := w.total("blue").Attempts; n != 2 {
		t.Errorf("%d attempts count, not those of 2 and 3", n)
	}
	w.verify()
}

// Phones send, staff read, follow, release and erase, all at once: in the end the state is the fold, and who listened knows it.
func TestEverybodyAtOnce(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	var phones, staff sync.WaitGroup
	for phone := range 8 {
		phones.Go(func() {
			for n := range 25 {
				number := 100*phone + n
				r := saying(number, n%5-2)
				if n%4 == 3 {
					r.Replaces = id(number - 1 - n%2)
				}
				if n%7 == 0 {
					r.Team = "west"
				}
				submission := []Submission{{Return: &r}, {Return: &r}}
				if _, err := w.log.Append(ctx, Writer{Campaign: "blue"}, submission); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	for reader, read := range []func(n int) error{
		func(int) error {
			return w.log.Rollup(ctx, bySegmentAndDay, func(*engine.RollupRow) error { return nil })
		},
		func(int) error { _, err := w.log.Changes(ctx, "blue", "", 100); return err },
		func(int) error { _, err := w.log.Conflicts(ctx, "blue", "", 10); return err },
		func(int) error { _, err := w.log.Quarantined(ctx, "blue", "", 10); return err },
		func(n int) error { _, err := w.log.Release(ctx, "blue", []uuid.UUID{id(100*n + 7)}); return err },
		func(n int) error { _, err := w.log.Erase(ctx, "blue", Subject{Record: id(100*n + 5)}); return err },
		func(int) error { return w.log.Counted(ctx, "blue", 7, func([]engine.Kept) error { return nil }) },
		func(int) error { return w.log.Record(Read{Campaign: "blue", Route: "/v1/rollup"}) },
		func(int) error { return w.log.Publish(ctx) },
	} {
		staff.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				if err := read(n % 8); err != nil {
					t.Errorf("reader %d: %v", reader, err)
				}
			}
		})
	}
	phones.Wait()
	close(done)
	staff.Wait()
	w.verify()
	w.agrees(t)
}

// A phone that goes mad and corrects the same return again and again makes one conflict, and keeps nobody out.
func TestManyCorrectionsOfOneReturn(t *testing.T) {
	w := newWorld(t)
	w.total("blue")
	kept := 0
	for batch := range 3 {
		var mad []engine.Return
		for n := range 400 {
			r := replacing(attempt(1), 1)
			r.ID = numbered(uint64(400*batch + n + 1))
			mad = append(mad, r)
		}
		for _, o := range w.send(mad...) {
			if o.Status == Kept {
				kept++
			} else if o.Status != Rejected || o.Field != "id" {
				t.Fatalf("%+v", o)
			}
		}
	}
	if kept != maxTied {
		t.Errorf("%d were kept, not %d", kept, maxTied)
	}
	if o := w.send(replacing(attempt(4), 1))[0]; o.Status != Rejected {
		t.Errorf("one more is %s", o.Status)
	}
	r := replacing(attempt(1), 1)
	r.ID = numbered(1)
	if o := w.send(r)[0]; o.Status != Kept {
		t.Errorf("a copy of what is there is %s", o.Status)
	}
	if o := w.send(attempt(3))[0]; o.Status != Kept || w.total("blue").Attempts != 2 {
		t.Errorf("another return is %s, and %d attempts count", o.Status, w.total("blue").Attempts)
	}
	if o := w.send(withdrawal(2, 1))[0]; o.Status != Kept {
		t.Errorf("a withdrawal is %s", o.Status)
	}
	w.verify()
}

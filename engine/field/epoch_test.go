package field

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/arpent/arpent/engine"
)

// households is an answer of each of some doors, the first and those after it.
func households(first, many, support int) []engine.Return {
	var all []engine.Return
	for n := first; n < first+many; n++ {
		all = append(all, saying(n, support))
	}
	return all
}

// published says what everybody sees of precinct 7.
func (w *world) published() string {
	w.t.Helper()
	if err := w.log.Publish(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	for _, p := range w.log.Published("blue", 0) {
		if p.Precinct == 7 {
			return fmt.Sprintf("epoch %d: %d attempts, %d households, %v, suppressed %t, one-sided %t",
				p.Epoch, p.Attempts, p.Households, p.Support, p.Suppressed, p.OneSided)
		}
	}
	return "nothing"
}

func TestEveryoneSeesWhatElevenHouseholdsHaveChanged(t *testing.T) {
	w := newWorld(t)
	w.total("blue")
	for _, step := range []struct {
		name string
		do   func()
		want string
	}{
		{"ten households", func() { w.send(households(1, 10, 1)...) }, "nothing"},
		{"one of them a second time", func() { again := saying(100, 1); again.Location = attempt(1).Location; w.send(again) }, "nothing"},
		{"the eleventh", func() { w.send(saying(11, 1)) }, "epoch 1: 12 attempts, 11 households, [0 0 0 0 0], suppressed false, one-sided true"},
		{"ten more", func() { w.send(households(20, 10, -1)...) }, "epoch 1: 12 attempts, 11 households, [0 0 0 0 0], suppressed false, one-sided true"},
		{"which are taken back, and one other", func() {
			for n := range 10 {
				w.send(withdrawal(200+n, 20+n))
			}
			w.send(saying(31, -2))
		}, "epoch 1: 12 attempts, 11 households, [0 0 0 0 0], suppressed false, one-sided true"},
		{"nobody at home at many doors", func() {
			for n := range 30 {
				r := attempt(300 + n)
				r.Result, r.Support = "not_home", nil
				w.send(r)
			}
		}, "epoch 1: 12 attempts, 11 households, [0 0 0 0 0], suppressed false, one-sided true"},
		{"a restart", w.reopen, "epoch 1: 12 attempts, 11 households, [0 0 0 0 0], suppressed false, one-sided true"},
		{"nine more: ten with that of before the restart", func() { w.send(households(40, 9, -2)...) },
			"epoch 1: 12 attempts, 11 households, [0 0 0 0 0], suppressed false, one-sided true"},
		{"the eleventh change", func() { w.send(saying(50, -2)) }, "epoch 2: 53 attempts, 22 households, [11 0 0 12 0], suppressed false, one-sided false"},
		{"ten answers erased", func() {
			for n := range 10 {
				w.erase(id(1 + n))
			}
		}, "epoch 2: 53 attempts, 22 households, [11 0 0 12 0], suppressed false, one-sided false"},
		{"and more, until ten households are left", func() {
			for n := range 3 {
				w.erase(id(48 + n))
			}
			w.erase(id(11))
			w.erase(id(31))
		}, "epoch 3: 39 attempts, 0 households, [0 0 0 0 0], suppressed true, one-sided false"},
	} {
		step.do()
		if got := w.published(); got != step.want {
			t.Errorf("%s: everybody sees %s\nnot %s", step.name, got, step.want)
		}
	}
	if p := w.log.Published("red", 0); len(p) > 0 {
		t.Errorf("the other campaign shows %+v", p)
	}
}

func (w *world) erase(record uuid.UUID) {
	w.t.Helper()
	if _, err := w.log.Erase(context.Background(), "blue", Subject{Record: record}); err != nil {
		w.t.Fatal(err)
	}
}

func TestOfFewHouseholdsNoNearlyAllIsSaid(t *testing.T) {
	for _, c := range []struct {
		households int64
		support    [5]int64
		want       bool
	}{
		{11, [5]int64{0, 0, 0, 0, 11}, true}, {11, [5]int64{0, 0, 0, 6, 5}, true}, {11, [5]int64{5, 6, 0, 0, 0}, true}, {11, [5]int64{0, 0, 11, 0, 0}, true},
		{15, [5]int64{3, 0, 0, 0, 12}, false}, {15, [5]int64{2, 0, 0, 0, 13}, true}, {49, [5]int64{0, 0, 0, 0, 49}, true}, {50, [5]int64{0, 0, 0, 0, 50}, false},
	} {
		row := engine.RollupRow{Households: c.households, Support: c.support}
		for _, n := range c.support {
			row.Answers += n
		}
		if got := oneSided(&row); got != c.want {
			t.Errorf("%d households that said %v: one-sided %t", c.households, c.support, got)
		}
	}
}

// What comes while an epoch is counted is in the next, and nobody who sends it waits.
func TestReturnsComeWhileAnEpochIsCounted(t *testing.T) {
	w := newWorld(t)
	w.total("blue")
	w.send(append(households(1, 6, 1), households(11, 5, -1)...)...)
	during := func(returns []engine.Return, err error) {
		t.Helper()
		w.store.count = func(context.Context) error {
			w.store.count = nil
			w.send(returns...)
			return err
		}
		if got := w.log.Publish(context.Background()); !errors.Is(got, err) {
			t.Errorf("publishing: %v", got)
		}
	}
	shows := func(when, want string) {
		t.Helper()
		if got := w.published(); got != want {
			t.Errorf("%s: everybody sees %s\nnot %s", when, got, want)
		}
	}
	during(households(21, 5, 2), errFull)
	if p := w.log.Published("blue", 0); len(p) > 0 {
		t.Errorf("it failed, and there is %+v", p)
	}
	during(households(31, 10, 2), nil)
	const first = "epoch 1: 16 attempts, 16 households, [0 5 0 6 5], suppressed false, one-sided false"
	shows("ten households more", first)
	w.send(saying(41, 2))
	during(households(51, 10, 0), errFull) // it has failed, and what was pending is again
	during(households(61, 10, 0), nil)
	const second = "epoch 2: 37 attempts, 37 households, [0 5 10 6 16], suppressed false, one-sided false"
	shows("the eleventh of the second, ten of the third and no more", second)
	w.send(saying(71, 0))
	shows("and the eleventh", "epoch 3: 48 attempts, 48 households, [0 5 21 6 16], suppressed false, one-sided false")
}

// An erasure does not wait until an epoch is counted, and none is counted of a log that it has changed meanwhile.
func TestAnErasureStopsTheCountingOfAnEpoch(t *testing.T) {
	w := newWorld(t)
	w.total("blue")
	w.send(append(households(1, 7, 1), households(11, 5, -1)...)...)
	erased := make(chan error, 1)
	w.store.count = func(ctx context.Context) error {
		w.store.count = nil
		go func() {
			_, err := w.log.Erase(context.Background(), "blue", Subject{Record: id(1)})
			erased <- err
		}()
		<-ctx.Done()
		if got := len(w.kept("blue")); got != 12 {
			t.Errorf("%d returns are there while it is counted, not 12", got)
		}
		return ctx.Err()
	}
	if err := w.log.Publish(context.Background()); err != nil {
		t.Errorf("publishing: %v", err)
	}
	if err := <-erased; err != nil {
		t.Fatal(err)
	}
	if p := w.log.Published("blue", 0); len(p) > 0 {
		t.Errorf("it was stopped, and there is %+v", p)
	}
	const want = "epoch 1: 11 attempts, 11 households, [0 5 0 6 0], suppressed false, one-sided false"
	if got := w.published(); got != want {
		t.Errorf("everybody sees %s\nnot %s", got, want)
	}
}

// From two pictures that follow each other nobody learns the answers of 1 to 10 households.
func TestNoTwoEpochsDifferByFewHouseholds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		defer w.close()
		w.total("blue")
		shown := map[engine.Key][5]int{}
		epoch, sent := int64(0), 0
		walk := func() {
			for range rapid.IntRange(0, 12).Draw(rt, "returns") {
				sent += 2
				r := saying(sent, rapid.IntRange(-2, 2).Draw(rt, "support"))
				r.Location.AddressID, r.Location.Door = house(101, 1), fmt.Sprint(rapid.IntRange(1, 25).Draw(rt, "door"))
				w.send(r)
				if rapid.IntRange(0, 2).Draw(rt, "taken back") == 0 {
					w.send(withdrawal(sent+1, sent))
				}
			}
		}
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			walk()
			if rapid.IntRange(0, 3).Draw(rt, "restart") == 0 {
				w.reopen()
				w.total("blue")
			}
			kept := w.kept("blue")
			w.store.count = func(context.Context) error { // returns come while it is counted, and at times it fails
				w.store.count = nil
				walk()
				if rapid.IntRange(0, 4).Draw(rt, "fails") == 0 {
					return errFull
				}
				return nil
			}
			if err := w.log.Publish(context.Background()); err != nil && !errors.Is(err, errFull) {
				rt.Fatal(err)
			}
			w.store.count = nil
			published := w.log.Published("blue", 0)
			if len(published) == 0 || published[0].Epoch == epoch {
				continue
			}
			epoch = published[0].Epoch
			now := map[engine.Key][5]int{}
			for _, k := range kept {
				if k.Effect == engine.Counts && k.Answered() {
					a := now[k.Door]
					a[k.Support+2]++
					now[k.Door] = a
				}
			}
			changed := 0
			for door := range now {
				if now[door] != shown[door] {
					changed++
				}
			}
			for door := range shown {
				if _, some := now[door]; !some {
					changed++
				}
			}
			if changed < 11 {
				rt.Fatalf("epoch %d differs from the one before by %d households", epoch, changed)
			}
			shown = now
		}
	})
}

// As of an epoch everybody sees what was published at it, also after a restart, until something of it is erased.
func TestAsOfAnEpoch(t *testing.T) {
	w := newWorld(t)
	w.total("blue")
	then := func(epoch int64) string {
		for _, p := range w.log.Published("blue", epoch) {
			if p.Precinct == 7 {
				return fmt.Sprintf("epoch %d: %d households", p.Epoch, p.Households)
			}
		}
		return "nothing"
	}
	wants := func(when string, want ...string) {
		t.Helper()
		for epoch, said := range want {
			if got := then(int64(epoch)); got != said {
				t.Errorf("%s, as of epoch %d: %s, should be %s", when, epoch, got, said)
			}
		}
	}
	wants("before anything", "nothing", "nothing")
	w.send(households(1, 11, 1)...)
	w.published()
	w.send(households(20, 11, -1)...)
	w.published()
	w.send(households(40, 11, 0)...)
	w.published()
	all := []string{"epoch 3: 33 households", "epoch 1: 11 households", "epoch 2: 22 households", "epoch 3: 33 households", "epoch 3: 33 households"}
	wants("after three epochs", all...)
	w.reopen()
	wants("after a restart", all...)
	w.erase(id(25))
	erased := []string{"epoch 3: 33 households", "nothing", "nothing", "epoch 3: 33 households"}
	wants("after an erasure", erased...)
	w.reopen()
	wants("and a restart", erased...)
}

// In a campaign that goes from door to door there is a picture for each 11 households, however often somebody looks, and hardly fewer where answers are
// corrected, taken back or erased.
func TestAPictureComesWithEachElevenHouseholds(t *testing.T) {
	const doors = 550
	for _, c := range []struct {
		name     string
		then     func(w *world, n int) // after the answer of door n
		pictures int64
	}{
		{"nothing else", func(*world, int) {}, 50},
		{"of a hundred one is corrected, soon or late", func(w *world, n int) {
			if n%100 == 0 {
				for i, of := range []int{n, n / 2} {
					again := replacing(saying(1000+2*n+i, 2), of)
					again.Location = attempt(of).Location
					w.send(again)
				}
			}
		}, 49},
		{"of a hundred one is taken back, soon or late", func(w *world, n int) {
			if n%100 == 0 {
				w.send(withdrawal(1000+2*n, n), withdrawal(1001+2*n, n/2))
			}
		}, 49},
		{"of a hundred one door is erased, soon or late", func(w *world, n int) {
			if n%100 == 0 {
				for _, of := range []int{n, n / 2} {
					if _, err := w.log.Erase(context.Background(), "blue", Subject{Door: attempt(of).Location}); err != nil {
						w.t.Fatal(err)
					}
				}
			}
		}, 49},
		{"of a hundred one return is erased by its id, soon or late: each may come again as a new one", func(w *world, n int) {
			if n%100 == 0 {
				w.erase(id(n))
				w.erase(id(n / 2))
			}
		}, 44},
	} {
		w := newWorld(t)
		w.total("blue")
		for n := 1; n <= doors; n++ {
			w.send(saying(n, n%5-2))
			c.then(w, n)
			w.published()
		}
		if p := w.log.Published("blue", 0); len(p) != 1 || p[0].Epoch != c.pictures {
			t.Errorf("%s: %d pictures of %d households, not %d", c.name, p[0].Epoch, doors, c.pictures)
		}
	}
}

// What has changed and could not be read may be of any door: there is no picture before the log is read again.
func TestNothingIsPublishedOfWhatCouldNotBeRead(t *testing.T) {
	w := newWorld(t)
	w.total("blue")
	w.send(append(households(1, 6, 1), households(11, 5, -1)...)...)
	w.log.epochs.count("blue", nil, w.log.erased.of("blue"), true)
	if got := w.published(); got != "nothing" {
		t.Errorf("everybody sees %s", got)
	}
	w.reopen()
	if got := w.published(); got != "epoch 1: 11 attempts, 11 households, [0 5 0 6 0], suppressed false, one-sided false" {
		t.Errorf("after a start everybody sees %s", got)
	}
}

// An erasure that fails and is tried again waits for one new household more, not for one each time.
func TestAnErasureThatIsTriedAgainIsCountedOnce(t *testing.T) {
	w := newWorld(t)
	w.total("blue")
	w.send(append(households(1, 6, 1), households(11, 6, -1)...)...)
	w.published()
	w.store.setFailure(errFull)
	for range 3 {
		if _, err := w.log.Erase(context.Background(), "blue", Subject{Record: id(1)}); !errors.Is(err, errFull) {
			t.Fatalf("an erasure on a full disk: %v", err)
		}
	}
	w.store.setFailure(nil)
	w.erase(id(2))
	for _, c := range []struct {
		first, many int
		want        string
	}{
		{21, 12, "epoch 1: 12 attempts, 12 households, [0 6 0 6 0], suppressed false, one-sided false"},
		{41, 1, "epoch 2: 23 attempts, 23 households, [0 6 13 4 0], suppressed false, one-sided false"}, // eleven, and one for each that is erased
	} {
		w.send(households(c.first, c.many, 0)...)
		if got := w.published(); got != c.want {
			t.Errorf("everybody sees %s\nnot %s", got, c.want)
		}
	}
}

// Where all answers of a precinct are erased nobody is to see them any more, also where the log is started again before it is published anew.
func TestNothingIsSeenOfAPrecinctThatIsErasedWhole(t *testing.T) {
	for _, restart := range []bool{false, true} {
		w := newWorld(t)
		w.total("blue")
		w.send(append(households(1, 6, 1), households(11, 6, -1)...)...)
		if got := w.published(); !strings.HasPrefix(got, "epoch 1: 12 attempts") {
			t.Fatalf("everybody sees %s", got)
		}
		for _, first := range []int{1, 11} {
			for n := first; n < first+6; n++ {
				w.erase(id(n))
			}
		}
		if restart {
			w.reopen()
			w.total("blue")
		}
		if got, want := w.published(), "epoch 2: 0 attempts, 0 households, [0 0 0 0 0], suppressed true, one-sided false"; got != want {
			t.Errorf("started again %t: everybody sees %s\nnot %s", restart, got, want)
		}
	}
}

// A door in two precincts, as after another snapshot, is new in neither.
func TestADoorInTwoPrecinctsIsNewInNeither(t *testing.T) {
	at := func(n int, precinct int64) *engine.Entry {
		return &engine.Entry{Position: int64(n), Precinct: precinct, Door: engine.Key{7: byte(n % 100)}, Support: 1}
	}
	c := newCampaignEpochs()
	none := newTombstones("")
	for n := 1; n <= 11; n++ {
		c.count(at(n, 7), "", engine.Counts, none)
	}
	if due := c.due(); len(due) != 1 {
		t.Errorf("of eleven that are new %v is due", due)
	}
	for n := 101; n <= 112; n++ { // all of them, and one more
		c.count(at(n, 8), "", engine.Counts, none)
	}
	if due := c.due(); len(due) != 0 {
		t.Errorf("%v is due, of which each precinct is the other but for one", due)
	}
}

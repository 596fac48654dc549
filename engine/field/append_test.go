package field

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

func TestWhatBecomesOfAReturn(t *testing.T) {
	north := turf("north", 1.99, 47.9, 2.015, 48.1) // streets 101 and 102
	for _, c := range []struct {
		name   string
		change func(*engine.Return)
		writer Writer
		turfs  []engine.Turf
		want   Outcome
	}{
		{"a contact is kept", func(*engine.Return) {}, Writer{}, nil, Outcome{Status: Kept}},
		{"a clock four minutes ahead is no matter", func(r *engine.Return) { r.Happened = noon.Add(4 * time.Minute) }, Writer{}, nil, Outcome{Status: Kept}},
		{"six minutes ahead wait", func(r *engine.Return) { r.Happened = noon.Add(6 * time.Minute) }, Writer{}, nil, Outcome{Status: Quarantined, Reason: "in_future"}},
		{"1970 waits", func(r *engine.Return) { r.Happened = time.Unix(0, 0) }, Writer{}, nil, Outcome{Status: Quarantined, Reason: "clock_off"}},
		{"a house that is not in the register waits", func(r *engine.Return) { r.Location.AddressID = house(101, 99) }, Writer{}, nil,
			Outcome{Status: Quarantined, Reason: "unknown_place"}},
		{"a point with nothing near waits", func(r *engine.Return) { r.Location = engine.Location{Lon: 5, Lat: 50, AccuracyM: 10} }, Writer{}, nil,
			Outcome{Status: Quarantined, Reason: "unknown_place"}},
		{"in the turf", func(*engine.Return) {}, Writer{}, []engine.Turf{north}, Outcome{Status: Kept}},
		{"outside the turf", func(r *engine.Return) { r.Location.AddressID = house(104, 1) }, Writer{}, []engine.Turf{north},
			Outcome{Status: Quarantined, Reason: "outside_turf"}},
		{"in a turf of the campaign, not in the token's", func(*engine.Return) {}, Writer{Turfs: []string{"south"}},
			[]engine.Turf{north, turf("south", 2.015, 47.9, 2.1, 48.1)}, Outcome{Status: Quarantined, Reason: "outside_turf"}},
		{"the token's turf is gone", func(*engine.Return) {}, Writer{Turfs: []string{"gone"}}, []engine.Turf{north}, Outcome{Status: Quarantined, Reason: "outside_turf"}},
		{"a team that nobody knows", func(r *engine.Return) { r.Team = "west" }, Writer{}, nil, Outcome{Status: Quarantined, Reason: "unknown_team"}},
		{"an answer out of range", func(r *engine.Return) { r.Support = new(int); *r.Support = 3 }, Writer{}, nil, Outcome{Status: Rejected, Field: "support"}},
		{"it has expired", func(r *engine.Return) { r.Expires = noon.Add(-time.Minute) }, Writer{}, nil, Outcome{Status: Rejected, Field: "expires_at"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.offices.turfs["blue"] = c.turfs
			r := attempt(1)
			c.change(&r)
			c.writer.Campaign = "blue"
			got := w.sendAs(c.writer, r)[0]
			if got.Status != c.want.Status || got.Reason != c.want.Reason || got.Field != c.want.Field || got.ID != r.ID {
				t.Errorf("became %+v, not %+v", got, c.want)
			}
			if attempts := w.total("blue").Attempts; (attempts == 1) != (c.want.Status == Kept) {
				t.Errorf("%d attempts count", attempts)
			}
			if n := w.total("red").Attempts; n != 0 {
				t.Errorf("the other campaign sees %d", n)
			}
			w.verify()
		})
	}
}

func TestOneBadReturnDoesNotSinkItsBatch(t *testing.T) {
	w := newWorld(t)
	good, bad := attempt(1), attempt(2)
	bad.Result = "sang"
	outcomes, err := w.log.Append(context.Background(), Writer{Campaign: "blue"}, []Submission{{Return: &bad}, {Return: &good}, {Fault: &Fault{"id", "not a UUID"}}, {Return: &good}})
	if err != nil {
		t.Fatal(err)
	}
	want := []Status{Rejected, Kept, Rejected, Kept}
	for i, o := range outcomes {
		if o.Index != i || o.Status != want[i] {
			t.Errorf("return %d became %+v, not %s", i, o, want[i])
		}
	}
	if outcomes[2].Detail != "not a UUID" {
		t.Errorf("the fault of the decoder became %+v", outcomes[2])
	}
	if n := w.total("blue").Attempts; n != 1 {
		t.Errorf("%d attempts count, not 1", n)
	}
}

func TestWhatTheStoreDoesNotTakeIsNotAcknowledged(t *testing.T) {
	w := newWorld(t)
	w.send(attempt(1))
	w.total("blue") // its ids are read
	w.store.setFailure(errFull)
	r := attempt(2)
	outcomes, err := w.log.Append(context.Background(), Writer{Campaign: "blue"}, []Submission{{Return: &r}})
	if outcomes != nil || !errors.Is(err, ErrNotKept) || !errors.Is(err, errFull) {
		t.Errorf("the full disk gave %v, %v", outcomes, err)
	}
	w.store.setFailure(nil)
	w.send(replacing(saying(3, -2), 1), attempt(2))
	if total := w.total("blue"); total.Attempts != 2 || total.Support != [5]int64{1, 0, 0, 1, 0} {
		t.Errorf("after the disk had room again: %+v", total)
	}
	w.verify()
	w.reopen()
	w.verify()
}

func TestWhoMayNotAppend(t *testing.T) {
	w := newWorld(t)
	r := attempt(1)
	if _, err := w.log.Append(context.Background(), Writer{Campaign: "green"}, []Submission{{Return: &r}}); !errors.Is(err, ErrCampaign) {
		t.Errorf("a campaign that there is not: %v", err)
	}
	w.offices.destroyed["blue"] = true
	if _, err := w.log.Append(context.Background(), Writer{Campaign: "blue"}, []Submission{{Return: &r}}); !errors.Is(err, ErrCampaign) {
		t.Errorf("a campaign whose key is destroyed: %v", err)
	}
	w.close()
	if _, err := w.log.Append(context.Background(), Writer{Campaign: "red"}, []Submission{{Return: &r}}); !errors.Is(err, ErrClosed) {
		t.Errorf("a log that is closed: %v", err)
	}
}

func TestACallerThatGoesIsToldThatItIsNotKnown(t *testing.T) {
	w := newWorld(t)
	w.store.pause = 50 * time.Millisecond
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
	defer cancel()
	r := attempt(1)
	if _, err := w.log.Append(ctx, Writer{Campaign: "blue"}, []Submission{{Return: &r}}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("who has gone is told %v", err)
	}
	if w.send(attempt(1))[0].Status != Kept || w.total("blue").Attempts != 1 {
		t.Errorf("sent again, %d attempts count", w.total("blue").Attempts)
	}
}

// What is kept of a return is the street, unless the person has agreed to more.
func TestWithoutConsentTheStreetIsKept(t *testing.T) {
	a := newAcceptor(engine.Campaign{ID: "blue", Election: "2027-01-10", KeepDays: 30}, make([]byte, 32), nil, Writer{}, village{}, noon)
	for _, c := range []struct {
		consent string
		at      engine.Location
		address string
		fine    bool
		door    bool
	}{
		{"", engine.Location{AddressID: house(102, 3)}, "", false, true},
		{"none", engine.Location{AddressID: house(102, 3), Door: "3-left"}, "", false, true},
		{"stored", engine.Location{AddressID: house(102, 3)}, house(102, 3), true, true},
		{"recontact", engine.Location{AddressID: house(102, 3)}, house(102, 3), true, true},
		{"withdrawn", engine.Location{AddressID: house(102, 3)}, "", false, true},
		{"", engine.Location{Segment: 102}, "", false, false},
		{"", engine.Location{Segment: 102, Door: "17"}, "", false, true},
		{"", engine.Location{Lon: 2.0101, Lat: 48.003, AccuracyM: 25}, "", false, true},
		{"", engine.Location{Lon: 2.0101, Lat: 48.003, AccuracyM: 26}, "", false, false},
		{"", engine.Location{Lon: 2.0101, Lat: 48.003}, "", false, false},
	} {
		r := attempt(1)
		r.Location, r.Consent, r.Support = c.at, c.consent, nil
		if c.consent == "stored" || c.consent == "recontact" {
			r.ConsentText = "v1"
		}
		e, fault := a.accept(&r)
		if fault != nil {
			t.Fatalf("%+v: %+v", c, fault)
		}
		place, _ := village{}.Locate("", c.at)
		cell := place.SegmentCell
		if c.fine {
			cell = place.Cell
		}
		if e.AddressID != c.address || e.Cell != cell || (e.Door != engine.Key{}) != c.door || e.Segment != 102 || e.Precinct != 7 {
			t.Errorf("consent %q at %+v is kept as address %q, cell %x, door %x, segment %d, precinct %d", c.consent, c.at, e.AddressID, e.Cell, e.Door, e.Segment, e.Precinct)
		}
	}
}

func TestADoorIsOneHoweverItIsWritten(t *testing.T) {
	blue, red := keyer{[]byte("blue")}, keyer{[]byte("red")}
	door := blue.door("a1", 0, "3-left")
	for _, same := range []string{"3-Left", "3_left", "3 left", "-3--LEFT_"} {
		if blue.door("a1", 0, same) != door {
			t.Errorf("%q is another door than 3-left", same)
		}
	}
	for name, other := range map[string]engine.Key{
		"another floor": blue.door("a1", 0, "4-left"), "no door said": blue.door("a1", 0, ""), "another address": blue.door("a2", 0, "3-left"),
		"another campaign": red.door("a1", 0, "3-left"), "a segment": blue.door("", 1, "3-left"), "a canvasser": blue.canvasser("3-left"),
	} {
		if other == door {
			t.Errorf("%s has the same key", name)
		}
	}
}

func TestTheDayIsThatOfThePlace(t *testing.T) {
	late, _ := time.Parse(time.RFC3339, "2026-11-26T23:30:00-05:00")
	early, _ := time.Parse(time.RFC3339, "2026-11-27T00:30:00+01:00")
	if a, b := dayOf(late), dayOf(early); a != 20783 || b != 20784 {
		t.Errorf("days %d and %d, not 20783 (26 November) and 20784", a, b)
	}
}

// Ids that were made of another tool's are kept as keyed hashes: the same again is the same return, in another campaign it is another, and what is
// written down when it is erased cannot be compared with that tool's list.
func TestIdsOfAnotherTool(t *testing.T) {
	w := newWorld(t)
	w.total("blue")
	named := func(n string) uuid.UUID { return uuid.NewSHA1(uuid.NameSpaceOID, []byte(n)) }
	visit := func(name, replaces string) engine.Return {
		r := attempt(1)
		r.ID = named(name)
		if replaces != "" {
			r.Replaces = named(replaces)
		}
		return r
	}
	send := func(campaign string, returns ...engine.Return) []Outcome {
		t.Helper()
		var foreign []Submission
		for i := range returns {
			foreign = append(foreign, Submission{Return: &returns[i], Foreign: true})
		}
		outcomes, err := w.log.Append(context.Background(), Writer{Campaign: campaign, Token: "t1"}, foreign)
		if err != nil {
			t.Fatal(err)
		}
		return outcomes
	}
	first := send("blue", visit("VAN 1", ""), visit("VAN 2", "VAN 1"))
	again := send("blue", visit("VAN 1", ""))
	other := send("red", visit("VAN 1", ""))
	kept := first[0].ID
	if first[0].Status != Kept || kept == named("VAN 1") || again[0].ID != kept || other[0].ID == kept || kept.Version() != 8 || kept.Variant() != uuid.RFC4122 {
		t.Errorf("%v, again %v, in another campaign %v", first, again, other)
	}
	if total := w.total("blue"); total.Attempts != 1 {
		t.Errorf("a return and its correction are %d attempts", total.Attempts)
	}
	for _, k := range w.kept("blue") {
		if slices.Contains([]uuid.UUID{named("VAN 1"), named("VAN 2")}, k.ID) || k.Replaces == named("VAN 1") {
			t.Errorf("the store has %v, which corrects %v", k.ID, k.Replaces)
		}
	}
	if o := w.send(visit("VAN 1", ""))[0]; o.Status != Kept || o.ID != named("VAN 1") {
		t.Errorf("an own return of the same id is %+v", o)
	}
	for _, erased := range []string{"VAN 3", "VAN 2"} { // by the id that was made, of one that was never here too
		w.erase(named(erased))
		if o := send("blue", visit(erased, ""))[0]; o.Status != Erased {
			t.Errorf("%s sent after it was erased is %s", erased, o.Status)
		}
		guessed := hashOfReturn("blue", named(erased))
		if strings.Contains(w.files(), hex.EncodeToString(guessed[:])) {
			t.Errorf("whoever has the other tool's list can tell that %s was erased", erased)
		}
	}
	if o := send("blue", visit("VAN 1", ""))[0]; o.Status != Erased {
		t.Errorf("what was tied to what was erased is %s", o.Status)
	}
	w.erase(named("VAN 1"))
	if o := w.send(visit("VAN 1", ""))[0]; o.Status != Erased {
		t.Errorf("the own return of that id is %s after it was erased", o.Status)
	}
}

// What comes before it is time for the next commit goes into it together; a commit that is full does not wait.
func TestReturnsWaitForTheNextCommit(t *testing.T) {
	w := newWorld(t)
	w.total("blue")
	w.close()
	config := w.log.config
	config.CommitEvery = time.Hour
	log, err := Open(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	w.log = log
	w.total("blue")
	w.send(attempt(1)) // the first waits for nothing
	commits := w.store.commits
	var senders sync.WaitGroup
	for n := range 5 {
		senders.Go(func() {
			var batch []Submission
			for i := range maxCommit / 5 {
				r := attempt(1)
				r.ID = numbered(uint64(n*maxCommit + i + 1))
				batch = append(batch, Submission{Return: &r})
			}
			if _, err := log.Append(context.Background(), Writer{Campaign: "blue"}, batch); err != nil {
				t.Error(err)
			}
		})
	}
	senders.Wait()
	if made := w.store.commits - commits; made != 1 || w.total("blue").Attempts != maxCommit+1 {
		t.Errorf("%d commits, and %d attempts", made, w.total("blue").Attempts)
	}
}

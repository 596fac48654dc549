package field

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/arpent/arpent/engine"
)

func TestWhatIsErasedIsGoneAndStaysOut(t *testing.T) {
	door := func(n int) engine.Location { return attempt(n).Location }
	for _, c := range []struct {
		name    string
		before  []engine.Return
		subject Subject
		erased  int
		left    int64 // attempts that count
		late    []engine.Return
		out     []Status // of what comes late
	}{
		{"a return", []engine.Return{attempt(1), attempt(2)}, Subject{Record: id(1)}, 1, 1,
			[]engine.Return{attempt(1), attempt(2), replacing(attempt(3), 1), withdrawal(4, 1)}, []Status{Erased, Kept, Erased, Erased}},
		{"with its corrections and what it corrects", []engine.Return{attempt(1), replacing(saying(2, 2), 1), replacing(saying(3, -1), 2), withdrawal(4, 3)},
			Subject{Record: id(2)}, 4, 0, []engine.Return{attempt(1), replacing(saying(3, -1), 2), withdrawal(5, 4)}, []Status{Erased, Erased, Erased}},
		{"one of two in conflict", []engine.Return{saying(1, 1), saying(1, -1), attempt(2)}, Subject{Record: id(1)}, 2, 1,
			[]engine.Return{saying(1, 1)}, []Status{Erased}},
		{"a correction whose first return comes late", []engine.Return{replacing(attempt(2), 1)}, Subject{Record: id(2)}, 1, 0,
			[]engine.Return{attempt(1)}, []Status{Erased}},
		{"a return that never came", []engine.Return{attempt(2)}, Subject{Record: id(1)}, 0, 1, []engine.Return{attempt(1)}, []Status{Erased}},
		{"a door", []engine.Return{attempt(1), attempt(11), attempt(2)}, Subject{Door: door(1)}, 1, 2,
			[]engine.Return{{ID: id(5), Kind: engine.Attempt, Happened: noon.Add(-2 * time.Hour), Team: "north", Location: door(1), Result: "not_home"},
				{ID: id(6), Kind: engine.Attempt, Happened: noon.Add(time.Minute), Team: "north", Location: door(1), Result: "not_home"}, attempt(1)},
			[]Status{Erased, Kept, Erased}},
		{"a canvasser", []engine.Return{attempt(1), attempt(2), {ID: id(3), Kind: engine.Attempt, Happened: noon.Add(-time.Hour), Team: "north",
			Canvasser: "c18", Location: door(3), Result: "refused"}}, Subject{Canvasser: "c17"}, 2, 1,
			[]engine.Return{attempt(1), attempt(7)}, []Status{Erased, Erased}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.send(c.before...)
			w.sendAs(Writer{Campaign: "red"}, c.before...)
			others := w.total("red")
			receipt, err := w.log.Erase(context.Background(), "blue", c.subject)
			if err != nil {
				t.Fatal(err)
			}
			if receipt.Erased != c.erased || receipt.Hash == "" {
				t.Errorf("the receipt says %+v, not %d entries", receipt, c.erased)
			}
			if left := w.total("blue").Attempts; left != c.left {
				t.Errorf("%d attempts count, not %d", left, c.left)
			}
			held, err := w.log.Held(context.Background(), "blue", c.subject)
			if err != nil || len(held) > 0 {
				t.Errorf("%d entries are still held, %v", len(held), err)
			}
			if now := w.total("red"); now != others {
				t.Errorf("the other campaign had %+v and has %+v", others, now)
			}
			w.verify()
			w.reopen()
			for i, o := range w.send(c.late...) {
				if o.Status != c.out[i] {
					t.Errorf("late, return %d became %+v, not %s", i, o, c.out[i])
				}
			}
			w.verify()
			w.hides(c.before)
			if _, err := VerifyAudit(w.dir); err != nil {
				t.Error(err)
			}
		})
	}
}

// hides checks that no file of the log tells a return, door or canvasser.
func (w *world) hides(returns []engine.Return) {
	w.t.Helper()
	files := w.files()
	key, _ := w.offices.Key("blue")
	keys := keyer{key}
	for _, r := range returns {
		door, canvasser := keys.door(r.Location.AddressID, 0, r.Location.Door), keys.canvasser(r.Canvasser)
		for what, secret := range map[string][]byte{
			"id": r.ID[:], "id as text": []byte(r.ID.String()), "id in hex": []byte(hex.EncodeToString(r.ID[:])), "door": door[:],
			"door in hex": []byte(hex.EncodeToString(door[:])), "canvasser": canvasser[:], "canvasser in hex": []byte(hex.EncodeToString(canvasser[:])),
			"address": []byte(r.Location.AddressID), "pseudonym": []byte(`"` + r.Canvasser + `"`),
		} {
			if !bytes.Equal(secret, make([]byte, len(secret))) && len(secret) > 2 && strings.Contains(files, string(secret)) {
				w.t.Errorf("a file has the %s of %s", what, r.ID)
			}
		}
	}
}

// The server dies after it has written what is to be erased, and before it is.
func TestAnErasureThatWasCutShortIsFinished(t *testing.T) {
	w := newWorld(t)
	w.send(attempt(1), replacing(attempt(2), 1), attempt(3))
	w.total("blue")
	w.store.setFailure(errFull)
	if _, err := w.log.Erase(context.Background(), "blue", Subject{Record: id(1)}); !errors.Is(err, errFull) {
		t.Fatalf("an erasure on a full disk: %v", err)
	}
	w.close()
	w.store.setFailure(nil)
	w.open()
	w.verify()
	if n := w.total("blue").Attempts; n != 1 {
		t.Errorf("%d attempts count after the restart, not 1", n)
	}
	if n := len(w.kept("blue")); n != 1 {
		t.Errorf("%d entries are kept after the restart, not 1", n)
	}
	w.verify()
}

// A line of the tombstones that was cut by a power cut was never relied on.
// An erasure whose bytes the store could not delete yet counts for the log as for the store, and is done once these are gone.
func TestAnErasureThatIsOwed(t *testing.T) {
	w := newWorld(t)
	w.send(attempt(1), replacing(saying(2, 2), 1), attempt(3))
	w.store.owes = engine.ErrErasureOwed
	for range 2 { // it is tried again
		if _, err := w.log.Erase(context.Background(), "blue", Subject{Record: id(1)}); !errors.Is(err, engine.ErrErasureOwed) {
			t.Fatalf("%v, want %v", err, engine.ErrErasureOwed)
		}
		if err := w.log.Verify(context.Background(), "blue"); err != nil {
			t.Error(err)
		}
		if got := w.total("blue").Attempts; got != 1 {
			t.Errorf("%d attempts count, want 1", got)
		}
	}
	if out := w.send(attempt(1)); out[0].Status != Erased {
		t.Errorf("what was erased comes again, and is %s", out[0].Status)
	}
	w.store.owes = nil
	if _, err := w.log.Erase(context.Background(), "blue", Subject{Record: id(1)}); err != nil {
		t.Fatal(err)
	}
	if w.store.erasures != 3 {
		t.Errorf("the store was asked %d times, want 3: it deletes what it owes when it is asked again", w.store.erasures)
	}
	w.reopen()
	if got := w.total("blue").Attempts; got != 1 {
		t.Errorf("%d attempts count after a start, want 1", got)
	}
}

func TestTombstonesSurviveATornLine(t *testing.T) {
	w := newWorld(t)
	w.send(attempt(1))
	if _, err := w.log.Erase(context.Background(), "blue", Subject{Record: id(1)}); err != nil {
		t.Fatal(err)
	}
	w.close()
	path := filepath.Join(w.dir, "erased-blue")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(text, `{"return":"ab`...), 0o600); err != nil {
		t.Fatal(err)
	}
	w.open()
	if o := w.send(attempt(1))[0]; o.Status != Erased {
		t.Errorf("after a torn line it became %+v", o)
	}
	w.close()
	if err := os.WriteFile(path, append([]byte("{]\n"), text...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(context.Background(), w.log.config); err == nil || !strings.Contains(err.Error(), path+" line 1") {
		t.Errorf("a damaged line gave %v", err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	w.open()
}

func TestASubjectIsOneOfThree(t *testing.T) {
	w := newWorld(t)
	for _, s := range []Subject{
		{}, {Record: id(1), Canvasser: "c17"}, {Door: engine.Location{Segment: 101}}, {Door: engine.Location{Door: "3"}},
		{Record: id(1), Door: engine.Location{AddressID: "a"}},
	} {
		if _, err := w.log.Erase(context.Background(), "blue", s); !errors.Is(err, ErrSubject) {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

func TestWithdrawnConsentErasesWhatWasBefore(t *testing.T) {
	w := newWorld(t)
	earlier, later := attempt(1), attempt(11)
	later.Location = earlier.Location
	later.Happened = noon.Add(time.Minute)
	corrected := replacing(saying(2, -2), 1)
	withdraws := engine.Return{ID: id(5), Kind: engine.Attempt, Happened: noon, Team: "north", Location: earlier.Location, Result: "contact", Consent: "withdrawn"}
	neighbour := attempt(12)
	w.send(earlier, corrected, neighbour)
	w.send(withdraws, later)
	w.reopen() // what is to be followed is not forgotten
	if err := w.log.EraseWithdrawn(context.Background()); err != nil {
		t.Fatal(err)
	}
	total := w.total("blue")
	if total.Attempts != 3 || total.Answers != 2 {
		t.Errorf("%d attempts and %d answers count, not 3 (neighbour, withdrawal, later) and 2", total.Attempts, total.Answers)
	}
	for _, o := range w.send(earlier, corrected) {
		if o.Status != Erased {
			t.Errorf("what was before comes again and is %+v", o)
		}
	}
	if o := w.send(withdraws)[0]; o.Status != Kept {
		t.Errorf("the withdrawal comes again and is %+v", o)
	}
	w.verify()
	w.hides([]engine.Return{earlier, corrected})
	if err := w.log.EraseWithdrawn(context.Background()); err != nil || w.total("blue") != total {
		t.Errorf("done again it changes %+v to %+v, %v", total, w.total("blue"), err)
	}
}

// A correction may itself withdraw the consent: what it corrects goes, and is not named any more.
func TestACorrectionThatWithdrawsConsentStays(t *testing.T) {
	w := newWorld(t)
	withdraws := engine.Return{
		ID: id(5), Kind: engine.Attempt, Happened: noon, Team: "north", Location: attempt(1).Location, Result: "contact", Consent: "withdrawn", Replaces: id(1),
	}
	w.send(attempt(1), withdraws)
	if err := w.log.EraseWithdrawn(context.Background()); err != nil {
		t.Fatal(err)
	}
	kept := w.kept("blue")
	if len(kept) != 1 || kept[0].ID != id(5) || kept[0].Replaces != (uuid.UUID{}) || kept[0].Effect != engine.Counts {
		t.Errorf("what stays is %+v", kept)
	}
	w.verify()
}

// Consent is withdrawn between a first return and what came of it: what is left counts for no more than it did.
func TestWithdrawnConsentLeavesWhatCounted(t *testing.T) {
	at := func(r engine.Return, minutes int) engine.Return {
		r.Location, r.Happened = attempt(1).Location, noon.Add(time.Duration(minutes)*time.Minute)
		return r
	}
	for _, c := range []struct {
		name      string
		came      []engine.Return // at one door
		attempts  int64           // that count beside the withdrawal of consent
		answers   int64
		conflicts int
	}{
		{"two corrections in conflict stay one attempt", []engine.Return{at(attempt(1), -9), at(replacing(saying(2, 2), 1), 1), at(replacing(saying(3, -2), 1), 2)}, 1, 0, 1},
		{"also where they correct different versions",
			[]engine.Return{at(attempt(1), -9), at(replacing(attempt(4), 1), -8), at(replacing(saying(2, 2), 1), 1), at(replacing(saying(3, -2), 4), 2)}, 1, 0, 1},
		{"what was taken back does not come back", []engine.Return{at(attempt(1), -9), at(replacing(attempt(2), 1), 1), withdrawal(3, 2)}, 0, 0, 0},
		{"nor where the first return was taken back", []engine.Return{at(attempt(1), -9), at(replacing(attempt(2), 1), 1), withdrawal(3, 1)}, 0, 0, 0},
		{"what was corrected does not come back", []engine.Return{at(attempt(1), -9), at(replacing(attempt(2), 1), 1), at(replacing(attempt(3), 2), -1)}, 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			withdraws := at(engine.Return{ID: id(9), Kind: engine.Attempt, Team: "north", Result: "contact", Consent: "withdrawn"}, 0)
			w.send(append(c.came, withdraws)...)
			w.total("blue")
			if err := w.log.EraseWithdrawn(context.Background()); err != nil {
				t.Fatal(err)
			}
			health, err := w.log.Health(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			total := w.total("blue")
			if total.Attempts != c.attempts+1 || total.Answers != c.answers || health.Conflicts != c.conflicts {
				t.Errorf("%d attempts and %d answers count, with %d conflicts, not %d, %d and %d", total.Attempts-1, total.Answers, health.Conflicts,
					c.attempts, c.answers, c.conflicts)
			}
			w.verify()
			w.send(c.came...)
			if again := w.total("blue"); again != total {
				t.Errorf("sent again it makes %+v of %+v", again, total)
			}
			w.verify()
		})
	}
}

// What is tied to something erased is out, by whatever way it comes.
func TestWhatIsTiedToTheErasedStaysOut(t *testing.T) {
	elsewhere := replacing(attempt(3), 2)
	elsewhere.Happened = noon.Add(time.Minute)
	doorless, theirs := replacing(attempt(3), 1), attempt(1)
	theirs.Canvasser = "c18"
	for _, c := range []struct {
		name    string
		before  []engine.Return
		subject Subject
		late    [][]engine.Return
	}{
		{"a correction of a correction", []engine.Return{attempt(1)}, Subject{Record: id(1)}, [][]engine.Return{{replacing(attempt(2), 1)}, {elsewhere}}},
		{"in one batch", []engine.Return{attempt(1)}, Subject{Record: id(1)}, [][]engine.Return{{replacing(attempt(2), 1), elsewhere}}},
		{"the last of them first", []engine.Return{attempt(1)}, Subject{Record: id(1)}, [][]engine.Return{{elsewhere}, {replacing(attempt(2), 1)}}},
		{"the last of them first, in one batch", []engine.Return{attempt(1)}, Subject{Record: id(1)}, [][]engine.Return{{elsewhere, replacing(attempt(2), 1)}}},
		{"the last of them before the erasure", []engine.Return{elsewhere}, Subject{Record: id(1)}, [][]engine.Return{{replacing(attempt(2), 1)}}},
		{"a correction of what is of an erased door", nil, Subject{Door: attempt(1).Location}, [][]engine.Return{{attempt(1)}, {doorless}}},
		{"a correction of what an erased canvasser has noted", nil, Subject{Canvasser: "c18"}, [][]engine.Return{{theirs}, {doorless}}},
	} {
		for _, restarts := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, restarts %t", c.name, restarts), func(t *testing.T) {
				w := newWorld(t)
				w.send(append(c.before, attempt(5))...)
				if _, err := w.log.Erase(context.Background(), "blue", c.subject); err != nil {
					t.Fatal(err)
				}
				for _, late := range c.late {
					if restarts {
						w.reopen()
					}
					w.send(late...)
				}
				if restarts {
					w.reopen()
				} else if err := w.log.EraseWithdrawn(context.Background()); err != nil {
					t.Fatal(err)
				}
				w.verify()
				if kept := w.kept("blue"); len(kept) != 1 {
					t.Errorf("%d entries are kept, not the one that is tied to nothing", len(kept))
				}
				w.verify()
				w.agrees(t)
			})
		}
	}
}

// Whatever comes between the returns - erasures, releases, restarts, a disk that is full - what is tied to an erased return is gone in the end, and all else counts as
// if it had never been there.
func TestErasuresAmongReturnsInAnyOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var returns []engine.Return
		tied := map[uuid.UUID]uuid.UUID{} // to one of those that it is tied to
		root := func(id uuid.UUID) uuid.UUID {
			for tied[id] != (uuid.UUID{}) {
				id = tied[id]
			}
			return id
		}
		for range rapid.IntRange(2, 8).Draw(rt, "returns") {
			r := aReturn(rt)
			returns = append(returns, r)
			if a, b := root(r.ID), root(r.Replaces); r.Replaces != (uuid.UUID{}) && a != b {
				tied[a] = b
			}
		}
		w := newWorld(t)
		defer w.close()
		ctx := context.Background()
		var ids []uuid.UUID
		for n := 1; n <= 6; n++ {
			ids = append(ids, id(n))
		}
		erased := map[uuid.UUID]bool{}
		do := func(err error) {
			if err != nil {
				rt.Fatal(err)
			}
		}
		release := func() {
			_, err := w.log.Release(ctx, "blue", ids)
			do(err)
		}
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			w.store.setFailure(nil)
			w.verify()
			fails := rapid.IntRange(0, 3).Draw(rt, "fails") == 0
			if fails {
				w.store.setFailure(errFull)
			}
			switch rapid.IntRange(0, 9).Draw(rt, "step") {
			case 0:
				one := rapid.SampledFrom(ids).Draw(rt, "erased")
				_, err := w.log.Erase(ctx, "blue", Subject{Record: one})
				if !errors.Is(err, errFull) {
					do(err)
				}
				erased[one] = true // also where it failed: then it is due
			case 1:
				if !fails {
					release()
				}
			case 2:
				w.store.setFailure(nil) // else it waits until it tries to read the log again
				w.reopen()
			case 3:
				if err := w.log.EraseWithdrawn(ctx); !fails || !errors.Is(err, errFull) {
					do(err)
				}
			default:
				var batch []Submission
				for _, r := range rapid.SliceOfN(rapid.SampledFrom(returns), 1, 4).Draw(rt, "batch") {
					batch = append(batch, Submission{Return: &r})
				}
				if _, err := w.log.Append(ctx, Writer{Campaign: "blue"}, batch); !fails || !errors.Is(err, ErrNotKept) {
					do(err)
				}
			}
		}
		w.store.setFailure(nil)
		for range 2 { // all of it comes again, as from phones that have heard nothing
			w.send(rapid.Permutation(returns).Draw(rt, "again")...)
			do(w.log.EraseWithdrawn(ctx))
		}
		release()

		plain := newWorld(t)
		defer plain.close()
		out := map[uuid.UUID]bool{}
		for one := range erased {
			out[root(one)] = true
		}
		for _, r := range returns {
			if !out[root(r.ID)] {
				plain.send(r)
			}
		}
		_, err := plain.log.Release(ctx, "blue", ids)
		do(err)
		if got, want := w.rollup(bySegmentAndDay), plain.rollup(bySegmentAndDay); fmt.Sprint(got) != fmt.Sprint(want) {
			rt.Fatalf("counts are\n%v\nand without what is erased\n%v", got, want)
		}
		for _, k := range w.kept("blue") {
			if out[root(k.ID)] {
				rt.Fatalf("%s is kept, and is tied to what was erased", k.ID)
			}
		}
		w.verify()
		w.agrees(rt)
	})
}

func TestPurgeAtTheEndOfACampaign(t *testing.T) {
	w := newWorld(t)
	soon := attempt(1)
	soon.Expires = noon.Add(time.Hour)
	w.send(soon, replacing(attempt(2), 1), attempt(3))
	w.sendAs(Writer{Campaign: "red"}, attempt(1))
	for _, c := range []struct {
		at     time.Time
		erased int
		left   int64
		keyMay bool
	}{
		{noon, 0, 2, false},
		{noon.Add(2 * time.Hour), 2, 1, false}, // the end of one version is the end of all
		{time.Date(2027, 2, 9, 23, 59, 0, 0, time.UTC), 0, 1, false},
		{time.Date(2027, 2, 10, 0, 0, 0, 0, time.UTC), 1, 0, true}, // 30 days after the 10th of January have passed
	} {
		w.setNow(c.at)
		receipt, err := w.log.Purge(context.Background(), "blue", c.at)
		if err != nil {
			t.Fatal(err)
		}
		if receipt.Erased != c.erased || receipt.KeyMayGo != c.keyMay || w.total("blue").Attempts != c.left {
			t.Errorf("at %v: receipt %+v and %d attempts left, not %d erased, %t, and %d", c.at, receipt, w.total("blue").Attempts, c.erased, c.keyMay, c.left)
		}
		w.verify()
	}
	if n := w.total("red").Attempts; n != 1 {
		t.Errorf("the other campaign has %d attempts", n)
	}
	if _, err := os.Stat(filepath.Join(w.dir, "erased-blue")); !os.IsNotExist(err) {
		t.Errorf("what was erased is still known: %v", err)
	}
	if o := w.send(attempt(9))[0]; o.Status != Rejected || o.Field != "expires_at" {
		t.Errorf("a return after the end became %+v", o)
	}
}

// What ends with a campaign takes its places in the order of changes with it; they are not given again, or who follows would miss returns.
func TestPlacesInTheOrderAreNotGivenAgain(t *testing.T) {
	w := newWorld(t)
	w.sendAs(Writer{Campaign: "red"}, attempt(1))
	w.sendAs(Writer{Campaign: "red"}, attempt(2))
	w.erase(id(7)) // of blue, which has nothing
	if _, err := w.log.Erase(context.Background(), "red", Subject{Record: id(2)}); err != nil {
		t.Fatal(err)
	}
	w.setNow(noon.AddDate(1, 0, 0))
	if receipt, err := w.log.Purge(context.Background(), "red", noon.AddDate(1, 0, 0)); err != nil || !receipt.KeyMayGo {
		t.Fatalf("receipt %+v, %v", receipt, err)
	}
	w.setNow(noon)
	w.total("blue")
	_, cursor := w.follow("", 10)
	w.reopen()
	w.send(attempt(3))
	w.total("blue")
	if words, _ := w.follow(cursor, 10); len(words) != 1 || words[0] != "3 counts" {
		t.Errorf("who follows hears %v", words)
	}
}

package field

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/storetest"
)

// backup is a copy of the store as it is now.
func (w *world) backup() (copied storetest.Log) {
	w.store.mu.RLock()
	defer w.store.mu.RUnlock()
	batch := engine.Batch{SettledTo: w.store.log.Health().SettledTo}
	for _, campaign := range []string{"blue", "red"} {
		for _, k := range w.store.log.Replay(engine.Selection{Campaign: campaign}) {
			batch.Entries = append(batch.Entries, k.Entry)
			batch.Settlements = append(batch.Settlements, engine.Settlement{Position: k.Position, At: k.Revision, Effect: k.Effect})
		}
	}
	slices.SortFunc(batch.Entries, func(a, b engine.Entry) int { return int(a.Position - b.Position) })
	copied.Add(batch)
	return copied
}

// A backup from before an erasure is put back, with the tombstones from after it: what was erased is erased again before anybody sees it, with a
// receipt, and all else is as it was.
func TestWhatWasErasedDoesNotComeBackWithABackup(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t)
		var sent []engine.Return
		n := rapid.IntRange(1, 8).Draw(r, "returns")
		for i := range n {
			one := attempt(i + 1)
			if i > 0 && rapid.Bool().Draw(r, "corrects") {
				one = replacing(one, rapid.IntRange(1, i).Draw(r, "which"))
			}
			sent = append(sent, one)
		}
		w.send(sent...)
		w.sendAs(Writer{Campaign: "red"}, sent...)
		w.total("blue")
		old, before := w.backup(), len(w.kept("blue"))
		subject := Subject{Record: id(rapid.IntRange(1, n).Draw(r, "erased"))}
		if rapid.Bool().Draw(r, "the door") {
			subject = Subject{Door: sent[0].Location}
		}
		if _, err := w.log.Erase(context.Background(), "blue", subject); err != nil {
			r.Fatal(err)
		}
		want, red := idsOf(w.kept("blue")), idsOf(w.kept("red"))
		w.send(attempt(77)) // and is lost
		w.close()
		w.store.log = old
		w.open()
		w.verify()
		if got := idsOf(w.kept("blue")); !slices.Equal(got, want) {
			r.Errorf("after the backup came back there is %v, and %v was left by the erasure", got, want)
		}
		if got := idsOf(w.kept("red")); !slices.Equal(got, red) {
			r.Errorf("the other campaign has %v, and had %v", got, red)
		}
		lines, err := w.log.Audit(context.Background(), "blue", 0, 100)
		if err != nil {
			r.Fatal(err)
		}
		receipts := 0
		for _, line := range lines {
			if line.Receipt != nil && line.Receipt.Subject == "restored" {
				receipts++
			}
		}
		if again := before > len(want); again != (receipts == 1) {
			r.Errorf("%d receipts, and something came back: %v", receipts, again)
		}
		if got := w.send(attempt(88))[0].Status; got != Kept {
			r.Errorf("a new return becomes %s", got)
		}
		w.reopen()
		w.verify()
		if _, err := VerifyAudit(w.dir); err != nil {
			r.Error(err)
		}
	})
}

func idsOf(kept []engine.Kept) (ids []string) {
	for i := range kept {
		ids = append(ids, kept[i].ID.String())
	}
	slices.Sort(ids)
	return ids
}

// Without the tombstones a backup brings back what it has: the page on operations says to copy them.
func TestTombstonesAreWhatKeepsABackupOut(t *testing.T) {
	w := newWorld(t)
	w.send(attempt(1), attempt(2))
	w.total("blue")
	old := w.backup()
	if _, err := w.log.Erase(context.Background(), "blue", Subject{Record: id(1)}); err != nil {
		t.Fatal(err)
	}
	w.close()
	w.store.log = old
	path := filepath.Join(w.dir, erasedPrefix+"blue")
	known, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	w.open()
	w.verify()
	if n := len(w.kept("blue")); n != 2 {
		t.Fatalf("%d entries came back: the test looks at nothing", n)
	}
	w.close()
	if err := os.WriteFile(path, known, 0o600); err != nil {
		t.Fatal(err)
	}
	w.open()
	w.verify()
	if n := len(w.kept("blue")); n != 1 || slices.Contains(idsOf(w.kept("blue")), id(1).String()) {
		t.Errorf("%d entries are there", n)
	}
}

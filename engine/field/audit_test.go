package field

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/arpent/arpent/engine"
)

func TestTheAuditLogShowsWhatWasChanged(t *testing.T) {
	w := newWorld(t)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for range 5 {
				if err := w.log.Record(Read{Campaign: "blue", Token: "t1", Route: "/v1/rollup", Grain: "segment", Rows: 12}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	w.send(attempt(1))
	receipt, err := w.log.Erase(context.Background(), "blue", Subject{Record: id(1)})
	if err != nil {
		t.Fatal(err)
	}
	w.reopen() // the chain goes on
	if err := w.log.Record(Read{Campaign: "red", Route: "/v1/field/changes", Grain: "return", Rows: 1}); err != nil {
		t.Fatal(err)
	}
	lines, err := w.log.Audit(context.Background(), "blue", 19, 10)
	if err != nil || len(lines) != 2 || lines[1].Receipt == nil || lines[1].Receipt.Erased != 1 || lines[1].Hash != receipt.Hash || lines[1].Number != receipt.Line {
		t.Errorf("the campaign's lines after the 19th are %+v, %v; the receipt is %+v", lines, err, receipt)
	}
	w.close()
	path := filepath.Join(w.dir, "audit.log")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, err := VerifyAudit(w.dir)
	if err != nil || head.Lines != 22 {
		t.Fatalf("the log as it was written: %+v, %v", head, err)
	}
	all := strings.SplitAfter(strings.TrimSuffix(string(text), "\n"), "\n")
	for name, change := range map[string]func(lines []string) []string{
		"a line changed":    func(l []string) []string { l[3] = strings.Replace(l[3], `"rows":12`, `"rows":13`, 1); return l },
		"a space added":     func(l []string) []string { l[3] = strings.Replace(l[3], `"rows":12`, `"rows": 12`, 1); return l },
		"a line removed":    func(l []string) []string { return slices.Delete(l, 3, 4) },
		"the first removed": func(l []string) []string { return l[1:] },
		"two lines swapped": func(l []string) []string { l[3], l[4] = l[4], l[3]; return l },
		"a line twice":      func(l []string) []string { return slices.Insert(l, 4, l[3]) },
		"cut in the middle": func(l []string) []string { l[3] = l[3][:20] + "\n"; return l },
	} {
		changed := strings.Join(change(slices.Clone(all)), "") + "\n"
		if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := VerifyAudit(w.dir); !errors.Is(err, ErrAudit) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Lines cut off at the end leave a whole chain, with another head than the one that was noted.
	if err := os.WriteFile(path, []byte(strings.Join(all[:20], "")), 0o600); err != nil {
		t.Fatal(err)
	}
	if cut, err := VerifyAudit(w.dir); err != nil || cut == head {
		t.Errorf("cut at the end: %+v, %v", cut, err)
	}
	// A line that a power cut has cut was never relied on.
	if err := os.WriteFile(path, append(slices.Clone(text), `{"n":23,"ti`...), 0o600); err != nil {
		t.Fatal(err)
	}
	w.open()
	if again, err := VerifyAudit(w.dir); err != nil || again != head {
		t.Errorf("after a torn line: %+v, %v", again, err)
	}
}

func TestTheAuditLogHasNoValues(t *testing.T) {
	w := newWorld(t)
	w.send(attempt(1))
	if _, err := w.log.Erase(context.Background(), "blue", Subject{Door: attempt(1).Location}); err != nil {
		t.Fatal(err)
	}
	w.hides([]engine.Return{attempt(1)})
	if !strings.Contains(w.files(), `"subject":"door"`) {
		t.Error("the erasure is in no file")
	}
}

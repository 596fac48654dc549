package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// What is not acknowledged is there again after the power went, in its order, whatever was cut in two.
func TestOutboxKeepsWhatIsNotAcknowledged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "outbox.jsonl")
	box, left, err := openOutbox(path)
	if err != nil || len(left) != 0 {
		t.Fatal(left, err)
	}
	returns := make([]*outboxLine, 5)
	for i := range returns {
		returns[i] = &outboxLine{Canvasser: i, Return: json.RawMessage(fmt.Sprintf(`{"id":%d}`, i))}
	}
	if err := box.add(returns...); err != nil {
		t.Fatal(err)
	}
	if err := box.acknowledge([]outboxLine{{Of: returns[1].Number, Status: "kept"}, {Of: returns[3].Number, Status: "rejected"}}); err != nil {
		t.Fatal(err)
	}
	if err := box.close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(whole), "\n")
	for _, c := range []struct {
		what, content string
		left          []int // canvassers whose return waits
		fault         string
	}{
		{"whole", string(whole), []int{0, 2, 4}, ""},
		{"the last line cut in two", string(whole[:len(whole)-5]), []int{0, 2, 3, 4}, ""},
		{"both acknowledgements cut off", strings.Join(lines[:5], ""), []int{0, 1, 2, 3, 4}, ""},
		{"empty", "", nil, ""},
		{"a line in the middle is damaged", lines[0] + "{\"n\":2,\n" + lines[2], nil, "the file is not what was written"},
	} {
		if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		box, left, err := openOutbox(path)
		if c.fault != "" {
			if err == nil || !strings.Contains(err.Error(), c.fault) {
				t.Errorf("%s: %v", c.what, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
		var by []int
		for _, line := range left {
			by = append(by, line.Canvasser)
		}
		if !slices.Equal(by, c.left) {
			t.Errorf("%s: of %v, not %v", c.what, by, c.left)
		}
		// What comes next stands on a line of its own, under a number that is new.
		next := &outboxLine{Return: json.RawMessage(`{}`)}
		if err := box.add(next); err != nil {
			t.Fatal(err)
		}
		if err := box.close(); err != nil {
			t.Fatal(err)
		}
		if _, again, err := openOutbox(path); err != nil || len(again) != len(c.left)+1 || slices.ContainsFunc(left, func(l outboxLine) bool { return l.Number == next.Number }) {
			t.Errorf("%s: %d wait afterwards, %v", c.what, len(again), err)
		}
	}
}

// Many phones share the file: none comes back before its own lines are on the disk.
func TestOutboxOfManyPhones(t *testing.T) {
	path := filepath.Join(t.TempDir(), "outbox.jsonl")
	box, _, err := openOutbox(path)
	if err != nil {
		t.Fatal(err)
	}
	var phones sync.WaitGroup
	for n := range 50 {
		phones.Go(func() {
			for range 20 {
				line := &outboxLine{Canvasser: n, Return: json.RawMessage(fmt.Sprintf(`{"by":%d}`, n))}
				if err := box.add(line); err != nil {
					t.Error(err)
				}
				content, err := os.ReadFile(path)
				if err != nil || !strings.Contains(string(content), fmt.Sprintf(`{"n":%d,"by":%d,`, line.Number, n)) {
					t.Errorf("return %d of phone %d is not in the file: %v", line.Number, n, err)
				}
			}
		})
	}
	phones.Wait()
	if err := box.close(); err != nil {
		t.Fatal(err)
	}
	_, left, err := openOutbox(path)
	if err != nil || len(left) != 1000 {
		t.Errorf("%d returns wait, %v", len(left), err)
	}
}

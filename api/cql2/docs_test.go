package cql2

import (
	"os"
	"strings"
	"testing"
)

// Every filter in docs/filters.md is read, a line each in text.
func TestExamplesOfTheDocs(t *testing.T) {
	page, err := os.ReadFile("../../docs/filters.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(page), "```")
	if len(blocks) != 5 {
		t.Fatalf("the page has %d blocks, wanted text and JSON", len(blocks)/2)
	}
	for line := range strings.Lines(strings.TrimSpace(blocks[1])) {
		if _, err := ParseText(line); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	if _, err := ParseJSON([]byte(strings.TrimPrefix(blocks[3], "json"))); err != nil {
		t.Error(err)
	}
	for _, o := range operators {
		if !strings.Contains(blocks[4], " "+string(o.op)) && !strings.Contains(blocks[4], "`"+string(o.op)) {
			t.Errorf("the page does not list %s", o.op)
		}
	}
}

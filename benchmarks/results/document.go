package main

import (
	"fmt"
	"regexp"
	"strings"
)

const (
	blockBegins = "<!-- bench: "
	blockEnds   = "<!-- end of bench -->"
)

// A block is a part of the document that is measured.
type block struct {
	heading    string // of the section it stands in
	command    string // no other block has it
	tables     []table
	plot       string // a file beside the document, or none
	start, end int    // its content, which is replaced, in bytes of the document
}

// A table is made of the benchmarks whose names match. Without columns it has one for each unit.
type table struct {
	match   *regexp.Regexp
	columns []column
}

// A column has the figures of a unit: those of benchmarks whose names end so, if it says how.
type column struct{ ending, unit string }

// parseBlocks finds the blocks of a document, in order.
func parseBlocks(text string) ([]block, error) {
	var blocks []block
	heading, lineNumber, at := "", 0, 0
	for line := range strings.Lines(text) {
		lineNumber++
		next := at + len(line)
		if strings.HasPrefix(line, "## ") {
			heading = strings.TrimSpace(line[3:])
		}
		if strings.HasPrefix(line, blockBegins) {
			b, err := parseBlock(text, at)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", lineNumber, err)
			}
			for _, other := range blocks {
				if other.command == b.command {
					return nil, fmt.Errorf("line %d: another block has this command too: put both into one", lineNumber)
				}
			}
			b.heading = heading
			blocks = append(blocks, b)
		}
		at = next
	}
	return blocks, nil
}

// parseBlock reads the block that begins at a byte of the document.
func parseBlock(text string, at int) (block, error) {
	head, _, closed := strings.Cut(text[at+len(blockBegins):], "-->\n")
	b := block{start: at + len(blockBegins) + len(head) + len("-->\n")}
	length := -1
	if closed {
		length = strings.Index(text[b.start:], blockEnds)
	}
	if length < 0 || strings.Contains(head, "<!--") || strings.Contains(text[b.start:b.start+length], blockBegins) {
		return b, fmt.Errorf("the block does not end: write --> and, after its figures, a line %s", blockEnds)
	}
	b.end = b.start + length
	lines := strings.Split(strings.TrimSpace(head), "\n")
	b.command = strings.TrimSpace(lines[0])
	if b.command == "" {
		return b, fmt.Errorf("the block has no command: write it after %q", blockBegins)
	}
	for _, line := range lines[1:] {
		what, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch what {
		case "table":
			t, err := parseTable(value)
			if err != nil {
				return b, err
			}
			b.tables = append(b.tables, t)
		case "plot":
			b.plot = value
		default:
			return b, fmt.Errorf("a block has lines that begin with table: or plot:, and not %q", line)
		}
	}
	if len(b.tables) == 0 {
		b.tables = []table{{match: regexp.MustCompile("")}}
	}
	return b, nil
}

// parseTable reads "PATTERN | COLUMN | COLUMN", columns as "unit" or "ending unit".
func parseTable(text string) (table, error) {
	parts := strings.Split(text, " | ")
	match, err := regexp.Compile(parts[0])
	if err != nil {
		return table{}, fmt.Errorf("table: %w", err)
	}
	t := table{match: match}
	for _, part := range parts[1:] {
		words := strings.Fields(part)
		switch len(words) {
		case 1:
			t.columns = append(t.columns, column{unit: words[0]})
		case 2:
			t.columns = append(t.columns, column{words[0], words[1]})
		default:
			return table{}, fmt.Errorf("table: a column is a unit, or the end of a name and a unit, and not %q", part)
		}
	}
	return t, nil
}

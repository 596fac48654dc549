package main

import (
	"fmt"
	"slices"
	"strings"
)

// rounds is how often everything is measured, each side in turn.
const rounds = 5

// series is a figure, once a round.
type series []float64

// add adds the figure of a round.
func (s *series) add(x float64, err error) error {
	*s = append(*s, x)
	return err
}

// median is the middle of them, the mean of the middle two where their number is even.
func (s series) median() float64 {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// String writes three digits.
func (s series) String() string { return threeDigits(s.median()) }

func threeDigits(x float64) string {
	switch {
	case x >= 100:
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	case x >= 1:
		return fmt.Sprintf("%.2f", x)
	}
	return fmt.Sprintf("%.3f", x)
}

// tooShort stands where a time is less than what is counted.
const tooShort = "too short to measure"

// times is how much more one figure is than another. Of tiles that are not the same it is void.
func times(more, less series, differs string) string {
	switch {
	case differs != "":
		return "void"
	case less.median() <= 0 || more.median() <= 0:
		return tooShort
	}
	return threeDigits(more.median() / less.median())
}

// table is written in Markdown.
type table struct {
	out strings.Builder
}

func newTable(columns ...string) *table {
	t := &table{}
	t.row(columns...)
	t.out.WriteString("|" + strings.Repeat("---|", len(columns)) + "\n")
	return t
}

func (t *table) row(cells ...string) {
	t.out.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

// voids says under a table why a ratio in it is void.
func (t *table) voids(sets []*tileSet) {
	before := "\n"
	for _, s := range sets {
		if s.differs != "" {
			fmt.Fprintf(&t.out, "%s- Zoom %d is void, the features are not the same: %s\n", before, s.zoom, s.differs)
			before = ""
		}
	}
}

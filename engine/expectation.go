package engine

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

// Expectation is what a source of a place file says its rows are like. A build that reads something else stops before the
// switch.
//
//	expect:
//	  rows: 158048 ± 1%
//	  votes: {sum: 1017268, min: 0, max: 1200, mean: 103 ± 5}
type Expectation struct {
	Rows    *Range
	Columns map[string]ColumnExpectation // by column of the kind of rows

	fault error // of what is written, until the line is known
}

// ColumnExpectation is what a column of numbers is expected to be like; what is absent is not asked. Absent values are not
// counted.
type ColumnExpectation struct {
	Sum  *Range `yaml:"sum,omitempty"`
	Min  *Range `yaml:"min,omitempty"`
	Max  *Range `yaml:"max,omitempty"`
	Mean *Range `yaml:"mean,omitempty"`
}

// Range is a number with its tolerance, both ends included. A place file writes it 120, 120 ± 3, 120 ± 2% or 100..140.
type Range struct {
	Low, High float64
	Text      string // as written
}

// Holds tells whether a number is in the range.
func (r Range) Holds(x float64) bool { return x >= r.Low && x <= r.High }

// UnmarshalYAML reads a number with its tolerance.
func (r *Range) UnmarshalYAML(raw []byte) error {
	var c Code
	if err := c.UnmarshalYAML(raw); err != nil {
		return err
	}
	text := strings.TrimSpace(string(c))
	parsed, ok := parseRange(strings.ReplaceAll(text, "+-", "±"))
	if !ok {
		return fmt.Errorf("%q is not a number to expect: write 120, 120 ± 3, 120 ± 2%% or 100..140", text)
	}
	parsed.Text = text
	*r = parsed
	return nil
}

func parseRange(text string) (r Range, ok bool) {
	if low, high, found := strings.Cut(text, ".."); found {
		var okLow, okHigh bool
		r.Low, okLow = parseFinite(low)
		r.High, okHigh = parseFinite(high)
		return r, okLow && okHigh && r.Low <= r.High
	}
	middle, tolerance, found := strings.Cut(text, "±")
	center, ok := parseFinite(middle)
	if !ok {
		return r, false
	}
	off := 0.0
	if found {
		percent, relative := strings.CutSuffix(strings.TrimSpace(tolerance), "%")
		if off, ok = parseFinite(percent); !ok || off < 0 {
			return r, false
		}
		if relative {
			off *= math.Abs(center) / 100
		}
	}
	return Range{Low: center - off, High: center + off}, true
}

func parseFinite(text string) (float64, bool) {
	x, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	return x, err == nil && !math.IsNaN(x) && !math.IsInf(x, 0)
}

// UnmarshalYAML takes rows: and the names of columns side by side. What is wrong with them is said with the line, by ReadPlace.
func (e *Expectation) UnmarshalYAML(raw []byte) error {
	e.fault = e.read(raw)
	return nil
}

func (e *Expectation) read(raw []byte) error {
	var keys map[string]any
	if err := yaml.Unmarshal(raw, &keys); err != nil {
		return fmt.Errorf("expect: %s: write {rows: 120, COLUMN: {sum: 100..140}}", unplaced(err))
	}
	var rows struct {
		Rows *Range `yaml:"rows"`
	}
	if err := yaml.Unmarshal(raw, &rows); err != nil {
		return fmt.Errorf("expect: rows: %s", unplaced(err))
	}
	e.Rows = rows.Rows
	delete(keys, "rows")
	e.Columns = make(map[string]ColumnExpectation, len(keys))
	for name, value := range keys {
		content, err := yaml.Marshal(value)
		if err != nil {
			return err
		}
		var c ColumnExpectation
		if err := yaml.NewDecoder(bytes.NewReader(content), yaml.Strict()).Decode(&c); err != nil {
			return fmt.Errorf("expect: %s: %s (a column has sum, min, max and mean)", name, unplaced(err))
		}
		e.Columns[name] = c
	}
	return nil
}

// unplaced is YAML's message without the position, which counts from the part that was read.
func unplaced(err error) string {
	line := firstLine(err)
	if _, message, found := strings.Cut(line, "] "); found && line[0] == '[' {
		return message
	}
	return line
}

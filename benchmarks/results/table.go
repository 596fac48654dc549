package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// render gives the new content of a block: its tables, its plot's exponents, and how all of it was measured.
func (b block) render(found results, measured, folder string) (string, error) {
	var out strings.Builder
	for _, t := range b.tables {
		text := t.render(found)
		if text == "" {
			return "", fmt.Errorf("nothing that was printed is in the table %s of %s", t.match, b.heading)
		}
		out.WriteString(text + "\n")
	}
	if b.plot != "" {
		text, err := plotGrowth(found, folder, b.plot)
		if err != nil {
			return "", err
		}
		out.WriteString(text + "\n")
	}
	out.WriteString(measured)
	return out.String(), nil
}

// render gives a table in Markdown, or nothing where no benchmark is in it.
func (t table) render(found results) string {
	columns := t.columns
	if len(columns) == 0 {
		columns = everyUnit(found, t)
	}
	var names []string
	cells := map[string][]string{}
	for _, r := range found.rows {
		if !t.match.MatchString(r.name) {
			continue
		}
		for i, c := range columns {
			values := r.values[c.unit]
			row, ends := r.name, true
			if c.ending != "" {
				row, ends = strings.CutSuffix(r.name, "/"+c.ending)
			}
			if !ends || len(values) == 0 {
				continue
			}
			if cells[row] == nil {
				names = append(names, row)
				cells[row] = make([]string, len(columns))
			}
			cells[row][i] = c.write(figureOf(values))
		}
	}
	if len(names) == 0 {
		return ""
	}
	var out strings.Builder
	if len(names) == 1 { // upright
		fmt.Fprintf(&out, "| %s | |\n|---|---|\n", strings.ReplaceAll(names[0], "/", ", "))
		for i, c := range columns {
			if cell := cells[names[0]][i]; cell != "" {
				fmt.Fprintf(&out, "| %s | %s |\n", c.title(), cell)
			}
		}
		return out.String()
	}
	head, line := "| |", "|---|"
	for _, c := range columns {
		head += " " + c.title() + " |"
		line += "---|"
	}
	fmt.Fprintf(&out, "%s\n%s\n", head, line)
	shared := sharedPrefix(names)
	for _, name := range names {
		fmt.Fprintf(&out, "| %s | %s |\n", strings.ReplaceAll(name[len(shared):], "/", ", "), strings.Join(cells[name], " | "))
	}
	return out.String()
}

func (c column) title() string {
	unit := c.unit
	if unit == timeOfOne {
		unit = "time"
	}
	return strings.TrimPrefix(c.ending+", "+unit, ", ")
}

// timeOfOne is the unit of time that go test gives by itself. It is written in seconds, milliseconds or less.
const timeOfOne = "ns/op"

func (c column) write(f figure) string {
	if c.unit != timeOfOne {
		return f.String()
	}
	for _, unit := range []struct {
		name        string
		nanoseconds float64
	}{{"s", 1e9}, {"ms", 1e6}, {"µs", 1e3}} {
		if f.median >= unit.nanoseconds {
			return threeDigits(f.median/unit.nanoseconds) + " " + unit.name + f.spread()
		}
	}
	return threeDigits(f.median) + " ns" + f.spread()
}

// everyUnit has a column for each unit of the benchmarks of a table.
func everyUnit(found results, t table) (columns []column) {
	for _, r := range found.rows {
		if !t.match.MatchString(r.name) {
			continue
		}
		for _, unit := range r.units {
			if c := (column{unit: unit}); !slices.Contains(columns, c) {
				columns = append(columns, c)
			}
		}
	}
	return columns
}

// sharedPrefix is what all names begin with, up to a slash: the title of the table says it.
func sharedPrefix(names []string) string {
	prefix := names[0]
	for _, name := range names {
		for !strings.HasPrefix(name, prefix) || name == prefix {
			slash := strings.LastIndexByte(strings.TrimSuffix(prefix, "/"), '/')
			prefix = prefix[:slash+1]
		}
		if prefix == "" {
			break
		}
	}
	return prefix
}

// String gives the median with three digits and how far the runs are from it. What is the same whole number in every run is given as it is.
func (f figure) String() string {
	if f.least == f.most && f.median == math.Round(f.median) {
		return thousands(strconv.FormatFloat(f.median, 'f', 0, 64))
	}
	return thousands(threeDigits(f.median)) + f.spread()
}

// spread is how far the farthest run is from the median, where that is half a per cent or more.
func (f figure) spread() string {
	off := 100 * max(f.most-f.median, f.median-f.least) / math.Abs(f.median)
	if off < 0.5 || f.median == 0 {
		return ""
	}
	return fmt.Sprintf(" ± %.0f %%", off)
}

// threeDigits writes a number with three significant digits, and no exponent.
func threeDigits(x float64) string {
	if x == 0 {
		return "0"
	}
	places := 2 - int(math.Floor(math.Log10(math.Abs(x))))
	scale := math.Pow(10, float64(places))
	return strconv.FormatFloat(math.Round(x*scale)/scale, 'f', max(0, places), 64)
}

// thousands puts commas between the thousands of a number.
func thousands(number string) string {
	whole, fraction, _ := strings.Cut(number, ".")
	for at := len(whole) - 3; at > 0 && whole[at-1] != '-'; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	return whole
}

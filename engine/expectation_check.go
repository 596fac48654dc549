package engine

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// Expected is one figure that a place file expects of a source's rows, and what was found: "rows", "sum of votes".
type Expected struct {
	What  string  `json:"what"`
	Found float64 `json:"found"`
	Range string  `json:"expected"` // as the place file writes it
	Holds bool    `json:"holds"`
}

// Tallied counts the rows of a source's kind and its columns of numbers, as an Expectation asks for them.
type Tallied struct {
	expect  *Expectation
	kind    Kind
	rows    int64
	columns map[string]*columnTally
}

// columnTally is over the values that are there.
type columnTally struct {
	values         int64
	sum, low, high float64
}

// Expect begins to count rows of a kind. An expectation of a column that is none of numbers of that kind is an error that names
// those there are. Without an expectation it returns nil, which counts nothing.
func Expect(e *Expectation, kind Kind) (*Tallied, error) {
	if e == nil {
		return nil, nil
	}
	numbers := numberColumns(kind)
	t := &Tallied{expect: e, kind: kind, columns: map[string]*columnTally{}}
	for _, name := range slices.Sorted(maps.Keys(e.Columns)) {
		if !slices.Contains(numbers, name) {
			return nil, fmt.Errorf("expect: %s is no column of numbers of %s: there are %s", name, kind, strings.Join(append([]string{"rows"}, numbers...), ", "))
		}
		t.columns[name] = &columnTally{low: math.Inf(1), high: math.Inf(-1)}
	}
	return t, nil
}

// numberColumns lists the columns of numbers of a kind; line is not one.
func numberColumns(kind Kind) (names []string) {
	for _, f := range RowSchema(kind).Fields() {
		switch f.Type.ID() {
		case arrow.INT32, arrow.INT64, arrow.FLOAT64:
			if f.Name != "line" {
				names = append(names, f.Name)
			}
		}
	}
	return names
}

// Take counts a batch; one of another kind is not counted.
func (t *Tallied) Take(b arrow.RecordBatch) {
	if t == nil || KindOf(b) != t.kind {
		return
	}
	t.rows += b.NumRows()
	rows := NewRows(b)
	for name, c := range t.columns {
		switch column := rows.Column(name).(type) {
		case *array.Int32:
			for i := range column.Len() {
				c.take(column.IsNull(i), float64(column.Value(i)))
			}
		case *array.Int64:
			for i := range column.Len() {
				c.take(column.IsNull(i), float64(column.Value(i)))
			}
		case *array.Float64:
			for i := range column.Len() {
				c.take(column.IsNull(i), column.Value(i))
			}
		}
	}
}

func (c *columnTally) take(absent bool, x float64) {
	if absent {
		return
	}
	c.values++
	c.sum += x
	c.low, c.high = min(c.low, x), max(c.high, x)
}

// Found compares what was counted with what was expected, rows first, then by column. Least, greatest and mean of a column
// without a value are 0 and hold in no range.
func (t *Tallied) Found() (found []Expected) {
	if t == nil {
		return nil
	}
	add := func(what string, r *Range, x float64, known bool) {
		if r != nil {
			found = append(found, Expected{what, x, r.Text, known && r.Holds(x)})
		}
	}
	add("rows", t.expect.Rows, float64(t.rows), true)
	for _, name := range slices.Sorted(maps.Keys(t.columns)) {
		c, e := t.columns[name], t.expect.Columns[name]
		known, low, high, mean := c.values > 0, 0.0, 0.0, 0.0
		if known {
			low, high, mean = c.low, c.high, c.sum/float64(c.values)
		}
		add("sum of "+name, e.Sum, c.sum, true)
		add("least "+name, e.Min, low, known)
		add("greatest "+name, e.Max, high, known)
		add("mean "+name, e.Mean, mean, known)
	}
	return found
}

// Lines says what is expected, a line for each figure: "rows 120 ± 3", "sum of votes 1017268".
func (e *Expectation) Lines() (lines []string) {
	if e == nil {
		return nil
	}
	add := func(what string, r *Range) {
		if r != nil {
			lines = append(lines, what+" "+r.Text)
		}
	}
	add("rows", e.Rows)
	for _, name := range slices.Sorted(maps.Keys(e.Columns)) {
		c := e.Columns[name]
		add("sum of "+name, c.Sum)
		add("least "+name, c.Min)
		add("greatest "+name, c.Max)
		add("mean "+name, c.Mean)
	}
	return lines
}

// String says it: "rows: 1,200 found, 158048 ± 1% expected".
func (e Expected) String() string {
	return fmt.Sprintf("%s: %s found, %s expected", e.What, grouped(e.Found), e.Range)
}

// grouped writes a number with its thousands apart and at most four decimals.
func grouped(x float64) string {
	text := strconv.FormatFloat(math.Abs(x), 'f', 4, 64)
	whole, decimals, _ := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if decimals = strings.TrimRight(decimals, "0"); decimals != "" {
		whole += "." + decimals
	}
	if x < 0 {
		return "-" + whole
	}
	return whole
}

package engine

import (
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

func TestExpectationsOfAPlaceFile(t *testing.T) {
	p, err := ReadPlace(writePlace(t, `place: x
sources:
  - dataset: results
    path: a
    expect:
      rows: 158048 ± 1%
      votes: {sum: 1017268, min: 0, max: "0..1200", mean: 103 +- 5}
  - {dataset: ban, path: b, expect: {rows: 100..140}}
  - {dataset: ban, path: c, expect: {lon: {min: -5 ± 0.5}}}
`))
	if err != nil {
		t.Fatal(err)
	}
	e := p.Sources[0].Expect
	votes := e.Columns["votes"]
	for what, c := range map[string]struct {
		r         *Range
		low, high float64
	}{
		"rows": {e.Rows, 158048 * 0.99, 158048 * 1.01}, "sum": {votes.Sum, 1017268, 1017268}, "min": {votes.Min, 0, 0}, "max": {votes.Max, 0, 1200},
		"mean": {votes.Mean, 98, 108}, "range": {p.Sources[1].Expect.Rows, 100, 140}, "below 0": {p.Sources[2].Expect.Columns["lon"].Min, -5.5, -4.5},
	} {
		if c.r == nil || fmt.Sprintf("%.6f %.6f", c.r.Low, c.r.High) != fmt.Sprintf("%.6f %.6f", c.low, c.high) {
			t.Errorf("%s: %+v, want %g to %g", what, c.r, c.low, c.high)
		}
	}
	if p.Sources[2].Expect.Rows != nil || len(e.Columns) != 1 {
		t.Errorf("%+v", e)
	}
}

func TestExpectationsThatAreRefused(t *testing.T) {
	for _, c := range []struct{ expect, want string }{
		{"{rows: many}", `"many" is not a number to expect: write 120`},
		{"{rows: 140..100}", "is not a number to expect"},
		{"{rows: 10 ± -1}", "is not a number to expect"},
		{"{rows: 1e999}", "is not a number to expect"},
		{"{votes: {total: 3}}", "a column has sum, min, max and mean"},
		{"{votes: {sum: x}}", "is not a number to expect"},
		{"{votes: 3}", "a column has sum, min, max and mean"},
	} {
		_, err := ReadPlace(writePlace(t, "place: x\nsources:\n  - {dataset: ban, path: a, expect: "+c.expect+"}\n"))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), " line 3: expect: ") || strings.ContainsAny(err.Error(), "\n[") {
			t.Errorf("%s: %v", c.expect, err)
		}
	}
	one := &Expectation{Columns: map[string]ColumnExpectation{"street": {}}}
	if _, err := Expect(one, KindCensusAreas); err == nil || !strings.HasSuffix(err.Error(), "of census-areas: there are rows") {
		t.Errorf("%v", err)
	}
	if _, err := Expect(one, KindAddresses); err == nil || !strings.Contains(err.Error(), "street is no column of numbers of addresses: there are rows, number, lon, lat, households") {
		t.Errorf("%v", err)
	}
}

// Rows and figures are counted over all batches of the source's kind; what is absent is not counted.
func TestFiguresOfASource(t *testing.T) {
	at := func(low, high float64) *Range { return &Range{low, high, fmt.Sprintf("%g..%g", low, high)} }
	tallied, err := Expect(&Expectation{Rows: at(3, 3), Columns: map[string]ColumnExpectation{
		"doors": {Sum: at(9, 9), Min: at(2, 2), Max: at(4, 4), Mean: at(3.5, 4)}, "lon": {Mean: at(2, 3), Sum: at(5, 5)}, "lat": {Min: at(0, 90)},
	}}, KindRegister)
	if err != nil {
		t.Fatal(err)
	}
	b := array.NewRecordBuilder(memory.NewGoAllocator(), RowSchema(KindRegister))
	defer b.Release()
	for i, lon := range []float64{2, 0, 3} {
		for field, f := range b.Schema().Fields() {
			switch builder := b.Field(field).(type) {
			case *array.Float64Builder:
				if f.Name == "lat" || lon == 0 {
					builder.AppendNull()
				} else {
					builder.Append(lon)
				}
			case *array.Int64Builder:
				builder.Append(int64(2 + i))
			case *array.StringBuilder:
				builder.Append("x")
			}
		}
		if i == 1 {
			tallied.Take(b.NewRecordBatch())
		}
	}
	tallied.Take(b.NewRecordBatch())
	other := array.NewRecordBuilder(memory.NewGoAllocator(), RowSchema(KindCensus))
	defer other.Release()
	tallied.Take(other.NewRecordBatch())
	want := []string{
		"rows: 3 found, 3..3 expected true", "sum of doors: 9 found, 9..9 expected true", "least doors: 2 found, 2..2 expected true", "greatest doors: 4 found, 4..4 expected true",
		"mean doors: 3 found, 3.5..4 expected false", "least lat: 0 found, 0..90 expected false", "sum of lon: 5 found, 5..5 expected true", "mean lon: 2.5 found, 2..3 expected true",
	}
	found := tallied.Found()
	if len(found) != len(want) {
		t.Fatalf("%v", found)
	}
	for i, f := range found {
		if got := fmt.Sprint(f.String(), " ", f.Holds); got != want[i] {
			t.Errorf("%q, want %q", got, want[i])
		}
	}
	if none, err := Expect(nil, KindRegister); none != nil || err != nil || none.Found() != nil {
		t.Error("nothing is expected")
	}
}

func TestNumbersInGroups(t *testing.T) {
	for x, want := range map[float64]string{0: "0", 12: "12", 1200: "1,200", 158048: "158,048", 1234567.5: "1,234,567.5", -1000: "-1,000", 0.25: "0.25", 1e9: "1,000,000,000"} {
		if got := grouped(x); got != want {
			t.Errorf("%g: %s, want %s", x, got, want)
		}
	}
}

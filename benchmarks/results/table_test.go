package main

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const printed = `goos: linux
goarch: amd64
pkg: github.com/arpent/arpent/benchmarks
cpu: A Processor
=== RUN   BenchmarkNearest
BenchmarkNearest
BenchmarkNearest/segments=70312/Build-2         	       1	  80000000 ns/op	         0.08000 cpu-s	         6.600 MB
BenchmarkNearest/segments=70312/Build-2         	       1	  80000000 ns/op	         0.08800 cpu-s	         6.600 MB
BenchmarkNearest/segments=70312/Build-2         	       1	  80000000 ns/op	         0.07600 cpu-s	         6.600 MB
BenchmarkNearest/segments=70312/Match/anywhere-2	       1	    131072 ns/op	         2.000 M/cpu-s
BenchmarkNearest/segments=1968736/Build-2       	       1	3300000000 ns/op	         3.300 cpu-s	       184.0 MB	   7876117 vertices
--- BENCH: BenchmarkNearest
    nearest_test.go:1: a word
BenchmarkCells/at/geo-2                         	      10	      1234 ns/op	        16 B/op
PASS
`

func TestTables(t *testing.T) {
	found, err := readResults(strings.NewReader(printed))
	if err != nil {
		t.Fatal(err)
	}
	if found.cpu != "A Processor" || found.runs() != 3 {
		t.Errorf("cpu %q, %d runs", found.cpu, found.runs())
	}
	for _, c := range []struct{ table, want string }{
		{"Nearest | Build cpu-s | Build MB | Build vertices | Match/anywhere M/cpu-s", `| | Build, cpu-s | Build, MB | Build, vertices | Match/anywhere, M/cpu-s |
|---|---|---|---|---|
| segments=70312 | 0.0800 ± 10 % | 6.60 |  | 2 |
| segments=1968736 | 3.30 | 184 | 7,876,117 |  |
`},
		{"Nearest/segments=7 | ns/op | M/cpu-s", `| | time | M/cpu-s |
|---|---|---|
| Build | 80.0 ms |  |
| Match, anywhere | 131 µs | 2 |
`},
		{"Cells", `| Cells, at, geo | |
|---|---|
| time | 1.23 µs |
| B/op | 16 |
`},
		{"Cells | cpu-s", ""},
		{"Tile", ""},
	} {
		parsed, err := parseTable(c.table)
		if err != nil {
			t.Fatal(err)
		}
		if got := parsed.render(found); got != c.want {
			t.Errorf("%s:\n%s\nwanted\n%s", c.table, got, c.want)
		}
	}
}

func TestPackagesAreNamedWhereThereAreSeveral(t *testing.T) {
	found, err := readResults(strings.NewReader("pkg: github.com/arpent/arpent/geo\nBenchmarkNearest-2 1 5 ns/op\npkg: github.com/arpent/arpent/engine/live\nBenchmarkNearest-2 1 6 ns/op\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(found.rows) != 2 || found.rows[0].name != "geo: Nearest" || found.rows[1].name != "engine/live: Nearest" {
		t.Errorf("%+v", found.rows)
	}
}

func TestABrokenLineIsAnError(t *testing.T) {
	if _, err := readResults(strings.NewReader("BenchmarkNearest-2 1 x ns/op\n")); err == nil {
		t.Error("it was read")
	}
}

func TestFigures(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   string
	}{
		{[]float64{281329, 281329}, "281,329"},
		{[]float64{0}, "0"},
		{[]float64{2.5}, "2.50"},
		{[]float64{1234.5}, "1,230"},
		{[]float64{999.7}, "1,000"},
		{[]float64{0.000123456}, "0.000123"},
		{[]float64{-0.0109}, "-0.0109"},
		{[]float64{3, 1, 2}, "2.00 ± 50 %"},
		{[]float64{100, 100.1}, "100"},
		{[]float64{10, 20}, "15.0 ± 33 %"},
	} {
		if got := figureOf(c.values).String(); got != c.want {
			t.Errorf("%v: %s, wanted %s", c.values, got, c.want)
		}
	}
}

// What is written of a number is never farther from it than half a unit of its third digit.
func TestThreeDigitsAreNear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float64Range(1e-9, 1e12).Draw(t, "x")
		var back float64
		if _, err := fmt.Sscan(threeDigits(x), &back); err != nil {
			t.Fatal(err)
		}
		if off := (back - x) / x; off > 0.00501 || off < -0.00501 {
			t.Fatalf("%v is written as %s", x, threeDigits(x))
		}
		if plain := strings.ReplaceAll(thousands(threeDigits(x)), ",", ""); plain != threeDigits(x) {
			t.Fatalf("commas change %s to %s", threeDigits(x), plain)
		}
	})
}

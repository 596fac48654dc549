package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestExponents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		slope, factor := rapid.Float64Range(-1, 3).Draw(t, "slope"), rapid.Float64Range(1e-9, 1e3).Draw(t, "factor")
		var points []point
		for _, n := range []float64{1e4, 3e4, 1e5, 2e6} {
			points = append(points, point{n, factor * math.Pow(n, slope)})
		}
		if got := exponent(points); math.Abs(got-slope) > 1e-9 {
			t.Fatalf("%v, and it is %v", got, slope)
		}
	})
}

func TestPlotOfGrowth(t *testing.T) {
	var out strings.Builder
	for _, n := range []int{1_000_000, 10_000, 100_000} { // in no order
		fmt.Fprintf(&out, "BenchmarkGrowth/segments=%d/index-2 1 %d segments %g cpu-ms %g MB\n", n, n, 1e-3*float64(n), 1e-4*float64(n))
		fmt.Fprintf(&out, "BenchmarkGrowth/segments=%d/tile-2 1 %d segments 3.3 cpu-us\n", n, n)
	}
	out.WriteString("BenchmarkGrowth/segments=10000/alone-2 1 10000 segments 5 cpu-s\n")
	found, err := readResults(strings.NewReader(out.String()))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	text, err := plotGrowth(found, folder, "growth.svg")
	if err != nil {
		t.Fatal(err)
	}
	const want = `| exponent | segments | time | last step | memory | last step |
|---|---|---|---|---|---|
| index | 10,000 to 1,000,000 | 1.00 | 1.00 | 1.00 | 1.00 |
| tile | 10,000 to 1,000,000 | 0.00 | 0.00 | | |
`
	if text != want {
		t.Errorf("%s\nwanted\n%s", text, want)
	}
	drawn, err := os.ReadFile(filepath.Join(folder, "growth.svg"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]int{} // of elements
	for decoder := xml.NewDecoder(strings.NewReader(string(drawn))); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if element, ok := token.(xml.StartElement); ok {
			names[element.Name.Local]++
		}
	}
	if names["path"] != 3 || names["circle"] != 9 {
		t.Errorf("%v: two curves of time and one of memory have three points each", names)
	}
}

func TestNothingToPlotIsAnError(t *testing.T) {
	found, err := readResults(strings.NewReader("BenchmarkGrowth/segments=10000/tile-2 1 10000 segments 5 cpu-s\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := plotGrowth(found, t.TempDir(), "growth.svg"); err == nil {
		t.Error("one point is no curve")
	}
}

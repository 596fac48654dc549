package estimate

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestRound(t *testing.T) {
	for _, c := range []struct {
		name             string
		real             []float64
		rowSums, colSums []int64
		want             []int64
	}{
		{"two streets, two lists, halves: ties go to the first cell",
			[]float64{
				0.5, 1.5,
				1.5, 0.5},
			[]int64{2, 2}, []int64{2, 2},
			[]int64{
				1, 1,
				1, 1}},
		{"three streets of one voter: row by row the first list would get all",
			[]float64{
				2. / 3, 1. / 3,
				2. / 3, 1. / 3,
				2. / 3, 1. / 3},
			[]int64{1, 1, 1}, []int64{2, 1},
			[]int64{
				1, 0,
				1, 0,
				0, 1}},
		{"the greedy choice must be undone",
			// Row 0 takes column 0 and row 1 column 1: nothing is left for row 2.
			[]float64{
				0.5, 0, 0.5,
				0, 0.5, 0.5,
				0.5, 0.5, 0},
			[]int64{1, 1, 1}, []int64{1, 1, 1},
			[]int64{
				0, 0, 1,
				0, 1, 0,
				1, 0, 0}},
		{"whole numbers stay",
			[]float64{3, 0, 7, 1},
			[]int64{3, 8}, []int64{10, 1},
			[]int64{3, 0, 7, 1}},
		{"whole but for the last digits",
			[]float64{3 - 1e-10, 1e-10, 7, 1},
			[]int64{3, 8}, []int64{10, 1},
			[]int64{3, 0, 7, 1}},
		{"one part: the precinct itself", []float64{120, 80, 5}, []int64{205}, []int64{120, 80, 5}, []int64{120, 80, 5}},
		{"nothing", nil, nil, nil, []int64{}},
	} {
		rows, cols := len(c.rowSums), len(c.colSums)
		got := make([]int64, len(c.real))
		if err := new(Rounder).Round(c.real, rows, cols, c.rowSums, c.colSums, got); err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestRoundRefuses(t *testing.T) {
	for _, c := range []struct {
		name             string
		real             []float64
		rowSums, colSums []int64
		want             string
	}{
		{"a row that does not add up", []float64{0.6, 0.4, 0.6, 0.6}, []int64{1, 1}, []int64{1, 1}, "row 1 adds up to 1.2, but its margin says 1"},
		{"a column that does not add up", []float64{0.6, 0.4, 0.6, 0.4}, []int64{1, 1}, []int64{1, 1}, "column 0 adds up to 1.2, but its margin says 1"},
		{"a negative number", []float64{-1, 2}, []int64{1}, []int64{-1, 2}, "row 0, column 0 holds -1"},
		{"not a number", []float64{1, math.NaN()}, []int64{1}, []int64{1, 0}, "row 0, column 1 holds NaN"},
		{"too large to count in ones", []float64{1e300}, []int64{1}, []int64{1}, "holds 1e+300"},
		{"a table of another size", []float64{1}, []int64{1}, []int64{1, 0}, "a table of 1 x 2 needs"},
		{"votes without parts", nil, nil, []int64{4}, "column 0 adds up to 0, but its margin says 4"},
	} {
		err := new(Rounder).Round(c.real, len(c.rowSums), len(c.colSums), c.rowSums, c.colSums, make([]int64, len(c.real)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

// table draws a table of whole units/parts whose margins are whole numbers: a
// sum of little exchanges around rectangles, which leave the margins as they
// are, on top of whole numbers.
func table(t *rapid.T) (real []float64, rows, cols int, rowSums, colSums []int64) {
	rows = rapid.IntRange(1, 12).Draw(t, "rows")
	cols = rapid.IntRange(1, 9).Draw(t, "cols")
	parts := rapid.SampledFrom([]int64{1, 2, 3, 7, 10, 64, 1000, 1 << 20}).Draw(t, "parts")
	largest := rapid.SampledFrom([]int64{1, 3, 40, 1_000_000_000}).Draw(t, "largest")
	units := make([]int64, rows*cols) // in 1/parts
	rowSums, colSums = make([]int64, rows), make([]int64, cols)
	for at := range units {
		if rapid.IntRange(0, 2).Draw(t, "filled") == 0 {
			continue
		}
		n := rapid.Int64Range(0, largest).Draw(t, "cell")
		units[at] = n * parts
		rowSums[at/cols] += n
		colSums[at%cols] += n
	}
	for range rapid.IntRange(0, 60).Draw(t, "exchanges") {
		i, k := rapid.IntRange(0, rows-1).Draw(t, "row"), rapid.IntRange(0, rows-1).Draw(t, "other row")
		j, l := rapid.IntRange(0, cols-1).Draw(t, "column"), rapid.IntRange(0, cols-1).Draw(t, "other column")
		room := min(units[i*cols+l], units[k*cols+j])
		if i == k || j == l || room == 0 {
			continue
		}
		move := rapid.Int64Range(0, min(room, 3*parts)).Draw(t, "moved")
		units[i*cols+j] += move
		units[k*cols+l] += move
		units[i*cols+l] -= move
		units[k*cols+j] -= move
	}
	real = make([]float64, len(units))
	for at, u := range units {
		real[at] = float64(u) / float64(parts)
	}
	return real, rows, cols, rowSums, colSums
}

func checkRounded(t *rapid.T, real []float64, rows, cols int, rowSums, colSums, got []int64) {
	for i := range rows {
		sum := int64(0)
		for _, n := range got[i*cols : (i+1)*cols] {
			sum += n
		}
		if sum != rowSums[i] {
			t.Fatalf("row %d adds up to %d, want %d", i, sum, rowSums[i])
		}
	}
	for j := range cols {
		sum := int64(0)
		for i := range rows {
			sum += got[i*cols+j]
		}
		if sum != colSums[j] {
			t.Fatalf("column %d adds up to %d, want %d", j, sum, colSums[j])
		}
	}
	for at, n := range got {
		off := math.Abs(float64(n) - real[at])
		if n < 0 || off >= 1 || real[at] == math.Floor(real[at]) && off != 0 {
			t.Fatalf("cell %d: %v became %d", at, real[at], n)
		}
	}
}

func TestRoundKeepsBothMargins(t *testing.T) { rapid.Check(t, keepsBothMargins) }

func keepsBothMargins(t *rapid.T) {
	var used Rounder
	for range 2 {
		real, rows, cols, rowSums, colSums := table(t)
		got, again := make([]int64, len(real)), make([]int64, len(real))
		if err := used.Round(real, rows, cols, rowSums, colSums, got); err != nil {
			t.Fatal(err)
		}
		checkRounded(t, real, rows, cols, rowSums, colSums, got)
		if err := new(Rounder).Round(real, rows, cols, rowSums, colSums, again); err != nil || !slices.Equal(got, again) {
			t.Fatalf("a fresh Rounder gives %v (%v), a used one %v", again, err, got)
		}
	}
}

func TestRoundFlatShares(t *testing.T) {
	var w Rounder
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.SampledFrom([]int64{2, 30, 4000, 1_000_000_000}).Draw(t, "size")
		votes := rapid.SliceOfN(rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(0, 3), rapid.Int64Range(0, size)), 1, 15).Draw(t, "votes")
		weights := rapid.SliceOfN(rapid.OneOf(rapid.Just(0.0), rapid.Float64Range(0, 1), rapid.Float64Range(0, 300)), 1, 40).Draw(t, "weights")
		all := int64(0)
		for _, v := range votes {
			all += v
		}
		registered := LargestRemainder(weights, all, nil)
		real := FlatShares(registered, votes, nil)
		got := make([]int64, len(real))
		if err := w.Round(real, len(registered), len(votes), registered, votes, got); err != nil {
			t.Fatal(err)
		}
		checkRounded(t, real, len(registered), len(votes), registered, votes, got)

		for a := range registered { // and on to the cells of each part
			counts := got[a*len(votes) : (a+1)*len(votes)]
			cells := rapid.SliceOfN(rapid.OneOf(rapid.Just(0.0), rapid.Float64Range(0, 50)), 1, 6).Draw(t, "cells")
			split := make([]int64, len(cells)*len(votes))
			if err := w.Split(counts, cells, split); err != nil {
				t.Fatal(err)
			}
			for k, want := range counts {
				sum := int64(0)
				for c := range cells {
					if split[c*len(votes)+k] < 0 {
						t.Fatalf("cell %d has %d votes", c, split[c*len(votes)+k])
					}
					sum += split[c*len(votes)+k]
				}
				if sum != want {
					t.Fatalf("cells of part %d add up to %d for choice %d, want %d", a, sum, k, want)
				}
			}
		}
	})
}

func TestRoundReusesRoom(t *testing.T) {
	var w Rounder
	real, registered, votes := parisPrecinct()
	dst := make([]int64, len(real))
	n := testing.AllocsPerRun(20, func() {
		if err := w.Round(real, len(registered), len(votes), registered, votes, dst); err != nil {
			t.Fatal(err)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

// parisPrecinct is a precinct of 36 parts and 15 choices.
func parisPrecinct() (real []float64, registered, votes []int64) {
	votes = []int64{276, 12, 7, 334, 244, 256, 119, 37, 18, 11, 6, 4, 2, 1, 0}
	weights, all := make([]float64, 36), int64(0)
	for a := range weights {
		weights[a] = float64(1 + a*a%37)
	}
	for _, v := range votes {
		all += v
	}
	registered = LargestRemainder(weights, all, nil)
	return FlatShares(registered, votes, nil), registered, votes
}

func BenchmarkRound36x15(b *testing.B) {
	var w Rounder
	real, registered, votes := parisPrecinct()
	dst := make([]int64, len(real))
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Round(real, len(registered), len(votes), registered, votes, dst); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzRound(f *testing.F) { f.Fuzz(rapid.MakeFuzz(keepsBothMargins)) }

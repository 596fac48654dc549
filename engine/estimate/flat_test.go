package estimate

import (
	"slices"
	"strings"
	"testing"
)

func TestFlatShares(t *testing.T) {
	// 100 registered: 30 abstain, 50 and 20 vote for two lists.
	got := FlatShares([]int64{60, 40, 0}, []int64{30, 50, 20}, nil)
	want := []float64{
		18, 30, 12,
		12, 20, 8,
		0, 0, 0}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := FlatShares([]int64{0, 0}, []int64{0}, []float64{9, 9}); !slices.Equal(got, []float64{0, 0}) {
		t.Errorf("a precinct without voters gives %v, want zeros", got)
	}
}

func TestSplit(t *testing.T) {
	var w Rounder
	for _, c := range []struct {
		name    string
		counts  []int64
		weights []float64
		want    []int64
	}{
		{"one cell has all", []int64{7, 5}, []float64{3}, []int64{7, 5}},
		{"even", []int64{4, 2}, []float64{1, 1}, []int64{2, 1, 2, 1}},
		{"an empty cell", []int64{4, 2}, []float64{0, 1}, []int64{0, 0, 4, 2}},
		{"three cells, one vote", []int64{0, 1}, []float64{1, 1, 1}, []int64{0, 1, 0, 0, 0, 0}},
		{"nobody", []int64{0, 0}, []float64{1, 2}, []int64{0, 0, 0, 0}},
		{"nobody, nowhere", []int64{0, 0}, nil, []int64{}},
	} {
		got := make([]int64, len(c.want))
		if err := w.Split(c.counts, c.weights, got); err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
	for _, c := range []struct {
		name    string
		counts  []int64
		weights []float64
		dst     int
		want    string
	}{
		{"votes without a cell", []int64{1}, nil, 0, "column 0 adds up to 0, but its margin says 1"},
		{"less than no votes", []int64{2, -1}, []float64{1, 1}, 4, "choice 1 has -1 votes"},
		{"room for too little", []int64{2, 1}, []float64{1, 1}, 3, "2 cells x 2 choices"},
	} {
		if err := w.Split(c.counts, c.weights, make([]int64, c.dst)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

package estimate

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestLargestRemainder(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		name    string
		weights []float64
		total   int64
		want    []int64
	}{
		{"addresses of a precinct of 10", []float64{5, 3, 2}, 10, []int64{5, 3, 2}},
		{"seats by Hamilton", []float64{47, 16, 15.8, 12, 6.1, 3.1}, 10, []int64{5, 2, 1, 1, 1, 0}},
		{"ties go to the first", []float64{1, 1, 1}, 2, []int64{1, 1, 0}},
		{"a tie beside a whole number", []float64{1, 2, 1}, 2, []int64{1, 1, 0}},
		{"exact thirds stay exact", []float64{1, 1, 1}, 3, []int64{1, 1, 1}},
		{"nobody", []float64{1, 2}, 0, []int64{0, 0}},
		{"no weights known: equal", []float64{0, 0, 0}, 7, []int64{3, 2, 2}},
		{"weights that are none", []float64{nan, inf, -3, 4}, 7, []int64{0, 0, 0, 7}},
		{"only weights that are none: equal", []float64{nan, -1}, 4, []int64{2, 2}},
		{"the largest weights there are", []float64{math.MaxFloat64, math.MaxFloat64, 1}, 5, []int64{3, 2, 0}},
		{"the smallest weights there are", []float64{5e-324, 5e-324}, 3, []int64{2, 1}},
		{"no parts", nil, 5, []int64{}},
		{"a deficit", []float64{1, 1}, -3, []int64{-1, -2}},
	} {
		if got := LargestRemainder(c.weights, c.total, nil); !slices.Equal(got, c.want) {
			t.Errorf("%s: LargestRemainder(%v, %d) = %v, want %v", c.name, c.weights, c.total, got, c.want)
		}
	}
}

func TestLargestRemainderKeepsTotalAndProportion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.OneOf(
			rapid.Just(0.0), rapid.Just(1.0), rapid.Float64Range(0, 1e-9), rapid.Float64Range(0, 1e12),
		), 1, 200).Draw(t, "weights")
		total := rapid.Int64Range(0, 1_000_000_000).Draw(t, "total")
		got := LargestRemainder(weights, total, nil)
		sum, all := int64(0), 0.0
		for i, n := range got {
			sum += n
			all += weights[i]
		}
		if sum != total {
			t.Fatalf("adds up to %d, want %d", sum, total)
		}
		for i, n := range got {
			share := float64(total) / float64(len(weights))
			if all > 0 {
				share = weights[i] / all * float64(total)
			}
			if n < 0 || math.Abs(float64(n)-share) >= 1+1e-6 {
				t.Fatalf("part %d has %d, its share is %v", i, n, share)
			}
			if all > 0 && weights[i] == 0 && n != 0 {
				t.Fatalf("part %d of weight 0 has %d", i, n)
			}
		}
	})
}

func TestLargestRemainderSumIsExactForAnyTotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Float64(), 1, 80).Draw(t, "weights")
		total := rapid.Int64().Draw(t, "total")
		sum := int64(0)
		for _, n := range LargestRemainder(weights, total, nil) {
			sum += n
		}
		if sum != total {
			t.Fatalf("adds up to %d, want %d", sum, total)
		}
	})
}

func TestLargestRemainderReusesRoom(t *testing.T) {
	weights, dst := []float64{5, 3, 2, 7, 1}, make([]int64, 5)
	if n := testing.AllocsPerRun(100, func() { dst = LargestRemainder(weights, 1000, dst) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

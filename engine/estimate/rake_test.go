package estimate

import (
	"math"
	"testing"
)

func TestRake(t *testing.T) {
	for _, c := range []struct {
		name          string
		shares        []float64
		voters, votes []int64
		want          []float64
	}{
		{"shares that fit stay", []float64{.5, .5, .25, .75}, []int64{10, 20}, []int64{10, 20}, []float64{5, 5, 5, 15}},
		{"the odds ratio of two streets stays: 4",
			// (2/3)/(1/3) is 4 times (1/3)/(2/3), and so is 2 against 1/2.
			[]float64{2. / 3, 1. / 3, 1. / 3, 2. / 3}, []int64{30, 30}, []int64{30, 30}, []float64{20, 10, 10, 20}},
		{"a list without votes has none anywhere", []float64{.2, .8, .5, .5}, []int64{4, 6}, []int64{0, 10}, []float64{0, 4, 0, 6}},
		{"a part without voters has no votes", []float64{.2, .8, .5, .5}, []int64{0, 6}, []int64{2, 4}, []float64{0, 0, 2, 4}},
		{"a share of nothing is not impossible", []float64{0, 1, 0, 1}, []int64{5, 5}, []int64{4, 6}, []float64{2, 3, 2, 3}},
	} {
		table := append([]float64(nil), c.shares...)
		if !rake(table, c.voters, c.votes) {
			t.Errorf("%s: not raked", c.name)
		}
		for i, want := range c.want {
			if math.Abs(table[i]-want) > 1e-6 {
				t.Errorf("%s: got %v, want %v", c.name, table, c.want)
				break
			}
		}
	}
}

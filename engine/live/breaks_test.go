package live

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestBreaks(t *testing.T) {
	even := func(n int, low, high float64) (values []float64) {
		for i := range n {
			values = append(values, low+(high-low)*float64(i)/float64(n-1))
		}
		return values
	}
	skewed := []float64{}
	for i := range 1000 {
		skewed = append(skewed, float64(1+i*i/400))
	}
	for _, row := range []struct {
		of               string
		values           []float64
		diverging, whole bool
		classes          int
		want             []float64
	}{
		{"shares from 0 to 1", even(101, 0, 1), false, false, 5, []float64{0.2, 0.4, 0.6, 0.8}},
		{"shares from 0.2 to 0.34", even(101, 0.2, 0.34), false, false, 5, []float64{0.225, 0.25, 0.275, 0.3, 0.325}},
		{"a margin", even(101, -0.3, 0.4), true, false, 6, []float64{-0.4, -0.2, 0, 0.2, 0.4}},
		{"voters, of which few streets have many", skewed, false, true, 5, []float64{20, 100, 500, 2000}},
		{"all the same", []float64{0.25, 0.25, 0.25}, false, false, 5, []float64{0.25}},
		{"none", nil, false, false, 5, []float64{}},
	} {
		var b Breaks
		b.settle(row.values, row.diverging, row.whole, row.classes, nil)
		if !slices.Equal(b.Values, row.want) {
			t.Errorf("%s: %v, should be %v", row.of, b.Values, row.want)
		}
		sum := 0
		for _, n := range b.Counts {
			sum += n
		}
		if sum != len(row.values) || len(b.Counts) != len(b.Values)+1 {
			t.Errorf("%s: %v are counted of %d", row.of, b.Counts, len(row.values))
		}
	}
}

// The breaks of before stay while numbers move a little, and go when these move away.
func TestBreaksStay(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	values := make([]float64, 500)
	for i := range values {
		values[i] = 0.2 + 0.1*dice.Float64()
	}
	slices.Sort(values)
	var before Breaks
	before.settle(values, false, false, 5, nil)
	for range 20 {
		for i := range values {
			values[i] += 0.002 * (dice.Float64() - 0.5)
		}
		slices.Sort(values)
		var after Breaks
		after.settle(values, false, false, 5, before.Values)
		if !after.Kept || !slices.Equal(after.Values, before.Values) {
			t.Errorf("%v became %v", before.Values, after.Values)
		}
	}
	for i := range values {
		values[i] += 0.3
	}
	var away Breaks
	away.settle(values, false, false, 5, before.Values)
	if away.Kept || away.Values[0] < 0.5 {
		t.Errorf("after a landslide the breaks are %v", away.Values)
	}
}

func TestBreaksOfACollection(t *testing.T) {
	city := openHamlet(t)
	b, err := city.Breaks(t.Context(), BreaksQuery{Collection: "segments", Query: Query{Contest: "t1", Measure: "registered"}})
	if err != nil || b.Published != 3 || b.Suppressed != 1 || b.Empty != 1 || b.Lowest != 18 || b.Most != 45 {
		t.Errorf("%+v, %v", b, err)
	}
	for _, wrong := range []BreaksQuery{{Collection: "segments", Classes: 1}, {Collection: "segments", Classes: 13}, {Collection: "segments", Keep: []float64{2, 1}}, {Collection: "segments", Keep: []float64{1, 1}}, {Collection: "houses"},
		{Collection: "segments", At: []float64{}}, {Collection: "segments", At: []float64{2, 1}}, {Collection: "segments", At: make([]float64, 13)}, {Collection: "segments", At: []float64{1}, Classes: 5}, {Collection: "segments", At: []float64{1}, Keep: []float64{1}}} {
		if _, err := city.Breaks(t.Context(), wrong); err == nil {
			t.Errorf("%+v is answered", wrong)
		}
	}
}

// Breaks that are given are taken as they are, whatever the numbers: each collection counts its own.
func TestBreaksThatAreGiven(t *testing.T) {
	city := openHamlet(t)
	for collection, counts := range map[string][]int{"segments": {1, 1, 1}, "precincts": {0, 0, 2}, "communes": {0, 0, 1}} {
		b, err := city.Breaks(t.Context(), BreaksQuery{Collection: collection, Query: Query{Contest: "t1", Measure: "registered"}, At: []float64{20, 30}})
		if err != nil || !slices.Equal(b.Values, []float64{20, 30}) || !slices.Equal(b.Counts, counts) || b.Kept {
			t.Errorf("%s: %+v, %v, want %v", collection, b, err, counts)
		}
	}
	b, err := city.Breaks(t.Context(), BreaksQuery{Collection: "segments", Query: Query{Contest: "t1", Measure: "registered"}, At: []float64{-1, 0, 1000}})
	if err != nil || !slices.Equal(b.Counts, []int{0, 0, 3, 0}) || b.Lowest != 18 || b.Most != 45 {
		t.Errorf("%+v, %v", b, err)
	}
}

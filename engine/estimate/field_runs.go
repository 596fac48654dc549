package estimate

import "math"

// FieldRuns counts, of the answers about support that one team's canvassers noted right after another of their own on the same walk, how
// many there are and how many repeat it. Who makes up many answers repeats more than doors do.
type FieldRuns struct {
	Team        int32
	Pairs, Same int64
}

// A team repeats itself where answers are the same as the one before far more often than their frequencies make likely: beyond
// chance, and by more than neighbours are alike.
const (
	repeatsBeyond = 5    // standard deviations
	repeatsMore   = 0.10 // of the pairs
)

// repeats tells whether a team that noted each step so often repeats itself.
func (r FieldRuns) repeats(steps [supportSteps]float64) bool {
	all, likely := 0.0, 0.0
	for _, n := range steps {
		all += n
	}
	if all <= 0 || r.Pairs <= 0 {
		return false
	}
	for _, n := range steps {
		likely += square(n / all)
	}
	pairs := float64(r.Pairs)
	more := float64(r.Same)/pairs - likely
	return more > repeatsMore && more > repeatsBeyond*math.Sqrt(likely*(1-likely)/pairs)
}

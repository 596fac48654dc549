package estimate

import "math"

const (
	leastShare = 1e-9 // of a choice that has votes in the precinct
	rakeWithin = 1e-8 // voters by which a row may miss its margin
	mostRakes  = 500
)

// rake brings a precinct's table of expected votes, parts x choices, to both
// margins: rows add up to voters, columns to votes (iterative proportional
// fitting, Deming and Stephan 1940). table comes in as shares of any size; a
// choice without votes gets none, a part without voters has none. It tells
// whether it came near enough; a dense table always does.
func rake(table []float64, voters, votes []int64) bool {
	cols := len(votes)
	for a, n := range voters {
		row, sum := table[a*cols:][:cols], 0.0
		for k, v := range votes {
			if v == 0 || n == 0 {
				row[k] = 0
			} else {
				row[k] = max(row[k], leastShare)
			}
			sum += row[k]
		}
		if sum > 0 {
			scale(row, float64(n)/sum)
		}
	}
	for range mostRakes {
		for k, v := range votes {
			sum := 0.0
			for a := range voters {
				sum += table[a*cols+k]
			}
			if sum > 0 {
				for a := range voters {
					table[a*cols+k] *= float64(v) / sum
				}
			}
		}
		off := 0.0
		for a, n := range voters {
			row, sum := table[a*cols:][:cols], 0.0
			for _, v := range row {
				sum += v
			}
			off = max(off, math.Abs(sum-float64(n)))
			if sum > 0 {
				scale(row, float64(n)/sum)
			}
		}
		if off < rakeWithin {
			return true
		}
	}
	return false
}

func scale(values []float64, by float64) {
	for j := range values {
		values[j] *= by
	}
}

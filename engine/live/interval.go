package live

import "math"

// Estimate is a number of a unit with its 50 % and 90 % intervals.
type Estimate struct{ Value, Low90, Low50, High50, High90 float64 }

// widths are the distances of an estimate's four bounds from its value, from Low90 to High90. Intervals are not symmetric, so each side
// is combined on its own.
type widths [4]float64

func (e Estimate) widths() widths {
	return widths{max(0, e.Value-e.Low90), max(0, e.Value-e.Low50), max(0, e.High50-e.Value), max(0, e.High90-e.Value)}
}

// mirrored are the widths of the number with the other sign.
func (w widths) mirrored() widths { return widths{w[3], w[2], w[1], w[0]} }

func (w widths) times(factor float64) widths {
	for i := range w {
		w[i] *= factor
	}
	return w
}

// plus are the widths of a sum of two numbers with a correlation; 0 where their errors are independent.
func (w widths) plus(other widths, correlation float64) widths {
	for i := range w {
		w[i] = math.Sqrt(max(0, w[i]*w[i]+other[i]*other[i]+2*correlation*w[i]*other[i]))
	}
	return w
}

// around is the estimate of a value with these widths, its bounds cut to what is possible.
func around(value float64, w widths, lowest, highest float64) Estimate {
	return Estimate{value, max(lowest, value-w[0]), max(lowest, value-w[1]), min(highest, value+w[2]), min(highest, value+w[3])}
}

// whole gives an estimate of people its whole number, which its interval holds, and bounds in whole people. They are rounded to the
// nearest: outward, they would hold two people more than what was between them, which is half as much again in a street of few votes.
func (e Estimate) whole(count int64) Estimate {
	value := float64(count)
	low := func(x float64) float64 { return min(math.Round(x), value) }
	high := func(x float64) float64 { return max(math.Round(x), value) }
	return Estimate{value, low(e.Low90), low(e.Low50), high(e.High50), high(e.High90)}
}

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

// whole gives an estimate of people its whole number, which its interval holds, and bounds in whole people, rounded outward. A
// millionth is the rounding of a product, not doubt.
func (e Estimate) whole(count int64) Estimate {
	value := float64(count)
	down := func(x float64) float64 { return min(math.Floor(x+1e-6), value) }
	up := func(x float64) float64 { return max(math.Ceil(x-1e-6), value) }
	return Estimate{value, down(e.Low90), down(e.Low50), up(e.High50), up(e.High90)}
}

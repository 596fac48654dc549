package estimate

import "math"

const (
	// doubtScale is what 90 % intervals of these variances must be multiplied by
	// to hold nine of ten cells: model and stations count some of the same doubt.
	doubtScale = 0.85
	// leastKnown is how much of the prior's variance the stations must have taken
	// away from a cell: below, its interval is widened, up to the bounds.
	leastKnown = 0.25
)

// doubt gives the 90 % interval of a cell from the two directions. Its variance
// is what the model leaves open, plus how much the estimate would move with
// other stations, plus how far the directions are apart. It is laid on the
// log odds between the bounds and so never leaves them.
//
// On the 282 districts (see [Cross]) the model's part alone, unscaled, holds 86 %
// of the cells in New Zealand and 91 % in Scotland; the stations' part alone,
// which is what a bootstrap over stations says, 69 % and 67 %: a resample cannot
// show what no station shows. All three, scaled, hold 89 % and 93 %, of all 90 %.
func doubt(forth, back crossedCell, low, high float64) (low90, high90 float64) {
	votes := (forth.votes + back.votes) / 2
	if high-low < 1 {
		return votes, votes
	}
	apart := (forth.votes - back.votes) / 2
	variance := (forth.model+back.model+forth.stations+back.stations)/2 + apart*apart
	known := (forth.known + back.known) / 2
	half := doubtScale * z90 * math.Sqrt(variance) / max(1e-9, min(1, known/leastKnown))
	const edge = 0.5 // votes: an estimate may touch its bound
	within := min(max(votes, low), high)
	below, above := within-low+edge, high-within+edge
	odds, width := math.Log(below/above), half*(1/below+1/above)
	at := func(odds float64) float64 {
		return low - edge + (high-low+2*edge)/(1+math.Exp(-odds))
	}
	return min(votes, max(low, at(odds-width))), max(votes, min(high, at(odds+width)))
}

// doubts fills in what is known of each cell after the fit. The table moves with
// alpha by a linear response J. The model leaves alpha with the inverse of the
// Hessian as its variance. Another draw of stations would move alpha by the
// inverse Hessian times the sum of their gradients, drawn anew: that is the
// bootstrap's variance in the limit of many resamples (the infinitesimal
// jackknife of Efron 1982), without drawing; three districts drawn and fitted
// anew give standard deviations 16 to 28 % smaller.
func (x *crossing) doubts(cells []crossedCell) {
	n, params := len(cells), len(x.alpha)
	x.response = make([]float64, n*n)
	x.scores = make([]float64, x.stations*n)
	x.measure()
	prior := make([]float64, params*params)
	x.addPrior(prior)
	factorize(prior, params)
	factorize(x.hessian, params)
	moved, alone := make([]float64, params), make([]float64, params)
	for i := range cells {
		response := x.response[i*n:][:n]
		clear(moved)
		copy(moved, response)
		copy(alone, moved)
		solveFactored(x.hessian, params, moved)
		solveFactored(prior, params, alone)
		cell := &cells[i]
		before := 0.0
		for j, v := range response {
			cell.model += v * moved[j]
			before += v * alone[j]
		}
		if before > 0 {
			cell.known = min(max(0, 1-cell.model/before), 1)
		}
		for b := range x.stations {
			score := 0.0
			for j, v := range x.scores[b*n:][:n] {
				score += v * moved[j]
			}
			cell.stations += score * score
		}
	}
}

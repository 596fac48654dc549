package estimate

import (
	"fmt"
	"math"
)

// Accuracy is how the estimates of a choice did against the truth.
type Accuracy struct {
	Units   int     // parts that had a share to be guessed
	MAE     float64 // mean absolute error of the share of the registered voters, points, weighted by them
	FlatMAE float64 // same, had every part the share of its precinct
	CRPS    float64 // continuous ranked probability score of the share, points, weighted as the error
	Cover50 float64 // per cent of the units whose true share lay within the 50 % interval
	Cover90 float64 // same, 90 %
}

// A Score is how the estimates of a contest did against the truth. Ballots
// misplaced is the per cent of the registered voters who are counted in the
// wrong part or for the wrong choice: 100 sum|C-V| / 2 / sum V.
type Score struct {
	Parts         int
	Precincts     int
	Misplaced     float64
	FlatMisplaced float64
	CRPS          float64 // mean of the choices'
	Cover50       float64 // of all choices' units
	Cover90       float64 // same
	Choices       []Accuracy
}

// lastDigit is what a share may miss an interval by that ends on it.
const lastDigit = 1e-12

// Score compares the estimates with the true votes of every part, in the order
// of Votes. A part that is the whole of its precinct is no guess: it counts in
// the ballots only.
func (e *Estimates) Score(truth []int64) (Score, error) {
	if len(truth) != len(e.Votes) {
		return Score{}, fmt.Errorf("estimate: %d true votes for %d parts and %d choices", len(truth), len(e.Voters), e.Choices)
	}
	s := Score{Parts: len(e.Voters), Precincts: len(e.results.Registered), Choices: make([]Accuracy, e.Choices)}
	var ballots, units float64
	for k := range s.Choices {
		c, voters := &s.Choices[k], 0.0
		for b, all := range e.results.Registered {
			votes := e.results.Votes[b*e.Choices+k]
			if votes == Absent || all <= 0 {
				continue
			}
			flat := float64(votes) / float64(all)
			for a := e.first[b]; a < e.first[b+1]; a++ {
				if e.Voters[a] == 0 {
					continue
				}
				n, at := float64(e.Voters[a]), int(a)*e.Choices+k
				true := float64(truth[at])
				ballots += true
				s.Misplaced += 50 * math.Abs(e.Votes[at]-true)
				s.FlatMisplaced += 50 * math.Abs(n*flat-true)
				if e.Voters[a] == all {
					continue
				}
				sum := e.sum([]Piece{{int32(b), a, e.Voters[a]}}, k)
				r, share := sum.Range(), true/n
				c.Units++
				voters += n
				c.MAE += 100 * n * math.Abs(r.Share-share)
				c.FlatMAE += 100 * n * math.Abs(flat-share)
				c.CRPS += 100 * n * normalCRPS(share, r.Share, sum.deviation())
				if r.Low50-lastDigit <= share && share <= r.High50+lastDigit {
					c.Cover50++
				}
				if r.Low90-lastDigit <= share && share <= r.High90+lastDigit {
					c.Cover90++
				}
			}
		}
		if c.Units > 0 {
			c.MAE, c.FlatMAE, c.CRPS = c.MAE/voters, c.FlatMAE/voters, c.CRPS/voters
			c.Cover50, c.Cover90 = 100*c.Cover50/float64(c.Units), 100*c.Cover90/float64(c.Units)
		}
		units += float64(c.Units)
		s.CRPS += c.CRPS / float64(e.Choices)
		s.Cover50 += c.Cover50 * float64(c.Units)
		s.Cover90 += c.Cover90 * float64(c.Units)
	}
	if units > 0 {
		s.Cover50, s.Cover90 = s.Cover50/units, s.Cover90/units
	}
	if ballots > 0 {
		s.Misplaced /= ballots
		s.FlatMisplaced /= ballots
	}
	return s, nil
}

// normalCRPS is the score of a normal distribution where x came true (Gneiting
// and others 2005, Calibrated Probabilistic Forecasting): the absolute error of
// one without deviation.
func normalCRPS(x, mean, deviation float64) float64 {
	if deviation <= 0 {
		return math.Abs(x - mean)
	}
	z := (x - mean) / deviation
	density := math.Exp(-z*z/2) / math.Sqrt(2*math.Pi)
	return deviation * (z*math.Erf(z/math.Sqrt2) + 2*density - 1/math.Sqrt(math.Pi))
}

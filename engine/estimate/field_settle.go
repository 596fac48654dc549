package estimate

import "math"

// settle brings the parts to the official votes of the precinct, and takes out of their doubt what those leave none of. What is missing
// goes where doubt is, as if it had been observed; what is then left by the curve of log odds moves all alike.
func (s *fieldOdds) settle(p *FieldPrecinct) {
	n := len(s.odds)
	movable, pull := make([]float64, n), make([]float64, n)
	missing, all := float64(p.Own), 0.0
	for i, votes := range s.votes {
		q := chance(s.odds[i])
		movable[i] = votes * q * (1 - q)
		missing -= votes * q
		all += votes
	}
	whole := 0.0
	for i := range pull {
		pull[i] = dot(s.covariance[i*n:][:n], movable)
		whole += pull[i] * movable[i]
	}
	if whole <= 0 {
		return
	}
	for i := range n {
		s.odds[i] += max(-1, min(1, missing*pull[i]/whole))
		add(s.covariance[i*n:][:n], pull, -pull[i]/whole)
	}
	s.shift(min(float64(p.Own), all))
}

// shift moves all log odds by the same, so that the votes add up to own.
func (s *fieldOdds) shift(own float64) {
	low, high := -shiftMost, shiftMost
	for range shiftRounds {
		middle := (low + high) / 2
		sum := 0.0
		for i, votes := range s.votes {
			sum += votes * chance(s.odds[i]+middle)
		}
		if sum < own {
			low = middle
		} else {
			high = middle
		}
	}
	for i := range s.odds {
		s.odds[i] += (low + high) / 2
	}
}

const (
	shiftMost   = 60.0
	shiftRounds = 60
)

// states gives the parts' shares and intervals.
func (s *fieldOdds) states(p *FieldPrecinct, swing Response) []FieldState {
	n := len(s.odds)
	states := make([]FieldState, n)
	all, sampling := int64(0), 0.0
	for i, part := range p.Parts {
		share := s.share(p, i, 0)
		sampling += float64(part.Voters) * share * (1 - share)
		all += part.Voters
	}
	for i := range states {
		doubt := math.Sqrt(max(0, s.covariance[i*n+i]))
		states[i] = FieldState{Odds: s.odds[i], Doubt: doubt, Swing: swing}
		theta := s.sum(p, i, 0, doubt)
		theta.high = theta.voters
		if p.Own != Absent && sampling > 0 { // what the precinct's total settles
			theta.sampling *= max(0, 1-theta.sampling/sampling)
			theta.low, theta.high = Bounds(theta.voters, min(p.Own, all), all)
		}
		states[i].Theta = theta.Range()
		forecast := s.sum(p, i, swing.Mean, math.Hypot(doubt, swing.Deviation))
		forecast.high = forecast.voters
		states[i].Forecast = forecast.Range()
	}
	return states
}

// share is the own choice's of the registered voters of a part after a swing.
func (s *fieldOdds) share(p *FieldPrecinct, i int, swing float64) float64 {
	return (p.Parts[i].Own + p.Parts[i].Other) * chance(s.odds[i]+swing)
}

// sum is what a part has of the own choice after a swing, as a unit.
func (s *fieldOdds) sum(p *FieldPrecinct, i int, swing, doubt float64) sum {
	n, share := float64(p.Parts[i].Voters), s.share(p, i, swing)
	return sum{
		voters: p.Parts[i].Voters, expected: n * share,
		unknown:  square(n * share * (1 - chance(s.odds[i]+swing)) * doubt),
		sampling: n * share * (1 - share),
	}
}

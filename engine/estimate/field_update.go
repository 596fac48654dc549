package estimate

import (
	"fmt"
	"math"
	"slices"
)

// A FieldState is what is known of a part once its precinct's answers are heard.
type FieldState struct {
	// Theta is the own choice's share of the registered voters at the last result. Over a precinct it adds up to the official votes. Its
	// intervals are of the share as it came true.
	Theta Range
	// Forecast is that share after the swing since: a scenario, with as many of the registered voters voting as last time.
	Forecast Range
	// Odds are the log odds of the own choice against the other candidates at the last result, Doubt their standard deviation, and
	// Swing what is added since.
	Odds, Doubt float64
	Swing       Response
}

// Neighbouring streets have a part of what sets them apart from their precinct in common.
const (
	fieldCommon = 0.5   // of the variance
	fieldReach  = 150.0 // metres after which it has fallen to 1/e
)

// leastDoubt keeps log odds from being taken for certain.
const leastDoubt = 0.02

// Update tells the parts of a precinct apart by what was heard in them. Only how a part differs from the others of its precinct is
// learnt from answers: their level is left to the swing, and the last result of the precinct stays what it is.
//
// The log odds of the parts are Gaussian; so is what a team notes, with the slope that it is believed to follow them by (see FieldTeam) and a
// level that is free in every precinct. Without answers, or with none that is believed, the parts stay what they were.
func (f *Field) Update(p *FieldPrecinct) ([]FieldState, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	if int(p.Area) >= len(f.Swing) {
		return nil, fmt.Errorf("estimate: a precinct in area %d of %d", p.Area, len(f.Swing))
	}
	s := p.odds()
	if answers := f.believed(p); len(answers) > 0 {
		if !s.hear(f, p, answers) {
			return nil, fmt.Errorf("estimate: what is known of the %d parts of a precinct is not positive definite", len(p.Parts))
		}
	}
	if p.Own != Absent {
		s.settle(p)
	}
	return s.states(p, f.Swing[p.Area]), nil
}

// believed are the answers of teams that count for something.
func (f *Field) believed(p *FieldPrecinct) []answersOf {
	return slices.DeleteFunc(p.gather(), func(a answersOf) bool {
		return int(a.team) >= len(f.Teams) || f.Teams[a.team].Weight == 0 || a.count <= 0
	})
}

// fieldOdds are the log odds of the parts of a precinct and their covariance.
type fieldOdds struct {
	votes      []float64 // by part: for candidates
	odds       []float64
	covariance []float64 // full
}

func (p *FieldPrecinct) odds() *fieldOdds {
	n := len(p.Parts)
	s := &fieldOdds{votes: make([]float64, n), odds: make([]float64, n), covariance: make([]float64, n*n)}
	for i := range p.Parts {
		a := &p.Parts[i]
		s.votes[i] = float64(a.Voters) * (a.Own + a.Other)
		if s.votes[i] > 0 {
			q := min(1-leastShare, max(leastShare, a.Own/(a.Own+a.Other)))
			s.odds[i] = math.Log(q / (1 - q))
		}
		for j := range i + 1 {
			b := &p.Parts[j]
			v := max(leastDoubt, a.Doubt) * max(leastDoubt, b.Doubt)
			if i != j {
				v *= fieldCommon * math.Exp(-math.Hypot(a.X-b.X, a.Y-b.Y)/fieldReach)
			}
			s.covariance[i*n+j], s.covariance[j*n+i] = v, v
		}
	}
	return s
}

// hear moves the log odds to what answers make likely. Unknown are the parts, the teams' levels in this precinct and that of all.
func (s *fieldOdds) hear(f *Field, p *FieldPrecinct, answers []answersOf) bool {
	parts := len(p.Parts)
	var teams []int32
	for _, a := range answers {
		if at, there := slices.BinarySearch(teams, a.team); !there {
			teams = slices.Insert(teams, at, a.team)
		}
	}
	size := parts + len(teams) + 1
	none := make([]float64, size)
	precision, moment := make([]float64, size*size), make([]float64, size)
	prior, ok := newFactor(slices.Clone(s.covariance), none[:parts])
	if !ok {
		return false
	}
	inverse, ok := prior.invert()
	if !ok {
		return false
	}
	for i := range parts {
		for j := i; j < parts; j++ {
			precision[i*size+j] = inverse[i*parts+j]
		}
	}
	for t, team := range teams {
		precision[(parts+t)*(size+1)] = 1 / (square(leniencyLocal) + square(f.Teams[team].LeniencyDeviation))
	}
	level := size - 1
	precision[level*(size+1)] = 1 / square(freeLevel)
	for _, a := range answers {
		part, team := p.Parts[a.part], f.Teams[a.team]
		h := f.Prior.hears(part.Own, part.Other, max(0, 1-part.Own-part.Other))
		t, _ := slices.BinarySearch(teams, a.team)
		at := parts + t
		slope := team.Weight * h.byOdds
		weight := a.count / max(h.variance, assumedVariancePerAnswer)
		more := a.sum/a.count - team.Follows*h.mean - team.Leniency
		i := int(a.part)
		precision[i*size+i] += weight * slope * slope
		precision[i*size+at] += weight * slope
		precision[i*size+level] += weight * slope
		precision[at*size+at] += weight
		precision[at*size+level] += weight
		precision[level*size+level] += weight
		moment[i] += weight * slope * more
		moment[at] += weight * more
		moment[level] += weight * more
	}
	posterior, ok := newFactor(precision, none)
	if !ok {
		return false
	}
	posterior.solve(moment, 1)
	for i := range parts {
		s.odds[i] += moment[i]
	}
	inverse, ok = posterior.invert()
	if !ok {
		return false
	}
	for i := range parts {
		for j := i; j < parts; j++ {
			s.covariance[i*parts+j], s.covariance[j*parts+i] = inverse[i*size+j], inverse[i*size+j]
		}
	}
	return true
}

// freeLevel is the standard deviation, in steps, of what is heard in a precinct: nothing is learnt from it.
const freeLevel = 100

package estimate

import (
	"cmp"
	"math"
	"slices"
)

// Backtest measures a method where the truth is known: neighbouring precincts
// with the same ballot are merged, about size in each, and told apart again from
// nothing but the group's result and their own registered voters. The error
// between precincts of a group is not quite the error between streets of a
// precinct, which nobody can measure; it is the nearest thing that can be.
func Backtest(g Ground, p Precincts, method Method, size int, hear Hear) (Score, error) {
	if err := g.check(); err != nil {
		return Score{}, err
	}
	if err := p.check(g.precincts()); err != nil {
		return Score{}, err
	}
	ground, groups, truth := merge(&g, p, size)
	e, err := Estimate(ground, groups, method, hear)
	if err != nil {
		return Score{}, err
	}
	return e.Score(truth)
}

// merge makes a ground whose parts are the precincts of another and whose
// precincts are groups of them, with the groups' results and the precincts' own.
// Precincts without voters or place are left out, and silent ones.
func merge(g *Ground, p Precincts, size int) (ground Ground, groups Precincts, truth []int64) {
	at := findCentres(g)
	ground = Ground{First: []int32{0}, Covariates: make([][]float64, len(g.Covariates)), Measured: g.Measured}
	groups.Choices = p.Choices
	for _, members := range mergedPrecincts(at, p, size) {
		all := make([]int64, p.Choices)
		registered := int64(0)
		for _, b := range members {
			ground.X, ground.Y = append(ground.X, at.cx[b]), append(ground.Y, at.cy[b])
			ground.Weights = append(ground.Weights, float64(p.Registered[b]))
			ground.Extent = append(ground.Extent, across(g, at, b))
			for j, values := range g.Covariates {
				from, to := g.First[b], g.First[b+1]
				ground.Covariates[j] = append(ground.Covariates[j], weightedMean(values[from:to], g.Weights[from:to]))
			}
			registered += p.Registered[b]
			for k, v := range p.Votes[int(b)*p.Choices:][:p.Choices] {
				all[k] += v
				truth = append(truth, max(0, v))
			}
		}
		for k := range all {
			all[k] = max(Absent, all[k]) // absent in all
		}
		ground.First = append(ground.First, int32(len(ground.X)))
		groups.Registered = append(groups.Registered, registered)
		groups.Votes = append(groups.Votes, all...)
	}
	return ground, groups, truth
}

// across is the mean distance between two homes of a precinct, were it a disc: 128/45 pi of the radius, which is the root of 2 times
// their deviation from its centre.
func across(g *Ground, at centres, b int32) float64 {
	var squares, weight float64
	for a := g.First[b]; a < g.First[b+1]; a++ {
		if w := usable(g.Weights[a]); placed(g.X[a], g.Y[a]) {
			squares += w * (square(g.X[a]-at.cx[b]) + square(g.Y[a]-at.cy[b]))
			weight += w
		}
	}
	if weight == 0 {
		return 0
	}
	return 128 / (45 * math.Pi) * math.Sqrt(2*squares/weight)
}

// mergedPrecincts lists neighbouring precincts with the same ballot, about size
// in each group.
func mergedPrecincts(at centres, p Precincts, size int) (groups [][]int32) {
	var all []int32
	for b, registered := range p.Registered {
		if registered > 0 && !p.silent(b) && placed(at.cx[b], at.cy[b]) {
			all = append(all, int32(b))
		}
	}
	ballot := func(b int32) []int64 { return p.Votes[int(b)*p.Choices:][:p.Choices] }
	byBallot := func(a, b int32) int {
		for k, v := range ballot(a) {
			if c := cmp.Compare(min(v, 0), min(ballot(b)[k], 0)); c != 0 {
				return c
			}
		}
		return 0
	}
	slices.SortStableFunc(all, byBallot)
	size = max(1, size)
	for from := 0; from < len(all); {
		to := from
		for to < len(all) && byBallot(all[from], all[to]) == 0 {
			to++
		}
		groups = append(groups, halve(at.cx, at.cy, all[from:to], max(1, (to-from+size/2)/size))...)
		from = to
	}
	return groups
}

// weightedMean leaves out what is not known; NaN where nothing is.
func weightedMean(values, weights []float64) float64 {
	var sum, weight float64
	for i, v := range values {
		if w := usable(weights[i]); !math.IsNaN(v) && w > 0 {
			sum, weight = sum+w*v, weight+w
		}
	}
	return sum / weight
}

package estimate

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// A Field is what all answers of a canvass say together.
type Field struct {
	Prior    FieldPrior
	Teams    []FieldTeam
	Own, Non Response   // who answers, as far as answers tell
	Swing    []Response // by area: of the own choice since the last result, log odds
	// Separable tells whether more enthusiasm to answer can be told from a swing; Why says it in words.
	Separable bool
	Why       string
}

// LearnField learns from the sums of all precincts what holds for all of them, and of the runs of the teams where they are known. Both may
// stand in any order.
//
// What canvassers hear on average is made of the swing, of who answers and of how kindly it is noted: only their sum is seen, and each
// takes its part of it by how unsure it was before. What is known of a team is how its answers differ between places whose results are
// known, see FieldTeam, and how it differs from other teams in the same places.
func LearnField(prior FieldPrior, teams, areas int, sums []FieldSums, runs []FieldRuns) (*Field, error) {
	for _, s := range sums {
		if s.Team < 0 || int(s.Team) >= teams || s.Area < 0 || int(s.Area) >= areas {
			return nil, fmt.Errorf("estimate: answers of team %d in area %d, of %d teams and %d areas", s.Team, s.Area, teams, areas)
		}
	}
	inARow := make([]FieldRuns, teams)
	for _, r := range runs {
		if r.Team < 0 || int(r.Team) >= teams {
			return nil, fmt.Errorf("estimate: answers in a row of team %d, of %d teams", r.Team, teams)
		}
		inARow[r.Team].Pairs += r.Pairs
		inARow[r.Team].Same += r.Same
	}
	if prior.Sampled {
		prior.Own.Deviation = min(prior.Own.Deviation, sampledKnown)
		prior.Non.Deviation = min(prior.Non.Deviation, sampledKnown)
	}
	f := &Field{Prior: prior, Teams: make([]FieldTeam, teams)}
	sorted := slices.Clone(sums)
	slices.SortFunc(sorted, compareSums)
	for from := 0; from < len(sorted); {
		to := from
		for to < len(sorted) && sorted[to].Team == sorted[from].Team {
			to++
		}
		team := sorted[from].Team
		f.Teams[team].look(sorted[from:to], inARow[team])
		from = to
	}
	trust(f.Teams)
	if err := f.level(areas, sorted); err != nil {
		return nil, err
	}
	f.separate()
	return f, nil
}

func compareSums(a, b FieldSums) int {
	return cmp.Or(cmp.Compare(a.Team, b.Team), cmp.Compare(a.Area, b.Area), cmp.Compare(a.Count, b.Count), cmp.Compare(a.Step, b.Step),
		cmp.Compare(a.Known, b.Known), slices.Compare(a.Steps[:], b.Steps[:]), cmp.Compare(a.KnownStep, b.KnownStep), cmp.Compare(a.KnownKnown, b.KnownKnown),
		cmp.Compare(a.ByOdds, b.ByOdds), cmp.Compare(a.ByOwn, b.ByOwn), cmp.Compare(a.ByNon, b.ByNon))
}

// What the level of the answers is made of, before the teams: the swing of all areas, who answers, and how kind the ladder is.
const (
	levelSwing = iota
	levelOwn
	levelNon
	levelKind
	levelTeams
)

// level shares out how much more support is noted than the last result makes likely. Areas depend on each other only through what is
// common, and are eliminated one by one.
func (f *Field) level(areas int, sums []FieldSums) error {
	size := levelTeams + len(f.Teams)
	precision, moment := make([]float64, size*size), make([]float64, size)
	for i, deviation := range []float64{f.Prior.Swing.Deviation, f.Prior.Own.Deviation, f.Prior.Non.Deviation, kindness} {
		precision[i*size+i] = 1 / square(max(leastDeviation, deviation))
	}
	for i := levelTeams; i < size; i++ {
		precision[i*size+i] = 1 / square(leniency)
	}
	ofArea := slices.Clone(sums)
	slices.SortStableFunc(ofArea, func(a, b FieldSums) int { return cmp.Compare(a.Area, b.Area) })
	eliminated := make([]areaLevel, areas)
	for g := range eliminated {
		eliminated[g] = areaLevel{precision: 1 / square(swingByArea)}
	}
	for _, s := range ofArea {
		team := f.Teams[s.Team]
		if team.Weight == 0 || s.Count <= 0 {
			continue
		}
		weight := team.Weight / (assumedVariancePerAnswer/s.Count + square(leniencyLocal))
		row := []levelEntry{
			{levelSwing, s.ByOdds / s.Count}, {levelOwn, s.ByOwn / s.Count}, {levelNon, s.ByNon / s.Count}, {levelKind, 1},
			{levelTeams + int(s.Team), 1},
		}
		more := (s.Step-s.Known)/s.Count - f.Prior.Swing.Mean*s.ByOdds/s.Count
		for _, a := range row {
			moment[a.at] += weight * a.by * more
			for _, b := range row {
				precision[a.at*size+b.at] += weight * a.by * b.by
			}
		}
		eliminated[s.Area].add(row, weight, s.ByOdds/s.Count, more)
	}
	for g := range eliminated {
		eliminated[g].eliminate(precision, moment, size)
	}
	factor, ok := newFactor(precision, make([]float64, size))
	if !ok {
		return fmt.Errorf("estimate: what %d teams heard cannot be told apart: a number among their sums is not finite", len(f.Teams))
	}
	factor.solve(moment, 1)
	unit := make([]float64, size*size)
	for i := range size {
		unit[i*size+i] = 1
	}
	factor.solve(unit, size)
	at := func(i int, mean float64) Response { return Response{mean + moment[i], math.Sqrt(unit[i*size+i])} }
	f.Own, f.Non = at(levelOwn, f.Prior.Own.Mean), at(levelNon, f.Prior.Non.Mean)
	for i := range f.Teams {
		own := at(levelTeams+i, 0)
		f.Teams[i].Leniency, f.Teams[i].LeniencyDeviation = own.Mean, own.Deviation
	}
	f.Swing = make([]Response, areas)
	for g := range eliminated {
		f.Swing[g] = eliminated[g].swing(f.Prior.Swing.Mean, moment, unit, size)
	}
	return nil
}

const leastDeviation = 1e-3

type levelEntry struct {
	at int
	by float64
}

// areaLevel is what one area adds to the swing of all: its own precision, what it has in common with the rest, and its moment.
type areaLevel struct {
	precision, moment float64
	with              []levelEntry // by ascending place; the parts of a place are added up
}

func (a *areaLevel) add(row []levelEntry, weight, byOdds, more float64) {
	a.precision += weight * byOdds * byOdds
	a.moment += weight * byOdds * more
	for _, e := range row {
		at, there := slices.BinarySearchFunc(a.with, e.at, func(w levelEntry, at int) int { return cmp.Compare(w.at, at) })
		if !there {
			a.with = slices.Insert(a.with, at, levelEntry{at: e.at})
		}
		a.with[at].by += weight * byOdds * e.by
	}
}

func (a *areaLevel) eliminate(precision, moment []float64, size int) {
	for _, e := range a.with {
		moment[e.at] -= e.by * a.moment / a.precision
		for _, o := range a.with {
			precision[e.at*size+o.at] -= e.by * o.by / a.precision
		}
	}
}

// swing is that of all and the area's own, once what is common is known.
func (a *areaLevel) swing(mean float64, common, covariance []float64, size int) Response {
	own, variance := a.moment/a.precision, 1/a.precision
	joint := make([]levelEntry, 0, len(a.with)+1) // what the area's swing moves by a unit of each
	joint = append(joint, levelEntry{levelSwing, 1})
	for _, e := range a.with {
		own -= e.by * common[e.at] / a.precision
		joint = append(joint, levelEntry{e.at, -e.by / a.precision})
	}
	for _, x := range joint {
		for _, y := range joint {
			variance += x.by * y.by * covariance[x.at*size+y.at]
		}
	}
	return Response{mean + common[levelSwing] + own, math.Sqrt(max(0, variance))}
}

// separate says whether enthusiasm can be told from swing. Answers alone never do: who is for the list and answers more often than
// others is heard as much as one who has come over to it.
func (f *Field) separate() {
	switch {
	case f.Prior.Swing.Deviation <= separableWithin:
		f.Separable, f.Why = true, "the swing comes from a poll: what is heard beyond it is who answers"
	case f.Prior.Sampled:
		f.Separable, f.Why = true, "who was asked was drawn at random: what is heard beyond the last result is the swing"
	default:
		f.Why = "cannot separate enthusiasm from swing: supporters who answer more often sound like a swing; a poll or a random control sample would tell"
	}
}

package estimate

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// A FieldPart is a part of a precinct: what was estimated of its last result before
// anybody knocked.
type FieldPart struct {
	Voters     int64   // registered
	Own, Other float64 // shares of them: the own choice, the other candidates; the rest voted for nobody
	Doubt      float64 // standard deviation of the log odds of the own choice against the other candidates
	X, Y       float64 // a metric plane; all the same where places are not known
}

// FieldAnswers are the answers that one team had in a part, at one age. A door
// counts once, with its latest answer; who was not met, refused or did not say is not among them.
type FieldAnswers struct {
	Part, Team int32
	Days       int32               // since they were given
	Support    [supportSteps]int32 // how many doors said -2, -1, 0, +1, +2
}

// A FieldPrecinct is a precinct with its official result and its answers.
type FieldPrecinct struct {
	Area    int32 // of the swing; areas are numbered from 0
	Own     int64 // official votes of the own choice; Absent where there is no result, and shares are predicted
	Parts   []FieldPart
	Answers []FieldAnswers
}

func (p *FieldPrecinct) check() error {
	for i, part := range p.Parts {
		sound := part.Voters >= 0 && part.Own >= 0 && part.Other >= 0 && part.Own+part.Other <= 1+shareSlack && part.Doubt >= 0
		if !sound || math.IsInf(part.Doubt+part.X+part.Y, 0) || math.IsNaN(part.X+part.Y) {
			return fmt.Errorf("estimate: part %d of a precinct has %d registered voters, shares %v and %v, doubt %v at (%v, %v)",
				i, part.Voters, part.Own, part.Other, part.Doubt, part.X, part.Y)
		}
	}
	for _, a := range p.Answers {
		if a.Part < 0 || int(a.Part) >= len(p.Parts) || a.Team < 0 || slices.Min(a.Support[:]) < 0 {
			return fmt.Errorf("estimate: answers %v of team %d in part %d of %d", a.Support, a.Team, a.Part, len(p.Parts))
		}
	}
	if p.Own < Absent || p.Area < 0 {
		return fmt.Errorf("estimate: a precinct of area %d with %d own votes", p.Area, p.Own)
	}
	return nil
}

// shareSlack is what shares that add up to 1 may have lost.
const shareSlack = 1e-6

// answersOf is what a team said in a part, over all ages.
type answersOf struct {
	part, team int32
	steps      [supportSteps]float64 // how many, each by its age
	count, sum float64               // of them, and of their steps
}

// gather adds the answers up by part and team, in that order: any order of the
// answers gives the same bits.
func (p *FieldPrecinct) gather() []answersOf {
	sorted := slices.Clone(p.Answers)
	slices.SortFunc(sorted, func(a, b FieldAnswers) int {
		return cmp.Or(cmp.Compare(a.Part, b.Part), cmp.Compare(a.Team, b.Team), cmp.Compare(a.Days, b.Days), slices.Compare(a.Support[:], b.Support[:]))
	})
	all := make([]answersOf, 0, len(sorted))
	for _, a := range sorted {
		if last := len(all) - 1; last < 0 || all[last].part != a.Part || all[last].team != a.Team {
			all = append(all, answersOf{part: a.Part, team: a.Team})
		}
		to, weight := &all[len(all)-1], Decay(a.Days)
		for step, count := range a.Support {
			n := weight * float64(count)
			to.steps[step] += n
			to.count += n
			to.sum += n * float64(step-2)
		}
	}
	return all
}

// intentionHalves is the days in which an intention loses half its weight.
const intentionHalves = 60

// Decay is the weight of an answer so many days old; one of the future counts as
// of today.
func Decay(days int32) float64 { return math.Exp2(-float64(max(0, days)) / intentionHalves) }

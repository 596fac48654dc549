package estimate

import (
	"cmp"
	"math"
	"slices"
)

// Merge groups neighbouring precincts, about size in each: the places are cut
// in two across their longer side, by number, until a group is left. It returns
// the group of each precinct, from 0 on, and none (-1) for precincts without
// voters or place.
func Merge(p Precincts, size int) []int32 {
	group := make([]int32, len(p.Registered))
	var members []int32
	for i := range group {
		group[i] = none
		if p.placed(i) {
			members = append(members, int32(i))
		}
	}
	if len(members) == 0 {
		return group
	}
	next := int32(0)
	var cut func(members []int32, groups int)
	cut = func(members []int32, groups int) {
		if groups <= 1 {
			for _, m := range members {
				group[m] = next
			}
			next++
			return
		}
		along := p.X
		if extent(p.Y, members) > extent(p.X, members) {
			along = p.Y
		}
		slices.SortFunc(members, func(a, b int32) int {
			return cmp.Or(cmp.Compare(along[a], along[b]), cmp.Compare(a, b))
		})
		at := len(members) * (groups / 2) / groups
		cut(members[:at], groups/2)
		cut(members[at:], groups-groups/2)
	}
	size = max(1, size)
	cut(members, max(1, (len(members)+size/2)/size))
	return group
}

func extent(along []float64, members []int32) float64 {
	low, high := math.Inf(1), math.Inf(-1)
	for _, m := range members {
		low, high = min(low, along[m]), max(high, along[m])
	}
	return high - low
}

// Accuracy is how a choice's estimates did against the truth.
type Accuracy struct {
	Units   int     // that had a share to be guessed
	MAE     float64 // mean absolute error of the share, points, weighted by registered voters
	Cover50 float64 // per cent of the units whose true share lay within the 50 % interval
	Cover90 float64 // same, 90 %
}

// Backtest measures the flat share and its intervals where the truth is known:
// precincts of one group (as [Merge] gives them, negative for left out) are
// taken for one precinct, its members are estimated from the group's totals and
// their own registered voters, and compared with what they really voted.
// Nothing is read of the members' votes before that, [Spread] included.
//
// misplaced is the per cent of all ballots that are counted in the wrong member
// or for the wrong choice: 100 * sum|C-V| / 2 / sum V. The error between
// members of a group is not quite the error between streets of a precinct,
// which nobody can measure; it is the nearest thing that can be.
func Backtest(p Precincts, group []int32) (choices []Accuracy, misplaced float64) {
	groups, whole := mergeGroups(p, group)
	spread := Spread(whole)
	choices = make([]Accuracy, p.Choices)
	var wrong, ballots float64
	for k := range choices {
		a := &choices[k]
		var voters float64
		for i, g := range group {
			votes := p.Votes[i*p.Choices+k]
			if g < 0 || votes == Absent || p.Registered[i] <= 0 {
				continue
			}
			all, got := p.merged(groups[g], k)
			n := p.Registered[i]
			var s Sum
			s.Add(n, got, all, spread[k])
			r := s.Range()
			truth := float64(votes) / float64(n)
			wrong += math.Abs(r.Share-truth) * float64(n) / 2
			ballots += float64(votes)
			if n == all {
				continue // a group of one is no guess
			}
			a.Units++
			voters += float64(n)
			a.MAE += 100 * float64(n) * math.Abs(r.Share-truth)
			const lastDigit = 1e-12
			if r.Low50-lastDigit <= truth && truth <= r.High50+lastDigit {
				a.Cover50++
			}
			if r.Low90-lastDigit <= truth && truth <= r.High90+lastDigit {
				a.Cover90++
			}
		}
		if a.Units > 0 {
			a.MAE /= voters
			a.Cover50 *= 100 / float64(a.Units)
			a.Cover90 *= 100 / float64(a.Units)
		}
	}
	if ballots > 0 {
		misplaced = 100 * wrong / ballots
	}
	return choices, misplaced
}

// mergeGroups returns the members of each group and the groups as precincts. A
// choice absent in one of a group's members is absent in it.
func mergeGroups(p Precincts, group []int32) (members [][]int32, whole Precincts) {
	for i, g := range group {
		if g < 0 || p.Registered[i] <= 0 {
			continue
		}
		for int(g) >= len(members) {
			members = append(members, nil)
		}
		members[g] = append(members[g], int32(i))
	}
	whole = Precincts{
		X: make([]float64, len(members)), Y: make([]float64, len(members)),
		Registered: make([]int64, len(members)),
		Votes:      make([]int64, len(members)*p.Choices),
		Choices:    p.Choices,
	}
	for g, in := range members {
		for _, m := range in {
			n := float64(p.Registered[m])
			whole.Registered[g] += p.Registered[m]
			whole.X[g] += n * p.X[m]
			whole.Y[g] += n * p.Y[m]
		}
		whole.X[g] /= float64(whole.Registered[g])
		whole.Y[g] /= float64(whole.Registered[g])
		for k := range p.Choices {
			at := g*p.Choices + k
			whole.Votes[at] = Absent
			if all, got := p.merged(in, k); all == whole.Registered[g] {
				whole.Votes[at] = got
			}
		}
	}
	return members, whole
}

package estimate

import (
	"fmt"
	"slices"
)

// Absent in place of a number of votes means that the choice was not on the
// ballot in that precinct.
const Absent = -1

// Precincts are the official results of one contest, a row per precinct. One with
// a ballot, 0 registered voters and 0 votes has no result yet: see
// [Estimates.Borrowed].
type Precincts struct {
	Registered []int64 // registered voters
	Votes      []int64 // row by row, len(Registered) x Choices; Absent where not on the ballot
	Choices    int
	Silent     []bool // by precinct: its result says nothing of how people vote, as where nobody did, and nothing is learnt from it; nil where there is none
}

// check refuses results that are not those of so many precincts, or that do not
// add up.
func (p Precincts) check(precincts int) error {
	if p.Silent != nil && len(p.Silent) != precincts {
		return fmt.Errorf("estimate: %d precincts have %d that may say nothing", precincts, len(p.Silent))
	}
	if len(p.Registered) != precincts || p.Choices < 1 || len(p.Votes) != precincts*p.Choices {
		return fmt.Errorf("estimate: %d precincts have %d numbers of registered voters, and %d votes for %d choices",
			precincts, len(p.Registered), len(p.Votes), p.Choices)
	}
	for b, all := range p.Registered {
		sum := int64(0)
		for k, v := range p.Votes[b*p.Choices:][:p.Choices] {
			if v < Absent {
				return fmt.Errorf("estimate: precinct %d has %d votes for choice %d", b, v, k)
			}
			sum += max(0, v)
		}
		if sum != all {
			return fmt.Errorf("estimate: precinct %d has %d registered voters, but its choices add up to %d", b, all, sum)
		}
	}
	return nil
}

// onBallot tells whether a precinct has a choice on its ballot.
func (p Precincts) onBallot(b int) bool {
	return slices.ContainsFunc(p.Votes[b*p.Choices:][:p.Choices], func(v int64) bool { return v != Absent })
}

// silent tells whether a precinct's result says nothing.
func (p Precincts) silent(b int) bool { return p.Silent != nil && p.Silent[b] }

package live

import (
	"github.com/arpent/arpent/engine"
)

// Score gives what is published of a unit, in every contest. A suppressed unit has its state and reason only.
func (c *City) Score(unit engine.Unit, id int64) (Score, error) {
	l, u, err := c.level(unit, id)
	if err != nil {
		return Score{}, err
	}
	s := Score{Unit: unit, ID: id, Name: l.names[u], State: l.states[u], Reason: l.reasons[u]}
	if s.State != engine.Published {
		return s, nil
	}
	s.Households = c.publishedHouseholds(l, u)
	for at := range c.contests {
		if cs, ok := c.contestScore(l, u, at); ok {
			s.Contests = append(s.Contests, cs)
		}
	}
	return s, nil
}

func (c *City) contestScore(l *level, u, at int) (ContestScore, bool) {
	n := &l.numbers[at]
	if n.registered[u] < 0 {
		return ContestScore{}, false
	}
	choices := c.contests[at].Choices
	cs := ContestScore{Contest: c.contests[at].ID, Registered: n.registered[u]}
	for k, choice := range choices {
		if row := u*len(choices) + k; n.votes[row] >= 0 {
			cs.Choices = append(cs.Choices, ChoiceScore{choice.ID, n.number(row)})
		}
	}
	return cs, true
}

func (n *numbers) number(row int) Number {
	r := n.ranges[row]
	return Number{Votes: n.votes[row], Share: r.share, Low90: r.low90, Low50: r.low50, High50: r.high50, High90: r.high90}
}

// publishedHouseholds withholds the households of precincts where there are several divisions: of two precincts that overlap they
// are counted by the same addresses, so that their difference would tell about what lies between.
func (c *City) publishedHouseholds(l *level, u int) float64 {
	if l.unit == engine.UnitPrecinct && c.divisions > 1 {
		return 0
	}
	return l.households[u]
}

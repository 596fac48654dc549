package live

import (
	"slices"

	"github.com/arpent/arpent/engine"
)

// Score gives what is published of a unit, in every contest unless one is asked for. A suppressed unit has its state and reason only. A segment
// that stands under another's id has the score of that one.
func (c *City) Score(unit engine.Unit, id int64, q ScoreQuery) (Score, error) {
	if err := q.Check(c.contests); err != nil {
		return Score{}, err
	}
	l, u, err := c.level(unit, id)
	if err != nil {
		return Score{}, err
	}
	s := l.head(u)
	if s.State != engine.Published {
		return s, nil
	}
	s.Households = c.publishedHouseholds(l, u)
	for at := range c.contests {
		if q.Contest != "" && q.Contest != c.contests[at].ID {
			continue
		}
		if cs, ok := c.contestScore(l, u, at, q); ok {
			s.Contests = append(s.Contests, cs)
		}
	}
	return s, nil
}

// Check tells what is wrong with a query: a *QueryError or an *ItemError.
func (q ScoreQuery) Check(contests []Contest) error {
	at, err := contestByName(contests, q.Contest)
	if err != nil {
		return err
	}
	for _, of := range [][2]string{{byAgainst, q.Against}, {bySince, q.Since}} {
		if of[1] != "" && q.Contest == "" {
			return &ItemError{of[0], "it is of one contest: name that with contest"}
		}
	}
	if _, err := choiceByName(contests[at], byAgainst, q.Against); err != nil {
		return err
	}
	if q.Since == "" {
		return nil
	}
	var known []string // of any choice
	for k := range contests[at].Choices {
		for _, since := range ChangeSince(contests, at, k) {
			if since == q.Since {
				return nil
			}
			if !slices.Contains(known, since) {
				known = append(known, since)
			}
		}
	}
	return &QueryError{bySince, q.Since, known}
}

// head is what is said of every unit, whatever its state.
func (l *level) head(u int) Score {
	s := Score{Unit: l.unit, ID: l.ids[u], Name: l.name(u), Joined: l.others[u], State: l.state(u), Reason: l.reason(u)}
	if l.set != nil {
		s.Set, s.Code = l.set.name, l.set.codes[u]
	}
	return s
}

func (c *City) contestScore(l *level, u, at int, q ScoreQuery) (ContestScore, bool) {
	unit := l.publishedOf(u)
	registered := unit.registered(at)
	if registered < 0 {
		return ContestScore{}, false
	}
	cs := ContestScore{Contest: c.contests[at].ID, Registered: registered, ModelledOnly: unit.modelledOnly(at), Measures: c.measures(unit, at, "", q)}
	for k, choice := range c.contests[at].Choices {
		if votes, ok := unit.votes(at, k); ok {
			s, _ := unit.share(at, k)
			number := Number{Votes: votes, Share: s.Value, Low90: s.Low90, Low50: s.Low50, High50: s.High50, High90: s.High90}
			cs.Choices = append(cs.Choices, ChoiceScore{choice.ID, number, c.measures(unit, at, choice.ID, q)})
		}
	}
	return cs, true
}

// measures gives the measures of a unit that take a choice, but for the first, or with no choice those that take none; each where the contest
// and the unit have it.
func (c *City) measures(unit published, at int, choice string, q ScoreQuery) []MeasureScore {
	var list []MeasureScore
	for _, m := range Measures()[1:] {
		if slices.Contains(m.Parameters, byChoice) != (choice != "") {
			continue
		}
		query := Query{Contest: c.contests[at].ID, Choice: choice, Measure: m.ID}
		if slices.Contains(m.Parameters, byAgainst) {
			query.Against = q.Against
		}
		if slices.Contains(m.Parameters, bySince) {
			query.Since = q.Since
		}
		_, asked, err := settle(c.contests, query)
		if err != nil {
			continue // such as the potential of abstention, or the margin over itself
		}
		number, ok := m.estimate(unit, asked)
		if !ok {
			continue
		}
		s := MeasureScore{Measure: m.ID, Estimate: number}
		if slices.Contains(m.Parameters, byAgainst) {
			s.Against = c.contests[at].Choices[asked.against].ID
		}
		if slices.Contains(m.Parameters, bySince) {
			s.Since = c.contests[asked.since].ID
		}
		list = append(list, s)
	}
	return list
}

// publishedHouseholds withholds the households of precincts where there are several divisions: of two precincts that overlap they
// are counted by the same addresses, so that their difference would tell about what lies between. A unit's share of a precinct's households would
// give those away too. Districts are sums of precincts.
func (c *City) publishedHouseholds(l *level, u int) float64 {
	if (l.unit == engine.UnitPrecinct || l.unit == engine.UnitDistrict) && c.divisions > 1 {
		return 0
	}
	return l.households[u]
}

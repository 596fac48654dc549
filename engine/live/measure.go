package live

import (
	"fmt"
	"slices"

	"github.com/arpent/arpent/engine"
)

// Measure is a number that tiles and scores show. It is made of published numbers only: those of the unit itself, in the columns that
// the publication plan and coarsen have gone over. So whatever measures are combined, they tell no more than those numbers do.
type Measure struct {
	ID             string
	Title          string
	Unit           string   // fraction 0..1, fraction -1..1, votes, voters or people
	Diverging      bool     // from negative to positive, with zero in the middle
	Parameters     []string // what it is asked for beside the contest: choice, against, since
	CandidatesOnly bool     // its choice is none of the reserved ones
	Definition     string   // what it is and what its interval holds, in words

	whole    bool                                                         // a whole number
	missing  func(contests []Contest, at int) string                      // why a contest does not have it, "" where it has; nil: all have it
	settle   func(contests []Contest, asked Query, found *question) error // finds what it needs beside contest and choice; nil: nothing
	estimate func(u published, q question) (Estimate, bool)               // false where the unit has no such number
}

// Measures lists the measures; the first is the default.
func Measures() []Measure {
	return []Measure{shareMeasure, votesMeasure, registeredMeasure, turnoutMeasure, marginMeasure, changeMeasure, potentialMeasure}
}

// The parameters of measures.
const (
	byChoice  = "choice"
	byAgainst = "against"
	bySince   = "since"
)

// question is a query whose names are found: indices of contests and of their choices.
type question struct {
	contest, choice int
	against         int // the other choice of a margin
	since, then     int // the earlier contest of a change, and the choice in it
	abstention      int
	candidates      int // choices before this one are on the ballot, the others reserved
}

// published is what is published of a unit.
type published struct {
	numbers []numbers // by contest
	row     int       // in them, or untold
}

// publishedOf is what is published of a unit of the level.
func (l *level) publishedOf(u int) published { return published{l.numbers, l.toldAt(u)} }

// registered is how many registered voters a unit has in a contest; -1 where nothing is published.
func (p published) registered(contest int) int64 {
	if p.row == untold {
		return -1
	}
	return p.numbers[contest].registered[p.row]
}

// modelledOnly tells whether nobody is counted in a unit and its shares are predicted.
func (p published) modelledOnly(contest int) bool {
	return p.row != untold && p.numbers[contest].modelled[p.row]
}

// voters is the same as registered with its intervals; false where nothing is published, and where there are none.
func (p published) voters(contest int) (Estimate, bool) {
	if p.row == untold {
		return Estimate{}, false
	}
	n := &p.numbers[contest]
	return n.voters[p.row], n.registered[p.row] > 0
}

// votes is a unit's whole number of votes of a choice; false where it was not on the ballot.
func (p published) votes(contest, choice int) (int64, bool) {
	if p.row == untold {
		return -1, false
	}
	n := &p.numbers[contest]
	v := n.votes[p.row*n.choices+choice]
	return v, v >= 0
}

// share is a choice's share of a unit's registered voters; false where the choice was not on the ballot, and where there are none unless the
// share is predicted.
func (p published) share(contest, choice int) (Estimate, bool) {
	if p.row == untold {
		return Estimate{}, false
	}
	n := &p.numbers[contest]
	at := p.row*n.choices + choice
	return n.shares[at], (n.registered[p.row] > 0 || n.modelled[p.row]) && n.votes[at] >= 0
}

// CheckQuery tells what is wrong with a query: a *QueryError or a *MeasureError.
func CheckQuery(contests []Contest, q Query) error {
	_, _, err := settle(contests, q)
	return err
}

// settle finds the names of a query.
func settle(contests []Contest, q Query) (Measure, question, error) {
	var found question
	m, err := measureByName(q.Measure)
	if err != nil {
		return m, found, err
	}
	if found.contest, err = contestByName(contests, q.Contest); err != nil {
		return m, found, err
	}
	for _, p := range []struct{ name, value string }{{byChoice, q.Choice}, {byAgainst, q.Against}, {bySince, q.Since}} {
		if p.value != "" && !slices.Contains(m.Parameters, p.name) {
			return m, found, &MeasureError{m.ID, p.name, p.value, fmt.Sprintf("it takes no %s: leave it out", p.name)}
		}
	}
	contest := contests[found.contest]
	if found.choice, err = choiceByName(contest, byChoice, q.Choice); err != nil {
		return m, found, err
	}
	if m.missing != nil {
		if why := m.missing(contests, found.contest); why != "" {
			return m, found, &MeasureError{m.ID, "measure", m.ID, why}
		}
	}
	found.abstention = slices.IndexFunc(contest.Choices, func(c Choice) bool { return c.ID == engine.Abstention })
	found.candidates = candidates(contest)
	if m.CandidatesOnly && found.choice >= found.candidates {
		id := contest.Choices[found.choice].ID
		return m, found, &MeasureError{m.ID, byChoice, id, fmt.Sprintf("%s is not a candidate that anybody could vote for: name one", id)}
	}
	if m.settle != nil {
		err = m.settle(contests, q, &found)
	}
	return m, found, err
}

// MeasuresOf lists the measures that a contest has.
func MeasuresOf(contests []Contest, at int) []string {
	var ids []string
	for _, m := range Measures() {
		if m.missing == nil || m.missing(contests, at) == "" {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// candidates counts the choices of a contest that are on the ballot; the reserved ones come after them.
func candidates(c Contest) int {
	if n := slices.IndexFunc(c.Choices, func(c Choice) bool { return engine.IsReserved(c.ID) }); n >= 0 {
		return n
	}
	return len(c.Choices)
}

// noAbstention says why nobody knows who stayed at home in a contest; "" where it is known.
func noAbstention(contests []Contest, at int) string {
	c := contests[at]
	switch {
	case c.Base == engine.BaseBallots:
		return fmt.Sprintf("the source of contest %s counts ballots, not registered voters, so that nobody knows how many stayed at home: ask for another contest", c.ID)
	case !slices.ContainsFunc(c.Choices, func(c Choice) bool { return c.ID == engine.Abstention }):
		return fmt.Sprintf("the source of contest %s does not tell abstention from blank and null votes: ask for another contest", c.ID)
	}
	return ""
}

func measureByName(id string) (Measure, error) {
	var known []string
	for _, m := range Measures() {
		if id == "" || m.ID == id {
			return m, nil
		}
		known = append(known, m.ID)
	}
	return Measure{}, &QueryError{"measure", id, known}
}

// contestByName finds a contest; "" is the first.
func contestByName(contests []Contest, id string) (int, error) {
	var known []string
	for at, c := range contests {
		if id == "" || c.ID == id {
			return at, nil
		}
		known = append(known, c.ID)
	}
	return 0, &QueryError{"contest", id, known}
}

// choiceByName finds the choice of a contest that a parameter names; "" is the leading one.
func choiceByName(c Contest, parameter, id string) (int, error) {
	var known []string
	for k, choice := range c.Choices {
		if id == "" || choice.ID == id {
			return k, nil
		}
		known = append(known, choice.ID)
	}
	return 0, &QueryError{parameter, id, known}
}

// MeasureError says why a measure cannot be made of what was asked, and what can be done. It matches ErrQuery.
type MeasureError struct {
	Measure   string
	Parameter string // that is to be changed: measure, choice, against, since
	Value     string
	Why       string
}

func (e *MeasureError) Error() string { return fmt.Sprintf("live: measure %s: %s", e.Measure, e.Why) }

// Is makes errors.Is(err, ErrQuery) true.
func (e *MeasureError) Is(target error) bool { return target == ErrQuery }

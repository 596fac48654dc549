package live

import (
	"math"
	"slices"

	"github.com/arpent/arpent/engine"
)

// Backtest says what the estimates of a snapshot are worth, as its build has measured it, and how its addresses were placed. All of it is counts of
// public addresses and precincts, and means over many precincts in as many digits as they can tell: nothing of a unit.
type Backtest struct {
	Merged    int // about how many neighbouring precincts are merged, and taken apart again
	Addresses int64
	ByName    int64 // addresses at a segment of their street
	ByNearest int64 // addresses at another that is the nearest
	Divisions []DivisionPlacing
	Contests  []ContestBacktest
}

// DivisionPlacing is how addresses were placed in the precincts of a division, and how many precincts there is a doubt about.
type DivisionPlacing struct {
	Division                                                 string
	Precincts                                                int64
	ByTable, ByArea, ByStreet, ByNearest, InSeveral, Nowhere int64 // addresses
	Guessed                                                  int64 // precincts with more than 5 % of their addresses by street, or as the nearest to them
}

// ContestBacktest is how far the estimates of a contest are off where the truth is known.
type ContestBacktest struct {
	Contest   string
	Precincts int64 // with results
	Disagree  int64 // precincts whose figures disagree with one another
	Measured  bool  // what follows is there: K precincts and more were measured
	// Per cent of the registered voters that are in the wrong precinct, and would be had each precinct the shares of all that it was merged with.
	Misplaced, FlatMisplaced float64
	Choices                  []ChoiceBacktest
}

// ChoiceBacktest is the same of a choice that stands in K precincts and more: mean errors in points of the registered voters, and in how many of 100 precincts the interval holds.
type ChoiceBacktest struct {
	Choice           string
	MAE, FlatMAE     float64
	Cover50, Cover90 float64
}

// Backtest is what the estimates are worth; Contests is empty where nothing is known of them.
func (c *City) Backtest() Backtest { return c.tested }

// backtestOf takes of a report what may be told. Who knew all homes but a few could tell by the last digits of a mean where these are, above all in
// a place of few precincts. rare tells that a choice of a contest stands in fewer than k of its
// precincts.
func backtestOf(r *engine.Report, k int, rare func(contest, choice string, k int) bool) Backtest {
	b := Backtest{Merged: engine.BacktestMerged, Addresses: r.Placing.Addresses, ByName: r.Placing.ByName, ByNearest: r.Placing.ByNearest}
	for i := range r.Divisions {
		d := &r.Divisions[i]
		b.Divisions = append(b.Divisions, DivisionPlacing{
			Division: d.Division, Precincts: d.Precincts, ByTable: d.ByTable, ByArea: d.ByArea, ByStreet: d.ByStreet, ByNearest: d.ByNearest,
			InSeveral: d.InSeveral, Nowhere: d.Unplaced, Guessed: int64(len(d.Guessed)),
		})
	}
	for i := range r.Contests {
		c := &r.Contests[i]
		contest := ContestBacktest{Contest: c.Contest, Precincts: c.Precincts, Disagree: int64(len(c.Disagree))}
		for _, of := range c.Backtest {
			if c.Precincts >= int64(k) && !rare(c.Contest, of.Choice, k) {
				contest.Choices = append(contest.Choices, ChoiceBacktest{of.Choice, decimals(of.MAE, 2), decimals(of.FlatMAE, 2), decimals(of.Cover50, 0), decimals(of.Cover90, 0)})
			}
		}
		if contest.Measured = len(contest.Choices) > 0; contest.Measured {
			contest.Misplaced, contest.FlatMisplaced = decimals(c.BallotsMisplaced, 1), decimals(c.FlatMisplaced, 1)
		}
		b.Contests = append(b.Contests, contest)
	}
	return b
}

// rare tells that a choice is on the ballot of fewer than k precincts of a contest, and not of all.
func (c *City) rare(contest, choice string, k int) bool {
	at, known := c.contestAt[contest]
	if !known {
		return true
	}
	choices := c.contests[at].Choices
	j := slices.IndexFunc(choices, func(one Choice) bool { return one.ID == choice })
	if j < 0 {
		return true
	}
	with, without := 0, 0
	for b, registered := range c.official.registered[at] {
		switch {
		case registered < 0: // no result
		case c.official.votes[at][b*len(choices)+j] >= 0:
			with++
		default:
			without++
		}
	}
	return with < k && without > 0
}

func decimals(x float64, n int) float64 {
	scale := math.Pow10(n)
	return math.Round(x*scale) / scale
}

package build

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/arpent/arpent/engine"
)

// checkCrosswalks compares the parts of every precinct with 1, and the votes on other divisions with the official ones.
func (c *checker) checkCrosswalks() error {
	type walk struct {
		from, to string
		precinct int64
	}
	parts := map[walk]float64{}
	err := c.eachBatch(engine.Crosswalks, func(r engine.Rows) error {
		froms, tos, ids, shares := r.Texts("from_division"), r.Texts("to_division"), r.Ints("from_precinct_id"), r.Floats("part")
		for i := range r.Len() {
			parts[walk{string([]byte(froms.Value(i))), string([]byte(tos.Value(i))), ids.Value(i)}] += shares.Value(i)
		}
		return nil
	})
	if err != nil {
		return err
	}
	var wrong []string // sorted, so that the message is the same each time
	for w, part := range parts {
		c.Sums++
		if math.Abs(part-1) > 1e-9 {
			wrong = append(wrong, fmt.Sprintf("crosswalks: the parts of precinct %d of division %s in %s add up to %g, not 1", w.precinct, w.from, w.to, part))
		}
	}
	slices.Sort(wrong)
	for _, w := range wrong {
		c.differ("%s", w)
	}
	type crossing struct {
		contest  int
		division string
	}
	crossed := map[crossing]*tally{}
	err = c.eachBatch(engine.CrosswalkResults, func(r engine.Rows) error {
		contests, divisions, choices, votes := r.Texts("contest"), r.Texts("division"), r.Texts("choice"), r.Ints("votes")
		for i := range r.Len() {
			at, k, ok := c.choice("crosswalk_results", contests.Value(i), choices.Value(i))
			if !ok {
				continue
			}
			key := crossing{at, string([]byte(divisions.Value(i)))}
			if crossed[key] == nil {
				crossed[key] = &tally{}
			}
			crossed[key].add(k, votes.Value(i))
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, key := range slices.SortedFunc(maps.Keys(crossed), func(a, b crossing) int { return a.contest - b.contest }) {
		contest := c.contests[key.contest]
		for k, choice := range contest.choices {
			official := int64(-1)
			for _, precinct := range contest.official {
				if n := precinct.votes(k); n >= 0 {
					official = max(0, official) + n
				}
			}
			c.Sums++
			if got := crossed[key].votes(k); got != official {
				c.differ("contest %s, choice %s: %s votes officially, %s on the precincts of division %s", contest.id, choice, orNone(official), orNone(got), key.division)
			}
		}
	}
	return nil
}

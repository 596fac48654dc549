package build

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/estimate"
)

// crosswalk says what the precincts of one division have in common with those of another, by the addresses placed in both.
type crosswalk struct {
	from, to int32      // index in placed.divisions
	shared   []inCommon // by from, then to
	report   engine.CrosswalkReport
}

// inCommon is what a precinct has in common with one of the other division; with noPlace it stands for a precinct that has no
// address in common with any.
type inCommon struct {
	from, to              int32 // index in placed.precincts
	addresses, households float64
	part                  float64 // of the from-precinct
}

// wholeFrom is the part from which a precinct counts as going whole into one other.
const wholeFrom = 0.99

// makeCrosswalk joins two divisions. Where several precincts share an address in either, it counts by the product of its parts.
// A part is of the households at addresses that have a precinct in both; of the addresses where no household is known.
func makeCrosswalk(p *placed, from, to int32) *crosswalk {
	c := &crosswalk{from: from, to: to, report: engine.CrosswalkReport{From: p.divisions[from].name, To: p.divisions[to].name}}
	a, b := p.divisions[from].placements, p.divisions[to].placements
	byPair := map[[2]int32]*inCommon{}
	// Both lists are by address.
	for i, j := 0, 0; i < len(a); {
		address := a[i].address
		iEnd, jEnd := i, j
		for iEnd < len(a) && a[iEnd].address == address {
			iEnd++
		}
		for jEnd < len(b) && b[jEnd].address == address {
			jEnd++
		}
		homes := p.households[address]
		for _, x := range a[i:iEnd] {
			for _, y := range b[j:jEnd] {
				part := x.part * y.part
				if x.precinct == noPlace || y.precinct == noPlace {
					c.report.HouseholdsWithout += homes * part
					continue
				}
				pair := [2]int32{x.precinct, y.precinct}
				if byPair[pair] == nil {
					byPair[pair] = &inCommon{from: x.precinct, to: y.precinct}
				}
				byPair[pair].addresses += part
				byPair[pair].households += homes * part
			}
		}
		i, j = iEnd, jEnd
	}
	for _, shared := range byPair {
		c.shared = append(c.shared, *shared)
	}
	any := map[int32]bool{}
	for _, s := range c.shared {
		any[s.from] = true
	}
	for i := range p.precincts {
		if p.precincts[i].divisionIndex == from && !any[int32(i)] {
			c.shared = append(c.shared, inCommon{from: int32(i), to: noPlace, part: 1})
		}
	}
	slices.SortFunc(c.shared, func(a, b inCommon) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	c.eachPrecinct(func(shared []inCommon) { c.weigh(p, shared) })
	if joined := c.report.Precincts - c.report.NowhereElse; joined > 0 {
		c.report.MeanLargestPart /= float64(joined)
	}
	slices.Sort(c.report.SameNumberApart)
	return c
}

// eachPrecinct calls do with what each from-precinct has in common.
func (c *crosswalk) eachPrecinct(do func(shared []inCommon)) {
	for i := 0; i < len(c.shared); {
		end := i
		for end < len(c.shared) && c.shared[end].from == c.shared[i].from {
			end++
		}
		do(c.shared[i:end])
		i = end
	}
}

// weigh gives the parts of one precinct and counts how well it goes into others.
func (c *crosswalk) weigh(p *placed, shared []inCommon) {
	r := &c.report
	r.Precincts++
	if shared[0].to == noPlace {
		r.NowhereElse++
		return
	}
	var homes, addresses, largest, same float64
	for _, s := range shared {
		homes += s.households
		addresses += s.addresses
	}
	from := &p.precincts[shared[0].from]
	for i := range shared {
		s := &shared[i]
		if homes > 0 {
			s.part = s.households / homes
		} else {
			s.part = s.addresses / addresses
		}
		largest = max(largest, s.part)
		if p.precincts[s.to].key == from.key {
			same = s.part
		}
	}
	r.MeanLargestPart += largest
	if largest >= wholeFrom {
		r.Whole++
	}
	if _, numbered := p.precinctIndex[precinctRef{p.divisions[c.to].name, from.key}]; numbered && same < 0.5 {
		r.SameNumberApart = append(r.SameNumberApart, from.code)
	}
}

// crossedVotes are the votes of a contest on the precincts of another division.
type crossedVotes struct {
	contest  *contest
	division string
	precinct []int32   // index in placed.precincts, ascending; noPlace for what goes nowhere
	votes    [][]int64 // by choice, estimate.Absent where no part of the precinct had it on its ballot
}

// cross hands the votes of a contest over to the precincts of the other division: a precinct's registered voters in proportion to
// its parts, its votes in whole numbers under both margins, so that they add up to the official ones.
func (c *crosswalk) cross(v *contestVotes, p *placed) (*crossedVotes, error) {
	crossed := &crossedVotes{contest: v.contest, division: p.divisions[c.to].name}
	byPrecinct := map[int32][]int64{}
	var rounder estimate.Rounder
	var weights, shares []float64
	var official, voters, whole []int64
	var err error
	c.eachPrecinct(func(shared []inCommon) {
		i := v.rowOf[shared[0].from]
		if i == noPlace || v.added(shared[0].from) || err != nil {
			return
		}
		weights, official = weights[:0], official[:0]
		for _, s := range shared {
			weights = append(weights, s.part)
		}
		for _, j := range v.ballot[i] {
			official = append(official, v.precincts[i].votes[j])
		}
		voters = estimate.LargestRemainder(weights, v.precincts[i].registered, voters)
		shares = estimate.FlatShares(voters, official, shares)
		whole = resize(whole, len(shared)*len(official))
		if failed := rounder.Round(shares, len(shared), len(official), voters, official, whole); failed != nil {
			err = fmt.Errorf("build: crosswalk of contest %s, precinct %s: %w", v.id, v.precincts[i].code, failed)
			return
		}
		for at, s := range shared {
			row := byPrecinct[s.to]
			if row == nil {
				row = make([]int64, len(v.choices))
				for k := range row {
					row[k] = estimate.Absent
				}
				byPrecinct[s.to] = row
			}
			for k, j := range v.ballot[i] {
				row[j] = max(0, row[j]) + whole[at*len(official)+k]
			}
		}
	})
	for b := range byPrecinct {
		crossed.precinct = append(crossed.precinct, b)
	}
	slices.Sort(crossed.precinct)
	for _, b := range crossed.precinct {
		crossed.votes = append(crossed.votes, byPrecinct[b])
	}
	return crossed, err
}

// crossDivisions makes the crosswalks that contests ask for, each once, and their votes.
func crossDivisions(w *world, report *engine.Report) error {
	p := w.placed
	indexOf := func(name string) int32 {
		return int32(slices.IndexFunc(p.divisions, func(d division) bool { return d.name == name }))
	}
	for _, v := range w.votes {
		if v.spec.Crosswalk == "" {
			continue
		}
		from, to := indexOf(v.division), indexOf(string(v.spec.Crosswalk))
		if from < 0 || to < 0 {
			return fmt.Errorf("build: contest %s: there is no division %s for its crosswalk", v.id, v.spec.Crosswalk)
		}
		at := slices.IndexFunc(w.crosswalks, func(c *crosswalk) bool { return c.from == from && c.to == to })
		if at < 0 {
			at = len(w.crosswalks)
			w.crosswalks = append(w.crosswalks, makeCrosswalk(p, from, to))
		}
		crossed, err := w.crosswalks[at].cross(v, p)
		if err != nil {
			return err
		}
		w.crossed = append(w.crossed, crossed)
	}
	// Divisions are by name.
	slices.SortFunc(w.crosswalks, func(a, b *crosswalk) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	for _, c := range w.crosswalks {
		report.Crosswalks = append(report.Crosswalks, c.report)
	}
	return nil
}

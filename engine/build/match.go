package build

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/arpent/arpent/engine"
)

// matchContests compares each contest's precincts with the areas and the register of its division, and refuses results of another division:
// station numbers of two divisions look alike and mean other places. Precincts that were left out count as those without an area,
// but for those of communes whose voters mark several names: they say nothing of the division.
func matchContests(place *engine.Place, m *material, contests []*contest, p *placed, limit float64) ([]engine.ContestReport, error) {
	reports := make([]engine.ContestReport, len(contests))
	anyArea := false
	for i, c := range contests {
		r := engine.ContestReport{Contest: c.id, Division: c.division, Precincts: int64(len(c.precincts)), Disagree: c.disagree, LeftOut: c.leftOut,
			Base: c.base, Plurinominal: int64(c.plurinominal), InCommunes: c.inCommunes, Sources: c.sources}
		voted := map[string]bool{}
		result := map[engine.PrecinctKey]bool{}
		var firstNoArea *contestPrecinct
		for j := range c.precincts {
			row := &c.precincts[j]
			r.Registered += row.registered
			voted[row.key.Commune], result[row.key] = true, true
			if c.silent(*row) {
				r.NoBallot = append(r.NoBallot, row.code)
			}
			if p.precincts[p.precinctIndex[precinctRef{c.division, row.key}]].known() {
				r.Matched++
				continue
			}
			r.NoArea = append(r.NoArea, row.code)
			if firstNoArea == nil || row.line < firstNoArea.line {
				firstNoArea = row
			}
		}
		known, areas := 0, 0
		for j := range p.precincts {
			b := &p.precincts[j]
			if b.division != c.division || !b.known() {
				continue
			}
			known++
			if b.shape != nil {
				areas++
			}
			if voted[b.key.Commune] && !result[b.key] {
				r.NoResult = append(r.NoResult, b.code)
			}
		}
		slices.Sort(r.NoArea)
		slices.Sort(r.NoResult)
		r.ElectorsCompared, r.ElectorsMedianOff = compareElectors(c, p, areas)
		reports[i] = r
		noArea, total := len(r.NoArea), float64(len(c.precincts)+len(c.leftOut))
		if known == 0 {
			noArea = 0 // a division without areas may be loaded
		}
		if len(c.precincts)+len(c.leftOut) == 0 {
			return nil, fmt.Errorf("build: %s: all %d precincts are left out, as their voters mark several names and no precinct's votes are those of its voters: take the contest out, or correct the counts (%s)",
				m.row(fileRow{c.file, 1}), c.plurinominal, place.Where(c.spec))
		}
		if unusable := float64(noArea + len(c.leftOut)); unusable > limit*total && len(c.leftOut) > noArea {
			first := slices.MinFunc(c.leftOut, func(a, b engine.Disagreement) int { return cmp.Compare(a.Line, b.Line) })
			by := ""
			if first.Difference != 0 {
				by = fmt.Sprintf(" (by %d in this one)", -first.Difference)
			}
			return nil, fmt.Errorf("build: %s: precinct %s, as %d of all %d, is %s%s: correct the counts, or download the file again (%s)",
				m.row(fileRow{c.fileOf(first.Provisional), first.Line}), first.Precinct, len(c.leftOut), int(total), first.Action, by, place.Where(c.spec))
		} else if unusable > limit*total {
			return nil, fmt.Errorf("build: %s: precinct %s and %d others of %d have no area in division %s: %s (%s)",
				m.row(fileRow{c.fileOf(firstNoArea.provisional), firstNoArea.line}), firstNoArea.code, noArea-1, int(total), c.division, remedyOfDivision, place.Where(c.spec))
		}
		if known == 0 {
			continue
		}
		anyArea = true
		if missing := len(r.NoResult); float64(missing) > limit*float64(known) && (missing > newStations || 2*missing >= known) {
			return nil, fmt.Errorf("build: %s: %d of the %d areas of division %s have no result though their commune voted (the first is %s): %s (%s)",
				m.row(fileRow{c.file, 1}), len(r.NoResult), known, c.division, r.NoResult[0], remedyOfDivision, place.Where(c.spec))
		}
	}
	if !anyArea {
		c := contests[0]
		return nil, fmt.Errorf("build: %s: no areas of division %s are loaded, so no result can be placed: add the areas of that division, or correct division: (%s)", m.row(fileRow{c.file, 1}), c.division, place.Where(c.spec))
	}
	return reports, nil
}

// newStations is how many precincts of a contest may be without a result in any place, be it small: they borrow their shares. Where half are, the
// division is another.
const newStations = 2

// remedyOfDivision is for results and areas that do not meet.
const remedyOfDivision = "give the division these results belong to, or its areas (then crosswalk: can bring them to another division); or, where the files are of more communes than one another, add communes:"

// known tells whether something says where the precinct is: its area, or a register of voters' addresses.
func (b *precinct) known() bool { return b.shape != nil || b.registered }

// compareElectors gives how many precincts of a contest have an area whose publisher states its electors, and the median of the
// relative difference between those and the registered voters: 0, 0 where fewer than half of the areas state them.
//
// It is reported and refuses nothing, for it cannot tell divisions apart. With the areas of Paris of 2017 (and their electors of
// one day) it is 6 % for the results of 2017 and 8 % for those of 2020, which belong to them; 9 % for those of 2022, 5 % for
// 2012, 4 % for 2014 and 8 % for 2008, which do not. Precincts are all made for about the same number of voters, so that any
// division looks like any other.
func compareElectors(c *contest, p *placed, areas int) (compared int64, medianOff float64) {
	var off []float64
	for _, row := range c.precincts {
		if stated := p.precincts[p.precinctIndex[precinctRef{c.division, row.key}]].electors; stated > 0 {
			off = append(off, math.Abs(float64(row.registered-stated))/float64(stated))
		}
	}
	if len(off) == 0 || 2*len(off) < areas {
		return 0, 0
	}
	slices.Sort(off)
	return int64(len(off)), off[len(off)/2]
}

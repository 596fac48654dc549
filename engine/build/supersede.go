package build

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/arpent/arpent/engine"
)

// mostConflicts is how many conflicts between two sources a report keeps.
const mostConflicts = 20

// supersede makes one contest of a provisional and a final source: the final one's figures are taken precinct by precinct, the
// provisional one's where the final has none.
func (m *material) supersede() error {
	var contests []contestRows
	at := map[engine.Code]int{}
	for _, c := range m.contests {
		if c.spec.Provisional() {
			for i := range c.stations {
				c.stations[i].provisional = true
			}
			c.provisional = c.file
			c.sources = &engine.TwoSources{Provisional: int64(len(c.stations))}
		}
		i, again := at[c.spec.Contest]
		if !again {
			at[c.spec.Contest] = len(contests)
			contests = append(contests, c)
			continue
		}
		final, provisional := contests[i], c
		if final.spec.Provisional() {
			final, provisional = provisional, final
		}
		if final.round != provisional.round {
			return fmt.Errorf("build: %s: contest %s is round %d here and round %d in %s: give each round a contest of its own",
				m.row(fileRow{provisional.file, 1}), c.spec.Contest, provisional.round, final.round, m.files[final.file].path)
		}
		final.takeProvisional(&provisional)
		contests[i] = final
	}
	m.contests = contests
	return nil
}

// takeProvisional takes the results of the precincts that a final source lacks, and compares the others.
func (c *contestRows) takeProvisional(p *contestRows) {
	r := &engine.TwoSources{}
	for _, s := range p.stations {
		at, both := c.index[s.key]
		if !both {
			r.Provisional++
			c.index[s.key] = len(c.stations)
			c.stations = append(c.stations, s)
			continue
		}
		r.InBoth++
		if found := c.stations[at].conflicts(&s); len(found) > 0 {
			r.PrecinctsApart++
			r.Conflicts += int64(len(found))
			r.Largest = append(r.Largest, found...)
		}
	}
	slices.SortFunc(r.Largest, func(a, b engine.Conflict) int {
		return cmp.Or(cmp.Compare(max(b.Delta(), -b.Delta()), max(a.Delta(), -a.Delta())), cmp.Compare(a.Precinct, b.Precinct), cmp.Compare(a.Figure, b.Figure))
	})
	r.Largest = slices.Clone(r.Largest[:min(mostConflicts, len(r.Largest))])
	for id, choice := range p.choices {
		known := c.choices[id]
		c.choices[id] = choiceRow{cmp.Or(known.name, choice.name), cmp.Or(known.family, choice.family)}
	}
	c.date = cmp.Or(c.date, p.date)
	c.spec.Crosswalk = cmp.Or(c.spec.Crosswalk, p.spec.Crosswalk)
	c.provisional, c.sources = p.file, r
}

// conflicts lists the figures of a precinct that its provisional result has otherwise. A candidate without a row has no votes; other
// figures are compared where both sources have them.
func (s *stationRow) conflicts(provisional *stationRow) (list []engine.Conflict) {
	compare := func(figure string, final, before int64) {
		if final != before {
			list = append(list, engine.Conflict{Precinct: s.code, Figure: figure, Provisional: before, Final: final})
		}
	}
	for _, f := range []struct {
		figure        string
		final, before int64
	}{
		{"registered", s.registered, provisional.registered}, {"voters", s.voters, provisional.voters},
		{engine.Blank, s.blank, provisional.blank}, {engine.Null, s.null, provisional.null}, {engine.BlankNull, s.blankNull, provisional.blankNull},
	} {
		if f.final >= 0 && f.before >= 0 {
			compare(f.figure, f.final, f.before)
		}
	}
	for _, v := range s.votes {
		compare(v.choice, v.votes, provisional.votesOf(v.choice))
	}
	for _, v := range provisional.votes {
		if !slices.ContainsFunc(s.votes, func(known choiceVotes) bool { return known.choice == v.choice }) {
			compare(v.choice, 0, v.votes)
		}
	}
	return list
}

// votesOf gives a candidate's votes; 0 where he has no row.
func (s *stationRow) votesOf(choice string) int64 {
	for _, v := range s.votes {
		if v.choice == choice {
			return v.votes
		}
	}
	return 0
}

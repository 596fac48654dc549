package live

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/arpent/arpent/engine"
)

// FieldCoverage is how far a campaign has come: where it was, and whether whom it met is like those who live there.
type FieldCoverage struct {
	All  CoverageRow
	Rows []CoverageRow // by segment or precinct in the order of ids, by team in that of names; without those where nobody was
	Mix  []Mix         // of all first, then of each team
}

// CoverageRow counts what was done in a segment, in a precinct or by a team. Of a team there are no addresses, households and answers.
type CoverageRow struct {
	ID         int64
	Name       string
	Addresses  int64
	Households float64
	Counts     FieldCounts
}

// Mix compares the streets of those who were met with all streets of the place, by the published shares of the campaign's contest: the
// mean over the contacts less the mean over the registered voters, in points. It says where a team walked, and nothing of what anybody
// answered.
type Mix struct {
	Team     string // "" is all
	Contacts int64  // that it is counted over: those in segments whose shares are published
	// Own is of the share of the campaign's choice, Turnout of that of all but abstention; both of the registered voters. HasTurnout is
	// false where the contest does not count abstention.
	Own, Turnout float64
	HasTurnout   bool
}

// Coverage gives how far the campaign has come, by segment, precinct or team.
func (f *Field) Coverage(ctx context.Context, by engine.Dimension) (FieldCoverage, error) {
	var rows *level
	switch by {
	case engine.BySegment:
		rows = f.city.unitLevel(engine.UnitSegment, 0)
	case engine.ByPrecinct:
		rows = f.city.unitLevel(engine.UnitPrecinct, 0)
	case engine.ByTeam:
	default:
		return FieldCoverage{}, &QueryError{"by", string(by), []string{string(engine.BySegment), string(engine.ByPrecinct), string(engine.ByTeam)}}
	}
	var found FieldCoverage
	if err := f.coverAll(ctx, &found, by); err != nil {
		return FieldCoverage{}, fmt.Errorf("live: coverage: %w", err)
	}
	if rows == nil {
		return found, nil
	}
	for u := range rows.ids {
		unit, err := f.unit(ctx, rows, u)
		if err != nil {
			return FieldCoverage{}, fmt.Errorf("live: coverage: %w", err)
		}
		if unit.attempts > 0 {
			found.Rows = append(found.Rows, CoverageRow{rows.ids[u], rows.name(u), unit.addresses, unit.households, unit.counts()})
		}
	}
	return found, nil
}

// coverAll fills in the whole place, the mix, and the rows of teams where they are asked for.
func (f *Field) coverAll(ctx context.Context, found *FieldCoverage, by engine.Dimension) error {
	precincts := f.city.unitLevel(engine.UnitPrecinct, 0)
	shares := f.streetShares()
	var all fieldTally
	teams := map[string]*fieldTally{}
	met := map[string]*mixSum{"": {}}
	for b, units := range f.ground.carried {
		if units == nil {
			continue
		}
		sums, err := f.sums(ctx, int32(b))
		if err != nil {
			return err
		}
		rows, err := f.teams(ctx, int32(b))
		if err != nil {
			return err
		}
		all.add(&sums.all)
		found.All.Addresses += f.addresses(precincts, b)
		found.All.Households += precincts.households[b]
		for i := range rows {
			t := &rows[i]
			teamOf(teams, t.team).add(&t.fieldTally)
			if met[t.team] == nil {
				met[t.team] = &mixSum{}
			}
			if t.segment >= 0 {
				street := shares.of[units.segments[t.segment]]
				met[""].add(street, float64(t.contacts))
				met[t.team].add(street, float64(t.contacts))
			}
		}
	}
	_, found.All.Name = f.city.Place()
	found.All.Counts = all.counts()
	for name, sum := range met {
		if sum.weight > 0 {
			found.Mix = append(found.Mix, Mix{
				Team: name, Contacts: int64(sum.weight), HasTurnout: shares.hasTurnout,
				Own: 100 * (sum.own - shares.all.own*sum.weight) / sum.weight, Turnout: 100 * (sum.turnout - shares.all.turnout*sum.weight) / sum.weight,
			})
		}
	}
	slices.SortFunc(found.Mix, func(a, b Mix) int { return strings.Compare(a.Team, b.Team) })
	if by == engine.ByTeam {
		for _, t := range teamCounts(teams) {
			found.Rows = append(found.Rows, CoverageRow{Name: t.Team, Counts: t.Counts})
		}
	}
	return nil
}

// streetShares are the published shares of the segments in the campaign's contest.
type streetShares struct {
	of         []streetShare // by segment
	all        streetShare   // weighted by registered voters
	hasTurnout bool
}

type streetShare struct {
	published    bool
	own, turnout float64
}

func (f *Field) streetShares() streetShares {
	segments := f.city.unitLevel(engine.UnitSegment, 0)
	_, asked, _ := settle(f.city.contests, Query{Contest: f.city.contests[f.contest].ID})
	found := streetShares{of: make([]streetShare, len(segments.ids)), hasTurnout: noAbstention(f.city.contests, f.contest) == ""}
	var sum mixSum
	for u := range segments.ids {
		unit, s := segments.publishedOf(u), &found.of[u]
		own, ok := unit.share(f.contest, f.choice)
		voters, peopled := unit.voters(f.contest)
		if !ok || !peopled {
			continue
		}
		s.published, s.own = true, own.Value
		if found.hasTurnout {
			if abstention, ok := unit.share(f.contest, asked.abstention); ok {
				s.turnout = 1 - abstention.Value
			}
		}
		sum.add(*s, voters.Value)
	}
	if sum.weight > 0 {
		found.all = streetShare{true, sum.own / sum.weight, sum.turnout / sum.weight}
	}
	return found
}

// mixSum adds up shares with a weight.
type mixSum struct{ weight, own, turnout float64 }

func (m *mixSum) add(s streetShare, weight float64) {
	if s.published {
		m.weight, m.own, m.turnout = m.weight+weight, m.own+weight*s.own, m.turnout+weight*s.turnout
	}
}

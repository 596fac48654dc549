package attack

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/geo"
)

// Leaks are planted in copies of the village, or in what answers for it. The adversary must find each: else it would find none.
func TestPlantedLeaksAreFound(t *testing.T) {
	t.Parallel()
	s := newVillage("2024").build(t)
	of := readTruth(t, s)
	all := map[unit]engine.State{}
	for u := range of.states {
		all[u] = engine.Published
	}
	short := of.find(func(u unit) bool { return u.kind == engine.UnitSegment && small(of.homes(u)) })
	parent, child := of.lonely()
	siblings := map[unit]engine.State{child: engine.Suppressed}
	for u := range of.states {
		if u.kind == engine.UnitCell && u != child && geo.Cell(u.id).Resolution() == geo.Cell(child.id).Resolution() && geo.Cell(u.id).Parent(geo.Cell(parent.id).Resolution()) == geo.Cell(parent.id) {
			siblings[u] = engine.Published
		}
	}
	for _, c := range []struct {
		leak string
		city api.City
		want string // in what is found
	}{
		{"a short street is marked as published", open(t, replanned(t, s, map[unit]engine.State{short: engine.Published})), short.String()},
		{"of the cells of one that is published a single one is suppressed", open(t, replanned(t, s, siblings)), "cell "},
		{"shares of cells are exact means", meanShares{open(t, s), of}, "shares that are exact means"},
		{"sums count what is suppressed", wholeSums{open(t, s), open(t, replanned(t, s, all))}, "count of"},
		{"explanations show parts that are hidden", shownParts{open(t, s), of}, "explain: part of"},
	} {
		t.Run(c.leak, func(t *testing.T) {
			t.Parallel()
			a := newAdversary(t, serve(c.city), of)
			a.attack()
			if found := strings.Join(a.leaks(), "\n"); !strings.Contains(found, c.want) {
				t.Errorf("the adversary does not find that %s: found is %q", c.leak, found)
			}
		})
	}
}

func (of *truth) homes(u unit) (households float64) {
	for _, a := range of.households {
		if a.in(u) {
			households += a.households
		}
	}
	return households
}

// find gives a suppressed unit, always the same.
func (of *truth) find(is func(unit) bool) unit {
	var found []unit
	for u, state := range of.states {
		if state == engine.Suppressed && is(u) {
			found = append(found, u)
		}
	}
	return slices.MinFunc(found, func(a, b unit) int { return cmp.Compare(a.id, b.id) })
}

// lonely gives a published cell and the smallest of its children, which is short.
func (of *truth) lonely() (parent, child unit) {
	child = of.find(func(u unit) bool {
		if u.kind != engine.UnitCell || !small(of.homes(u)) {
			return false
		}
		above := unit{engine.UnitCell, int64(geo.Cell(u.id).Parent(geo.Cell(u.id).Resolution() - 1))}
		return of.states[above] == engine.Published
	})
	return unit{engine.UnitCell, int64(geo.Cell(child.id).Parent(geo.Cell(child.id).Resolution() - 1))}, child
}

// meanShares gives the shares of cells as means of the official ones, weighted by the voters of each precinct.
type meanShares struct {
	api.City
	of *truth
}

func (m meanShares) Score(kind engine.Unit, id int64, q live.ScoreQuery) (live.Score, error) {
	s, err := m.City.Score(kind, id, q)
	u := unit{kind, id}
	if kind != engine.UnitCell {
		return s, err
	}
	for i := range s.Contests {
		c := &s.Contests[i]
		for k := range c.Choices {
			mean := 0.0
			for _, a := range m.of.contests[c.Contest] {
				if a.in(u) {
					official, all := m.of.official[c.Contest][a.precincts[0]], int64(0)
					for _, n := range official {
						all += n
					}
					mean += float64(a.voters()) / float64(c.Registered) * float64(official[c.Choices[k].Choice]) / float64(all)
				}
			}
			c.Choices[k].Share = mean
		}
	}
	return s, err
}

// wholeSums counts in a sum over all that is asked for what is suppressed, as another city has it.
type wholeSums struct {
	api.City
	all api.City
}

func (w wholeSums) Pivot(ctx context.Context, q live.PivotQuery) ([]live.PivotRow, [][2]string, error) {
	rows, about, err := w.City.Pivot(ctx, q)
	if err != nil || len(q.By) > 0 || len(rows) == 0 {
		return rows, about, err
	}
	q.Properties, q.Bare = []string{"id"}, true
	items, err := w.City.Items(q.ItemQuery)
	if err != nil {
		return nil, nil, err
	}
	_, err = items.Read(ctx, 0, 0, memory.NewGoAllocator(), func(batch arrow.RecordBatch) error {
		for _, id := range batch.Column(0).(*array.Int64).Int64Values() {
			if shown, err := w.City.Score(items.Unit(), id, live.ScoreQuery{}); err != nil || shown.State != engine.Suppressed {
				continue
			}
			hidden, err := w.all.Score(items.Unit(), id, live.ScoreQuery{})
			if err != nil {
				return err
			}
			for _, c := range hidden.Contests {
				if c.Contest == about[0][1] {
					rows[0] = withHidden(rows[0], c)
				}
			}
		}
		return nil
	})
	return rows, about, err
}

func withHidden(row live.PivotRow, hidden live.ContestScore) live.PivotRow {
	row.Registered += hidden.Registered
	for _, c := range hidden.Choices {
		for k := range row.Choices {
			if row.Choices[k].Choice == c.Choice {
				row.Choices[k].Votes += c.Votes
			}
		}
	}
	return row
}

// shownParts shows the parts of every unit.
type shownParts struct {
	api.City
	of *truth
}

func (p shownParts) Explain(kind engine.Unit, id int64, contest string) (live.Explanation, error) {
	e, err := p.City.Explain(kind, id, contest)
	e.PartsHidden = false
	for i := range e.Parts {
		e.Parts[i].Registered, e.Parts[i].Weight = 0, p.of.homes(unit{engine.UnitPrecinct, e.Parts[i].Precinct})
		part := 0.0
		for _, a := range p.of.households {
			if a.in(unit{kind, id}) && a.in(unit{engine.UnitPrecinct, e.Parts[i].Precinct}) {
				part += a.households
			}
		}
		e.Parts[i].Weight = part / e.Parts[i].Weight
		for _, a := range p.of.contests[contest] {
			if a.in(unit{kind, id}) && a.in(unit{engine.UnitPrecinct, e.Parts[i].Precinct}) {
				e.Parts[i].Registered += a.voters()
			}
		}
	}
	return e, err
}

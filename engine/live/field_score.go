package live

import (
	"context"
	"slices"
	"strings"

	"github.com/arpent/arpent/engine"
)

// FieldScore is what the staff sees of one unit.
type FieldScore struct {
	Unit       engine.Unit
	ID         int64
	Name       string
	Addresses  int64
	Households float64
	Counts     FieldCounts
	Teams      []TeamCounts // by name; without answers: of two teams in a street one would tell of the other
	// Support counts the households by their last answer, -2 to +2: those of which may be told, see Field, which can be fewer than
	// Counts.Households. It is nil where they are fewer than K, and where they are fewer than 50 and nearly all said the same.
	Support  *[5]int64
	Measures []FieldMeasureScore // all of FieldMeasures, in its order
}

// TeamCounts is what a team did.
type TeamCounts struct {
	Team   string
	Counts FieldCounts // Answers and Households are 0
}

// FieldMeasureScore is a measure of a unit, or why it has none.
type FieldMeasureScore struct {
	Measure string
	Estimate
	N      int64 // as in tiles
	State  engine.State
	Reason engine.Reason
}

// Score gives all that the field says of a unit.
func (f *Field) Score(ctx context.Context, unit engine.Unit, id int64) (FieldScore, error) {
	if unit == engine.UnitDistrict {
		return FieldScore{}, &QueryError{"unit", string(unit), []string{string(engine.UnitSegment), string(engine.UnitCell), string(engine.UnitPrecinct), string(engine.UnitCommune)}}
	}
	l, u, err := f.city.level(unit, id)
	if err != nil {
		return FieldScore{}, err
	}
	found, err := f.unit(ctx, l, u)
	if err == nil {
		found, err = f.withShares(ctx, l, u, found)
	}
	if err != nil {
		return FieldScore{}, err
	}
	s := FieldScore{Unit: unit, ID: l.ids[u], Name: l.name(u), Addresses: found.addresses, Households: found.households, Counts: found.counts()}
	if found.heard() >= f.k && !found.uniform() {
		s.Support = &[5]int64{}
		for i, n := range found.support {
			s.Support[i] = int64(n)
		}
	}
	for _, m := range FieldMeasures() {
		number, state, reason := m.of(found, f.k)
		s.Measures = append(s.Measures, FieldMeasureScore{m.ID, number, m.n(found), state, reason})
	}
	teams := map[string]*fieldTally{}
	err = f.eachTeam(ctx, l, u, func(t *teamTally) { teamOf(teams, t.team).add(&t.fieldTally) })
	s.Teams = teamCounts(teams)
	return s, err
}

// eachTeam gives what the teams did in a unit.
func (f *Field) eachTeam(ctx context.Context, l *level, u int, each func(t *teamTally)) error {
	for _, b := range f.ground.by[l].of(u) {
		rows, err := f.teams(ctx, b)
		if err != nil {
			return err
		}
		inside := f.insideOf(l, u, b)
		for i := range rows {
			if t := &rows[i]; inside(t.segment, t.cell) {
				each(t)
			}
		}
	}
	return nil
}

func teamOf(teams map[string]*fieldTally, name string) *fieldTally {
	t := teams[name]
	if t == nil {
		t = &fieldTally{}
		teams[name] = t
	}
	return t
}

// teamCounts lists teams by name, without what was answered.
func teamCounts(teams map[string]*fieldTally) []TeamCounts {
	var list []TeamCounts
	for name, t := range teams {
		counts := t.counts()
		counts.Answers, counts.Households, counts.Told = 0, 0, 0
		list = append(list, TeamCounts{name, counts})
	}
	slices.SortFunc(list, func(a, b TeamCounts) int { return strings.Compare(a.Team, b.Team) })
	return list
}

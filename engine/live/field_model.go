package live

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/estimate"
)

// fieldModel is what was learnt of all answers together. It does not change: Refresh puts another in its place.
type fieldModel struct {
	learnt *estimate.Field
	teams  []string // by number, ascending: those that K households answered
	day    int32    // that ages are counted from
}

func (m *fieldModel) team(name string) int32 {
	if i, ok := slices.BinarySearch(m.teams, name); ok {
		return int32(i)
	}
	return -1
}

// Learnt is what the field says as a whole.
type Learnt struct {
	Day       int32 // it was learnt on, days since 1970-01-01
	Separable bool  // whether a swing can be told from supporters who answer more often than others
	Why       string
	Teams     []TeamTrust // that at least K households answered
}

// TeamTrust is how far the answers that a team brings are believed.
type TeamTrust struct {
	Team   string
	Weight float64 // 0: not at all
}

// Learnt says what was learnt last; false before the first Refresh.
func (f *Field) Learnt() (Learnt, bool) {
	m := f.model.Load()
	if m == nil {
		return Learnt{}, false
	}
	l := Learnt{Day: m.day, Separable: m.learnt.Separable, Why: m.learnt.Why}
	for i, name := range m.teams {
		l.Teams = append(l.Teams, TeamTrust{name, m.learnt.Teams[i].Weight})
	}
	return l, true
}

// What is learnt anew takes effect where something has moved by this: the weight of a team, or the swing of an area in log odds.
const (
	weightMoved = 0.02
	swingMoved  = 0.01
)

// mostTeams bounds what is learnt: of more, those with the most answers.
const mostTeams = 256

// Refresh learns anew from all precincts that are read, as of a day, and gives new versions to the precincts with answers if
// anything has moved. It learns from the answers that are told, see Field, and no others: what a scenario moves by when one of few speaks would say
// what that one said. It is for one goroutine, about once a minute.
func (f *Field) Refresh(ctx context.Context, now time.Time) error {
	next := &fieldModel{day: int32(now.Unix() / 86400)}
	var err error
	if next.teams, err = f.teamsHeard(ctx); err != nil {
		return err
	}
	prior := estimate.DefaultFieldPrior()
	areas := len(f.city.unitLevel(engine.UnitCommune, 0).ids)
	var sums []estimate.FieldSums
	runs := make([]estimate.FieldRuns, len(next.teams))
	for i := range runs {
		runs[i].Team = int32(i)
	}
	var touched []int32
	for b := range f.precincts {
		if !f.isRead(b) || f.parts[b] == nil {
			continue
		}
		err := f.withRead(ctx, int32(b), func(p *fieldPrecinct) {
			counted := p.counted()
			if counted.all.answered >= f.k {
				touched = append(touched, int32(b))
			}
			with := f.parts[b].withAnswers(p, next, counted.tells)
			sums = append(sums, with.Sums(prior)...)
			p.addRuns(runs, next)
		})
		if err != nil {
			return err
		}
	}
	next.learnt, err = estimate.LearnField(prior, len(next.teams), areas, sums, runs)
	if err != nil {
		return fmt.Errorf("live: learn from the answers of campaign %s: %w", f.campaign.ID, err)
	}
	if before := f.model.Load(); before != nil && !next.moved(before) {
		return nil
	}
	f.model.Store(next)
	if len(touched) > 0 {
		f.touch(touched, nil)
	}
	return nil
}

func (m *fieldModel) moved(before *fieldModel) bool {
	if m.day != before.day || !slices.Equal(m.teams, before.teams) {
		return true
	}
	for i, team := range m.learnt.Teams {
		if math.Abs(team.Weight-before.learnt.Teams[i].Weight) > weightMoved {
			return true
		}
	}
	for i, swing := range m.learnt.Swing {
		if then := before.learnt.Swing[i]; math.Abs(swing.Mean-then.Mean) > swingMoved || math.Abs(swing.Deviation-then.Deviation) > swingMoved {
			return true
		}
	}
	return false
}

// teamsHeard lists the teams that at least K households answered which are told of, in the precincts that are read, by name.
func (f *Field) teamsHeard(ctx context.Context) ([]string, error) {
	answered := map[string]int32{}
	for b := range f.precincts {
		if !f.isRead(b) {
			continue
		}
		err := f.withRead(ctx, int32(b), func(p *fieldPrecinct) {
			counted, rows := p.counted(), p.countTeams()
			for i := range rows {
				if counted.tells(rows[i].segment) {
					answered[rows[i].team] += rows[i].answered
				}
			}
		})
		if err != nil {
			return nil, err
		}
	}
	var teams []string
	for name, n := range answered {
		if n >= f.k {
			teams = append(teams, name)
		}
	}
	slices.SortFunc(teams, func(a, b string) int { return cmp.Or(cmp.Compare(answered[b], answered[a]), strings.Compare(a, b)) })
	teams = teams[:min(len(teams), mostTeams)]
	slices.Sort(teams)
	return teams, nil
}

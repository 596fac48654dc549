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
	"github.com/arpent/arpent/geo"
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
// anything has moved. It is for one goroutine, about once a minute.
func (f *Field) Refresh(ctx context.Context, now time.Time) error {
	next := &fieldModel{day: int32(now.Unix() / 86400)}
	var err error
	if next.teams, err = f.teamsHeard(ctx); err != nil {
		return err
	}
	prior := estimate.DefaultFieldPrior()
	answered := make([]int32, len(f.city.unitLevel(engine.UnitCommune, 0).ids)) // by area
	var sums []estimate.FieldSums
	var touched []int32
	for b := range f.precincts {
		if !f.isRead(b) || f.parts[b] == nil {
			continue
		}
		err := f.withRead(ctx, int32(b), func(p *fieldPrecinct) {
			counts := p.counted()
			answered[f.parts[b].Area] += counts.all.answered
			if counts.all.answered >= f.k {
				touched = append(touched, int32(b))
			}
			with := f.parts[b].withAnswers(p, next, func(int32) bool { return true })
			sums = append(sums, with.Sums(prior)...)
		})
		if err != nil {
			return err
		}
	}
	sums = slices.DeleteFunc(sums, func(s estimate.FieldSums) bool { return answered[s.Area] < f.k })
	next.learnt, err = estimate.LearnField(prior, len(next.teams), len(answered), sums)
	if err != nil {
		return fmt.Errorf("live: learn from the answers of campaign %s: %w", f.campaign.ID, err)
	}
	if before := f.model.Load(); before != nil && !next.moved(before) {
		return nil
	}
	f.model.Store(next)
	if len(touched) > 0 {
		f.touch(touched)
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

// teamsHeard lists the teams that at least K households answered in the precincts that are read, by name.
func (f *Field) teamsHeard(ctx context.Context) ([]string, error) {
	answered := map[string]int32{}
	for b := range f.precincts {
		if !f.isRead(b) {
			continue
		}
		rows, err := f.teams(ctx, int32(b))
		if err != nil {
			return nil, err
		}
		for i := range rows {
			answered[rows[i].team] += rows[i].answered
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

// modelParts is a precinct as the model takes it, without answers: its parts, and where their voters are.
type modelParts struct {
	estimate.FieldPrecinct
	partOf []int32 // by carried.segments; -1: nobody is registered there
	pieces []modelPiece
}

// modelPiece is what a part has in a cell.
type modelPiece struct {
	segment, cell int32 // of the precinct's; cell -1: none
	voters        float64
}

// unpublishedDoubt is that of the shares of a segment which is not published: its precinct's are taken for it.
const unpublishedDoubt = 0.5

// newModelParts makes the parts of each precinct; nil of one that is not published or has no result in the campaign's contest.
func newModelParts(f *Field) []*modelParts {
	c := f.city
	official, level := c.official.registered[f.contest], c.unitLevel(engine.UnitPrecinct, 0)
	all := make([]*modelParts, len(f.precincts))
	for b, units := range f.ground.carried {
		own := c.official.votes[f.contest][b*len(c.contests[f.contest].Choices)+f.choice]
		if units == nil || official[b] <= 0 || own < 0 || level.states[b] != engine.Published {
			continue
		}
		all[b] = &modelParts{FieldPrecinct: estimate.FieldPrecinct{Area: c.atoms.commune[b], Own: own}}
	}
	f.addPieces(all)
	for b, p := range all {
		if p != nil {
			f.addParts(p, b)
		}
	}
	return all
}

// addPieces puts the voters of each atom in their precinct's segment and cell.
func (f *Field) addPieces(all []*modelParts) {
	a := &f.city.atoms
	for i, b := range a.precinct {
		p, units := all[b], f.ground.carried[b]
		if p == nil || a.voters[f.contest][i] == 0 {
			continue
		}
		segment, ok := slices.BinarySearch(units.ids, a.segment[i])
		if !ok {
			continue // what has no place
		}
		cell, ok := slices.BinarySearch(units.cells, int64(a.cell[i]))
		if !ok {
			cell = -1
		}
		p.pieces = append(p.pieces, modelPiece{int32(segment), int32(cell), float64(a.voters[f.contest][i])})
	}
}

// addParts makes a part of every segment with voters, with the shares that are published of it.
func (f *Field) addParts(p *modelParts, precinct int) {
	segments, units := f.city.unitLevel(engine.UnitSegment, 0), f.ground.carried[precinct]
	voters := make([]float64, len(units.segments))
	for _, piece := range p.pieces {
		voters[piece.segment] += piece.voters
	}
	ruler := f.city.ruler()
	whole := f.sharesOf(published{f.city.unitLevel(engine.UnitPrecinct, 0), precinct})
	for s, u := range units.segments {
		if voters[s] == 0 {
			p.partOf = append(p.partOf, -1)
			continue
		}
		part, ok := whole, false
		if segments.states[u] == engine.Published {
			if own := f.sharesOf(published{segments, int(u)}); own.Own+own.Other > 0 {
				part, ok = own, true
			}
		}
		if !ok {
			part.Doubt = unpublishedDoubt
		}
		part.Voters = int64(voters[s])
		part.X, part.Y = ruler.Forward(geo.FromWorld(f.city.middle(int(u))))
		p.partOf = append(p.partOf, int32(len(p.Parts)))
		p.Parts = append(p.Parts, part)
	}
}

// sharesOf are the published shares of a unit: of the own choice and of the other candidates, with the doubt of their odds.
func (f *Field) sharesOf(unit published) estimate.FieldPart {
	var part estimate.FieldPart
	for k := range candidates(f.city.contests[f.contest]) {
		if s, ok := unit.share(f.contest, k); ok && k != f.choice {
			part.Other += s.Value
		}
	}
	own, ok := unit.share(f.contest, f.choice)
	if !ok {
		return part
	}
	part.Own = own.Value
	if votes := part.Own + part.Other; votes > 1 { // rounded up here and there
		part.Own, part.Other = part.Own/votes, part.Other/votes
	}
	const z90 = 1.6448536269514722
	if spread := part.Own * part.Other / (part.Own + part.Other); spread > 0 {
		part.Doubt = min(2, (own.High90-own.Low90)/(2*z90)/spread)
	}
	return part
}

// withAnswers is the precinct with the answers of the segments that will do. The caller holds the lock of p.
func (m *modelParts) withAnswers(p *fieldPrecinct, model *fieldModel, will func(segment int32) bool) *estimate.FieldPrecinct {
	type key struct{ part, team, days int32 }
	at := map[key]int{}
	with := m.FieldPrecinct
	p.eachDoor(func(door []attempt) {
		said := lastAnswer(door)
		if said == nil || said.segment < 0 || m.partOf[said.segment] < 0 || !will(said.segment) {
			return
		}
		k := key{m.partOf[said.segment], model.team(p.teams[said.team]), model.day - said.day}
		if k.team < 0 {
			return
		}
		i, ok := at[k]
		if !ok {
			i = len(with.Answers)
			at[k] = i
			with.Answers = append(with.Answers, estimate.FieldAnswers{Part: k.part, Team: k.team, Days: k.days})
		}
		with.Answers[i].Support[said.support+2]++
	})
	return &with
}

// states are what the model says of the parts of a precinct; nil where it says nothing. Answers count in a segment where K households gave one: so
// what is said of other segments of the precinct does not depend on those of fewer.
func (f *Field) states(ctx context.Context, precinct int32) (states []estimate.FieldState, err error) {
	model := f.model.Load()
	parts := f.parts[precinct]
	if model == nil || parts == nil || len(parts.Parts) == 0 {
		return nil, nil
	}
	failed := f.withRead(ctx, precinct, func(p *fieldPrecinct) {
		if p.states == nil || p.statesBy != model {
			sums := p.counted()
			with := parts.withAnswers(p, model, func(segment int32) bool { return sums.segments[segment].answered >= f.k })
			if p.states, err = model.learnt.Update(with); err != nil {
				err = fmt.Errorf("live: update precinct %d: %w", f.city.unitLevel(engine.UnitPrecinct, 0).ids[precinct], err)
				return
			}
			p.statesBy = model
		}
		states = p.states
	})
	return states, cmp.Or(failed, err)
}

// fieldShares is what the model says of a unit, as shares of its registered voters.
type fieldShares struct{ updated, forecast, swing Estimate }

// modelled adds up what the model says of the parts of a unit, by their voters; false where it says nothing of one of them. The bounds are added up
// as if all parts erred the same way, so that they are rather too wide.
func (f *Field) modelled(ctx context.Context, l *level, u int) (fieldShares, bool, error) {
	var sum fieldShares
	voters := 0.0
	for _, b := range f.ground.by[l].of(u) {
		parts := f.parts[b]
		if parts == nil {
			return fieldShares{}, false, nil
		}
		inside := f.insideOf(l, u, b)
		states, err := f.states(ctx, b)
		if err != nil {
			return fieldShares{}, false, err
		}
		for _, piece := range parts.pieces {
			if !inside(piece.segment, piece.cell) {
				continue
			}
			if states == nil {
				return fieldShares{}, false, nil
			}
			at := parts.partOf[piece.segment]
			sum.add(&states[at], &parts.Parts[at], piece.voters)
			voters += piece.voters
		}
	}
	if voters == 0 {
		return fieldShares{}, false, nil
	}
	return fieldShares{sum.updated.of(voters), sum.forecast.of(voters), sum.swing.of(voters)}, true, nil
}

func (s *fieldShares) add(state *estimate.FieldState, part *estimate.FieldPart, voters float64) {
	s.updated = s.updated.plus(fromRange(state.Theta), voters)
	s.forecast = s.forecast.plus(fromRange(state.Forecast), voters)
	// A unit of log odds moves this much of the registered voters.
	slope := 0.0
	if votes := part.Own + part.Other; votes > 0 {
		slope = state.Theta.Share * max(0, 1-state.Theta.Share/votes)
	}
	const z90, z50 = 1.6448536269514722, 0.6744897501960817
	value, doubt := state.Forecast.Share-state.Theta.Share, slope*state.Swing.Deviation
	s.swing = s.swing.plus(Estimate{value, value - z90*doubt, value - z50*doubt, value + z50*doubt, value + z90*doubt}, voters)
}

func fromRange(r estimate.Range) Estimate {
	return Estimate{r.Share, r.Low90, r.Low50, r.High50, r.High90}
}

func (e Estimate) plus(other Estimate, weight float64) Estimate {
	return Estimate{
		e.Value + weight*other.Value, e.Low90 + weight*other.Low90, e.Low50 + weight*other.Low50, e.High50 + weight*other.High50, e.High90 + weight*other.High90,
	}
}

// of divides a sum by its weight, and rounds it: more digits would only tell how the voters of a unit are weighed.
func (e Estimate) of(weight float64) Estimate {
	round := func(x float64, to func(float64) float64) float64 {
		return to(x/weight/modelledStep) / (1 / modelledStep)
	}
	value := round(e.Value, math.Round)
	return Estimate{
		value, min(value, round(e.Low90, math.Floor)), min(value, round(e.Low50, math.Floor)), max(value, round(e.High50, math.Ceil)), max(value, round(e.High90, math.Ceil)),
	}
}

package live

import (
	"cmp"
	"slices"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/estimate"
	"github.com/arpent/arpent/geo"
)

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
		if units == nil || official[b] <= 0 || own < 0 || level.state(b) != engine.Published {
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
		segment, ok := units.find(a.segment[i])
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
	whole := f.sharesOf(f.city.unitLevel(engine.UnitPrecinct, 0).publishedOf(precinct))
	for s, u := range units.segments {
		if voters[s] == 0 {
			p.partOf = append(p.partOf, -1)
			continue
		}
		part, ok := whole, false
		if segments.state(int(u)) == engine.Published {
			if own := f.sharesOf(segments.publishedOf(int(u))); own.Own+own.Other > 0 {
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
	if spread := part.Own * part.Other / (part.Own + part.Other); spread > 0 {
		part.Doubt = min(2, (own.High90-own.Low90)/(2*z90)/spread)
	}
	return part
}

// withAnswers is the precinct with the answers of the segments that will do, each in the segment that its household is counted in. The caller holds
// the lock of p.
func (m *modelParts) withAnswers(p *fieldPrecinct, model *fieldModel, will func(segment int32) bool) *estimate.FieldPrecinct {
	type key struct{ part, team, days int32 }
	at := map[key]int{}
	with := m.FieldPrecinct
	p.eachDoor(func(door []attempt) {
		said, segment := lastAnswer(door), door[len(door)-1].segment
		if said == nil || segment < 0 || m.partOf[segment] < 0 || !will(segment) {
			return
		}
		k := key{m.partOf[segment], model.team(p.teams[said.team]), model.day - said.day}
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

// addRuns counts the answers that canvassers noted one after another on a day, and those that repeat the one before; of households that are told of
// alone. The caller holds the lock.
func (p *fieldPrecinct) addRuns(runs []estimate.FieldRuns, model *fieldModel) {
	var said []attempt
	sums := p.counted()
	p.eachDoor(func(door []attempt) {
		if door[0].door != (engine.Key{}) && sums.tells(door[len(door)-1].segment) {
			said = append(said, door...)
		}
	})
	said = slices.DeleteFunc(said, func(a attempt) bool { return a.support == engine.NotSaid || a.walker < 0 })
	slices.SortFunc(said, func(a, b attempt) int {
		return cmp.Or(
			cmp.Compare(a.team, b.team), cmp.Compare(a.walker, b.walker), cmp.Compare(a.day, b.day), cmp.Compare(a.happened, b.happened),
			cmp.Compare(a.support, b.support),
		)
	})
	for i := 1; i < len(said); i++ {
		before, a := &said[i-1], &said[i]
		team := model.team(p.teams[a.team])
		if team < 0 || before.team != a.team || before.walker != a.walker || before.day != a.day {
			continue
		}
		runs[team].Pairs++
		if before.support == a.support {
			runs[team].Same++
		}
	}
}

package estimate

// FieldSums are what one team heard in one precinct, added up: all that is learnt
// of teams, of the swing and of who answers is learnt from these.
type FieldSums struct {
	Team, Area int32
	Steps      [supportSteps]float64 // answers by step of support, each by its age
	Count      float64               // of them
	Step       float64               // sum of their steps
	Known      float64               // sum of the steps that the last result makes likely, as expected by the prior
	KnownStep  float64               // of the products of both
	KnownKnown float64               // of the squares of what was expected
	ByOdds     float64               // sums of what moves the expected step: see heard
	ByOwn      float64
	ByNon      float64
}

// Sums adds up a precinct team by team. A precinct that does not make sense has none.
func (p *FieldPrecinct) Sums(prior FieldPrior) []FieldSums {
	if p.check() != nil {
		return nil
	}
	var all []FieldSums
	at := map[int32]int{}
	for _, a := range p.gather() {
		i, known := at[a.team]
		if !known {
			i = len(all)
			at[a.team] = i
			all = append(all, FieldSums{Team: a.team, Area: p.Area})
		}
		part := p.Parts[a.part]
		h := prior.hears(part.Own, part.Other, max(0, 1-part.Own-part.Other))
		s := &all[i]
		add(s.Steps[:], a.steps[:], 1)
		s.Count += a.count
		s.Step += a.sum
		s.Known += a.count * h.mean
		s.KnownStep += a.sum * h.mean
		s.KnownKnown += a.count * h.mean * h.mean
		s.ByOdds += a.count * h.byOdds
		s.ByOwn += a.count * h.byOwn
		s.ByNon += a.count * h.byNon
	}
	return all
}

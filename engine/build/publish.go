package build

import (
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/disclose"
)

// publish settles what of every level may leave the engine, under k households, and reports it.
func publish(w *world, k int, report *engine.Report) error {
	var cells []*level
	var communes, precincts, segments *level
	for _, l := range w.levels {
		switch l.unit {
		case engine.UnitCell:
			cells = append(cells, l)
		case engine.UnitCommune:
			communes = l
		case engine.UnitPrecinct:
			precincts = l
		case engine.UnitSegment:
			segments = l
		}
	}

	// Cells of all resolutions in one list, coarse to fine; first tells where each level begins.
	place := disclose.Place{Segments: len(segments.ids), Divisions: make([]disclose.Atoms, len(w.placed.divisions))}
	first := make([]int32, len(cells))
	for i, l := range cells {
		first[i] = int32(len(place.CellParent))
		for u := range l.ids {
			if i == 0 {
				place.CellParent = append(place.CellParent, disclose.None)
			} else {
				place.CellParent = append(place.CellParent, first[i-1]+l.parent[u])
			}
		}
	}
	for range communes.ids {
		place.AreaParent = append(place.AreaParent, disclose.None)
	}
	for _, b := range w.placed.precincts {
		place.AreaParent = append(place.AreaParent, b.commune)
	}
	finest := len(cells) - 1
	for i, a := range w.atoms {
		d := &place.Divisions[w.placed.precincts[a.precinct].divisionIndex]
		d.Households = append(d.Households, a.households)
		d.Cell = append(d.Cell, first[finest]+cells[finest].ofAtom[i])
		d.Area = append(d.Area, int32(len(communes.ids))+a.precinct)
		d.Segment = append(d.Segment, segments.ofAtom[i])
	}
	plan, err := disclose.Settle(place, k)
	if err != nil {
		return err
	}
	for i, l := range cells {
		l.take(plan.Cells, int(first[i]), report)
	}
	communes.take(plan.Areas, 0, report)
	precincts.take(plan.Areas, len(communes.ids), report)
	segments.take(plan.Segments, 0, report)
	return nil
}

var states = map[disclose.State]engine.State{
	disclose.Published: engine.Published, disclose.Suppressed: engine.Suppressed, disclose.Empty: engine.Empty,
}

var reasons = map[disclose.Reason]engine.Reason{
	disclose.NoReason: engine.ReasonNone, disclose.UnderK: engine.ReasonK, disclose.Complement: engine.ReasonComplement,
}

// take notes the plan's decisions for a level, whose units begin at first, and counts them. What has no place is not counted.
func (l *level) take(units disclose.Units, first int, report *engine.Report) {
	l.states, l.reasons = make([]engine.State, len(l.ids)), make([]engine.Reason, len(l.ids))
	r := engine.PublicationReport{Unit: l.name()}
	for u, id := range l.ids {
		l.states[u], l.reasons[u] = states[units.State[first+u]], reasons[units.Reason[first+u]]
		switch {
		case id == 0:
		case l.states[u] == engine.Published:
			r.Published++
		case l.states[u] == engine.Empty:
			r.Empty++
		case l.reasons[u] == engine.ReasonK:
			r.K++
		default:
			r.Complement++
		}
	}
	report.Publication = append(report.Publication, r)
}

package build

import (
	"context"
	"slices"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/disclose"
	"github.com/arpent/arpent/engine/estimate"
)

// publish settles what of every level may leave the engine, under k households, and reports it.
func publish(ctx context.Context, w *world, k int, report *engine.Report) error {
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
	place := disclose.Place{Segments: len(segments.ids)}
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
	// Above the communes stands the place as a whole: its totals are published where all of its communes are.
	const root, firstCommune = 0, 1
	place.AreaParent = append(place.AreaParent, disclose.None)
	for range communes.ids {
		place.AreaParent = append(place.AreaParent, root)
	}
	firstPrecinct := firstCommune + len(communes.ids)
	for _, b := range w.placed.precincts {
		place.AreaParent = append(place.AreaParent, firstCommune+b.commune)
	}
	finest := len(cells) - 1
	for _, covered := range coverages(w) {
		var atoms disclose.Atoms
		for i, a := range w.atoms {
			if !covered[a.precinct] {
				continue
			}
			atoms.Households = append(atoms.Households, a.households)
			atoms.Cell = append(atoms.Cell, first[finest]+cells[finest].ofAtom[i])
			atoms.Area = append(atoms.Area, int32(firstPrecinct)+a.precinct)
			atoms.Segment = append(atoms.Segment, segments.ofAtom[i])
		}
		place.Divisions = append(place.Divisions, atoms)
	}
	if w.before != nil {
		place.Withheld = disclose.Withheld{
			Areas:    slices.Concat([]bool{false}, w.before.withheld(communes), w.before.withheld(precincts)),
			Segments: w.before.withheldStretches(w, segments),
		}
		for _, l := range cells {
			place.Withheld.Cells = append(place.Withheld.Cells, w.before.withheld(l)...)
		}
	}
	plan, err := disclose.Settle(place, k, ctx.Err)
	if err != nil {
		return err
	}
	for i, l := range cells {
		l.take(plan.Cells, int(first[i]), report)
	}
	communes.take(plan.Areas, firstCommune, report)
	precincts.take(plan.Areas, firstPrecinct, report)
	segments.take(plan.Segments, 0, report)
	return nil
}

// coverages lists the different sets of precincts that something is counted in: each division; and, of each division, the precincts
// of every contest and those that have a choice on their ballot. A unit's votes are the sum over such a set, so that each of
// them must keep the threshold by itself. Unreconciled is no answer of anybody: it is an error of the source, and left out here.
func coverages(w *world) [][]bool {
	var sets [][]bool
	known := map[string]bool{}
	add := func(in func(precinct int) bool) {
		set, key, any := make([]bool, len(w.placed.precincts)), make([]byte, len(w.placed.precincts)), false
		for b := range set {
			if in(b) {
				set[b], key[b], any = true, 1, true
			}
		}
		if any && !known[string(key)] {
			known[string(key)] = true
			sets = append(sets, set)
		}
	}
	for d := range w.placed.divisions {
		add(func(b int) bool { return w.placed.precincts[b].divisionIndex == int32(d) })
	}
	for _, v := range w.votes {
		for j := range v.choices {
			if v.choices[j].id != engine.Unreconciled {
				add(func(b int) bool {
					official := v.official(int32(b))
					return official != nil && official[j] != estimate.Absent
				})
			}
		}
	}
	return sets
}

var states = [...]engine.State{
	disclose.Published: engine.Published, disclose.Suppressed: engine.Suppressed, disclose.Empty: engine.Empty,
}

var reasons = [...]engine.Reason{
	disclose.NoReason: engine.ReasonNone, disclose.UnderK: engine.ReasonK, disclose.Complement: engine.ReasonComplement,
	disclose.Earlier: engine.ReasonEarlier,
}

// take notes the plan's decisions for a level, whose units begin at first, and counts them. What has no place is not counted.
func (l *level) take(units disclose.Units, first int, report *engine.Report) {
	end := first + len(l.ids)
	l.decided = disclose.Units{State: units.State[first:end:end], Reason: units.Reason[first:end:end]}
	r := engine.PublicationReport{Unit: l.name(), Joined: l.joined}
	for u, id := range l.ids {
		switch {
		case id == 0:
		case l.state(u) == engine.Published:
			r.Published++
			r.HouseholdsPublished += l.households[u]
		case l.state(u) == engine.Empty:
			r.Empty++
		case l.reason(u) == engine.ReasonK:
			r.K++
			r.HouseholdsK += l.households[u]
		case l.reason(u) == engine.ReasonEarlier:
			r.Earlier++
			r.HouseholdsEarlier += l.households[u]
		default:
			r.Complement++
			r.HouseholdsComplement += l.households[u]
		}
	}
	report.Publication = append(report.Publication, r)
}

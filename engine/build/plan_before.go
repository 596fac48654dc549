package build

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/arpent/arpent/engine"
)

// planBefore is what the snapshot before published, and the names of that. It is nil where there is none: its methods then say so.
type planBefore struct {
	manifest engine.ManifestBefore
	rows     planRows
}

// readPlanBefore finds the plan that a build has to heed: of what was built of the same inputs already, the one that it heeded, so that it is the
// same again; else the plan of the newest snapshot, whichever is current. One of another format cannot be heeded: it is named as unread.
func readPlanBefore(ctx context.Context, o Options, manifest engine.Manifest, mem memory.Allocator) (before *planBefore, unread string, err error) {
	if o.Anew {
		return nil, "", nil
	}
	first, err := manifest.FirstID()
	if err != nil {
		return nil, "", err
	}
	list, err := o.Workspace.List()
	if err != nil || len(list) == 0 || slices.ContainsFunc(list, func(l engine.Listed) bool { return l.ID == first }) {
		return nil, "", err
	}
	for _, l := range list {
		if l.Snapshot == nil {
			continue
		}
		switch same, err := l.Snapshot.Manifest.FirstID(); {
		case err != nil:
			return nil, "", err
		case same == first:
			before, err = readPlan(ctx, l.Snapshot, engine.PlanBefore, *l.Snapshot.Manifest.Before, mem)
			return before, "", heedable(l.ID, err)
		}
	}
	newest := list[0]
	if errors.Is(newest.Problem, engine.ErrFormat) {
		return nil, newest.ID, nil
	}
	if newest.Problem != nil {
		return nil, "", heedable(newest.ID, newest.Problem)
	}
	named, err := asBefore(ctx, newest.Snapshot, mem)
	if err == nil {
		before, err = readPlan(ctx, newest.Snapshot, engine.Plan, named, mem)
	}
	return before, "", heedable(newest.ID, err)
}

// heedable adds the remedy to what keeps a plan from being heeded.
func heedable(id string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("build: what snapshot %s published counts for what may be published now, and it cannot be read (%w): put it back from a backup, or remove it and build with --anew, where nobody kept its numbers", id, err)
}

// asBefore names a snapshot as the one before.
func asBefore(ctx context.Context, s *engine.Snapshot, mem memory.Allocator) (engine.ManifestBefore, error) {
	m := engine.ManifestBefore{Snapshot: s.Manifest.ID}
	if at := slices.IndexFunc(s.Manifest.Tables, func(t engine.ManifestTable) bool { return t.Name == engine.Plan.Name }); at >= 0 {
		m.Plan = s.Manifest.Tables[at].SHA256
	}
	if s.Manifest.Before != nil {
		m.Divisions = slices.Clone(s.Manifest.Before.Divisions)
	}
	err := s.ReadTable(ctx, engine.Precincts, mem, func(rows engine.Rows) error {
		for i := range rows.Len() {
			if division := rows.Texts("division").Value(i); !slices.Contains(m.Divisions, division) {
				m.Divisions = append(m.Divisions, string([]byte(division)))
			}
		}
		return nil
	})
	slices.Sort(m.Divisions)
	return m, err
}

func readPlan(ctx context.Context, s *engine.Snapshot, t engine.Table, named engine.ManifestBefore, mem memory.Allocator) (*planBefore, error) {
	at := slices.IndexFunc(s.Manifest.Tables, func(m engine.ManifestTable) bool { return m.Name == t.Name })
	sum, _, err := engine.HashFile(s.Path(t))
	if err != nil {
		return nil, err
	}
	if at < 0 || sum != s.Manifest.Tables[at].SHA256 {
		return nil, fmt.Errorf("%s is not the file that its manifest describes", s.Path(t))
	}
	before := &planBefore{manifest: named}
	err = s.ReadTable(ctx, t, mem, func(rows engine.Rows) error {
		units, ids, leads, inhabited, states := rows.Texts("unit"), rows.Ints("unit_id"), rows.Ints("lead"), rows.Bools("inhabited"), rows.Texts("state")
		for i := range rows.Len() {
			unit, known := planUnitOf(units.Value(i))
			key := planKey{unit, ids.Value(i)}
			if n := len(before.rows); !known || n > 0 && before.rows[n-1].compare(key) >= 0 {
				return fmt.Errorf("%s: %s %d is out of order", t.Name, units.Value(i), ids.Value(i))
			}
			before.rows = append(before.rows, planRow{key, leads.Value(i), inhabited.Value(i), planState(states.Value(i))})
		}
		return nil
	})
	return before, err
}

// named is how a manifest has it.
func (p *planBefore) named() *engine.ManifestBefore {
	if p == nil {
		return nil
	}
	return &p.manifest
}

// of finds what there was of a unit.
func (p *planBefore) of(unit engine.Unit, id int64) (planRow, bool) {
	if p == nil {
		return planRow{}, false
	}
	kind, _ := planUnitOf(unit)
	at, known := p.rows.find(planKey{kind, id})
	if !known {
		return planRow{}, false
	}
	return p.rows[at], true
}

func (p *planBefore) suppressed(unit engine.Unit, id int64) bool {
	row, known := p.of(unit, id)
	return known && row.state == engine.Suppressed
}

// withheld tells which units of a level were suppressed.
func (p *planBefore) withheld(l *level) []bool {
	withheld := make([]bool, len(l.ids))
	for u, id := range l.ids {
		withheld[u] = p.suppressed(l.unit, id)
	}
	return withheld
}

// joinAgain gives segments the leads that they had, and tells which have one: those with a household then, and those that were joined. Where a
// lead is gone, the member with the most households is it.
func (p *planBefore) joinAgain(segments []segment) (settled []bool) {
	settled = make([]bool, len(segments))
	if p == nil {
		return settled
	}
	rows, size := make([]planRow, len(segments)), map[int64]int{}
	for _, row := range p.rows {
		if planUnits[row.unit] == engine.UnitSegment {
			size[row.lead]++
		}
	}
	leads := map[int64]int32{} // by the id of the lead there was
	for i := range segments {
		row, known := p.of(engine.UnitSegment, segments[i].id)
		rows[i], settled[i] = row, known && (row.inhabited || size[row.lead] > 1)
		if !settled[i] {
			continue
		}
		lead, any := leads[row.lead]
		if !any || segments[i].id == row.lead || segments[lead].id != row.lead && segments[i].homes > segments[lead].homes {
			leads[row.lead] = int32(i)
		}
	}
	for i := range segments {
		if settled[i] {
			segments[i].lead = leads[rows[i].lead]
		}
	}
	return settled
}

// withheldStretches tells which stretches must not be published: those that were suppressed; those that have lost a segment with households, as they
// are part of what was published; and those with a segment that was not there, among homes that were: what it was cut from may have been published.
func (p *planBefore) withheldStretches(w *world, l *level) []bool {
	segments, withheld := w.placed.segments, make([]bool, len(l.ids))
	unitOf, there := map[int64]int{}, map[int64]bool{}
	for u, id := range l.ids {
		unitOf[id] = u
	}
	for _, s := range segments {
		there[s.id] = true
	}
	lost, homes := map[int64]bool{}, map[int64]bool{} // stretches, finest cells
	for _, row := range p.rows {
		switch {
		case planUnits[row.unit] == engine.UnitSegment && row.inhabited && !there[row.id]:
			lost[row.lead] = true
		case planUnits[row.unit] == engine.UnitCell && row.inhabited:
			homes[row.id] = true
		}
	}
	for _, s := range segments {
		if row, known := p.of(engine.UnitSegment, s.id); known && (row.state == engine.Suppressed || lost[row.lead]) {
			withheld[unitOf[segments[s.lead].id]] = true
		}
	}
	for _, a := range w.atoms {
		if a.segment == noPlace || a.households == 0 || !homes[int64(a.cell)] {
			continue
		}
		s := segments[a.segment]
		if _, known := p.of(engine.UnitSegment, s.id); !known {
			withheld[unitOf[segments[s.lead].id]] = true
		}
	}
	return withheld
}

package build

import (
	"context"

	"github.com/arpent/arpent/engine"
)

// writePlan writes what the next snapshot has to heed: every unit and segment, and what was suppressed before and is no more there.
func writePlan(_ context.Context, out *engine.TableWriter, w *world) error {
	var rows planRows
	add := func(unit engine.Unit, id, lead int64, inhabited bool, state engine.State) {
		if state == engine.Empty && w.before.suppressed(unit, id) {
			state = engine.Suppressed
		}
		kind, _ := planUnitOf(unit)
		rows = append(rows, planRow{planKey{kind, id}, lead, inhabited, state})
	}
	stretches := map[int64]engine.State{}
	for _, l := range w.levels {
		for u, id := range l.ids {
			switch {
			case id == 0: // what has no place is never shown
			case l.unit == engine.UnitSegment:
				stretches[id] = l.state(u)
			default:
				add(l.unit, id, id, l.households[u] > 0, l.state(u))
			}
		}
	}
	for _, s := range w.placed.segments {
		lead := w.placed.segments[s.lead].id
		add(engine.UnitSegment, s.id, lead, s.homes > 0, stretches[lead])
	}
	rows.sort()
	if w.before != nil {
		var gone planRows
		for _, row := range w.before.rows {
			if _, there := rows.find(row.planKey); !there && row.state == engine.Suppressed {
				gone = append(gone, planRow{row.planKey, row.lead, false, engine.Suppressed})
			}
		}
		rows = append(rows, gone...)
		rows.sort()
	}
	return writePlanRows(out, rows)
}

func writePlanBefore(_ context.Context, out *engine.TableWriter, w *world) error {
	if w.before == nil {
		return nil
	}
	return writePlanRows(out, w.before.rows)
}

func writePlanRows(out *engine.TableWriter, rows planRows) error {
	for _, row := range rows {
		out.Text(0, string(planUnits[row.unit]))
		out.Int(1, row.id)
		out.Int(2, row.lead)
		out.Bool(3, row.inhabited)
		out.Text(4, string(row.state))
		if err := out.EndRow(); err != nil {
			return err
		}
	}
	return nil
}

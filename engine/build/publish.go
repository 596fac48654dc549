package build

import (
	"github.com/arpent/arpent/engine"
)

// publish settles what of every level may leave the engine, and reports it.
func publish(w *world, k int, report *engine.Report) error {
	for _, l := range w.levels {
		l.states, l.reasons = make([]engine.State, len(l.ids)), make([]engine.Reason, len(l.ids))
		r := engine.PublicationReport{Unit: l.name()}
		for u, homes := range l.households {
			switch {
			case homes == 0:
				l.states[u] = engine.Empty
				r.Empty++
			case homes < float64(k):
				l.states[u], l.reasons[u] = engine.Suppressed, engine.ReasonK
				r.K++
			default:
				l.states[u] = engine.Published
				r.Published++
			}
		}
		report.Publication = append(report.Publication, r)
	}
	return nil
}

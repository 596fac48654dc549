package build

import (
	"context"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/estimate"
)

func writeCrosswalks(_ context.Context, out *engine.TableWriter, w *world) error {
	p := w.placed
	for _, c := range w.crosswalks {
		for _, s := range c.shared {
			out.Text(0, p.divisions[c.from].name)
			out.Int(1, p.precincts[s.from].id)
			out.Text(2, p.divisions[c.to].name)
			out.Int(3, p.idOf(s.to))
			out.Float(4, s.addresses)
			out.Float(5, s.households)
			out.Float(6, s.part)
			if err := out.EndRow(); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeCrosswalkResults(_ context.Context, out *engine.TableWriter, w *world) error {
	for _, c := range w.crossed {
		for i, b := range c.precinct {
			for j, votes := range c.votes[i] {
				if votes == estimate.Absent {
					continue
				}
				out.Text(0, c.contest.id)
				out.Text(1, c.division)
				out.Int(2, w.placed.idOf(b))
				out.Text(3, c.contest.choices[j].id)
				out.Int(4, votes)
				if err := out.EndRow(); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// idOf is the id of a precinct; 0 for no place.
func (p *placed) idOf(precinct int32) int64 {
	if precinct == noPlace {
		return 0
	}
	return p.precincts[precinct].id
}

package build

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
)

func writeDistricts(_ context.Context, out *engine.TableWriter, w *world) error {
	type row struct {
		set string
		district
	}
	var rows []row
	for _, s := range w.placed.sets {
		for _, d := range s.districts {
			rows = append(rows, row{s.name, d})
		}
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.id, b.id) })
	for _, r := range rows {
		out.Int(0, r.id)
		out.Text(1, r.set)
		out.Text(2, r.code)
		out.Text(3, r.name)
		var shape orb.Geometry
		if r.shape != nil {
			shape = r.shape
		}
		if err := errors.Join(out.Geometry(shape), out.EndRow()); err != nil {
			return err
		}
	}
	return nil
}

func writeDistrictPrecincts(_ context.Context, out *engine.TableWriter, w *world) error {
	for _, s := range w.placed.sets {
		for b, in := range s.of {
			if in.district == noPlace {
				continue
			}
			out.Text(0, s.name)
			out.Int(1, w.placed.precincts[b].id)
			out.Int(2, s.districts[in.district].id)
			out.Text(3, in.by)
			out.Float(4, in.part)
			if err := out.EndRow(); err != nil {
				return err
			}
		}
	}
	return nil
}

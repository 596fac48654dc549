package build

import (
	"context"
	"math"
	"runtime"
	"sync"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/estimate"
)

// writeEstimates writes the rows of every unit, in the order of unit, contest, id and choice. Cells of all resolutions stand
// together by id, with what has no place (cell 0) once.
func writeEstimates(ctx context.Context, out *engine.TableWriter, w *world) error {
	for _, levels := range byUnit(w.levels) {
		for _, v := range w.votes {
			for _, l := range levels {
				if err := writeLevel(ctx, out, w, v, l); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// byUnit groups the levels in the order of their units' names. H3 indexes of a coarser resolution are lower, so that cells of
// all levels, coarse to fine, are in id order.
func byUnit(levels []*level) [][]*level {
	groups := make([][]*level, 4)
	for _, l := range levels {
		switch l.unit {
		case engine.UnitCell:
			groups[0] = append(groups[0], l)
		case engine.UnitCommune:
			groups[1] = append(groups[1], l)
		case engine.UnitPrecinct:
			groups[2] = append(groups[2], l)
		case engine.UnitSegment:
			groups[3] = append(groups[3], l)
		}
	}
	return groups
}

// estimateRows are the numbers of some units of a level in a contest, to be written.
type estimateRows struct {
	units   []estimatedUnit
	choices []estimatedChoice
	row     unitRow
}

type estimatedUnit struct {
	unit         int32
	choices      int32 // as many of estimateRows.choices are its
	registered   int64
	bounds       estimate.VotersRange
	modelledOnly bool
}

type estimatedChoice struct {
	choice int32
	votes  int64
	share  estimate.Range
}

// fill adds up units from and on, before to.
func (e *estimateRows) fill(w *world, v *contestVotes, l *level, from, to int) {
	e.units, e.choices = e.units[:0], e.choices[:0]
	for u := from; u < to; u++ {
		if l.ids[u] == 0 && l.unit == engine.UnitCell && l.resolution != engine.CoarsestResolution {
			continue
		}
		if !l.total(u, v, w.atoms, &e.row) {
			continue
		}
		w.bounder.bound(v, &e.row)
		first := len(e.choices)
		for j, votes := range e.row.votes {
			if votes != estimate.Absent {
				e.choices = append(e.choices, estimatedChoice{int32(j), votes, e.row.ranges[j]})
			}
		}
		e.units = append(e.units, estimatedUnit{int32(u), int32(len(e.choices) - first), e.row.registered, e.row.bounds, e.row.modelledOnly})
	}
}

func (e *estimateRows) write(out *engine.TableWriter, v *contestVotes, l *level) error {
	next := 0
	for i := range e.units {
		unit := &e.units[i]
		for ; unit.choices > 0; unit.choices-- {
			c := &e.choices[next]
			next++
			out.Text(0, string(l.unit))
			out.Int(1, l.ids[unit.unit])
			out.Text(2, v.id)
			out.Text(3, v.choices[c.choice].id)
			out.Int(4, unit.registered)
			out.Int(5, c.votes)
			for j, x := range [...]float64{c.share.Share, c.share.Low90, c.share.Low50, c.share.High50, c.share.High90} {
				if math.IsNaN(x) {
					out.Null(6 + j)
				} else {
					out.Float(6+j, x)
				}
			}
			out.Text(11, string(l.state(int(unit.unit))))
			out.Text(12, string(l.reason(int(unit.unit))))
			for j, n := range [...]int64{unit.bounds.Low90, unit.bounds.Low50, unit.bounds.High50, unit.bounds.High90} {
				out.Int(13+j, n)
			}
			out.Bool(17, unit.modelledOnly)
			if err := out.EndRow(); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeLevel writes the rows of a level in a contest. Units are added up on all processors, some ahead of what is written.
func writeLevel(ctx context.Context, out *engine.TableWriter, w *world, v *contestVotes, l *level) error {
	const size = 512
	ctx, stop := context.WithCancel(ctx)
	var working sync.WaitGroup
	defer working.Wait()
	defer stop()
	spare := sync.Pool{New: func() any { return new(estimateRows) }}
	queue := make(chan chan *estimateRows, 2*runtime.GOMAXPROCS(0))
	working.Go(func() {
		defer close(queue)
		for from := 0; from < len(l.ids); from += size {
			one := make(chan *estimateRows, 1)
			select {
			case queue <- one:
			case <-ctx.Done():
				return
			}
			working.Go(func() {
				rows := spare.Get().(*estimateRows)
				rows.fill(w, v, l, from, min(len(l.ids), from+size))
				one <- rows
			})
		}
	})
	for one := range queue {
		rows := <-one
		if err := rows.write(out, v, l); err != nil {
			return err
		}
		spare.Put(rows)
	}
	return ctx.Err()
}

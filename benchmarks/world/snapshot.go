package world

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// total is what a unit has.
type total struct {
	id     int64
	state  engine.State
	voters int64
	votes  [len(Choices)]int64
	shares [len(Choices)]float64
}

func (s *total) add(votes [len(Choices)]int64) {
	for k, v := range votes {
		s.voters += v
		s.votes[k] += v
	}
}

// SnapshotID is that of every city's snapshot.
const SnapshotID = "2000000000000000"

// WriteSnapshot writes the city into an empty folder, as the snapshot of a build that published it.
func (w World) WriteSnapshot(dir string) error {
	manifest := engine.NewManifest(&engine.Place{ID: "world", Name: "Carreauville"}, engine.DefaultParameters())
	manifest.ID = SnapshotID
	var failures []error
	fail := func(err error) {
		if err != nil {
			failures = append(failures, err)
		}
	}
	write := func(table engine.Table, fill func(row func(func(*engine.TableWriter)))) {
		if len(failures) > 0 {
			return
		}
		out, err := engine.NewTableWriter(filepath.Join(dir, table.File()), table, memory.NewGoAllocator())
		if err != nil {
			fail(err)
			return
		}
		fill(func(set func(*engine.TableWriter)) {
			if len(failures) == 0 {
				set(out)
				fail(out.EndRow())
			}
		})
		written, err := out.Close()
		fail(err)
		manifest.Tables = append(manifest.Tables, written)
	}
	texts := func(out *engine.TableWriter, from int, list ...string) {
		for i, text := range list {
			out.Text(from+i, text)
		}
	}
	whole := &total{id: engine.StableID("commune", "99001"), state: engine.Published}
	precincts := make([]total, w.blocks*w.blocks)
	for i := range precincts {
		precincts[i] = total{id: int64(i + 1), state: engine.Published}
	}
	cells := map[int64]*total{}
	cellOf := make([]int64, w.segments)

	write(engine.Segments, func(row func(func(*engine.TableWriter))) {
		i := 0
		for s := range w.All() {
			row(func(out *engine.TableWriter) {
				out.Int(0, s.ID)
				texts(out, 1, s.Name, "99001")
				out.Float(3, blockMetres)
				for c := 4; c < 8; c++ {
					out.Null(c)
				}
				out.Int32(8, 12)
				out.Float(9, 20)
				out.Null(10)
				fail(out.Geometry(s.Line))
			})
			if s.State != engine.Empty {
				whole.add(s.votes)
				precincts[w.precinct(s.place)].add(s.votes)
				middle := s.Line[len(s.Line)/2]
				cell, err := geo.CellAt(middle[0], middle[1], engine.FinestResolution)
				fail(err)
				cellOf[i] = int64(cell)
				for r := engine.CoarsestResolution; r <= engine.FinestResolution; r++ {
					id := int64(cell.Parent(r))
					if cells[id] == nil {
						cells[id] = &total{id: id, state: engine.Published}
					}
					cells[id].add(s.votes)
				}
			}
			i++
		}
	})
	for _, table := range []engine.Table{
		engine.Addresses, engine.Placements, engine.CensusAreas, engine.Census, engine.Plan, engine.PlanBefore, engine.Crosswalks, engine.CrosswalkResults,
		engine.Districts, engine.DistrictPrecincts,
	} {
		write(table, func(func(func(*engine.TableWriter))) {})
	}
	write(engine.Precincts, func(row func(func(*engine.TableWriter))) {
		for i, p := range precincts {
			row(func(out *engine.TableWriter) {
				out.Int(0, p.id)
				texts(out, 1, division, "99001", strconv.Itoa(i+1), fmt.Sprintf("1-%d", i+1), "")
				fail(out.Geometry(w.area(i)))
			})
		}
	})
	write(engine.Communes, func(row func(func(*engine.TableWriter))) {
		row(func(out *engine.TableWriter) { out.Int(0, whole.id); texts(out, 1, "99001", "Carreauville") })
	})
	write(engine.Contests, func(row func(func(*engine.TableWriter))) {
		row(func(out *engine.TableWriter) {
			texts(out, 0, Contest, "Vote", "2026-03-15")
			out.Int32(3, 1)
			texts(out, 4, division, engine.BaseRegistered)
		})
	})
	write(engine.Choices, func(row func(func(*engine.TableWriter))) {
		for k, choice := range Choices {
			row(func(out *engine.TableWriter) {
				texts(out, 0, Contest, choice, choice)
				out.Null(3)
				out.Text(4, "#112233")
				out.Int32(5, int32(k))
			})
		}
	})
	write(engine.Results, func(row func(func(*engine.TableWriter))) {
		for _, p := range precincts {
			for k, choice := range Choices {
				row(func(out *engine.TableWriter) {
					out.Text(0, Contest)
					out.Int(1, p.id)
					out.Text(2, choice)
					out.Int(3, p.votes[k])
					out.Null(4)
					out.Bool(5, false)
				})
			}
		}
	})
	write(engine.Atoms, func(row func(func(*engine.TableWriter))) {
		for i := range w.segments {
			s := w.segment(i)
			row(func(out *engine.TableWriter) {
				out.Int(0, int64(i+1))
				out.Text(1, division)
				out.Int(2, s.ID)
				out.Int(3, precincts[w.precinct(s.place)].id)
				out.Int(4, cellOf[i])
				out.Float(5, 20)
			})
		}
	})
	write(engine.Votes, func(row func(func(*engine.TableWriter))) {
		for i := range w.segments {
			s := w.segment(i)
			for k, choice := range Choices {
				row(func(out *engine.TableWriter) {
					out.Text(0, Contest)
					out.Int(1, int64(i+1))
					out.Text(2, choice)
					out.Int(3, s.votes[k])
				})
			}
		}
	})
	write(engine.Estimates, func(row func(func(*engine.TableWriter))) {
		estimate := func(unit engine.Unit, s *total) {
			for k, choice := range Choices {
				row(func(out *engine.TableWriter) {
					out.Text(0, string(unit))
					out.Int(1, s.id)
					texts(out, 2, Contest, choice)
					out.Int(4, s.voters)
					out.Int(5, s.votes[k])
					for c, factor := range []float64{1, 0.8, 0.9, 1.1, 1.2} {
						out.Float(6+c, s.shares[k]*factor)
					}
					reason := ""
					if s.state == engine.Suppressed {
						reason = string(engine.ReasonK)
					}
					texts(out, 11, string(s.state), reason)
					for c := 13; c < 17; c++ {
						out.Int(c, s.voters)
					}
					out.Bool(17, false)
				})
			}
		}
		add := func(unit engine.Unit, s *total) {
			for k := range s.shares {
				s.shares[k] = float64(s.votes[k]) / float64(max(1, s.voters))
			}
			estimate(unit, s)
		}
		ids := make([]int64, 0, len(cells))
		for id := range cells {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		for _, id := range ids {
			add(engine.UnitCell, cells[id])
		}
		add(engine.UnitCommune, whole)
		for i := range precincts {
			add(engine.UnitPrecinct, &precincts[i])
		}
		for s := range w.All() {
			of := total{id: s.ID, state: s.State}
			of.add(s.votes)
			for k := range of.shares {
				of.shares[k] = max(0, (float64(s.votes[k])+noise(noiseOfShare+200+100*k, s.place)-0.5)/float64(of.voters))
			}
			estimate(engine.UnitSegment, &of)
		}
	})
	writeJSON := func(name string, value any) {
		content, err := json.Marshal(value)
		fail(err)
		fail(os.WriteFile(filepath.Join(dir, name), content, 0o644))
	}
	writeJSON(engine.ReportFile, engine.Report{})
	sum, _, err := engine.HashFile(filepath.Join(dir, engine.ReportFile))
	fail(err)
	manifest.Report = sum
	writeJSON(engine.ManifestFile, manifest)
	if err := errors.Join(failures...); err != nil {
		return fmt.Errorf("world: write the snapshot in %s: %w", dir, err)
	}
	return nil
}

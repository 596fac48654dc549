package build

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/estimate"
)

// world is everything a snapshot is written from.
type world struct {
	material *material
	placed   *placed
	contests []*contest // in id order
	votes    []*contestVotes
	atoms    []atom
	levels   []*level
	before   *planBefore // nil where there is no snapshot before
	bounder  bounder

	crosswalks []*crosswalk
	crossed    []*crossedVotes // in the order of contests
}

// writeTables writes tables into dir, the first of engine.Tables or all of them, but for those that are written already. After each it tells which
// are.
func writeTables(ctx context.Context, dir string, w *world, mem memory.Allocator, tables []engine.Table, written []engine.ManifestTable, progress func(done, total int64), each func([]engine.ManifestTable)) ([]engine.ManifestTable, error) {
	writers := map[string]func(context.Context, *engine.TableWriter, *world) error{
		engine.Segments.Name:    writeSegments,
		engine.Addresses.Name:   writeAddresses,
		engine.Placements.Name:  writePlacements,
		engine.Precincts.Name:   writePrecincts,
		engine.Communes.Name:    writeCommunes,
		engine.Districts.Name:   writeDistricts,
		engine.CensusAreas.Name: writeCensusAreas,
		engine.Census.Name:      writeCensus,
		engine.Contests.Name:    writeContests,
		engine.Choices.Name:     writeChoices,
		engine.Results.Name:     writeResults,
		engine.Atoms.Name:       writeAtoms,
		engine.Votes.Name:       writeVotes,
		engine.Estimates.Name:   writeEstimates,
		engine.Plan.Name:        writePlan,
		engine.PlanBefore.Name:  writePlanBefore,

		engine.Crosswalks.Name:        writeCrosswalks,
		engine.CrosswalkResults.Name:  writeCrosswalkResults,
		engine.DistrictPrecincts.Name: writeDistrictPrecincts,
	}
	described := slices.Clone(written)
	rows, before, all := w.rowsToWrite(), int64(0), int64(0)
	if len(written) >= len(tables) {
		return described, nil
	}
	for _, t := range tables[len(written):] {
		all += rows[t.Name]
	}
	for _, t := range tables[len(written):] {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		progress(before, all)
		out, err := engine.NewTableWriter(filepath.Join(dir, t.File()), t, mem)
		if err != nil {
			return nil, err
		}
		out.Hear(func(written int64) { progress(before+min(written, rows[t.Name]), all) })
		err = writers[t.Name](ctx, out, w)
		before += rows[t.Name]
		entry, closeErr := out.Close()
		if err := errors.Join(err, closeErr); err != nil {
			return nil, err
		}
		described = append(described, entry)
		each(described)
	}
	return described, nil
}

// forgetAddresses leaves out what the tables about places were the last to need.
func (w *world) forgetAddresses() {
	p := w.placed
	w.material = &material{files: w.material.files, country: w.material.country, census: &censusFigures{}}
	p.addresses = newAddresses()
	p.spots, p.cells, p.census, p.censusSets, p.households, p.householdsBy = nil, nil, nil, nil, nil, nil
	for i := range p.divisions {
		p.divisions[i].placements = nil
	}
	for i := range p.segments {
		s := &p.segments[i]
		s.street, s.commune, s.line = "", "", nil
	}
}

func writeSegments(_ context.Context, out *engine.TableWriter, w *world) error {
	for _, s := range w.placed.segments {
		out.Int(0, s.id)
		out.Text(1, s.street)
		out.Text(2, s.commune)
		out.Float(3, s.lengthM)
		for side, r := range s.numbers {
			if r.high < r.low {
				out.Null(4 + 2*side)
				out.Null(5 + 2*side)
				continue
			}
			out.Int32(4+2*side, r.low)
			out.Int32(5+2*side, r.high)
		}
		out.Int32(8, s.addresses)
		out.Float(9, s.homes)
		if lead := w.placed.segments[s.lead].id; lead != s.id {
			out.Int(10, lead)
		} else {
			out.Null(10)
		}
		if err := errors.Join(out.Geometry(s.line), out.EndRow()); err != nil {
			return err
		}
	}
	return nil
}

func writeAddresses(_ context.Context, out *engine.TableWriter, w *world) error {
	p := w.placed
	a := p.addresses
	for i := range a.lon {
		at := &p.spots[i]
		out.Text(0, a.id(int32(i)))
		out.Int32(1, a.number[i])
		out.Text(2, a.words.list[a.suffix[i]])
		out.Text(3, a.streetOf(int32(i)))
		out.Text(4, a.communeOf(int32(i)))
		out.Float(5, a.lon[i])
		out.Float(6, a.lat[i])
		out.Int(7, p.segments[at.segment].id)
		out.Text(8, at.side.String())
		out.Float(9, at.offM)
		out.Text(10, at.by.String())
		out.Int(11, int64(p.cells[i]))
		out.Float(12, p.households[i])
		out.Text(13, p.householdsBy[i].String())
		if c := p.smallestArea(int32(i), anyArea); c != noPlace {
			out.Text(14, w.material.censusAreas[c].code)
		} else {
			out.Null(14)
		}
		if err := out.EndRow(); err != nil {
			return err
		}
	}
	return nil
}

func writePlacements(_ context.Context, out *engine.TableWriter, w *world) error {
	for _, d := range w.placed.divisions {
		for _, pl := range d.placements {
			out.Text(0, w.placed.addresses.id(pl.address))
			out.Text(1, d.name)
			out.Int(2, w.placed.idOf(pl.precinct))
			out.Float(3, pl.part)
			out.Text(4, pl.by.String())
			out.Float(5, pl.offM)
			if err := out.EndRow(); err != nil {
				return err
			}
		}
	}
	return nil
}

func writePrecincts(_ context.Context, out *engine.TableWriter, w *world) error {
	for _, b := range w.placed.precincts {
		out.Int(0, b.id)
		out.Text(1, b.division)
		out.Text(2, b.key.Commune)
		out.Text(3, b.key.Station)
		out.Text(4, b.code)
		out.Text(5, b.name)
		var shape orb.Geometry
		if b.shape != nil {
			shape = b.shape
		}
		if err := errors.Join(out.Geometry(shape), out.EndRow()); err != nil {
			return err
		}
	}
	return nil
}

func writeCommunes(_ context.Context, out *engine.TableWriter, w *world) error {
	for _, c := range w.placed.communes {
		out.Int(0, c.id)
		out.Text(1, c.code)
		out.Text(2, c.name)
		if err := out.EndRow(); err != nil {
			return err
		}
	}
	return nil
}

func writeCensusAreas(_ context.Context, out *engine.TableWriter, w *world) error {
	addresses := make([]int32, len(w.material.censusAreas))
	for i := range w.placed.addresses.len() {
		for _, c := range w.placed.censusAreas(int32(i)) {
			addresses[c]++
		}
	}
	for i, a := range w.material.censusAreas {
		out.Text(0, a.code)
		out.Text(1, a.name)
		out.Text(2, a.commune)
		out.Text(3, a.kind)
		out.Int32(4, addresses[i])
		if err := errors.Join(out.Geometry(a.shape), out.EndRow()); err != nil {
			return err
		}
	}
	return nil
}

func writeCensus(_ context.Context, out *engine.TableWriter, w *world) error {
	f := w.material.census
	for i, value := range f.value {
		out.Text(0, f.areaOf(i))
		out.Text(1, f.variableOf(i))
		if math.IsNaN(value) {
			out.Null(2)
		} else {
			out.Float(2, value)
		}
		if err := out.EndRow(); err != nil {
			return err
		}
	}
	return nil
}

func writeContests(_ context.Context, out *engine.TableWriter, w *world) error {
	for _, c := range w.contests {
		out.Text(0, c.id)
		out.Text(1, c.name)
		out.OptionalText(2, c.date)
		out.Int32(3, c.round)
		out.Text(4, c.division)
		out.Text(5, cmp.Or(c.base, engine.BaseRegistered))
		if err := out.EndRow(); err != nil {
			return err
		}
	}
	return nil
}

func writeChoices(_ context.Context, out *engine.TableWriter, w *world) error {
	for _, c := range w.contests {
		for _, k := range c.choices {
			out.Text(0, c.id)
			out.Text(1, k.id)
			out.Text(2, k.name)
			out.OptionalText(3, k.family)
			out.Text(4, k.colour)
			out.Int32(5, k.order)
			if err := out.EndRow(); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeResults(_ context.Context, out *engine.TableWriter, w *world) error {
	for _, v := range w.votes {
		for i, precinct := range v.precincts {
			for j, votes := range precinct.votes {
				if votes == estimate.Absent || precinct.added {
					continue
				}
				out.Text(0, v.id)
				out.Int(1, w.placed.precincts[v.which[i]].id)
				out.Text(2, v.choices[j].id)
				out.Int(3, votes)
				if line := precinct.lines[j]; line > 0 {
					out.Int(4, line)
				} else {
					out.Null(4)
				}
				out.Bool(5, precinct.provisional)
				if err := out.EndRow(); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func writeAtoms(_ context.Context, out *engine.TableWriter, w *world) error {
	for i, a := range w.atoms {
		b := w.placed.precincts[a.precinct]
		out.Int(0, int64(i)+1)
		out.Text(1, b.division)
		if a.segment == noPlace {
			out.Int(2, 0)
		} else {
			out.Int(2, w.placed.segments[a.segment].id)
		}
		out.Int(3, b.id)
		out.Int(4, int64(a.cell))
		out.Float(5, a.households)
		if err := out.EndRow(); err != nil {
			return err
		}
	}
	return nil
}

func writeVotes(ctx context.Context, out *engine.TableWriter, w *world) error {
	for _, v := range w.votes {
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, b := range v.which {
			if v.added(b) {
				continue
			}
			for i := v.first[b]; i < v.first[b+1]; i++ {
				ballot, votes := v.of(i, b)
				for j, n := range votes {
					out.Text(0, v.id)
					out.Int(1, int64(i)+1)
					out.Text(2, v.choices[ballot[j]].id)
					out.Int(3, int64(n))
					if err := out.EndRow(); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// writeJSON writes a file of the snapshot and makes it durable.
func writeJSON(path string, value any) ([]byte, error) {
	content, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("build: write %s: %w", path, err)
	}
	content = append(content, '\n')
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, fmt.Errorf("build: %w", err)
	}
	_, err = file.Write(content)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return nil, fmt.Errorf("build: write %s: %w", path, err)
	}
	return content, nil
}

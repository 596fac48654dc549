package build

import "github.com/arpent/arpent/engine"

// rowsToWrite is about how many rows each of the large tables will have, for progress.
func (w *world) rowsToWrite() map[string]int64 {
	rows := map[string]int64{
		engine.Segments.Name: int64(len(w.placed.segments)), engine.Addresses.Name: int64(w.placed.addresses.len()),
		engine.Census.Name: int64(w.material.census.len()), engine.Atoms.Name: int64(len(w.atoms)),
	}
	for _, d := range w.placed.divisions {
		rows[engine.Placements.Name] += int64(len(d.placements))
	}
	for _, l := range w.levels {
		rows[engine.Plan.Name] += int64(len(l.ids))
	}
	for _, v := range w.votes {
		rows[engine.Votes.Name] += int64(len(v.votes))
		for _, l := range w.levels {
			// Nearly: not all choices stand on all ballots, and some units have no precinct in the contest.
			rows[engine.Estimates.Name] += int64(len(l.ids) * len(v.choices))
		}
	}
	return rows
}

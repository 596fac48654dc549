package build

import (
	"cmp"
	"slices"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// noPlace stands for a segment or address area that is not there.
const noPlace = -1

// atom is what a precinct has in one cell of one segment. Every unit is a sum of atoms.
type atom struct {
	precinct   int32 // index in placed.precincts
	segment    int32 // index in placed.segments, or noPlace
	cell       geo.Cell
	households float64
	addresses  float64
}

// makeAtoms gathers the placements into atoms, ordered by precinct, segment and cell; first gives for each precinct where its
// atoms begin, with one more entry at the end. A precinct without an address gets one atom without a place, so that its
// voters stay in every sum; its households are its registered voters by voters per household.
func makeAtoms(p *placed, registered []float64, votersPerHome float64) (atoms []atom, first []int32) {
	for _, d := range p.divisions {
		for _, pl := range d.placements {
			if pl.precinct == noPlace {
				continue
			}
			atoms = append(atoms, atom{
				precinct: pl.precinct, segment: p.spots[pl.address].segment,
				cell:       p.cells[pl.address].Parent(engine.FinestResolution),
				households: p.households[pl.address] * pl.part, addresses: pl.part,
			})
		}
	}
	slices.SortStableFunc(atoms, func(a, b atom) int {
		return cmp.Or(cmp.Compare(a.precinct, b.precinct), cmp.Compare(a.segment, b.segment), cmp.Compare(a.cell, b.cell))
	})
	merged := atoms[:0]
	for _, a := range atoms {
		if n := len(merged); n > 0 && merged[n-1].precinct == a.precinct && merged[n-1].segment == a.segment && merged[n-1].cell == a.cell {
			merged[n-1].households += a.households
			merged[n-1].addresses += a.addresses
			continue
		}
		merged = append(merged, a)
	}
	all := make([]atom, 0, len(merged))
	first = make([]int32, len(p.precincts)+1)
	at := 0
	for i := range p.precincts {
		first[i] = int32(len(all))
		for at < len(merged) && merged[at].precinct == int32(i) {
			all = append(all, merged[at])
			at++
		}
		if int(first[i]) == len(all) {
			all = append(all, atom{precinct: int32(i), segment: noPlace, households: max(0, registered[i]) / votersPerHome})
		}
	}
	first[len(p.precincts)] = int32(len(all))
	return all, first
}

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
	start := make([]int32, len(p.precincts)+1) // of the placements of each precinct
	for _, d := range p.divisions {
		for _, pl := range d.placements {
			if pl.precinct != noPlace {
				start[pl.precinct+1]++
			}
		}
	}
	for b := range p.precincts {
		start[b+1] += start[b]
	}
	gathered := make([]atom, start[len(p.precincts)])
	next := slices.Clone(start)
	for _, d := range p.divisions {
		for _, pl := range d.placements {
			if pl.precinct == noPlace {
				continue
			}
			gathered[next[pl.precinct]] = atom{
				precinct: pl.precinct, segment: p.spots[pl.address].segment,
				cell:       p.cells[pl.address].Parent(engine.FinestResolution),
				households: p.households[pl.address] * pl.part, addresses: pl.part,
			}
			next[pl.precinct]++
		}
	}
	first = make([]int32, len(p.precincts)+1)
	for b := range p.precincts {
		first[b] = int32(len(atoms))
		own := gathered[start[b]:start[b+1]]
		slices.SortStableFunc(own, func(a, b atom) int {
			return cmp.Or(cmp.Compare(a.segment, b.segment), cmp.Compare(a.cell, b.cell))
		})
		for i, a := range own {
			if i > 0 && a.segment == own[i-1].segment && a.cell == own[i-1].cell {
				atoms[len(atoms)-1].households += a.households
				atoms[len(atoms)-1].addresses += a.addresses
				continue
			}
			atoms = append(atoms, a)
		}
		if len(own) == 0 {
			atoms = append(atoms, atom{precinct: int32(b), segment: noPlace, households: max(0, registered[b]) / votersPerHome})
		}
	}
	first[len(p.precincts)] = int32(len(atoms))
	return slices.Clip(atoms), first
}

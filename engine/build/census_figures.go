package build

import (
	"cmp"
	"slices"
)

// censusFigures are what a census says of its areas, as columns: a grid of squares has millions. They are in the order of area and variable once
// all are read.
type censusFigures struct {
	area     []int32   // in areas
	variable []int32   // in variables
	value    []float64 // NaN where it is kept secret
	origin   []rowOrigin

	areas, variables words
}

func (f *censusFigures) len() int { return len(f.value) }

func (f *censusFigures) areaOf(i int) string     { return f.areas.list[f.area[i]] }
func (f *censusFigures) variableOf(i int) string { return f.variables.list[f.variable[i]] }

func (f *censusFigures) add(area, variable string, value float64, at fileRow) {
	f.area, f.variable = append(f.area, f.areas.of(area)), append(f.variable, f.variables.of(variable))
	f.value, f.origin = append(f.value, value), append(f.origin, originOf(at.file, at.line))
}

// grow makes room for so many more.
func (f *censusFigures) grow(n int) {
	f.area, f.variable = slices.Grow(f.area, n), slices.Grow(f.variable, n)
	f.value, f.origin = slices.Grow(f.value, n), slices.Grow(f.origin, n)
}

// sort brings the figures into order. Where one is there twice it gives the first that repeats another, and the one it repeats.
func (f *censusFigures) sort() (first, again int32, twice bool) {
	areas, variables := f.areas.ranks(), f.variables.ranks()
	order := inOrder(f.len(), func(i, j int32) int {
		return cmp.Or(cmp.Compare(areas[f.area[i]], areas[f.area[j]]), cmp.Compare(variables[f.variable[i]], variables[f.variable[j]]))
	})
	for k := 1; k < len(order); k++ {
		// Those of one area and variable come in the order in which they were read.
		if i, j := order[k-1], order[k]; f.area[i] == f.area[j] && f.variable[i] == f.variable[j] && (!twice || j < again) {
			first, again, twice = i, j, true
		}
	}
	if !twice {
		f.area, f.variable, f.value, f.origin = pick(f.area, order), pick(f.variable, order), pick(f.value, order), nil
	}
	return first, again, twice
}

// indexCensusAreas finds the census area of each area that has figures: its place in material.censusAreas, or noPlace.
func indexCensusAreas(m *material) []int32 {
	index := make([]int32, len(m.census.areas.list))
	for i := range index {
		index[i] = noPlace
	}
	for i, a := range m.censusAreas {
		if number, ok := m.census.areas.number[a.code]; ok {
			index[number] = int32(i)
		}
	}
	return index
}

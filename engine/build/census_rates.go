package build

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/arpent/arpent/engine"
)

// censusRate is what is read of the census for the estimates: a share of a total, or the logarithm of a median.
type censusRate struct {
	name   string
	byArea []float64 // by index in material.censusAreas; NaN where it is not known
	spread float64   // standard deviation over the areas
}

// mostRates is how many census rates are used at most: those that vary most.
const mostRates = 12

// censusFigures makes rates of the census figures: x_y of x, age classes (pop1529) of pop, and medians (disp_med) on the
// logarithmic scale. Others are totals that say how large an area is, or tell the same again.
func censusFigures(m *material) []censusRate {
	index := make(map[string]int, len(m.censusAreas))
	for i, a := range m.censusAreas {
		index[a.code] = i
	}
	columns := map[string][]float64{}
	for _, f := range m.census {
		at, ok := index[f.area]
		if !ok {
			continue
		}
		if columns[f.variable] == nil {
			columns[f.variable] = unknown(len(m.censusAreas))
		}
		columns[f.variable][at] = f.value
	}
	var medians, shares []censusRate
	for name, values := range columns {
		if strings.HasSuffix(name, "_med") {
			medians = append(medians, makeRate(name, values, func(_ int, v float64) float64 { return math.Log(v) }))
			continue
		}
		total := columns[totalOf(name, columns)]
		if total == nil {
			continue
		}
		shares = append(shares, makeRate(name, values, func(i int, v float64) float64 { return v / total[i] }))
	}
	byName := func(a, b censusRate) int { return cmp.Compare(a.name, b.name) }
	varies := func(list []censusRate) []censusRate {
		return slices.DeleteFunc(list, func(r censusRate) bool { return !(r.spread > 0) })
	}
	medians, shares = varies(medians), varies(shares)
	slices.SortFunc(medians, byName)
	slices.SortFunc(shares, func(a, b censusRate) int { return cmp.Or(cmp.Compare(b.spread, a.spread), byName(a, b)) })
	rates := append(medians, shares...)
	return rates[:min(mostRates, len(rates))]
}

func unknown(n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = math.NaN()
	}
	return values
}

// totalOf finds what a figure is a part of: the longest name before an underscore, or pop for a class of ages.
func totalOf(name string, columns map[string][]float64) string {
	for at := len(name); ; {
		if at = strings.LastIndexByte(name[:at], '_'); at < 0 {
			break
		}
		if columns[name[:at]] != nil {
			return name[:at]
		}
	}
	if rest, ok := strings.CutPrefix(name, "pop"); ok && rest != "" && strings.Trim(rest, "0123456789") == "" {
		return "pop"
	}
	return ""
}

func makeRate(name string, values []float64, of func(area int, v float64) float64) censusRate {
	r := censusRate{name: name, byArea: unknown(len(values))}
	var count, sum, squares float64
	for i, v := range values {
		rate := of(i, v)
		if math.IsNaN(rate) || math.IsInf(rate, 0) {
			continue
		}
		r.byArea[i] = rate
		count, sum, squares = count+1, sum+rate, squares+rate*rate
	}
	if count > 0 {
		r.spread = math.Sqrt(max(0, squares/count-(sum/count)*(sum/count)))
	}
	return r
}

// reportRates lists the rates that the estimates use, with the addresses of which each is not known: those count as the place's mean.
func reportRates(rates []censusRate, p *placed) (used []engine.Tally) {
	for _, r := range rates {
		missing := int64(0)
		for _, area := range p.censusArea {
			if area == noPlace || math.IsNaN(r.byArea[area]) {
				missing++
			}
		}
		used = append(used, engine.Tally{Name: r.name, Count: missing})
	}
	return used
}

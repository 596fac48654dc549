package build

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/arpent/arpent/engine"
)

// censusRate is what is read of the census for the estimates: a share of a total, or the logarithm of a median or mean.
type censusRate struct {
	name      string
	byArea    []float64          // by index in material.censusAreas; NaN where it is not known
	byCommune map[string]float64 // its mean over the households of a commune that know it
	missing   int64              // addresses of which it is not known
	varies    float64            // how much it tells areas apart, 0 and more
}

// mostRates is how many census rates are used at most: means in the order of their names, then the shares that vary most.
const mostRates = 12

// censusRates makes rates of the census figures: x_y of x, age classes (pop1529) of pop, dwellings (log_soc) of the households of a grid's square
// (men), and medians (disp_med). Others are totals that say how large an area is, or tell the same again. Figures that the publisher
// imputed are those of a far larger square, and are left out: the next larger area knows better.
func censusRates(m *material) []censusRate {
	index := indexCensusAreas(m)
	columns := map[string][]float64{}
	byNumber := make([][]float64, len(m.census.variables.list))
	for i, value := range m.census.value {
		at := index[m.census.area[i]]
		if at == noPlace || m.censusAreas[at].kind == engine.AreaImputed {
			continue
		}
		column := &byNumber[m.census.variable[i]]
		if *column == nil {
			*column = unknown(len(m.censusAreas))
			columns[m.census.variableOf(i)] = *column
		}
		(*column)[at] = value
	}
	var means, shares []censusRate
	for name, values := range columns {
		if strings.HasSuffix(name, "_med") {
			means = append(means, makeMean(name, values))
			continue
		}
		total := columns[totalOf(name, columns)]
		if total == nil {
			continue
		}
		rate := unknown(len(values))
		for i, v := range values {
			rate[i] = v / total[i]
		}
		if mean, _ := moments(rate); mean > 1 {
			means = append(means, makeMean(name, rate)) // metres or euros a head, no part of a whole
		} else {
			shares = append(shares, makeShare(name, rate))
		}
	}
	byName := func(a, b censusRate) int { return cmp.Compare(a.name, b.name) }
	varying := func(list []censusRate) []censusRate {
		return slices.DeleteFunc(list, func(r censusRate) bool { return !(r.varies > 0) })
	}
	means, shares = varying(means), varying(shares)
	slices.SortFunc(means, byName)
	slices.SortFunc(shares, func(a, b censusRate) int { return cmp.Or(cmp.Compare(b.varies, a.varies), byName(a, b)) })
	rates := append(means, shares...)
	return rates[:min(mostRates, len(rates))]
}

// moments gives mean and variance of what is known; zeros where nothing is.
func moments(values []float64) (mean, variance float64) {
	var count, sum, squares float64
	for _, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			count, sum, squares = count+1, sum+v, squares+v*v
		}
	}
	if count == 0 {
		return 0, 0
	}
	mean = sum / count
	return mean, max(0, squares/count-mean*mean)
}

// makeMean takes the logarithms of medians or means.
func makeMean(name string, values []float64) censusRate {
	r := censusRate{name: name, byArea: unknown(len(values))}
	for i, v := range values {
		if v > 0 && !math.IsInf(v, 1) {
			r.byArea[i] = math.Log(v)
		}
	}
	_, r.varies = moments(r.byArea)
	return r
}

// makeShare measures by the variance ratio how far a share separates areas: its variance as a part of what it would be if
// every area had only such people or none (O. D. Duncan, B. Duncan, ASR 20, 1955).
func makeShare(name string, values []float64) censusRate {
	r := censusRate{name: name, byArea: values}
	for i, v := range values {
		if math.IsInf(v, 0) {
			values[i] = math.NaN()
		}
	}
	if mean, variance := moments(values); mean > 0 && mean < 1 {
		r.varies = variance / (mean * (1 - mean))
	}
	return r
}

func unknown(n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = math.NaN()
	}
	return values
}

// totalOf finds what a figure is a part of: the longest name before an underscore, pop for a class of ages, or men for dwellings.
func totalOf(name string, columns map[string][]float64) string {
	for at := len(name); ; {
		if at = strings.LastIndexByte(name[:at], '_'); at < 0 {
			break
		}
		if columns[name[:at]] != nil {
			return name[:at]
		}
	}
	if strings.HasPrefix(name, "log_") {
		return "men"
	}
	if rest, ok := strings.CutPrefix(name, "pop"); ok && rest != "" && strings.Trim(rest, "0123456789") == "" {
		return "pop"
	}
	return ""
}

// averageByCommune finds what rates are on average in every commune, for the addresses that do not know them, and counts those.
func averageByCommune(rates []censusRate, p *placed) {
	onAllProcessors(len(rates), func(i int) { rates[i].averageByCommune(p) })
}

func (r *censusRate) averageByCommune(p *placed) {
	type sums struct{ households, rates float64 }
	communes := map[string]*sums{}
	code, commune := "", (*sums)(nil) // of the address before
	r.missing = 0
	for i := range p.addresses.len() {
		v := r.own(p, int32(i))
		if math.IsNaN(v) {
			r.missing++
			continue
		}
		if of := p.addresses.communeOf(int32(i)); commune == nil || of != code {
			if code, commune = of, communes[of]; commune == nil {
				commune = &sums{}
				communes[of] = commune
			}
		}
		w := p.weightOf(int32(i))
		commune.households, commune.rates = commune.households+w, commune.rates+w*v
	}
	r.byCommune = make(map[string]float64, len(communes))
	for code, s := range communes {
		r.byCommune[code] = s.rates / s.households
	}
}

// own gives the rate of an address' census area, the smallest that knows it; NaN where none does.
func (r *censusRate) own(p *placed, address int32) float64 {
	area := p.smallestArea(address, func(area int32) bool { return !math.IsNaN(r.byArea[area]) })
	if area == noPlace {
		return math.NaN()
	}
	return r.byArea[area]
}

// at gives the rate of an address: its own, else its commune's; NaN where no address of the commune knows it.
func (r *censusRate) at(p *placed, address int32) float64 {
	if v := r.own(p, address); !math.IsNaN(v) {
		return v
	}
	if v, ok := r.byCommune[p.addresses.communeOf(address)]; ok {
		return v
	}
	return math.NaN()
}

// weightOf is what an address counts for in a mean of census rates: its households, and a little where it has none.
func (p *placed) weightOf(address int32) float64 { return max(p.households[address], 1e-3) }

// reportRates lists the rates that the estimates use, with the addresses of which each is not known: those count as their commune's mean.
func reportRates(rates []censusRate) (used []engine.Tally) {
	for _, r := range rates {
		used = append(used, engine.Tally{Name: r.name, Count: r.missing})
	}
	return used
}

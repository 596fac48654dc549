package city

import (
	"math"
	"math/rand/v2"
)

// resident is one who lives at an address, as a census sees them: in standard deviations, and without a leaning, so that nothing
// counted of residents can tell of it.
type resident struct{ class, age float64 }

// household is who lives in a dwelling.
type household struct {
	grown      int     // people of 15 and more
	adults     int     // of 18 and more
	children   int     // under 15
	class, age float64 // sums over the grown
}

func (h *household) size() int { return h.grown + h.children }

// households says who lives with whom, with how many children and on how much.
type households struct {
	random *rand.Rand
	homes  []household // of one address, used again for the next
}

// count adds the dwellings of an address and who lives in them. The first residents, who are the registered ones, get a dwelling
// each; the others live with anybody. A dwelling for which nobody is left is counted as one, of nobody.
func (h *households) count(f *figures, a *address, estate bool, outness float64, residents []resident) {
	r := h.random
	h.homes = append(h.homes[:0], make([]household, a.dwellings)...)
	for i, p := range residents {
		at := i
		if at >= a.dwellings {
			at = r.IntN(a.dwellings)
		}
		age := years(p.age)
		if i < a.registered {
			age = max(age, votingAge)
		}
		home := &h.homes[at]
		home.grown, home.class, home.age = home.grown+1, home.class+p.class, home.age+p.age
		if age >= votingAge {
			home.adults++
		}
		f.addPerson(age, r)
	}
	period := buildingPeriod(estate, outness, r)
	for i := range h.homes {
		home := &h.homes[i]
		if home.grown > 0 {
			home.children = poisson(r, home.expectedChildren(estate))
			for range home.children {
				f.addPerson(uniform(r, 0, childrenUnder), r)
			}
			f.addHousehold(home, a.dwellings < flatsFrom, estate, r)
		}
		f.addDwelling(home, a.dwellings < flatsFrom, estate, period, r)
	}
}

const (
	votingAge     = 18.0 // years
	childrenUnder = 15.0 // the residents that poll draws are older
	flatsFrom     = 3    // dwellings at an address: fewer are houses
)

// ages are standard deviations of age in years. Whom [group] makes a pensioner is 64 and more.
var ages = [...]struct{ mood, years float64 }{{-2.6, 15}, {-1.5, 20}, {-0.4, 39}, {0.85, 64}, {1.6, 80}, {2.9, 102}}

// years turns an age in standard deviations into years, from 15 on.
func years(age float64) float64 {
	if age <= ages[0].mood {
		return ages[0].years
	}
	for i := 1; i < len(ages); i++ {
		if a, b := ages[i-1], ages[i]; age < b.mood {
			return a.years + (b.years-a.years)*(age-a.mood)/(b.mood-a.mood)
		}
	}
	return ages[len(ages)-1].years
}

// expectedChildren is how many children a household has on average: most where its grown people are around 32.
func (h *household) expectedChildren(estate bool) float64 {
	expected := 1.1 * math.Exp(-square((h.age/float64(h.grown)+0.7)/0.85))
	if h.adults == 1 {
		expected *= 0.45
	}
	if estate {
		expected *= 1.35
	}
	return expected
}

// addPerson counts one by age in years; of a few the tax office does not know it.
func (f *figures) addPerson(age float64, r *rand.Rand) {
	f[ind]++
	if r.Float64() < 0.004 {
		f[indInc]++
		return
	}
	at := ind03
	for _, above := range [...]float64{4, 6, 11, 18, 25, 40, 55, 65, 80} {
		if age >= above {
			at++
		}
	}
	f[at]++
}

// Living standards are winsorised: what is below or above counts as the bound, in euros a year.
const (
	lowestStandard  = 10_400
	highestStandard = 47_500
	standardSpread  = 0.34 // of the logarithm, for the same class: 0.42 within an area, as in incomeRows
)

// addHousehold counts a household: all in it have the living standard that the classes of its grown people lead to.
func (f *figures) addHousehold(h *household, house, estate bool, r *rand.Rand) {
	class, age := h.class/float64(h.grown), h.age/float64(h.grown)
	standard := incomeAt(class) * math.Exp(standardSpread*r.NormFloat64())
	f[indSNV] += float64(h.size()) * min(highestStandard, max(lowestStandard, standard))
	owning := 0.2 + 0.5*class + 0.9*age
	if house {
		owning += 1
	}
	for _, is := range [...]struct {
		of  figure
		yes bool
	}{
		{menPauv, standard < povertyLine},
		{men1Ind, h.size() == 1},
		{men5Ind, h.size() >= 5},
		{menFMP, h.adults == 1 && h.size() > 1},
		{menProp, r.Float64() < 1/(1+math.Exp(-owning)) && !estate},
	} {
		if is.yes {
			f[is.of]++
		}
	}
}

// addDwelling counts a dwelling by kind, size in square metres and when it was built.
func (f *figures) addDwelling(h *household, house, estate bool, period figure, r *rand.Rand) {
	f[men]++
	f[period]++
	surface := 52.0
	if house {
		f[menMais]++
		surface = 88
	} else {
		f[menColl]++
	}
	if estate {
		f[logSoc]++
	}
	if h.grown > 0 {
		surface *= math.Exp(0.10 * h.class / float64(h.grown))
	}
	f[menSurf] += math.Round((surface + 7*float64(h.size())) * math.Exp(0.22*r.NormFloat64()))
}

// buildingPeriod draws when an address was built: the older, the nearer to the centre. Estates are of the decades after the war.
func buildingPeriod(estate bool, outness float64, r *rand.Rand) figure {
	weights := [...]float64{0.12 + 1.2*math.Exp(-2*square(outness)), 0.30, 0.25 + 0.15*outness, 0.18 + 0.25*outness, 0.02} // logAv45 and on
	if estate {
		weights = [...]float64{0, 0.5, 0.4, 0.1, 0.02}
	}
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	u, at := sum*r.Float64(), 0
	for ; at < len(weights)-1 && u >= weights[at]; at++ {
		u -= weights[at]
	}
	return logAv45 + figure(at)
}

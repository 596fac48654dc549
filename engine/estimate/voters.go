package estimate

import "math"

// Weights are the parts' shares of their precincts' registered voters, and how
// sure they are.
//
// A part's true weight has the mean w and the standard deviation s w, and each
// of a precinct's R voters lives in a part by chance, in proportion to them
// (Gamma-Poisson with a known total), which counts c times where their homes are
// better known than that (1 elsewhere). Of the variance s^2 each home has some for
// itself; the rest, common, is that of the homes on one side of a border
// against those on the other, for what sets homes apart goes by neighbourhood
// and does not average out over the streets of a unit. A unit that has the
// fractions f of parts which have shares x of the weight has p = sum f x of the
// precinct. By the delta method, with own = s^2 - common,
//
//	var p = (1-2p) sum f x^2 own + p^2 sum x^2 own + p^2 (1-p)^2 sum x common
//
// where the first sum is over the unit and the others over the precinct, and by
// the law of total variance
//
//	var n = R ((1-2p) sum f x c + p^2 sum x c) + R var p
//
// For one of many equal parts that is n (1 - n/R) (c + n s^2), nearly. It is 0
// for a whole precinct. Precincts are independent of each other, so that their
// variances add up.
type Weights struct {
	all    []float64 // by precinct: sum of its weights
	share  []float64 // by part: of its precinct's weight
	own    []float64 // by part: variance of its true weight, relative to it, that homes have for themselves; nil where the voters of parts are known
	chance []float64 // by part, see Ground
	total  []float64 // by precinct: sum of share^2 own
	drawn  []float64 // by precinct: sum of share chance
	common []float64 // by precinct: sum of share common, the variance that homes have in common
}

// NewWeights reads a ground's weights. Where none in a precinct counts, all are
// equal, as for [LargestRemainder].
func NewWeights(g Ground) (*Weights, error) {
	if err := g.check(); err != nil {
		return nil, err
	}
	w := &Weights{
		all: make([]float64, g.precincts()), share: make([]float64, len(g.Weights)),
		total: make([]float64, g.precincts()), common: make([]float64, g.precincts()), drawn: make([]float64, g.precincts()),
	}
	if g.Unsure != nil {
		w.own, w.chance = make([]float64, len(g.Unsure)), make([]float64, len(g.Unsure))
	}
	for b := range w.all {
		from, to := g.First[b], g.First[b+1]
		for _, weight := range g.Weights[from:to] {
			w.all[b] += usable(weight)
		}
		for a := from; a < to; a++ {
			w.share[a] = 1 / float64(to-from)
			if w.all[b] > 0 {
				w.share[a] = usable(g.Weights[a]) / w.all[b]
			}
			if w.own == nil {
				continue
			}
			common := 0.0
			if g.Common != nil {
				common = square(g.Common[a])
			}
			w.own[a] = max(0, square(g.Unsure[a])-common)
			w.total[b] += square(w.share[a]) * w.own[a]
			w.common[b] += w.share[a] * common
			w.chance[a] = g.chance(a)
			w.drawn[b] += w.share[a] * w.chance[a]
		}
		if w.all[b] == 0 {
			w.all[b] = float64(to - from)
		}
	}
	return w, nil
}

// VotersDoubt is what is not known of a unit's number of registered voters. It
// follows from weights alone, so that it is the same for all contests on the same precincts.
type VotersDoubt struct {
	Voters     float64 // of the unit, by weight
	Dispersion float64 // variance of their number over its mean: 1 for a Poisson number, 0 where it is known
}

// A Portion is what a unit has of a part by weight: a fraction from 0 to 1 of it.
type Portion struct {
	Precinct, Part int32
	Fraction       float64
}

// wholePrecinct is how much of a precinct's weight may be lost in adding it up.
const wholePrecinct = 1e-9

// Doubt gives the doubt of a unit made of portions, which stand precinct by
// precinct. A part may be in several.
func (w *Weights) Doubt(portions []Portion) (d VotersDoubt) {
	variance := 0.0
	for from := 0; from < len(portions); {
		precinct := portions[from].Precinct
		p, own, drawn := 0.0, 0.0, 0.0
		for ; from < len(portions) && portions[from].Precinct == precinct; from++ {
			at := portions[from]
			x := w.share[at.Part]
			p += at.Fraction * x
			if w.own != nil {
				own += at.Fraction * x * x * w.own[at.Part]
				drawn += at.Fraction * x * w.chance[at.Part]
			}
		}
		all := w.all[precinct]
		if p > 1-wholePrecinct {
			d.Voters += all
			continue
		}
		d.Voters += p * all
		if w.own != nil {
			doubt := (1-2*p)*own + p*p*w.total[precinct] + square(p*(1-p))*w.common[precinct]
			variance += all*((1-2*p)*drawn+p*p*w.drawn[precinct]) + all*max(0, all-1)*max(0, doubt)
		}
	}
	if d.Voters > 0 {
		d.Dispersion = variance / d.Voters
	}
	return d
}

// Coarse rounds the dispersion to the nearest half power of two, which changes
// intervals by a tenth at most, and lets it fall no lower than if so many voters
// were drawn by chance: what the interval tells of how a unit is made up of
// precincts is one step out of a few. A number that is known stays so.
func (d VotersDoubt) Coarse(least float64) VotersDoubt {
	if d.Dispersion > 0 {
		x := max(d.Dispersion, min(1, least/d.Voters))
		d.Dispersion = math.Exp2(math.Round(2*math.Log2(x)) / 2)
	}
	return d
}

// A VotersRange bounds a number of registered voters as a [Range] does a share,
// in whole voters: those between the bounds, for a whole number reaches half a
// voter beyond itself.
type VotersRange struct{ Low50, High50, Low90, High90 int64 }

// Range gives the intervals of n registered voters, which lie in them, and who
// are most at most. Its quantiles are those of the Gamma distribution with mean n
// and the variance of the doubt, by the cube roots of Wilson and Hilferty (1931).
func (d VotersDoubt) Range(n, most int64) VotersRange {
	if n <= 0 || d.Dispersion <= 0 {
		return VotersRange{n, n, n, n}
	}
	// Voters drawn by chance count once each, unsure weights by how many they are.
	mean, drawn := float64(n), min(1, d.Dispersion)
	v := (drawn + (d.Dispersion-drawn)*mean/d.Voters) / mean / 9
	at := func(z float64) float64 { return mean * math.Pow(max(0, 1-v+z*math.Sqrt(v)), 3) }
	low := func(z float64) int64 { return min(n, int64(math.Ceil(at(-z)))) }
	high := func(z float64) int64 { return max(n, int64(min(at(z), float64(most)))) }
	return VotersRange{Low50: low(z50), High50: high(z50), Low90: low(z90), High90: high(z90)}
}
